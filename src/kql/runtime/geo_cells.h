// What the bodies over cells of grids share.
#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace huntbook::kql::runtime {

/// Names of cells as Kusto lists them: from a hash set of texts (as libstdc++ has it) that was made for so
/// many.
inline std::vector<std::string> in_set_order(const std::vector<std::string>& names, size_t expected = 0) {
  std::unordered_set<std::string> set;
  if (expected) set.reserve(expected);
  for (const auto& name : names) set.insert(name);
  return {set.begin(), set.end()};
}

inline std::string write_names(const std::vector<std::string>& names) {
  std::string json = "[";
  for (const auto& name : names) json += (json.size() > 1 ? ",\"" : "\"") + name + '"';
  return json + "]";
}

}  // namespace huntbook::kql::runtime
