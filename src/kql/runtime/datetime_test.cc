#include <gtest/gtest.h>

#include "base/time.h"
#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

Value at(std::string_view when) { return Value::of_long(*parse_datetime(when), Type::kDatetime); }
Value span(std::string_view length) { return Value::of_long(*parse_timespan(length), Type::kTimespan); }

// The datetime that a body gives, as text.
std::string when(std::string_view name, const std::vector<Value>& args) {
  const std::string ticks = call(name, args, Type::kDatetime);
  return ticks == "null" ? ticks : format_datetime(std::stoll(ticks));
}
std::string count(std::string_view name, const std::vector<Value>& args) {
  return call(name, args, Type::kLong);
}

TEST(Datetime, Add) {
  EXPECT_EQ(when("datetime_add", {text("year"), number(1), at("2020-02-29")}),
            "2021-02-28T00:00:00.0000000Z");
  EXPECT_EQ(when("datetime_add", {text("Month"), number(1), at("2020-01-31")}),
            "2020-02-29T00:00:00.0000000Z");
  EXPECT_EQ(when("datetime_add", {text("quarter"), number(-1), at("2020-05-31")}),
            "2020-02-29T00:00:00.0000000Z");
  EXPECT_EQ(when("datetime_add", {text("week"), number(-2), at("2020-01-15")}),
            "2020-01-01T00:00:00.0000000Z");
  EXPECT_EQ(when("datetime_add", {text("millisecond"), number(1500), at("2020-01-01")}),
            "2020-01-01T00:00:01.5000000Z");
  EXPECT_EQ(when("datetime_add", {text("fortnight"), number(1), at("2020-01-01")}), "null");
  EXPECT_EQ(when("datetime_add", {text("year"), number(9000), at("2020-01-01")}), "null");
  EXPECT_EQ(when("datetime_add", {text("day"), number(INT64_MAX), at("2020-01-01")}), "null");
}

TEST(Datetime, DiffCountsBoundaries) {
  const auto diff = [](const char* period, const char* a, const char* b) {
    return count("datetime_diff", {text(period), at(a), at(b)});
  };
  EXPECT_EQ(diff("year", "2017-01-01", "2000-12-31"), "17");
  EXPECT_EQ(diff("quarter", "2017-07-01", "2017-03-30"), "2");
  EXPECT_EQ(diff("month", "2021-03-15", "2020-01-01"), "14");
  EXPECT_EQ(diff("month", "2020-02-01", "2020-01-31"), "1");
  EXPECT_EQ(diff("week", "2020-01-15", "2020-01-01"), "2");
  EXPECT_EQ(diff("day", "2020-01-02 01:00", "2020-01-01 23:00"), "1");
  EXPECT_EQ(diff("hour", "2017-10-31 01:00", "2017-10-30 23:59"), "2");
  EXPECT_EQ(diff("second", "2020-01-01 00:00:01.9999999", "2020-01-01 00:00:00.0000001"), "1");
  EXPECT_EQ(diff("nanosecond", "2020-01-01 00:00:00.0000001", "2020-01-01"), "100");
  EXPECT_EQ(diff("year", "2000-01-01", "2017-01-01"), "-17");
}

TEST(Datetime, Parts) {
  const Value moment = at("2017-10-30 01:02:03.7654321");
  for (const auto& [part, expected] :
       std::initializer_list<std::pair<const char*, const char*>>{{"year", "2017"},
                                                                  {"quarter", "4"},
                                                                  {"month", "10"},
                                                                  {"week_of_year", "44"},
                                                                  {"day", "30"},
                                                                  {"dayOfYear", "303"},
                                                                  {"hour", "1"},
                                                                  {"minute", "2"},
                                                                  {"second", "3"},
                                                                  {"millisecond", "765"},
                                                                  {"microsecond", "765432"},
                                                                  {"nanosecond", "765432100"},
                                                                  {"x", "null"}}) {
    EXPECT_EQ(count("datetime_part", {text(part), moment}), expected) << part;
  }
  for (const auto& [day, week] :
       std::initializer_list<std::pair<const char*, const char*>>{{"2016-01-01", "53"},
                                                                  {"2017-01-01", "52"},
                                                                  {"2021-01-03", "53"},
                                                                  {"2020-12-31", "53"},
                                                                  {"2021-12-26", "51"},
                                                                  {"2021-12-27", "52"},
                                                                  {"0001-01-01", "1"}}) {
    EXPECT_EQ(count("week_of_year", {at(day)}), week) << day;
  }
  EXPECT_EQ(count("dayofyear", {at("2020-12-31")}), "366");
}

