#include "vis/timeline_svg.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "vis/columns.h"
#include "vis/svg.h"
#include "vis/timeline_data.h"

namespace huntbook {
namespace {

constexpr double kWidth = 1200;
constexpr double kLabelSize = 12.5;
constexpr double kBinWidth = 2;
/// Up to so many events each has a mark of its own.
constexpr size_t kMostMarks = 2000;

/// Where things stand on the sheet.
struct Sheet {
  double left = 0, right = 0, top = 0, lane_height = 0, bottom = 0, height = 0;
  int64_t from = 0, to = 0;

  double x(int64_t ticks) const {
    const double span = static_cast<double>(to) - static_cast<double>(from);
    return left + (static_cast<double>(ticks) - static_cast<double>(from)) / span * (right - left);
  }
  double middle(size_t lane) const { return top + (static_cast<double>(lane) + 0.5) * lane_height; }
};

Sheet lay_out(const TimelineData& data) {
  Sheet sheet;
  double widest = 40;
  for (const Lane& lane : data.lanes) {
    const double width =
        text_width(lane.label, kLabelSize) + text_width(group_thousands(lane.count), 11) + 34;
    widest = std::max(widest, width);
  }
  sheet.left = std::min(widest + 16, 330.0);
  sheet.right = kWidth - 24;
  sheet.top = 62 + 18 * static_cast<double>(data.notes.size());
  sheet.lane_height = data.lanes.size() <= 4 ? 52 : data.lanes.size() <= 12 ? 36 : 20;
  sheet.bottom = sheet.top + sheet.lane_height * static_cast<double>(std::max<size_t>(data.lanes.size(), 1));
  sheet.height = sheet.bottom + 52;
  int64_t first = data.times.empty() ? 0 : data.times.front();
  int64_t last = data.times.empty() ? 0 : data.times.back();
  for (const ReferenceTime& reference : data.references) {
    first = std::min(first, reference.ticks);
    last = std::max(last, reference.ticks);
  }
  const int64_t margin = last > first ? (last - first) / 64 + 1 : 5'000'000;
  sheet.from = std::max<int64_t>(first - margin, 0);
  sheet.to = last + margin;
  return sheet;
}

void append_lanes(std::string& out, const TimelineData& data, const Sheet& sheet) {
  for (size_t lane = 0; lane < data.lanes.size(); ++lane) {
    const double top = sheet.top + static_cast<double>(lane) * sheet.lane_height;
    if (lane % 2 == 1) {
      out += fmt::format("<rect x=\"0\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.1f}\" fill=\"#f7f8fa\"/>\n",
                         top, kWidth, sheet.lane_height);
    }
    const bool other = data.has_other && lane + 1 == data.lanes.size();
    out += fmt::format("<rect x=\"12\" y=\"{:.1f}\" width=\"4\" height=\"{:.1f}\" fill=\"{}\"/>\n", top + 3,
                       sheet.lane_height - 6, other ? "#7a8594" : lane_color(lane));
    const std::string count = group_thousands(data.lanes[lane].count);
    const double count_width = text_width(count, 11);
    append_svg_text(out, data.lanes[lane].label,
                    {.x = 22,
                     .y = top + sheet.lane_height / 2 + 4.5,
                     .size = kLabelSize,
                     .width = sheet.left - 44 - count_width});
    append_svg_text(out, count,
                    {.x = sheet.left - 10 - count_width,
                     .y = top + sheet.lane_height / 2 + 4,
                     .size = 11,
                     .css_class = "f"});
  }
}

/// Ticks and their labels: kept on the sheet, and left out rather than on top of each other.
void append_axis(std::string& out, const Sheet& sheet) {
  const double size = 11.5;
  const std::vector<AxisTick> ticks = time_axis(sheet.from, sheet.to, sheet.right - sheet.left, size);
  std::string lines;
  std::string labels;
  double edge = -1e9;
  double context_edge = -1e9;
  std::string_view context;
  for (const AxisTick& tick : ticks) {
    const double x = sheet.x(tick.ticks);
    lines += fmt::format("M{:.1f} {:.1f}V{:.1f}", x, sheet.top, sheet.bottom + 4);
    const double width = text_width(tick.label, size);
    const double start = std::clamp(x - width / 2, sheet.left - 6, kWidth - 6 - width);
    if (start < edge + 4) continue;
    edge = start + width;
    append_svg_text(labels, tick.label, {.x = start, .y = sheet.bottom + 18, .size = size});
    if (tick.context == context) continue;
    const double context_width = text_width(tick.context, size);
    const double context_start = std::clamp(start, sheet.left - 6, kWidth - 6 - context_width);
    if (context_start < context_edge + 8) continue;
    context = tick.context;
    context_edge = context_start + context_width;
    append_svg_text(labels, tick.context,
                    {.x = context_start, .y = sheet.bottom + 34, .size = size, .css_class = "f"});
  }
  out += "<path d=\"" + lines + "\" stroke=\"#e3e7ec\" fill=\"none\"/>\n";
  out += fmt::format("<path d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}\" stroke=\"#b9c1cb\" fill=\"none\"/>\n",
                     sheet.left, sheet.top, sheet.bottom, sheet.right);
  out += labels;
  append_svg_text(out, "UTC", {.x = 22, .y = sheet.bottom + 18, .size = size, .css_class = "f"});
}

/// One path of dots for each lane.
void append_marks(std::string& out, const TimelineData& data, const Sheet& sheet) {
  std::vector<std::string> paths(data.lanes.size());
  for (size_t i = 0; i < data.times.size(); ++i) {
    paths[data.lane_of[i]] +=
        fmt::format("M{:.1f} {:.1f}h0", sheet.x(data.times[i]), sheet.middle(data.lane_of[i]));
  }
  const double size = std::min(9.0, sheet.lane_height * 0.45);
  for (size_t lane = 0; lane < paths.size(); ++lane) {
    const bool other = data.has_other && lane + 1 == data.lanes.size();
    out += fmt::format(
        "<path d=\"{}\" stroke=\"{}\" stroke-width=\"{:.1f}\" stroke-linecap=\"round\" "
        "stroke-opacity=\"0.7\" "
        "fill=\"none\"/>\n",
        paths[lane], other ? "#7a8594" : lane_color(lane), size);
  }
}

/// Bars of counts, each lane by its own busiest moment.
void append_density(std::string& out, const TimelineData& data, const Sheet& sheet) {
  const auto bins = static_cast<size_t>((sheet.right - sheet.left) / kBinWidth);
  std::vector<std::vector<uint32_t>> counts(data.lanes.size(), std::vector<uint32_t>(bins, 0));
  for (size_t i = 0; i < data.times.size(); ++i) {
    const auto bin = static_cast<size_t>((sheet.x(data.times[i]) - sheet.left) / kBinWidth);
    ++counts[data.lane_of[i]][std::min(bin, bins - 1)];
  }
  const double tallest = sheet.lane_height - 5;
  for (size_t lane = 0; lane < data.lanes.size(); ++lane) {
    const double base = sheet.top + static_cast<double>(lane + 1) * sheet.lane_height - 1;
    const uint32_t most = std::max(1u, *std::max_element(counts[lane].begin(), counts[lane].end()));
    std::string path;
    for (size_t bin = 0; bin < bins; ++bin) {
      if (counts[lane][bin] == 0) continue;
      const double height = std::max(3.0, std::sqrt(static_cast<double>(counts[lane][bin]) / most) * tallest);
      path += fmt::format("M{:.0f} {:.1f}v-{:.1f}h{:.0f}v{:.1f}z",
                          sheet.left + static_cast<double>(bin) * kBinWidth, base, height, kBinWidth, height);
    }
    const bool other = data.has_other && lane + 1 == data.lanes.size();
    out += fmt::format("<path d=\"{}\" fill=\"{}\"/>\n", path, other ? "#7a8594" : lane_color(lane));
  }
}

void append_references(std::string& out, const TimelineData& data, const Sheet& sheet) {
  for (const ReferenceTime& reference : data.references) {
    const double x = sheet.x(reference.ticks);
    out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}V{:.1f}\" stroke=\"#a3195b\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\" "
        "fill=\"none\"/>\n",
        x, sheet.top - 4, sheet.bottom);
    const double width = std::min(text_width(reference.label, 11), 260.0);
    const double start = x + 4 + width <= kWidth - 6 ? x + 4 : x - 4 - width;
    append_svg_text(out, reference.label,
                    {.x = start, .y = sheet.top - 4, .size = 11, .width = 260, .css_class = "m"});
  }
}

}  // namespace

