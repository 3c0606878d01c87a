#include "kql/operator_table.h"

#include <algorithm>

namespace huntbook::kql {
namespace {

#include "operator_data.inc"

}  // namespace

std::span<const OperatorInfo> operator_table() { return kOperatorTable; }

const OperatorInfo* find_operator(std::string_view name) {
  const auto found = std::find_if(std::begin(kOperatorTable), std::end(kOperatorTable),
                                  [&](const OperatorInfo& each) { return each.name == name; });
  return found == std::end(kOperatorTable) ? nullptr : found;
}

}  // namespace huntbook::kql
