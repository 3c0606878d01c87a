// Filling columns in Arrow layout.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/table.h"

namespace huntbook {

/// Appends cells to one Column; the caller appends only what fits the type (text for string, dynamic, guid
/// and decimal; ticks through append_long).
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type);
  Type type() const { return column_.type; }
  size_t rows() const { return rows_; }
  void append_null();  ///< an empty string in a string column
  void append_nulls(size_t count);
  void append_bool(bool value);
  void append_int(int32_t value);
  void append_long(int64_t value);
  void append_real(double value);
  void append_text(std::string_view value);
  /// The finished column; the builder is empty again.
  Column finish();

 private:
  void mark(bool valid);
  Column column_;
  size_t rows_ = 0;
};

/// Rows given as text cells: the tables that list things.
Table text_table(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows);

/// A table of one batch from finished builders.
Table make_table(Schema schema, std::vector<ColumnBuilder> builders);

}  // namespace huntbook
