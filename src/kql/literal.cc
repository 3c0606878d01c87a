// Literals with a type name.
#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"
#include "base/time.h"
#include "kql/lex.h"

namespace huntbook::kql {
namespace {

std::string_view unquote(std::string_view text) {
  text = trim(text);
  if (text.starts_with("h\"") || text.starts_with("h'") || text.starts_with("@")) text.remove_prefix(1);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    return trim(text.substr(1, text.size() - 2));
  return text;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  text = trim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
    text = trim(text);
  }
  uint64_t value = 0;
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (hex ? 2 : 0);
  auto [end, error] = std::from_chars(begin, text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || begin == end) return std::nullopt;
  if (!hex && value > static_cast<uint64_t>(INT64_MAX) + negative) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

// 32 hex digits with their dashes put in.
std::string fmt_guid(std::string_view digits) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += digits[i];
  }
  return out;
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

}  // namespace

std::optional<Literal> make_typed_literal(Type type, std::string_view body) {
  Literal literal;
  literal.type = type;
  std::string plain;  // pasted text brings blanks of its own kind
  if (std::any_of(body.begin(), body.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    for (size_t at = 0; at < body.size();) {
      const char32_t code = next_code_point(body, at);
      if (is_blank(code)) plain += ' ';
      else append_utf8(plain, code);
    }
    body = plain;
  }
  body = trim(body);
  const std::string_view text = unquote(body);
  if (body == "null") {
    literal.null = true;
    return literal;
  }
  switch (type) {
    case Type::kDatetime: {
      auto ticks = parse_datetime(text);
      if (!ticks) {  // 2017 - 08 - 01 and 2017, 8, 1
        std::string packed;
        for (char c : text) {
          if (c != ' ') packed += c == ',' ? '-' : c;
        }
        ticks = parse_datetime(packed);
      }
      if (!ticks) return std::nullopt;
      literal.integer = *ticks;
      return literal;
    }
    case Type::kTimespan:
      if (auto ticks = parse_timespan(text)) {
        literal.integer = *ticks;
        return literal;
      }
      return std::nullopt;
    case Type::kInt:
    case Type::kLong:
      if (auto value = parse_integer(text)) {
        if (type == Type::kInt && (*value > INT32_MAX || *value < INT32_MIN)) return std::nullopt;
        literal.integer = *value;
        return literal;
      }
      return std::nullopt;
    case Type::kReal: {
      const std::string lower = to_lower(text);
      if (lower == "nan") literal.real = std::numeric_limits<double>::quiet_NaN();
      else if (lower == "+inf" || lower == "inf") literal.real = std::numeric_limits<double>::infinity();
      else if (lower == "-inf") literal.real = -std::numeric_limits<double>::infinity();
      else {
        std::string_view digits = text;
        if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), literal.real);
        if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
          return std::nullopt;
      }
      return literal;
    }
    case Type::kBool: {
      const std::string lower = to_lower(text);
      if (lower == "true" || lower == "1") literal.integer = 1;
      else if (lower != "false" && lower != "0") return std::nullopt;
      return literal;
    }
    case Type::kGuid: {
      std::string_view digits = text;
      if (digits.size() == 38 && digits.front() == '{' && digits.back() == '}') digits = digits.substr(1, 36);
      std::string dashed(digits);
      if (digits.size() == 32) dashed = fmt_guid(digits);
      if (!is_guid(dashed)) return std::nullopt;
      literal.text = to_lower(dashed);
      return literal;
    }
    case Type::kDecimal: {
      double ignored = 0;
      std::string_view digits = text;
      if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
      auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ignored);
      if (digits.empty() || end != digits.data() + digits.size() || error == std::errc::invalid_argument)
        return std::nullopt;
      literal.text = digits;
      return literal;
    }
    case Type::kDynamic:
    case Type::kString: return std::nullopt;
  }
  return std::nullopt;
}

