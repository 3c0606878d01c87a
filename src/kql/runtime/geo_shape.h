// Lines and polygons on the sphere. Edges are geodesics; the Earth is a sphere.
#pragma once
#include <s2/mutable_s2shape_index.h>
#include <s2/s2earth.h>
#include <s2/s2latlng.h>
#include <s2/s2polygon.h>
#include <s2/s2polyline.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/runtime/dynamic.h"
#include "kql/runtime/geo_json.h"

namespace huntbook::kql::runtime {

using S2Lines = std::vector<std::unique_ptr<S2Polyline>>;

/// Nothing when the coordinates are out of range.
std::optional<S2Point> point_of(double lng, double lat);
inline S2Point point_of(const Position& p) { return S2LatLng::FromDegrees(p.lat, p.lng).ToPoint(); }
Position position_of(const S2Point& point);
/// Equality; clang finds S2's own operator ambiguous in C++20.
inline bool same_place(const S2Point& a, const S2Point& b) {
  return a.x() == b.x() && a.y() == b.y() && a.z() == b.z();
}

inline double meters(S1Angle angle) { return angle.radians() * S2Earth::RadiusMeters(); }
inline S1Angle angle_of(double meters) { return S1Angle::Radians(meters / S2Earth::RadiusMeters()); }

/// A line per S2Polyline; nothing when one has fewer than two distinct vertices or an edge of 180 degrees.
std::optional<S2Lines> lines_of(const Geometry& geometry);
/// The union of the polygons; null when one of them is not valid.
std::unique_ptr<S2Polygon> polygon_of(const Geometry& geometry);

PositionLine positions_of(const S2Polyline& line);
/// Each shell with its holes.
std::vector<PositionPolygon> positions_of(const S2Polygon& polygon);
/// Null for an empty one.
void set_polygon(Value& out, const S2Polygon& polygon, Context& context);
void set_geometry(Value& out, const Geometry& geometry, Context& context);
void set_point(Value& out, const S2Point& point, Context& context);

/// A line or a polygon of a dynamic value with the index that queries use; made once per text and call site.
class Shape {
 public:
  explicit Shape(std::string_view geojson);

  bool valid() const { return lines_ || polygon_; }
  /// Null when the shape is no valid line (or multiline).
  const S2Lines* lines() const { return lines_ ? &*lines_ : nullptr; }
  /// Null when the shape is no valid polygon (or multipolygon).
  const S2Polygon* polygon() const { return polygon_.get(); }
  /// The lines or the polygon.
  const MutableS2ShapeIndex& index() const { return index_; }

 private:
  std::optional<S2Lines> lines_;
  std::unique_ptr<S2Polygon> polygon_;
  MutableS2ShapeIndex index_;
};

/// The shape of an argument; it stays although the context drops it from its cache.
std::shared_ptr<const Shape> shape_of(const Value& value, Context& context);

/// Metres from a point to the shape; 0 inside a polygon.
double distance_to(const Shape& shape, const S2Point& point);
/// Whether a polygon has the point. Of polygons that share an edge or a vertex, one has the points there.
bool polygon_contains(const Shape& polygon, const S2Point& point);

}  // namespace huntbook::kql::runtime
