// The planes of the icosahedron's faces that carry the H3 grid, and the base cells on them.
#pragma once
#include <array>
#include <complex>
#include <cstdint>
#include <vector>

#include "kql/runtime/geo_json.h"

namespace huntbook::kql::runtime::h3 {

/// A point of a face's plane: the centre is 0, the first axis real, cells of resolution 0 are 1 apart and the
/// corners of the face are at distance 2, on the axes at 0, 120 and 240 degrees.
using Plane = std::complex<double>;

/// a + b w, w being the third root of 1: a place of the lattice of cell centres.
struct Lattice {
  int64_t a = 0;
  int64_t b = 0;

  friend Lattice operator+(Lattice x, Lattice y) { return {x.a + y.a, x.b + y.b}; }
  friend Lattice operator-(Lattice x, Lattice y) { return {x.a - y.a, x.b - y.b}; }
  friend Lattice operator*(Lattice x, Lattice y) {
    return {x.a * y.a - x.b * y.b, x.a * y.b + x.b * y.a - x.b * y.b};
  }
  bool operator==(const Lattice&) const = default;

  Lattice conjugate() const { return {a - b, -b}; }
  Plane at() const;
};

Lattice nearest_lattice(Plane at);

/// The unit vector `sixths` x 60 degrees counterclockwise of the first axis.
Lattice unit(int sixths);
/// A turn by as much.
Plane turn(int sixths);

/// What one cell side of resolution r - 1 is in cells of resolution r.
Lattice step_of(int resolution);
/// What one cell side of resolution 0 is in cells of a resolution.
Plane scale_of(int resolution);

/// A place on a face. `turns` counts how often the axes turned by 60 degrees on the way there.
struct Place {
  int face = 0;
  Plane at;
  int turns = 0;
};

constexpr int kFaces = 20;
constexpr int kBaseCells = 122;

/// One base cell, seen from one of the faces that it is on.
struct Sight {
  int base = -1;
  Lattice at;
  /// From this face's axes to the home face's. Around a pentagon this counts from the home face clockwise
  /// over the faces, so that only the direction 240 degrees at home is left out.
  int turns = 0;
  /// Of a pentagon: where the face's centre is, in sixths, seen from the pentagon with the home face's axes.
  int bearing = 0;
};

struct BaseCell {
  int home = 0;
  Lattice at;
  bool pentagon = false;
  /// Of a pentagon: its five faces by bearing 3, 2, 1, 0, -1 (the home face is the first).
  std::array<int, 5> faces{};
};

class Faces {
 public:
  static const Faces& get();

  /// The face that is nearest to a position, and the position on it.
  Place place_of(const Position& position) const;
  Position position_of(int face, Plane at) const;

  /// Moves a place that is beyond its face's edge to the face that it is on.
  void unfold(Place& place) const;
  /// The edge (0, 1, 2) that is nearest, and how far beyond it the place is.
  static std::pair<int, double> beyond(Plane at);

  const BaseCell& base(int number) const { return bases_[static_cast<size_t>(number)]; }
  /// The base cell at a place of the lattice of resolution 0 on a face; null when it is not on it.
  const Sight* sight(int face, Lattice at) const;

 private:
  struct Vector {
    double x, y, z;
  };
  struct Face {
    Vector center, first, second;  // the axes touch the sphere at the centre
    std::array<int, 3> neighbor{};
    std::array<int, 3> turns{};
    std::array<Plane, 3> shift{};
    std::vector<Sight> sights;
  };

  Faces();
  void join_faces();
  void find_base_cells();
  void go_round(BaseCell& pentagon, int number);
  Sight& sight_of(int face, int base);
  Vector vector_of(int face, Plane at) const;

  std::array<Face, kFaces> faces_;
  std::array<BaseCell, kBaseCells> bases_;
};

}  // namespace huntbook::kql::runtime::h3
