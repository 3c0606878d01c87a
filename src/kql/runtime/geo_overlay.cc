#include "kql/runtime/geo_overlay.h"

#include <s2/s2boolean_operation.h>
#include <s2/s2builder.h>
#include <s2/s2builderutil_closed_set_normalizer.h>
#include <s2/s2builderutil_s2point_vector_layer.h>
#include <s2/s2builderutil_s2polygon_layer.h>
#include <s2/s2builderutil_s2polyline_vector_layer.h>

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

s2builderutil::S2PolylineVectorLayer::Options line_options() {
  s2builderutil::S2PolylineVectorLayer::Options options;
  options.set_duplicate_edges(s2builderutil::S2PolylineVectorLayer::Options::DuplicateEdges::MERGE);
  options.set_s2debug_override(S2Debug::DISABLE);
  return options;
}

// Lines and polygons with their boundaries.
S2BooleanOperation::Options closed_sets() {
  S2BooleanOperation::Options options;
  options.set_polygon_model(S2BooleanOperation::PolygonModel::CLOSED);
  options.set_polyline_model(S2BooleanOperation::PolylineModel::CLOSED);
  return options;
}

void set_intersection(const Shape& a, const Shape& b, Value& out, Context& context) {
  std::vector<S2Point> points;
  S2Lines lines;
  S2Polygon polygon;
  polygon.set_s2debug_override(S2Debug::DISABLE);
  s2builderutil::LayerVector layers(3);
  layers[0] = std::make_unique<s2builderutil::S2PointVectorLayer>(&points);
  layers[1] = std::make_unique<s2builderutil::S2PolylineVectorLayer>(&lines, line_options());
  layers[2] = std::make_unique<s2builderutil::S2PolygonLayer>(&polygon);
  S2MemoryTracker memory;
  memory.set_limit_bytes(kMaxGeoMemory);
  auto options = closed_sets();
  options.set_memory_tracker(&memory);
  S2BooleanOperation operation(S2BooleanOperation::OpType::INTERSECTION,
                               s2builderutil::NormalizeClosedSet(std::move(layers)), options);
  S2Error error;
  if (!operation.Build(a.index(), b.index(), &error)) return;
  Geometry geometry;
  for (const S2Point& point : points) geometry.points.push_back(position_of(point));
  for (const auto& line : lines) geometry.lines.push_back(positions_of(*line));
  geometry.polygons = positions_of(polygon);
  set_geometry(out, geometry, context);
}

void set_intersects(const Shape& a, const Shape& b, Value& out) {
  set_bool(out, S2BooleanOperation::Intersects(a.index(), b.index(), closed_sets()));
}

struct Pair {
  std::shared_ptr<const Shape> a, b;
};

// Both arguments' shapes; the second one of the cache must not drop the first.
Pair shapes_of(Args args, Context& context) {
  return {shape_of(args[0], context), shape_of(args[1], context)};
}

void intersects_2lines(Args args, Value& out, Context& context) {
  const auto [a, b] = shapes_of(args, context);
  if (a->lines() && b->lines()) set_intersects(*a, *b, out);
}
void intersects_2polygons(Args args, Value& out, Context& context) {
  const auto [a, b] = shapes_of(args, context);
  if (a->polygon() && b->polygon()) set_intersects(*a, *b, out);
}
void intersects_line_with_polygon(Args args, Value& out, Context& context) {
  const auto [a, b] = shapes_of(args, context);
  if (a->lines() && b->polygon()) set_intersects(*a, *b, out);
}
void intersection_2lines(Args args, Value& out, Context& context) {
  const auto [a, b] = shapes_of(args, context);
  if (a->lines() && b->lines()) set_intersection(*a, *b, out, context);
}
void intersection_2polygons(Args args, Value& out, Context& context) {
  const auto [a, b] = shapes_of(args, context);
  if (a->polygon() && b->polygon()) set_intersection(*a, *b, out, context);
}
void intersection_line_with_polygon(Args args, Value& out, Context& context) {
  const auto [a, b] = shapes_of(args, context);
  if (a->lines() && b->polygon()) set_intersection(*a, *b, out, context);
}

void union_lines_array(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  S2Lines all;
  for (const auto raw : *elements) {
    const auto geometry = read_lines(raw);
    auto lines = geometry ? lines_of(*geometry) : std::nullopt;
    if (!lines) return;
    for (auto& line : *lines) all.push_back(std::move(line));
  }
  Geometry geometry;
  for (const auto& line : union_of(all)) geometry.lines.push_back(positions_of(*line));
  if (!geometry.lines.empty()) set_geometry(out, geometry, context);
}

void union_polygons_array(Args args, Value& out, Context& context) {
  auto polygons = polygons_of_array(args[0]);
  if (!polygons.empty()) set_polygon(out, *S2Polygon::DestructiveUnion(std::move(polygons)), context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_intersects_2lines", intersects_2lines},
    {"geo_intersects_2polygons", intersects_2polygons},
    {"geo_intersects_line_with_polygon", intersects_line_with_polygon},
    {"geo_intersection_2lines", intersection_2lines},
    {"geo_intersection_2polygons", intersection_2polygons},
    {"geo_intersection_line_with_polygon", intersection_line_with_polygon},
    {"geo_union_lines_array", union_lines_array},
    {"geo_union_polygons_array", union_polygons_array},
};

}  // namespace

S2Lines union_of(const S2Lines& lines) {
  S2MemoryTracker memory;
  memory.set_limit_bytes(kMaxGeoMemory);
  S2Builder::Options options;
  options.set_memory_tracker(&memory);
  S2Builder builder(options);
  S2Lines out;
  builder.StartLayer(std::make_unique<s2builderutil::S2PolylineVectorLayer>(&out, line_options()));
  for (const auto& line : lines) builder.AddPolyline(*line);
  S2Error error;
  if (!builder.Build(&error)) out.clear();
  return out;
}

S2Lines unified_lines(const Shape& shape) {
  if (shape.lines()->size() > 1) return union_of(*shape.lines());
  S2Lines one;
  one.emplace_back(shape.lines()->front()->Clone());
  return one;
}

std::vector<std::unique_ptr<S2Polygon>> polygons_of_array(const Value& array) {
  std::vector<std::unique_ptr<S2Polygon>> all;
  const auto elements = elements_of(array);
  if (!elements) return all;
  for (const auto raw : *elements) {
    const auto geometry = read_polygons(raw);
    auto polygon = geometry ? polygon_of(*geometry) : nullptr;
    if (!polygon) return {};
    all.push_back(std::move(polygon));
  }
  return all;
}

std::span<const BodyEntry> geo_overlay_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
