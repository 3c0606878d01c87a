#include "vis/timeline_data.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "table/write.h"
#include "vis/columns.h"
#include "vis/pack.h"

namespace huntbook {
namespace {

constexpr size_t kMostHoverColumns = 8;

std::optional<int64_t> number_of(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

/// Numbers by value and before words; words by letter.
bool label_before(std::string_view a, std::string_view b) {
  const auto number_a = number_of(a);
  const auto number_b = number_of(b);
  if (number_a && number_b) return *number_a < *number_b;
  if (number_a.has_value() != number_b.has_value()) return number_a.has_value();
  return fold_case(a) < fold_case(b);
}

bool can_be_series(const Field& field) {
  return field.type == Type::kString || field.type == Type::kInt || field.type == Type::kLong ||
         field.type == Type::kBool;
}

/// How many distinct values a column has, counted up to `limit` + 1.
size_t count_distinct(const Table& table, size_t column, size_t limit) {
  Dictionary seen;
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      seen.add(cell_text(batch->columns[column], row));
      if (seen.size() > limit) return seen.size();
    }
  }
  return seen.size();
}

/// Whether a column's cells differ, so that they tell one event from another; of a single row, whether it has
/// text.
bool tells_apart(const Table& table, size_t column) {
  std::optional<std::string> first;
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      std::string text = cell_text(batch->columns[column], row);
      if (!first) {
        first = std::move(text);
      } else if (text != *first) {
        return true;
      }
    }
  }
  return first && !first->empty() && table.rows() == 1;
}

/// The columns that make the lanes: as asked, else EventID, else the first with few values; none: one lane.
Result<std::vector<size_t>> series_columns(const Picture& picture) {
  const Table& table = picture.table;
  if (const std::string_view names = picture.property("series"); !names.empty())
    return find_columns(table, names);
  for (std::string_view name : {"EventID", "EventId"}) {
    if (auto column = table.schema.find(name)) return std::vector<size_t>{*column};
  }
  for (size_t i = 0; i < table.schema.size(); ++i) {
    if (!can_be_series(table.schema.fields[i])) continue;
    const size_t distinct = count_distinct(table, i, kMostLanes);
    if (distinct >= 2 && distinct <= kMostLanes) return std::vector<size_t>{i};
  }
  return std::vector<size_t>{};
}

void collect_times(const Picture& picture, size_t time_column_index, TimelineData& out) {
  std::vector<int64_t> ticks;
  uint32_t row = 0;
  for (const auto& batch : picture.table.batches) {
    const Column& cells = batch->columns[time_column_index];
    for (size_t i = 0; i < batch->rows; ++i, ++row) {
      if (cells.is_null(i)) continue;
      out.rows.push_back(row);
      ticks.push_back(cells.long_at(i));
    }
  }
  if (!std::is_sorted(ticks.begin(), ticks.end())) {
    std::vector<uint32_t> order(ticks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return ticks[a] < ticks[b]; });
    std::vector<uint32_t> rows(order.size());
    std::vector<int64_t> times(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
      rows[i] = out.rows[order[i]];
      times[i] = ticks[order[i]];
    }
    out.rows = std::move(rows);
    ticks = std::move(times);
  }
  out.times = std::move(ticks);
}

/// The dictionary number of each event's series text.
std::vector<uint32_t> code_series(const Picture& picture, const std::vector<size_t>& columns,
                                  const TimelineData& data, Dictionary& dictionary) {
  const RowIndex index(picture.table);
  std::vector<uint32_t> codes(data.rows.size(), 0);
  std::string text;
  for (size_t i = 0; i < data.rows.size(); ++i) {
    const auto [batch, row] = index.at(data.rows[i]);
    text.clear();
    for (size_t k = 0; k < columns.size(); ++k) {
      if (k != 0) text += " · ";
      const Column& cells = batch->columns[columns[k]];
      if (cells.type == Type::kString) {
        text += cells.text_at(row);
      } else {
        text += cell_text(cells, row);
      }
    }
    codes[i] = dictionary.add(columns.empty() ? std::string_view("events") : std::string_view(text));
  }
  return codes;
}

