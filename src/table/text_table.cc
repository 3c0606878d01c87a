// A table as text for a terminal: aligned columns, or one field a line where there are too many for the
// width.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "table/write.h"

namespace huntbook {
namespace {

// No column is made narrower than this, or than it needs.
constexpr size_t kLeastWidth = 6;

bool is_right_aligned(Type type) {
  return type == Type::kInt || type == Type::kLong || type == Type::kReal || type == Type::kDecimal ||
         type == Type::kTimespan;
}

// As cell_text, but short: a datetime without a fraction of zero.
std::string display_text(const Column& column, size_t row) {
  std::string text = cell_text(column, row);
  if (column.type == Type::kDatetime && text.ends_with(".0000000Z")) text.replace(text.size() - 9, 9, "Z");
  return escape_terminal(text);
}

std::string cut(const std::string& text, size_t width) {
  if (count_code_points(text) <= width) return text;
  std::string out;
  size_t pos = 0;
  for (size_t i = 0; i + 1 < width && pos < text.size(); ++i) append_utf8(out, next_code_point(text, pos));
  return out + "…";
}

// Gives every column its share: narrow ones what they need, the rest evenly.
std::vector<size_t> share_width(const std::vector<size_t>& needed, size_t total) {
  std::vector<size_t> widths(needed.size(), 0);
  std::vector<bool> done(needed.size(), false);
  size_t left = total, open = needed.size();
  for (bool changed = true; changed && open > 0;) {
    changed = false;
    const size_t fair = std::max<size_t>(left / open, kLeastWidth);
    for (size_t i = 0; i < needed.size(); ++i) {
      if (done[i] || needed[i] > fair) continue;
      widths[i] = needed[i];
      done[i] = changed = true;
      left -= std::min(left, needed[i]);
      --open;
    }
  }
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!done[i]) widths[i] = std::max<size_t>(open ? left / open : kLeastWidth, kLeastWidth);
  }
  return widths;
}

using Cells = std::vector<std::vector<std::string>>;

// Ends with a line break; bold when the terminal can.
std::string heading(const std::string& text, bool color) {
  return color ? "\x1b[1m" + text + "\x1b[0m\n" : text + "\n";
}

std::string aligned(const Table& table, const std::vector<std::string>& header, const Cells& cells,
                    const std::vector<size_t>& widths, bool color) {
  std::string out;
  const auto line_text = [&](const std::vector<std::string>& line) {
    std::string text;
    for (size_t c = 0; c < widths.size(); ++c) {
      const std::string cell = cut(line[c], widths[c]);
      const std::string pad(widths[c] - std::min(widths[c], count_code_points(cell)), ' ');
      if (c) text += "  ";
      if (is_right_aligned(table.schema.fields[c].type)) {
        text += pad + cell;
      } else {
        text += cell + (c + 1 < widths.size() ? pad : "");
      }
    }
    return text;
  };
  out += heading(line_text(header), color);
  std::vector<std::string> rule;
  for (const size_t width : widths) {
    std::string line;
    for (size_t i = 0; i < width; ++i) line += "─";
    rule.push_back(std::move(line));
  }
  out += line_text(rule) + "\n";
  for (const auto& line : cells) out += line_text(line) + "\n";
  return out;
}

// One block a row, one line a field; fields without a value are left out.
std::string records(const std::vector<std::string>& header, const Cells& cells, size_t width, bool color) {
  size_t names = 0;
  for (const auto& name : header) names = std::max(names, count_code_points(name));
  names = std::min(names, width / 2);
  std::string out;
  for (size_t row = 0; row < cells.size(); ++row) {
    out += heading(fmt::format("row {}", row + 1), color);
    for (size_t c = 0; c < header.size(); ++c) {
      if (cells[row][c].empty()) continue;
      const std::string name = cut(header[c], names);
      out += "  " + name + std::string(names - count_code_points(name), ' ') + "  " +
             cut(cells[row][c], std::max(width - std::min(width, names + 4), kLeastWidth)) + "\n";
    }
  }
  return out;
}

}  // namespace

std::string to_text(const Table& table, const TextOptions& options) {
  const size_t columns = table.schema.size();
  const size_t total = table.rows();
  const size_t shown = options.max_rows ? std::min(options.max_rows, total) : total;
  Cells cells;
  std::vector<size_t> needed(columns);
  std::vector<std::string> header;
  for (size_t c = 0; c < columns; ++c) {
    header.push_back(escape_terminal(table.schema.fields[c].name));
    needed[c] = count_code_points(header[c]);
  }
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows && cells.size() < shown; ++row) {
      std::vector<std::string> line;
      for (size_t c = 0; c < columns; ++c) {
        line.push_back(display_text(batch->columns[c], row));
        needed[c] = std::max(needed[c], count_code_points(line[c]));
      }
      cells.push_back(std::move(line));
    }
  }
  const size_t gaps = columns ? 2 * (columns - 1) : 0;
  size_t sum = gaps, least = gaps;
  for (const size_t n : needed) {
    sum += n;
    least += std::min(n, kLeastWidth);
  }
  std::string out;
  const bool by_field = options.width > 0 && least > options.width;
  if (by_field) {
    out = records(header, cells, options.width, options.color);
  } else {
    const bool fits = options.width == 0 || sum <= options.width || options.width <= gaps;
    out = aligned(table, header, cells, fits ? needed : share_width(needed, options.width - gaps),
                  options.color);
  }
  out += shown < total ? fmt::format("{} of {} rows", shown, total)
                       : fmt::format("{} row{}", total, total == 1 ? "" : "s");
  out += by_field ? fmt::format(", {} columns; fields without a value are not shown\n", columns) : "\n";
  if (table.completeness != Completeness::kComplete) {
    const std::string reasons = fmt::format("{}", fmt::join(table.reasons, "; "));
    out += fmt::format("{}{}\n", completeness_name(table.completeness),
                       reasons.empty() ? "" : ": " + escape_terminal(reasons));
  }
  if (table.rejected > 0) {
    out += fmt::format("{} source row{} rejected: see `huntbook rejects`\n", table.rejected,
                       table.rejected == 1 ? "" : "s");
  }
  return out;
}

}  // namespace huntbook
