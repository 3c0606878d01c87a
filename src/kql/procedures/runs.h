// Reading a procedure's input that is sorted by its first columns: groups of rows, one after the other.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "kql/diagnose.h"
#include "kql/procedures/procedure.h"

namespace huntbook::kql {

/// The first row of a one-row input: constants of the call.
inline std::vector<Cell> constant_row(const ProcedureCall& call, size_t input) {
  std::vector<Cell> cells;
  for (const auto& batch : call.inputs[input].batches) {
    if (batch->rows == 0) continue;
    for (const auto& column : batch->columns) cells.push_back(cell_at(column, 0));
    break;
  }
  cells.resize(std::max(cells.size(), call.inputs[input].schema.size()));
  return cells;
}

/// The number of the group's columns: all that these procedures take as options.
inline size_t keys_of(const ProcedureCall& call) {
  size_t keys = 0;
  std::from_chars(call.options.data(), call.options.data() + call.options.size(), keys);
  return keys;
}

/// More rows than these are no answer.
constexpr size_t kMaxMadeRows = 10'000'000;
inline Diagnostic too_many_rows(std::string_view what) {
  Diagnostic made = diagnose(Error::kTooManyRows, {}, what, kMaxMadeRows);
  made.hint = "ask for a shorter span of time, or for longer steps";
  return made;
}

/// Whether two groups have the same cells; NaN is like NaN.
inline bool same_group(const std::vector<Cell>& a, const std::vector<Cell>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Cell& x, const Cell& y) {
    return x == y || (x.null == y.null && x.real != x.real && y.real != y.real);
  });
}

/// Goes over the rows of `table`, whose first `keys` columns name the group. `begin(group)` is called with
/// the group's cells before its first row, `row(cells)` with the rest of each row, `end()` after its last
/// row; a status that is not ok ends it.
template <typename Begin, typename Row, typename End>
Status for_each_group(const Table& table, size_t keys, const CancelToken* cancel, Begin begin, Row row,
                      End end) {
  std::vector<Cell> group, now, cells;
  bool any = false;
  for (const auto& batch : table.batches) {
    for (size_t r = 0; r < batch->rows; ++r) {
      if ((r & 1023) == 0 && cancel && cancel->cancelled()) return interrupted();
      now.clear();
      for (size_t c = 0; c < keys; ++c) now.push_back(cell_at(batch->columns[c], r));
      if (!any || !same_group(now, group)) {
        if (any) {
          if (Status status = end(); !status.ok()) return status;
        }
        group = now;
        begin(group);
        any = true;
      }
      cells.clear();
      for (size_t c = keys; c < batch->columns.size(); ++c) cells.push_back(cell_at(batch->columns[c], r));
      if (Status status = row(cells); !status.ok()) return status;
    }
  }
  return any ? end() : Status{};
}

}  // namespace huntbook::kql
