#include "kql/runtime/dynamic.h"

#include <charconv>
#include <cmath>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/runtime/decimal.h"

namespace huntbook::kql::runtime {

void append_json_real(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  } else {
    append_real(out, value);
  }
}

void append_json(std::string& out, const Value& value) {
  if (value.null) {
    out += "null";
    return;
  }
  switch (value.type) {
    case Type::kBool: out += value.integer ? "true" : "false"; break;
    case Type::kInt:
    case Type::kLong: out += std::to_string(value.integer); break;
    case Type::kReal: append_json_real(out, value.real); break;
    case Type::kDatetime: out += '"' + format_datetime(value.integer) + '"'; break;
    case Type::kTimespan: out += '"' + format_timespan(value.integer) + '"'; break;
    case Type::kDynamic: out += value.text; break;
    case Type::kString:
    case Type::kGuid:
    case Type::kDecimal: append_json_string(out, value.text); break;
  }
}

void set_dynamic(Value& out, std::string json, Context& context) {
  if (json.empty() || json == "null") {
    out = Value::null_of(Type::kDynamic);
  } else {
    out = Value::of_text(context.keep(std::move(json)), Type::kDynamic);
  }
}

void set_text(Value& out, std::string text, Context& context) {
  out = Value::of_text(context.keep(std::move(text)));
}

void set_bool(Value& out, bool value) { out = Value::of_bool(value); }
void set_long(Value& out, int64_t value) {
  out.null = false;
  out.integer = value;
}
void set_real(Value& out, double value) { out = Value::of_real(value); }

namespace {

std::optional<JsonNumber> read_number(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
    JsonNumber number;
    number.real = text[0] == 'N' ? std::nan("") : text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return number;
  }
  return json_number(text);
}

}  // namespace

std::optional<JsonNumber> number_of(std::string_view raw) {
  if (json_kind(raw) == JsonKind::kString) {
    std::string buffer;
    return read_number(json_text_of(raw, buffer));
  }
  if (raw == "true" || raw == "false") {
    const int64_t one = raw == "true";
    return JsonNumber{true, one, static_cast<double>(one)};
  }
  return json_number(raw);
}

std::string text_of(std::string_view raw) {
  if (raw.empty() || raw == "null") return {};
  if (json_kind(raw) != JsonKind::kString) return std::string(raw);
  std::string buffer;
  return std::string(json_text_of(raw, buffer));
}

std::optional<std::vector<std::string_view>> elements_of(const Value& value) {
  if (value.null || json_kind(value.text) != JsonKind::kArray) return std::nullopt;
  std::vector<std::string_view> elements;
  for (JsonElements it(value.text); it.next();) elements.push_back(it.value);
  return elements;
}

namespace {

Order order_of(int sign) { return sign < 0 ? Order::kLess : sign > 0 ? Order::kGreater : Order::kEqual; }

Order order_of(const JsonNumber& a, const JsonNumber& b) {
  if (a.whole && b.whole)
    return a.integer < b.integer ? Order::kLess : a.integer > b.integer ? Order::kGreater : Order::kEqual;
  if (std::isnan(a.real) || std::isnan(b.real)) return Order::kNone;
  return a.real < b.real ? Order::kLess : a.real > b.real ? Order::kGreater : Order::kEqual;
}

// The typed value as the number it is, a dynamic or string one read as a number.
std::optional<JsonNumber> as_number(const Value& value) {
  switch (value.type) {
    case Type::kReal: return JsonNumber{false, 0, value.real};
    case Type::kDynamic: return number_of(value.text);
    case Type::kString: return read_number(value.text);
    case Type::kDecimal: return JsonNumber{false, 0, decimal_to_real(value.text)};
    default: return JsonNumber{true, value.integer, static_cast<double>(value.integer)};
  }
}

std::string as_text(const Value& value) {
  return value.type == Type::kDynamic ? text_of(value.text) : std::string(value.text);
}

// A dynamic or string value as ticks of the other one's type.
std::optional<int64_t> as_ticks(const Value& value, Type type) {
  if (value.type == type) return value.integer;
  if (value.type != Type::kDynamic && value.type != Type::kString) return std::nullopt;
  const std::string text = as_text(value);
  return type == Type::kDatetime ? parse_datetime(text) : parse_timespan(text);
}

std::optional<int64_t> as_bool(const Value& value) {
  if (value.type == Type::kDynamic || value.type == Type::kString) {
    const std::string text = to_lower(as_text(value));
    if (text == "true") return 1;
    if (text == "false") return 0;
  }
  const auto number = as_number(value);
  if (!number) return std::nullopt;
  return number->real != 0;
}

bool is_number_type(Type type) {
  return type == Type::kInt || type == Type::kLong || type == Type::kReal || type == Type::kDecimal;
}

}  // namespace

