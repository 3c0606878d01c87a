// Decimal arithmetic over Boost.Multiprecision.
#include "kql/runtime/decimal.h"

#include <boost/multiprecision/cpp_dec_float.hpp>
#include <charconv>
#include <cmath>

namespace huntbook::kql::runtime {
namespace {

constexpr int kDigits = 34;
constexpr int kMaxExponent = 6144;
using Number = boost::multiprecision::number<boost::multiprecision::cpp_dec_float<40>>;

// Whether the text is sign, digits, point, exponent, and nothing else; `exponent` is what is written.
bool is_number(std::string_view text, int& exponent) {
  size_t i = 0;
  exponent = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  size_t digits = 0;
  const auto skip_digits = [&] {
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) ++digits;
  };
  skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    skip_digits();
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (error != std::errc() || end == text.data() + i) return false;
    i = static_cast<size_t>(end - text.data());
  }
  return i == text.size();
}

std::optional<std::string> write(const Number& number) {
  if (!boost::multiprecision::isfinite(number)) return std::nullopt;
  if (number == 0) return "0";
  // Digits and exponent first, so that rounding to 34 digits happens once.
  std::string text = number.str(kDigits - 1, std::ios_base::scientific);
  const bool negative = text[0] == '-';
  if (negative) text.erase(0, 1);
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + 1 + (text[e + 1] == '+'), text.data() + text.size(), exponent);
  std::string digits = text.substr(0, 1) + text.substr(2, e - 2);
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  if (exponent > kMaxExponent || exponent < -kMaxExponent) return std::nullopt;
  std::string out = negative ? "-" : "";
  const int count = static_cast<int>(digits.size());
  if (exponent >= 0 && exponent < kDigits) {
    if (count <= exponent + 1)
      return out + digits + std::string(static_cast<size_t>(exponent + 1 - count), '0');
    return out + digits.substr(0, static_cast<size_t>(exponent) + 1) + "." +
           digits.substr(static_cast<size_t>(exponent) + 1);
  }
  if (exponent < 0 && exponent >= -kDigits) {
    return out + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  }
  out += digits.substr(0, 1);
  if (count > 1) out += "." + digits.substr(1);
  return out + (exponent < 0 ? "E-" : "E+") + std::to_string(std::abs(exponent));
}

std::optional<Number> read(std::string_view text) {
  int exponent = 0;
  if (text.size() > 1000 || !is_number(text, exponent)) return std::nullopt;
  if (exponent > kMaxExponent || exponent < -kMaxExponent) return std::nullopt;
  return Number(std::string(text));
}

}  // namespace

std::optional<std::string> parse_decimal(std::string_view text) {
  const auto number = read(text);
  return number ? write(*number) : std::nullopt;
}

std::string decimal_from_long(int64_t value) { return std::to_string(value); }

std::optional<std::string> decimal_from_real(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value).ptr;  // the shortest digits, not the binary tail
  return parse_decimal({buffer, static_cast<size_t>(end - buffer)});
}

double decimal_to_real(std::string_view decimal) {
  double value = 0;
  if (!decimal.empty() && decimal[0] == '+') decimal.remove_prefix(1);
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  return value;
}

std::optional<int64_t> decimal_to_long(std::string_view decimal) {
  const auto number = read(decimal);
  if (!number) return std::nullopt;
  const Number whole = boost::multiprecision::trunc(*number);
  if (whole > Number(INT64_MAX) || whole < Number(INT64_MIN)) return std::nullopt;
  return whole.convert_to<int64_t>();
}

int compare_decimals(std::string_view a, std::string_view b) {
  const auto left = read(a), right = read(b);
  if (!left || !right) return left ? 1 : right ? -1 : 0;
  return left->compare(*right);
}

std::optional<std::string> decimal_op(DecimalOp op, std::string_view a, std::string_view b) {
  const auto left = read(a), right = read(b);
  if (!left || !right) return std::nullopt;
  switch (op) {
    case DecimalOp::kAdd: return write(*left + *right);
    case DecimalOp::kSubtract: return write(*left - *right);
    case DecimalOp::kMultiply: return write(*left * *right);
    case DecimalOp::kDivide:
      if (*right == 0) return std::nullopt;
      return write(*left / *right);
    case DecimalOp::kModulo: {
      if (*right == 0) return std::nullopt;
      Number rest = *left - *right * boost::multiprecision::trunc(*left / *right);
      if (rest < 0) rest += boost::multiprecision::abs(*right);
      return write(rest);
    }
  }
  return std::nullopt;
}

}  // namespace huntbook::kql::runtime
