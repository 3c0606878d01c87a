// Columns in Arrow layout ↔ DuckDB's vectors.
#include <algorithm>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "engine/duck.h"

namespace huntbook::duck {
namespace {

size_t width(Type type) { return type == Type::kInt ? 4 : 8; }

bool is_text(Type type) { return engine_type(type) == DUCKDB_TYPE_VARCHAR; }

// Whether each text is UTF-8: all together are, and none begins inside a character of the one before.
bool are_valid_texts(const Column& column, size_t begin, size_t rows) {
  const auto* bytes = reinterpret_cast<const char*>(column.data.data());
  const auto first = static_cast<size_t>(column.offsets[begin]),
             last = static_cast<size_t>(column.offsets[begin + rows]);
  for (size_t i = begin; i < begin + rows; ++i) {
    const auto start = static_cast<size_t>(column.offsets[i]);
    if (start < last && (static_cast<uint8_t>(bytes[start]) & 0xc0) == 0x80) return false;
  }
  return is_valid_utf8(std::string_view(bytes + first, last - first));
}

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
    if (are_valid_texts(column, begin, rows)) {
      refer_to_texts(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)), column, begin, rows);
      return;
    }
    for (size_t i = 0; i < rows; ++i) {
      if (column.is_null(begin + i)) continue;
      const std::string text = repair_utf8(column.text_at(begin + i));
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

namespace {

// A vector of a result.
struct Vector {
  explicit Vector(duckdb_vector vector)
      : data(duckdb_vector_get_data(vector)), validity(duckdb_vector_get_validity(vector)) {}
  bool valid(size_t row) const { return !validity || (validity[row >> 6] >> (row & 63) & 1); }
  std::string_view text(size_t row) const {
    auto* strings = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(data));
    return {duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
  }

  const void* data;
  const uint64_t* validity;
};

Column read_vector(const Vector& vector, Type type, size_t begin, size_t end) {
  Column column;
  column.type = type;
  const size_t rows = end - begin;
  if (vector.validity && type != Type::kString) {
    column.validity.assign((rows + 7) / 8, 0);
    for (size_t i = 0; i < rows; ++i) {
      if (vector.valid(begin + i)) column.validity[i >> 3] |= static_cast<uint8_t>(1u << (i & 7));
    }
  }
  if (is_text(type)) {
    column.offsets.reserve(rows + 1);
    column.offsets.push_back(0);
    for (size_t i = begin; i < end; ++i) {
      if (vector.valid(i)) {
        const std::string_view text = vector.text(i);
        column.data.insert(column.data.end(), text.begin(), text.end());
      }
      column.offsets.push_back(static_cast<int32_t>(column.data.size()));
    }
  } else if (type == Type::kBool) {
    column.data.assign((rows + 7) / 8, 0);
    for (size_t i = 0; i < rows; ++i) {
      if (vector.valid(begin + i) && static_cast<const uint8_t*>(vector.data)[begin + i])
        column.data[i >> 3] |= static_cast<uint8_t>(1u << (i & 7));
    }
  } else {
    const auto* bytes = static_cast<const uint8_t*>(vector.data);
    column.data.assign(bytes + begin * width(type), bytes + end * width(type));
  }
  return column;
}

// How many rows from `begin` on have texts that one column can hold, at least one.
size_t rows_that_fit(const std::vector<Vector>& vectors, const Schema& schema, size_t begin, size_t end) {
  constexpr size_t kMost = std::numeric_limits<int32_t>::max();
  size_t fit = end - begin;
  for (size_t c = 0; c < vectors.size(); ++c) {
    if (!is_text(schema.fields[c].type)) continue;
    size_t bytes = 0;
    for (size_t i = 0; i < fit; ++i) {
      if (vectors[c].valid(begin + i)) bytes += vectors[c].text(begin + i).size();
      if (bytes > kMost) fit = std::max<size_t>(i, 1);
    }
  }
  return fit;
}

}  // namespace

Status read_chunk(duckdb_data_chunk chunk, const Schema& schema, const std::function<Status(Batch)>& sink) {
  std::vector<Vector> vectors;
  for (size_t c = 0; c < schema.size(); ++c) vectors.emplace_back(duckdb_data_chunk_get_vector(chunk, c));
  const size_t rows = duckdb_data_chunk_get_size(chunk);
  for (size_t begin = 0; begin < rows;) {
    const size_t end = begin + rows_that_fit(vectors, schema, begin, rows);
    Batch batch;
    batch.rows = end - begin;
    for (size_t c = 0; c < schema.size(); ++c)
      batch.columns.push_back(read_vector(vectors[c], schema.fields[c].type, begin, end));
    if (auto status = sink(std::move(batch)); !status.ok()) return status;
    begin = end;
  }
  return {};
}

Status read_result(Result& result, const Schema& schema, const std::function<Status(Batch)>& sink) {
  while (true) {
    Chunk chunk(duckdb_fetch_chunk(result.value));
    if (!chunk.get()) return {};
    if (auto status = read_chunk(chunk.get(), schema, sink); !status.ok()) return status;
  }
}

}  // namespace huntbook::duck
