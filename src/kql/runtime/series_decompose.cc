// Bodies that take a series apart: its periods, its seasonal part and trend, what is left, and what stands
// out.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "kql/runtime/numbers.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
using Reals = std::vector<double>;

// A series in which anything but a number is NaN.
std::optional<Reals> series_of(const Value& value) {
  const auto elements = elements_of(value);
  if (!elements) return std::nullopt;
  Reals numbers;
  numbers.reserve(elements->size());
  for (const auto raw : *elements) {
    const auto number = json_number(raw);
    numbers.push_back(number && std::isfinite(number->real) ? number->real : std::nan(""));
  }
  return numbers;
}

std::string series_text(const Reals& values) {
  Numbers numbers;
  for (const double value : values) {
    if (std::isnan(value)) numbers.add_raw("null");
    else numbers.add(value);
  }
  return numbers.text();
}

int64_t long_at(Args args, size_t i, int64_t otherwise) {
  return args.size() > i && !args[i].null ? args[i].integer : otherwise;
}

double real_at(Args args, size_t i, double otherwise) {
  return args.size() > i && !args[i].null ? args[i].real : otherwise;
}

std::string_view text_at(Args args, size_t i, std::string_view otherwise) {
  return args.size() > i && !args[i].text.empty() ? args[i].text : otherwise;
}

// How many values at the end are not learnt from.
size_t learnt_size(size_t size, int64_t test_points) {
  return test_points <= 0 ? size : size - std::min<size_t>(size, static_cast<size_t>(test_points));
}

double median_of(Reals values) {
  if (values.empty()) return std::nan("");
  const size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(middle), values.end());
  const double high = values[middle];
  if (values.size() % 2) return high;
  return (*std::max_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(middle)) + high) / 2;
}

// ---------------------------------------------------------------------- periods

// How alike a series and itself are, shifted by each of 0 ... size/2 places. Missing values count as the
// mean.
class Likeness {
 public:
  Likeness(const Reals& y, size_t size) {
    double mean = 0;
    size_t known = 0;
    for (size_t i = 0; i < size; ++i) {
      if (!std::isnan(y[i])) mean += y[i], ++known;
    }
    mean = known ? mean / static_cast<double>(known) : 0;
    Reals x(size);
    for (size_t i = 0; i < size; ++i) x[i] = std::isnan(y[i]) ? 0 : y[i] - mean;
    products_ = lag_products(x);
    for (size_t lag = 0; lag < products_.size(); ++lag) products_[lag] /= static_cast<double>(size - lag);
    size_ = size;
  }

  size_t longest() const { return products_.empty() ? 0 : products_.size() - 1; }

  // Between 0 and 1; 0 where the likeness is no higher than around it.
  double score(size_t lag) const {
    if (lag < kShortest || lag + 1 > longest() || !(products_[0] > 0)) return 0;
    if (!(products_[lag] > products_[lag - 1]) || products_[lag] < products_[lag + 1]) return 0;
    const double shared = static_cast<double>(size_ - lag) / static_cast<double>(size_);
    return std::clamp(products_[lag] / products_[0] * std::sqrt(shared), 0.0, 1.0);
  }

  static constexpr size_t kShortest = 4;

 private:
  Reals products_;
  size_t size_ = 0;
};

struct Period {
  size_t length = 0;
  double score = 0;
};

// The periods with the highest scores; a multiple of one that is already there tells nothing new.
std::vector<Period> find_periods(const Reals& y, size_t size, double low, double high, size_t count) {
  std::vector<Period> found, chosen;
  if (size < 2 * Likeness::kShortest) return chosen;
  const Likeness likeness(y, size);
  for (size_t lag = Likeness::kShortest; lag < likeness.longest(); ++lag) {
    if (static_cast<double>(lag) < low || static_cast<double>(lag) > high) continue;
    if (const double score = likeness.score(lag); score > 0) found.push_back({lag, score});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Period& a, const Period& b) { return a.score > b.score + 1e-9; });
  for (const Period& period : found) {
    if (chosen.size() >= count) break;
    if (std::none_of(chosen.begin(), chosen.end(),
                     [&](const Period& before) { return period.length % before.length == 0; }))
      chosen.push_back(period);
  }
  return chosen;
}

void give_periods(const std::vector<std::pair<double, double>>& periods, Value& out, Context& context) {
  Numbers lengths, scores;
  for (const auto& [length, score] : periods) lengths.add(length), scores.add(score);
  set_dynamic(out, "[" + lengths.text() + "," + scores.text() + "]", context);
}

