// Bodies of series: arrays of numbers, element by element and as a whole.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kql/runtime/numbers.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
using Raws = std::vector<std::string_view>;

// ------------------------------------------------------- element by element, two

// A number in place of an array stands for each element.
struct Operand {
  explicit Operand(const Value& value) : elements(elements_of(value)) {
    if (!elements && !value.null) scalar = value.text;
  }
  std::string_view at(size_t i) const {
    if (!elements) return scalar;
    return i < elements->size() ? (*elements)[i] : "null";
  }
  std::optional<Raws> elements;
  std::string_view scalar = "null";
};

template <typename Combine>
void pairwise(Args args, Value& out, Context& context, Combine combine) {
  const Operand a(args[0]), b(args[1]);
  if (!a.elements && !b.elements) return;
  const size_t size = std::max(a.elements ? a.elements->size() : 0, b.elements ? b.elements->size() : 0);
  Numbers result;
  for (size_t i = 0; i < size; ++i) {
    const auto x = json_number(a.at(i)), y = json_number(b.at(i));
    if (x && y) combine(result, *x, *y);
    else result.add_raw("null");
  }
  set_dynamic(out, result.text(), context);
}

template <char op>
void arithmetic(Args args, Value& out, Context& context) {
  pairwise(args, out, context, [](Numbers& result, const JsonNumber& x, const JsonNumber& y) {
    int64_t whole = 0;
    bool overflow = !x.whole || !y.whole || op == '/' || op == '^';
    if (!overflow) {
      overflow = op == '+'   ? __builtin_add_overflow(x.integer, y.integer, &whole)
                 : op == '-' ? __builtin_sub_overflow(x.integer, y.integer, &whole)
                             : __builtin_mul_overflow(x.integer, y.integer, &whole);
    }
    if (!overflow) return result.add(whole);
    result.add(op == '+'   ? x.real + y.real
               : op == '-' ? x.real - y.real
               : op == '*' ? x.real * y.real
               : op == '/' ? x.real / y.real
                           : std::pow(x.real, y.real));
  });
}

enum class Test : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

template <Test test>
void compare(Args args, Value& out, Context& context) {
  pairwise(args, out, context, [](Numbers& result, const JsonNumber& x, const JsonNumber& y) {
    const double a = x.real, b = y.real;
    result.add(test == Test::kEqual       ? a == b
               : test == Test::kNotEqual  ? a != b
               : test == Test::kLess      ? a < b
               : test == Test::kLessEqual ? a <= b
               : test == Test::kGreater   ? a > b
                                          : a >= b);
  });
}

// ------------------------------------------------------- element by element, one

template <double (*function)(double)>
void mapped(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  Numbers result;
  for (const auto raw : *elements) {
    if (const auto number = json_number(raw)) result.add(function(number->real));
    else result.add_raw("null");
  }
  set_dynamic(out, result.text(), context);
}

template <bool sign>
void abs_or_sign(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  Numbers result;
  for (const auto raw : *elements) {
    const auto number = json_number(raw);
    if (!number) result.add_raw("null");
    else if (sign) result.add(int64_t{number->real > 0} - int64_t{number->real < 0});
    else if (number->whole && number->integer != INT64_MIN) result.add(std::abs(number->integer));
    else result.add(std::fabs(number->real));
  }
  set_dynamic(out, result.text(), context);
}

// ---------------------------------------------------------------------- filling

bool is_gap(std::string_view raw, Args args, size_t placeholder) {
  if (args.size() <= placeholder || args[placeholder].null) return raw == "null";
  return raw == "null" || equal_json(raw, args[placeholder].text);
}

template <bool forward>
void fill_neighbour(Args args, Value& out, Context& context) {
  auto elements = elements_of(args[0]);
  if (!elements) return;
  if (!forward) std::reverse(elements->begin(), elements->end());
  for (size_t i = 1; i < elements->size(); ++i) {
    if (is_gap((*elements)[i], args, 1)) (*elements)[i] = (*elements)[i - 1];
  }
  if (!forward) std::reverse(elements->begin(), elements->end());
  Numbers result;
  for (const auto raw : *elements) result.add_raw(raw);
  set_dynamic(out, result.text(), context);
}

