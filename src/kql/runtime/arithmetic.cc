// Arithmetic and comparison where SQL means something else: wrapping, null by zero, decimal, dynamic.
#include <cmath>

#include "base/time.h"
#include "kql/runtime/decimal.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

int64_t wrap_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t wrap_subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t wrap_multiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

int64_t divide(int64_t a, int64_t b) { return b == -1 ? wrap_subtract(0, a) : a / b; }

// Never negative, whatever the signs.
int64_t modulo(int64_t a, int64_t b) {
  if (b == -1) return 0;
  const int64_t rest = a % b;
  return rest >= 0 ? rest : b > 0 ? rest + b : wrap_subtract(rest, b);
}

double modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest < 0 ? rest + std::fabs(b) : rest;
}

void set(Value& out, int64_t value) {
  out.null = false;
  out.integer = value;
}

void add_long(Args args, Value& out, Context&) { set(out, wrap_add(args[0].integer, args[1].integer)); }
void subtract_long(Args args, Value& out, Context&) {
  set(out, wrap_subtract(args[0].integer, args[1].integer));
}
void multiply_long(Args args, Value& out, Context&) {
  set(out, wrap_multiply(args[0].integer, args[1].integer));
}
void negate_long(Args args, Value& out, Context&) { set(out, wrap_subtract(0, args[0].integer)); }
void divide_long(Args args, Value& out, Context&) {
  if (args[1].integer != 0) set(out, divide(args[0].integer, args[1].integer));
}
void modulo_long(Args args, Value& out, Context&) {
  if (args[1].integer != 0) set(out, modulo(args[0].integer, args[1].integer));
}
void modulo_real(Args args, Value& out, Context&) {
  out.null = false;
  out.real = modulo(args[0].real, args[1].real);
}

void set_datetime(Value& out, int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum) && sum >= 0 && sum <= kMaxDatetimeTicks) set(out, sum);
}
void add_datetime(Args args, Value& out, Context&) { set_datetime(out, args[0].integer, args[1].integer); }
void subtract_datetime(Args args, Value& out, Context&) {
  set_datetime(out, args[0].integer, wrap_subtract(0, args[1].integer));
}

void set_ticks(Value& out, double ticks) {
  if (ticks >= -9223372036854775808.0 && ticks < 9223372036854775808.0) set(out, static_cast<int64_t>(ticks));
}
void multiply_timespan(Args args, Value& out, Context&) {
  const auto factor = [](const Value& v) {
    return v.type == Type::kReal ? v.real : static_cast<double>(v.integer);
  };
  set_ticks(out, factor(args[0]) * factor(args[1]));
}
void divide_timespan(Args args, Value& out, Context&) {
  set_ticks(out, static_cast<double>(args[0].integer) / args[1].real);
}

// -------------------------------------------------------------------- decimal

template <DecimalOp op>
void decimal_body(Args args, Value& out, Context& context) {
  if (auto text = decimal_op(op, args[0].text, args[1].text))
    out = Value::of_text(context.keep(std::move(*text)), Type::kDecimal);
}
void negate_decimal(Args args, Value& out, Context& context) {
  if (auto text = decimal_op(DecimalOp::kSubtract, "0", args[0].text)) {
    out = Value::of_text(context.keep(std::move(*text)), Type::kDecimal);
  }
}

// ----------------------------------------------------------------- comparison

enum class Compare : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual };

template <Compare op>
bool holds(Order order) {
  switch (op) {
    case Compare::kLess: return order == Order::kLess;
    case Compare::kLessEqual: return order == Order::kLess || order == Order::kEqual;
    case Compare::kGreater: return order == Order::kGreater;
    case Compare::kGreaterEqual: return order == Order::kGreater || order == Order::kEqual;
  }
  return false;
}

template <Compare op>
void decimal_compare(Args args, Value& out, Context&) {
  const int sign = compare_decimals(args[0].text, args[1].text);
  set(out, holds<op>(sign < 0 ? Order::kLess : sign > 0 ? Order::kGreater : Order::kEqual));
}

template <Compare op>
void dynamic_compare(Args args, Value& out, Context&) {
  const Order order = compare_scalars(args[0], args[1]);
  if (order != Order::kNone) set(out, holds<op>(order));
}

