// A table function through which the engine pulls the rows that a loader pushes. Private to src/engine.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/duck.h"
#include "engine/engine.h"

namespace huntbook::duck {

/// One load at a time: run() gives its rows to `SELECT * FROM hb_feed()`, in the order in which they are
/// pushed.
class Feed {
 public:
  explicit Feed(const CancelToken* cancel) : cancel_(cancel) {}
  Status register_function(duckdb_connection connection);
  /// Runs `produce` on a thread of its own while `consume` runs a statement that reads hb_feed().
  Status run(std::vector<Type> types, const std::function<Status(const BatchSink&)>& produce,
             const std::function<Status()>& consume);

 private:
  static void bind(duckdb_bind_info info);
  static void fill(duckdb_function_info info, duckdb_data_chunk output);
  Status push(const Batch& batch);
  bool next();

  const CancelToken* cancel_;
  std::vector<Type> types_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const Batch* current_ = nullptr;  ///< the engine's vectors point into it, so its pusher waits
  size_t begin_ = 0;                ///< the first row of current_ that is not given yet
  bool ended_ = true;               ///< nothing more will be pushed
  bool stopped_ = false;            ///< nothing more will be read
};

}  // namespace huntbook::duck
