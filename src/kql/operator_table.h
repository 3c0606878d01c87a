// Operators, statements and commands as data, generated from language/operators.yaml: for completion, help
// and docs.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace huntbook::kql {

enum class OperatorKind : uint8_t { kOperator, kSource, kStatement, kCommand };

/// An option `name=value`; without choices any value may stand.
struct OperatorProperty {
  std::string_view name;
  std::span<const std::string_view> choices;
};

struct OperatorInfo {
  std::string_view name;
  OperatorKind kind = OperatorKind::kOperator;
  std::string_view doc;
  std::string_view syntax;
  std::string_view example;                  ///< a query
  std::span<const std::string_view> words;   ///< may follow an operand
  std::span<const std::string_view> values;  ///< what stands after the name: the kinds of render
  std::span<const OperatorProperty> properties;
};

std::span<const OperatorInfo> operator_table();
/// The entry of that name, or nullptr.
const OperatorInfo* find_operator(std::string_view name);

}  // namespace huntbook::kql
