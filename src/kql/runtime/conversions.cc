// tostring, tolong, todatetime ...: from every type to every other. What cannot be read is null, never an
// error.
#include <charconv>
#include <cmath>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/runtime/decimal.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// ------------------------------------------------------------------ to string

void real_to_string(Args args, Value& out, Context& context) {
  const double value = args[0].real;
  if (std::isnan(value)) return void(out.text = "NaN");
  if (std::isinf(value)) return void(out.text = value > 0 ? "inf" : "-inf");
  std::string text;
  append_real(text, value);
  set_text(out, std::move(text), context);
}

void long_to_string(Args args, Value& out, Context& context) {
  set_text(out, std::to_string(args[0].integer), context);
}
void bool_to_string(Args args, Value& out, Context&) { out.text = args[0].integer ? "True" : "False"; }
void datetime_to_string(Args args, Value& out, Context& context) {
  set_text(out, format_datetime(args[0].integer), context);
}
void timespan_to_string(Args args, Value& out, Context& context) {
  set_text(out, format_timespan(args[0].integer), context);
}

// -------------------------------------------------------------------- numbers

// A whole number: blanks around it, a sign, leading zeros; or 0x and hexadecimal digits of at most `bits`
// bits.
std::optional<int64_t> whole_number(std::string_view text, int bits) {
  text = trim(text);
  if (text.starts_with("0x") || text.starts_with("0X")) {
    uint64_t value = 0;
    const auto got = std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
    if (got.ec != std::errc() || got.ptr != text.data() + text.size() || (bits < 64 && value >> bits))
      return std::nullopt;
    return bits == 32 ? static_cast<int32_t>(value) : static_cast<int64_t>(value);
  }
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  int64_t value = 0;
  const auto got = std::from_chars(text.data(), text.data() + text.size(), value);
  if (got.ec != std::errc() || got.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
  if (bits == 32 && (value < INT32_MIN || value > INT32_MAX)) return std::nullopt;
  return value;
}

void string_to_long(Args args, Value& out, Context&) {
  if (const auto value = whole_number(args[0].text, 64)) set_long(out, *value);
}
void string_to_int(Args args, Value& out, Context&) {
  if (const auto value = whole_number(args[0].text, 32)) set_long(out, *value);
}
void long_to_int(Args args, Value& out, Context&) { set_long(out, static_cast<int32_t>(args[0].integer)); }

// Cut toward zero, and to the range of the type; nothing for NaN and infinities.
void real_to_long(Args args, Value& out, Context&) {
  const double value = args[0].real;
  if (!std::isfinite(value)) return;
  set_long(out, value >= 9223372036854775808.0   ? INT64_MAX
                : value < -9223372036854775808.0 ? INT64_MIN
                                                 : static_cast<int64_t>(value));
}
void real_to_int(Args args, Value& out, Context&) {
  const double value = args[0].real;
  if (!std::isfinite(value)) return;
  set_long(out, value >= 2147483648.0    ? INT32_MAX
                : value <= -2147483649.0 ? INT32_MIN
                                         : static_cast<int64_t>(value));
}
void decimal_to_long_body(Args args, Value& out, Context&) {
  if (const auto value = decimal_to_long(args[0].text)) set_long(out, *value);
}
void decimal_to_int(Args args, Value& out, Context&) {
  if (const auto value = decimal_to_long(args[0].text)) set_long(out, static_cast<int32_t>(*value));
}

std::optional<double> real_number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  const bool negative = text.starts_with('-');
  const std::string_view bare = text.substr(negative ? 1 : 0);
  if (bare == "nan" || bare == "NaN") return std::nan("");
  if (bare == "inf" || bare == "Inf" || bare == "Infinity" || bare == "infinity")
    return negative ? -HUGE_VAL : HUGE_VAL;
  if (bare.empty() || !((bare[0] >= '0' && bare[0] <= '9') || bare[0] == '.')) return std::nullopt;
  double value = 0;
  const auto got = std::from_chars(text.data(), text.data() + text.size(), value);
  if (got.ptr != text.data() + text.size()) return std::nullopt;
  if (got.ec == std::errc::result_out_of_range) {
    const size_t exponent = text.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
    return tiny ? 0.0 : negative ? -HUGE_VAL : HUGE_VAL;
  }
  if (got.ec != std::errc()) return std::nullopt;
  return value;
}

