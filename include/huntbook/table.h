// The one currency of Huntbook: a schema and immutable columns in Arrow layout, with how complete the answer
// is.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/schema.h"

namespace huntbook {

/// One column of a batch in Arrow layout. Fixed-width types (int: int32; long, datetime, timespan: int64;
/// real: double) and bool (one bit a row) are in `data`; string, dynamic (JSON text), guid (36 characters)
/// and decimal (digits) are in `offsets` (rows + 1 int32) and `data` (UTF-8). `validity` has one bit a row,
/// least significant first, and is empty when no row is null. Strings are never null.
struct Column {
  Type type = Type::kString;
  std::vector<uint8_t> validity;
  std::vector<int32_t> offsets;
  std::vector<uint8_t> data;

  bool is_null(size_t row) const { return !validity.empty() && !((validity[row >> 3] >> (row & 7)) & 1); }
  bool bool_at(size_t row) const { return (data[row >> 3] >> (row & 7)) & 1; }
  int32_t int_at(size_t row) const { return reinterpret_cast<const int32_t*>(data.data())[row]; }
  int64_t long_at(size_t row) const {
    return reinterpret_cast<const int64_t*>(data.data())[row];
  }  ///< ticks too
  double real_at(size_t row) const { return reinterpret_cast<const double*>(data.data())[row]; }
  std::string_view text_at(size_t row) const {
    return {reinterpret_cast<const char*>(data.data()) + offsets[row],
            static_cast<size_t>(offsets[row + 1] - offsets[row])};
  }
};

/// A run of rows, one Column per field of the schema.
struct Batch {
  size_t rows = 0;
  std::vector<Column> columns;
};

enum class Completeness : uint8_t { kComplete, kTruncated, kPartial };
std::string_view completeness_name(Completeness value);

/// Where a table came from.
struct Provenance {
  std::string source;
  std::string query;
  int64_t time = 0;  ///< ticks, UTC
};

/// An immutable table; copies share the batches.
struct Table {
  Schema schema;
  std::vector<std::shared_ptr<const Batch>> batches;
  Completeness completeness = Completeness::kComplete;
  std::vector<std::string> reasons;  ///< why it is not complete
  Provenance provenance;
  uint64_t rejected = 0;  ///< source rows that could not be read; `rejects()` lists them

  size_t rows() const;
};

}  // namespace huntbook
