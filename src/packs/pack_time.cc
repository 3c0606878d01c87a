// Times as users write them.
#include <cctype>
#include <string>

#include "base/text.h"
#include "base/time.h"
#include "packs/pack.h"

namespace huntbook {
namespace {

enum class Unit { kYear, kMonth, kWeek, kDay, kHour, kMinute, kSecond };

std::optional<Unit> unit_of(std::string_view word) {
  if (word == "y") return Unit::kYear;
  if (word == "mon") return Unit::kMonth;
  if (word == "w") return Unit::kWeek;
  if (word.empty() || word == "d") return Unit::kDay;
  if (word == "h") return Unit::kHour;
  if (word == "m" || word == "min") return Unit::kMinute;
  if (word == "s" || word == "sec") return Unit::kSecond;
  return std::nullopt;
}

int64_t fixed_ticks(Unit unit) {
  switch (unit) {
    case Unit::kWeek: return 7 * kTicksPerDay;
    case Unit::kDay: return kTicksPerDay;
    case Unit::kHour: return kTicksPerHour;
    case Unit::kMinute: return kTicksPerMinute;
    default: return kTicksPerSecond;
  }
}

// Moves by whole months; the day is cut to the month's last.
std::optional<int64_t> add_months(int64_t ticks, int64_t months) {
  Civil civil = civil_from_ticks(ticks);
  const int64_t total = int64_t{civil.year} * 12 + civil.month - 1 + months;
  civil.year = static_cast<int>(total / 12);
  civil.month = static_cast<int>(total % 12) + 1;
  for (; civil.day > 28; --civil.day) {
    if (auto made = ticks_from_civil(civil)) return made;
  }
  return ticks_from_civil(civil);
}

std::optional<int64_t> round_down(int64_t ticks, Unit unit) {
  Civil civil = civil_from_ticks(ticks);
  civil.hour = civil.minute = civil.second = 0;
  civil.fraction = 0;
  switch (unit) {
    case Unit::kYear: civil.month = civil.day = 1; return ticks_from_civil(civil);
    case Unit::kMonth: civil.day = 1; return ticks_from_civil(civil);
    case Unit::kWeek: return ticks - ticks % (7 * kTicksPerDay);  // 0001-01-01 was a Monday
    default: return ticks - ticks % fixed_ticks(unit);
  }
}

std::optional<int64_t> move(int64_t ticks, int64_t count, Unit unit) {
  if (unit == Unit::kYear) return add_months(ticks, count * 12);
  if (unit == Unit::kMonth) return add_months(ticks, count);
  return ticks + count * fixed_ticks(unit);
}

}  // namespace

std::optional<int64_t> parse_query_time(std::string_view text, int64_t now) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (text == "now") return now;
  size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
  const bool negative = text[0] == '-';
  size_t digits = at;
  int64_t count = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) && digits - at < 6) {
    count = count * 10 + (text[digits++] - '0');
  }
  if (digits > at && (at == 1 || digits - at != 4 || digits < text.size())) {
    const size_t mark = text.find('@', digits);
    const auto unit = unit_of(text.substr(digits, mark == std::string_view::npos ? mark : mark - digits));
    if (unit) {
      auto moved = move(now, negative ? -count : count, *unit);
      if (moved && mark != std::string_view::npos) {
        const auto round = unit_of(text.substr(mark + 1));
        if (!round || mark + 1 == text.size()) return std::nullopt;
        auto down = round_down(*moved, *round);
        if (!negative && down && *down != *moved) down = move(*down, 1, *round);
        moved = down;
      }
      if (moved && *moved >= 0 && *moved <= kMaxDatetimeTicks) return moved;
      return std::nullopt;
    }
  }
  return parse_datetime(text);
}

}  // namespace huntbook
