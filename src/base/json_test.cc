#include "base/json.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace huntbook {
namespace {

std::string round_trip(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? parsed->text() : parsed.error().code;
}
std::string real(double value) {
  std::string out;
  append_real(out, value);
  return out;
}

TEST(Json, CompactTextKeepsKindsAndOrder) {
  EXPECT_EQ(round_trip(R"( {"b": 1, "a": [true, null, 1.50, "x\u00e9"], "c": {}} )"),
            R"({"b":1,"a":[true,null,1.5,"xé"],"c":{}})");
  EXPECT_EQ(round_trip("118.0"), "118.0");
  EXPECT_EQ(round_trip("-0"), "0");
  EXPECT_EQ(round_trip(R"({"a":1,"a":2})"), R"({"a":2})");
}

TEST(Json, NumbersBeyond64BitsBecomeReals) {
  EXPECT_EQ(round_trip("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(round_trip("[18446744073709551615]"), "[1.8446744073709552e+19]");
  EXPECT_EQ(round_trip(R"({"n":123456789012345678901234567890,"s":"123456789012345678901234567890"})"),
            R"({"n":1.2345678901234568e+29,"s":"123456789012345678901234567890"})");
  EXPECT_EQ(round_trip("[1e400,-1e400,1e-400]"), "[1.7976931348623157e+308,-1.7976931348623157e+308,0.0]");
}

TEST(Json, WhatIsNoJsonSaysSo) {
  for (const char* bad : {"", "{", "[1,]", "{\"a\"}", "nul", "'a'", "[1] 2", "\"\xff\""})
    EXPECT_EQ(round_trip(bad), "HB-J001") << bad;
  const std::string deep(2000, '[');
  EXPECT_EQ(round_trip(deep + std::string(2000, ']')), "HB-J001");
}

TEST(Json, EqualByStructure) {
  EXPECT_TRUE(*parse_json(R"({"a":1,"b":[2.0]})") == *parse_json(R"({"b":[2],"a":1.0})"));
  EXPECT_FALSE(*parse_json(R"({"a":1})") == *parse_json(R"({"a":1,"b":2})"));
  EXPECT_FALSE(*parse_json("[1]") == *parse_json("[2]"));
}

TEST(Json, RealsAlwaysShowThatTheyAreReals) {
  EXPECT_EQ(real(42), "42.0");
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(-0.0), "-0.0");
  EXPECT_EQ(real(1e14), "100000000000000.0");
  EXPECT_EQ(real(1e20), "1e+20");
  EXPECT_EQ(real(1e-5), "0.00001");
  EXPECT_EQ(real(1e-7), "1e-07");
  EXPECT_EQ(real(123456789.125), "123456789.125");
  for (const double value : {0.1 + 0.2, 1.0 / 3, 5e-324, 1.7976931348623157e308})
    EXPECT_EQ(std::strtod(real(value).c_str(), nullptr), value);
}

}  // namespace
}  // namespace huntbook
