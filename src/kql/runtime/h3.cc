#include "kql/runtime/h3.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "kql/runtime/h3_faces.h"

namespace huntbook::kql::runtime {
namespace {

using h3::Faces;
using h3::Lattice;
using h3::Place;
using h3::Plane;

// Digits by direction, in sixths of a turn counterclockwise of the first axis. 0 is the middle.
constexpr int kDigits[6] = {4, 6, 2, 3, 1, 5};
constexpr int kSixths[7] = {0, 4, 2, 3, 0, 5, 1};
constexpr int kLeftOut = 1;  // the digit that a pentagon's children lack

constexpr uint64_t kModeCell = uint64_t{1} << 59;

int base_of(H3Cell cell) { return static_cast<int>(cell >> 45 & 127); }
int digit_shift(int resolution) { return 3 * (kMaxH3Resolution - resolution); }
int digit_of(H3Cell cell, int resolution) { return static_cast<int>(cell >> digit_shift(resolution) & 7); }

void set_digit(H3Cell& cell, int resolution, int digit) {
  cell &= ~(uint64_t{7} << digit_shift(resolution));
  cell |= static_cast<uint64_t>(digit) << digit_shift(resolution);
}

void set_resolution(H3Cell& cell, int resolution) {
  cell &= ~(uint64_t{15} << 52);
  cell |= static_cast<uint64_t>(resolution) << 52;
}

H3Cell base_cell(int base) {
  return kModeCell | static_cast<uint64_t>(base) << 45 | ((uint64_t{1} << 45) - 1);
}

// The first digit that is not the middle; 0 when there is none.
int leading_digit(H3Cell cell) {
  for (int r = 1; r <= h3_resolution(cell); ++r) {
    if (const int digit = digit_of(cell, r)) return digit;
  }
  return 0;
}

void turn_digits(H3Cell& cell, int sixths) {
  for (int r = 1; r <= h3_resolution(cell); ++r) {
    if (const int digit = digit_of(cell, r)) set_digit(cell, r, kDigits[(kSixths[digit] + sixths + 12) % 6]);
  }
}

bool is_valid(H3Cell cell) {
  const int resolution = h3_resolution(cell);
  if (cell >> 56 != kModeCell >> 56 || base_of(cell) >= h3::kBaseCells) return false;
  for (int r = 1; r <= kMaxH3Resolution; ++r) {
    if ((digit_of(cell, r) == 7) != (r > resolution)) return false;
  }
  return !Faces::get().base(base_of(cell)).pentagon || leading_digit(cell) != kLeftOut;
}

// The cell whose centre is at a place of a face's lattice.
H3Cell cell_of(int face, Lattice at, int resolution) {
  const Faces& faces = Faces::get();
  H3Cell cell = base_cell(0);
  set_resolution(cell, resolution);
  for (int r = resolution; r > 0; --r) {
    const Lattice step = h3::step_of(r);
    for (int digit = 0; digit < 7; ++digit) {
      const Lattice middle = digit ? at - h3::unit(kSixths[digit]) : at;
      const Lattice coarse = middle * step.conjugate();
      if (coarse.a % 7 || coarse.b % 7) continue;
      set_digit(cell, r, digit);
      at = {coarse.a / 7, coarse.b / 7};
      break;
    }
  }
  const h3::Sight* sight = faces.sight(face, at);
  if (!sight) {  // the base cell's centre is on the next face
    Place place{face, at.at(), 0};
    faces.unfold(place);
    turn_digits(cell, place.turns);
    sight = faces.sight(place.face, h3::nearest_lattice(place.at));
    if (!sight) return 0;
  }
  cell |= static_cast<uint64_t>(sight->base) << 45;
  int turns = sight->turns;
  if (faces.base(sight->base).pentagon) {
    if (const int digit = leading_digit(cell)) {
      // Beyond the gap, the next direction takes the place of the one that is left out.
      const int center = sight->bearing - sight->turns;
      const int off = ((kSixths[digit] - center + 3) % 6 + 6) % 6 - 3;
      if (sight->bearing + off > 3) ++turns;
      if (sight->bearing + off < -1) --turns;
    }
  }
  turn_digits(cell, turns);
  return cell;
}

// The centre of a cell; `turns` counts from the home face's axes.
Place place_of(H3Cell cell) {
  const Faces& faces = Faces::get();
  const int resolution = h3_resolution(cell);
  Lattice inside;
  for (int r = 1; r <= resolution; ++r) {
    inside = inside * h3::step_of(r);
    if (const int digit = digit_of(cell, r)) inside = inside + h3::unit(kSixths[digit]);
  }
  const Plane offset = inside.at() / h3::scale_of(resolution);
  const h3::BaseCell& base = faces.base(base_of(cell));
  Place place{base.home, base.at.at() + offset, 0};
  const int leading = base.pentagon ? leading_digit(cell) : 0;
  if (leading) {
    const int sixths = kSixths[leading];
    place.face = base.faces[static_cast<size_t>(sixths == 5 ? 4 : 3 - sixths)];
    for (const h3::Lattice corner : {Lattice{2, 0}, Lattice{0, 2}, Lattice{-2, -2}}) {
      const h3::Sight* sight = faces.sight(place.face, corner);
      if (!sight || sight->base != base_of(cell)) continue;
      place.turns = (6 - sight->turns) % 6;
      place.at = corner.at() + offset * h3::turn(place.turns);
    }
  }
  faces.unfold(place);
  return place;
}

// Moves to a neighbour: the direction is one of the axes at the start of the walk.
void walk(Place& place, int sixths, int resolution) {
  const Plane scale = h3::scale_of(resolution);
  place.at += h3::turn(sixths + place.turns) / scale;
  Faces::get().unfold(place);
  place.at = h3::nearest_lattice(place.at * scale).at() / scale;
}

H3Cell cell_of(const Place& place, int resolution) {
  return cell_of(place.face, h3::nearest_lattice(place.at * h3::scale_of(resolution)), resolution);
}

std::vector<H3Cell> neighbors_of(H3Cell cell) {
  const int resolution = h3_resolution(cell);
  std::vector<H3Cell> all;
  if (!h3_is_pentagon(cell)) {
    const Place middle = place_of(cell);
    for (int sixths = 0; sixths < 6; ++sixths) {
      Place place = middle;
      walk(place, sixths, resolution);
      all.push_back(cell_of(place, resolution));
    }
    return all;
  }
  const Faces& faces = Faces::get();
  for (const int face : faces.base(base_of(cell)).faces) {
    for (const int corner : {0, 2, 4}) {
      const Lattice at = h3::unit(corner) + h3::unit(corner);
      const h3::Sight* sight = faces.sight(face, at);
      if (!sight || sight->base != base_of(cell)) continue;
      all.push_back(
          cell_of({face, at.at() + h3::turn(corner + 3) / h3::scale_of(resolution), 0}, resolution));
    }
  }
  return all;
}

// Rings by walking round; nothing when there is a pentagon on the way.
std::optional<std::vector<std::vector<H3Cell>>> walk_rings(H3Cell cell, int distance) {
  static constexpr int kOrder[6] = {2, 3, 4, 5, 0, 1};
  const int resolution = h3_resolution(cell);
  std::vector<std::vector<H3Cell>> rings{{cell}};
  if (h3_is_pentagon(cell)) return std::nullopt;
  Place place = place_of(cell);
  for (int ring = 1; ring <= distance; ++ring) {
    walk(place, 0, resolution);
    if (h3_is_pentagon(cell_of(place, resolution))) return std::nullopt;
    auto& cells = rings.emplace_back();
    for (const int sixths : kOrder) {
      for (int i = 0; i < ring; ++i) {
        walk(place, sixths, resolution);
        cells.push_back(cell_of(place, resolution));
        if (h3_is_pentagon(cells.back())) return std::nullopt;
      }
    }
  }
  return rings;
}

std::vector<std::vector<H3Cell>> spread_rings(H3Cell cell, int distance) {
  std::vector<std::vector<H3Cell>> rings{{cell}};
  std::unordered_set<H3Cell> seen{cell};
  for (int ring = 1; ring <= distance; ++ring) {
    std::vector<H3Cell> next;
    for (const H3Cell inner : rings.back()) {
      for (const H3Cell outer : neighbors_of(inner)) {
        if (seen.insert(outer).second) next.push_back(outer);
      }
    }
    rings.push_back(std::move(next));
  }
  return rings;
}

// Where the way from a corner to the next one leaves the face.
Plane edge_crossing(Plane from, Plane to, int edge) {
  const auto height = [&](Plane at) { return (at * std::conj(h3::turn(2 * edge + 1))).real() - 1; };
  return from + (to - from) * (height(from) / (height(from) - height(to)));
}

void add_hexagon(const Place& middle, int resolution, PositionLine& outline) {
  const Faces& faces = Faces::get();
  const bool bends = resolution % 2;
  const Plane corner = (1.0 + h3::turn(1)) / 3.0 / h3::scale_of(resolution);
  const auto at = [&](int k) { return middle.at + corner * h3::turn(k); };
  for (int k = 0; k < 6; ++k) {
    Place place{middle.face, at(k), 0}, next{middle.face, at(k + 1), 0};
    const auto [edge, out] = Faces::beyond(place.at);
    const auto [next_edge, next_out] = Faces::beyond(next.at);
    faces.unfold(place);
    faces.unfold(next);
    outline.push_back(faces.position_of(place.face, place.at));
    constexpr double kOnEdge = 1e-10;
    if (!bends || place.face == next.face || std::abs(out) < kOnEdge || std::abs(next_out) < kOnEdge)
      continue;
    const Plane crossing = edge_crossing(at(k), at(k + 1), place.face == middle.face ? next_edge : edge);
    outline.push_back(faces.position_of(middle.face, crossing));
  }
}

void add_pentagon(const Place& middle, int resolution, PositionLine& outline) {
  const Faces& faces = Faces::get();
  const Plane corner = (1.0 + h3::turn(1)) / 3.0 / h3::scale_of(resolution);
  for (int k = 0; k < 5; ++k) {
    Place place{middle.face, middle.at + corner * h3::turn(k), 0};
    faces.unfold(place);
    outline.push_back(faces.position_of(place.face, place.at));
    if (resolution % 2 == 0) continue;
    Plane pentagon;  // the face's corner
    for (const int sixths : {0, 2, 4}) {
      const Plane end = 2.0 * h3::turn(sixths);
      if (std::abs(end - place.at) < std::abs(pentagon - place.at)) pentagon = end;
    }
    const Plane next = pentagon + (place.at - pentagon) * h3::turn(1);
    outline.push_back(
        faces.position_of(place.face, edge_crossing(place.at, next, Faces::beyond(next).first)));
  }
}

}  // namespace

std::optional<H3Cell> read_h3cell(std::string_view text) {
  H3Cell cell = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cell, 16);
  if (error != std::errc() || end != text.data() + text.size() || !is_valid(cell)) return std::nullopt;
  return cell;
}

