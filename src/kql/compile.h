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

/// A pivot that must be filled before the SQL runs: the distinct values are the answer of `values_sql` (one
/// text column); its rows go into the temporary table `table` with columns v (the value), then c0, c1 ...
/// (the output).
struct PivotUse {
  std::string pivot;
  std::string values_sql;
  std::string table;
  Schema output;
};

/// SQL for the engine and what it needs.
struct Sql {
  std::string text;  ///< one SELECT whose columns are in the order of the schema
  std::vector<BodyUse> bodies;
  std::vector<TableUse> tables;
  std::vector<PivotUse> pivots;  ///< in the order in which they must be filled
};

/// A compiled query.
struct Compiled {
  plan::Plan plan;
  Schema schema;
  Sql sql;
};

/// Compiles one query; on failure all diagnostics, at least one.
struct CompileResult {
  std::optional<Compiled> compiled;
  Diagnostics diagnostics;
};
CompileResult compile(std::string_view text, const Catalog& catalog);

/// The DuckDB dialect: the one place that writes SQL for it.
Sql write_duckdb(const plan::Plan& plan);
/// The name, quoted, of a stored table; its columns are named k0, k1 ... by their place. DuckDB's names do
/// not tell upper from lower case, KQL's do: an upper-case letter is written as ^ and the lower-case one.
std::string duckdb_table(std::string_view table);

/// The plan in print.
std::string print_plan(const plan::Plan& plan);

}  // namespace huntbook::kql
