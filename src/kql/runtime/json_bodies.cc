// Bodies that make dynamic values, read parts of them and turn them into typed ones.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/runtime/decimal.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

void set_raw(Value& out, std::string_view raw) {
  if (raw != "null") out = Value::of_text(raw, Type::kDynamic);
}

// A text that is no JSON becomes a dynamic string.
void parse_json_body(Args args, Value& out, Context& context) {
  const std::string_view text = trim(args[0].text);
  if (text.empty()) return;
  if (auto compact = compact_json(text)) {
    set_dynamic(out, std::move(*compact), context);
    return;
  }
  std::string quoted;
  append_json_string(quoted, args[0].text);
  set_dynamic(out, std::move(quoted), context);
}

void to_json(Args args, Value& out, Context& context) {
  if (args[0].null) return;
  if (args[0].type == Type::kDynamic) {
    out = args[0];
    return;
  }
  std::string json;
  append_json(json, args[0]);
  set_dynamic(out, std::move(json), context);
}

void path_member(Args args, Value& out, Context&) {
  if (const auto raw = json_member(args[0].text, args[1].text)) set_raw(out, *raw);
}

void path_index(Args args, Value& out, Context&) {
  if (const auto raw = json_element(args[0].text, args[1].integer)) set_raw(out, *raw);
}

// A raw string key equals a raw member name byte for byte, as both are compact.
std::optional<std::string_view> step(std::string_view value, std::string_view key) {
  if (json_kind(key) == JsonKind::kNumber) {
    int64_t index = 0;
    std::from_chars(key.data(), key.data() + key.size(), index);
    return json_element(value, index);
  }
  for (JsonMembers members(value); members.next();) {
    if (members.key == key) return members.value;
  }
  return std::nullopt;
}

void path(Args args, Value& out, Context&) {
  std::optional<std::string_view> value = args[0].text;
  for (JsonElements keys(args[1].text); value && keys.next();) value = step(*value, keys.value);
  if (value) set_raw(out, *value);
}

// "$.a.b[0]['c d']" step by step.
std::optional<std::string_view> follow(std::string_view value, std::string_view jsonpath) {
  if (!jsonpath.starts_with('$')) return std::nullopt;
  std::optional<std::string_view> at = value;
  for (size_t i = 1; i < jsonpath.size() && at;) {
    if (jsonpath[i] == '.') {
      const size_t end = std::min(jsonpath.find_first_of(".[", i + 1), jsonpath.size());
      at = json_member(*at, jsonpath.substr(i + 1, end - i - 1));
      i = end;
    } else if (jsonpath[i] == '[') {
      const size_t end = jsonpath.find(']', i);
      if (end == std::string_view::npos) return std::nullopt;
      std::string_view key = jsonpath.substr(i + 1, end - i - 1);
      if (key.size() >= 2 && (key[0] == '\'' || key[0] == '"')) {
        at = json_member(*at, key.substr(1, key.size() - 2));
      } else {
        int64_t index = 0;
        if (std::from_chars(key.data(), key.data() + key.size(), index).ec != std::errc())
          return std::nullopt;
        at = json_element(*at, index);
      }
      i = end + 1;
    } else {
      return std::nullopt;
    }
  }
  return at;
}

void extract_json(Args args, Value& out, Context& context) {
  const auto json = compact_json(args[1].text);
  if (!json) return;
  if (const auto raw = follow(*json, args[0].text)) set_text(out, text_of(*raw), context);
}

void append_sorted(std::string& out, std::string_view raw, int depth) {
  if (json_kind(raw) == JsonKind::kArray && depth < 1000) {
    out += '[';
    bool first = true;
    for (JsonElements it(raw); it.next(); first = false) {
      if (!first) out += ',';
      append_sorted(out, it.value, depth + 1);
    }
    out += ']';
  } else if (json_kind(raw) == JsonKind::kObject && depth < 1000) {
    std::vector<std::pair<std::string_view, std::string_view>> members;
    for (JsonMembers it(raw); it.next();) members.emplace_back(it.key, it.value);
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return text_of(a.first) < text_of(b.first); });
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      if (i) out += ',';
      out += members[i].first;
      out += ':';
      append_sorted(out, members[i].second, depth + 1);
    }
    out += '}';
  } else {
    out += raw;
  }
}

void dynamic_to_json(Args args, Value& out, Context& context) {
  std::string json;
  append_sorted(json, args[0].text, 0);
  set_text(out, std::move(json), context);
}

void gettype(Args args, Value& out, Context&) {
  const Value& value = args[0];
  if (value.type != Type::kDynamic) {
    out = Value::of_text(type_name(value.type));
    return;
  }
  switch (value.null ? JsonKind::kNull : json_kind(value.text)) {
    case JsonKind::kBool: out = Value::of_text("bool"); break;
    case JsonKind::kNumber: {
      const auto number = json_number(value.text);
      out = Value::of_text(number && number->whole ? "long" : "double");
      break;
    }
    case JsonKind::kString: out = Value::of_text("string"); break;
    case JsonKind::kArray: out = Value::of_text("array"); break;
    case JsonKind::kObject: out = Value::of_text("dictionary"); break;
    default: out = Value::of_text("null");
  }
}

// ---------------------------------------------------------- to typed values

void dynamic_to_string(Args args, Value& out, Context& context) {
  const std::string_view raw = args[0].text;
  if (json_kind(raw) == JsonKind::kString && raw.find('\\') != std::string_view::npos) {
    set_text(out, text_of(raw), context);
  } else if (json_kind(raw) == JsonKind::kString && raw.size() >= 2) {
    out = Value::of_text(raw.substr(1, raw.size() - 2));
  } else {
    out = Value::of_text(raw);
  }
}

