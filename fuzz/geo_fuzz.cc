// Feeds any bytes to the functions that read geometries, as GeoJSON and as well-known text.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "kql/runtime/json_text.h"
#include "kql/runtime/value.h"

namespace {

using huntbook::Type;
using huntbook::kql::runtime::compact_json;
using huntbook::kql::runtime::Context;
using huntbook::kql::runtime::find_body;
using huntbook::kql::runtime::Value;

std::string run(std::string_view name, std::initializer_list<Value> args) {
  Context context;
  Value out = Value::null_of(Type::kDynamic);
  if (const auto body = find_body(name)) body({args.begin(), args.size()}, out, context);
  if (out.type == Type::kDynamic && !out.null && !compact_json(out.text)) __builtin_trap();  // no JSON
  return out.null ? std::string() : std::string(out.text);
}

void run_shapes(std::string_view a, std::string_view b) {
  const Value x = Value::of_text(a, Type::kDynamic), y = Value::of_text(b, Type::kDynamic);
  for (const auto* name :
       {"geo_line_length", "geo_line_centroid", "geo_polygon_area", "geo_polygon_perimeter",
        "geo_polygon_centroid", "geo_line_simplify", "geo_polygon_simplify", "geo_union_lines_array",
        "geo_union_polygons_array", "geo_simplify_polygons_array"})
    run(name, {x});
  for (const auto* name :
       {"geo_intersects_2lines", "geo_intersects_2polygons", "geo_intersects_line_with_polygon",
        "geo_intersection_2lines", "geo_intersection_2polygons", "geo_intersection_line_with_polygon"})
    run(name, {x, y});
  const Value one = Value::of_real(1), wide = Value::of_real(10000);
  for (const auto* name :
       {"geo_distance_point_to_line", "geo_distance_point_to_polygon", "geo_point_in_polygon",
        "geo_closest_point_on_line", "geo_closest_point_on_polygon"})
    run(name, {one, one, x});
  for (const auto* name : {"geo_line_to_s2cells", "geo_polygon_to_s2cells"})
    run(name, {x, Value::of_long(3)});
  run("geo_polygon_to_h3cells", {x, Value::of_long(2)});
  for (const auto* name : {"geo_line_densify", "geo_polygon_densify"}) run(name, {x, wide});
  for (const auto* name : {"geo_line_buffer", "geo_polygon_buffer"}) run(name, {x, wide, wide});
  run("geo_line_interpolate_point", {x, Value::of_real(0.5)});
  run("geo_line_locate_point", {x, one, one});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string input = huntbook::repair_utf8({reinterpret_cast<const char*>(data + 1), size - 1});
  switch (data[0] % 3) {
    case 0: {
      const std::string json = run("geo_from_wkt", {Value::of_text(input)});
      run_shapes(json, json);
      break;
    }
    case 1: {
      const std::string half = huntbook::repair_utf8(std::string_view(input).substr(input.size() / 2));
      run_shapes(input, half);
      break;
    }
    case 2:
      for (const auto* name :
           {"geo_geohash_to_central_point", "geo_geohash_to_polygon", "geo_geohash_neighbors",
            "geo_s2cell_to_central_point", "geo_s2cell_to_polygon", "geo_s2cell_neighbors"})
        run(name, {Value::of_text(input)});
      break;
  }
  return 0;
}
