// Names of types, look-up of columns.
#include "huntbook/schema.h"

#include <algorithm>

#include "huntbook/table.h"

namespace huntbook {
namespace {

struct TypeName {
  std::string_view name;
  Type type;
};

// The first name of each type is the one that is printed.
constexpr TypeName kTypeNames[] = {
    {"bool", Type::kBool},         {"int", Type::kInt},         {"long", Type::kLong},
    {"real", Type::kReal},         {"string", Type::kString},   {"datetime", Type::kDatetime},
    {"timespan", Type::kTimespan}, {"dynamic", Type::kDynamic}, {"guid", Type::kGuid},
    {"decimal", Type::kDecimal},   {"boolean", Type::kBool},    {"int32", Type::kInt},
    {"int64", Type::kLong},        {"double", Type::kReal},     {"date", Type::kDatetime},
    {"time", Type::kTimespan},     {"uuid", Type::kGuid},       {"uniqueid", Type::kGuid},
};

}  // namespace

std::string_view type_name(Type type) {
  return std::find_if(std::begin(kTypeNames), std::end(kTypeNames), [&](auto& t) { return t.type == type; })
      ->name;
}

std::optional<Type> type_from_name(std::string_view name) {
  for (const auto& known : kTypeNames) {
    if (known.name == name) return known.type;
  }
  return std::nullopt;
}

std::optional<size_t> Schema::find(std::string_view name) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

std::string_view completeness_name(Completeness value) {
  switch (value) {
    case Completeness::kComplete: return "complete";
    case Completeness::kTruncated: return "truncated";
    case Completeness::kPartial: return "partial";
  }
  return "";
}

size_t Table::rows() const {
  size_t total = 0;
  for (const auto& batch : batches) total += batch->rows;
  return total;
}

}  // namespace huntbook
