// Columns packed for a page: little-endian integers in base64, texts by dictionary.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/table.h"
#include "vis/columns.h"

namespace huntbook {

void append_base64(std::string& out, std::span<const uint8_t> bytes);

/// Distinct texts, numbered as they come.
class Dictionary {
 public:
  Dictionary();
  /// The number of a text.
  uint32_t add(std::string_view text);
  size_t size() const { return offsets_.size() - 1; }
  std::string_view text(size_t code) const {
    return std::string_view(bytes_).substr(offsets_[code], offsets_[code + 1] - offsets_[code]);
  }
  const std::string& bytes() const { return bytes_; }
  const std::vector<uint32_t>& offsets() const { return offsets_; }

 private:
  void grow();
  std::vector<uint32_t> slots_;  ///< code + 1; 0: free
  std::vector<size_t> hashes_;
  std::vector<uint32_t> offsets_{0};
  std::string bytes_;
};

/// `{"name":..,"type":..,"codes":..}` of a column's cells in the order of `rows`. Long texts are cut, and say
/// so.
void append_packed_column(std::string& out, const Table& table, const RowIndex& index, size_t column,
                          std::span<const uint32_t> rows);
/// The same of ready texts.
void append_packed_texts(std::string& out, std::string_view name, std::string_view type,
                         const Dictionary& dictionary, std::span<const uint32_t> codes);
/// Appends `"<base64>"` of codes below `limit`, in 1, 2 or 4 bytes each, and gives that width.
size_t append_codes(std::string& out, std::span<const uint32_t> codes, size_t limit);

/// HB-D007 when a browser could not hold the columns: rows and bytes of text have a limit each.
Status check_page_size(const Table& table, std::span<const size_t> columns);

/// Appends `[{"name":..,"type":..},..]`: what a page's head says of its columns.
void append_column_heads(std::string& out, const Table& table, std::span<const size_t> columns);

/// The start of the day of the earliest time: what packed times count from.
int64_t time_base(std::span<const int64_t> times, int64_t null_value);
/// `{"base":..,"unit":..,"width":..,"data":..}`; `null_value` marks a missing time.
void append_packed_times(std::string& out, std::span<const int64_t> times, int64_t base, int64_t null_value);

}  // namespace huntbook
