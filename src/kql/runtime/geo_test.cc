#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

Value polygon() {
  return dynamic(
      R"({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[4,6],[6,6],[6,4],[4,4]]]})");
}
Value line() { return dynamic(R"({"type":"LineString","coordinates":[[0,0],[10,0],[10,10]]})"); }

double number_of_call(std::string_view name, const std::vector<Value>& args) {
  return std::atof(call(name, args, Type::kReal).c_str());
}

TEST(Geo, Geohash) {
  EXPECT_EQ(call("geo_point_to_geohash", {real(-5.6), real(42.6)}, Type::kString), "ezs42");
  EXPECT_EQ(call("geo_point_to_geohash", {real(180), real(90), number(2)}, Type::kString), "zz");
  EXPECT_EQ(call("geo_point_to_geohash", {real(-180), real(-90), number(18)}, Type::kString),
            std::string(18, '0'));
  EXPECT_EQ(call("geo_point_to_geohash", {real(0), real(0), number(19)}, Type::kString), "");
  EXPECT_EQ(call("geo_point_to_geohash", {real(180.5), real(0)}, Type::kString), "");
  EXPECT_EQ(call("geo_point_to_geohash", {real(NAN), real(0)}, Type::kString), "");
  for (const char* wrong : {"", "a", "ezs4l", "0123456789012345678"}) {
    EXPECT_EQ(call("geo_geohash_to_central_point", {text(wrong)}), "null") << wrong;
    EXPECT_EQ(call("geo_geohash_to_polygon", {text(wrong)}), "null") << wrong;
    EXPECT_EQ(call("geo_geohash_neighbors", {text(wrong)}), "null") << wrong;
  }
  EXPECT_EQ(call("geo_geohash_neighbors", {text("0")}), R"(["1","3","2","p","r"])");  // none beyond the pole
}

TEST(Geo, ACellHasThePointItWasMadeOf) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> lng(-180, 180), lat(-89, 89);
  for (int i = 0; i < 200; ++i) {
    const double x = lng(random), y = lat(random);
    const std::string hash = call("geo_point_to_geohash", {real(x), real(y), number(12)}, Type::kString);
    const std::string center = call("geo_geohash_to_central_point", {text(hash)});
    double cx = 0, cy = 0;
    ASSERT_EQ(std::sscanf(center.c_str(), R"({"type":"Point","coordinates":[%lf,%lf]})", &cx, &cy), 2)
        << center;
    EXPECT_NEAR(cx, x, 1e-6);
    EXPECT_NEAR(cy, y, 1e-6);
    const std::string cell = call("geo_point_to_s2cell", {real(x), real(y), number(20)}, Type::kString);
    const std::string outline = call("geo_s2cell_to_polygon", {text(cell)});
    EXPECT_EQ(call("geo_point_in_polygon", {real(x), real(y), dynamic(outline)}, Type::kBool), "true")
        << outline;
  }
}

TEST(Geo, S2Cells) {
  EXPECT_EQ(call("geo_point_to_s2cell", {real(1), real(1), number(31)}, Type::kString), "");
  EXPECT_EQ(call("geo_point_to_s2cell", {real(1), real(1), number(-1)}, Type::kString), "");
  EXPECT_EQ(call("geo_s2cell_to_central_point", {text("10000000000000000")}), "null");
  EXPECT_EQ(call("geo_s2cell_to_polygon", {text("zz")}), "null");
  EXPECT_EQ(call("geo_s2cell_neighbors", {text("1")}), R"(["3","9","5","b"])");
  EXPECT_EQ(call("geo_polygon_to_s2cells", {polygon(), number(30)}), "null");  // too many
  EXPECT_EQ(call("geo_line_to_s2cells", {polygon(), number(3)}), "null");
  EXPECT_EQ(call("geo_polygon_to_s2cells", {line(), number(3)}), "null");
  EXPECT_EQ(call("geo_line_to_s2cells", {line(), number(3), real(-1)}), "null");
  EXPECT_LT(call("geo_line_to_s2cells", {line(), number(5)}).size(),
            call("geo_line_to_s2cells", {line(), number(5), real(500000)}).size());
}

TEST(Geo, Distances) {
  EXPECT_NEAR(number_of_call("geo_distance_2points", {real(0), real(0), real(180), real(0)}), 20015118.2, 1);
  EXPECT_NEAR(number_of_call("geo_distance_2points",
                             {real(-73.8), real(40.6), real(-0.5), real(51.6), boolean(true)}),
              5551759.4003, 1e-3);
  EXPECT_EQ(call("geo_distance_2points", {real(0), real(91), real(0), real(0)}, Type::kReal), "null");
  EXPECT_NEAR(number_of_call("geo_distance_point_to_line", {real(11), real(0), line()}), 111195, 1);
  EXPECT_EQ(call("geo_distance_point_to_line", {real(11), real(0), polygon()}, Type::kReal), "null");
  EXPECT_EQ(call("geo_distance_point_to_polygon", {real(1), real(1), polygon()}, Type::kReal), "0.0");
  EXPECT_GT(number_of_call("geo_distance_point_to_polygon", {real(5), real(5), polygon()}),
            100000);  // in the hole
}