Order compare_scalars(const Value& a, const Value& b) {
  if (a.type == Type::kDynamic && b.type == Type::kDynamic) {
    const JsonKind x = json_kind(a.text), y = json_kind(b.text);
    if (x == JsonKind::kString && y == JsonKind::kString)
      return order_of(text_of(a.text).compare(text_of(b.text)));
    const auto left = number_of(a.text), right = number_of(b.text);
    if (left && right) return order_of(*left, *right);
    return Order::kNone;
  }
  // The type that decides: the one that is neither dynamic nor (against another type) string.
  Type type = a.type;
  if (type == Type::kDynamic || (type == Type::kString && b.type != Type::kDynamic)) type = b.type;
  if (type == Type::kString) {
    if (const Value& other = a.type == Type::kDynamic ? a : b; other.type == Type::kDynamic) {
      const JsonKind kind = json_kind(other.text);
      if (kind == JsonKind::kArray || kind == JsonKind::kObject) return Order::kNone;
    }
    return order_of(as_text(a).compare(as_text(b)));
  }
  if (type == Type::kGuid) {
    const std::string x = to_lower(as_text(a)), y = to_lower(as_text(b));
    return order_of(x.compare(y));
  }
  if (type == Type::kBool) {
    const auto x = as_bool(a), y = as_bool(b);
    return x && y ? order_of(static_cast<int>(*x - *y)) : Order::kNone;
  }
  if (is_number_type(type)) {
    const auto x = as_number(a), y = as_number(b);
    return x && y ? order_of(*x, *y) : Order::kNone;
  }
  const auto x = as_ticks(a, type), y = as_ticks(b, type);
  if (!x || !y) return Order::kNone;
  return *x < *y ? Order::kLess : *x > *y ? Order::kGreater : Order::kEqual;
}

bool equal_scalars(const Value& a, const Value& b) {
  if (a.type == Type::kDynamic && b.type == Type::kDynamic) return equal_json(a.text, b.text);
  return compare_scalars(a, b) == Order::kEqual;
}

bool equal_json(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const JsonKind kind = json_kind(a);
  if (kind != json_kind(b)) return false;
  if (kind == JsonKind::kNumber) {
    const auto x = json_number(a), y = json_number(b);
    return x && y && order_of(*x, *y) == Order::kEqual;
  }
  if (kind == JsonKind::kString) return text_of(a) == text_of(b);
  if (kind == JsonKind::kArray || kind == JsonKind::kObject) {
    const auto x = parse_json(a), y = parse_json(b);
    return x && y && *x == *y;
  }
  return false;
}

int order_json(std::string_view a, std::string_view b) {
  const auto rank = [](std::string_view raw) {
    switch (json_kind(raw)) {
      case JsonKind::kNumber: return 0;
      case JsonKind::kString: return 1;
      case JsonKind::kBool: return 2;
      default: return 3;
    }
  };
  const int x = rank(a), y = rank(b);
  if (x != y) return x < y ? -1 : 1;
  if (x == 0) {
    const auto left = json_number(a), right = json_number(b);
    if (!left || !right) return left ? -1 : right ? 1 : 0;
    const Order order = order_of(*left, *right);
    return order == Order::kLess ? -1 : order == Order::kGreater ? 1 : 0;
  }
  if (x == 1) return text_of(a).compare(text_of(b));
  return a.compare(b);
}

}  // namespace huntbook::kql::runtime
