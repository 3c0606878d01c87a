#include "vis/svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook {
namespace {

/// The advance of a character in units of the font size, on the wide side.
double advance(char32_t c) {
  constexpr std::string_view kNarrow = "ijl.,:;'|!I()[]{} `";
  constexpr std::string_view kWide = "mwMW@%";
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    if (kNarrow.find(ascii) != std::string_view::npos) return 0.4;
    if (kWide.find(ascii) != std::string_view::npos) return 1.0;
    if (ascii >= 'A' && ascii <= 'Z') return 0.75;
    return 0.64;
  }
  return c < 0x1100 ? 0.72 : 1.05;
}

enum class Unit : uint8_t { kTicks, kDays, kMonths };

/// A distance between ticks: a count of ticks, days or months.
struct Step {
  Unit unit;
  int64_t count;
  double length;  ///< in ticks
};

std::vector<Step> steps() {
  std::vector<Step> out;
  const auto add = [&](Unit unit, int64_t count, int64_t each) {
    out.push_back({unit, count * (unit == Unit::kTicks ? each : 1),
                   static_cast<double>(count) * static_cast<double>(each)});
  };
  for (int64_t power = 1; power < kTicksPerSecond; power *= 10) {
    for (int64_t n : {1, 2, 5}) add(Unit::kTicks, n, power);
  }
  for (int64_t n : {1, 2, 5, 10, 15, 30}) add(Unit::kTicks, n, kTicksPerSecond);
  for (int64_t n : {1, 2, 5, 10, 15, 30}) add(Unit::kTicks, n, kTicksPerMinute);
  for (int64_t n : {1, 2, 3, 6, 12}) add(Unit::kTicks, n, kTicksPerHour);
  for (int64_t n : {1, 2, 7, 14}) add(Unit::kDays, n, kTicksPerDay);
  for (int64_t n : {1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000}) {
    add(Unit::kMonths, n, kTicksPerDay * 30);
  }
  return out;
}

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

AxisTick label_tick(const Step& step, int64_t ticks) {
  const Civil civil = civil_from_ticks(ticks);
  AxisTick out{ticks, {}, {}};
  const std::string year = fmt::format("{:04}", civil.year);
  if (step.unit == Unit::kMonths && step.count >= 12) {
    out.label = year;
  } else if (step.unit == Unit::kMonths) {
    out.label = kMonths[static_cast<size_t>(civil.month - 1)];
    out.context = year;
  } else if (step.unit == Unit::kDays) {
    out.label = fmt::format("{} {}", kMonths[static_cast<size_t>(civil.month - 1)], civil.day);
    out.context = year;
  } else {
    out.label = fmt::format("{:02}:{:02}", civil.hour, civil.minute);
    if (step.length < static_cast<double>(kTicksPerMinute)) out.label += fmt::format(":{:02}", civil.second);
    if (step.length < static_cast<double>(kTicksPerSecond)) {
      const auto digits = static_cast<size_t>(7 - std::floor(std::log10(step.length) + 1e-9));
      out.label += "." + fmt::format("{:07}", civil.fraction).substr(0, digits);
    }
    out.context = format_datetime(ticks).substr(0, 10);
  }
  return out;
}

std::vector<AxisTick> month_ticks(const Step& step, int64_t from, int64_t to) {
  std::vector<AxisTick> out;
  const Civil first = civil_from_ticks(from);
  int64_t month = (int64_t{first.year} * 12 + first.month - 1) / step.count * step.count;
  for (size_t guard = 0; guard < 500; ++guard, month += step.count) {
    const auto ticks =
        ticks_from_civil({.year = static_cast<int>(month / 12), .month = static_cast<int>(month % 12) + 1});
    if (!ticks && month < 12) continue;
    if (!ticks || *ticks > to) break;
    if (*ticks >= from) out.push_back(label_tick(step, *ticks));
  }
  return out;
}

}  // namespace

double text_width(std::string_view text, double size) {
  double width = 0;
  for (size_t pos = 0; pos < text.size();) width += advance(next_code_point(text, pos));
  return width * size;
}

std::string elide(std::string_view text, double size, double width) {
  if (text_width(text, size) <= width) return std::string(text);
  double used = text_width("…", size);
  size_t end = 0;
  for (size_t pos = 0; pos < text.size(); end = pos) {
    used += advance(next_code_point(text, pos)) * size;
    if (used > width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

void append_number(std::string& out, double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  out += text;
}

void append_svg_text(std::string& out, std::string_view text, const SvgText& place) {
  // A monospaced face is wider than most letters of a proportional one.
  const double size = place.monospace ? place.size * 1.02 : place.size;
  const std::string shown = elide(text, size, place.width);
  out += "<text class=\"";
  out += place.css_class;
  out += "\" x=\"";
  append_number(out, place.x);
  out += "\" y=\"";
  append_number(out, place.y);
  out += "\" font-size=\"";
  append_number(out, place.size);
  out += place.monospace ? "\" font-family=\"DejaVu Sans Mono, Consolas, monospace\">" : "\">";
  out += escape_html(shown);
  if (shown != text) out += "<title>" + escape_html(text) + "</title>";
  out += "</text>\n";
}

void append_svg_start(std::string& out, double width, double height, std::string_view title) {
  out += fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"DejaVu Sans, Segoe UI, Helvetica, Arial, "
      "sans-serif\">\n",
      width, height);
  out += "<title>" + escape_html(title) + "</title>\n";
  out +=
      "<style>.t{fill:#1b2330}.f{fill:#5b6675}.b{fill:#1b2330;font-weight:600}.i{fill:#5b6675;font-style:"
      "italic}"
      ".m{fill:#a3195b}</style>\n";
  out += fmt::format("<rect width=\"{:.0f}\" height=\"{:.0f}\" fill=\"#ffffff\"/>\n", width, height);
}

std::vector<AxisTick> time_axis(int64_t from, int64_t to, double width, double size) {
  const double span = std::max(static_cast<double>(to) - static_cast<double>(from), 1.0);
  const std::vector<Step> all = steps();
  const Step* step = &all.back();
  for (const Step& candidate : all) {
    if (candidate.length / span * width >= text_width(label_tick(candidate, from).label, size) + 22) {
      step = &candidate;
      break;
    }
  }
  if (step->unit == Unit::kMonths) return month_ticks(*step, from, to);
  const int64_t each =
      step->unit == Unit::kDays ? step->count * kTicksPerDay : step->count;  // day 0 is a Monday
  std::vector<AxisTick> out;
  for (int64_t ticks = from / each * each; ticks <= to && out.size() < 500; ticks += each) {
    if (ticks >= from) out.push_back(label_tick(*step, ticks));
  }
  return out;
}

std::string_view lane_color(size_t lane) {
  static constexpr std::array<std::string_view, 8> kColors = {"#0072b2", "#d55e00", "#009e73", "#c05f96",
                                                              "#a87400", "#2f86bd", "#7553a8", "#4d6b1f"};
  return kColors[lane % kColors.size()];
}

}  // namespace huntbook