// Null with null is null, null with a value differs.
template <bool negated, typename Equal>
void set_equality(Args args, Value& out, Equal equal) {
  if (args[0].null && args[1].null) return;
  const bool same = !args[0].null && !args[1].null && equal();
  set(out, same != negated);
}

template <bool negated>
void decimal_equality(Args args, Value& out, Context&) {
  set_equality<negated>(args, out, [&] { return compare_decimals(args[0].text, args[1].text) == 0; });
}
template <bool negated>
void dynamic_equality(Args args, Value& out, Context&) {
  set_equality<negated>(args, out, [&] { return equal_scalars(args[0], args[1]); });
}
template <bool negated>
void text_equality(Args args, Value& out, Context&) {
  set_equality<negated>(args, out, [&] { return equal_scalars(args[0], args[1]); });
}

// -------------------------------------------------------------------- dynamic

template <char op>
void dynamic_arithmetic(Args args, Value& out, Context& context) {
  const auto a = number_of(args[0].text), b = number_of(args[1].text);
  if (!a || !b) return;
  std::string text;
  if (a->whole && b->whole) {
    const int64_t x = a->integer, y = b->integer;
    if ((op == '/' || op == '%') && y == 0) return;
    const int64_t result = op == '+'   ? wrap_add(x, y)
                           : op == '-' ? wrap_subtract(x, y)
                           : op == '*' ? wrap_multiply(x, y)
                           : op == '/' ? divide(x, y)
                                       : modulo(x, y);
    text = std::to_string(result);
  } else {
    const double x = a->real, y = b->real;
    append_json_real(text, op == '+'   ? x + y
                           : op == '-' ? x - y
                           : op == '*' ? x * y
                           : op == '/' ? x / y
                                       : modulo(x, y));
  }
  out = Value::of_text(context.keep(std::move(text)), Type::kDynamic);
}

constexpr BodyEntry kBodies[] = {
    {"add_long", add_long},
    {"subtract_long", subtract_long},
    {"multiply_long", multiply_long},
    {"divide_long", divide_long},
    {"modulo_long", modulo_long},
    {"negate_long", negate_long},
    {"modulo_real", modulo_real},
    {"add_datetime", add_datetime},
    {"subtract_datetime", subtract_datetime},
    {"multiply_timespan", multiply_timespan},
    {"divide_timespan", divide_timespan},
    {"add_decimal", decimal_body<DecimalOp::kAdd>},
    {"subtract_decimal", decimal_body<DecimalOp::kSubtract>},
    {"multiply_decimal", decimal_body<DecimalOp::kMultiply>},
    {"divide_decimal", decimal_body<DecimalOp::kDivide>},
    {"modulo_decimal", decimal_body<DecimalOp::kModulo>},
    {"negate_decimal", negate_decimal},
    {"add_dynamic", dynamic_arithmetic<'+'>},
    {"subtract_dynamic", dynamic_arithmetic<'-'>},
    {"multiply_dynamic", dynamic_arithmetic<'*'>},
    {"divide_dynamic", dynamic_arithmetic<'/'>},
    {"modulo_dynamic", dynamic_arithmetic<'%'>},
    {"equal_dynamic", dynamic_equality<false>},
    {"not_equal_dynamic", dynamic_equality<true>},
    {"equal_decimal", decimal_equality<false>},
    {"not_equal_decimal", decimal_equality<true>},
    {"equal_text", text_equality<false>},
    {"not_equal_text", text_equality<true>},
    {"less_dynamic", dynamic_compare<Compare::kLess>},
    {"less_equal_dynamic", dynamic_compare<Compare::kLessEqual>},
    {"greater_dynamic", dynamic_compare<Compare::kGreater>},
    {"greater_equal_dynamic", dynamic_compare<Compare::kGreaterEqual>},
    {"less_decimal", decimal_compare<Compare::kLess>},
    {"less_equal_decimal", decimal_compare<Compare::kLessEqual>},
    {"greater_decimal", decimal_compare<Compare::kGreater>},
    {"greater_equal_decimal", decimal_compare<Compare::kGreaterEqual>},
};

}  // namespace

std::span<const BodyEntry> operator_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
