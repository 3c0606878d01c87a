// S2 cells: the cell of a point, what a cell covers, and the cells that cover a line or a polygon.
#include <s2/s2cell.h>
#include <s2/s2cell_id.h>
#include <s2/s2shape_index_buffered_region.h>
#include <s2/s2shape_index_region.h>

#include "kql/runtime/geo_cells.h"
#include "kql/runtime/geo_shape.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr int64_t kDefaultLevel = 11;
constexpr size_t kMaxCells = 65536;

std::optional<int> level_of(Args args, size_t i) {
  const int64_t level = args.size() > i ? args[i].integer : kDefaultLevel;
  if (level < 0 || level > S2CellId::kMaxLevel) return std::nullopt;
  return static_cast<int>(level);
}

std::optional<S2CellId> read_cell(std::string_view token) {
  if (token.empty() || token.size() > 16) return std::nullopt;
  const S2CellId cell = S2CellId::FromToken({token.data(), token.size()});
  if (!cell.is_valid()) return std::nullopt;
  return cell;
}

std::vector<std::string> names_of(const std::vector<S2CellId>& cells) {
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const S2CellId cell : cells) names.push_back(cell.ToToken());
  return names;
}

void point_to_s2cell(Args args, Value& out, Context& context) {
  const auto point = point_of(args[0].real, args[1].real);
  const auto level = level_of(args, 2);
  if (point && level) set_text(out, S2CellId(*point).parent(*level).ToToken(), context);
}

void s2cell_to_central_point(Args args, Value& out, Context& context) {
  if (const auto cell = read_cell(args[0].text)) set_point(out, cell->ToPoint(), context);
}

void s2cell_to_polygon(Args args, Value& out, Context& context) {
  const auto id = read_cell(args[0].text);
  if (!id) return;
  const S2Cell cell(*id);
  PositionLine ring;
  for (int i = 0; i <= 4; ++i) ring.push_back(position_of(cell.GetVertex(i)));
  set_dynamic(out, write_polygon({ring}), context);
}

void s2cell_neighbors(Args args, Value& out, Context& context) {
  const auto cell = read_cell(args[0].text);
  if (!cell) return;
  std::vector<S2CellId> all;
  cell->AppendAllNeighbors(cell->level(), &all);
  set_dynamic(out, write_names(in_set_order(names_of(all), 8)), context);
}

// All cells of the level below `cell` that the region may touch; false when they are too many.
bool cover(const S2Region& region, const S2CellId cell, int level, std::vector<S2CellId>& cells) {
  if (!region.MayIntersect(S2Cell(cell))) return true;
  if (cell.level() == level) {
    if (cells.size() == kMaxCells) return false;
    cells.push_back(cell);
    return true;
  }
  for (S2CellId child = cell.child_begin(); child != cell.child_end(); child = child.next()) {
    if (!cover(region, child, level, cells)) return false;
  }
  return true;
}

void cover_shape(const Shape& shape, Args args, Value& out, Context& context) {
  const auto level = level_of(args, 1);
  const double radius = args.size() > 2 ? args[2].real : 0;
  if (!level || !(radius >= 0) || !std::isfinite(radius)) return;
  std::unique_ptr<S2Region> region;
  if (radius == 0) {
    region = std::make_unique<S2ShapeIndexRegion<MutableS2ShapeIndex>>(&shape.index());
  } else {
    region = std::make_unique<S2ShapeIndexBufferedRegion>(&shape.index(), S1ChordAngle(angle_of(radius)));
  }
  std::vector<S2CellId> cells;
  for (S2CellId face = S2CellId::Begin(0); face != S2CellId::End(0); face = face.next()) {
    if (!cover(*region, face, *level, cells)) return;
  }
  set_dynamic(out, write_names(names_of(cells)), context);
}

void line_to_s2cells(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (shape->lines()) cover_shape(*shape, args, out, context);
}

void polygon_to_s2cells(Args args, Value& out, Context& context) {
  const auto shape = shape_of(args[0], context);
  if (shape->polygon()) cover_shape(*shape, args, out, context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_point_to_s2cell", point_to_s2cell},     {"geo_s2cell_to_central_point", s2cell_to_central_point},
    {"geo_s2cell_to_polygon", s2cell_to_polygon}, {"geo_s2cell_neighbors", s2cell_neighbors},
    {"geo_line_to_s2cells", line_to_s2cells},     {"geo_polygon_to_s2cells", polygon_to_s2cells},
};

}  // namespace

std::span<const BodyEntry> s2cell_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
