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
  EXPECT_EQ(call("geo_geohash_neighbors", {text("0")}), R"(["p","3","1","2","r"])");  // none beyond the pole
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
  EXPECT_EQ(call("geo_s2cell_neighbors", {text("1")}), R"(["5","3","9","b"])");
  EXPECT_EQ(call("geo_polygon_to_s2cells", {polygon(), number(30)}), "null");  // too many
  EXPECT_EQ(call("geo_line_to_s2cells", {polygon(), number(3)}), "null");
  EXPECT_EQ(call("geo_polygon_to_s2cells", {line(), number(3)}), "null");
  EXPECT_EQ(call("geo_line_to_s2cells", {line(), number(3), real(-1)}), "null");
  EXPECT_LT(call("geo_line_to_s2cells", {line(), number(5)}).size(),
            call("geo_line_to_s2cells", {line(), number(5), real(500000)}).size());
}

TEST(Geo, Distances) {
  EXPECT_NEAR(number_of_call("geo_distance_2points", {real(0), real(0), real(180), real(0)}), 20015118.2, 1);
  EXPECT_EQ(call("geo_distance_2points", {real(0), real(91), real(0), real(0)}, Type::kReal), "null");
  EXPECT_NEAR(number_of_call("geo_distance_point_to_line", {real(11), real(0), line()}), 111195, 1);
  EXPECT_EQ(call("geo_distance_point_to_line", {real(11), real(0), polygon()}, Type::kReal), "null");
  EXPECT_EQ(call("geo_distance_point_to_polygon", {real(1), real(1), polygon()}, Type::kReal), "0.0");
  EXPECT_GT(number_of_call("geo_distance_point_to_polygon", {real(5), real(5), polygon()}),
            100000);  // in the hole
}

TEST(Geo, Containment) {
  EXPECT_EQ(call("geo_point_in_polygon", {real(1), real(1), polygon()}, Type::kBool), "true");
  EXPECT_EQ(call("geo_point_in_polygon", {real(0), real(0), polygon()}, Type::kBool), "true");  // a vertex
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

}  // namespace
}  // namespace huntbook::kql::runtime