TEST(Datetime, StartsAndEnds) {
  EXPECT_EQ(when("startofweek", {at("2020-01-01")}), "2019-12-29T00:00:00.0000000Z");
  EXPECT_EQ(when("startofweek", {at("2019-12-29"), number(-1)}), "2019-12-22T00:00:00.0000000Z");
  EXPECT_EQ(when("endofweek", {at("2021-12-26")}), "2022-01-01T23:59:59.9999999Z");
  EXPECT_EQ(when("startofmonth", {at("2017-01-05"), number(-1)}), "2016-12-01T00:00:00.0000000Z");
  EXPECT_EQ(when("endofmonth", {at("2020-02-28 23:59:59.9999999")}), "2020-02-29T23:59:59.9999999Z");
  EXPECT_EQ(when("endofyear", {at("2999-06-15")}), "2999-12-31T23:59:59.9999999Z");
  EXPECT_EQ(when("endofyear", {at("9999-06-15")}), "9999-12-31T23:59:59.9999999Z");
  EXPECT_EQ(when("startofday", {at("2017-01-01 10:10:17"), number(1)}), "2017-01-02T00:00:00.0000000Z");
  EXPECT_EQ(when("startofweek", {at("0001-01-01")}), "null");
}

TEST(Datetime, Make) {
  EXPECT_EQ(
      when("make_datetime", {number(2020), number(2), number(29), number(23), number(59), real(59.9999999)}),
      "2020-02-29T23:59:59.9999999Z");
  EXPECT_EQ(when("make_datetime", {number(2021), number(2), number(29)}), "null");
  EXPECT_EQ(call("make_timespan", {number(1), number(12), number(30), real(55.123)}, Type::kTimespan),
            std::to_string(span("1.12:30:55.123").integer));
  EXPECT_EQ(call("make_timespan", {number(24), number(0)}, Type::kTimespan), "null");
  EXPECT_EQ(when("unixtime_seconds_todatetime", {number(1546300800)}), "2019-01-01T00:00:00.0000000Z");
  EXPECT_EQ(when("unixtime_nanoseconds_todatetime", {number(1546300800000000000)}),
            "2019-01-01T00:00:00.0000000Z");
  EXPECT_EQ(when("unixtime_seconds_todatetime_real", {real(1546300800.5)}), "2019-01-01T00:00:00.5000000Z");
  EXPECT_EQ(when("unixtime_seconds_todatetime", {number(INT64_MAX)}), "null");
}

TEST(Datetime, Format) {
  const auto format = [](const char* moment, const char* how) {
    return call("format_datetime", {at(moment), text(how)}, Type::kString);
  };
  EXPECT_EQ(format("2020-06-15 13:45:09", "M/d/yyyy h:mm:ss tt"), "6/15/2020 1:45:09 PM");
  EXPECT_EQ(format("2007-01-02 03:04:05", "yy-MM-dd HH:mm"), "07-01-02 03:04");
  EXPECT_EQ(format("2007-03-09 05:04:03", "dddd, MMMM d, yyyy"), "0909, 0303 9, 2007");
  EXPECT_EQ(format("2007-03-09 05:04:03", "ddd MMM"), "099 033");
  EXPECT_EQ(format("2020-06-15 13:45:09.05", "ss.ff"), "09.05");
  EXPECT_EQ(format("2020-06-15 13:45:09.0500000", "ss.FFFFFFF"), "09.05");
  EXPECT_EQ(format("2020-06-15 00:45:09", "hh"), "12");
  EXPECT_EQ(format("2020-06-15", "yyyy%"), "");
  const auto format_span = [](const Value& value, const char* how) {
    return call("format_timespan", {value, text(how)}, Type::kString);
  };
  EXPECT_EQ(format_span(span("29.09:00:05.12345"), "dd.hh:mm:ss:FF"), "29.09:00:05:12");
  EXPECT_EQ(format_span(span("29.09:00:05.12345"), "ddd.h:mm:ss [fffffff]"), "029.9:00:05 [1234500]");
  EXPECT_EQ(format_span(span("-02:30:00"), "hh:mm"), "-02:30");
  EXPECT_EQ(format_span(span("1.02:00:00"), "h:m"), "2:0");
}

TEST(Datetime, Zones) {
  EXPECT_EQ(when("datetime_utc_to_local", {at("2024-07-01 12:00"), text("Europe/Berlin")}),
            "2024-07-01T14:00:00.0000000Z");
  EXPECT_EQ(when("datetime_local_to_utc", {at("2024-01-01 12:00"), text("Pacific Standard Time")}),
            "2024-01-01T20:00:00.0000000Z");
  EXPECT_EQ(when("datetime_local_to_utc", {at("2024-01-01 12:00"), text("Mars")}), "null");
}

}  // namespace
}  // namespace huntbook::kql::runtime
