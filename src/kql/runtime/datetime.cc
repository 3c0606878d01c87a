// Calendar functions. A datetime is ticks since 0001-01-01, which was a Monday; weeks begin on Sunday.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/escape.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "kql/runtime/dynamic.h"
#include "kql/runtime/time_format.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

void set_datetime(Value& out, __int128 ticks) {
  if (ticks >= 0 && ticks <= kMaxDatetimeTicks) set_long(out, static_cast<int64_t>(ticks));
}

// ------------------------------------------------------------------- periods

enum class Period : uint8_t {
  kYear,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kMillisecond,
  kMicrosecond,
  kNanosecond,
  kWeekOfYear,
  kDayOfYear,
  kNone
};

Period period_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Period>, 14> kNames = {
      {{"year", Period::kYear},
       {"quarter", Period::kQuarter},
       {"month", Period::kMonth},
       {"week", Period::kWeek},
       {"day", Period::kDay},
       {"hour", Period::kHour},
       {"minute", Period::kMinute},
       {"second", Period::kSecond},
       {"millisecond", Period::kMillisecond},
       {"microsecond", Period::kMicrosecond},
       {"nanosecond", Period::kNanosecond},
       {"week_of_year", Period::kWeekOfYear},
       {"weekofyear", Period::kWeekOfYear},
       {"dayofyear", Period::kDayOfYear}}};
  const auto same = [&](std::string_view known) {
    return known.size() == name.size() &&
           std::equal(known.begin(), known.end(), name.begin(), [](char a, char b) {
             return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
           });
  };
  for (const auto& [known, period] : kNames) {
    if (same(known)) return period;
  }
  return Period::kNone;
}

// Ticks of a period of fixed length; 0 for months and longer.
int64_t period_ticks(Period period) {
  switch (period) {
    case Period::kWeek: return 7 * kTicksPerDay;
    case Period::kDay: return kTicksPerDay;
    case Period::kHour: return kTicksPerHour;
    case Period::kMinute: return kTicksPerMinute;
    case Period::kSecond: return kTicksPerSecond;
    case Period::kMillisecond: return kTicksPerMillisecond;
    case Period::kMicrosecond: return kTicksPerMicrosecond;
    default: return 0;
  }
}

int64_t period_months(Period period) {
  return period == Period::kYear ? 12 : period == Period::kQuarter ? 3 : period == Period::kMonth ? 1 : 0;
}

int64_t month_count(const Civil& civil) { return static_cast<int64_t>(civil.year) * 12 + civil.month - 1; }

// Midnight of the first of a month counted from year 0.
std::optional<int64_t> month_start(int64_t months) {
  if (months < 12 || months >= 120000) return std::nullopt;
  Civil civil;
  civil.year = static_cast<int>(months / 12);
  civil.month = static_cast<int>(months % 12) + 1;
  return ticks_from_civil(civil);
}

// The same day `months` later, cut to the length of its month.
std::optional<int64_t> add_months(int64_t ticks, int64_t months) {
  Civil civil = civil_from_ticks(ticks);
  if (months > 120000 || months < -120000) return std::nullopt;
  const int64_t target = month_count(civil) + months;
  if (target < 12 || target >= 120000) return std::nullopt;
  civil.year = static_cast<int>(target / 12);
  civil.month = static_cast<int>(target % 12) + 1;
  for (int cut = 0; cut < 4; ++cut) {
    if (auto made = ticks_from_civil(civil)) return made;
    --civil.day;
  }
  return std::nullopt;
}

// datetime_add(period, count, date)
void datetime_add(Args args, Value& out, Context&) {
  const Period period = period_of(args[0].text);
  const int64_t count = args[1].integer, ticks = args[2].integer;
  if (const int64_t months = period_months(period)) {
    if (count > 1'000'000 || count < -1'000'000) return;
    if (const auto made = add_months(ticks, count * months)) set_long(out, *made);
  } else if (period == Period::kNanosecond) {
    set_datetime(out, static_cast<__int128>(ticks) + count / 100);
  } else if (const int64_t size = period_ticks(period)) {
    set_datetime(out, ticks + static_cast<__int128>(count) * size);
  }
}

