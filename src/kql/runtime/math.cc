// Numbers: rounding, binning, logarithms, angles, bits.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <string>

#include "base/time.h"
#include "kql/runtime/decimal.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

template <double (*function)(double)>
void real_function(Args args, Value& out, Context&) {
  set_real(out, function(args[0].real));
}
template <double (*function)(double, double)>
void real_function_2(Args args, Value& out, Context&) {
  set_real(out, function(args[0].real, args[1].real));
}

// A logarithm of a negative number is null.
template <double (*function)(double)>
void logarithm(Args args, Value& out, Context&) {
  if (args[0].real >= 0) set_real(out, function(args[0].real));
  else if (std::isnan(args[0].real)) set_real(out, args[0].real);
}

double cotangent(double x) { return 1 / std::tan(x); }
double exp10_of(double x) { return std::pow(10.0, x); }
double degrees(double x) { return x * 180 / std::numbers::pi; }
double radians(double x) { return x * std::numbers::pi / 180; }
double gamma_of(double x) { return std::tgamma(x); }
double loggamma_of(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}
double power(double x, double y) { return std::pow(x, y); }
double arc_tangent_2(double y, double x) { return std::atan2(y, x); }
double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }
double tangent(double x) { return std::tan(x); }
double arc_sine(double x) { return std::asin(x); }
double arc_cosine(double x) { return std::acos(x); }
double arc_tangent(double x) { return std::atan(x); }
double square_root(double x) { return std::sqrt(x); }
double exponential(double x) { return std::exp(x); }
double exponential_2(double x) { return std::exp2(x); }
double natural(double x) { return std::log(x); }
double decadic(double x) { return std::log10(x); }
double binary(double x) { return std::log2(x); }
double up(double x) { return std::ceil(x); }
double error_function(double x) { return std::erf(x); }
double error_function_rest(double x) { return std::erfc(x); }

// The regularized incomplete beta function by its continued fraction.
double beta_fraction(double x, double a, double b) {
  const auto nonzero = [](double v) { return std::fabs(v) < 1e-300 ? 1e-300 : v; };
  double c = 1, d = 1 / nonzero(1 - (a + b) * x / (a + 1)), sum = d;
  for (int m = 1; m < 1000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step = 1;
    for (const double term : {even, odd}) {
      d = 1 / nonzero(1 + term * d);
      c = nonzero(1 + term / c);
      step = c * d;
      sum *= step;
    }
    if (std::fabs(step - 1) < 1e-16) break;
  }
  return sum;
}
double beta_scale(double x, double a, double b) {
  return std::exp(loggamma_of(a + b) - loggamma_of(a) - loggamma_of(b) + a * std::log(x) +
                  b * std::log1p(-x));
}
double beta_cdf_of(double x, double a, double b) {
  if (!(x >= 0 && x <= 1)) return std::nan("");
  if (!(a > 0)) return 1;
  if (!(b > 0)) return std::nan("");
  if (x == 0 || x == 1) return x;
  return x < (a + 1) / (a + b + 2) ? beta_scale(x, a, b) * beta_fraction(x, a, b) / a
                                   : 1 - beta_scale(1 - x, b, a) * beta_fraction(1 - x, b, a) / b;
}
void beta_cdf(Args args, Value& out, Context&) {
  set_real(out, beta_cdf_of(args[0].real, args[1].real, args[2].real));
}
void beta_pdf(Args args, Value& out, Context&) {
  const double x = args[0].real, a = args[1].real, b = args[2].real;
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) return set_real(out, std::nan(""));
  set_real(out, std::exp(loggamma_of(a + b) - loggamma_of(a) - loggamma_of(b)) * std::pow(x, a - 1) *
                    std::pow(1 - x, b - 1));
}
void beta_inv(Args args, Value& out, Context&) {
  const double p = args[0].real, a = args[1].real, b = args[2].real;
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) return set_real(out, std::nan(""));
  double low = 0, high = 1;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) break;
    (beta_cdf_of(middle, a, b) < p ? low : high) = middle;
  }
  set_real(out, high);
}

void abs_long(Args args, Value& out, Context&) {
  const int64_t value = args[0].integer;
  set_long(out, value < 0 ? static_cast<int64_t>(0 - static_cast<uint64_t>(value)) : value);
}
void abs_real(Args args, Value& out, Context&) { set_real(out, std::fabs(args[0].real)); }
void sign(Args args, Value& out, Context&) {
  const double value = args[0].real;
  set_real(out, value > 0 ? 1 : value < 0 ? -1 : 0);
}

// round(value, digits): halves go away from zero; halves as the decimal text shows them (2.15 to 2.2).
void round_real(Args args, Value& out, Context&) {
  const double value = args[0].real;
  const int64_t digits = args.size() > 1 ? std::clamp<int64_t>(args[1].integer, -400, 400) : 0;
  if (digits == 0 || !std::isfinite(value)) return set_real(out, std::round(value));
  if (digits > 300) return set_real(out, value);
  if (digits < -300) return set_real(out, 0);
  const double scale = std::pow(10.0, static_cast<double>(std::abs(digits)));
  const double scaled = digits > 0 ? value * scale : value / scale;
  if (!std::isfinite(scaled) || std::fabs(scaled) >= 9007199254740992.0) return set_real(out, value);
  double rounded = std::round(scaled);
  // A product one step below a half was a half before the multiplication.
  if (std::fabs(scaled - std::trunc(scaled)) < 0.5 &&
      std::fabs(std::nextafter(scaled, scaled * 2) - std::trunc(scaled)) >= 0.5) {
    rounded = std::trunc(scaled) + (scaled < 0 ? -1 : 1);
  }
  set_real(out, digits > 0 ? rounded / scale : rounded * scale);
}

