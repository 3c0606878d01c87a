// For tests: a table written down as texts.
#pragma once
#include <cassert>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "table/builder.h"

namespace huntbook {

/// Cells are read by the column's type; an empty cell is null (an empty string in a string column).
inline Table text_table(std::vector<Field> fields, const std::vector<std::vector<std::string_view>>& rows) {
  std::vector<ColumnBuilder> columns;
  for (const Field& field : fields) columns.emplace_back(field.type);
  for (const auto& row : rows) {
    assert(row.size() == fields.size());
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell(row[i]);
      if (cell.empty()) {
        columns[i].append_null();
        continue;
      }
      switch (fields[i].type) {
        case Type::kBool: columns[i].append_bool(cell == "true"); break;
        case Type::kInt: columns[i].append_int(std::stoi(cell)); break;
        case Type::kLong: columns[i].append_long(std::stoll(cell)); break;
        case Type::kReal: columns[i].append_real(std::stod(cell)); break;
        case Type::kDatetime: columns[i].append_long(parse_datetime(cell).value()); break;
        case Type::kTimespan: columns[i].append_long(parse_timespan(cell).value()); break;
        default: columns[i].append_text(cell);
      }
    }
  }
  return make_table(Schema{std::move(fields)}, std::move(columns));
}

}  // namespace huntbook