TEST(Geo, Containment) {
  EXPECT_EQ(call("geo_point_in_polygon", {real(1), real(1), polygon()}, Type::kBool), "true");
  EXPECT_EQ(call("geo_point_in_polygon", {real(5), real(5), polygon()}, Type::kBool), "false");
  EXPECT_EQ(call("geo_point_in_polygon", {real(11), real(1), polygon()}, Type::kBool), "false");
  EXPECT_EQ(call("geo_point_in_circle", {real(0), real(0), real(0), real(0), real(-1)}, Type::kBool), "null");
  const char* wrong[] = {
      R"({"type":"Polygon"})",
      R"({"type":"Polygon","coordinates":[]})",
      R"({"type":"Polygon","coordinates":[[]]})",
      R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]})",               // open
      R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]})",               // too short
      R"({"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]})",   // crosses itself
      R"({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,91],[0,0]]]})",  // beyond the pole
      R"({"type":"Polygon","coordinates":[[["0",0],[1,0],[1,1],[0,0]]]})",       // no number
      R"({"type":"polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})",         // no type
      R"({"type":["Polygon"],"coordinates":[[[0,0],[1,0],[1,1],[0,0]]]})",
      R"([])",
      R"("Polygon")",
      R"(7)",
  };
  for (const char* text : wrong)
    EXPECT_EQ(call("geo_point_in_polygon", {real(1), real(1), dynamic(text)}, Type::kBool), "null") << text;
}

TEST(Geo, Directions) {
  EXPECT_NEAR(number_of_call("geo_azimuth", {real(0), real(0), real(-1), real(0)}), 3 * M_PI / 2, 1e-9);
  EXPECT_EQ(call("geo_azimuth", {real(5), real(5), real(5), real(5)}, Type::kReal), "null");
  EXPECT_NEAR(number_of_call("geo_angle", {real(1), real(0), real(0), real(0), real(0), real(1)}),
              3 * M_PI / 2, 1e-9);
}

Value square(double west, double south, double side) {
  static std::string kept[8];
  static size_t next = 0;
  std::string& json = kept[next++ % 8];
  const auto at = [](double x, double y) { return '[' + std::to_string(x) + ',' + std::to_string(y) + ']'; };
  json = R"({"type":"Polygon","coordinates":[[)" + at(west, south) + ',' + at(west + side, south) + ',' +
         at(west + side, south + side) + ',' + at(west, south + side) + ',' + at(west, south) + "]]}";
  return dynamic(json);
}

TEST(Geo, LinesAreMeasured) {
  EXPECT_NEAR(number_of_call("geo_line_length", {line()}), 2 * 1111950.8, 1);
  const Value twice = dynamic(R"({"type":"MultiLineString","coordinates":[[[0,0],[1,0]],[[0,0],[1,0]]]})");
  EXPECT_NEAR(number_of_call("geo_line_length", {twice}), 111195.1, 1);  // the edge counts once
  EXPECT_EQ(call("geo_line_interpolate_point", {line(), real(1.5)}), "null");
  EXPECT_EQ(call("geo_line_interpolate_point", {twice, real(0.5)}), "null");
  EXPECT_EQ(call("geo_line_interpolate_point", {line(), real(0)}),
            R"({"type":"Point","coordinates":[0.0,0.0]})");
  EXPECT_EQ(call("geo_line_locate_point", {line(), real(20), real(20)}, Type::kReal), "1.0");
  for (const char* body : {"geo_line_length", "geo_line_centroid", "geo_line_simplify", "geo_line_densify"}) {
    for (const char* wrong :
         {R"({"type":"LineString","coordinates":[[1,1]]})", R"({"type":"LineString","coordinates":[]})",
          R"({"type":"LineString","coordinates":[[1,1],[1,1]]})",
          R"({"type":"MultiLineString","coordinates":[]})", R"({"type":"LineString"})", "[1]"}) {
      EXPECT_EQ(call(body, {dynamic(wrong)}), "null") << body << wrong;
    }
    EXPECT_EQ(call(body, {polygon()}), "null") << body;
  }
}

TEST(Geo, PolygonsAreMeasured) {
  const double whole = number_of_call("geo_polygon_area", {square(0, 0, 10)});
  const double hole = number_of_call("geo_polygon_area", {square(4, 4, 2)});
  EXPECT_NEAR(number_of_call("geo_polygon_area", {polygon()}), whole - hole, 1);
  const Value overlapping = dynamic(
      R"({"type":"MultiPolygon","coordinates":[[[[0,0],[10,0],[10,10],[0,10],[0,0]]],[[[4,4],[6,4],[6,6],[4,6],[4,4]]]]})");
  EXPECT_NEAR(number_of_call("geo_polygon_area", {overlapping}), whole, 1e-3 * hole);  // of the union
  EXPECT_GT(number_of_call("geo_polygon_perimeter", {polygon()}),
            number_of_call("geo_polygon_perimeter", {overlapping}));
  EXPECT_EQ(call("geo_polygon_area", {line()}, Type::kReal), "null");
}

