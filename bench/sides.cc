#include "sides.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/time.h"

namespace huntbook::bench {
namespace {

constexpr size_t kBatch = 100'000;

std::string sql_type(Type type) {
  switch (type) {
    case Type::kDatetime: return "TIMESTAMP";
    case Type::kInt: return "INTEGER";
    case Type::kLong: return "BIGINT";
    case Type::kDynamic: return "JSON";
    default: return "VARCHAR";
  }
}

Rows rows_of(const Table& table) {
  Rows rows;
  for (const auto& batch : table.batches) {
    for (size_t r = 0; r < batch->rows; ++r) {
      std::string row;
      for (const auto& column : batch->columns) {
        if (column.is_null(r)) row += "null";
        else {
          switch (column.type) {
            case Type::kBool: row += column.bool_at(r) ? "true" : "false"; break;
            case Type::kInt: row += std::to_string(column.int_at(r)); break;
            case Type::kReal: row += fmt::format("{:.9g}", column.real_at(r)); break;
            case Type::kLong:
            case Type::kDatetime:
            case Type::kTimespan: row += std::to_string(column.long_at(r)); break;
            default: row += column.text_at(r);
          }
        }
        row += '\t';
      }
      rows.push_back(std::move(row));
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void die(const std::string& what) {
  std::cerr << "bench: " << what << "\n";
  std::exit(1);
}

Baseline::Baseline() {
  if (duckdb_open(nullptr, &database_) == DuckDBError ||
      duckdb_connect(database_, &connection_) == DuckDBError)
    die("cannot open the engine");
}

Baseline::~Baseline() {
  duckdb_disconnect(&connection_);
  duckdb_close(&database_);
}

void Baseline::load(const Source& source) {
  std::string columns;
  for (const auto& field : source.schema.fields)
    columns += (columns.empty() ? "" : ", ") + field.name + " " + sql_type(field.type);
  run("CREATE TABLE events (" + columns + ")");
  duckdb_appender appender = nullptr;
  if (duckdb_appender_create(connection_, nullptr, "events", &appender) == DuckDBError) die("no appender");
  for (uint64_t begin = 0; begin < source.rows; begin += kBatch) {
    const Batch batch = source.batch(begin, std::min<uint64_t>(kBatch, source.rows - begin));
    for (size_t r = 0; r < batch.rows; ++r) {
      for (const auto& column : batch.columns) {
        switch (column.type) {
          case Type::kDatetime:
            duckdb_append_timestamp(appender, {(column.long_at(r) - kUnixEpochTicks) / kTicksPerMicrosecond});
            break;
          case Type::kInt: duckdb_append_int32(appender, column.int_at(r)); break;
          case Type::kLong: duckdb_append_int64(appender, column.long_at(r)); break;
          default: {
            const std::string_view text = column.text_at(r);
            duckdb_append_varchar_length(appender, text.data(), text.size());
          }
        }
      }
      duckdb_appender_end_row(appender);
    }
  }
  if (duckdb_appender_destroy(&appender) == DuckDBError) die("the baseline did not take the rows");
}

Rows Baseline::run(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(connection_, sql.c_str(), &result) == DuckDBError)
    die(std::string(duckdb_result_error(&result)) + "\n" + sql);
  Rows rows;
  const idx_t columns = duckdb_column_count(&result);
  for (idx_t r = 0; r < duckdb_row_count(&result); ++r) {
    std::string row;
    for (idx_t c = 0; c < columns; ++c) {
      const duckdb_type type = duckdb_column_type(&result, c);
      if (duckdb_value_is_null(&result, c, r)) {
        row += "null";
      } else if (type == DUCKDB_TYPE_TIMESTAMP) {
        const int64_t micros = duckdb_value_timestamp(&result, c, r).micros;
        row += std::to_string(micros * kTicksPerMicrosecond + kUnixEpochTicks);
      } else if (type == DUCKDB_TYPE_DOUBLE) {
        row += fmt::format("{:.9g}", duckdb_value_double(&result, c, r));
      } else {
        char* text = duckdb_value_varchar(&result, c, r);
        row += text;
        duckdb_free(text);
      }
      row += '\t';
    }
    rows.push_back(std::move(row));
  }
  duckdb_destroy_result(&result);
  std::sort(rows.begin(), rows.end());
  return rows;
}

double Baseline::time(const std::string& sql) {
  const auto start = std::chrono::steady_clock::now();
  duckdb_result result;
  if (duckdb_query(connection_, sql.c_str(), &result) == DuckDBError) die(duckdb_result_error(&result));
  const double seconds = seconds_since(start);
  duckdb_destroy_result(&result);
  return seconds;
}

Ours::Ours(const Source& source) {
  auto engine = Engine::open({});
  if (!engine.ok()) die(engine.error().message);
  engine_ = std::move(*engine);
  catalog_.tables.push_back({"Events", source.schema, "", source.rows, "table", ""});
  engine_->add_source(
      "Events", source.schema,
      [source](const std::string&, const std::vector<size_t>& columns, const BatchSink& sink) -> Status {
        for (uint64_t begin = 0; begin < source.rows; begin += kBatch) {
          const Batch batch = source.batch(begin, std::min<uint64_t>(kBatch, source.rows - begin));
          Batch picked;
          picked.rows = batch.rows;
          for (size_t c : columns) picked.columns.push_back(batch.columns[c]);
          if (auto status = sink(picked); !status.ok()) return status;
        }
        return {};
      });
  if (auto status = engine_->load("Events"); !status.ok()) die(status.error().message);
}

Table Ours::answer(const std::string& kql) {
  auto compiled = kql::compile(kql, catalog_);
  if (!compiled.compiled) die(compiled.diagnostics.front().message + "\n" + kql);
  auto table = engine_->run(*compiled.compiled, {});
  if (!table.ok()) die(table.error().message + "\n" + kql);
  return std::move(*table);
}

Rows Ours::run(const std::string& kql) { return rows_of(answer(kql)); }

double Ours::time(const std::string& kql) {
  const auto start = std::chrono::steady_clock::now();
  answer(kql);
  return seconds_since(start);
}

Pair compare(Ours& ours, const std::string& kql, Baseline& baseline, const std::string& sql, int runs) {
  Pair pair;
  const Rows mine = ours.run(kql), theirs = baseline.run(sql);
  pair.same = mine == theirs;
  if (!pair.same) {
    pair.difference = fmt::format("{} and {} rows", mine.size(), theirs.size());
    const auto at = std::mismatch(mine.begin(), mine.end(), theirs.begin(), theirs.end());
    if (at.first != mine.end()) pair.difference += "\n  ours " + *at.first;
    if (at.second != theirs.end()) pair.difference += "\n  SQL  " + *at.second;
    return pair;
  }
  pair.ours = pair.theirs = 1e9;
  for (int i = 0; i < runs; ++i) {
    pair.ours = std::min(pair.ours, ours.time(kql));
    pair.theirs = std::min(pair.theirs, baseline.time(sql));
  }
  return pair;
}

}  // namespace huntbook::bench
