// A Table as text: JSON, JSON lines, CSV, an aligned table for a terminal.
#pragma once
#include <string>
#include <string_view>

#include "huntbook/table.h"

namespace huntbook {

/// One cell as the JSON contract writes it: datetime "2017-01-01T00:00:00.0000000Z", timespan as Kusto prints
/// it, decimal and guid strings, dynamic as nested JSON, "NaN", "Infinity", "-Infinity"; null.
void append_json_cell(std::string& out, const Column& column, size_t row);
/// One cell as plain text, unescaped; null is empty.
std::string cell_text(const Column& column, size_t row);

/// {"columns":[{"name","type"}],"rows":[[...]],"completeness":"complete","rejected":0} and a newline; with
/// "reasons" where there are any.
std::string to_json(const Table& table);
/// `[[..],[..]]`: the rows alone; `columns_json` gives `[{"name":..,"type":..}]`.
void append_rows_json(std::string& out, const Table& table);
void append_columns_json(std::string& out, const Schema& schema);
/// One JSON object a row.
std::string to_json_lines(const Table& table);
/// RFC 4180 with a header; formulas neutralised unless `raw`. Datetime headings say UTC.
std::string to_csv(const Table& table, bool raw = false);

struct TextOptions {
  size_t width = 0;     ///< terminal columns; 0: as wide as needed
  size_t max_rows = 0;  ///< 0: all
  bool color = false;
};
/// An aligned table with a header and a closing line that says how many rows, and what is missing. Where even
/// narrow columns do not fit the width, one block a row with one field a line.
std::string to_text(const Table& table, const TextOptions& options);

}  // namespace huntbook
