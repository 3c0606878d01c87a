#include "engine/duck.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace huntbook::duck {

duckdb_type engine_type(Type type) {
  switch (type) {
    case Type::kBool: return DUCKDB_TYPE_BOOLEAN;
    case Type::kInt: return DUCKDB_TYPE_INTEGER;
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: return DUCKDB_TYPE_BIGINT;
    case Type::kReal: return DUCKDB_TYPE_DOUBLE;
    default: return DUCKDB_TYPE_VARCHAR;
  }
}

std::string_view engine_type_name(Type type) {
  switch (engine_type(type)) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    default: return "VARCHAR";
  }
}

Diagnostic failure(const char* message) {
  const std::string_view text = message ? message : "unknown error";
  Diagnostic made;
  if (text.starts_with("INTERRUPT")) {
    made.code = "HB-E130";
    made.message = "interrupted";
    return made;
  }
  if (text.starts_with("Out of Memory")) {
    made.code = "HB-E002";
    made.message = "out of memory";
    made.hint = "narrow the time range or the columns, or give a larger memory limit";
    return made;
  }
  made.code = "HB-E001";
  made.message =
      "the engine refused the query: " + std::string(text.substr(0, std::min(text.find('\n'), text.size())));
  return made;
}

Status execute(duckdb_connection connection, const std::string& sql, const CancelToken* cancel,
               Result* result) {
  Prepared prepared;
  if (duckdb_prepare(connection, sql.c_str(), prepared.out()) == DuckDBError)
    return failure(duckdb_prepare_error(prepared.get()));
  Pending pending;
  if (duckdb_pending_prepared(prepared.get(), pending.out()) == DuckDBError)
    return failure(duckdb_pending_error(pending.get()));
  while (true) {
    if (cancel && cancel->cancelled()) {
      duckdb_interrupt(connection);
      return failure("INTERRUPT");
    }
    const duckdb_pending_state state = duckdb_pending_execute_task(pending.get());
    if (state == DUCKDB_PENDING_ERROR) return failure(duckdb_pending_error(pending.get()));
    if (duckdb_pending_execution_is_finished(state)) break;
    // Other threads have all the work: wait instead of asking again and again.
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE)
      std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  Result own;
  Result* target = result ? result : &own;
  if (duckdb_execute_pending(pending.get(), &target->value) == DuckDBError)
    return failure(duckdb_result_error(&target->value));
  return {};
}

}  // namespace huntbook::duck
