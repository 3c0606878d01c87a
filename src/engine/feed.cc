#include "engine/feed.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace huntbook::duck {
Status Feed::register_function(duckdb_connection connection) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "hb_feed");
  duckdb_table_function_set_extra_info(function, this, nullptr);
  duckdb_table_function_set_bind(function, bind);
  duckdb_table_function_set_init(function,
                                 [](duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); });
  duckdb_table_function_set_function(function, fill);
  const duckdb_state state = duckdb_register_table_function(connection, function);
  duckdb_destroy_table_function(&function);
  if (state == DuckDBError) return failure("cannot register hb_feed");
  return {};
}

void Feed::bind(duckdb_bind_info info) {
  const auto* feed = static_cast<const Feed*>(duckdb_bind_get_extra_info(info));
  for (size_t i = 0; i < feed->types_.size(); ++i) {
    LogicalType type(duckdb_create_logical_type(engine_type(feed->types_[i])));
    duckdb_bind_add_result_column(info, ("c" + std::to_string(i)).c_str(), type.get());
  }
}

Status Feed::push(const Batch& batch) {
  if (batch.rows == 0) return {};
  std::unique_lock lock(mutex_);
  if (stopped_) return failure("INTERRUPT");
  current_ = &batch;
  begin_ = 0;
  changed_.notify_all();
  changed_.wait(lock, [this] { return stopped_ || !current_; });
  return stopped_ && current_ ? Status(failure("INTERRUPT")) : Status();
}

// Makes sure that there are rows to give; false at the end.
bool Feed::next() {
  std::unique_lock lock(mutex_);
  if (current_ && begin_ >= current_->rows) {
    current_ = nullptr;
    changed_.notify_all();
  }
  while (!current_ && !ended_) {
    if (cancel_ && cancel_->cancelled()) return false;
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  return current_ != nullptr;
}

void Feed::fill(duckdb_function_info info, duckdb_data_chunk output) {
  auto* feed = static_cast<Feed*>(duckdb_function_get_extra_info(info));
  if (!feed->next()) {
    duckdb_data_chunk_set_size(output, 0);
    return;
  }
  const Batch& batch = *feed->current_;
  const size_t rows = std::min<size_t>(duckdb_vector_size(), batch.rows - feed->begin_);
  for (size_t c = 0; c < feed->types_.size(); ++c) {
    fill_vector(duckdb_data_chunk_get_vector(output, c), batch.columns[c], feed->begin_, rows);
  }
  duckdb_data_chunk_set_size(output, rows);
  feed->begin_ += rows;
}

Status Feed::run(std::vector<Type> types, const std::function<Status(const BatchSink&)>& produce,
                 const std::function<Status()>& consume) {
  types_ = std::move(types);
  ended_ = stopped_ = false;
  Status produced;
  std::thread producer([&] {
    produced = produce([this](const Batch& batch) { return push(batch); });
    std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  });
  const Status consumed = consume();
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  producer.join();
  current_ = nullptr;
  if (!consumed.ok()) return consumed;
  return produced;
}

}  // namespace huntbook::duck
