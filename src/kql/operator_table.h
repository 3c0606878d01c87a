// Operators, statements, commands and refused names as data, generated from language/*.yaml.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "huntbook/result.h"
#include "kql/function_table.h"

namespace huntbook::kql {

enum class OperatorKind : uint8_t { kOperator, kSource, kStatement, kCommand, kAggregate, kFunction };

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

/// A function, aggregate or plugin of Kusto's that is refused by name.
struct RefusedName {
  std::string_view name;
  FunctionKind kind = FunctionKind::kScalar;
  std::string_view reason;  ///< may be empty
};

/// The entry of that name, or nullptr.
const RefusedName* find_refused(std::string_view name, FunctionKind kind);
/// What is told of it: `unsupported`, with the reason as hint.
Diagnostic refuse(const RefusedName& refused, Span span);

}  // namespace huntbook::kql
