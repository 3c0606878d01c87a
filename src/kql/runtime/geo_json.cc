#include "kql/runtime/geo_json.h"

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

std::optional<Position> read_position(std::string_view raw) {
  if (json_kind(raw) != JsonKind::kArray) return std::nullopt;
  JsonElements parts(raw);
  double numbers[2] = {};
  for (double& number : numbers) {
    if (!parts.next() || json_kind(parts.value) != JsonKind::kNumber) return std::nullopt;
    const auto read = json_number(parts.value);
    if (!read) return std::nullopt;
    number = read->real;
  }
  if (!valid_position(numbers[0], numbers[1])) return std::nullopt;
  return Position{numbers[0], numbers[1]};
}

// An array of what `read` reads; nothing when one of them is not readable.
template <typename T, typename Read>
std::optional<std::vector<T>> read_array(std::string_view raw, Read read) {
  if (json_kind(raw) != JsonKind::kArray) return std::nullopt;
  std::vector<T> all;
  JsonElements elements(raw);
  while (elements.next()) {
    auto one = read(elements.value);
    if (!one) return std::nullopt;
    all.push_back(std::move(*one));
  }
  return all;
}

std::optional<PositionLine> read_line(std::string_view raw) {
  return read_array<Position>(raw, read_position);
}
std::optional<PositionPolygon> read_polygon(std::string_view raw) {
  return read_array<PositionLine>(raw, read_line);
}

struct Parts {
  std::string type;
  std::string_view coordinates;
};

std::optional<Parts> parts_of(std::string_view geojson) {
  if (json_kind(geojson) != JsonKind::kObject) return std::nullopt;
  const auto type = json_member(geojson, "type");
  const auto coordinates = json_member(geojson, "coordinates");
  if (!type || json_kind(*type) != JsonKind::kString || !coordinates) return std::nullopt;
  return Parts{text_of(*type), *coordinates};
}

void append_line(std::string& out, const PositionLine& line) {
  out += '[';
  for (size_t i = 0; i < line.size(); ++i) {
    if (i) out += ',';
    append_position(out, line[i]);
  }
  out += ']';
}

void append_polygon(std::string& out, const PositionPolygon& polygon) {
  out += '[';
  for (size_t i = 0; i < polygon.size(); ++i) {
    if (i) out += ',';
    append_line(out, polygon[i]);
  }
  out += ']';
}

template <typename T>
void append_parts(std::string& out, const std::vector<T>& parts, std::string_view type,
                  void (*append)(std::string&, const T&)) {
  if (parts.empty()) return;
  if (!out.empty()) out += ',';
  const bool several = parts.size() > 1;
  out += R"({"type":")";
  out += several ? "Multi" : "";
  out += type;
  out += R"(","coordinates":)";
  if (several) out += '[';
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i) out += ',';
    append(out, parts[i]);
  }
  out += several ? "]}" : "}";
}

}  // namespace

std::optional<Geometry> read_lines(std::string_view geojson) {
  const auto parts = parts_of(geojson);
  if (!parts) return std::nullopt;
  Geometry out;
  if (parts->type == "LineString") {
    auto line = read_line(parts->coordinates);
    if (!line) return std::nullopt;
    out.lines.push_back(std::move(*line));
    return out;
  }
  if (parts->type != "MultiLineString") return std::nullopt;
  auto lines = read_array<PositionLine>(parts->coordinates, read_line);
  if (!lines) return std::nullopt;
  out.lines = std::move(*lines);
  return out;
}

std::optional<Geometry> read_polygons(std::string_view geojson) {
  const auto parts = parts_of(geojson);
  if (!parts) return std::nullopt;
  Geometry out;
  if (parts->type == "Polygon") {
    auto polygon = read_polygon(parts->coordinates);
    if (!polygon) return std::nullopt;
    out.polygons.push_back(std::move(*polygon));
    return out;
  }
  if (parts->type != "MultiPolygon") return std::nullopt;
  auto polygons = read_array<PositionPolygon>(parts->coordinates, read_polygon);
  if (!polygons) return std::nullopt;
  out.polygons = std::move(*polygons);
  return out;
}

void append_position(std::string& out, const Position& position) {
  out += '[';
  append_json_real(out, position.lng);
  out += ',';
  append_json_real(out, position.lat);
  out += ']';
}

std::string write_geometry(const Geometry& geometry) {
  std::string out;
  append_parts(out, geometry.points, "Point", append_position);
  append_parts(out, geometry.lines, "LineString", append_line);
  append_parts(out, geometry.polygons, "Polygon", append_polygon);
  const int kinds = !geometry.points.empty() + !geometry.lines.empty() + !geometry.polygons.empty();
  return kinds == 1 ? out : R"({"type":"GeometryCollection","geometries":[)" + out + "]}";
}

std::string write_point(const Position& position) {
  return write_geometry({.points = {position}, .lines = {}, .polygons = {}});
}
std::string write_polygon(const PositionPolygon& polygon) {
  return write_geometry({.points = {}, .lines = {}, .polygons = {polygon}});
}

}  // namespace huntbook::kql::runtime
