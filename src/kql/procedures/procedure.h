// Procedures: operators and plugins that need whole tables at once and have no SQL form.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "huntbook/result.h"
#include "huntbook/table.h"
#include "table/builder.h"

namespace huntbook::kql {

/// One cell that owns its text: bool, int, long and ticks in `integer`, real in `real`, the rest in `text`.
struct Cell {
  bool null = true;
  int64_t integer = 0;
  double real = 0;
  std::string text;

  static Cell of_long(int64_t value) { return {false, value, 0, {}}; }
  static Cell of_real(double value) { return {false, 0, value, {}}; }
  static Cell of_text(std::string value) { return {false, 0, 0, std::move(value)}; }
  bool operator==(const Cell&) const = default;
};

/// The cell of a column; a string is never null.
Cell cell_at(const Column& column, size_t row);
/// Appends a cell of the builder's type.
void append_cell(ColumnBuilder& builder, const Cell& cell);

/// Evaluates a procedure's expressions for one row.
class RowEvaluator {
 public:
  virtual ~RowEvaluator() = default;
  /// `in` has a cell per row column, `out` gets one per value.
  virtual Status evaluate(std::span<const Cell> in, std::vector<Cell>& out) = 0;
};

struct ProcedureCall {
  std::span<const Table> inputs;
  std::string_view options;      ///< JSON
  const Schema& output;          ///< of the table to make
  RowEvaluator* rows = nullptr;  ///< null when there are no expressions
  const CancelToken* cancel = nullptr;
};

/// A builder for each column of the call's output.
std::vector<ColumnBuilder> builders_of(const ProcedureCall& call);
/// What a procedure gives when it is told to stop.
Diagnostic interrupted();
/// Adds a cell to a key: keys are equal when their cells are, whatever the texts hold.
void append_key(std::string& key, const Cell& cell);

/// Gives a table of the call's output schema.
using ProcedureBody = Result<Table> (*)(const ProcedureCall& call);

struct ProcedureEntry {
  std::string_view name;
  ProcedureBody body;
};

/// The procedure of that name, or nullptr.
ProcedureBody find_procedure(std::string_view name);

// The procedures of each file.
std::span<const ProcedureEntry> scan_procedures();
std::span<const ProcedureEntry> activity_procedures();
std::span<const ProcedureEntry> pattern_procedures();
std::span<const ProcedureEntry> schema_procedures();
std::span<const ProcedureEntry> sequence_procedures();
std::span<const ProcedureEntry> reduce_procedures();
std::span<const ProcedureEntry> graph_match_procedures();
std::span<const ProcedureEntry> graph_shortest_procedures();
std::span<const ProcedureEntry> graph_components_procedures();

}  // namespace huntbook::kql
