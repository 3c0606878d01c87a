// From a picture's properties to columns and texts of its table.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/picture.h"
#include "huntbook/result.h"

namespace huntbook {

/// The column that the user named, or HB-D003 with the nearest name.
Result<size_t> find_column(const Table& table, std::string_view name);
/// The columns of a comma-separated list, or the one column of that very name.
Result<std::vector<size_t>> find_columns(const Table& table, std::string_view names);
/// The datetime column that `property` names, else the first one; HB-D004 and HB-D005.
Result<size_t> time_column(const Picture& picture, std::string_view property);

/// Where the rows of a table are: batch and row in it.
class RowIndex {
 public:
  explicit RowIndex(const Table& table);
  size_t rows() const { return starts_.back(); }
  /// The batch that holds `row`, and its place there.
  std::pair<const Batch*, size_t> at(size_t row) const;

 private:
  const Table& table_;
  std::vector<size_t> starts_;
};

/// Text that is safe to show anywhere: valid UTF-8, with control and bidirectional characters made visible;
/// at most about `most` bytes, and then it says how many more there were (0: all).
std::string visible_text(std::string_view text, size_t most = 0);
/// The title: the property, else the picture's own.
std::string title_of(const Picture& picture);
/// What the reader must know before trusting the picture: an incomplete answer, rejected rows.
std::vector<std::string> notes_of(const Table& table);
/// "12,345".
std::string group_thousands(uint64_t number);
/// "1 event", "2 events".
std::string plural(uint64_t number, std::string_view one, std::string_view many);
/// "2024-01-31 12:34:56", with the fraction when there is one.
std::string short_time(int64_t ticks);

}  // namespace huntbook
