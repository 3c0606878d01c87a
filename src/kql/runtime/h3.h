// The H3 grid: the sphere in 122 base cells (12 of them pentagons), each divided by 7 up to 15 times.
// A cell is its 64-bit index. Nothing here needs more than the icosahedron's place on the Earth.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/runtime/geo_json.h"

namespace huntbook::kql::runtime {

using H3Cell = uint64_t;

constexpr int kMaxH3Resolution = 15;

/// The valid cell that the hexadecimal text names.
std::optional<H3Cell> read_h3cell(std::string_view text);
std::string write_h3cell(H3Cell cell);

int h3_resolution(H3Cell cell);
bool h3_is_pentagon(H3Cell cell);

/// The cell of a valid position at a resolution of 0 to 15.
H3Cell h3_cell_at(const Position& position, int resolution);
Position h3_center(H3Cell cell);
/// The outline, counterclockwise and closed. Edges that cross an edge of the icosahedron bend there.
PositionLine h3_boundary(H3Cell cell);

/// The ancestor at a resolution that is not finer than the cell's.
H3Cell h3_parent(H3Cell cell, int resolution);
/// All descendants at a resolution that is not coarser than the cell's.
std::vector<H3Cell> h3_children(H3Cell cell, int resolution);

/// The cells at each distance 0, 1, ... `distance`.
std::vector<std::vector<H3Cell>> h3_rings(H3Cell cell, int distance);

}  // namespace huntbook::kql::runtime
