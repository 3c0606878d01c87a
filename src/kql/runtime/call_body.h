// For tests: calls a body by its name and prints what it gives.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "kql/runtime/value.h"

namespace huntbook::kql::runtime {

inline Value text(std::string_view s) { return Value::of_text(s); }
inline Value dynamic(std::string_view s) { return Value::of_text(s, Type::kDynamic); }
inline Value decimal(std::string_view s) { return Value::of_text(s, Type::kDecimal); }
inline Value number(int64_t i) { return Value::of_long(i); }
inline Value real(double r) { return Value::of_real(r); }
inline Value boolean(bool b) { return Value::of_bool(b); }
inline Value null(Type type = Type::kDynamic) { return Value::null_of(type); }

inline std::string print(const Value& value) {
  if (value.null) return "null";
  switch (value.type) {
    case Type::kBool: return value.integer ? "true" : "false";
    case Type::kInt:
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: return std::to_string(value.integer);
    case Type::kReal: {
      std::string out;
      append_real(out, value.real);
      return out;
    }
    default: return std::string(value.text);
  }
}

/// The result as text; "no body" when there is none of that name.
inline std::string call(std::string_view name, const std::vector<Value>& args, Type result = Type::kDynamic) {
  const Body body = find_body(name);
  if (!body) return "no body";
  Context context;
  Value out = Value::null_of(result);
  body(args, out, context);
  return print(out);
}

}  // namespace huntbook::kql::runtime
