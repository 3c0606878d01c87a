#include <gtest/gtest.h>

#include <limits>

#include "kql/runtime/call_body.h"
#include "kql/runtime/decimal.h"

namespace huntbook::kql::runtime {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min(), kMax = std::numeric_limits<int64_t>::max();

TEST(Arithmetic, LongWrapsAround) {
  EXPECT_EQ(call("add_long", {number(kMax), number(1)}, Type::kLong), "-9223372036854775808");
  EXPECT_EQ(call("subtract_long", {number(kMin), number(1)}, Type::kLong), "9223372036854775807");
  EXPECT_EQ(call("multiply_long", {number(kMax), number(2)}, Type::kLong), "-2");
  EXPECT_EQ(call("negate_long", {number(kMin)}, Type::kLong), "-9223372036854775808");
}

TEST(Arithmetic, DivisionCutsTowardZero) {
  EXPECT_EQ(call("divide_long", {number(-7), number(2)}, Type::kLong), "-3");
  EXPECT_EQ(call("divide_long", {number(7), number(-2)}, Type::kLong), "-3");
  EXPECT_EQ(call("divide_long", {number(7), number(0)}, Type::kLong), "null");
  EXPECT_EQ(call("divide_long", {number(kMin), number(-1)}, Type::kLong), "-9223372036854775808");
}

TEST(Arithmetic, RemainderIsNeverNegative) {
  const struct {
    int64_t a, b;
    const char* want;
  } cases[] = {{7, 3, "1"},    {-7, 3, "2"},     {7, -3, "1"},   {-7, -3, "2"},
               {14, -12, "2"}, {-14, -12, "10"}, {5, 0, "null"}, {kMin, -1, "0"}};
  for (const auto& c : cases) EXPECT_EQ(call("modulo_long", {number(c.a), number(c.b)}, Type::kLong), c.want);
  EXPECT_EQ(call("modulo_real", {real(-7.5), real(2)}, Type::kReal), "0.5");
  EXPECT_EQ(call("modulo_real", {real(5.5), real(-3)}, Type::kReal), "2.5");
}

TEST(Arithmetic, TimeStaysInRange) {
  const Value day = Value::of_long(864'000'000'000, Type::kTimespan);
  const Value last = Value::of_long(3'155'378'975'999'999'999, Type::kDatetime);
  EXPECT_EQ(call("add_datetime", {last, day}, Type::kDatetime), "null");
  EXPECT_EQ(call("subtract_datetime", {last, day}, Type::kDatetime), "3155378111999999999");
  EXPECT_EQ(call("multiply_timespan", {day, real(0.5)}, Type::kTimespan), "432000000000");
  EXPECT_EQ(call("divide_timespan", {day, real(0)}, Type::kTimespan), "null");
}

TEST(Arithmetic, EqualityWithNull) {
  EXPECT_EQ(call("equal_dynamic", {null(), null()}, Type::kBool), "null");
  EXPECT_EQ(call("equal_dynamic", {null(), number(1)}, Type::kBool), "false");
  EXPECT_EQ(call("not_equal_dynamic", {null(), number(1)}, Type::kBool), "true");
}

TEST(Arithmetic, DynamicComparesByValue) {
  EXPECT_EQ(call("equal_dynamic", {dynamic("\"x\""), text("x")}, Type::kBool), "true");
  EXPECT_EQ(call("equal_dynamic", {dynamic("\"X\""), text("x")}, Type::kBool), "false");
  EXPECT_EQ(call("equal_dynamic", {dynamic("1"), real(1)}, Type::kBool), "true");
  EXPECT_EQ(call("equal_dynamic", {dynamic("[1,2]"), dynamic("[1,2.0]")}, Type::kBool), "true");
  EXPECT_EQ(call("greater_dynamic", {dynamic("4.5"), number(4)}, Type::kBool), "true");
  EXPECT_EQ(call("less_dynamic", {dynamic("{}"), number(4)}, Type::kBool), "null");
  EXPECT_EQ(call("equal_dynamic", {dynamic("9223372036854775807"), number(kMax)}, Type::kBool), "true");
  EXPECT_EQ(call("equal_dynamic", {dynamic("9223372036854775806"), number(kMax)}, Type::kBool), "false");
  EXPECT_EQ(call("equal_text", {number(1), text("1")}, Type::kBool), "true");
}

TEST(Arithmetic, DynamicArithmetic) {
  EXPECT_EQ(call("add_dynamic", {dynamic("1"), dynamic("2")}), "3");
  EXPECT_EQ(call("multiply_dynamic", {dynamic("1.5"), dynamic("2")}), "3.0");
  EXPECT_EQ(call("divide_dynamic", {dynamic("1"), dynamic("0")}), "null");
}

TEST(Decimal, KeepsThirtyFourDigits) {
  EXPECT_EQ(decimal_op(DecimalOp::kDivide, "1", "3"), "0.3333333333333333333333333333333333");
  EXPECT_EQ(decimal_op(DecimalOp::kAdd, "0.1", "0.2"), "0.3");
  EXPECT_EQ(decimal_op(DecimalOp::kMultiply, "2147483648", "2"), "4294967296");
  EXPECT_EQ(decimal_op(DecimalOp::kModulo, "-7.5", "2"), "0.5");
  EXPECT_EQ(decimal_op(DecimalOp::kDivide, "1", "0"), std::nullopt);
}

TEST(Decimal, ReadsAndWrites) {
  EXPECT_EQ(parse_decimal("003.14000"), "3.14");
  EXPECT_EQ(parse_decimal("-1e-3"), "-0.001");
  EXPECT_EQ(parse_decimal("1e40"), "1E+40");
  EXPECT_EQ(parse_decimal("1e9999999"), std::nullopt);
  EXPECT_EQ(parse_decimal("0x1"), std::nullopt);
  EXPECT_EQ(parse_decimal(""), std::nullopt);
  EXPECT_EQ(parse_decimal("nan"), std::nullopt);
  EXPECT_EQ(decimal_from_real(0.1), "0.1");
  EXPECT_EQ(decimal_to_long("-2.9"), -2);
  EXPECT_EQ(decimal_to_long("1e30"), std::nullopt);
  EXPECT_GT(compare_decimals("10", "9.99"), 0);
  EXPECT_EQ(compare_decimals("1.0", "1"), 0);
}

}  // namespace
}  // namespace huntbook::kql::runtime