std::string write_h3cell(H3Cell cell) { return fmt::format("{:x}", cell); }

int h3_resolution(H3Cell cell) { return static_cast<int>(cell >> 52 & 15); }

bool h3_is_pentagon(H3Cell cell) {
  return Faces::get().base(base_of(cell)).pentagon && leading_digit(cell) == 0;
}

H3Cell h3_cell_at(const Position& position, int resolution) {
  return cell_of(Faces::get().place_of(position), resolution);
}

Position h3_center(H3Cell cell) {
  const Place place = place_of(cell);
  return Faces::get().position_of(place.face, place.at);
}

PositionLine h3_boundary(H3Cell cell) {
  PositionLine outline;
  if (h3_is_pentagon(cell)) {
    add_pentagon(place_of(cell), h3_resolution(cell), outline);
  } else {
    add_hexagon(place_of(cell), h3_resolution(cell), outline);
  }
  outline.push_back(outline.front());
  return outline;
}

H3Cell h3_parent(H3Cell cell, int resolution) {
  for (int r = resolution + 1; r <= h3_resolution(cell); ++r) set_digit(cell, r, 7);
  set_resolution(cell, resolution);
  return cell;
}

std::vector<H3Cell> h3_children(H3Cell cell, int resolution) {
  std::vector<H3Cell> all{cell};
  for (int r = h3_resolution(cell) + 1; r <= resolution; ++r) {
    std::vector<H3Cell> finer;
    for (H3Cell parent : all) {
      const bool pentagon = h3_is_pentagon(parent);
      set_resolution(parent, r);
      for (int digit = 0; digit < 7; ++digit) {
        if (pentagon && digit == kLeftOut) continue;
        set_digit(parent, r, digit);
        finer.push_back(parent);
      }
    }
    all = std::move(finer);
  }
  return all;
}

std::vector<std::vector<H3Cell>> h3_rings(H3Cell cell, int distance) {
  if (auto rings = walk_rings(cell, distance)) return std::move(*rings);
  return spread_rings(cell, distance);
}

}  // namespace huntbook::kql::runtime
