#include "kql/runtime/h3.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "kql/runtime/call_body.h"
#include "kql/runtime/h3_fill.h"

namespace huntbook::kql::runtime {
namespace {

std::vector<H3Cell> all_cells(int resolution) {
  std::vector<H3Cell> all;
  for (uint64_t base = 0; base < 122; ++base) {
    const H3Cell cell = uint64_t{1} << 59 | base << 45 | ((uint64_t{1} << 45) - 1);
    for (const H3Cell child : h3_children(cell, resolution)) all.push_back(child);
  }
  return all;
}

H3Cell cell_named(const char* name) { return read_h3cell(name).value_or(0); }

TEST(H3, KnownCells) {
  const struct {
    double lng, lat;
    int resolution;
    const char* name;
  } cases[] = {
      {-74.04450446039874, 40.689250859314974, 6, "862a1072fffffff"},
      {-122.0553238, 37.3615593, 7, "87283472bffffff"},
      {-73.956683, 40.807907, 5, "852a100bfffffff"},
      {0, 90, 0, "8001fffffffffff"},
      {0, -90, 0, "80f3fffffffffff"},
      {10.536, 64.7, 0, "8009fffffffffff"},  // a pentagon
  };
  for (const auto& c : cases)
    EXPECT_EQ(write_h3cell(h3_cell_at({c.lng, c.lat}, c.resolution)), c.name) << c.lng;
}

TEST(H3, EveryCellHasItsCentre) {
  for (const int resolution : {0, 1, 2, 3}) {
    const auto all = all_cells(resolution);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), h3_is_pentagon), 12);
    std::set<H3Cell> seen;
    for (const H3Cell cell : all) {
      EXPECT_EQ(read_h3cell(write_h3cell(cell)), cell);
      EXPECT_EQ(h3_cell_at(h3_center(cell), resolution), cell) << write_h3cell(cell);
      seen.insert(cell);
    }
    EXPECT_EQ(seen.size(), resolution == 0 ? 122 : resolution == 1 ? 842 : resolution == 2 ? 5882 : 41162);
  }
}

TEST(H3, NeighboursAreMutualAndShareAnEdge) {
  for (const int resolution : {0, 1, 2}) {
    for (const H3Cell cell : all_cells(resolution)) {
      const auto rings = h3_rings(cell, 1);
      const std::set<H3Cell> around(rings[1].begin(), rings[1].end());
      EXPECT_EQ(around.size(), h3_is_pentagon(cell) ? 5u : 6u) << write_h3cell(cell);
      for (const H3Cell other : around) {
        const auto back = h3_rings(other, 1);
        EXPECT_EQ(std::count(back[1].begin(), back[1].end(), cell), 1) << write_h3cell(cell);
        int shared = 0;
        for (const Position& p : h3_boundary(cell)) {
          for (const Position& q : h3_boundary(other))
            shared += std::abs(p.lat - q.lat) < 1e-9 && std::abs(p.lng - q.lng) < 1e-9;
        }
        EXPECT_GE(shared, 2) << write_h3cell(cell) << ' ' << write_h3cell(other);
      }
    }
  }
}

TEST(H3, Outlines) {
  EXPECT_EQ(h3_boundary(cell_named("8009fffffffffff")).size(), 6u);  // pentagons
  EXPECT_EQ(h3_boundary(cell_named("81083ffffffffff")).size(),
            11u);  // and those that bend at the faces' edges
  for (const H3Cell cell : all_cells(2)) {
    const auto outline = h3_boundary(cell);
    EXPECT_EQ(outline.front(), outline.back());
    EXPECT_EQ(outline.size(), h3_is_pentagon(cell) ? 6u : 7u) << write_h3cell(cell);
  }
  size_t bent = 0;
  for (const H3Cell cell : all_cells(3)) bent += !h3_is_pentagon(cell) && h3_boundary(cell).size() > 7;
  EXPECT_GT(bent, 0u);
}