// A real is cut and kept in range.
int64_t cut(double value, double low, double high, int64_t lowest, int64_t highest) {
  return value <= low ? lowest : value >= high ? highest : static_cast<int64_t>(value);
}

// `word` is what toint() and tolong() accept as text: a whole number, decimal or 0x.
std::optional<JsonNumber> whole_in_text(std::string_view word) {
  word = trim(word);
  JsonNumber number;
  number.whole = true;
  const bool plus = word.starts_with('+');
  if (plus) word.remove_prefix(1);
  if (word.starts_with("0x") || word.starts_with("0X")) {
    uint64_t bits = 0;
    const auto got = std::from_chars(word.data() + 2, word.data() + word.size(), bits, 16);
    if (plus || got.ec != std::errc() || got.ptr != word.data() + word.size()) return std::nullopt;
    number.integer = static_cast<int64_t>(bits);
    return number;
  }
  if (plus && word.starts_with('-')) return std::nullopt;
  const auto got = std::from_chars(word.data(), word.data() + word.size(), number.integer);
  if (got.ec != std::errc() || got.ptr != word.data() + word.size()) return std::nullopt;
  return number;
}

std::optional<JsonNumber> integer_of(std::string_view raw) {
  if (json_kind(raw) == JsonKind::kString) {
    std::string buffer;
    return whole_in_text(json_text_of(raw, buffer));
  }
  return number_of(raw);
}

void dynamic_to_long(Args args, Value& out, Context&) {
  const auto number = integer_of(args[0].text);
  if (!number || std::isnan(number->real)) return;
  set_long(out, number->whole
                    ? number->integer
                    : cut(number->real, -9223372036854775808.0, 9223372036854775808.0, INT64_MIN, INT64_MAX));
}

void dynamic_to_int(Args args, Value& out, Context&) {
  const auto number = integer_of(args[0].text);
  if (!number || std::isnan(number->real)) return;
  if (json_kind(args[0].text) == JsonKind::kString &&
      (number->integer > INT32_MAX || number->integer < INT32_MIN))
    return;
  set_long(out, number->whole ? static_cast<int32_t>(number->integer)
                              : cut(number->real, -2147483648.0, 2147483647.0, INT32_MIN, INT32_MAX));
}

void dynamic_to_real(Args args, Value& out, Context&) {
  if (const auto number = number_of(args[0].text)) set_real(out, number->real);
}

void dynamic_to_decimal(Args args, Value& out, Context& context) {
  if (auto decimal = parse_decimal(text_of(args[0].text))) {
    out = Value::of_text(context.keep(std::move(*decimal)), Type::kDecimal);
  }
}

void dynamic_to_bool(Args args, Value& out, Context&) {
  const std::string text = to_lower(text_of(args[0].text));
  if (text == "true" || text == "false") return set_bool(out, text == "true");
  if (const auto number = integer_of(args[0].text))
    set_bool(out, number->whole ? number->integer != 0 : number->real != 0);
}

void dynamic_to_datetime(Args args, Value& out, Context&) {
  const JsonKind kind = json_kind(args[0].text);
  if (kind == JsonKind::kNumber) {
    const auto number = json_number(args[0].text);
    if (number && number->whole && number->integer >= 0 && number->integer <= kMaxDatetimeTicks)
      set_long(out, number->integer);
  } else if (kind == JsonKind::kString) {
    if (const auto ticks = parse_datetime(text_of(args[0].text))) set_long(out, *ticks);
  }
}

void dynamic_to_timespan(Args args, Value& out, Context&) {
  const JsonKind kind = json_kind(args[0].text);
  if (kind == JsonKind::kNumber) {
    const auto number = json_number(args[0].text);
    if (number && number->whole) set_long(out, number->integer);
  } else if (kind == JsonKind::kString) {
    if (const auto ticks = parse_timespan(text_of(args[0].text))) set_long(out, *ticks);
  }
}

void dynamic_to_guid(Args args, Value& out, Context& context) {
  std::string digits;
  for (const char c : to_lower(text_of(args[0].text))) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) digits += c;
    else if (c != '-' && c != '{' && c != '}') return;
  }
  if (digits.size() != 32) return;
  for (const size_t at : {20, 16, 12, 8}) digits.insert(at, 1, '-');
  out = Value::of_text(context.keep(std::move(digits)), Type::kGuid);
}

constexpr BodyEntry kBodies[] = {
    {"parse_json", parse_json_body},
    {"to_json", to_json},
    {"path", path},
    {"path_member", path_member},
    {"path_index", path_index},
    {"extract_json", extract_json},
    {"dynamic_to_json", dynamic_to_json},
    {"gettype", gettype},
    {"dynamic_to_string", dynamic_to_string},
    {"dynamic_to_long", dynamic_to_long},
    {"dynamic_to_int", dynamic_to_int},
    {"dynamic_to_real", dynamic_to_real},
    {"dynamic_to_decimal", dynamic_to_decimal},
    {"dynamic_to_bool", dynamic_to_bool},
    {"dynamic_to_datetime", dynamic_to_datetime},
    {"dynamic_to_timespan", dynamic_to_timespan},
    {"dynamic_to_guid", dynamic_to_guid},
};

}  // namespace

std::span<const BodyEntry> dynamic_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
