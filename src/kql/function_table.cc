// The generated table and its look-up.
#include "kql/function_table.h"

#include <algorithm>

namespace huntbook::kql {
namespace {

#include "function_data.inc"

const Function* find_entry(std::string_view name, FunctionKind kind) {
  auto it = std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name,
                             [](const Function& f, std::string_view n) { return f.name < n; });
  for (; it != std::end(kFunctions) && it->name == name; ++it) {
    if (it->kind == kind) return &*it;
  }
  return nullptr;
}

}  // namespace

std::span<const Function> functions() { return kFunctions; }

const Function* find_function(std::string_view name, FunctionKind kind) {
  const Function* found = find_entry(name, kind);
  if (found && !found->alias_of.empty()) return find_entry(found->alias_of, kind);
  return found;
}

}  // namespace huntbook::kql
