// H3 cells: the cell of a point, what a cell covers, its relatives, and the cells that stand for a polygon.
#include "kql/runtime/geo_cells.h"
#include "kql/runtime/geo_overlay.h"
#include "kql/runtime/h3_fill.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr int64_t kDefaultResolution = 6;
constexpr int64_t kMaxGenerations = 5;
constexpr int64_t kMaxRing = 142;
constexpr size_t kMaxCells = 61680;

// The optional argument, within limits.
std::optional<int> argument_in(Args args, size_t i, int64_t otherwise, int64_t least, int64_t most) {
  const int64_t value = args.size() > i ? args[i].integer : otherwise;
  if (value < least || value > most) return std::nullopt;
  return static_cast<int>(value);
}

std::vector<std::string> names_of(const std::vector<H3Cell>& cells) {
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const H3Cell cell : cells) names.push_back(write_h3cell(cell));
  return names;
}

void point_to_h3cell(Args args, Value& out, Context& context) {
  const auto resolution = argument_in(args, 2, kDefaultResolution, 0, kMaxH3Resolution);
  if (!resolution || !valid_position(args[0].real, args[1].real)) return;
  set_text(out, write_h3cell(h3_cell_at({args[0].real, args[1].real}, *resolution)), context);
}

void h3cell_to_central_point(Args args, Value& out, Context& context) {
  if (const auto cell = read_h3cell(args[0].text)) set_dynamic(out, write_point(h3_center(*cell)), context);
}

void h3cell_to_polygon(Args args, Value& out, Context& context) {
  if (const auto cell = read_h3cell(args[0].text))
    set_dynamic(out, write_polygon({h3_boundary(*cell)}), context);
}

void h3cell_level(Args args, Value& out, Context&) {
  if (const auto cell = read_h3cell(args[0].text)) set_long(out, h3_resolution(*cell));
}

void h3cell_parent(Args args, Value& out, Context& context) {
  const auto cell = read_h3cell(args[0].text);
  if (!cell) return;
  const int own = h3_resolution(*cell);
  if (const auto to = argument_in(args, 1, own - 1, 0, own))
    set_text(out, write_h3cell(h3_parent(*cell, *to)), context);
}

void h3cell_children(Args args, Value& out, Context& context) {
  const auto cell = read_h3cell(args[0].text);
  if (!cell) return;
  const int own = h3_resolution(*cell);
  const int64_t finest = std::min<int64_t>(own + kMaxGenerations, kMaxH3Resolution);
  if (const auto to = argument_in(args, 1, own + 1, own, finest))
    set_dynamic(out, write_names(names_of(h3_children(*cell, *to))), context);
}

void h3cell_rings(Args args, Value& out, Context& context) {
  const auto cell = read_h3cell(args[0].text);
  const auto distance = argument_in(args, 1, 0, 0, kMaxRing);
  if (!cell || !distance) return;
  std::string json = "[";
  for (const auto& ring : h3_rings(*cell, *distance))
    json += (json.size() > 1 ? "," : "") + write_names(names_of(ring));
  set_dynamic(out, json + "]", context);
}

void h3cell_neighbors(Args args, Value& out, Context& context) {
  if (const auto cell = read_h3cell(args[0].text))
    set_dynamic(out, write_names(names_of(h3_rings(*cell, 1)[1])), context);
}

void polygon_to_h3cells(Args args, Value& out, Context& context) {
  auto geometry = read_polygons(args[0].text);
  const auto resolution = argument_in(args, 1, kDefaultResolution, 0, kMaxH3Resolution);
  const double radius = args.size() > 2 ? args[2].real : 0;
  auto polygon = geometry ? polygon_of(*geometry) : nullptr;
  if (!polygon || !resolution || !(radius >= 0)) return;
  if (radius > 0) {
    polygon = buffer_of(*shape_of(args[0], context), radius, kDefaultGeoTolerance);
    if (!polygon) return;
    geometry->polygons = positions_of(*polygon);
  }
  std::vector<std::string> names;
  for (const auto& part : geometry->polygons) {
    const auto cells = h3_fill(part, *resolution, kMaxCells);
    if (!cells) return;
    for (auto& name : names_of(*cells)) names.push_back(std::move(name));
  }
  names = in_set_order(names);
  if (names.size() <= kMaxCells) set_dynamic(out, write_names(names), context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_point_to_h3cell", point_to_h3cell},
    {"geo_h3cell_to_central_point", h3cell_to_central_point},
    {"geo_h3cell_to_polygon", h3cell_to_polygon},
    {"geo_h3cell_level", h3cell_level},
    {"geo_h3cell_parent", h3cell_parent},
    {"geo_h3cell_children", h3cell_children},
    {"geo_h3cell_rings", h3cell_rings},
    {"geo_h3cell_neighbors", h3cell_neighbors},
    {"geo_polygon_to_h3cells", polygon_to_h3cells},
};

}  // namespace

std::span<const BodyEntry> h3cell_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
