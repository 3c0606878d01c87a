// Runs compiled queries on DuckDB: loads the tables they need, registers their bodies, gives Tables.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "huntbook/result.h"
#include "huntbook/table.h"
#include "kql/compile.h"

namespace huntbook {

struct EngineOptions {
  uint64_t memory_limit = 0;            ///< bytes; 0: 60 % of the machine's
  unsigned threads = 0;                 ///< 0: all
  std::vector<std::string> read_paths;  ///< files that the engine itself may read (Parquet)
  const CancelToken* cancel = nullptr;  ///< may be null
};

/// Takes batches whose columns are the ones asked for, in that order.
using BatchSink = std::function<Status(const Batch&)>;
/// Gives a stored table's rows: the columns at these places of its schema.
using TableLoader = std::function<Status(const std::string& table, const std::vector<size_t>& columns,
                                         const BatchSink& sink)>;
/// Gives one row per value: what a pivot adds.
using PivotRunner =
    std::function<Result<Table>(const std::string& pivot, std::span<const std::string> values)>;

/// One database in memory that spills to a private folder. Not for several threads at once. Failures:
/// HB-E001 the engine's own error, HB-E002 out of memory, HB-E130 interrupted.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Says that a table exists; its rows come from the loader when a query reads them.
  void add_source(const std::string& table, Schema schema, TableLoader loader);
  /// A table whose rows are at hand.
  void add_table(const std::string& name, Table table);
  /// Loads whole columns now, all of them when `columns` is empty.
  Status load(const std::string& table, std::vector<size_t> columns = {});

  Result<Table> run(const kql::Compiled& query, const PivotRunner& pivots);
  /// Checks that the engine takes the query, without reading any row.
  Status prepare(const kql::Compiled& query);

  /// The schema of a Parquet file in KQL's types, and its rows.
  Result<Schema> parquet_schema(const std::string& path);
  Result<uint64_t> parquet_rows(const std::string& path);
  TableLoader parquet_loader(std::vector<std::string> paths, Schema schema);

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace huntbook