// datetime_diff(period, a, b): the boundaries of the period between b and a.
void datetime_diff(Args args, Value& out, Context&) {
  const Period period = period_of(args[0].text);
  const int64_t a = args[1].integer, b = args[2].integer;
  if (const int64_t months = period_months(period)) {
    set_long(out, month_count(civil_from_ticks(a)) / months - month_count(civil_from_ticks(b)) / months);
  } else if (period == Period::kWeek) {
    const auto week = [](int64_t ticks) { return (ticks / kTicksPerDay + 1) / 7; };
    set_long(out, week(a) - week(b));
  } else if (period == Period::kNanosecond) {
    const __int128 difference = (static_cast<__int128>(a) - b) * 100;
    if (difference <= INT64_MAX && difference >= INT64_MIN) set_long(out, static_cast<int64_t>(difference));
  } else if (const int64_t size = period_ticks(period)) {
    set_long(out, a / size - b / size);
  }
}

int day_of_year(int64_t ticks) {
  const Civil civil = civil_from_ticks(ticks);
  return static_cast<int>((ticks - *month_start(static_cast<int64_t>(civil.year) * 12)) / kTicksPerDay) + 1;
}

// ISO 8601: weeks begin on Monday, the first has the year's first Thursday.
int iso_week(int64_t ticks) {
  const int64_t day = ticks / kTicksPerDay;
  const int64_t thursday = day - day % 7 + 3;
  return (day_of_year(thursday * kTicksPerDay) - 1) / 7 + 1;
}

// datetime_part(period, date)
void datetime_part(Args args, Value& out, Context&) {
  const Civil civil = civil_from_ticks(args[1].integer);
  switch (period_of(args[0].text)) {
    case Period::kYear: return set_long(out, civil.year);
    case Period::kQuarter: return set_long(out, (civil.month - 1) / 3 + 1);
    case Period::kMonth: return set_long(out, civil.month);
    case Period::kWeekOfYear:
    case Period::kWeek: return set_long(out, iso_week(args[1].integer));
    case Period::kDay: return set_long(out, civil.day);
    case Period::kDayOfYear: return set_long(out, day_of_year(args[1].integer));
    case Period::kHour: return set_long(out, civil.hour);
    case Period::kMinute: return set_long(out, civil.minute);
    case Period::kSecond: return set_long(out, civil.second);
    case Period::kMillisecond: return set_long(out, civil.fraction / kTicksPerMillisecond);
    case Period::kMicrosecond: return set_long(out, civil.fraction / kTicksPerMicrosecond);
    case Period::kNanosecond: return set_long(out, civil.fraction * 100);
    case Period::kNone: return;
  }
}

void dayofmonth(Args args, Value& out, Context&) { set_long(out, civil_from_ticks(args[0].integer).day); }
void dayofyear(Args args, Value& out, Context&) { set_long(out, day_of_year(args[0].integer)); }
void monthofyear(Args args, Value& out, Context&) { set_long(out, civil_from_ticks(args[0].integer).month); }
void getyear(Args args, Value& out, Context&) { set_long(out, civil_from_ticks(args[0].integer).year); }
void week_of_year(Args args, Value& out, Context&) { set_long(out, iso_week(args[0].integer)); }

// The start of the period `offset` after the one of `ticks`.
std::optional<int64_t> period_start(Period period, int64_t ticks, int64_t offset) {
  if (offset > 4'000'000 || offset < -4'000'000) return std::nullopt;
  if (const int64_t months = period_months(period)) {
    const int64_t count = month_count(civil_from_ticks(ticks));
    return month_start(count - count % months + offset * months);
  }
  const int64_t day = ticks / kTicksPerDay;
  const int64_t start = period == Period::kWeek ? day - (day + 1) % 7 + offset * 7 : day + offset;
  if (start < 0 || start * kTicksPerDay > kMaxDatetimeTicks) return std::nullopt;
  return start * kTicksPerDay;
}

template <Period period>
void start_of(Args args, Value& out, Context&) {
  if (const auto start = period_start(period, args[0].integer, args.size() > 1 ? args[1].integer : 0))
    set_long(out, *start);
}
template <Period period>
void end_of(Args args, Value& out, Context&) {
  const int64_t offset = args.size() > 1 ? args[1].integer : 0;
  if (const auto next = period_start(period, args[0].integer, offset + 1)) set_long(out, *next - 1);
  else if (period_start(period, args[0].integer, offset))
    set_long(out, kMaxDatetimeTicks);  // the last one there is
}

// -------------------------------------------------------------------- making

int64_t second_ticks(double seconds) { return static_cast<int64_t>(std::floor(seconds * 1e7 + 1e-4)); }