TEST(Geo, Buffers) {
  EXPECT_EQ(call("geo_point_buffer", {real(0), real(0), real(0)}), "null");
  EXPECT_EQ(call("geo_point_buffer", {real(0), real(0), real(100), real(0)}), "null");
  EXPECT_EQ(call("geo_point_buffer", {real(0), real(0), real(1e9), real(1)}), "null");
  const std::string disk = call("geo_point_buffer", {real(20), real(40), real(1000), real(1)});
  EXPECT_NEAR(number_of_call("geo_polygon_area", {dynamic(disk)}), M_PI * 1e6, 1e4);
  EXPECT_LT(call("geo_point_buffer", {real(20), real(40), real(1000), real(100)}).size(), disk.size());
  EXPECT_LT(call("geo_point_buffer", {real(20), real(40), real(1), real(100)}).size(), disk.size());
}

TEST(Geo, Overlays) {
  const Value a = square(0, 0, 2), b = square(1, 1, 2), far = square(50, 50, 1);
  EXPECT_EQ(call("geo_intersects_2polygons", {a, b}, Type::kBool), "true");
  EXPECT_EQ(call("geo_intersects_2polygons", {a, far}, Type::kBool), "false");
  EXPECT_EQ(call("geo_intersects_2polygons", {a, line()}, Type::kBool), "null");
  EXPECT_EQ(call("geo_intersects_line_with_polygon", {line(), a}, Type::kBool), "true");
  const double both =
      number_of_call("geo_polygon_area", {dynamic(call("geo_intersection_2polygons", {a, b}))});
  const std::string list = '[' + std::string(a.text) + ',' + std::string(b.text) + ']';
  const double all =
      number_of_call("geo_polygon_area", {dynamic(call("geo_union_polygons_array", {dynamic(list)}))});
  EXPECT_NEAR(both + all, number_of_call("geo_polygon_area", {a}) + number_of_call("geo_polygon_area", {b}),
              1);
  EXPECT_EQ(call("geo_intersection_2polygons", {a, far}), R"({"type":"GeometryCollection","geometries":[]})");
  EXPECT_EQ(call("geo_union_polygons_array", {dynamic("[]")}), "null");
  EXPECT_EQ(call("geo_union_lines_array", {dynamic(list)}), "null");
}

TEST(Geo, Reshaping) {
  for (const double tolerance : {0.0, 0.05, 10001.0, -1.0, std::nan("")})
    EXPECT_EQ(call("geo_line_densify", {line(), real(tolerance)}), "null") << tolerance;
  const Value across = dynamic(R"({"type":"LineString","coordinates":[[179,60],[-179,60]]})");
  EXPECT_LT(call("geo_line_densify", {across, real(1000), boolean(true)}).size(),
            call("geo_line_densify", {across, real(1000), boolean(false)}).size());
  EXPECT_EQ(call("geo_polygon_simplify", {square(0, 0, 1), real(8e6)}), "null");
  EXPECT_EQ(call("geo_polygon_simplify", {square(0, 0, 1), real(500000)}), "null");  // nothing is left
  EXPECT_NE(call("geo_simplify_polygons_array", {dynamic("[" + std::string(square(0, 0, 1).text) + "]")}),
            "null");
}

TEST(Geo, WellKnownText) {
  const struct {
    const char *wkt, *json;
  } cases[] = {
      {"point(1 -2.5e1)", R"({"type":"Point","coordinates":[1.0,-25.0]})"},
      {" Point Z ( 1 2 3 ) ", R"({"type":"Point","coordinates":[1.0,2.0,3.0]})"},
      {"POINT ZM (1 2 3 4)", R"({"type":"Point","coordinates":[1.0,2.0,3.0]})"},
      {"POINT M (1 2 4)", R"({"type":"Point","coordinates":[1.0,2.0]})"},
      {"POINT EMPTY", R"({"type":"Point","coordinates":[]})"},
      {"MULTIPOINT ((1 2),(3 4))", R"({"type":"MultiPoint","coordinates":[[1.0,2.0],[3.0,4.0]]})"},
      {"GEOMETRYCOLLECTION EMPTY", R"({"type":"GeometryCollection","geometries":[]})"},
      {"POINT (1)", "null"},
      {"POINT (1 2", "null"},
      {"POINT (1 2) x", "null"},
      {"POINT (1 2 3)", "null"},
      {"POINT (nan 2)", "null"},
      {"POLYGON (0 0, 1 1)", "null"},
      {"CIRCLE (1 2)", "null"},
      {"", "null"},
  };
  for (const auto& c : cases) EXPECT_EQ(call("geo_from_wkt", {text(c.wkt)}), c.json) << c.wkt;
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "GEOMETRYCOLLECTION(";
  EXPECT_EQ(call("geo_from_wkt", {text(deep)}), "null");
}

}  // namespace
}  // namespace huntbook::kql::runtime