void fill_const(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements || args[1].null) return;
  Numbers result;
  for (const auto raw : *elements) result.add_raw(is_gap(raw, args, 2) ? args[1].text : raw);
  set_dynamic(out, result.text(), context);
}

// args: series, placeholder, fill the edges too, what to fill a series without any value with.
void fill_linear(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  const bool edges = args.size() <= 2 || args[2].null || args[2].text != "false";
  std::vector<size_t> known;
  for (size_t i = 0; i < elements->size(); ++i) {
    if (!is_gap((*elements)[i], args, 1) && json_number((*elements)[i])) known.push_back(i);
  }
  Numbers result;
  for (size_t i = 0; i < elements->size(); ++i) {
    const auto after = std::lower_bound(known.begin(), known.end(), i);
    if (known.empty()) {
      result.add_raw(args.size() > 3 && !args[3].null ? args[3].text : (*elements)[i]);
    } else if (after != known.end() && *after == i) {
      result.add_raw((*elements)[i]);
    } else if (after == known.end() || after == known.begin()) {
      result.add_raw(!edges ? (*elements)[i]
                            : (*elements)[after == known.end() ? known.back() : known.front()]);
    } else {
      const size_t right = *after, left = *(after - 1);
      const double from = json_number((*elements)[left])->real, to = json_number((*elements)[right])->real;
      result.add(from + (to - from) * static_cast<double>(i - left) / static_cast<double>(right - left));
    }
  }
  set_dynamic(out, result.text(), context);
}

// -------------------------------------------------------------------- as a whole

void series_sum(Args args, Value& out, Context&) {
  const auto x = reals_of(args[0]);
  if (!x) return;
  double sum = 0;
  for (const double v : *x) sum += v;
  set_real(out, sum);
}

void series_product(Args args, Value& out, Context&) {
  const auto x = reals_of(args[0]);
  if (!x) return;
  double product = 1;
  for (const double v : *x) product *= v;
  set_real(out, product);
}

void series_magnitude(Args args, Value& out, Context&) {
  const auto x = reals_of(args[0]);
  if (!x) return;
  double sum = 0;
  for (const double v : *x) sum += v * v;
  set_real(out, std::sqrt(sum));
}

void series_dot_product(Args args, Value& out, Context&) {
  const Operand a(args[0]), b(args[1]);
  if (!a.elements && !b.elements) return;
  if (a.elements && b.elements && a.elements->size() != b.elements->size()) return;
  double sum = 0;
  for (size_t i = 0; i < (a.elements ? a.elements : b.elements)->size(); ++i) {
    const auto x = json_number(a.at(i)), y = json_number(b.at(i));
    if (!x || !y) return;
    sum += x->real * y->real;
  }
  set_real(out, sum);
}

struct Moments {
  double xx = 0, yy = 0, xy = 0, mean_x = 0, mean_y = 0;
};

Moments moments(const std::vector<double>& x, const std::vector<double>& y) {
  Moments m;
  const double n = static_cast<double>(x.size());
  for (const double v : x) m.mean_x += v / n;
  for (const double v : y) m.mean_y += v / n;
  for (size_t i = 0; i < x.size(); ++i) {
    m.xx += (x[i] - m.mean_x) * (x[i] - m.mean_x);
    m.yy += (y[i] - m.mean_y) * (y[i] - m.mean_y);
    m.xy += (x[i] - m.mean_x) * (y[i] - m.mean_y);
  }
  return m;
}

void series_pearson_correlation(Args args, Value& out, Context&) {
  const auto x = reals_of(args[0]), y = reals_of(args[1]);
  if (!x || !y || x->size() != y->size() || x->empty()) return;
  const Moments m = moments(*x, *y);
  set_real(out, m.xy / std::sqrt(m.xx * m.yy));
}

void series_cosine_similarity(Args args, Value& out, Context&) {
  const auto x = reals_of(args[0]), y = reals_of(args[1]);
  if (!x || !y || x->size() != y->size() || x->empty()) return;
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x->size(); ++i) {
    xx += (*x)[i] * (*x)[i];
    yy += (*y)[i] * (*y)[i];
    xy += (*x)[i] * (*y)[i];
  }
  set_real(out, xy / std::sqrt(xx * yy));
}

