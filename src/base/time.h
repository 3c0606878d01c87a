// Ticks: KQL's time. 100-ns units in an int64; a datetime counts from 0001-01-01 00:00:00 UTC.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huntbook {

constexpr int64_t kTicksPerMicrosecond = 10;
constexpr int64_t kTicksPerMillisecond = 10'000;
constexpr int64_t kTicksPerSecond = 10'000'000;
constexpr int64_t kTicksPerMinute = 60 * kTicksPerSecond;
constexpr int64_t kTicksPerHour = 60 * kTicksPerMinute;
constexpr int64_t kTicksPerDay = 24 * kTicksPerHour;
/// 1970-01-01 and the last tick of 9999-12-31.
constexpr int64_t kUnixEpochTicks = 719'162 * kTicksPerDay;
constexpr int64_t kMaxDatetimeTicks = 3'652'059 * kTicksPerDay - 1;

/// A calendar date and time of day, UTC.
struct Civil {
  int year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  int64_t fraction = 0;  ///< ticks below a second
};
Civil civil_from_ticks(int64_t ticks);
/// Ticks of a civil time, or nothing when a part is out of range (years 1 to 9999).
std::optional<int64_t> ticks_from_civil(const Civil& civil);

/// "2017-01-01T00:00:00.0000000Z".
std::string format_datetime(int64_t ticks);
void append_datetime(std::string& out, int64_t ticks);
/// "[-][d.]hh:mm:ss[.fffffff]", as Kusto prints a timespan.
std::string format_timespan(int64_t ticks);

/// What Kusto's todatetime() takes: ISO 8601 with or without time, fraction and offset; "M/d/yyyy h:mm:ss
/// AM"; "MM-dd-yyyy"; RFC 822 and 850; a bare year of four digits.
std::optional<int64_t> parse_datetime(std::string_view text);
/// The strict and fast subset for log files: "yyyy-MM-dd[T ]HH:mm:ss[.f*][Z|+hh:mm|+hhmm]", nothing around
/// it.
std::optional<int64_t> parse_iso_datetime(std::string_view text);
/// "[-][d.]hh:mm[:ss[.f*]]", a KQL literal such as "1d" or "5 minutes", or a bare number of days.
std::optional<int64_t> parse_timespan(std::string_view text);

/// Now, from the system clock.
int64_t now_ticks();

}  // namespace huntbook
