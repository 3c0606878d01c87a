// Runtime bodies as DuckDB scalar functions.
#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <unordered_map>
#include <vector>

#include "engine/duck.h"
#include "kql/runtime/json_text.h"
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
  duckdb_type stored;
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
    switch (stored) {
      case DUCKDB_TYPE_BOOLEAN: value.integer = static_cast<const uint8_t*>(data)[row]; break;
      case DUCKDB_TYPE_INTEGER: value.integer = static_cast<const int32_t*>(data)[row]; break;
      case DUCKDB_TYPE_BIGINT: value.integer = static_cast<const int64_t*>(data)[row]; break;
      case DUCKDB_TYPE_DOUBLE: value.real = static_cast<const double*>(data)[row]; break;
      default: {
        const auto& text = static_cast<const duckdb_string_t*>(data)[row].value;
        const uint32_t length = text.inlined.length;
        value.text = {length <= sizeof text.inlined.inlined ? text.inlined.inlined : text.pointer.ptr,
                      length};
      }
    }
  }
};

// The rows of one call, from vectors to values and to the body.
class Call {
 public:
  Call(duckdb_function_info info, duckdb_data_chunk input)
      : function_(*static_cast<const Registered*>(duckdb_scalar_function_get_extra_info(info))),
        context_(context_of(function_)) {
    for (size_t i = 0; i < function_.use.args.size(); ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(input, i);
      arguments_.push_back({function_.use.args[i], engine_type(function_.use.args[i]),
                            duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
    }
    values_.resize(arguments_.size());
  }
  ~Call() { context_.clear(); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Type type() const { return function_.use.result; }
  runtime::Value run(size_t row) {
    runtime::Value out = runtime::Value::null_of(type());
    bool any_null = false;
    for (size_t i = 0; i < arguments_.size(); ++i) {
      arguments_[i].read(row, values_[i]);
      any_null = any_null || values_[i].null;
    }
    if (!any_null || function_.use.own_nulls) function_.body(values_, out, context_);
    return out;
  }

 private:
  const Registered& function_;
  runtime::Context& context_;
  std::vector<Argument> arguments_;
  std::vector<runtime::Value> values_;
};

// Vectors are all valid until the first null.
class Nulls {
 public:
  explicit Nulls(duckdb_vector vector) : vector_(vector) {}
  void set(size_t row) {
    if (!validity_) {
      duckdb_vector_ensure_validity_writable(vector_);
      validity_ = duckdb_vector_get_validity(vector_);
    }
    validity_[row >> 6] &= ~(uint64_t{1} << (row & 63));
  }

 private:
  duckdb_vector vector_;
  uint64_t* validity_ = nullptr;
};

void run_scalar(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  Call call(info, input);
  const Type type = call.type();
  const duckdb_type stored = engine_type(type);
  void* data = duckdb_vector_get_data(output);
  Nulls nulls(output);
  const size_t rows = duckdb_data_chunk_get_size(input);
  for (size_t row = 0; row < rows; ++row) {
    const runtime::Value out = call.run(row);
    if (out.null && type != Type::kString) {
      nulls.set(row);
      continue;
    }
    switch (stored) {
      case DUCKDB_TYPE_BOOLEAN: static_cast<uint8_t*>(data)[row] = out.integer != 0; break;
      case DUCKDB_TYPE_INTEGER: static_cast<int32_t*>(data)[row] = static_cast<int32_t>(out.integer); break;
      case DUCKDB_TYPE_BIGINT: static_cast<int64_t*>(data)[row] = out.integer; break;
      case DUCKDB_TYPE_DOUBLE: static_cast<double*>(data)[row] = out.real; break;
      default: duckdb_vector_assign_string_element_len(output, row, out.text.data(), out.text.size());
    }
  }
}

// The body gives a JSON array; the row is the list of its elements' texts.
void run_list(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  Call call(info, input);
  auto* entries = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(output));
  const size_t rows = duckdb_data_chunk_get_size(input);
  std::vector<std::string_view> elements;
  std::vector<runtime::Value> arrays;
  for (size_t row = 0; row < rows; ++row) {
    arrays.push_back(call.run(row));
    entries[row].offset = elements.size();
    if (!arrays.back().null) {
      for (runtime::JsonElements it(arrays.back().text); it.next();) elements.push_back(it.value);
    }
    entries[row].length = elements.size() - entries[row].offset;
  }
  duckdb_list_vector_reserve(output, elements.size());
  duckdb_list_vector_set_size(output, elements.size());
  duckdb_vector child = duckdb_list_vector_get_child(output);
  Nulls nulls(child);
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i] == "null") nulls.set(i);
    else duckdb_vector_assign_string_element_len(child, i, elements[i].data(), elements[i].size());
  }
}

// No exception may pass through the engine's C interface.
template <void (*run)(duckdb_function_info, duckdb_data_chunk, duckdb_vector)>
void guarded(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  try {
    run(info, input, output);
  } catch (const std::bad_alloc&) {
    duckdb_scalar_function_set_error(info, "Out of Memory Error: a function needs more memory than there is");
  } catch (const std::exception& problem) {
    duckdb_scalar_function_set_error(info, problem.what());
  }
}

}  // namespace

Status register_body(duckdb_connection connection, const kql::BodyUse& use) {
  static std::atomic<uint64_t> numbers{0};
  auto registered = std::make_unique<Registered>();
  registered->use = use;
  registered->body = runtime::find_body(use.body);
  registered->number = ++numbers;
  if (!registered->body)
    return Diagnostic{"HB-E001", "function `" + use.body + "` has no body", {}, "", "", ""};
  ScalarFunction function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), use.sql_name.c_str());
  for (Type arg : use.args) {
    LogicalType type(duckdb_create_logical_type(engine_type(arg)));
    duckdb_scalar_function_add_parameter(function.get(), type.get());
  }
  LogicalType result(duckdb_create_logical_type(engine_type(use.result)));
  if (use.list) result = LogicalType(duckdb_create_list_type(LogicalType(std::move(result)).get()));
  duckdb_scalar_function_set_return_type(function.get(), result.get());
  duckdb_scalar_function_set_special_handling(
      function.get());  // nulls reach the adapter, which knows KQL's rule
  duckdb_scalar_function_set_extra_info(function.get(), registered.release(),
                                        [](void* data) { delete static_cast<Registered*>(data); });
  duckdb_scalar_function_set_function(function.get(), use.list ? guarded<run_list> : guarded<run_scalar>);
  if (duckdb_register_scalar_function(connection, function.get()) == DuckDBError) {
    return Diagnostic{"HB-E001", "function `" + use.body + "` cannot be registered", {}, "", "", ""};
  }
  return {};
}

}  // namespace huntbook::duck
