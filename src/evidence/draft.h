// What the scanner learns of a table: its columns in the order they were met, and every kind of value in each.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "evidence/rows.h"
#include "huntbook/schema.h"

namespace huntbook::evidence {

constexpr size_t kMaxColumns = 2000;
constexpr std::string_view kExtraColumn = "_Extra";

/// Bits for the kinds of value that a column holds.
enum Kinds : uint16_t {
  kHasBool = 1,
  kHasLong = 2,
  kHasLargeLong = 4,   ///< beyond 2^53: no double holds it
  kHasReal = 8,
  kHasHuge = 16,       ///< a number that neither int64 nor double holds
  kHasText = 32,
  kHasTime = 64,
  kHasNested = 128
};
uint16_t kinds_of(const Field& field);
/// The narrowest type that holds all of them without loss.
Type type_for(uint16_t kinds);

/// A hash map by text that can be asked with a view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

struct ColumnDraft {
  std::string name;
  uint16_t kinds = 0;
  uint64_t cells = 0;    ///< not null
  uint64_t last_row = 0; ///< the row that filled it last
};

struct TableDraft {
  std::string name;
  uint64_t rows = 0;
  std::vector<ColumnDraft> columns;
  TextMap<size_t> index;

  /// Counts one row; gives how many keys it repeats.
  size_t add(const std::vector<Field>& fields);
  void merge(const TableDraft& other);
  /// The table's schema: the first kMaxColumns columns, the others in _Extra.
  Schema schema() const;

 private:
  size_t column(std::string_view key);
};

}  // namespace huntbook::evidence
