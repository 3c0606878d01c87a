#include "base/time.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/time_zone.h"

namespace huntbook {
namespace {

std::string datetime(std::optional<int64_t> ticks) { return ticks ? format_datetime(*ticks) : "null"; }
std::string timespan(std::optional<int64_t> ticks) { return ticks ? format_timespan(*ticks) : "null"; }

struct Case {
  const char* text;
  const char* expected;
};

TEST(Time, EveryDayOfTheCalendarComesBack) {
  for (int64_t day = 0; day <= 3'652'058; day += 97) {
    const Civil civil = civil_from_ticks(day * kTicksPerDay);
    ASSERT_EQ(ticks_from_civil(civil), day * kTicksPerDay);
  }
  EXPECT_EQ(format_datetime(0), "0001-01-01T00:00:00.0000000Z");
  EXPECT_EQ(format_datetime(kUnixEpochTicks), "1970-01-01T00:00:00.0000000Z");
  EXPECT_EQ(format_datetime(kMaxDatetimeTicks), "9999-12-31T23:59:59.9999999Z");
}

TEST(Time, CivilTimesOutOfRangeAreRefused) {
  EXPECT_FALSE(ticks_from_civil({.year = 0}));
  EXPECT_FALSE(ticks_from_civil({.year = 10000}));
  EXPECT_FALSE(ticks_from_civil({.year = 2021, .month = 2, .day = 29}));
  EXPECT_TRUE(ticks_from_civil({.year = 2020, .month = 2, .day = 29}));
  EXPECT_FALSE(ticks_from_civil({.year = 2020, .hour = 24}));
  EXPECT_FALSE(ticks_from_civil({.year = 2020, .second = 60}));
}

TEST(Time, DatetimesAsKustoReadsThem) {
  for (const auto& [text, expected] : std::initializer_list<Case>{
           {"2015-12-31", "2015-12-31T00:00:00.0000000Z"},
           {"2015-12-31 23:59:59.9", "2015-12-31T23:59:59.9000000Z"},
           {"2015-12-31T23:59:59.1234567Z", "2015-12-31T23:59:59.1234567Z"},
           {"2022-12-02T13:45:56+02:00", "2022-12-02T11:45:56.0000000Z"},
           {"2022-12-02T13:45:56-0530", "2022-12-02T19:15:56.0000000Z"},
           {"2020-01-01T10:00Z", "2020-01-01T10:00:00.0000000Z"},
           {"  2020-01-01  ", "2020-01-01T00:00:00.0000000Z"},
           {"12-02-2022", "2022-12-02T00:00:00.0000000Z"},
           {"13-01-2022", "null"},
           {"1/5/2019 1:07:05 PM", "2019-01-05T13:07:05.0000000Z"},
           {"1/5/2019 12:00:00 AM", "2019-01-05T00:00:00.0000000Z"},
           {"Sat, 8 Nov 2014 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"},
           {"Saturday, 08-Nov-14 15:05:02 UTC", "2014-11-08T15:05:02.0000000Z"},
           {"8 Nov 14 15:05", "2014-11-08T15:05:00.0000000Z"},
           {"2017", "2017-01-01T00:00:00.0000000Z"},
           {"", "null"},
           {"not a date", "null"},
           {"2020-13-01", "null"},
           {"2020-02-30", "null"},
           {"2020-01-01T25:00:00", "null"},
           {"2020-01-01 10:00:00 nonsense", "null"},
           {"99999", "null"},
       }) {
    EXPECT_EQ(datetime(parse_datetime(text)), expected) << text;
  }
}

TEST(Time, LogStampsAreReadStrictly) {
  for (const auto& [text, expected] : std::initializer_list<Case>{
           {"2020-05-02T02:55:26.493Z", "2020-05-02T02:55:26.4930000Z"},
           {"2020-05-02 02:55:26", "2020-05-02T02:55:26.0000000Z"},
           {"2020-05-02T02:55:26.123456789Z", "2020-05-02T02:55:26.1234567Z"},
           {"2020-05-02T02:55:26+01:00", "2020-05-02T01:55:26.0000000Z"},
           {"2020-05-02T02:55:26+0100", "2020-05-02T01:55:26.0000000Z"},
           {" 2020-05-02T02:55:26", "null"},
           {"2020-05-02T02:55:26 ", "null"},
           {"2020-05-02", "null"},
           {"2020-05-02T02:55", "null"},
           {"2020-05-02T02:55:26.Z", "null"},
           {"2020-02-30T00:00:00Z", "null"},
       }) {
    EXPECT_EQ(datetime(parse_iso_datetime(text)), expected) << text;
  }
}

TEST(Time, TimespansAreReadAndPrinted) {
  for (const auto& [text, expected] : std::initializer_list<Case>{
           {"1d", "1.00:00:00"},
           {"1.5h", "01:30:00"},
           {"5 minutes", "00:05:00"},
           {"90s", "00:01:30"},
           {"-1d", "-1.00:00:00"},
           {"7tick", "00:00:00.0000007"},
           {"6microsecond", "00:00:00.0000060"},
           {"1.02:03:04.5670000", "1.02:03:04.5670000"},
           {"01:00", "01:00:00"},
           {"-00:00:00.001", "-00:00:00.0010000"},
           {"14", "14.00:00:00"},
           {"24:00:00", "null"},
           {"1w", "null"},
           {"abc", "null"},
           {"", "null"},
           {"99999999999d", "null"},
       }) {
    EXPECT_EQ(timespan(parse_timespan(text)), expected) << text;
  }
  EXPECT_EQ(format_timespan(0), "00:00:00");
  EXPECT_EQ(format_timespan(INT64_MIN), "-10675199.02:48:05.4775808");
}

TEST(Time, ZonesShiftTheClock) {
  const auto ticks = parse_datetime("2024-07-01 12:00");
  EXPECT_EQ(datetime(TimeZone("Europe/Berlin").to_local(*ticks)), "2024-07-01T14:00:00.0000000Z");
  EXPECT_EQ(datetime(TimeZone("W. Europe Standard Time").to_local(*ticks)), "2024-07-01T14:00:00.0000000Z");
  EXPECT_EQ(datetime(TimeZone("US/Pacific").to_utc(*ticks)), "2024-07-01T19:00:00.0000000Z");
  EXPECT_EQ(datetime(TimeZone("Europe/Brussels").to_utc(*parse_datetime("2022-03-27 02:00"))),
            "2022-03-27T00:00:00.0000000Z");
  const auto names = time_zone_names();
  EXPECT_TRUE(std::find(names.begin(), names.end(), "Europe/Brussels") != names.end());
  EXPECT_FALSE(TimeZone("Nowhere/Atall").ok());
  EXPECT_EQ(datetime(TimeZone("Asia/Tokyo").to_local(kMaxDatetimeTicks)), "null");
}

}  // namespace
}  // namespace huntbook
