// Literals with a type name: datetime(...), guid(...), dynamic(...).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "kql/ast.h"

namespace huntbook::kql {

/// The literal `type(body)`, or nothing when the body is no literal of that type.
std::optional<Literal> make_typed_literal(Type type, std::string_view body);

/// What stands between the brackets of dynamic(...) as compact JSON text: JSON, with KQL's literals and single
/// quotes allowed inside. Nothing when it cannot be read.
std::optional<std::string> dynamic_text(std::string_view body);

}  // namespace huntbook::kql
