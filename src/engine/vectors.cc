// Columns in Arrow layout ↔ DuckDB's vectors.
#include <cstring>

#include "base/text.h"
#include "engine/duck.h"

namespace huntbook::duck {
namespace {

size_t width(Type type) { return type == Type::kInt ? 4 : 8; }

bool is_text(Type type) { return engine_type(type) == DUCKDB_TYPE_VARCHAR; }

// Lets the vector's strings point into the column; short ones are kept inside, as the engine has it.
void refer_to_texts(duckdb_string_t* strings, const Column& column, size_t begin, size_t rows) {
  const char* bytes = reinterpret_cast<const char*>(column.data.data());
  for (size_t i = 0; i < rows; ++i) {
    const auto start = static_cast<size_t>(column.offsets[begin + i]);
    const auto length = static_cast<uint32_t>(column.offsets[begin + i + 1] - column.offsets[begin + i]);
    duckdb_string_t text{};
    if (length <= sizeof text.value.inlined.inlined) {
      text.value.inlined.length = length;
      if (length > 0) std::memcpy(text.value.inlined.inlined, bytes + start, length);
    } else {
      text.value.pointer.length = length;
      std::memcpy(text.value.pointer.prefix, bytes + start, sizeof text.value.pointer.prefix);
      text.value.pointer.ptr = const_cast<char*>(bytes + start);
    }
    strings[i] = text;
  }
}

}  // namespace

void fill_vector(duckdb_vector vector, const Column& column, size_t begin, size_t rows) {
  if (!column.validity.empty()) {
    duckdb_vector_ensure_validity_writable(vector);
    uint64_t* validity = duckdb_vector_get_validity(vector);
    if (begin % 8 == 0) {
      std::memcpy(validity, column.validity.data() + begin / 8, (rows + 7) / 8);
    } else {
      for (size_t i = 0; i < rows; ++i) {
        if (column.is_null(begin + i)) validity[i >> 6] &= ~(uint64_t{1} << (i & 63));
      }
    }
  }
  if (is_text(column.type)) {
    if (is_valid_utf8(std::string_view(reinterpret_cast<const char*>(column.data.data()) + column.offsets[begin],
                                       static_cast<size_t>(column.offsets[begin + rows] - column.offsets[begin])))) {
      refer_to_texts(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)), column, begin, rows);
      return;
    }
    for (size_t i = 0; i < rows; ++i) {
      if (column.is_null(begin + i)) continue;
      const std::string_view text = column.text_at(begin + i);
      duckdb_vector_assign_string_element_len(vector, i, text.data(), text.size());
    }
    return;
  }
  auto* data = static_cast<uint8_t*>(duckdb_vector_get_data(vector));
  if (column.type == Type::kBool) {
    for (size_t i = 0; i < rows; ++i) data[i] = column.bool_at(begin + i);
    return;
  }
  std::memcpy(data, column.data.data() + begin * width(column.type), rows * width(column.type));
}

Batch read_chunk(duckdb_data_chunk chunk, const Schema& schema) {
  Batch batch;
  batch.rows = duckdb_data_chunk_get_size(chunk);
  for (size_t c = 0; c < schema.size(); ++c) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
    const void* data = duckdb_vector_get_data(vector);
    const uint64_t* validity = duckdb_vector_get_validity(vector);
    const auto valid = [&](size_t row) { return !validity || (validity[row >> 6] >> (row & 63) & 1); };
    Column column;
    column.type = schema.fields[c].type;
    if (validity && column.type != Type::kString) {
      column.validity.assign((batch.rows + 7) / 8, 0);
      for (size_t i = 0; i < batch.rows; ++i) {
        if (valid(i)) column.validity[i >> 3] |= static_cast<uint8_t>(1u << (i & 7));
      }
    }
    if (is_text(column.type)) {
      column.offsets.push_back(0);
      auto* strings = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(data));
      for (size_t i = 0; i < batch.rows; ++i) {
        if (valid(i)) {
          const char* begin = duckdb_string_t_data(&strings[i]);
          column.data.insert(column.data.end(), begin, begin + duckdb_string_t_length(strings[i]));
        }
        column.offsets.push_back(static_cast<int32_t>(column.data.size()));
      }
    } else if (column.type == Type::kBool) {
      column.data.assign((batch.rows + 7) / 8, 0);
      for (size_t i = 0; i < batch.rows; ++i) {
        if (valid(i) && static_cast<const uint8_t*>(data)[i]) column.data[i >> 3] |= static_cast<uint8_t>(1u << (i & 7));
      }
    } else {
      const auto* bytes = static_cast<const uint8_t*>(data);
      column.data.assign(bytes, bytes + batch.rows * width(column.type));
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

}  // namespace huntbook::duck
