#include "kql/catalog.h"

#include <algorithm>

namespace huntbook::kql {
namespace {

template <typename List>
auto* find_named(List& list, std::string_view name) {
  auto it = std::find_if(list.begin(), list.end(), [&](auto& entry) { return entry.name == name; });
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

const TableInfo* Catalog::find_table(std::string_view name) const { return find_named(tables, name); }
const StoredFunction* Catalog::find_function(std::string_view name) const {
  return find_named(functions, name);
}
const PivotInfo* Catalog::find_pivot(std::string_view name) const { return find_named(pivots, name); }

}  // namespace huntbook::kql