// args: series, coefficients, whether they are made to add up to 1, whether the window is centred.
void series_fir(Args args, Value& out, Context& context) {
  const auto x = reals_of(args[0]);
  auto filter = reals_of(args[1]);
  if (!x || !filter || filter->empty() || filter->size() > 1024) return;
  bool normalize = std::none_of(filter->begin(), filter->end(), [](double f) { return f < 0; });
  if (args.size() > 2 && !args[2].null) normalize = args[2].integer != 0;
  const bool centre = args.size() > 3 && !args[3].null && args[3].integer != 0;
  double sum = 0;
  for (const double f : *filter) sum += f;
  if (normalize && sum != 0) {
    for (double& f : *filter) f /= sum;
  }
  const int64_t size = static_cast<int64_t>(x->size()),
                shift = centre ? static_cast<int64_t>(filter->size() / 2) : 0;
  Numbers result;
  for (int64_t i = 0; i < size; ++i) {
    double value = 0;
    for (size_t k = 0; k < filter->size(); ++k) {
      const int64_t from = i + shift - static_cast<int64_t>(k);
      if (from >= 0 && from < size) value += (*x)[static_cast<size_t>(from)] * (*filter)[k];
    }
    if (!normalize && value == std::trunc(value) && std::fabs(value) < 1e15)
      result.add(static_cast<int64_t>(value));
    else result.add(value);
  }
  set_dynamic(out, result.text(), context);
}

void series_iir(Args args, Value& out, Context& context) {
  const auto x = reals_of(args[0]), b = reals_of(args[1]), a = reals_of(args[2]);
  if (!x || !b || !a || a->empty() || b->empty() || (*a)[0] == 0 || a->size() > 1024 || b->size() > 1024)
    return;
  std::vector<double> y(x->size());
  Numbers result;
  for (size_t i = 0; i < x->size(); ++i) {
    double value = 0;
    for (size_t k = 0; k < b->size() && k <= i; ++k) value += (*b)[k] * (*x)[i - k];
    for (size_t k = 1; k < a->size() && k <= i; ++k) value -= (*a)[k] * y[i - k];
    y[i] = value / (*a)[0];
    result.add(y[i]);
  }
  set_dynamic(out, result.text(), context);
}

constexpr BodyEntry kBodies[] = {
    {"series_add", arithmetic<'+'>},
    {"series_subtract", arithmetic<'-'>},
    {"series_multiply", arithmetic<'*'>},
    {"series_divide", arithmetic<'/'>},
    {"series_pow", arithmetic<'^'>},
    {"series_equals", compare<Test::kEqual>},
    {"series_not_equals", compare<Test::kNotEqual>},
    {"series_less", compare<Test::kLess>},
    {"series_less_equals", compare<Test::kLessEqual>},
    {"series_greater", compare<Test::kGreater>},
    {"series_greater_equals", compare<Test::kGreaterEqual>},
    {"series_abs", abs_or_sign<false>},
    {"series_sign", abs_or_sign<true>},
    {"series_acos", mapped<std::acos>},
    {"series_asin", mapped<std::asin>},
    {"series_atan", mapped<std::atan>},
    {"series_ceiling", mapped<std::ceil>},
    {"series_cos", mapped<std::cos>},
    {"series_exp", mapped<std::exp>},
    {"series_floor", mapped<std::floor>},
    {"series_log", mapped<std::log>},
    {"series_sin", mapped<std::sin>},
    {"series_sqrt", mapped<std::sqrt>},
    {"series_tan", mapped<std::tan>},
    {"series_fill_forward", fill_neighbour<true>},
    {"series_fill_backward", fill_neighbour<false>},
    {"series_fill_const", fill_const},
    {"series_fill_linear", fill_linear},
    {"series_sum", series_sum},
    {"series_product", series_product},
    {"series_magnitude", series_magnitude},
    {"series_dot_product", series_dot_product},
    {"series_pearson_correlation", series_pearson_correlation},
    {"series_cosine_similarity", series_cosine_similarity},
    {"series_fir", series_fir},
    {"series_iir", series_iir},
};

}  // namespace

std::span<const BodyEntry> series_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
