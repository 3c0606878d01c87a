// format_datetime and format_timespan: a run of a letter is a part, as long as the letter allows; then it
// begins anew.
#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/time.h"
#include "kql/runtime/dynamic.h"
#include "kql/runtime/time_format.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// How long a part of a letter may be; 0: no such part.
size_t longest_datetime_part(char c) {
  if (c == 'y') return 4;
  if (c == 'f' || c == 'F') return 7;
  return std::string_view("MdHhmst").find(c) != std::string_view::npos ? 2 : 0;
}
size_t longest_timespan_part(char c) {
  if (c == 'd') return 8;
  if (c == 'f' || c == 'F') return 7;
  return std::string_view("Hhms").find(c) != std::string_view::npos ? 2 : 0;
}

bool is_delimiter(char c) { return std::string_view(" /-:,.[]_").find(c) != std::string_view::npos; }

// The first digits of the fraction; with `bare` trailing zeros are left out.
void append_fraction(std::string& out, int64_t fraction, size_t digits, bool bare) {
  std::string text = fmt::format("{:07}", fraction).substr(0, digits);
  while (bare && text.ends_with('0')) text.pop_back();
  out += text;
}

// Calls part(letter, count) for every part and copies delimiters; false at anything else.
template <typename Longest, typename Part>
bool format_parts(std::string_view format, std::string& out, Longest longest, Part part) {
  for (size_t i = 0; i < format.size();) {
    const char c = format[i];
    if (is_delimiter(c)) {
      out += c;
      ++i;
      continue;
    }
    const size_t most = longest(c);
    size_t count = 0;
    while (i + count < format.size() && format[i + count] == c && count < most) ++count;
    if (count == 0) return false;
    part(c, count);
    i += count;
  }
  return true;
}

void format_datetime_body(Args args, Value& out, Context& context) {
  const Civil civil = civil_from_ticks(args[0].integer);
  std::string made;
  const int hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  const auto part = [&](char c, size_t count) {
    switch (c) {
      case 'y': made += fmt::format("{:0{}}", count <= 2 ? civil.year % 100 : civil.year, count); break;
      case 'M': made += fmt::format("{:0{}}", civil.month, count); break;
      case 'd': made += fmt::format("{:0{}}", civil.day, count); break;
      case 'H': made += fmt::format("{:0{}}", civil.hour, count); break;
      case 'h': made += fmt::format("{:0{}}", hour, count); break;
      case 'm': made += fmt::format("{:0{}}", civil.minute, count); break;
      case 's': made += fmt::format("{:0{}}", civil.second, count); break;
      case 't': made += std::string_view(civil.hour < 12 ? "AM" : "PM").substr(0, count); break;
      default: append_fraction(made, civil.fraction, count, c == 'F');
    }
  };
  if (format_parts(args[1].text, made, longest_datetime_part, part)) set_text(out, std::move(made), context);
}

void format_timespan_body(Args args, Value& out, Context& context) {
  const int64_t ticks = args[0].integer;
  uint64_t rest = static_cast<uint64_t>(ticks);
  std::string made;
  if (ticks < 0) {
    rest = 0 - rest;
    made += '-';
  }
  const uint64_t seconds = rest / static_cast<uint64_t>(kTicksPerSecond);
  const auto part = [&](char c, size_t count) {
    switch (c) {
      case 'd': made += fmt::format("{:0{}}", seconds / 86400, count); break;
      case 'H':
      case 'h': made += fmt::format("{:0{}}", seconds / 3600 % 24, count); break;
      case 'm': made += fmt::format("{:0{}}", seconds / 60 % 60, count); break;
      case 's': made += fmt::format("{:0{}}", seconds % 60, count); break;
      default:
        append_fraction(made, static_cast<int64_t>(rest % static_cast<uint64_t>(kTicksPerSecond)), count,
                        c == 'F');
    }
  };
  if (format_parts(args[1].text, made, longest_timespan_part, part)) set_text(out, std::move(made), context);
}

constexpr BodyEntry kBodies[] = {
    {"format_datetime", format_datetime_body},
    {"format_timespan", format_timespan_body},
};

}  // namespace

bool is_time_format(std::string_view format, bool datetime) {
  std::string made;
  return format_parts(format, made, datetime ? longest_datetime_part : longest_timespan_part,
                      [](char, size_t) {});
}

std::span<const BodyEntry> time_format_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
