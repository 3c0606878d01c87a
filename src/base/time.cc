// Calendar arithmetic, and the forms of datetimes and timespans.
#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cmath>

namespace huntbook {
namespace {

constexpr int64_t days_from_civil(int64_t y, int m, int d) {  // days since 0001-01-01, proleptic Gregorian
  y -= m <= 2;
  const int64_t era = y / 400;
  const int64_t yoe = y - era * 400;
  const int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 306;
}

constexpr int kMonthDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int month_length(int year, int month) { return month == 2 && is_leap(year) ? 29 : kMonthDays[month - 1]; }

// A cursor over text; every read gives whether it succeeded.
struct Cursor {
  std::string_view text;
  size_t at = 0;

  bool end() const { return at == text.size(); }
  char peek() const { return end() ? '\0' : text[at]; }
  bool take(char c) {
    if (peek() != c || end()) return false;
    ++at;
    return true;
  }
  void blanks() {
    while (!end() && (text[at] == ' ' || text[at] == '\t')) ++at;
  }
  // 1 to `most` digits, at least `least`; gives how many.
  int digits(int least, int most, int64_t& value) {
    value = 0;
    int count = 0;
    while (count < most && !end() && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + (text[at++] - '0');
      ++count;
    }
    return count >= least ? count : 0;
  }
  std::string word() {
    std::string out;
    while (!end() && std::isalpha(static_cast<unsigned char>(text[at])))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at++])));
    return out;
  }
};

// Digits after a point as ticks; digits beyond the seventh are dropped.
bool read_fraction(Cursor& in, int64_t& ticks) {
  ticks = 0;
  int64_t scale = kTicksPerSecond / 10;
  bool any = false;
  while (in.peek() >= '0' && in.peek() <= '9') {
    ticks += (in.peek() - '0') * scale;
    scale /= 10;
    ++in.at;
    any = true;
  }
  return any;
}

// h:mm[:ss[.f]] [AM|PM]
bool read_clock(Cursor& in, Civil& civil) {
  int64_t value = 0;
  if (!in.digits(1, 2, value)) return false;
  civil.hour = static_cast<int>(value);
  if (!in.take(':') || !in.digits(1, 2, value)) return false;
  civil.minute = static_cast<int>(value);
  if (in.take(':')) {
    if (!in.digits(1, 2, value)) return false;
    civil.second = static_cast<int>(value);
    if ((in.peek() == '.' || in.peek() == ',') && in.at + 1 < in.text.size()) {
      ++in.at;
      if (!read_fraction(in, civil.fraction)) return false;
    }
  }
  Cursor ahead = in;
  ahead.blanks();
  const std::string half = ahead.word();
  if (half == "am" || half == "pm") {
    if (civil.hour < 1 || civil.hour > 12) return false;
    civil.hour = civil.hour % 12 + (half == "pm" ? 12 : 0);
    in = ahead;
  }
  return true;
}

// Z, GMT, UTC, +hh:mm, +hhmm, +hh; nothing is UTC too.
bool read_offset(Cursor& in, int64_t& minutes) {
  minutes = 0;
  in.blanks();
  if (in.end()) return true;
  if (in.peek() == '+' || in.peek() == '-') {
    const bool negative = in.peek() == '-';
    ++in.at;
    int64_t hours = 0, rest = 0;
    if (in.digits(1, 2, hours) == 0) return false;
    in.take(':');
    if (!in.end() && !in.digits(2, 2, rest)) return false;
    if (hours > 14 || rest > 59) return false;
    minutes = (hours * 60 + rest) * (negative ? -1 : 1);
    return in.end();
  }
  const std::string zone = in.word();
  return in.end() && (zone == "z" || zone == "gmt" || zone == "utc");
}

std::optional<int64_t> finish(Cursor& in, const Civil& civil) {
  int64_t minutes = 0;
  if (!read_offset(in, minutes)) return std::nullopt;
  auto ticks = ticks_from_civil(civil);
  if (!ticks) return std::nullopt;
  const int64_t shifted = *ticks - minutes * kTicksPerMinute;
  if (shifted < 0 || shifted > kMaxDatetimeTicks) return std::nullopt;
  return shifted;
}

