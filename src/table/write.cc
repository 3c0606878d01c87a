#include "table/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"

namespace huntbook {

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
    case Type::kString:
    case Type::kGuid:
    case Type::kDecimal: append_json_string(out, column.text_at(row)); return;
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
  fmt::format_to(std::back_inserter(out), ",\"completeness\":\"{}\"", completeness_name(table.completeness));
  for (size_t i = 0; i < table.reasons.size(); ++i) {
    out += i == 0 ? ",\"reasons\":[" : ",";
    append_json_string(out, table.reasons[i]);
    if (i + 1 == table.reasons.size()) out += ']';
  }
  fmt::format_to(std::back_inserter(out), ",\"rejected\":{}}}\n", table.rejected);
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
        out += escape_csv(cell_text(batch->columns[c], row),
                          raw || (type != Type::kString && type != Type::kDynamic));
      }
      out += "\r\n";
    }
  }
  return out;
}

}  // namespace huntbook
