// Geometries as GeoJSON has them: read from a dynamic value, written as one. Coordinates are longitude and
// latitude in degrees.
#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huntbook::kql::runtime {

struct Position {
  double lng = 0;
  double lat = 0;
  bool operator==(const Position&) const = default;
};

using PositionLine = std::vector<Position>;
using PositionPolygon = std::vector<PositionLine>;  ///< the shell, then its holes; rings are closed

/// The parts of a geometry by dimension. A LineString has one line, a MultiLineString any number; so with
/// polygons.
struct Geometry {
  std::vector<Position> points;
  std::vector<PositionLine> lines;
  std::vector<PositionPolygon> polygons;
};

inline bool valid_position(double lng, double lat) {
  return std::abs(lng) <= 180 && std::abs(lat) <= 90;  // false for NaN
}

/// A LineString or MultiLineString whose coordinates are in range; nothing otherwise. Lines may be too short.
std::optional<Geometry> read_lines(std::string_view geojson);
/// The same for a Polygon or MultiPolygon. Rings may be open or cross.
std::optional<Geometry> read_polygons(std::string_view geojson);

/// One part as Point, LineString or Polygon, several of a dimension as Multi..., several dimensions or none
/// as a GeometryCollection.
std::string write_geometry(const Geometry& geometry);
void append_position(std::string& out, const Position& position);
std::string write_point(const Position& position);
std::string write_polygon(const PositionPolygon& polygon);

}  // namespace huntbook::kql::runtime
