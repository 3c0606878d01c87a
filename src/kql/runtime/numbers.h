// Series as numbers: what the bodies of series share.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {

/// A JSON array under construction.
class Numbers {
 public:
  void add(double value) { separate(), append_json_real(text_, value); }
  void add(int64_t value) { separate(), text_ += std::to_string(value); }
  void add(bool value) { separate(), text_ += value ? "true" : "false"; }
  void add_raw(std::string_view raw) { separate(), text_ += raw; }
  std::string text() const { return text_ + "]"; }

 private:
  void separate() {
    if (text_.size() > 1) text_ += ',';
  }
  std::string text_ = "[";
};

std::string numbers_text(const std::vector<double>& values);
/// The elements as numbers; nothing when it is no array or one of them is none.
std::optional<std::vector<double>> reals_of(const Value& value);
/// The value below which a part (0 to 1) of the sorted numbers lies, between neighbours by proportion.
double quantile_of(const std::vector<double>& sorted, double part);
/// A least-squares line over the places 0, 1, 2 ...
struct Line {
  double slope = 0, start = 0;
  double variance = 0;  ///< of the numbers
  double residual = 0;  ///< variance of what the line leaves
  double rsquare = 0;
  double at(size_t i) const { return start + slope * static_cast<double>(i); }
};
Line fit_line(const double* y, size_t size);
/// The sums of the products of the numbers and those so many places before: for 0, 1, 2 ... half the size.
std::vector<double> lag_products(const std::vector<double>& x);

}  // namespace huntbook::kql::runtime
