// What the scanner learns of a table: its columns in the order they were met, and every kind of value in
// each.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/keys.h"
#include "evidence/rows.h"
#include "huntbook/schema.h"

namespace huntbook::evidence {

constexpr size_t kMaxColumns = 2000;
constexpr std::string_view kExtraColumn = "_Extra";

/// Bits for the kinds of value that a column holds.
enum Kinds : uint16_t {
  kHasBool = 1,
  kHasLong = 2,
  kHasLargeLong = 4,  ///< beyond 2^53: no double holds it
  kHasReal = 8,
  kHasHuge = 16,  ///< a number that neither int64 nor double holds
  kHasText = 32,
  kHasTime = 64,
  kHasNested = 128,
  kHasPadded = 256  ///< a text such as 1.10, whose last zero a double does not keep
};
uint16_t kinds_of(const Field& field);
/// The narrowest type that holds all of them without loss.
Type type_for(uint16_t kinds);

struct ColumnDraft {
  uint16_t kinds = 0;
  uint8_t least_decimals = UINT8_MAX, most_decimals = 0;  ///< of numbers read from text
  uint64_t cells = 0;                                     ///< not null
  uint64_t last_row = 0;                                  ///< the row that filled it last
};

class TableDraft {
 public:
  /// Further columns are only known to exist.
  explicit TableDraft(std::string table_name, size_t max_columns = kMaxColumns);
  const std::string& name() const { return name_; }
  uint64_t rows() const { return rows_; }
  uint64_t cells() const;
  /// A column that is there whether or not it has cells.
  void declare(std::string_view key, uint16_t kinds);
  /// Counts one row; gives how many keys it repeats. `from_text`: numbers were guessed from text.
  size_t add(const std::vector<Field>& fields, bool from_text);
  void merge(const TableDraft& other);
  /// The table's schema: the first kMaxColumns columns, the others in _Extra.
  Schema schema() const;

 private:
  ColumnDraft* column(std::string_view key);

  std::string name_;
  size_t max_columns_;
  uint64_t rows_ = 0;
  bool more_columns_ = false;
  KeyIndex index_;
  KeyGuess guess_;
  std::vector<ColumnDraft> columns_;
};

}  // namespace huntbook::evidence