// args: series, shortest, longest, how many.
void series_periods_detect(Args args, Value& out, Context& context) {
  const auto y = series_of(args[0]);
  if (!y || args[3].integer < 1 || args[3].integer > 1000) return;
  const size_t count = static_cast<size_t>(args[3].integer);
  std::vector<std::pair<double, double>> periods;
  for (const Period& period : find_periods(*y, y->size(), args[1].real, args[2].real, count))
    periods.emplace_back(static_cast<double>(period.length), period.score);
  periods.resize(count, {0, 0});
  give_periods(periods, out, context);
}

// args: series, periods.
void series_periods_validate(Args args, Value& out, Context& context) {
  const auto y = series_of(args[0]);
  if (!y || y->empty()) return;
  const Likeness likeness(*y, y->size());
  std::vector<std::pair<double, double>> periods;
  for (const Value& arg : args.subspan(1)) {
    const double wanted = std::round(arg.real);
    const bool fits = wanted >= 1 && wanted <= static_cast<double>(likeness.longest());
    periods.emplace_back(arg.real, fits ? likeness.score(static_cast<size_t>(wanted)) : 0);
  }
  give_periods(periods, out, context);
}

// ---------------------------------------------------------------- decomposition

// For each place the median of the places whole periods away; 0 everywhere without a period.
Reals seasonal_of(const Reals& y, size_t learnt, size_t period) {
  Reals seasonal(y.size(), 0);
  if (period == 0 || period >= learnt) return seasonal;
  for (size_t phase = 0; phase < period; ++phase) {
    Reals values;
    for (size_t i = phase; i < learnt; i += period) {
      if (!std::isnan(y[i])) values.push_back(y[i]);
    }
    const double median = values.empty() ? 0 : median_of(std::move(values));
    for (size_t i = phase; i < y.size(); i += period) seasonal[i] = median;
  }
  return seasonal;
}

size_t period_of(const Reals& y, size_t learnt, int64_t seasonality, double threshold) {
  if (seasonality >= 0) return static_cast<size_t>(seasonality);
  const auto periods = find_periods(y, learnt, 0, static_cast<double>(learnt), 1);
  return periods.empty() || periods[0].score < threshold ? 0 : periods[0].length;
}

enum class Trend : uint8_t { kNone, kAverage, kLine };

Reals trend_of(const Reals& rest, size_t learnt, Trend kind) {
  Reals trend(rest.size(), 0);
  double n = 0, x = 0, y = 0;
  for (size_t i = 0; i < learnt; ++i) {
    if (!std::isnan(rest[i])) n += 1, x += static_cast<double>(i), y += rest[i];
  }
  if (kind == Trend::kNone || n == 0) return trend;
  x /= n, y /= n;
  double xx = 0, xy = 0;
  for (size_t i = 0; i < learnt; ++i) {
    if (std::isnan(rest[i])) continue;
    const double dx = static_cast<double>(i) - x;
    xx += dx * dx, xy += dx * (rest[i] - y);
  }
  const double slope = kind == Trend::kLine && xx > 0 ? xy / xx : 0;
  for (size_t i = 0; i < trend.size(); ++i) trend[i] = y + slope * (static_cast<double>(i) - x);
  return trend;
}

struct Parts {
  Reals baseline, seasonal, trend, residual;
};

std::optional<Parts> decompose(const Reals& y, int64_t seasonality, std::string_view trend,
                               int64_t test_points, double threshold) {
  const auto kind = trend == "avg"       ? std::optional(Trend::kAverage)
                    : trend == "linefit" ? std::optional(Trend::kLine)
                    : trend == "none"    ? std::optional(Trend::kNone)
                                         : std::nullopt;
  if (!kind) return std::nullopt;
  const size_t learnt = learnt_size(y.size(), test_points);
  Parts parts;
  parts.seasonal = seasonal_of(y, learnt, period_of(y, learnt, seasonality, threshold));
  Reals rest(y.size());
  for (size_t i = 0; i < y.size(); ++i) rest[i] = y[i] - parts.seasonal[i];
  parts.trend = trend_of(rest, learnt, *kind);
  for (size_t i = 0; i < y.size(); ++i) {
    parts.baseline.push_back(parts.seasonal[i] + parts.trend[i]);
    parts.residual.push_back(y[i] - parts.baseline[i]);
  }
  return parts;
}

void give_parts(const Parts& parts, Value& out, Context& context) {
  set_dynamic(out,
              "[" + series_text(parts.baseline) + "," + series_text(parts.seasonal) + "," +
                  series_text(parts.trend) + "," + series_text(parts.residual) + "]",
              context);
}

