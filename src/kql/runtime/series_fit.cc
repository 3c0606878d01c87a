// Bodies that describe a whole series: its statistics, and lines and polynomials through it.
#include <algorithm>
#include <cmath>
#include <utility>

#include "kql/runtime/numbers.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

/// Appends members of a bag, or elements of an array when the keys are left out.
class Fields {
 public:
  explicit Fields(bool bag) : bag_(bag), text_(bag ? "{" : "[") {}
  void add(std::string_view key, double value) { start(key), append_json_real(text_, value); }
  void add_whole(std::string_view key, size_t value) { start(key), text_ += std::to_string(value); }
  void add_raw(std::string_view key, std::string_view raw) { start(key), text_ += raw; }
  std::string text() const { return text_ + (bag_ ? "}" : "]"); }

 private:
  void start(std::string_view key) {
    if (text_.size() > 1) text_ += ',';
    if (bag_) text_ += '"' + std::string(key) + "\":";
  }
  bool bag_;
  std::string text_;
};

// The numbers of a series; with `ignore` those that are finite and where each stands. Nothing when there is
// anything else.
std::optional<std::vector<std::pair<double, size_t>>> finite_of(const Value& value, bool ignore) {
  const auto elements = elements_of(value);
  if (!elements) return std::nullopt;
  std::vector<std::pair<double, size_t>> numbers;
  for (size_t i = 0; i < elements->size(); ++i) {
    const auto number = json_number((*elements)[i]);
    if (number && std::isfinite(number->real)) numbers.emplace_back(number->real, i);
    else if (!ignore) return std::nullopt;
  }
  return numbers;
}

// args: series, whether values that are not finite are passed over.
template <bool bag>
void series_stats(Args args, Value& out, Context& context) {
  if (args[0].null) return;
  const auto x = finite_of(args[0], args.size() > 1 && !args[1].null && args[1].integer != 0);
  if (!x || x->empty()) return;
  auto low = (*x)[0], high = (*x)[0];
  double sum = 0, squares = 0;
  for (const auto& one : *x) {
    if (one.first < low.first) low = one;
    if (one.first > high.first) high = one;
    sum += one.first;
  }
  const double mean = sum / static_cast<double>(x->size());
  for (const auto& one : *x) squares += (one.first - mean) * (one.first - mean);
  const double variance = x->size() > 1 ? squares / static_cast<double>(x->size() - 1) : 0;
  Fields fields(bag);
  fields.add("min", low.first);
  fields.add_whole("min_idx", low.second);
  fields.add("max", high.first);
  fields.add_whole("max_idx", high.second);
  fields.add("avg", mean);
  fields.add("stdev", std::sqrt(variance));
  fields.add("variance", variance);
  if (bag) {
    fields.add("sum", sum);
    fields.add_whole("len", x->size());
  }
  set_dynamic(out, fields.text(), context);
}

template <bool bag>
void series_fit_line(Args args, Value& out, Context& context) {
  const auto y = reals_of(args[0]);
  if (!y || y->size() < 2) return;
  const Line line = fit_line(y->data(), y->size());
  Numbers fit;
  for (size_t i = 0; i < y->size(); ++i) fit.add(line.at(i));
  Fields fields(bag);
  fields.add("rsquare", line.rsquare);
  fields.add("slope", line.slope);
  fields.add("variance", line.variance);
  fields.add("rvariance", line.residual);
  fields.add("interception", line.start);
  fields.add_raw("line_fit", fit.text());
  set_dynamic(out, fields.text(), context);
}

// Sums over the numbers up to each place, so that what a line leaves is known for any segment at once.
class Segments {
 public:
  explicit Segments(const std::vector<double>& y) {
    sums_.push_back({});
    const double shift = y.empty() ? 0 : y[0];
    for (size_t i = 0; i < y.size(); ++i) {
      Sums s = sums_.back();
      const double x = static_cast<double>(i), v = y[i] - shift;
      s.x += x, s.y += v, s.xx += x * x, s.xy += x * v, s.yy += v * v;
      sums_.push_back(s);
    }
  }
  double left_over(size_t from, size_t to) const {
    const Sums &a = sums_[from], &b = sums_[to];
    const double n = static_cast<double>(to - from), x = b.x - a.x, y = b.y - a.y;
    const double xx = (b.xx - a.xx) - x * x / n, xy = (b.xy - a.xy) - x * y / n,
                 yy = (b.yy - a.yy) - y * y / n;
    return std::max(0.0, xx == 0 ? yy : yy - xy * xy / xx);
  }

 private:
  struct Sums {
    double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  };
  std::vector<Sums> sums_;
};

