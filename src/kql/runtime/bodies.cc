// All bodies by name.
#include <algorithm>
#include <vector>

#include "kql/runtime/value.h"

namespace huntbook::kql::runtime {
namespace {

std::vector<BodyEntry> sorted_bodies() {
  std::vector<BodyEntry> all;
  for (const auto& list : {operator_bodies(),
                           user_agent_bodies(),
                           hll_bodies(),
                           tdigest_bodies(),
                           geo_info_bodies(),
                           term_bodies(),
                           string_bodies(),
                           regex_bodies(),
                           conversion_bodies(),
                           datetime_bodies(),
                           time_format_bodies(),
                           unit_bodies(),
                           math_bodies(),
                           dynamic_bodies(),
                           bag_bodies(),
                           array_bodies(),
                           set_bodies(),
                           aggregate_bodies(),
                           percentile_bodies(),
                           parse_operator_bodies(),
                           network_bodies(),
                           encoding_bodies(),
                           punycode_bodies(),
                           parsing_bodies(),
                           plugin_bodies(),
                           xml_bodies(),
                           series_bodies(),
                           geohash_bodies(),
                           geo_point_bodies(),
                           s2cell_bodies(),
                           make_series_bodies(),
                           geo_line_bodies(),
                           geo_polygon_bodies(),
                           geo_overlay_bodies(),
                           geo_reshape_bodies(),
                           geo_wkt_bodies(),
                           h3cell_bodies(),
                           series_fit_bodies(),
                           series_fourier_bodies(),
                           series_decompose_bodies(),
                           session_bodies()}) {
    all.insert(all.end(), list.begin(), list.end());
  }
  std::sort(all.begin(), all.end(), [](const BodyEntry& a, const BodyEntry& b) { return a.name < b.name; });
  return all;
}

}  // namespace

Body find_body(std::string_view name) {
  static const std::vector<BodyEntry> bodies = sorted_bodies();  // constant after the first call
  const auto it = std::lower_bound(bodies.begin(), bodies.end(), name,
                                   [](const BodyEntry& e, std::string_view n) { return e.name < n; });
  return it != bodies.end() && it->name == name ? it->body : nullptr;
}

}  // namespace huntbook::kql::runtime
