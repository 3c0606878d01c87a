// The names of types on the other side of getschema.
#pragma once
#include <string_view>

#include "huntbook/schema.h"

namespace huntbook::kql {

inline std::string_view net_type(Type type) {
  switch (type) {
    case Type::kBool: return "System.SByte";
    case Type::kInt: return "System.Int32";
    case Type::kLong: return "System.Int64";
    case Type::kReal: return "System.Double";
    case Type::kString: return "System.String";
    case Type::kDatetime: return "System.DateTime";
    case Type::kTimespan: return "System.TimeSpan";
    case Type::kDynamic: return "System.Object";
    case Type::kGuid: return "System.Guid";
    case Type::kDecimal: return "System.Data.SqlTypes.SqlDecimal";
  }
  return "";
}

}  // namespace huntbook::kql