// ------------------------------------------------------------------------ bin

int64_t floor_to(int64_t value, int64_t size) {
  int64_t rest = value % size;
  if (rest < 0) rest += size;
  return static_cast<int64_t>(static_cast<uint64_t>(value) - static_cast<uint64_t>(rest));
}

void bin_long(Args args, Value& out, Context&) {
  if (args[1].integer > 0) set_long(out, floor_to(args[0].integer, args[1].integer));
}
void bin_real(Args args, Value& out, Context&) {
  if (args[1].real > 0) set_real(out, std::floor(args[0].real / args[1].real) * args[1].real);
}
void bin_decimal(Args args, Value& out, Context& context) {
  if (compare_decimals(args[1].text, "0") <= 0) return;
  const auto rest = decimal_op(DecimalOp::kModulo, args[0].text, args[1].text);
  auto made = rest ? decimal_op(DecimalOp::kSubtract, args[0].text, *rest) : std::nullopt;
  if (made) out = Value::of_text(context.keep(std::move(*made)), Type::kDecimal);
}
void bin_at_long(Args args, Value& out, Context&) {
  const int64_t size = args[1].integer, place = args[2].integer;
  if (size <= 0) return;
  const auto shifted =
      static_cast<int64_t>(static_cast<uint64_t>(args[0].integer) - static_cast<uint64_t>(place));
  set_long(out, static_cast<int64_t>(static_cast<uint64_t>(floor_to(shifted, size)) +
                                     static_cast<uint64_t>(place)));
}
void bin_at_datetime(Args args, Value& out, Context& context) {
  bin_at_long(args, out, context);
  if (!out.null && (out.integer < 0 || out.integer > kMaxDatetimeTicks))
    out = Value::null_of(Type::kDatetime);
}
void bin_at_real(Args args, Value& out, Context&) {
  const double size = args[1].real, place = args[2].real;
  if (size > 0) set_real(out, std::floor((args[0].real - place) / size) * size + place);
}

// --------------------------------------------------------------- max_of min_of

bool less(const Value& a, const Value& b) {
  switch (a.type) {
    case Type::kReal: return a.real < b.real;
    case Type::kDecimal: return compare_decimals(a.text, b.text) < 0;
    case Type::kString:
    case Type::kGuid:
    case Type::kDynamic: return a.text < b.text;
    default: return a.integer < b.integer;
  }
}

template <bool greatest>
void extreme(Args args, Value& out, Context&) {
  for (const Value& value : args) {
    if (!value.null && (out.null || &value == &args[0] || (greatest ? less(out, value) : less(value, out))))
      out = value;
  }
}

// ----------------------------------------------------------------------- bits

void binary_and(Args args, Value& out, Context&) { set_long(out, args[0].integer & args[1].integer); }
void binary_or(Args args, Value& out, Context&) { set_long(out, args[0].integer | args[1].integer); }
void binary_xor(Args args, Value& out, Context&) { set_long(out, args[0].integer ^ args[1].integer); }
void binary_not(Args args, Value& out, Context&) { set_long(out, ~args[0].integer); }
// Shifts by the number of places modulo 64.
void binary_shift_left(Args args, Value& out, Context&) {
  set_long(out, static_cast<int64_t>(static_cast<uint64_t>(args[0].integer) << (args[1].integer & 63)));
}
void binary_shift_right(Args args, Value& out, Context&) {
  set_long(out, args[0].integer >> (args[1].integer & 63));
}
void bitset_count_ones(Args args, Value& out, Context&) {
  set_long(out, std::popcount(static_cast<uint64_t>(args[0].integer)));
}

constexpr BodyEntry kBodies[] = {
    {"sin", real_function<sine>},
    {"cos", real_function<cosine>},
    {"tan", real_function<tangent>},
    {"cot", real_function<cotangent>},
    {"asin", real_function<arc_sine>},
    {"acos", real_function<arc_cosine>},
    {"atan", real_function<arc_tangent>},
    {"atan2", real_function_2<arc_tangent_2>},
    {"degrees", real_function<degrees>},
    {"radians", real_function<radians>},
    {"exp", real_function<exponential>},
    {"exp2", real_function<exponential_2>},
    {"exp10", real_function<exp10_of>},
    {"log", logarithm<natural>},
    {"log2", logarithm<binary>},
    {"log10", logarithm<decadic>},
    {"loggamma", real_function<loggamma_of>},
    {"gamma", real_function<gamma_of>},
    {"pow", real_function_2<power>},
    {"sqrt", real_function<square_root>},
    {"ceiling", real_function<up>},
    {"erf", real_function<error_function>},
    {"erfc", real_function<error_function_rest>},
    {"beta_cdf", beta_cdf},
    {"beta_inv", beta_inv},
    {"beta_pdf", beta_pdf},
    {"abs_long", abs_long},
    {"abs_real", abs_real},
    {"sign", sign},
    {"round_real", round_real},
    {"bin_long", bin_long},
    {"bin_real", bin_real},
    {"bin_decimal", bin_decimal},
    {"bin_at_long", bin_at_long},
    {"bin_at_datetime", bin_at_datetime},
    {"bin_at_real", bin_at_real},
    {"max_of", extreme<true>},
    {"min_of", extreme<false>},
    {"binary_and", binary_and},
    {"binary_or", binary_or},
    {"binary_xor", binary_xor},
    {"binary_not", binary_not},
    {"binary_shift_left", binary_shift_left},
    {"binary_shift_right", binary_shift_right},
    {"bitset_count_ones", bitset_count_ones},
};

}  // namespace

std::span<const BodyEntry> math_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
