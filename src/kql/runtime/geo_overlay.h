// Unions of lines and polygons, and what lies around them.
#pragma once
#include "kql/runtime/geo_shape.h"

namespace huntbook::kql::runtime {

/// Work on shapes gives up (and the result is null) beyond this much memory.
constexpr int64_t kMaxGeoMemory = int64_t{512} << 20;

/// Chains of the lines' edges, each edge once; empty when they cannot be made.
S2Lines union_of(const S2Lines& lines);
/// The lines of a valid line or multiline: itself, or the union when there are several.
S2Lines unified_lines(const Shape& shape);

constexpr double kDefaultGeoTolerance = 10;
/// All within a radius of the shape, true to a tolerance (both in metres); null when one of these is no good.
std::unique_ptr<S2Polygon> buffer_of(const Shape& shape, double radius, double tolerance);

/// The polygons of an array of GeoJSON texts, each one a polygon; empty when one of them is not valid.
std::vector<std::unique_ptr<S2Polygon>> polygons_of_array(const Value& array);

}  // namespace huntbook::kql::runtime
