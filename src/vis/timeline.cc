// The event timeline: data for the page, and the picture in letters.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "vis/columns.h"
#include "vis/kind.h"
#include "vis/pack.h"
#include "vis/timeline_data.h"
#include "vis/timeline_svg.h"

namespace huntbook {
namespace {

Result<PageData> draw_data(const Picture& picture) {
  auto read = timeline_data(picture);
  if (!read.ok()) return read.error();
  const TimelineData& data = *read;
  if (Status fits = check_page_size(picture.table, data.columns); !fits.ok()) return fits.error();
  PageData page;
  std::string& out = page.head;
  out = "{\"kind\":\"timeline\",\"title\":";
  append_json_string(out, data.title, true);
  out += ",\"total\":" + std::to_string(data.total) + ",\"notes\":[";
  for (size_t i = 0; i < data.notes.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, data.notes[i], true);
  }
  out += "],\"xname\":";
  append_json_string(out, data.time_name, true);
  out += ",\"legend\":";
  out += picture.property("legend") == "hidden" ? "false" : "true";
  constexpr int64_t kNoNull = INT64_MIN;
  const int64_t base = time_base(data.times, kNoNull);
  out += ",\"times\":";
  append_packed_times(out, data.times, base, kNoNull);
  out += ",\"lanes\":{\"codes\":";
  const size_t width = append_codes(out, data.lane_of, data.lanes.size());
  out += ",\"width\":" + std::to_string(width) + ",\"other\":" + (data.has_other ? "true" : "false") +
         ",\"labels\":[";
  for (size_t i = 0; i < data.lanes.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, data.lanes[i].label, true);
  }
  out += "],\"counts\":[";
  for (size_t i = 0; i < data.lanes.size(); ++i)
    out += (i != 0 ? "," : "") + std::to_string(data.lanes[i].count);
  out += "]},\"references\":[";
  for (size_t i = 0; i < data.references.size(); ++i) {
    out +=
        (i != 0 ? ",{\"at\":" : "{\"at\":") + std::to_string(data.references[i].ticks - base) + ",\"label\":";
    append_json_string(out, data.references[i].label, true);
    out += '}';
  }
  out += "],\"columns\":";
  append_column_heads(out, picture.table, data.columns);
  out += '}';
  const RowIndex index(picture.table);
  for (size_t column : data.columns) {
    append_packed_column(page.columns.emplace_back(), picture.table, index, column, data.rows);
  }
  return page;
}

/// A text cut or filled up to `width` characters.
std::string fit(std::string_view text, size_t width) {
  const size_t length = count_code_points(text);
  if (length <= width) return std::string(text) + std::string(width - length, ' ');
  size_t pos = 0;
  for (size_t i = 0; i + 1 < width; ++i) next_code_point(text, pos);
  return std::string(text.substr(0, pos)) + "…";
}

/// Counts as a line of blocks: a space for none, the lowest block for at least one.
std::string sparkline(const std::vector<uint64_t>& bins) {
  constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const uint64_t most = *std::max_element(bins.begin(), bins.end());
  std::string out;
  for (uint64_t count : bins) {
    if (count == 0) {
      out += ' ';
    } else {
      out += kBlocks[std::min<uint64_t>((count * 8 - 1) / std::max<uint64_t>(most, 1), 7)];
    }
  }
  return out;
}

Result<std::string> draw_text_form(const Picture& picture, size_t width) {
  auto read = timeline_data(picture);
  if (!read.ok()) return read.error();
  const TimelineData& data = *read;
  std::string out;
  if (!data.title.empty()) out += data.title + "\n";
  if (data.times.empty()) return out + "no events\n";
  const int64_t first = data.times.front();
  const int64_t last = data.times.back();
  out += fmt::format("{} from {} to {} UTC\n", plural(data.times.size(), "event", "events"),
                     short_time(first), short_time(last));
  size_t label_width = 4;
  size_t count_width = 1;
  for (const Lane& lane : data.lanes) {
    label_width = std::max(label_width, count_code_points(lane.label));
    count_width = std::max(count_width, group_thousands(lane.count).size());
  }
  label_width = std::min(label_width, std::max<size_t>(width / 3, 4));
  const size_t fixed = label_width + count_width + 4;
  const size_t bins = width > fixed + 10 ? width - fixed : 10;
  std::vector<std::vector<uint64_t>> counts(data.lanes.size(), std::vector<uint64_t>(bins, 0));
  const double span = static_cast<double>(last) - static_cast<double>(first);
  for (size_t i = 0; i < data.times.size(); ++i) {
    const double share =
        span > 0 ? (static_cast<double>(data.times[i]) - static_cast<double>(first)) / span : 0;
    ++counts[data.lane_of[i]][std::min(static_cast<size_t>(share * static_cast<double>(bins)), bins - 1)];
  }
  for (size_t lane = 0; lane < data.lanes.size(); ++lane) {
    out += fit(data.lanes[lane].label, label_width) + " │" + sparkline(counts[lane]) + "│ " +
           fmt::format("{:>{}}\n", group_thousands(data.lanes[lane].count), count_width);
  }
  const size_t digits = last - first > 4 * kTicksPerHour ? 16 : last - first > kTicksPerMinute ? 19 : 27;
  const std::string from = short_time(first).substr(0, digits);
  const std::string to = short_time(last).substr(0, digits);
  if (bins >= from.size() + to.size() + 3) {
    out += std::string(label_width + 2, ' ') + from + std::string(bins - from.size() - to.size(), ' ') + to +
           "\n";
  }
  for (const std::string& note : data.notes) out += note + "\n";
  return out;
}

}  // namespace

KindDrawer timeline_kind() {
  return {
      .kind = {.name = "timeline",
               .doc = "events on a time axis, a lane for each series; zoom, pan, hover, legend, range strip",
               .properties = {{"xcolumn", "datetime column (default: the first)"},
                              {"series",
                               "columns whose values make the lanes (default: EventID, else the first "
                               "column with few values)"},
                              {"ycolumns",
                               "columns shown with each event (default: the first eight that differ)"},
                              {"title", "heading"},
                              {"legend", "`hidden` leaves the legend out"},
                              {"reference", "times to mark: `2024-01-31T12:00Z=label; ...`"}}},
      .data = draw_data,
      .svg = timeline_svg,
      .text = draw_text_form};
}

}  // namespace huntbook
