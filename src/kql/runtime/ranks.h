// Values with a weight, in their order: what percentiles and digests have in common.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {

/// Whole numbers by all their digits.
inline bool is_less(const JsonNumber& a, const JsonNumber& b) {
  return a.whole && b.whole ? a.integer < b.integer : a.real < b.real;
}

/// The first of `values` (sorted, each with a `weight`) up to which so many percent of the weight lie; null
/// when there are none or the percent is no number.
template <typename Values>
auto nearest_rank(const Values& values, double percent) -> decltype(values.data()) {
  if (values.empty() || std::isnan(percent)) return nullptr;
  double total = 0, sum = 0;
  for (const auto& value : values) total += value.weight;
  const double wanted = total * std::clamp(percent, 0.0, 100.0) / 100;
  for (const auto& value : values) {
    sum += value.weight;
    if (sum >= wanted) return &value;
  }
  return &values.back();
}

/// Calls `add` with the raw JSON of each percent: the arguments are numbers or arrays of numbers.
template <typename Add>
void for_each_percent(std::span<const Value> args, Add add) {
  for (const Value& arg : args) {
    if (const auto elements = elements_of(arg)) {
      for (const auto raw : *elements) add(raw);
    } else {
      add(raw_or_null(arg));
    }
  }
}

}  // namespace huntbook::kql::runtime
