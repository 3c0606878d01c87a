#include "kql/runtime/h3_faces.h"

#include <algorithm>
#include <cmath>

namespace huntbook::kql::runtime::h3 {
namespace {

const double kSin60 = std::sqrt(3.0) / 2;
/// The distance of cells of resolution 0 on a plane that touches the unit sphere.
const double kUnit = (3 - std::sqrt(5.0)) / 2;
/// Far less than a cell of the finest resolution (5e-7), far more than rounding errors.
constexpr double kNear = 1e-11;

// Latitude and longitude of a face's centre and the azimuth of its first axis there, in radians.
struct Orientation {
  double lat, lng, azimuth;
};
constexpr Orientation kOrientations[kFaces] = {
    {0.803582649718989942, 1.248397419617396099, 5.619958268523939882},
    {1.307747883455638156, 2.536945009877921159, 5.760339081714187279},
    {1.054751253523952054, -1.347517358900396623, 0.780213654393430055},
    {0.600191595538186799, -0.450603909469755746, 0.430469363979999913},
    {0.491715428198773866, 0.401988202911306943, 6.130269123335111400},
    {0.172745327415618701, 1.678146885280433686, 2.692877706530642877},
    {0.605929321571350690, 2.953923329812411617, 2.982963003477243874},
    {0.427370518328979641, -1.888876200336285401, 3.532912002790141181},
    {-0.079066118549212831, -0.733429513380867741, 3.494305004259568154},
    {-0.230961644455383637, 0.506495587332349035, 3.003214169499538391},
    {0.079066118549212831, 2.408163140208925497, 5.930472956509811562},
    {0.230961644455383637, -2.635097066257444203, 0.138378484090254847},
    {-0.172745327415618701, -1.463445768309359553, 0.448714947059150361},
    {-0.605929321571350690, -0.187669323777381622, 0.158629650112549365},
    {-0.427370518328979641, 1.252716453253507838, 5.891865957979238535},
    {-0.600191595538186799, 2.690988744120037492, 2.711123289609793325},
    {-0.491715428198773866, -2.739604450678486295, 3.294508837434268316},
    {-0.803582649718989942, -1.893195233972397139, 3.804819692245439833},
    {-1.307747883455638156, -0.604647643711872080, 3.664438879055192436},
    {-1.054751253523952054, 1.794075294689396615, 2.361378999196363184},
};

bool is_northern_cap(int face) { return face < 5; }
bool is_cap(int face) { return face < 5 || face >= 15; }

constexpr Lattice kCorners[3] = {{2, 0}, {0, 2}, {-2, -2}};

// Which of two faces is home to the base cell on their edge. The numbering of the grid settles it.
bool is_home(int face, Lattice at, int other, Lattice other_at) {
  if (at == other_at) {
    if (at == Lattice{-1, 0}) return is_cap(face);
    return at == Lattice{1, 1} ? face > other : face < other;
  }
  return at == (is_northern_cap(face) ? Lattice{1, 1} : Lattice{0, -1});
}

double dot(double ax, double ay, double az, double bx, double by, double bz) {
  return ax * bx + ay * by + az * bz;
}

}  // namespace

Plane Lattice::at() const {
  return {static_cast<double>(a) - static_cast<double>(b) / 2, static_cast<double>(b) * kSin60};
}

Lattice nearest_lattice(Plane at) {
  const double b = at.imag() / kSin60, a = at.real() + b / 2, c = b - a;
  double ra = std::round(a), rb = std::round(b);
  const double rc = std::round(c);
  const double da = std::abs(ra - a), db = std::abs(rb - b), dc = std::abs(rc - c);
  if (da > db && da > dc) {
    ra = rb - rc;
  } else if (db > dc) {
    rb = ra + rc;
  }
  return {static_cast<int64_t>(ra), static_cast<int64_t>(rb)};
}

Lattice unit(int sixths) {
  static constexpr Lattice kUnits[6] = {{1, 0}, {1, 1}, {0, 1}, {-1, 0}, {-1, -1}, {0, -1}};
  return kUnits[((sixths % 6) + 6) % 6];
}

Plane turn(int sixths) { return unit(sixths).at(); }

Lattice step_of(int resolution) { return resolution % 2 ? Lattice{2, -1} : Lattice{3, 1}; }

Plane scale_of(int resolution) {
  const Plane even = std::pow(7.0, resolution / 2);
  return resolution % 2 ? even * step_of(1).at() : even;
}

const Faces& Faces::get() {
  static const Faces faces;  // constant after the first call
  return faces;
}

Faces::Faces() {
  for (int f = 0; f < kFaces; ++f) {
    const double lat = kOrientations[f].lat, lng = kOrientations[f].lng, azimuth = kOrientations[f].azimuth;
    const auto towards = [&](double angle) {  // a unit vector along the sphere
      const double north = std::cos(angle), east = std::sin(angle);
      return Vector{-north * std::sin(lat) * std::cos(lng) - east * std::sin(lng),
                    -north * std::sin(lat) * std::sin(lng) + east * std::cos(lng), north * std::cos(lat)};
    };
    Face& face = faces_[static_cast<size_t>(f)];
    face.center = {std::cos(lat) * std::cos(lng), std::cos(lat) * std::sin(lng), std::sin(lat)};
    face.first = towards(azimuth);
    face.second = towards(azimuth - M_PI / 2);
  }
  join_faces();
  find_base_cells();
}

Faces::Vector Faces::vector_of(int face, Plane at) const {
  const auto& [c, u, v, neighbor, turns, shift, sights] = faces_[static_cast<size_t>(face)];
  const double x = at.real() * kUnit, y = at.imag() * kUnit;
  const Vector p{c.x + x * u.x + y * v.x, c.y + x * u.y + y * v.y, c.z + x * u.z + y * v.z};
  const double length = std::sqrt(dot(p.x, p.y, p.z, p.x, p.y, p.z));
  return {p.x / length, p.y / length, p.z / length};
}

Position Faces::position_of(int face, Plane at) const {
  const Vector p = vector_of(face, at);
  return {std::atan2(p.y, p.x) * (180 / M_PI), std::atan2(p.z, std::hypot(p.x, p.y)) * (180 / M_PI)};
}

Place Faces::place_of(const Position& position) const {
  const double lat = position.lat * (M_PI / 180), lng = position.lng * (M_PI / 180);
  const Vector p{std::cos(lat) * std::cos(lng), std::cos(lat) * std::sin(lng), std::sin(lat)};
  const auto along = [&](const Vector& v) { return dot(p.x, p.y, p.z, v.x, v.y, v.z); };
  int best = 0;
  for (int f = 1; f < kFaces; ++f) {
    if (along(faces_[static_cast<size_t>(f)].center) > along(faces_[static_cast<size_t>(best)].center))
      best = f;
  }
  const Face& face = faces_[static_cast<size_t>(best)];
  const double height = along(face.center) * kUnit;
  return {best, {along(face.first) / height, along(face.second) / height}, 0};
}

std::pair<int, double> Faces::beyond(Plane at) {
  std::pair<int, double> most{0, -10};
  for (int edge = 0; edge < 3; ++edge) {
    const double distance = (at * std::conj(turn(2 * edge + 1))).real() - 1;
    if (distance > most.second) most = {edge, distance};
  }
  return most;
}

void Faces::unfold(Place& place) const {
  for (int i = 0; i < 6; ++i) {
    const auto [edge, distance] = beyond(place.at);
    if (distance < kNear) return;
    const Face& face = faces_[static_cast<size_t>(place.face)];
    const auto e = static_cast<size_t>(edge);
    place.at = place.at * turn(face.turns[e]) + face.shift[e];
    place.turns = (place.turns + face.turns[e]) % 6;
    place.face = face.neighbor[e];
  }
}

// Edge e is between corners e and e + 1.
void Faces::join_faces() {
  const auto same = [](const Vector& a, const Vector& b) {
    return dot(a.x, a.y, a.z, b.x, b.y, b.z) > 1 - 1e-9;
  };
  for (int f = 0; f < kFaces; ++f) {
    Face& face = faces_[static_cast<size_t>(f)];
    for (size_t e = 0; e < 3; ++e) {
      const Plane from = kCorners[e].at(), to = kCorners[(e + 1) % 3].at();
      const Vector p = vector_of(f, from), q = vector_of(f, to);
      for (int g = 0; g < kFaces; ++g) {
        for (size_t k = 0; k < 3 && g != f; ++k) {  // there the edge runs the other way
          const Plane end = kCorners[k].at(), start = kCorners[(k + 1) % 3].at();
          if (!same(vector_of(g, end), q) || !same(vector_of(g, start), p)) continue;
          const double angle = std::arg((end - start) / (to - from));
          face.neighbor[e] = g;
          face.turns[e] = (static_cast<int>(std::lround(angle / (M_PI / 3))) + 6) % 6;
          face.shift[e] = start - from * turn(face.turns[e]);
        }
      }
    }
  }
}

const Sight* Faces::sight(int face, Lattice at) const {
  for (const Sight& sight : faces_[static_cast<size_t>(face)].sights) {
    if (sight.at == at) return &sight;
  }
  return nullptr;
}

Sight& Faces::sight_of(int face, int base) {
  auto& sights = faces_[static_cast<size_t>(face)].sights;
  return *std::find_if(sights.begin(), sights.end(), [&](const Sight& sight) { return sight.base == base; });
}

// Base cells are numbered from north to south.
void Faces::find_base_cells() {
  struct Found {
    Vector at;
    std::vector<std::pair<int, Lattice>> seen;
  };
  std::vector<Found> all;
  for (int f = 0; f < kFaces; ++f) {
    for (int64_t a = -2; a <= 2; ++a) {
      for (int64_t b = -2; b <= 2; ++b) {
        const Lattice place{a, b};
        if (beyond(place.at()).second > kNear) continue;
        const Vector p = vector_of(f, place.at());
        auto it = std::find_if(all.begin(), all.end(), [&](const Found& other) {
          return dot(p.x, p.y, p.z, other.at.x, other.at.y, other.at.z) > 1 - 1e-9;
        });
        if (it == all.end()) it = all.insert(it, {p, {}});
        it->seen.emplace_back(f, place);
      }
    }
  }
  std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.at.z > b.at.z; });
  for (int number = 0; number < kBaseCells; ++number) {
    const auto& seen = all[static_cast<size_t>(number)].seen;
    BaseCell& base = bases_[static_cast<size_t>(number)];
    base.pentagon = seen.size() == 5;
    auto home = seen.front();
    for (const auto& [face, at] : seen) {
      faces_[static_cast<size_t>(face)].sights.push_back({number, at, 0, 0});
      if (base.pentagon ? at == kCorners[0] && (home.second != kCorners[0] || face >= 15)
                        : is_home(face, at, home.first, home.second)) {
        home = {face, at};
      }
    }
    base.home = home.first;
    base.at = home.second;
    if (base.pentagon) go_round(base, number);
    if (seen.size() != 2) continue;
    const int other = seen[0].first == base.home ? seen[1].first : seen[0].first;
    const Face& face = faces_[static_cast<size_t>(other)];
    const auto edge = static_cast<size_t>(std::find(face.neighbor.begin(), face.neighbor.end(), base.home) -
                                          face.neighbor.begin());
    sight_of(other, number).turns = face.turns[edge];
  }
}

// Walks over the faces around a pentagon, clockwise from its home face.
void Faces::go_round(BaseCell& pentagon, int number) {
  int face = pentagon.home;
  for (int step = 0; step < 5; ++step) {
    Sight& sight = sight_of(face, number);
    const auto corner = static_cast<size_t>(std::find(std::begin(kCorners), std::end(kCorners), sight.at) -
                                            std::begin(kCorners));
    const int center = static_cast<int>(2 * corner + 3) % 6;  // the face's centre, with its own axes
    sight.bearing = 3 - step;
    sight.turns = (sight.bearing - center + 12) % 6;
    pentagon.faces[static_cast<size_t>(step)] = face;
    face = faces_[static_cast<size_t>(face)].neighbor[corner];
  }
}

}  // namespace huntbook::kql::runtime::h3