TEST(H3, RandomPoints) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> lng(-180, 180), height(-1, 1);
  for (int i = 0; i < 5000; ++i) {
    const Position place{lng(random), std::asin(height(random)) * 180 / M_PI};
    const int resolution = i % 16;
    const H3Cell cell = h3_cell_at(place, resolution);
    ASSERT_EQ(read_h3cell(write_h3cell(cell)), cell);
    EXPECT_EQ(h3_cell_at(h3_center(cell), resolution), cell) << write_h3cell(cell);
    const H3Cell coarse = h3_parent(cell, resolution / 2);
    const auto children = resolution < 15 ? h3_children(cell, resolution + 1) : std::vector<H3Cell>{};
    for (const H3Cell child : children) EXPECT_EQ(h3_parent(child, resolution), cell);
    EXPECT_EQ(h3_parent(cell, resolution / 2),
              h3_parent(h3_parent(cell, resolution - resolution / 4), resolution / 2));
    EXPECT_EQ(h3_resolution(coarse), resolution / 2);
  }
}

TEST(H3, RingsGoRoundPentagons) {
  const auto rings = h3_rings(cell_named("8009fffffffffff"), 20);
  std::set<H3Cell> seen;
  size_t cells = 0;
  for (const auto& ring : rings) {
    seen.insert(ring.begin(), ring.end());
    cells += ring.size();
  }
  EXPECT_EQ(seen.size(), 122u);  // all there are, each once
  EXPECT_EQ(cells, 122u);
}

TEST(H3, Fill) {
  const PositionPolygon across{{{179, 0}, {-179, 0}, {-179, 2}, {179, 2}, {179, 0}}};
  const PositionPolygon beside{{{-1, 0}, {1, 0}, {1, 2}, {-1, 2}, {-1, 0}}};
  const auto a = h3_fill(across, 5, 10000), b = h3_fill(beside, 5, 10000);
  ASSERT_TRUE(a && b);
  EXPECT_NEAR(static_cast<double>(a->size()), static_cast<double>(b->size()),
              0.3 * static_cast<double>(b->size()));
  EXPECT_FALSE(h3_fill(beside, 5, 10));
  EXPECT_FALSE(h3_fill(beside, 15, 61680));
  PositionPolygon holed = beside;
  holed.push_back({{-0.5, 0.5}, {-0.5, 1.5}, {0.5, 1.5}, {0.5, 0.5}, {-0.5, 0.5}});
  const auto c = h3_fill(holed, 5, 10000);
  ASSERT_TRUE(c);
  EXPECT_LT(c->size(), b->size());
}

TEST(H3, Bodies) {
  for (const char* wrong :
       {"", "1", "abc", "862a1072ffffff", "862a1072ffffffff", "861a1072fffffffg", "8f2a1072fffffff",
        "80f5fffffffffff", "81087ffffffffff", "ffffffffffffffff", "962a1072fffffff"}) {
    EXPECT_EQ(call("geo_h3cell_level", {text(wrong)}, Type::kInt), "null") << wrong;
    EXPECT_EQ(call("geo_h3cell_parent", {text(wrong)}, Type::kString), "") << wrong;
    EXPECT_EQ(call("geo_h3cell_children", {text(wrong)}), "null") << wrong;
    EXPECT_EQ(call("geo_h3cell_rings", {text(wrong), number(1)}), "null") << wrong;
    EXPECT_EQ(call("geo_h3cell_to_polygon", {text(wrong)}), "null") << wrong;
  }
  const Value cell = text("862a1072fffffff");
  EXPECT_EQ(call("geo_h3cell_parent", {cell, number(7)}, Type::kString), "");
  EXPECT_EQ(call("geo_h3cell_children", {cell, number(5)}), "null");
  EXPECT_EQ(call("geo_h3cell_children", {cell, number(12)}), "null");
  EXPECT_EQ(call("geo_h3cell_rings", {cell, number(143)}), "null");
  EXPECT_EQ(call("geo_h3cell_rings", {cell, number(0)}), R"([["862a1072fffffff"]])");
  EXPECT_EQ(call("geo_point_to_h3cell", {real(181), real(0)}, Type::kString), "");
}

}  // namespace
}  // namespace huntbook::kql::runtime
