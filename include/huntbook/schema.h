// KQL's ten scalar types and the named, typed columns of a table.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huntbook {

/// KQL's scalar types. datetime and timespan are 100-ns ticks in an int64 (datetime since 0001-01-01 UTC).
enum class Type : uint8_t {
  kBool,
  kInt,
  kLong,
  kReal,
  kString,
  kDatetime,
  kTimespan,
  kDynamic,
  kGuid,
  kDecimal
};

/// The name as KQL writes it: "bool", "int", "long", "real", "string", "datetime", ...
std::string_view type_name(Type type);
/// The type of a KQL type name, synonyms included ("double", "date", "time", "boolean", "uuid" ...).
std::optional<Type> type_from_name(std::string_view name);

struct Field {
  std::string name;
  Type type = Type::kString;
  std::string doc;  ///< one sentence, may be empty
};

/// The columns of a table, in order. Names are case-sensitive and unique.
struct Schema {
  std::vector<Field> fields;

  size_t size() const { return fields.size(); }
  /// The index of a column, or nothing.
  std::optional<size_t> find(std::string_view name) const;
};

}  // namespace huntbook
