#include "kql/runtime/geo_shape.h"

#include <s2/s2closest_edge_query.h>
#include <s2/s2contains_point_query.h>
#include <s2/s2error.h>

#include <algorithm>

namespace huntbook::kql::runtime {
namespace {

// A ring without its closing vertex; null when it is open, too short, crosses itself or repeats a vertex.
std::unique_ptr<S2Loop> loop_of(const PositionLine& ring) {
  if (ring.size() < 4 || !(ring.front() == ring.back())) return nullptr;
  std::vector<S2Point> vertices;
  vertices.reserve(ring.size() - 1);
  for (size_t i = 0; i + 1 < ring.size(); ++i) vertices.push_back(point_of(ring[i]));
  auto loop = std::make_unique<S2Loop>();
  loop->set_s2debug_override(S2Debug::DISABLE);
  loop->Init(vertices);
  S2Error error;
  if (loop->FindValidationError(&error)) return nullptr;
  loop->Normalize();
  return loop;
}

std::unique_ptr<S2Polygon> polygon_of(const PositionPolygon& rings) {
  std::vector<std::unique_ptr<S2Loop>> loops;
  for (const auto& ring : rings) {
    loops.push_back(loop_of(ring));
    if (!loops.back()) return nullptr;
  }
  if (loops.empty()) return nullptr;
  auto polygon = std::make_unique<S2Polygon>();
  polygon->set_s2debug_override(S2Debug::DISABLE);
  polygon->InitNested(std::move(loops));
  S2Error error;
  if (polygon->FindValidationError(&error)) return nullptr;
  return polygon;
}

// The shapes that a call site used last; rows often repeat them, and their texts are long.
class ShapeCache {
 public:
  explicit ShapeCache(std::string_view) {}

  std::shared_ptr<const Shape> get(std::string_view text) {
    auto it = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.text == text; });
    if (it == kept_.end()) {
      if (kept_.size() == kMost) kept_.pop_back();
      it = kept_.insert(kept_.end(), {std::string(text), std::make_shared<const Shape>(text)});
    }
    std::rotate(kept_.begin(), it, it + 1);
    return kept_.front().shape;
  }

 private:
  static constexpr size_t kMost = 64;
  struct Kept {
    std::string text;
    std::shared_ptr<const Shape> shape;
  };
  std::vector<Kept> kept_;  // the last one first
};

}  // namespace

std::optional<S2Point> point_of(double lng, double lat) {
  if (!valid_position(lng, lat)) return std::nullopt;
  return point_of(Position{lng, lat});
}

Position position_of(const S2Point& point) {
  const S2LatLng place(point);
  return {place.lng().degrees(), place.lat().degrees()};
}

std::optional<S2Lines> lines_of(const Geometry& geometry) {
  S2Lines lines;
  for (const auto& line : geometry.lines) {
    std::vector<S2Point> vertices;
    for (const Position& position : line) {
      const S2Point point = point_of(position);
      if (vertices.empty() || !same_place(vertices.back(), point)) vertices.push_back(point);
    }
    if (vertices.size() < 2) return std::nullopt;
    auto polyline = std::make_unique<S2Polyline>(vertices, S2Debug::DISABLE);
    S2Error error;
    if (polyline->FindValidationError(&error)) return std::nullopt;
    lines.push_back(std::move(polyline));
  }
  if (lines.empty()) return std::nullopt;
  return lines;
}

std::unique_ptr<S2Polygon> polygon_of(const Geometry& geometry) {
  std::vector<std::unique_ptr<S2Polygon>> polygons;
  for (const auto& rings : geometry.polygons) {
    polygons.push_back(polygon_of(rings));
    if (!polygons.back()) return nullptr;
  }
  if (polygons.empty()) return nullptr;
  return polygons.size() == 1 ? std::move(polygons[0]) : S2Polygon::DestructiveUnion(std::move(polygons));
}

PositionLine positions_of(const S2Polyline& line) {
  PositionLine out;
  for (int i = 0; i < line.num_vertices(); ++i) out.push_back(position_of(line.vertex(i)));
  return out;
}

std::vector<PositionPolygon> positions_of(const S2Polygon& polygon) {
  std::vector<PositionPolygon> out;
  for (int i = 0; i < polygon.num_loops(); ++i) {
    const S2Loop& loop = *polygon.loop(i);
    if (loop.is_empty_or_full()) continue;
    PositionLine ring;
    for (int k = 0; k <= loop.num_vertices(); ++k) ring.push_back(position_of(loop.oriented_vertex(k)));
    if (!loop.is_hole() || out.empty()) out.emplace_back();
    out.back().push_back(std::move(ring));
  }
  return out;
}

void set_geometry(Value& out, const Geometry& geometry, Context& context) {
  set_dynamic(out, write_geometry(geometry), context);
}

void set_polygon(Value& out, const S2Polygon& polygon, Context& context) {
  Geometry geometry;
  geometry.polygons = positions_of(polygon);
  if (!geometry.polygons.empty()) set_geometry(out, geometry, context);
}

void set_point(Value& out, const S2Point& point, Context& context) {
  set_dynamic(out, write_point(position_of(point)), context);
}

Shape::Shape(std::string_view geojson) {
  if (const auto lines = read_lines(geojson)) {
    lines_ = lines_of(*lines);
  } else if (const auto polygons = read_polygons(geojson)) {
    polygon_ = runtime::polygon_of(*polygons);
  }
  if (lines_) {
    for (const auto& line : *lines_) index_.Add(std::make_unique<S2Polyline::Shape>(line.get()));
  } else if (polygon_) {
    index_.Add(std::make_unique<S2Polygon::Shape>(polygon_.get()));
  }
}

std::shared_ptr<const Shape> shape_of(const Value& value, Context& context) {
  return context.cached<ShapeCache>("").get(value.text);
}

double distance_to(const Shape& shape, const S2Point& point) {
  S2ClosestEdgeQuery query(&shape.index());
  S2ClosestEdgeQuery::PointTarget target(point);
  const auto nearest = query.FindClosestEdge(&target);
  if (nearest.is_interior() || nearest.is_empty()) return 0;
  const auto edge = query.GetEdge(nearest);
  return meters(S2::GetDistance(point, edge.v0, edge.v1));  // more exact than a chord angle
}

bool polygon_contains(const Shape& polygon, const S2Point& point) {
  return MakeS2ContainsPointQuery(&polygon.index(), S2ContainsPointQueryOptions(S2VertexModel::SEMI_OPEN))
      .Contains(point);
}

}  // namespace huntbook::kql::runtime
