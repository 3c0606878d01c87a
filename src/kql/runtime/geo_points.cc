// Points on the Earth: distances, directions, circles, and where they stand to lines and polygons.
#include <s2/s2edge_distances.h>

#include "kql/runtime/geo_shape.h"
#include "kql/runtime/geo_spheroid.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// The point of two arguments.
std::optional<S2Point> point_at(Args args, size_t i) { return point_of(args[i].real, args[i + 1].real); }

// The direction from `from` to `to`, clockwise from the north, in [0, 2 pi).
double azimuth(const S2Point& from, const S2Point& to) {
  const S2LatLng a(from), b(to);
  const double turn = b.lng().radians() - a.lng().radians();
  const double a_lat = a.lat().radians(), b_lat = b.lat().radians();
  const double angle =
      std::atan2(std::sin(turn) * std::cos(b_lat),
                 std::cos(a_lat) * std::sin(b_lat) - std::sin(a_lat) * std::cos(b_lat) * std::cos(turn));
  return angle < 0 ? angle + 2 * M_PI : angle;
}

void distance_2points(Args args, Value& out, Context&) {
  const auto a = point_at(args, 0), b = point_at(args, 2);
  if (!a || !b) return;
  const bool spheroid = args.size() > 4 && args[4].integer;
  set_real(out, spheroid ? spheroid_distance({args[0].real, args[1].real}, {args[2].real, args[3].real})
                         : meters(S2LatLng(*a).GetDistance(S2LatLng(*b))));
}

void distance_point_to_line(Args args, Value& out, Context& context) {
  const auto point = point_at(args, 0);
  const auto shape = shape_of(args[2], context);
  if (point && shape->lines()) set_real(out, distance_to(*shape, *point));
}

void distance_point_to_polygon(Args args, Value& out, Context& context) {
  const auto point = point_at(args, 0);
  const auto shape = shape_of(args[2], context);
  if (point && shape->polygon())
    set_real(out, polygon_contains(*shape, *point) ? 0 : distance_to(*shape, *point));
}

void point_in_polygon(Args args, Value& out, Context& context) {
  const auto point = point_at(args, 0);
  const auto shape = shape_of(args[2], context);
  if (point && shape->polygon()) set_bool(out, polygon_contains(*shape, *point));
}

void point_in_circle(Args args, Value& out, Context&) {
  const auto point = point_at(args, 0), center = point_at(args, 2);
  const double radius = args[4].real;
  if (!point || !center || !(radius >= 0)) return;
  set_bool(out, meters(S2LatLng(*point).GetDistance(S2LatLng(*center))) <= radius);
}

void angle_of_lines(Args args, Value& out, Context&) {
  const auto a = point_at(args, 0), b = point_at(args, 2), c = point_at(args, 4);
  if (!a || !b || !c || same_place(*a, *b) || same_place(*b, *c)) return;
  const double turn = azimuth(*b, *c) - azimuth(*b, *a);
  set_real(out, turn < 0 ? turn + 2 * M_PI : turn);
}

void azimuth_of_line(Args args, Value& out, Context&) {
  const auto a = point_at(args, 0), b = point_at(args, 2);
  if (a && b && !same_place(*a, *b)) set_real(out, azimuth(*a, *b));
}

constexpr BodyEntry kBodies[] = {
    {"geo_distance_2points", distance_2points},
    {"geo_distance_point_to_line", distance_point_to_line},
    {"geo_distance_point_to_polygon", distance_point_to_polygon},
    {"geo_point_in_polygon", point_in_polygon},
    {"geo_point_in_circle", point_in_circle},
    {"geo_angle", angle_of_lines},
    {"geo_azimuth", azimuth_of_line},
};

}  // namespace

std::span<const BodyEntry> geo_point_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
