// Geohash cells: rectangles of longitude and latitude, named by base-32 digits of five bits each.
#include <algorithm>
#include <array>

#include "kql/runtime/dynamic.h"
#include "kql/runtime/geo_cells.h"
#include "kql/runtime/geo_json.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr std::string_view kDigits = "0123456789bcdefghjkmnpqrstuvwxyz";
constexpr size_t kMaxLength = 18;
constexpr int64_t kDefaultLength = 5;

// The bits of both coordinates, counted from the south-west; longitude has the first bit.
struct Cell {
  size_t length = 0;
  uint64_t lng = 0;
  uint64_t lat = 0;

  int lng_bits() const { return static_cast<int>((5 * length + 1) / 2); }
  int lat_bits() const { return static_cast<int>(5 * length / 2); }
  double width() const { return std::ldexp(360.0, -lng_bits()); }
  double height() const { return std::ldexp(180.0, -lat_bits()); }
  double west() const { return -180 + static_cast<double>(lng) * width(); }
  double south() const { return -90 + static_cast<double>(lat) * height(); }
};

uint64_t steps(double fraction, int bits) {
  const uint64_t count = uint64_t{1} << bits;
  return std::min(static_cast<uint64_t>(std::ldexp(fraction, bits)), count - 1);
}

std::string write_cell(const Cell& cell) {
  std::string out;
  int lng = cell.lng_bits(), lat = cell.lat_bits();
  bool east = true;
  for (size_t i = 0; i < cell.length; ++i) {
    size_t digit = 0;
    for (int bit = 0; bit < 5; ++bit, east = !east) {
      digit = digit << 1 | (east ? cell.lng >> --lng & 1 : cell.lat >> --lat & 1);
    }
    out += kDigits[digit];
  }
  return out;
}

std::optional<Cell> read_cell(std::string_view text) {
  if (text.empty() || text.size() > kMaxLength) return std::nullopt;
  Cell cell;
  cell.length = text.size();
  bool east = true;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    for (int bit = 4; bit >= 0; --bit, east = !east) {
      uint64_t& side = east ? cell.lng : cell.lat;
      side = side << 1 | (digit >> bit & 1);
    }
  }
  return cell;
}

void point_to_geohash(Args args, Value& out, Context& context) {
  const double lng = args[0].real, lat = args[1].real;
  const int64_t length = args.size() > 2 ? args[2].integer : kDefaultLength;
  if (!valid_position(lng, lat) || length < 1 || length > static_cast<int64_t>(kMaxLength)) return;
  Cell cell;
  cell.length = static_cast<size_t>(length);
  cell.lng = steps((lng + 180) / 360, cell.lng_bits());
  cell.lat = steps((lat + 90) / 180, cell.lat_bits());
  set_text(out, write_cell(cell), context);
}

void geohash_to_central_point(Args args, Value& out, Context& context) {
  const auto cell = read_cell(args[0].text);
  if (!cell) return;
  set_dynamic(out, write_point({cell->west() + cell->width() / 2, cell->south() + cell->height() / 2}),
              context);
}

void geohash_to_polygon(Args args, Value& out, Context& context) {
  const auto cell = read_cell(args[0].text);
  if (!cell) return;
  const double west = cell->west(), south = cell->south(), east = west + cell->width(),
               north = south + cell->height();
  set_dynamic(out,
              write_polygon({{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}),
              context);
}

void geohash_neighbors(Args args, Value& out, Context& context) {
  const auto cell = read_cell(args[0].text);
  if (!cell) return;
  struct Step {
    int east, north;
  };
  static constexpr Step kClockwise[] = {{-1, 1}, {0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}, {-1, -1}, {-1, 0}};
  const uint64_t columns = uint64_t{1} << cell->lng_bits(), rows = uint64_t{1} << cell->lat_bits();
  std::vector<std::string> names;
  for (const Step step : kClockwise) {
    Cell next = *cell;
    next.lng = (cell->lng + columns + static_cast<uint64_t>(step.east)) % columns;
    next.lat = cell->lat + static_cast<uint64_t>(step.north);
    if (next.lat < rows) names.push_back(write_cell(next));  // none beyond a pole
  }
  set_dynamic(out, write_names(in_set_order(names, 8)), context);
}

constexpr BodyEntry kBodies[] = {
    {"geo_point_to_geohash", point_to_geohash},
    {"geo_geohash_to_central_point", geohash_to_central_point},
    {"geo_geohash_to_polygon", geohash_to_polygon},
    {"geo_geohash_neighbors", geohash_neighbors},
};

}  // namespace

std::span<const BodyEntry> geohash_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