// make_datetime(year, month, day, hour, minute, second)
void make_datetime(Args args, Value& out, Context&) {
  Civil civil;
  const auto part = [&](size_t i, int64_t missing) {
    return static_cast<int>(args.size() > i ? std::clamp<int64_t>(args[i].integer, -100000, 100000)
                                            : missing);
  };
  civil.year = part(0, 1);
  civil.month = part(1, 1);
  civil.day = part(2, 1);
  civil.hour = part(3, 0);
  civil.minute = part(4, 0);
  const double seconds = args.size() > 5 ? args[5].real : 0;
  if (!(seconds >= 0 && seconds < 60)) return;
  const auto ticks = ticks_from_civil(civil);
  if (ticks) set_datetime(out, static_cast<__int128>(*ticks) + second_ticks(seconds));
}

// make_timespan([day,] hour, minute[, second])
void make_timespan(Args args, Value& out, Context&) {
  const bool with_day = args.size() == 4;
  const int64_t day = with_day ? args[0].integer : 0;
  const int64_t hour = args[with_day].integer, minute = args[with_day + 1].integer;
  const double seconds = args.size() > 2 ? args.back().real : 0;
  if (day < 0 || day > 10'000'000 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      !(seconds >= 0 && seconds < 60))
    return;
  set_long(out, day * kTicksPerDay + hour * kTicksPerHour + minute * kTicksPerMinute + second_ticks(seconds));
}

// Units of `ticks` ticks, or of 100 to the tick when that is 0.
template <int64_t ticks>
void from_unix(Args args, Value& out, Context&) {
  const int64_t count = args[0].integer;
  set_datetime(out, kUnixEpochTicks +
                        (ticks ? static_cast<__int128>(count) * ticks : static_cast<__int128>(count / 100)));
}
template <int64_t ticks>
void from_unix_real(Args args, Value& out, Context&) {
  const double count = ticks ? args[0].real * static_cast<double>(ticks) : args[0].real / 100;
  if (std::fabs(count) < 9e18)
    set_datetime(out, static_cast<__int128>(kUnixEpochTicks) + static_cast<int64_t>(std::llround(count)));
}

// -------------------------------------------------------------------- zones

void datetime_list_timezones(Args, Value& out, Context& context) {
  std::string json = "[";
  for (const auto& name : time_zone_names()) {
    if (json.size() > 1) json += ',';
    append_json_string(json, name);
  }
  set_dynamic(out, json + "]", context);
}

void datetime_utc_to_local(Args args, Value& out, Context& context) {
  if (const auto ticks = context.cached<TimeZone>(args[1].text).to_local(args[0].integer))
    set_long(out, *ticks);
}
void datetime_local_to_utc(Args args, Value& out, Context& context) {
  if (const auto ticks = context.cached<TimeZone>(args[1].text).to_utc(args[0].integer))
    set_long(out, *ticks);
}

constexpr BodyEntry kBodies[] = {
    {"datetime_add", datetime_add},
    {"datetime_diff", datetime_diff},
    {"datetime_part", datetime_part},
    {"dayofmonth", dayofmonth},
    {"dayofyear", dayofyear},
    {"monthofyear", monthofyear},
    {"getyear", getyear},
    {"week_of_year", week_of_year},
    {"startofday", start_of<Period::kDay>},
    {"startofweek", start_of<Period::kWeek>},
    {"startofmonth", start_of<Period::kMonth>},
    {"startofyear", start_of<Period::kYear>},
    {"endofday", end_of<Period::kDay>},
    {"endofweek", end_of<Period::kWeek>},
    {"endofmonth", end_of<Period::kMonth>},
    {"endofyear", end_of<Period::kYear>},
    {"make_datetime", make_datetime},
    {"make_timespan", make_timespan},
    {"unixtime_seconds_todatetime", from_unix<kTicksPerSecond>},
    {"unixtime_milliseconds_todatetime", from_unix<kTicksPerMillisecond>},
    {"unixtime_microseconds_todatetime", from_unix<kTicksPerMicrosecond>},
    {"unixtime_nanoseconds_todatetime", from_unix<0>},
    {"unixtime_seconds_todatetime_real", from_unix_real<kTicksPerSecond>},
    {"unixtime_milliseconds_todatetime_real", from_unix_real<kTicksPerMillisecond>},
    {"unixtime_microseconds_todatetime_real", from_unix_real<kTicksPerMicrosecond>},
    {"unixtime_nanoseconds_todatetime_real", from_unix_real<0>},
    {"datetime_list_timezones", datetime_list_timezones},
    {"datetime_utc_to_local", datetime_utc_to_local},
    {"datetime_local_to_utc", datetime_local_to_utc},
};

}  // namespace

bool is_period(std::string_view name, bool part) {
  const Period period = period_of(name);
  return period != Period::kNone && (part || (period != Period::kWeekOfYear && period != Period::kDayOfYear));
}

std::span<const BodyEntry> datetime_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