/// Lanes in order of their labels; beyond kMostLanes the rarest series share the last lane.
void make_lanes(const Dictionary& dictionary, const std::vector<uint32_t>& codes, TimelineData& out) {
  std::vector<uint64_t> counts(dictionary.size(), 0);
  for (uint32_t code : codes) ++counts[code];
  std::vector<uint32_t> own(dictionary.size());
  std::iota(own.begin(), own.end(), 0);
  out.has_other = own.size() > kMostLanes;
  if (out.has_other) {
    std::stable_sort(own.begin(), own.end(), [&](uint32_t a, uint32_t b) { return counts[a] > counts[b]; });
    own.resize(kMostLanes - 1);
  }
  std::sort(own.begin(), own.end(),
            [&](uint32_t a, uint32_t b) { return label_before(dictionary.text(a), dictionary.text(b)); });
  const auto other = static_cast<uint32_t>(own.size());
  std::vector<uint32_t> lane_of_code(dictionary.size(), other);
  for (uint32_t lane = 0; lane < own.size(); ++lane) {
    lane_of_code[own[lane]] = lane;
    const std::string_view text = trim(dictionary.text(own[lane]));
    out.lanes.push_back({text.empty() ? "(empty)" : visible_text(text, 300), 0});
  }
  if (out.has_other) out.lanes.push_back({fmt::format("other ({})", dictionary.size() - own.size()), 0});
  out.lane_of.resize(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    out.lane_of[i] = lane_of_code[codes[i]];
    ++out.lanes[out.lane_of[i]].count;
  }
}

/// The columns that an event shows: as asked, else the first few that differ from row to row. The time is
/// always shown, so it is left out.
Result<std::vector<size_t>> shown_columns(const Picture& picture, size_t time,
                                          const std::vector<size_t>& series) {
  std::vector<size_t> out;
  if (const std::string_view names = picture.property("ycolumns"); !names.empty()) {
    auto columns = find_columns(picture.table, names);
    if (!columns.ok()) return columns;
    out = std::move(*columns);
  } else {
    out = series;
    for (size_t i = 0; i < picture.table.schema.size() && out.size() < kMostHoverColumns; ++i) {
      if (i == time || std::find(series.begin(), series.end(), i) != series.end()) continue;
      if (tells_apart(picture.table, i)) out.push_back(i);
    }
  }
  out.erase(std::remove(out.begin(), out.end(), time), out.end());
  return out;
}

/// "2024-01-31T12:00=patient zero; 2024-02-01": times with an optional label each.
Status read_references(const Picture& picture, TimelineData& out) {
  for (std::string_view part : split(picture.property("reference"), ';')) {
    if (trim(part).empty()) continue;
    const size_t equals = part.find('=');
    const std::string_view time = trim(part.substr(0, equals));
    const auto ticks = parse_datetime(time);
    if (!ticks) {
      return Diagnostic{.code = "HB-D006",
                        .message = fmt::format("`{}` is not a time", time),
                        .hint = "write `reference=\"2024-01-31T12:00:00Z=what happened\"`"};
    }
    std::string label =
        equals == std::string_view::npos ? "" : visible_text(trim(part.substr(equals + 1)), 200);
    out.references.push_back({*ticks, label.empty() ? short_time(*ticks) : std::move(label)});
  }
  return {};
}

}  // namespace

Result<TimelineData> timeline_data(const Picture& picture) {
  TimelineData out;
  auto time = time_column(picture, "xcolumn");
  if (!time.ok()) return time.error();
  auto series = series_columns(picture);
  if (!series.ok()) return series.error();
  auto columns = shown_columns(picture, *time, *series);
  if (!columns.ok()) return columns.error();
  if (Status read = read_references(picture, out); !read.ok()) return read.error();
  out.title = title_of(picture);
  out.time_name = visible_text(picture.table.schema.fields[*time].name, 200);
  out.total = picture.table.rows();
  out.columns = std::move(*columns);
  collect_times(picture, *time, out);
  Dictionary dictionary;
  const std::vector<uint32_t> codes = code_series(picture, *series, out, dictionary);
  make_lanes(dictionary, codes, out);
  out.notes = notes_of(picture.table);
  if (out.rows.size() < out.total) {
    out.notes.push_back(plural(out.total - out.rows.size(), "row has", "rows have") + " no " + out.time_name +
                        " and cannot be drawn");
  }
  return out;
}

}  // namespace huntbook
