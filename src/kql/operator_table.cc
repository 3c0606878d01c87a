#include "kql/operator_table.h"

#include <algorithm>

#include "kql/diagnose.h"

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

const RefusedName* find_refused(std::string_view name, FunctionKind kind) {
  for (const auto& each : kRefusedNames) {
    if (each.name == name && each.kind == kind) return &each;
  }
  return nullptr;
}

Diagnostic refuse(const RefusedName& refused, Span span) {
  const std::string_view kind = refused.kind == FunctionKind::kPlugin ? "plugin" : "function";
  Diagnostic made = unsupported(fmt::format("{} `{}`", kind, refused.name), span);
  made.hint = refused.reason;
  return made;
}

}  // namespace huntbook::kql
