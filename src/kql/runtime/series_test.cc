#include <gtest/gtest.h>

#include <cmath>

#include "kql/runtime/call_body.h"
#include "kql/runtime/numbers.h"

namespace huntbook::kql::runtime {
namespace {

std::vector<std::vector<double>> rows(const std::string& text) {
  std::vector<std::vector<double>> made;
  for (JsonElements it(text); it.next();) made.push_back(*reals_of(dynamic(it.value)));
  return made;
}

TEST(Series, FourierOfAnyLengthAndBack) {
  for (const size_t size : {1u, 2u, 3u, 7u, 8u, 12u, 31u}) {
    std::vector<double> x(size);
    for (size_t i = 0; i < size; ++i) x[i] = static_cast<double>((i * 7 + 3) % 11);
    const auto there = rows(call("series_fft", {dynamic(numbers_text(x))}));
    ASSERT_EQ(there.size(), 2u);
    for (size_t k = 0; k < size; ++k) {
      double re = 0, im = 0;
      for (size_t i = 0; i < size; ++i) {
        const double angle = -2 * M_PI * static_cast<double>(i * k) / static_cast<double>(size);
        re += x[i] * std::cos(angle), im += x[i] * std::sin(angle);
      }
      EXPECT_NEAR(there[0][k], re, 1e-9);
      EXPECT_NEAR(there[1][k], im, 1e-9);
    }
    const auto back =
        rows(call("series_ifft", {dynamic(numbers_text(there[0])), dynamic(numbers_text(there[1]))}));
    for (size_t i = 0; i < size; ++i) EXPECT_NEAR(back[0][i], x[i], 1e-9);
  }
}

TEST(Series, LikenessIsTheSumOfProducts) {
  const std::vector<double> x = {1, -2, 3, 0.5, 4, -1, 2};
  const auto products = lag_products(x);
  ASSERT_EQ(products.size(), 4u);
  for (size_t lag = 0; lag < products.size(); ++lag) {
    double sum = 0;
    for (size_t i = lag; i < x.size(); ++i) sum += x[i] * x[i - lag];
    EXPECT_NEAR(products[lag], sum, 1e-12);
  }
}

TEST(Series, PolynomialsThroughTheirOwnPoints) {
  std::vector<double> x, y;
  for (int i = -20; i <= 20; ++i) {
    x.push_back(i / 8.0);
    y.push_back(2 * std::pow(x.back(), 5) - 3 * x.back() + 1);
  }
  const std::string fit =
      call("series_fit_poly", {dynamic(numbers_text(y)), dynamic(numbers_text(x)), number(5)});
  const auto coefficients = reals_of(dynamic(*json_element(fit, 1)));
  ASSERT_TRUE(coefficients);
  const double expected[] = {2, 0, 0, 0, -3, 1};
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR((*coefficients)[i], expected[i], 1e-9);
  EXPECT_EQ(call("series_fit_poly", {dynamic("[1,2]"), dynamic("[1,1]"), number(1)}), "null");
  EXPECT_EQ(call("series_fit_poly", {dynamic("[1,2]"), null(), number(9)}), "null");
}

TEST(Series, WhatIsNoSeriesGivesNull) {
  for (const char* name :
       {"series_stats", "series_fit_line", "series_fit_2lines", "series_fft", "series_seasonal",
        "series_decompose", "series_decompose_anomalies", "series_outliers"}) {
    for (const char* text : {"7", "\"x\"", "{}", "true"})
      EXPECT_EQ(call(name, {dynamic(text)}), "null") << name;
  }
  EXPECT_EQ(call("series_stats", {dynamic("[1,null,3]")}), "null");
  EXPECT_EQ(call("series_stats_dynamic", {dynamic("[1,null,3]"), boolean(true)}),
            R"({"min":1.0,"min_idx":0,"max":3.0,"max_idx":2,"avg":2.0,"stdev":1.4142135623730951,)"
            R"("variance":2.0,"sum":4.0,"len":2})");
}

TEST(Series, SeasonsAreMedians) {
  EXPECT_EQ(call("series_seasonal", {dynamic("[1,3,5,2,4,6,1,3,5,2,4,6]"), number(3)}),
            "[1.5,3.5,5.5,1.5,3.5,5.5,1.5,3.5,5.5,1.5,3.5,5.5]");
  // Two rounds do not make a period; five do.
  EXPECT_EQ(call("series_seasonal", {dynamic("[1,3,5,2,4,6,1,3,5,2,4,6]")}),
            "[0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0]");
  EXPECT_EQ(call("series_seasonal", {dynamic("[8,12,14,12,10,10,12,14,12,10,10,12,14,12,10]")}),
            "[10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0,10.0,12.0,14.0,12.0,10.0]");
  EXPECT_EQ(call("series_seasonal", {dynamic("[]")}), "[]");
  EXPECT_EQ(call("series_seasonal", {dynamic("[1,2]"), number(INT64_MAX)}), "[0.0,0.0]");
}

TEST(Series, GapsAreLeftOut) {
  EXPECT_EQ(call("series_decompose", {dynamic("[1,5,null,5,1,9]"), number(2), text("none")}),
            "[[1.0,5.0,1.0,5.0,1.0,5.0],[1.0,5.0,1.0,5.0,1.0,5.0],[0.0,0.0,0.0,0.0,0.0,0.0],"
            "[0.0,0.0,null,0.0,0.0,4.0]]");
  EXPECT_EQ(call("series_outliers", {dynamic("[1,2,3,4,99]"), text("tukey"), real(99)}),
            "[-0.5,0.0,0.0,0.5,0.0]");
}

TEST(Series, SessionsByAgeDistanceAndCondition) {
  const auto starts = [](std::string_view rows) { return call("session_starts", {text(rows)}); };
  EXPECT_EQ(starts(""), "[]");
  EXPECT_EQ(starts("[0,10,5,0],[4,10,5,0],[8,10,5,0],[12,10,5,0],[18,10,5,0]"), "[0,0,0,12,18]");
  EXPECT_EQ(starts("[0,10,5,0],[4,10,5,1],[8,10,5,0]"), "[0,4,4]");
  EXPECT_EQ(starts("[null,10,5,0],[4,10,5,0],[8,null,null,0]"), "[null,4,4]");
}

}  // namespace
}  // namespace huntbook::kql::runtime