// args: series, seasonality, trend, test points, threshold of seasonality.
void series_decompose(Args args, Value& out, Context& context) {
  const auto y = series_of(args[0]);
  if (!y) return;
  if (const auto parts = decompose(*y, long_at(args, 1, -1), text_at(args, 2, "avg"), long_at(args, 3, 0),
                                   real_at(args, 4, 0.6)))
    give_parts(*parts, out, context);
}

// args: series, points to forecast, seasonality, trend, threshold of seasonality.
void series_decompose_forecast(Args args, Value& out, Context& context) {
  const auto y = series_of(args[0]);
  if (!y) return;
  if (const auto parts = decompose(*y, long_at(args, 2, -1), text_at(args, 3, "linefit"), long_at(args, 1, 0),
                                   real_at(args, 4, 0.6)))
    give_parts(*parts, out, context);
}

// args: series, period (-1: found), test points.
void series_seasonal(Args args, Value& out, Context& context) {
  const auto y = series_of(args[0]);
  if (!y) return;
  const size_t learnt = learnt_size(y->size(), long_at(args, 2, 0));
  set_dynamic(out, series_text(seasonal_of(*y, learnt, period_of(*y, learnt, long_at(args, 1, -1), 0.6))),
              context);
}

// ---------------------------------------------------------------------- outliers

// How many fences' widths a value lies beyond the range that holds the middle of the values. The width is the
// distance between the quartiles, or about a third of that between the 10th and the 90th percentile.
struct Fences {
  double low = 0, high = 0, width = 0;
  double score(double value) const {
    if (std::isnan(value) || (value >= low && value <= high)) return 0;
    return (value - (value > high ? high : low)) / width;
  }
};

constexpr double kTenthWidth = 0.36067156396620265;  // of the distance between the 10th and 90th percentile

std::optional<Fences> fences_of(const Reals& values, size_t learnt, std::string_view kind) {
  const bool quartiles = kind == "tukey";
  if (!quartiles && kind != "ctukey") return std::nullopt;
  Reals sorted;
  for (size_t i = 0; i < learnt; ++i) {
    if (!std::isnan(values[i])) sorted.push_back(values[i]);
  }
  std::sort(sorted.begin(), sorted.end());
  Fences fences;
  fences.low = quantile_of(sorted, quartiles ? 0.25 : 0.1);
  fences.high = quantile_of(sorted, quartiles ? 0.75 : 0.9);
  fences.width = (fences.high - fences.low) * (quartiles ? 1 : kTenthWidth);
  return fences;
}

// args: series, kind, value to pass over, percentiles (only 10 and 90), test points.
void series_outliers(Args args, Value& out, Context& context) {
  auto y = series_of(args[0]);
  if (!y) return;
  if (args.size() > 2 && !args[2].null) {
    for (double& value : *y) value = value == args[2].real ? std::nan("") : value;
  }
  const auto fences = fences_of(*y, learnt_size(y->size(), long_at(args, 5, 0)), text_at(args, 1, "ctukey"));
  if (!fences) return;
  Numbers scores;
  for (const double value : *y) scores.add(fences->score(value));
  set_dynamic(out, scores.text(), context);
}

// args: series, threshold, seasonality, trend, test points, kind, threshold of seasonality.
void series_decompose_anomalies(Args args, Value& out, Context& context) {
  const auto y = series_of(args[0]);
  if (!y) return;
  const int64_t test_points = long_at(args, 4, 0);
  const auto parts =
      decompose(*y, long_at(args, 2, -1), text_at(args, 3, "avg"), test_points, real_at(args, 6, 0.6));
  if (!parts) return;
  const auto fences =
      fences_of(parts->residual, learnt_size(y->size(), test_points), text_at(args, 5, "ctukey"));
  if (!fences) return;
  const double threshold = real_at(args, 1, 1.5);
  Numbers flags, scores;
  for (const double value : parts->residual) {
    const double score = fences->score(value);
    flags.add(int64_t{score > threshold} - int64_t{score < -threshold});
    scores.add(score);
  }
  set_dynamic(out, "[" + flags.text() + "," + scores.text() + "," + series_text(parts->baseline) + "]",
              context);
}

constexpr BodyEntry kBodies[] = {
    {"series_periods_detect", series_periods_detect},
    {"series_periods_validate", series_periods_validate},
    {"series_seasonal", series_seasonal},
    {"series_decompose", series_decompose},
    {"series_decompose_forecast", series_decompose_forecast},
    {"series_decompose_anomalies", series_decompose_anomalies},
    {"series_outliers", series_outliers},
};

}  // namespace

std::span<const BodyEntry> series_decompose_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
