// The scenario's time and the ways its logs write times, numbers and ids.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace huntbook::scenario {

/// Microseconds since 1970-01-01 UTC.
using Micros = int64_t;
constexpr Micros kMillisecond = 1'000;
constexpr Micros kSecond = 1'000'000;
constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;
constexpr Micros kDay = 24 * kHour;
/// Monday 2026-03-02 00:00 UTC, and 14 days later.
constexpr Micros kStart = 20'514 * kDay;
constexpr int kDays = 14;
constexpr Micros kEnd = kStart + kDays * kDay;

constexpr int hour_of_day(Micros t) { return static_cast<int>((t % kDay) / kHour); }
constexpr int day_index(Micros t) { return static_cast<int>((t - kStart) / kDay); }
constexpr bool is_weekend(Micros t) { return day_index(t) % 7 >= 5; }
/// The time of day on the day with this index (0 is the first Monday).
constexpr Micros at(int day, int hour, int minute, int second = 0) {
  return kStart + day * kDay + hour * kHour + minute * kMinute + second * kSecond;
}

void append_number(std::string& out, int64_t value);
void append_padded(std::string& out, int64_t value, int digits);
/// Lower-case hexadecimal, `digits` of them, or as many as needed when 0.
void append_hex(std::string& out, uint64_t value, int digits = 0, bool upper = false);
std::string hex_text(uint64_t value);  ///< "0x3e7"
std::string number_text(int64_t value);

void append_iso(std::string& out, Micros t, int fraction_digits);    ///< 2026-03-10T09:12:01.123Z
void append_plain(std::string& out, Micros t, int fraction_digits);  ///< 2026-03-10 09:12:01.123
void append_syslog(std::string& out, Micros t);                      ///< Mar 10 09:12:01
void append_epoch(std::string& out, Micros t, int fraction_digits);  ///< 1773133921.123456
void append_interval(std::string& out, Micros duration);             ///< 12.345678
std::string iso_text(Micros t, int fraction_digits = 3);

/// "8-4-4-4-12" of two words, without braces.
void append_guid(std::string& out, uint64_t high, uint64_t low);
std::string guid_text(uint64_t high, uint64_t low);
/// Base64 of the text as UTF-16LE, what powershell -EncodedCommand takes. ASCII text only.
std::string encode_powershell(std::string_view text);

}  // namespace huntbook::scenario
