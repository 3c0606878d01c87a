// Lines: length, middle, points on them; the nearest points of lines and polygons.
#include <s2/s2closest_edge_query.h>

#include "kql/runtime/geo_overlay.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// The shape's only line; null when there is none or more than one.
const S2Polyline* single_line(const Shape& shape) {
  return shape.lines() && shape.lines()->size() == 1 ? shape.lines()->front().get() : nullptr;
}

void line_length(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (!shape->lines()) return;
  S1Angle length;
  for (const auto& line : unified_lines(*shape)) length += line->GetLength();
  set_real(out, meters(length));
}

void line_centroid(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (!shape->lines()) return;
  S2Point sum;
  for (const auto& line : unified_lines(*shape)) sum += line->GetCentroid();
  if (sum.Norm() > 0) set_point(out, sum.Normalize(), context);
}

void line_interpolate_point(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  const S2Polyline* line = single_line(*shape);
  const double fraction = args[1].real;
  if (line && fraction >= 0 && fraction <= 1) set_point(out, line->Interpolate(fraction), context);
}

void line_locate_point(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  const S2Polyline* line = single_line(*shape);
  const auto point = point_of(args[1].real, args[2].real);
  if (!line || !point) return;
  int next = 0;
  const S2Point nearest = line->Project(*point, &next);
  set_real(out, line->UnInterpolate(nearest, next));
}

S2Point nearest_point(const Shape& shape, const S2Point& point) {
  S2ClosestEdgeQuery query(&shape.index());
  S2ClosestEdgeQuery::PointTarget target(point);
  return query.Project(point, query.FindClosestEdge(&target));
}

void closest_point_on_line(Args args, Value& out, Context& context) {
  const auto point = point_of(args[0].real, args[1].real);
  const auto shape = shape_of(args[2], context);
  if (point && shape->lines()) set_point(out, nearest_point(*shape, *point), context);
}

void closest_point_on_polygon(Args args, Value& out, Context& context) {
  const auto point = point_of(args[0].real, args[1].real);
  const auto shape = shape_of(args[2], context);
  if (point && shape->polygon()) set_point(out, nearest_point(*shape, *point), context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_line_length", line_length},
    {"geo_line_centroid", line_centroid},
    {"geo_line_interpolate_point", line_interpolate_point},
    {"geo_line_locate_point", line_locate_point},
    {"geo_closest_point_on_line", closest_point_on_line},
    {"geo_closest_point_on_polygon", closest_point_on_polygon},
};

}  // namespace

std::span<const BodyEntry> geo_line_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