namespace {

struct LiteralType {
  std::string_view name;
  std::string_view hint;
};

constexpr std::string_view kDatetimeHint =
    "write datetime(2024-01-31 13:45:00); to convert a value use todatetime(...)";
constexpr std::string_view kTimespanHint =
    "write timespan(1.02:03:04) or 1d; to convert a value use totimespan(...)";
constexpr LiteralType kLiteralTypes[] = {{"datetime", kDatetimeHint},
                                         {"date", kDatetimeHint},
                                         {"timespan", kTimespanHint},
                                         {"time", kTimespanHint},
                                         {"long", "to convert a value use tolong(...)"},
                                         {"int64", "to convert a value use tolong(...)"},
                                         {"int", "to convert a value use toint(...)"},
                                         {"int32", "to convert a value use toint(...)"},
                                         {"real", "to convert a value use toreal(...)"},
                                         {"double", "to convert a value use todouble(...)"},
                                         {"bool", "to convert a value use tobool(...)"},
                                         {"boolean", "to convert a value use tobool(...)"},
                                         {"guid", "to convert a value use toguid(...)"},
                                         {"decimal", "to convert a value use todecimal(...)"}};

struct Unit {
  std::string_view name;
  double ticks;
};

constexpr Unit kUnits[] = {
    {"d", 864e9},          {"day", 864e9},        {"days", 864e9}, {"h", 36e9},     {"hr", 36e9},
    {"hrs", 36e9},         {"hour", 36e9},        {"hours", 36e9}, {"m", 6e8},      {"min", 6e8},
    {"minute", 6e8},       {"minutes", 6e8},      {"s", 1e7},      {"sec", 1e7},    {"second", 1e7},
    {"seconds", 1e7},      {"ms", 1e4},           {"milli", 1e4},  {"millis", 1e4}, {"millisec", 1e4},
    {"millisecond", 1e4},  {"milliseconds", 1e4}, {"micro", 10},   {"micros", 10},  {"microsec", 10},
    {"microsecond", 10},   {"microseconds", 10},  {"nano", 0.01},  {"nanos", 0.01}, {"nanosecond", 0.01},
    {"nanoseconds", 0.01}, {"tick", 1},           {"ticks", 1}};

}  // namespace

bool is_literal_type(std::string_view word) {
  return std::any_of(std::begin(kLiteralTypes), std::end(kLiteralTypes),
                     [&](const auto& type) { return type.name == word; });
}

std::string literal_hint(std::string_view type) {
  for (const auto& each : kLiteralTypes) {
    if (each.name == type) return std::string(each.hint);
  }
  return {};
}

double ticks_of_unit(std::string_view unit) {
  for (const auto& each : kUnits) {
    if (each.name == unit) return each.ticks;
  }
  return 0;
}

bool is_bad_number(std::string_view word) { return !number_hint(word).empty(); }

std::string number_hint(std::string_view word) {
  const size_t unit_at = word.find_first_not_of("0123456789._");
  if (word.empty() || word[0] < '0' || word[0] > '9' || unit_at == std::string_view::npos) return {};
  const std::string digits(word.substr(0, unit_at));
  const std::string unit = to_lower(word.substr(unit_at));
  if (unit == "l") return "a whole number is a long already: write " + digits;
  if (unit == "ns" || unit == "us")
    return "the smallest units are tick (100 ns) and microsecond: write " +
           (unit == "us" ? digits + "microseconds" : "1tick");
  if (unit == "w" || unit == "week" || unit == "weeks")
    return "there is no unit of weeks: write " + digits + " * 7d";
  if (unit == "mins" || unit == "secs" || unit == "usec" || unit == "msec")
    return "the units are d, h, m, s, ms, microsecond, tick";
  if (digits.find('.') != std::string::npos || unit[0] == 'x')
    return "the units are d, h, m, s, ms, microsecond, tick";
  return {};
}

}  // namespace huntbook::kql
