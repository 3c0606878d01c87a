#include "engine/engine.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "base/escape.h"
#include "engine/duck.h"
#include "engine/feed.h"

namespace huntbook {
namespace {

struct Source {
  Schema schema;
  TableLoader loader;
  std::vector<size_t> loaded;   ///< places of the columns that the engine's table has
  bool exists = false;          ///< the engine has a table of that name
  bool filled = false;          ///< its rows are in it
};

uint64_t machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(size) : uint64_t{4} << 30;
}

std::string table_sql(const std::string& name) { return quote_sql_name("t_" + name); }

}  // namespace

struct Engine::State {
  duck::Database database;
  duck::Connection connection;
  const CancelToken* cancel = nullptr;
  std::map<std::string, Source> sources;
  std::set<std::string> bodies;
  std::string spill_folder;
  std::unique_ptr<duck::Feed> feed;

  ~State() {
    connection = {};
    database = {};
    std::error_code ignored;
    if (!spill_folder.empty()) std::filesystem::remove_all(spill_folder, ignored);
  }

  Status execute(const std::string& sql, duck::Result* result = nullptr) {
    return duck::execute(connection.get(), sql, cancel, result);
  }

  Status register_bodies(const std::vector<kql::BodyUse>& uses) {
    for (const auto& use : uses) {
      if (bodies.contains(use.sql_name)) continue;
      if (auto status = duck::register_body(connection.get(), use); !status.ok()) return status;
      bodies.insert(use.sql_name);
    }
    return {};
  }

  Status create_table(const std::string& sql_name, const Schema& schema, const std::vector<size_t>& columns, std::string_view prefix) {
    std::string sql = "CREATE OR REPLACE TABLE " + sql_name + " (";
    for (size_t i = 0; i < columns.size(); ++i) {
      sql += (i ? ", " : "") + std::string(prefix) + std::to_string(columns[i]) + " " + std::string(duck::engine_type_name(schema.fields[columns[i]].type));
    }
    return execute(sql + ")");
  }

  // Appends batches to a table whose columns are theirs.
  Status append(const std::string& table, const std::vector<Type>& types, const std::function<Status(const BatchSink&)>& produce) {
    duckdb_appender appender = nullptr;
    if (duckdb_appender_create(connection.get(), nullptr, table.c_str(), &appender) == DuckDBError) {
      Diagnostic failed = duck::failure(duckdb_appender_error(appender));
      duckdb_appender_destroy(&appender);
      return failed;
    }
    std::vector<duck::LogicalType> logical;
    std::vector<duckdb_logical_type> raw;
    for (Type type : types) {
      logical.emplace_back(duckdb_create_logical_type(duck::engine_type(type)));
      raw.push_back(logical.back().get());
    }
    duck::Chunk chunk(duckdb_create_data_chunk(raw.data(), raw.size()));
    const size_t capacity = duckdb_vector_size();
    Status status = produce([&](const Batch& batch) -> Status {
      for (size_t begin = 0; begin < batch.rows; begin += capacity) {
        if (cancel && cancel->cancelled()) return duck::failure("INTERRUPT");
        const size_t rows = std::min(capacity, batch.rows - begin);
        duckdb_data_chunk_reset(chunk.get());
        for (size_t c = 0; c < types.size(); ++c) duck::fill_vector(duckdb_data_chunk_get_vector(chunk.get(), c), batch.columns[c], begin, rows);
        duckdb_data_chunk_set_size(chunk.get(), rows);
        if (duckdb_append_data_chunk(appender, chunk.get()) == DuckDBError) return duck::failure(duckdb_appender_error(appender));
      }
      return {};
    });
    if (status.ok() && duckdb_appender_close(appender) == DuckDBError) status = duck::failure(duckdb_appender_error(appender));
    duckdb_appender_destroy(&appender);
    return status;
  }