int month_of(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                               "jul", "aug", "sep", "oct", "nov", "dec"};
  if (name.size() < 3) return 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (name.substr(0, 3) == kMonths[i]) return static_cast<int>(i) + 1;
  }
  return 0;
}

// [Sun, ]06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT; Nov 6 2020 ...
std::optional<int64_t> parse_named(Cursor in) {
  Civil civil;
  int64_t value = 0;
  Cursor start = in;
  std::string word = in.word();
  if (!word.empty() && !month_of(word)) {
    in.take(',');
    in.blanks();
  } else {
    in = start;
  }
  word = in.word();
  if (!word.empty()) {  // month first
    civil.month = month_of(word);
    if (!civil.month) return std::nullopt;
    in.blanks();
    if (!in.digits(1, 2, value)) return std::nullopt;
    civil.day = static_cast<int>(value);
    in.take(',');
  } else {
    if (!in.digits(1, 2, value)) return std::nullopt;
    civil.day = static_cast<int>(value);
    if (!in.take('-')) in.blanks();
    civil.month = month_of(in.word());
    if (!civil.month) return std::nullopt;
    if (!in.take('-')) in.take(',');
  }
  in.blanks();
  const int count = in.digits(2, 4, value);
  if (count == 2) value += value < 50 ? 2000 : 1900;
  else if (count != 4) return std::nullopt;
  civil.year = static_cast<int>(value);
  in.blanks();
  if (!in.end() && !read_clock(in, civil)) return std::nullopt;
  return finish(in, civil);
}

}  // namespace

Civil civil_from_ticks(int64_t ticks) {
  const int64_t days = ticks / kTicksPerDay;
  int64_t rest = ticks % kTicksPerDay;
  const int64_t z = days + 306;
  const int64_t era = z / 146097;
  const int64_t doe = z - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  Civil civil;
  civil.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  civil.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  civil.year = static_cast<int>(yoe + era * 400 + (civil.month <= 2));
  civil.hour = static_cast<int>(rest / kTicksPerHour);
  rest %= kTicksPerHour;
  civil.minute = static_cast<int>(rest / kTicksPerMinute);
  rest %= kTicksPerMinute;
  civil.second = static_cast<int>(rest / kTicksPerSecond);
  civil.fraction = rest % kTicksPerSecond;
  return civil;
}

std::optional<int64_t> ticks_from_civil(const Civil& c) {
  if (c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
      c.day > month_length(c.year, c.month) || c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 ||
      c.second < 0 || c.second > 59 || c.fraction < 0 || c.fraction >= kTicksPerSecond) {
    return std::nullopt;
  }
  return days_from_civil(c.year, c.month, c.day) * kTicksPerDay + c.hour * kTicksPerHour +
         c.minute * kTicksPerMinute + c.second * kTicksPerSecond + c.fraction;
}

void append_datetime(std::string& out, int64_t ticks) {
  const Civil c = civil_from_ticks(ticks);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z", c.year, c.month,
                 c.day, c.hour, c.minute, c.second, c.fraction);
}

std::string format_datetime(int64_t ticks) {
  std::string out;
  append_datetime(out, ticks);
  return out;
}

std::string format_timespan(int64_t ticks) {
  std::string out;
  uint64_t rest = static_cast<uint64_t>(ticks);
  if (ticks < 0) {
    out += '-';
    rest = 0 - rest;
  }
  const uint64_t day = static_cast<uint64_t>(kTicksPerDay);
  if (rest >= day) out += std::to_string(rest / day) + ".";
  rest %= day;
  const uint64_t seconds = rest / static_cast<uint64_t>(kTicksPerSecond);
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
  if (const uint64_t fraction = rest % static_cast<uint64_t>(kTicksPerSecond))
    fmt::format_to(std::back_inserter(out), ".{:07}", fraction);
  return out;
}

