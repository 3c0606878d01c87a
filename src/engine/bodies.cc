// Runtime bodies as DuckDB scalar functions.
#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/duck.h"
#include "kql/runtime/value.h"

namespace huntbook::duck {
namespace {

namespace runtime = kql::runtime;

// What a registered function carries; its number tells call sites apart in each thread's contexts.
struct Registered {
  kql::BodyUse use;
  runtime::Body body = nullptr;
  uint64_t number = 0;
};

runtime::Context& context_of(const Registered& function) {
  thread_local std::unordered_map<uint64_t, runtime::Context> contexts;
  if (contexts.size() > 4096) contexts.clear();
  return contexts[function.number];
}

// One argument vector as values.
struct Argument {
  Type type;
  const void* data;
  const uint64_t* validity;

  void read(size_t row, runtime::Value& value) const {
    value.type = type;
    value.null = validity && !(validity[row >> 6] >> (row & 63) & 1);
    if (value.null) {
      value.integer = 0;
      value.text = {};
      if (type == Type::kString) value.null = false;
      return;
    }
    switch (engine_type(type)) {
      case DUCKDB_TYPE_BOOLEAN: value.integer = static_cast<const uint8_t*>(data)[row]; break;
      case DUCKDB_TYPE_INTEGER: value.integer = static_cast<const int32_t*>(data)[row]; break;
      case DUCKDB_TYPE_BIGINT: value.integer = static_cast<const int64_t*>(data)[row]; break;
      case DUCKDB_TYPE_DOUBLE: value.real = static_cast<const double*>(data)[row]; break;
      default: {
        auto* text = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(data)) + row;
        value.text = {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
      }
    }
  }
};

void run_body(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& function = *static_cast<const Registered*>(duckdb_scalar_function_get_extra_info(info));
  const size_t rows = duckdb_data_chunk_get_size(input);
  std::vector<Argument> arguments;
  for (size_t i = 0; i < function.use.args.size(); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, i);
    arguments.push_back({function.use.args[i], duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
  }
  std::vector<runtime::Value> values(arguments.size());
  runtime::Context& context = context_of(function);
  const Type type = function.use.result;
  void* data = duckdb_vector_get_data(output);
  uint64_t* validity = nullptr;
  for (size_t row = 0; row < rows; ++row) {
    runtime::Value out = runtime::Value::null_of(type);
    bool any_null = false;
    for (size_t i = 0; i < arguments.size(); ++i) {
      arguments[i].read(row, values[i]);
      any_null = any_null || values[i].null;
    }
    if (!any_null || function.use.own_nulls) function.body(values, out, context);
    if (out.null && type != Type::kString) {
      if (!validity) {
        duckdb_vector_ensure_validity_writable(output);
        validity = duckdb_vector_get_validity(output);
      }
      validity[row >> 6] &= ~(uint64_t{1} << (row & 63));
      continue;
    }
    switch (engine_type(type)) {
      case DUCKDB_TYPE_BOOLEAN: static_cast<uint8_t*>(data)[row] = out.integer != 0; break;
      case DUCKDB_TYPE_INTEGER: static_cast<int32_t*>(data)[row] = static_cast<int32_t>(out.integer); break;
      case DUCKDB_TYPE_BIGINT: static_cast<int64_t*>(data)[row] = out.integer; break;
      case DUCKDB_TYPE_DOUBLE: static_cast<double*>(data)[row] = out.real; break;
      default: duckdb_vector_assign_string_element_len(output, row, out.text.data(), out.text.size());
    }
  }
  context.clear();
}

}  // namespace

Status register_body(duckdb_connection connection, const kql::BodyUse& use) {
  static std::atomic<uint64_t> numbers{0};
  auto registered = std::make_unique<Registered>();
  registered->use = use;
  registered->body = runtime::find_body(use.body);
  registered->number = ++numbers;
  if (!registered->body) return Diagnostic{"HB-E001", "function `" + use.body + "` has no body", {}, "", "", ""};
  ScalarFunction function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), use.sql_name.c_str());
  for (Type arg : use.args) {
    LogicalType type(duckdb_create_logical_type(engine_type(arg)));
    duckdb_scalar_function_add_parameter(function.get(), type.get());
  }
  LogicalType result(duckdb_create_logical_type(engine_type(use.result)));
  duckdb_scalar_function_set_return_type(function.get(), result.get());
  duckdb_scalar_function_set_special_handling(function.get());  // nulls reach the adapter, which knows KQL's rule
  duckdb_scalar_function_set_extra_info(function.get(), registered.release(), [](void* data) { delete static_cast<Registered*>(data); });
  duckdb_scalar_function_set_function(function.get(), run_body);
  if (duckdb_register_scalar_function(connection, function.get()) == DuckDBError) {
    return Diagnostic{"HB-E001", "function `" + use.body + "` cannot be registered", {}, "", "", ""};
  }
  return {};
}

}  // namespace huntbook::duck
