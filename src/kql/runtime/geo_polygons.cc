// Polygons: area, boundary, middle; what lies within a radius of points, lines and polygons.
#include <s2/s2buffer_operation.h>
#include <s2/s2builderutil_s2polygon_layer.h>

#include <algorithm>

#include "kql/runtime/geo_overlay.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr double kDefaultTolerance = 10;

void polygon_area(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (shape->polygon()) set_real(out, S2Earth::SteradiansToSquareMeters(shape->polygon()->GetArea()));
}

void polygon_perimeter(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (!shape->polygon()) return;
  S1Angle length;
  for (int i = 0; i < shape->polygon()->num_loops(); ++i) {
    const S2Loop& loop = *shape->polygon()->loop(i);
    for (int k = 0; k < loop.num_vertices(); ++k) length += S1Angle(loop.vertex(k), loop.vertex(k + 1));
  }
  set_real(out, meters(length));
}

void polygon_centroid(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (!shape->polygon()) return;
  const S2Point sum = shape->polygon()->GetCentroid();
  if (sum.Norm() > 0) set_point(out, sum.Normalize(), context);
}

// The rest of a buffer call from argument `first`: the radius and the tolerance.
template <typename Add>
void set_buffer(Args args, size_t first, Value& out, Context& context, Add add) {
  const double radius = args[first].real;
  const double tolerance = args.size() > first + 1 ? args[first + 1].real : kDefaultTolerance;
  if (!(radius > 0) || !std::isfinite(radius) || !(tolerance > 0)) return;
  const double fraction = std::min(tolerance / radius, 1.0);
  if (fraction < S2BufferOperation::Options::kMinErrorFraction) return;
  S2MemoryTracker memory;
  memory.set_limit_bytes(kMaxGeoMemory);
  S2BufferOperation::Options options(angle_of(radius));
  options.set_error_fraction(fraction);
  options.set_memory_tracker(&memory);
  S2Polygon polygon;
  polygon.set_s2debug_override(S2Debug::DISABLE);
  S2BufferOperation operation(std::make_unique<s2builderutil::S2PolygonLayer>(&polygon), options);
  add(operation);
  S2Error error;
  if (operation.Build(&error)) set_polygon(out, polygon, context);
}

void point_buffer(Args args, Value& out, Context& context) {
  const auto point = point_of(args[0].real, args[1].real);
  if (point) set_buffer(args, 2, out, context, [&](S2BufferOperation& to) { to.AddPoint(*point); });
}

void line_buffer(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (shape->lines())
    set_buffer(args, 1, out, context, [&](S2BufferOperation& to) { to.AddShapeIndex(shape->index()); });
}

void polygon_buffer(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (shape->polygon())
    set_buffer(args, 1, out, context, [&](S2BufferOperation& to) { to.AddShapeIndex(shape->index()); });
}

constexpr BodyEntry kBodies[] = {
    {"geo_polygon_area", polygon_area},         {"geo_polygon_perimeter", polygon_perimeter},
    {"geo_polygon_centroid", polygon_centroid}, {"geo_point_buffer", point_buffer},
    {"geo_line_buffer", line_buffer},           {"geo_polygon_buffer", polygon_buffer},
};

}  // namespace

std::span<const BodyEntry> geo_polygon_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
