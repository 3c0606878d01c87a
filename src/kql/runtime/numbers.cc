#include "kql/runtime/numbers.h"

#include <algorithm>
#include <cmath>

namespace huntbook::kql::runtime {

std::string numbers_text(const std::vector<double>& values) {
  Numbers numbers;
  for (const double value : values) numbers.add(value);
  return numbers.text();
}

std::optional<std::vector<double>> reals_of(const Value& value) {
  const auto elements = elements_of(value);
  if (!elements) return std::nullopt;
  std::vector<double> numbers;
  numbers.reserve(elements->size());
  for (const auto raw : *elements) {
    const auto number = json_number(raw);
    if (!number) return std::nullopt;
    numbers.push_back(number->real);
  }
  return numbers;
}

double quantile_of(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return std::nan("");
  const double place = static_cast<double>(sorted.size() - 1) * std::clamp(part, 0.0, 1.0);
  const size_t low = static_cast<size_t>(place);
  if (low + 1 >= sorted.size()) return sorted.back();
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[low + 1] - sorted[low]);
}

Line fit_line(const double* y, size_t size) {
  Line line;
  if (size == 0) return line;
  const double n = static_cast<double>(size), mean_x = (n - 1) / 2;
  double mean = 0, xx = 0, xy = 0, yy = 0, rest = 0;
  for (size_t i = 0; i < size; ++i) mean += y[i] / n;
  for (size_t i = 0; i < size; ++i) {
    const double dx = static_cast<double>(i) - mean_x, dy = y[i] - mean;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  line.slope = xx == 0 ? 0 : xy / xx;
  line.start = mean - line.slope * mean_x;
  for (size_t i = 0; i < size; ++i) rest += (y[i] - line.at(i)) * (y[i] - line.at(i));
  line.variance = size > 1 ? yy / (n - 1) : 0;
  line.residual = size > 1 ? rest / (n - 1) : 0;
  line.rsquare = yy == 0 ? 1 : 1 - rest / yy;
  return line;
}

}  // namespace huntbook::kql::runtime