  // Makes sure that a table has these columns; with `rows`, and their rows.
  Status ensure(const std::string& name, const std::vector<size_t>& columns, bool rows) {
    auto it = sources.find(name);
    if (it == sources.end()) return Diagnostic{"HB-E001", "table `" + name + "` is not known to the engine", {}, "", "", ""};
    Source& source = it->second;
    const bool has_all = source.exists && std::all_of(columns.begin(), columns.end(), [&](size_t c) {
      return std::find(source.loaded.begin(), source.loaded.end(), c) != source.loaded.end();
    });
    if (has_all && (source.filled || !rows)) return {};
    std::vector<size_t> wanted = columns;
    for (size_t c : source.loaded) {
      if (std::find(wanted.begin(), wanted.end(), c) == wanted.end()) wanted.push_back(c);
    }
    std::sort(wanted.begin(), wanted.end());
    if (auto status = create_table(table_sql(name), source.schema, wanted, "k"); !status.ok()) return status;
    source.exists = true;
    source.filled = false;
    source.loaded = wanted;
    if (!rows) return {};
    std::vector<Type> types;
    for (size_t c : wanted) types.push_back(source.schema.fields[c].type);
    auto status = feed->run(
        types, [&](const BatchSink& sink) { return source.loader(name, wanted, sink); },
        [&] { return execute("INSERT INTO " + table_sql(name) + " SELECT * FROM hb_feed()"); });
    source.filled = status.ok();
    if (!status.ok()) source.exists = false;
    return status;
  }

  Result<std::vector<std::string>> values_of(const std::string& sql) {
    duck::Result result;
    if (auto status = execute(sql, &result); !status.ok()) return status.error();
    std::vector<std::string> values;
    Schema schema{{{"v", Type::kString, ""}}};
    while (true) {
      duck::Chunk chunk(duckdb_fetch_chunk(result.value));
      if (!chunk.get()) return values;
      const Batch batch = duck::read_chunk(chunk.get(), schema);
      for (size_t i = 0; i < batch.rows; ++i) values.emplace_back(batch.columns[0].text_at(i));
    }
  }

