#include "table/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook {
namespace {

bool is_right_aligned(Type type) {
  return type == Type::kInt || type == Type::kLong || type == Type::kReal || type == Type::kDecimal || type == Type::kTimespan;
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
    const size_t fair = std::max<size_t>(left / open, 6);
    for (size_t i = 0; i < needed.size(); ++i) {
      if (done[i] || needed[i] > fair) continue;
      widths[i] = needed[i];
      done[i] = changed = true;
      left -= std::min(left, needed[i]);
      --open;
    }
  }
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!done[i]) widths[i] = std::max<size_t>(open ? left / open : 6, 6);
  }
  return widths;
}

}  // namespace

void append_json_cell(std::string& out, const Column& column, size_t row) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  switch (column.type) {
    case Type::kBool: out += column.bool_at(row) ? "true" : "false"; return;
    case Type::kInt: fmt::format_to(std::back_inserter(out), "{}", column.int_at(row)); return;
    case Type::kLong: fmt::format_to(std::back_inserter(out), "{}", column.long_at(row)); return;
    case Type::kReal: {
      const double value = column.real_at(row);
      if (std::isnan(value)) out += "\"NaN\"";
      else if (std::isinf(value)) out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
      else append_real(out, value);
      return;
    }
    case Type::kDatetime:
      out += '"';
      append_datetime(out, column.long_at(row));
      out += '"';
      return;
    case Type::kTimespan: out += '"' + format_timespan(column.long_at(row)) + '"'; return;
    case Type::kDynamic: out += column.text_at(row); return;
    case Type::kString: case Type::kGuid: case Type::kDecimal: append_json_string(out, column.text_at(row)); return;
  }
}

std::string cell_text(const Column& column, size_t row) {
  if (column.is_null(row)) return {};
  switch (column.type) {
    case Type::kBool: return column.bool_at(row) ? "true" : "false";
    case Type::kInt: return std::to_string(column.int_at(row));
    case Type::kLong: return std::to_string(column.long_at(row));
    case Type::kReal: {
      const double value = column.real_at(row);
      if (std::isnan(value)) return "NaN";
      if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
      std::string text;
      append_real(text, value);
      return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
    }
    case Type::kDatetime: return format_datetime(column.long_at(row));
    case Type::kTimespan: return format_timespan(column.long_at(row));
    default: return std::string(column.text_at(row));
  }
}

void append_columns_json(std::string& out, const Schema& schema) {
  out += '[';
  for (size_t i = 0; i < schema.size(); ++i) {
    out += i ? ",{\"name\":" : "{\"name\":";
    append_json_string(out, schema.fields[i].name);
    fmt::format_to(std::back_inserter(out), ",\"type\":\"{}\"}}", type_name(schema.fields[i].type));
  }
  out += ']';
}

void append_rows_json(std::string& out, const Table& table) {
  out += '[';
  bool first = true;
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      out += first ? "[" : ",[";
      first = false;
      for (size_t c = 0; c < batch->columns.size(); ++c) {
        if (c) out += ',';
        append_json_cell(out, batch->columns[c], row);
      }
      out += ']';
    }
  }
  out += ']';
}

std::string to_json(const Table& table) {
  std::string out = "{\"columns\":";
  append_columns_json(out, table.schema);
  out += ",\"rows\":";
  append_rows_json(out, table);
  fmt::format_to(std::back_inserter(out), ",\"completeness\":\"{}\",\"rejected\":{}}}\n", completeness_name(table.completeness), table.rejected);
  return out;
}

std::string to_json_lines(const Table& table) {
  std::string out;
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      out += '{';
      for (size_t c = 0; c < batch->columns.size(); ++c) {
        if (c) out += ',';
        append_json_string(out, table.schema.fields[c].name);
        out += ':';
        append_json_cell(out, batch->columns[c], row);
      }
      out += "}\n";
    }
  }
  return out;
}

std::string to_csv(const Table& table, bool raw) {
  std::string out;
  for (size_t c = 0; c < table.schema.size(); ++c) {
    const auto& field = table.schema.fields[c];
    if (c) out += ',';
    out += escape_csv(field.type == Type::kDatetime ? field.name + " [UTC]" : field.name, raw);
  }
  out += "\r\n";
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      for (size_t c = 0; c < batch->columns.size(); ++c) {
        if (c) out += ',';
        // Only text can hold a formula.
        const Type type = batch->columns[c].type;
        out += escape_csv(cell_text(batch->columns[c], row), raw || (type != Type::kString && type != Type::kDynamic));
      }
      out += "\r\n";
    }
  }
  return out;
}

std::string to_text(const Table& table, const TextOptions& options) {
  const size_t columns = table.schema.size();
  const size_t total = table.rows();
  const size_t shown = options.max_rows ? std::min(options.max_rows, total) : total;
  std::vector<std::vector<std::string>> cells;
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
  std::vector<size_t> widths = needed;
  const size_t gaps = columns ? 2 * (columns - 1) : 0;
  if (options.width > gaps) {
    size_t sum = gaps;
    for (size_t n : needed) sum += n;
    if (sum > options.width) widths = share_width(needed, options.width - gaps);
  }
  std::string out;
  const auto put_line = [&](const std::vector<std::string>& line, bool bold) {
    std::string text;
    for (size_t c = 0; c < columns; ++c) {
      const std::string cell = cut(line[c], widths[c]);
      const size_t pad = widths[c] - std::min(widths[c], count_code_points(cell));
      if (c) text += "  ";
      if (is_right_aligned(table.schema.fields[c].type)) text += std::string(pad, ' ') + cell;
      else text += cell + (c + 1 < columns ? std::string(pad, ' ') : "");
    }
    out += bold && options.color ? "\x1b[1m" + text + "\x1b[0m\n" : text + "\n";
  };
  put_line(header, true);
  std::vector<std::string> rule;
  for (size_t c = 0; c < columns; ++c) {
    std::string line;
    for (size_t i = 0; i < widths[c]; ++i) line += "─";
    rule.push_back(std::move(line));
  }
  put_line(rule, false);
  for (const auto& line : cells) put_line(line, false);
  out += shown < total ? fmt::format("{} of {} rows\n", shown, total) : fmt::format("{} row{}\n", total, total == 1 ? "" : "s");
  if (table.completeness != Completeness::kComplete) {
    out += fmt::format("{}{}\n", completeness_name(table.completeness), table.reasons.empty() ? "" : ": " + escape_terminal(fmt::format("{}", fmt::join(table.reasons, "; "))));
  }
  if (table.rejected > 0) {
    out += fmt::format("{} source row{} rejected: see `huntbook rejects`\n", table.rejected, table.rejected == 1 ? "" : "s");
  }
  return out;
}

}  // namespace huntbook
