// KQL's decimal: text with at most 34 significant digits in and out. A text is canonical when it came from
// here.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huntbook::kql::runtime {

/// The canonical text of a decimal number ("3.14", "-1e-7", "1E400"), or nothing when it is none or too
/// large.
std::optional<std::string> parse_decimal(std::string_view text);
std::string decimal_from_long(int64_t value);
/// Nothing for NaN and infinities.
std::optional<std::string> decimal_from_real(double value);
double decimal_to_real(std::string_view decimal);
/// Cut toward zero; nothing when it does not fit.
std::optional<int64_t> decimal_to_long(std::string_view decimal);
/// Negative, 0 or positive.
int compare_decimals(std::string_view a, std::string_view b);

enum class DecimalOp : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };
/// Nothing for a division by zero and for a result out of range.
std::optional<std::string> decimal_op(DecimalOp op, std::string_view a, std::string_view b);

}  // namespace huntbook::kql::runtime
