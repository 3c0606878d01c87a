// The compiler: text and catalog in, a plan and its SQL out.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "kql/catalog.h"
#include "kql/plan.h"

namespace huntbook::kql {

/// A runtime body as the engine must register it before the SQL runs.
struct BodyUse {
  std::string sql_name;  ///< "hb_has__string_string__bool"
  std::string body;
  std::vector<Type> args;
  Type result = Type::kString;
  bool own_nulls = false;
  bool list = false;  ///< the engine makes a list of texts of the JSON array that the body gives
  bool operator==(const BodyUse&) const = default;
};

/// The columns of a stored table that the query reads.
struct TableUse {
  std::string table;
  std::vector<size_t> columns;  ///< places in the table's schema, ascending
};

/// Work outside SQL that must be done before the SQL runs, on the answers of `inputs`. Its rows go into the
/// temporary table `table`, whose columns are named p0, p1 ...
/// A pivot has one input, distinct values in one text column; the table has the value and then the pivot's
/// output, one row a value. A table is filled with the answer of its one input, which several statements
/// read.
struct Step {
  struct Input {
    std::string sql;
    Schema schema;
  };
  enum class Kind : uint8_t { kPivot, kProcedure, kTable } kind = Kind::kPivot;
  std::string name;
  std::string table;
  std::string options;  ///< of a procedure: JSON
  std::vector<Input> inputs;
  Schema output;  ///< of the table
  /// Expressions that a procedure evaluates for one row at a time: one SELECT with a parameter per field of
  /// `row_input`; empty when there are none.
  std::string row_sql;
  Schema row_input, row_output;
  Span span;  ///< of the text that a failure is told of
};

/// SQL for the engine and what it needs.
struct Sql {
  std::string text;  ///< one SELECT whose columns are in the order of the schema
  std::vector<BodyUse> bodies;
  std::vector<TableUse> tables;
  std::vector<Step> steps;  ///< in the order in which they must be done
};

/// How long a stage took: parse, bind, each rewrite by its name, sql.
struct StageTime {
  std::string_view stage;
  double microseconds = 0;
};

/// A compiled query.
struct Compiled {
  plan::Plan plan;
  Schema schema;
  Sql sql;
  std::vector<StageTime> times;
};

/// Compiles a text; on failure all diagnostics, at least one. `compiled` is its last result, `earlier` are
/// those before it: of several statements, and of operators that give several tables.
struct CompileResult {
  std::optional<Compiled> compiled;
  std::vector<Compiled> earlier;
  Diagnostics diagnostics;
};
CompileResult compile(std::string_view text, const Catalog& catalog);

/// Rewrites a bound plan, without the passes that the catalog skips, and writes its SQL.
Compiled finish(plan::Plan plan, const Catalog& catalog);

/// The DuckDB dialect: the one place that writes SQL for it.
Sql write_duckdb(const plan::Plan& plan);
/// The name, quoted, of a stored table; its columns are named k0, k1 ... by their place. DuckDB's names do
/// not tell upper from lower case, KQL's do: an upper-case letter is written as ^ and the lower-case one.
std::string duckdb_table(std::string_view table);

/// The plan in print.
std::string print_plan(const plan::Plan& plan);

}  // namespace huntbook::kql