// Two lines, one after the other, that leave the least.
template <bool bag>
void series_fit_2lines(Args args, Value& out, Context& context) {
  const auto y = reals_of(args[0]);
  if (!y || y->size() < 4) return;
  const Segments segments(*y);
  size_t split = 2;
  double least = segments.left_over(0, 2) + segments.left_over(2, y->size());
  for (size_t i = 3; i + 2 <= y->size(); ++i) {
    const double rest = segments.left_over(0, i) + segments.left_over(i, y->size());
    if (rest < least) least = rest, split = i;
  }
  const Line all = fit_line(y->data(), y->size()), left = fit_line(y->data(), split),
             right = fit_line(y->data() + split, y->size() - split);
  double rest = 0;
  Numbers fit;
  for (size_t i = 0; i < y->size(); ++i) {
    const double value = i < split ? left.at(i) : right.at(i - split);
    rest += ((*y)[i] - value) * ((*y)[i] - value);
    fit.add(value);
  }
  const double residual = rest / static_cast<double>(y->size() - 1);
  Fields fields(bag);
  fields.add("rsquare", all.variance == 0 ? 1 : 1 - residual / all.variance);
  fields.add_whole("split_idx", split);
  fields.add("variance", all.variance);
  fields.add("rvariance", residual);
  fields.add_raw("line_fit", fit.text());
  for (const Line* side : {&right, &left}) {
    Fields inner(true);
    Fields& to = bag ? inner : fields;
    to.add("rsquare", side->rsquare);
    to.add("slope", side->slope);
    to.add("interception", side->start);
    to.add("variance", side->variance);
    to.add("rvariance", side->residual);
    if (bag) fields.add_raw(side == &right ? "right" : "left", inner.text());
  }
  set_dynamic(out, fields.text(), context);
}

// Least squares by an orthogonal basis of the powers (modified Gram-Schmidt, twice), which stays exact where
// normal equations do not. Coefficients from the constant upwards.
std::optional<std::vector<double>> fit_powers(const std::vector<double>& x, const std::vector<double>& y,
                                              size_t degree) {
  const size_t n = x.size(), count = degree + 1;
  if (n < count) return std::nullopt;
  std::vector<std::vector<double>> basis(count, std::vector<double>(n));
  std::vector<std::vector<double>> upper(count, std::vector<double>(count, 0.0));
  for (size_t k = 0; k < count; ++k) {
    for (size_t i = 0; i < n; ++i) basis[k][i] = k == 0 ? 1 : std::pow(x[i], static_cast<double>(k));
    double before = 0;
    for (const double v : basis[k]) before += v * v;
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t j = 0; j < k; ++j) {
        double dot = 0;
        for (size_t i = 0; i < n; ++i) dot += basis[j][i] * basis[k][i];
        upper[j][k] += dot;
        for (size_t i = 0; i < n; ++i) basis[k][i] -= dot * basis[j][i];
      }
    }
    double norm = 0;
    for (const double v : basis[k]) norm += v * v;
    if (!(norm > before * 1e-24)) return std::nullopt;  // too few different x
    upper[k][k] = std::sqrt(norm);
    for (double& v : basis[k]) v /= upper[k][k];
  }
  std::vector<double> result(count);
  for (size_t k = count; k-- > 0;) {
    double value = 0;
    for (size_t i = 0; i < n; ++i) value += basis[k][i] * y[i];
    for (size_t j = k + 1; j < count; ++j) value -= upper[k][j] * result[j];
    result[k] = value / upper[k][k];
  }
  return result;
}

// args: y, x (the places when left out), degree.
void series_fit_poly(Args args, Value& out, Context& context) {
  if (args[0].null) return;
  const auto y = reals_of(args[0]);
  if (!y || y->empty()) return;
  std::optional<std::vector<double>> x;
  if (args.size() > 1 && !args[1].null) {
    x = reals_of(args[1]);
  } else {
    x.emplace(y->size());
    for (size_t i = 0; i < y->size(); ++i) (*x)[i] = static_cast<double>(i);
  }
  const int64_t degree = args.size() > 2 && !args[2].null ? args[2].integer : 1;
  if (!x || x->size() != y->size() || degree < 1 || degree > 7) return;
  const auto powers = fit_powers(*x, *y, static_cast<size_t>(degree));
  if (!powers) return;
  Numbers fit, coefficients;
  for (size_t k = powers->size(); k-- > 0;) coefficients.add((*powers)[k]);
  double mean = 0, squares = 0, rest = 0;
  for (const double v : *y) mean += v / static_cast<double>(y->size());
  for (size_t i = 0; i < y->size(); ++i) {
    double value = 0;
    for (size_t k = powers->size(); k-- > 0;) value = value * (*x)[i] + (*powers)[k];
    fit.add(value);
    squares += ((*y)[i] - mean) * ((*y)[i] - mean);
    rest += ((*y)[i] - value) * ((*y)[i] - value);
  }
  const double n = static_cast<double>(y->size() > 1 ? y->size() - 1 : 1);
  Fields fields(false);
  fields.add("rsquare", squares == 0 ? 1 : 1 - rest / squares);
  fields.add_raw("coefficients", coefficients.text());
  fields.add("variance", squares / n);
  fields.add("rvariance", rest / n);
  fields.add_raw("poly_fit", fit.text());
  set_dynamic(out, fields.text(), context);
}

constexpr BodyEntry kBodies[] = {
    {"series_stats", series_stats<false>},
    {"series_stats_dynamic", series_stats<true>},
    {"series_fit_line", series_fit_line<false>},
    {"series_fit_line_dynamic", series_fit_line<true>},
    {"series_fit_2lines", series_fit_2lines<false>},
    {"series_fit_2lines_dynamic", series_fit_2lines<true>},
    {"series_fit_poly", series_fit_poly},
};

}  // namespace

std::span<const BodyEntry> series_fit_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
