// RAII over DuckDB's C API, and its errors as diagnostics. Private to src/engine.
#pragma once
#include <duckdb.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "huntbook/result.h"
#include "huntbook/schema.h"
#include "huntbook/table.h"
#include "kql/compile.h"

namespace huntbook::duck {

template <typename T, void (*Destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T value) : value_(value) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : value_(other.value_) { other.value_ = nullptr; }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  T get() const { return value_; }
  T* out() {
    reset();
    return &value_;
  }

 private:
  void reset() {
    if (value_) Destroy(&value_);
    value_ = nullptr;
  }
  T value_ = nullptr;
};

using Database = Handle<duckdb_database, duckdb_close>;
using Connection = Handle<duckdb_connection, duckdb_disconnect>;
using Config = Handle<duckdb_config, duckdb_destroy_config>;
using Prepared = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using Pending = Handle<duckdb_pending_result, duckdb_destroy_pending>;
using Chunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using ScalarFunction = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;

/// A result that is destroyed at the end.
struct Result {
  duckdb_result value{};
  Result() = default;
  ~Result() { duckdb_destroy_result(&value); }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
};

duckdb_type engine_type(Type type);
std::string_view engine_type_name(Type type);

/// The engine's message as a diagnostic (HB-E001, HB-E002 or HB-E130).
Diagnostic failure(const char* message);
/// Runs a statement to its end, giving way to `cancel` (may be null).
Status execute(duckdb_connection connection, const std::string& sql, const CancelToken* cancel,
               Result* result = nullptr);

/// Registers a runtime body as a scalar function.
Status register_body(duckdb_connection connection, const kql::BodyUse& use);

/// Fills a vector with `rows` rows of a column from `begin` on; its texts point into the column, which must
/// outlive it.
void fill_vector(duckdb_vector vector, const Column& column, size_t begin, size_t rows);
/// Copies a chunk's rows into columns of these types. Gives one batch, or more where one column cannot hold
/// the texts of all rows.
Status read_chunk(duckdb_data_chunk chunk, const Schema& schema, const std::function<Status(Batch)>& sink);
/// The rows of a result, from the first one that is not fetched yet.
Status read_result(Result& result, const Schema& schema, const std::function<Status(Batch)>& sink);

}  // namespace huntbook::duck