Result<std::string> timeline_svg(const Picture& picture) {
  auto read = timeline_data(picture);
  if (!read.ok()) return read.error();
  const TimelineData& data = *read;
  const Sheet sheet = lay_out(data);
  const std::string title = data.title.empty() ? "Event timeline" : data.title;
  std::string out;
  append_svg_start(out, kWidth, sheet.height, title);
  append_svg_text(out, title, {.x = 12, .y = 22, .size = 16, .width = kWidth - 24, .css_class = "b"});
  std::string status = plural(data.times.size(), "event", "events");
  if (!data.times.empty())
    status += fmt::format(" · {} – {} UTC", short_time(data.times.front()), short_time(data.times.back()));
  const bool density = data.times.size() > kMostMarks;
  if (density) status += " · bars: share of each lane’s busiest moment";
  append_svg_text(out, status, {.x = 12, .y = 42, .size = 12, .width = kWidth - 24, .css_class = "f"});
  for (size_t i = 0; i < data.notes.size(); ++i) {
    append_svg_text(
        out, data.notes[i],
        {.x = 12, .y = 60 + 18 * static_cast<double>(i), .size = 12, .width = kWidth - 24, .css_class = "m"});
  }
  append_lanes(out, data, sheet);
  if (data.times.empty()) {
    append_svg_text(out, "No events",
                    {.x = sheet.left + 14, .y = sheet.middle(0) + 4, .size = 12, .css_class = "f"});
  } else {
    append_axis(out, sheet);
    if (density) {
      append_density(out, data, sheet);
    } else {
      append_marks(out, data, sheet);
    }
    append_references(out, data, sheet);
  }
  out += "</svg>\n";
  return out;
}

}  // namespace huntbook