std::optional<int64_t> parse_iso_datetime(std::string_view text) {
  const auto two = [&](size_t at, int& value) {
    if (text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9') return false;
    value = (text[at] - '0') * 10 + (text[at + 1] - '0');
    return true;
  };
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  Civil c;
  int high = 0, low = 0;
  if (!two(0, high) || !two(2, low) || !two(5, c.month) || !two(8, c.day) || !two(11, c.hour) ||
      !two(14, c.minute) || !two(17, c.second)) {
    return std::nullopt;
  }
  c.year = high * 100 + low;
  Cursor in{text, 19};
  if (in.take('.') && !read_fraction(in, c.fraction)) return std::nullopt;
  if (in.end()) return ticks_from_civil(c);
  if (in.peek() == ' ') return std::nullopt;
  if (in.peek() == 'Z') {
    ++in.at;
    return in.end() ? ticks_from_civil(c) : std::nullopt;
  }
  if (in.peek() != '+' && in.peek() != '-') return std::nullopt;
  return finish(in, c);
}

std::optional<int64_t> parse_datetime(std::string_view text) {
  Cursor in{text, 0};
  while (!in.text.empty() && std::isspace(static_cast<unsigned char>(in.text.back())))
    in.text.remove_suffix(1);
  while (!in.text.empty() && std::isspace(static_cast<unsigned char>(in.text.front())))
    in.text.remove_prefix(1);
  if (in.end()) return std::nullopt;
  if (std::isalpha(static_cast<unsigned char>(in.peek()))) return parse_named(in);
  const Cursor start = in;
  Civil civil;
  int64_t value = 0;
  const int count = in.digits(1, 4, value);
  if (!count) return std::nullopt;
  if (count == 4) {
    civil.year = static_cast<int>(value);
    if (in.end()) return finish(in, civil);
    const char separator = in.peek();
    if (separator == '-' || separator == '/' || separator == '.') {
      ++in.at;
      if (!in.digits(1, 2, value)) return std::nullopt;
      civil.month = static_cast<int>(value);
      if (in.end()) return finish(in, civil);
      if (!in.take(separator) || !in.digits(1, 2, value)) return std::nullopt;
      civil.day = static_cast<int>(value);
    } else if (separator >= '0' && separator <= '9') {  // yyyyMMdd
      int64_t month = 0, day = 0;
      if (!in.digits(2, 2, month) || !in.digits(2, 2, day)) return std::nullopt;
      civil.month = static_cast<int>(month);
      civil.day = static_cast<int>(day);
    } else {
      return std::nullopt;
    }
  } else {
    const char separator = in.peek();
    if (separator != '/' && separator != '-' && separator != '.') return parse_named(start);
    civil.month = static_cast<int>(value);
    ++in.at;
    if (std::isalpha(static_cast<unsigned char>(in.peek()))) return parse_named(start);
    if (!in.digits(1, 2, value)) return std::nullopt;
    civil.day = static_cast<int>(value);
    if (!in.take(separator)) return std::nullopt;
    const int year_digits = in.digits(2, 4, value);
    if (year_digits == 2) value += value < 50 ? 2000 : 1900;
    else if (year_digits != 4) return std::nullopt;
    civil.year = static_cast<int>(value);
  }
  if (in.end()) return finish(in, civil);
  if (in.peek() == 'T' || in.peek() == 't') {
    ++in.at;
  } else if (in.peek() == ' ') {
    in.blanks();
  } else {
    return finish(in, civil);
  }
  Cursor clock = in;
  if (!read_clock(in, civil)) {
    // An hour alone, or nothing but a zone.
    in = clock;
    if (in.digits(1, 2, value) && (in.end() || in.peek() == 'Z')) civil.hour = static_cast<int>(value);
    else in = clock;
  }
  return finish(in, civil);
}

std::optional<int64_t> parse_timespan(std::string_view text) {
  Cursor in{text, 0};
  while (!in.text.empty() && std::isspace(static_cast<unsigned char>(in.text.back())))
    in.text.remove_suffix(1);
  while (!in.text.empty() && std::isspace(static_cast<unsigned char>(in.text.front())))
    in.text.remove_prefix(1);
  if (in.end()) return std::nullopt;
  const bool negative = in.peek() == '-';
  if (negative || in.peek() == '+') ++in.at;
  const Cursor start = in;
  const auto signed_ticks = [&](__int128 ticks) -> std::optional<int64_t> {
    if (negative) ticks = -ticks;
    if (ticks > INT64_MAX || ticks < INT64_MIN) return std::nullopt;
    return static_cast<int64_t>(ticks);
  };
  int64_t first = 0;
  if (!in.digits(1, 10, first)) return std::nullopt;
  if (in.peek() == ':' || (in.peek() == '.' && in.text.find(':', in.at) != std::string_view::npos)) {
    int64_t days = 0, hours = first, minutes = 0, seconds = 0, fraction = 0;
    if (in.take('.')) {
      days = first;
      if (!in.digits(1, 2, hours)) return std::nullopt;
    }
    if (!in.take(':') || !in.digits(1, 2, minutes)) return std::nullopt;
    if (in.take(':')) {
      if (!in.digits(1, 2, seconds)) return std::nullopt;
      if (in.take('.') && !read_fraction(in, fraction)) return std::nullopt;
    }
    if (!in.end() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
    return signed_ticks(static_cast<__int128>(days) * kTicksPerDay + hours * kTicksPerHour +
                        minutes * kTicksPerMinute + seconds * kTicksPerSecond + fraction);
  }
  in = start;
  double number = 0;
  int64_t whole = 0;
  in.digits(1, 18, whole);
  number = static_cast<double>(whole);
  bool exact = true;
  if (in.take('.')) {
    exact = false;
    double scale = 0.1;
    while (in.peek() >= '0' && in.peek() <= '9') {
      number += (in.peek() - '0') * scale;
      scale /= 10;
      ++in.at;
    }
  }
  in.blanks();
  const std::string unit = in.word();
  if (!in.end()) return std::nullopt;
  struct Unit {
    std::string_view name;
    int64_t ticks;
  };
  static constexpr Unit kUnits[] = {{"", kTicksPerDay},
                                    {"d", kTicksPerDay},
                                    {"day", kTicksPerDay},
                                    {"days", kTicksPerDay},
                                    {"h", kTicksPerHour},
                                    {"hr", kTicksPerHour},
                                    {"hrs", kTicksPerHour},
                                    {"hour", kTicksPerHour},
                                    {"hours", kTicksPerHour},
                                    {"m", kTicksPerMinute},
                                    {"min", kTicksPerMinute},
                                    {"minute", kTicksPerMinute},
                                    {"minutes", kTicksPerMinute},
                                    {"s", kTicksPerSecond},
                                    {"sec", kTicksPerSecond},
                                    {"second", kTicksPerSecond},
                                    {"seconds", kTicksPerSecond},
                                    {"ms", kTicksPerMillisecond},
                                    {"milli", kTicksPerMillisecond},
                                    {"millis", kTicksPerMillisecond},
                                    {"millisecond", kTicksPerMillisecond},
                                    {"milliseconds", kTicksPerMillisecond},
                                    {"microsecond", kTicksPerMicrosecond},
                                    {"microseconds", kTicksPerMicrosecond},
                                    {"micro", kTicksPerMicrosecond},
                                    {"tick", 1},
                                    {"ticks", 1}};
  for (const auto& known : kUnits) {
    if (known.name != unit) continue;
    if (exact) return signed_ticks(static_cast<__int128>(whole) * known.ticks);
    const double ticks = number * static_cast<double>(known.ticks);
    if (ticks > 9.2e18) return std::nullopt;
    return signed_ticks(std::llround(ticks));
  }
  return std::nullopt;
}

int64_t now_ticks() {
  using namespace std::chrono;
  return kUnixEpochTicks +
         duration_cast<duration<int64_t, std::ratio<1, 10'000'000>>>(system_clock::now().time_since_epoch())
             .count();
}

}  // namespace huntbook
