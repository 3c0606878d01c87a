// The two sides of a benchmark in one process: KQL through the compiler and the engine, and SQL by hand on an
// engine of its own with the engine's own types. Rows come as texts, sorted, times as ticks.
#pragma once
#include <duckdb.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "kql/compile.h"

namespace huntbook::bench {

using Rows = std::vector<std::string>;

/// The rows of the table `Events` (in SQL `events`).
struct Source {
  Schema schema;
  uint64_t rows = 0;
  std::function<Batch(uint64_t begin, size_t rows)> batch;
};

double seconds_since(std::chrono::steady_clock::time_point start);
[[noreturn]] void die(const std::string& what);

class Baseline {
 public:
  Baseline();
  ~Baseline();
  Baseline(const Baseline&) = delete;
  Baseline& operator=(const Baseline&) = delete;
  void load(const Source& source);
  Rows run(const std::string& sql);
  double time(const std::string& sql);

 private:
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

class Ours {
 public:
  explicit Ours(const Source& source);
  Rows run(const std::string& kql);
  double time(const std::string& kql);

 private:
  Table answer(const std::string& kql);

  std::unique_ptr<Engine> engine_;
  kql::Catalog catalog_;
};

/// Best times of some runs of both, taken in turns, after a check that the answers are the same.
struct Pair {
  bool same = false;
  std::string difference;
  double ours = 0, theirs = 0;
};
Pair compare(Ours& ours, const std::string& kql, Baseline& baseline, const std::string& sql, int runs);

}  // namespace huntbook::bench