  Status fill_pivot(const kql::PivotUse& use, const PivotRunner& run) {
    auto values = values_of(use.values_sql);
    if (!values.ok()) return values.error();
    auto table = run(use.pivot, *values);
    if (!table.ok()) return table.error();
    std::string sql = "CREATE OR REPLACE TABLE " + use.table + " (v VARCHAR";
    std::vector<Type> types{Type::kString};
    for (size_t i = 0; i < use.output.size(); ++i) {
      sql += ", c" + std::to_string(i) + " " + std::string(duck::engine_type_name(use.output.fields[i].type));
      types.push_back(use.output.fields[i].type);
    }
    if (auto status = execute(sql + ")"); !status.ok()) return status;
    return append(use.table, types, [&](const BatchSink& sink) -> Status {
      size_t row = 0;
      for (const auto& batch : table->batches) {
        Batch joined;
        joined.rows = batch->rows;
        Column key;
        key.offsets.push_back(0);
        for (size_t i = 0; i < batch->rows; ++i, ++row) {
          key.data.insert(key.data.end(), (*values)[row].begin(), (*values)[row].end());
          key.offsets.push_back(static_cast<int32_t>(key.data.size()));
        }
        joined.columns.push_back(std::move(key));
        joined.columns.insert(joined.columns.end(), batch->columns.begin(), batch->columns.end());
        if (auto status = sink(joined); !status.ok()) return status;
      }
      return {};
    });
  }
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  auto state = std::make_unique<State>();
  state->cancel = options.cancel;
  duck::Config config;
  if (duckdb_create_config(config.out()) == DuckDBError) return duck::failure("cannot make a configuration");
  std::error_code error;
  auto temp = std::filesystem::temp_directory_path(error);
  if (error) temp = ".";
  // A name that nobody can foresee and rights for nobody else; without such a folder nothing spills.
  std::string folder = (temp / "huntbook-XXXXXX").string();
  if (mkdtemp(folder.data())) state->spill_folder = folder;
  const uint64_t limit = options.memory_limit ? options.memory_limit : machine_memory() / 10 * 6;
  const auto set = [&](const char* name, const std::string& value) { duckdb_set_config(config.get(), name, value.c_str()); };
  set("memory_limit", std::to_string(limit >> 10) + "KiB");
  if (options.threads) set("threads", std::to_string(options.threads));
  set("temp_directory", state->spill_folder);
  set("preserve_insertion_order", "true");
  set("autoinstall_known_extensions", "false");
  set("autoload_known_extensions", "false");
  char* message = nullptr;
  if (duckdb_open_ext(nullptr, state->database.out(), config.get(), &message) == DuckDBError) {
    Diagnostic failed = duck::failure(message);
    duckdb_free(message);
    return failed;
  }
  if (duckdb_connect(state->database.get(), state->connection.out()) == DuckDBError) return duck::failure("cannot connect");
  state->feed = std::make_unique<duck::Feed>(options.cancel);
  if (auto status = state->feed->register_function(state->connection.get()); !status.ok()) return status.error();
  // From here on the engine reads only the files it was given.
  std::string paths;
  for (const auto& path : options.read_paths) paths += (paths.empty() ? "" : ", ") + quote_sql_string(path);
  if (!paths.empty()) {
    if (auto status = state->execute("SET allowed_paths = [" + paths + "]"); !status.ok()) return status.error();
  }
  // Spilling is the engine's own and stays allowed.
  if (!state->spill_folder.empty()) {
    if (auto status = state->execute("SET allowed_directories = [" + quote_sql_string(state->spill_folder) + "]"); !status.ok()) return status.error();
  }
  if (auto status = state->execute("SET enable_external_access = false"); !status.ok()) return status.error();
  if (auto status = state->execute("SET lock_configuration = true"); !status.ok()) return status.error();
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

void Engine::add_source(const std::string& table, Schema schema, TableLoader loader) {
  Source source;
  source.schema = std::move(schema);
  source.loader = std::move(loader);
  state_->sources[table] = std::move(source);
}

void Engine::add_table(const std::string& name, Table table) {
  Schema schema = table.schema;
  add_source(name, std::move(schema), [table = std::move(table)](const std::string&, const std::vector<size_t>& columns, const BatchSink& sink) -> Status {
    for (const auto& batch : table.batches) {
      Batch picked;
      picked.rows = batch->rows;
      for (size_t c : columns) picked.columns.push_back(batch->columns[c]);
      if (auto status = sink(picked); !status.ok()) return status;
    }
    return {};
  });
}

Status Engine::load(const std::string& table, std::vector<size_t> columns) {
  auto it = state_->sources.find(table);
  if (columns.empty() && it != state_->sources.end()) {
    for (size_t i = 0; i < it->second.schema.size(); ++i) columns.push_back(i);
  }
  return state_->ensure(table, columns, true);
}

Result<Table> Engine::run(const kql::Compiled& query, const PivotRunner& pivots) {
  for (const auto& use : query.sql.tables) {
    if (auto status = state_->ensure(use.table, use.columns, true); !status.ok()) return status.error();
  }
  if (auto status = state_->register_bodies(query.sql.bodies); !status.ok()) return status.error();
  for (const auto& use : query.sql.pivots) {
    if (auto status = state_->fill_pivot(use, pivots); !status.ok()) return status.error();
  }
  duck::Result result;
  if (auto status = state_->execute(query.sql.text, &result); !status.ok()) return status.error();
  Table table;
  table.schema = query.schema;
  while (true) {
    duck::Chunk chunk(duckdb_fetch_chunk(result.value));
    if (!chunk.get()) break;
    table.batches.push_back(std::make_shared<const Batch>(duck::read_chunk(chunk.get(), query.schema)));
  }
  return table;
}

Status Engine::prepare(const kql::Compiled& query) {
  for (const auto& use : query.sql.tables) {
    if (auto status = state_->ensure(use.table, use.columns, false); !status.ok()) return status;
  }
  if (auto status = state_->register_bodies(query.sql.bodies); !status.ok()) return status;
  for (const auto& use : query.sql.pivots) {
    std::string sql = "CREATE OR REPLACE TABLE " + use.table + " (v VARCHAR";
    for (size_t i = 0; i < use.output.size(); ++i) sql += ", c" + std::to_string(i) + " " + std::string(duck::engine_type_name(use.output.fields[i].type));
    if (auto status = state_->execute(sql + ")"); !status.ok()) return status;
  }
  duck::Prepared prepared;
  if (duckdb_prepare(state_->connection.get(), query.sql.text.c_str(), prepared.out()) == DuckDBError) {
    return duck::failure(duckdb_prepare_error(prepared.get()));
  }
  return {};
}

// ------------------------------------------------------------------- Parquet

namespace {

// A Parquet column as KQL's type and the expression that reads it.
struct ParquetColumn {
  Type type = Type::kString;
  std::string sql;
};

ParquetColumn parquet_column(const std::string& name, const std::string& type) {
  const std::string q = quote_sql_name(name);
  const auto starts = [&](std::string_view prefix) { return type.starts_with(prefix); };
  if (type == "BOOLEAN") return {Type::kBool, q};
  if (type == "TINYINT" || type == "SMALLINT" || type == "INTEGER" || type == "UTINYINT" || type == "USMALLINT") return {Type::kInt, "CAST(" + q + " AS INTEGER)"};
  if (type == "BIGINT" || type == "UINTEGER") return {Type::kLong, "CAST(" + q + " AS BIGINT)"};
  if (type == "FLOAT" || type == "DOUBLE") return {Type::kReal, "CAST(" + q + " AS DOUBLE)"};
  if (type == "TIMESTAMP_NS") return {Type::kDatetime, "(epoch_ns(" + q + ") // 100 + 621355968000000000)"};
  if (starts("TIMESTAMP") || type == "DATE") return {Type::kDatetime, "(epoch_us(CAST(" + q + " AS TIMESTAMP)) * 10 + 621355968000000000)"};
  if (type == "TIME") return {Type::kTimespan, "(epoch_us(" + q + ") * 10)"};
  if (type == "UUID") return {Type::kGuid, "CAST(" + q + " AS VARCHAR)"};
  if (starts("DECIMAL") || type == "HUGEINT" || type == "UBIGINT" || type == "UHUGEINT") return {Type::kDecimal, "CAST(" + q + " AS VARCHAR)"};
  if (starts("STRUCT") || starts("MAP") || type.ends_with("[]") || type == "JSON") return {Type::kDynamic, "CAST(to_json(" + q + ") AS VARCHAR)"};
  if (type == "BLOB") return {Type::kString, "coalesce(hex(" + q + "), '')"};
  return {Type::kString, "coalesce(CAST(" + q + " AS VARCHAR), '')"};
}

}  // namespace

Result<Schema> Engine::parquet_schema(const std::string& path) {
  duck::Result result;
  const std::string sql = "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(" + quote_sql_string(path) + "))";
  if (auto status = state_->execute(sql, &result); !status.ok()) return status.error();
  const Schema pair{{{"name", Type::kString, ""}, {"type", Type::kString, ""}}};
  Schema schema;
  while (true) {
    duck::Chunk chunk(duckdb_fetch_chunk(result.value));
    if (!chunk.get()) return schema;
    const Batch batch = duck::read_chunk(chunk.get(), pair);
    for (size_t i = 0; i < batch.rows; ++i) {
      const std::string name(batch.columns[0].text_at(i)), type(batch.columns[1].text_at(i));
      schema.fields.push_back({name, parquet_column(name, type).type, type});
    }
  }
}

Result<uint64_t> Engine::parquet_rows(const std::string& path) {
  duck::Result result;
  if (auto status = state_->execute("SELECT count(*) FROM read_parquet(" + quote_sql_string(path) + ")", &result); !status.ok()) return status.error();
  duck::Chunk chunk(duckdb_fetch_chunk(result.value));
  const Batch batch = duck::read_chunk(chunk.get(), Schema{{{"n", Type::kLong, ""}}});
  return static_cast<uint64_t>(batch.columns[0].long_at(0));
}

TableLoader Engine::parquet_loader(std::vector<std::string> paths, Schema schema) {
  return [this, paths = std::move(paths), schema = std::move(schema)](const std::string&, const std::vector<size_t>& columns, const BatchSink& sink) -> Status {
    for (const auto& path : paths) {
      std::string sql = "SELECT ";
      Schema picked;
      for (size_t i = 0; i < columns.size(); ++i) {
        const auto& field = schema.fields[columns[i]];
        sql += (i ? ", " : "") + parquet_column(field.name, field.doc).sql;
        picked.fields.push_back(field);
      }
      duck::Connection own;  // the first connection is taking the rows
      if (duckdb_connect(state_->database.get(), own.out()) == DuckDBError) return duck::failure("cannot connect");
      duck::Result result;
      if (auto status = duck::execute(own.get(), sql + " FROM read_parquet(" + quote_sql_string(path) + ")", state_->cancel, &result); !status.ok()) return status;
      while (true) {
        duck::Chunk chunk(duckdb_fetch_chunk(result.value));
        if (!chunk.get()) break;
        if (auto status = sink(duck::read_chunk(chunk.get(), picked)); !status.ok()) return status;
      }
    }
    return {};
  };
}

}  // namespace huntbook
