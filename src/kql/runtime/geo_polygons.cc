// Polygons: area, boundary, middle; what lies within a radius of points, lines and polygons.
#include <s2/s2buffer_operation.h>
#include <s2/s2builderutil_s2polygon_layer.h>

#include <algorithm>

#include "kql/runtime/geo_overlay.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

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

// What lies around the things that `add` adds.
template <typename Add>
std::unique_ptr<S2Polygon> buffer(double radius, double tolerance, Add add) {
  if (!(radius > 0) || !std::isfinite(radius) || !(tolerance > 0)) return nullptr;
  const double fraction = std::min(tolerance / radius, 1.0);
  if (fraction < S2BufferOperation::Options::kMinErrorFraction) return nullptr;
  S2MemoryTracker memory;
  memory.set_limit_bytes(kMaxGeoMemory);
  S2BufferOperation::Options options(angle_of(radius));
  options.set_error_fraction(fraction);
  options.set_memory_tracker(&memory);
  auto polygon = std::make_unique<S2Polygon>();
  polygon->set_s2debug_override(S2Debug::DISABLE);
  S2BufferOperation operation(std::make_unique<s2builderutil::S2PolygonLayer>(polygon.get()), options);
  add(operation);
  S2Error error;
  return operation.Build(&error) ? std::move(polygon) : nullptr;
}

// The tolerance argument, or what it is when there is none.
double tolerance_of(Args args, size_t i) { return args.size() > i ? args[i].real : kDefaultGeoTolerance; }

void point_buffer(Args args, Value& out, Context& context) {
  const auto point = point_of(args[0].real, args[1].real);
  if (!point) return;
  const auto polygon =
      buffer(args[2].real, tolerance_of(args, 3), [&](S2BufferOperation& to) { to.AddPoint(*point); });
  if (polygon) set_polygon(out, *polygon, context);
}

void line_buffer(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  const auto polygon = shape->lines() ? buffer_of(*shape, args[1].real, tolerance_of(args, 2)) : nullptr;
  if (polygon) set_polygon(out, *polygon, context);
}

void polygon_buffer(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  const auto polygon = shape->polygon() ? buffer_of(*shape, args[1].real, tolerance_of(args, 2)) : nullptr;
  if (polygon) set_polygon(out, *polygon, context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_polygon_area", polygon_area},         {"geo_polygon_perimeter", polygon_perimeter},
    {"geo_polygon_centroid", polygon_centroid}, {"geo_point_buffer", point_buffer},
    {"geo_line_buffer", line_buffer},           {"geo_polygon_buffer", polygon_buffer},
};

}  // namespace

std::unique_ptr<S2Polygon> buffer_of(const Shape& shape, double radius, double tolerance) {
  return buffer(radius, tolerance, [&](S2BufferOperation& to) { to.AddShapeIndex(shape.index()); });
}

std::span<const BodyEntry> geo_polygon_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