void string_to_real(Args args, Value& out, Context&) {
  if (const auto value = real_number(args[0].text)) set_real(out, *value);
}
void decimal_to_real_body(Args args, Value& out, Context&) { set_real(out, decimal_to_real(args[0].text)); }

void set_decimal(Value& out, std::optional<std::string> text, Context& context) {
  if (text) out = Value::of_text(context.keep(std::move(*text)), Type::kDecimal);
}
void long_to_decimal(Args args, Value& out, Context& context) {
  set_decimal(out, decimal_from_long(args[0].integer), context);
}
void real_to_decimal(Args args, Value& out, Context& context) {
  set_decimal(out, decimal_from_real(args[0].real), context);
}
void string_to_decimal(Args args, Value& out, Context& context) {
  set_decimal(out, parse_decimal(trim(args[0].text)), context);
}

// ----------------------------------------------------------- bool, time, guid

void string_to_bool(Args args, Value& out, Context&) {
  const std::string_view text = args[0].text;
  if (text.size() == 4 || text.size() == 5) {
    const std::string lower = to_lower(text);
    if (lower == "true" || lower == "false") return set_bool(out, lower == "true");
  }
  if (const auto value = whole_number(text, 64)) set_bool(out, *value != 0);
}
void decimal_to_bool(Args args, Value& out, Context&) {
  set_bool(out, compare_decimals(args[0].text, "0") != 0);
}

void string_to_datetime(Args args, Value& out, Context&) {
  if (const auto ticks = parse_datetime(args[0].text)) set_long(out, *ticks);
}
void long_to_datetime(Args args, Value& out, Context&) {
  if (args[0].integer >= 0 && args[0].integer <= kMaxDatetimeTicks) set_long(out, args[0].integer);
}
void string_to_timespan(Args args, Value& out, Context&) {
  const std::string_view text = trim(args[0].text);
  // A bare number is days only when it is whole.
  if (text.find_first_not_of("+-0123456789.") == std::string_view::npos &&
      text.find('.') != std::string_view::npos)
    return;
  if (const auto ticks = parse_timespan(text)) set_long(out, *ticks);
}

void string_to_guid(Args args, Value& out, Context& context) {
  std::string digits;
  std::string_view text = trim(args[0].text);
  if (text.size() > 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) digits += c;
    else if (c >= 'A' && c <= 'F') digits += static_cast<char>(c + 32);
    else if (c != '-') return;
  }
  if (digits.size() != 32) return;
  for (const size_t at : {20, 16, 12, 8}) digits.insert(at, 1, '-');
  out = Value::of_text(context.keep(std::move(digits)), Type::kGuid);
}

constexpr BodyEntry kBodies[] = {
    {"real_to_string", real_to_string},
    {"long_to_string", long_to_string},
    {"bool_to_string", bool_to_string},
    {"datetime_to_string", datetime_to_string},
    {"timespan_to_string", timespan_to_string},
    {"string_to_long", string_to_long},
    {"string_to_int", string_to_int},
    {"long_to_int", long_to_int},
    {"real_to_long", real_to_long},
    {"real_to_int", real_to_int},
    {"decimal_to_long", decimal_to_long_body},
    {"decimal_to_int", decimal_to_int},
    {"string_to_real", string_to_real},
    {"decimal_to_real", decimal_to_real_body},
    {"long_to_decimal", long_to_decimal},
    {"real_to_decimal", real_to_decimal},
    {"string_to_decimal", string_to_decimal},
    {"string_to_bool", string_to_bool},
    {"decimal_to_bool", decimal_to_bool},
    {"string_to_datetime", string_to_datetime},
    {"long_to_datetime", long_to_datetime},
    {"string_to_timespan", string_to_timespan},
    {"string_to_guid", string_to_guid},
};

}  // namespace

std::span<const BodyEntry> conversion_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
