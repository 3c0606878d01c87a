#include "kql/runtime/h3_fill.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_set>

namespace huntbook::kql::runtime {
namespace {

constexpr double kEarthKm = 6371.007180918475;
constexpr double kRadians = M_PI / 180;
constexpr uint64_t kSpareSlots = 12;
constexpr double kMaxSamples = 400000;  // on all edges together

double distance_km(const Position& a, const Position& b) {
  const double lat = std::sin((b.lat - a.lat) * kRadians / 2), lng = std::sin((b.lng - a.lng) * kRadians / 2);
  const double h = lat * lat + lng * lng * std::cos(a.lat * kRadians) * std::cos(b.lat * kRadians);
  return 2 * std::atan2(std::sqrt(h), std::sqrt(1 - h)) * kEarthKm;
}

// The smallest cells are those at the pentagons.
double smallest_radius_km(int resolution) {
  const H3Cell pentagon = h3_cell_at(h3_center(h3_cell_at({10.536, 64.7}, 0)), resolution);
  return distance_km(h3_center(pentagon), h3_boundary(pentagon).front());
}

struct Box {
  double west = 180, east = -180, south = 90, north = -90;
  bool across = false;  // the antimeridian: longitudes below 0 count from 180 on

  explicit Box(const PositionLine& ring) {
    for (size_t i = 0; i + 1 < ring.size(); ++i)
      across = across || std::abs(ring[i].lng - ring[i + 1].lng) > 180;
    west = std::numeric_limits<double>::infinity();
    east = -west;
    for (const Position& p : ring) {
      west = std::min(west, lng_of(p));
      east = std::max(east, lng_of(p));
      south = std::min(south, p.lat);
      north = std::max(north, p.lat);
    }
  }
  double lng_of(const Position& p) const { return across && p.lng < 0 ? p.lng + 360 : p.lng; }
};

// How many cells fit in the box, at most; the size of the table.
uint64_t table_size(const Box& box, int resolution, size_t vertices) {
  const double radius = smallest_radius_km(resolution);
  const double cell = 0.8 * 2.59807621135 * radius * radius;
  const double diagonal = distance_km({box.east, box.north}, {box.west, box.south});
  const double width = box.east - box.west, height = box.north - box.south;
  const double ratio = std::max(width, height) / std::min(width, height);
  const double estimate = std::ceil(diagonal * diagonal / std::min(3.0, ratio) / cell);
  if (!(estimate < 1e15)) return uint64_t{1} << 50;
  return std::max({static_cast<uint64_t>(estimate), uint64_t{vertices}, uint64_t{1}}) + kSpareSlots;
}

class Ring {
 public:
  explicit Ring(const PositionLine& ring) : ring_(ring), box_(ring) {}

  const Box& box() const { return box_; }

  // Counts the edges east of the point.
  bool contains(const Position& point) const {
    constexpr double kLittle = std::numeric_limits<double>::epsilon();
    double lng = box_.lng_of(point), lat = point.lat;
    bool inside = false;
    for (size_t i = 0; i + 1 < ring_.size(); ++i) {
      Position low{box_.lng_of(ring_[i]), ring_[i].lat}, high{box_.lng_of(ring_[i + 1]), ring_[i + 1].lat};
      if (low.lat > high.lat) std::swap(low, high);
      if (lat == low.lat || lat == high.lat) lat += kLittle;
      if (lat < low.lat || lat > high.lat) continue;
      if (lng == low.lng || lng == high.lng) lng -= kLittle;
      const double crossing = low.lng + (high.lng - low.lng) * (lat - low.lat) / (high.lat - low.lat);
      if (crossing > lng) inside = !inside;
    }
    return inside;
  }

 private:
  const PositionLine& ring_;
  Box box_;
};

bool contains(const std::vector<Ring>& rings, const Position& point) {
  if (!rings.front().contains(point)) return false;
  return std::none_of(rings.begin() + 1, rings.end(), [&](const Ring& hole) { return hole.contains(point); });
}

// The cells along the edges; nothing when these are too long.
std::optional<std::vector<H3Cell>> trace(const PositionPolygon& polygon, int resolution) {
  const double side = 2 * smallest_radius_km(resolution);
  std::vector<H3Cell> cells;
  std::unordered_set<H3Cell> seen;
  double samples = 0;
  for (const auto& ring : polygon) {
    for (size_t i = 0; i + 1 < ring.size(); ++i) {
      const Position from = ring[i];
      Position to = ring[i + 1];
      const double count = std::max(1.0, std::ceil(distance_km(from, to) / side));
      samples += count;
      if (samples > kMaxSamples) return std::nullopt;
      if (to.lng - from.lng > 180) to.lng -= 360;
      if (from.lng - to.lng > 180) to.lng += 360;
      for (double k = 0; k < count; ++k) {
        const Position at{std::remainder((from.lng * (count - k) + to.lng * k) / count, 360),
                          (from.lat * (count - k) + to.lat * k) / count};
        const H3Cell cell = h3_cell_at(at, resolution);
        if (seen.insert(cell).second) cells.push_back(cell);
      }
    }
  }
  return cells;
}

}  // namespace

std::optional<std::vector<H3Cell>> h3_fill(const PositionPolygon& polygon, int resolution, size_t limit) {
  if (polygon.empty() || polygon.front().empty()) return std::nullopt;
  std::vector<Ring> rings(polygon.begin(), polygon.end());
  size_t vertices = 0;
  for (const auto& ring : polygon) vertices += ring.size() - 1;
  const uint64_t slots = table_size(rings.front().box(), resolution, vertices);
  auto search = trace(polygon, resolution);
  if (!search) return std::nullopt;
  std::map<uint64_t, H3Cell> table;
  std::unordered_set<H3Cell> seen;
  while (!search->empty()) {
    std::vector<H3Cell> found;
    for (const H3Cell middle : *search) {
      const auto near = h3_rings(middle, 1);
      for (const auto& ring : near) {
        for (const H3Cell cell : ring) {
          if (seen.contains(cell) || !contains(rings, h3_center(cell))) continue;
          if (seen.size() >= limit) return std::nullopt;
          seen.insert(cell);
          found.push_back(cell);
          uint64_t slot = cell % slots;
          while (!table.emplace(slot, cell).second) slot = (slot + 1) % slots;
        }
      }
    }
    *search = std::move(found);
  }
  std::vector<H3Cell> cells;
  for (const auto& [slot, cell] : table) cells.push_back(cell);
  return cells;
}

}  // namespace huntbook::kql::runtime
