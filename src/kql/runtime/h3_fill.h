// The cells of the H3 grid that stand for a polygon.
#pragma once
#include <optional>
#include <vector>

#include "kql/runtime/h3.h"

namespace huntbook::kql::runtime {

/// The cells of a resolution whose centres are in a polygon, its edges being straight lines on the map.
/// They come in the order in which H3's own table of them would have them. Nothing when they are more than
/// `limit`.
std::optional<std::vector<H3Cell>> h3_fill(const PositionPolygon& polygon, int resolution, size_t limit);

}  // namespace huntbook::kql::runtime
