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
#include "engine/steps.h"

namespace huntbook {
namespace {

struct Source {
  Schema schema;
  TableLoader loader;
  std::vector<size_t> loaded;  ///< places of the columns that the engine's table has
  bool filled = false;         ///< the engine's table has the rows
  bool checked = false;        ///< there is an empty table to check queries with
};

uint64_t machine_memory() {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && size > 0 ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(size)
                               : uint64_t{4} << 30;
}

std::vector<size_t> all_columns(const Schema& schema) {
  std::vector<size_t> places(schema.size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = i;
  return places;
}

// The columns of a CREATE TABLE.
std::string column_definitions(const Schema& schema, const std::vector<size_t>& columns,
                               std::string_view prefix) {
  std::string sql;
  for (size_t c : columns) {
    sql += (sql.empty() ? "" : ", ") + std::string(prefix) + std::to_string(c) + " " +
           std::string(duck::engine_type_name(schema.fields[c].type));
  }
  return sql;
}

// The file pattern that only this path fits, whatever characters it has.
std::string exact_pattern(const std::string& path) {
  std::string pattern;
  for (char c : path)
    pattern += c == '*' || c == '?' || c == '[' ? std::string("[") + c + "]" : std::string(1, c);
  return pattern;
}

std::string step_table_sql(const kql::Step& step) {
  return "CREATE OR REPLACE TABLE " + step.table + " (" +
         column_definitions(step.output, all_columns(step.output), "p") + ")";
}

}  // namespace

struct Engine::State {
  duck::Database database;
  duck::Connection connection;
  duck::Connection checker;  ///< sees empty tables only
  const CancelToken* cancel = nullptr;
  std::map<std::string, Source> sources;
  std::set<std::string> bodies;
  std::string spill_folder;
  std::unique_ptr<duck::Feed> feed;

  ~State() {
    checker = {};
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

  // Makes a table of the rows that a loader gives.
  Status fill_table(const std::string& create, const std::string& table, std::vector<Type> types,
                    const std::function<Status(const BatchSink&)>& produce) {
    if (auto status = execute(create); !status.ok()) return status;
    return feed->run(std::move(types), produce,
                     [&] { return execute("INSERT INTO " + table + " SELECT * FROM hb_feed()"); });
  }

  Result<Source*> find(const std::string& name) {
    auto it = sources.find(name);
    if (it == sources.end())
      return Diagnostic{"HB-E001", "table `" + name + "` is not known to the engine", {}, "", "", ""};
    return &it->second;
  }

  // Makes sure that a table has these columns and their rows.
  Status ensure(const std::string& name, const std::vector<size_t>& columns) {
    auto found = find(name);
    if (!found.ok()) return found.error();
    Source& source = **found;
    std::vector<size_t> wanted = source.filled ? source.loaded : std::vector<size_t>();
    wanted.insert(wanted.end(), columns.begin(), columns.end());
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    if (source.filled && wanted.size() == source.loaded.size()) return {};
    source.filled = false;
    source.loaded = wanted;
    std::vector<Type> types;
    for (size_t c : wanted) types.push_back(source.schema.fields[c].type);
    const std::string table = kql::duckdb_table(name);
    const Status status = fill_table(
        "CREATE OR REPLACE TABLE " + table + " (" + column_definitions(source.schema, wanted, "k") + ")",
        table, types, [&](const BatchSink& sink) { return source.loader(name, wanted, sink); });
    source.filled = status.ok();
    return status;
  }

  Status do_step(const kql::Step& step, const PivotRunner& pivots) {
    if (step.kind == kql::Step::Kind::kTable) {
      if (auto status = execute(step_table_sql(step)); !status.ok()) return status;
      return execute("INSERT INTO " + step.table + " " + step.inputs[0].sql);
    }
    auto table = duck::run_step(connection.get(), step, pivots, cancel);
    if (!table.ok()) return table.error();
    std::vector<Type> types;
    for (const auto& field : step.output.fields) types.push_back(field.type);
    return fill_table(step_table_sql(step), step.table, types, [&](const BatchSink& sink) -> Status {
      for (const auto& batch : table->batches) {
        if (auto status = sink(*batch); !status.ok()) return status;
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
  const auto set = [&](const char* name, const std::string& value) {
    duckdb_set_config(config.get(), name, value.c_str());
  };
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
  for (auto* connection : {&state->connection, &state->checker}) {
    if (duckdb_connect(state->database.get(), connection->out()) == DuckDBError)
      return duck::failure("cannot connect");
  }
  state->feed = std::make_unique<duck::Feed>(options.cancel);
  if (auto status = state->feed->register_function(state->connection.get()); !status.ok())
    return status.error();
  // From here on the engine reads only the files it was given.
  std::string paths;
  for (const auto& path : options.read_paths) {
    paths += (paths.empty() ? "" : ", ") + quote_sql_string(path);
    // The engine asks for the pattern before it looks for files.
    if (exact_pattern(path) != path) paths += ", " + quote_sql_string(exact_pattern(path));
  }
  if (!paths.empty()) {
    if (auto status = state->execute("SET allowed_paths = [" + paths + "]"); !status.ok())
      return status.error();
  }
  // Spilling is the engine's own and stays allowed.
  if (!state->spill_folder.empty()) {
    if (auto status =
            state->execute("SET allowed_directories = [" + quote_sql_string(state->spill_folder) + "]");
        !status.ok())
      return status.error();
  }
  for (const char* sql : {"CREATE SCHEMA hb_check", "USE hb_check"}) {
    if (auto status = duck::execute(state->checker.get(), sql, nullptr); !status.ok()) return status.error();
  }
  for (const char* sql : {"SET enable_external_access = false", "SET lock_configuration = true"}) {
    if (auto status = state->execute(sql); !status.ok()) return status.error();
  }
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
  add_source(name, std::move(schema),
             [table = std::move(table)](const std::string&, const std::vector<size_t>& columns,
                                        const BatchSink& sink) -> Status {
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
  auto source = state_->find(table);
  if (!source.ok()) return source.error();
  return state_->ensure(table, columns.empty() ? all_columns((*source)->schema) : columns);
}

Result<Table> Engine::run(const kql::Compiled& query, const PivotRunner& pivots) {
  for (const auto& use : query.sql.tables) {
    if (auto status = state_->ensure(use.table, use.columns); !status.ok()) return status.error();
  }
  if (auto status = state_->register_bodies(query.sql.bodies); !status.ok()) return status.error();
  for (const auto& step : query.sql.steps) {
    if (auto status = state_->do_step(step, pivots); !status.ok()) return status.error();
  }
  duck::Result result;
  if (auto status = state_->execute(query.sql.text, &result); !status.ok()) return status.error();
  Table table;
  table.schema = query.schema;
  const Status read = duck::read_result(result, query.schema, [&](Batch batch) -> Status {
    table.batches.push_back(std::make_shared<const Batch>(std::move(batch)));
    return {};
  });
  if (!read.ok()) return read.error();
  return table;
}

Status Engine::prepare(const kql::Compiled& query) {
  const auto execute = [&](const std::string& sql) {
    return duck::execute(state_->checker.get(), sql, nullptr);
  };
  for (const auto& use : query.sql.tables) {
    auto found = state_->find(use.table);
    if (!found.ok()) return found.error();
    Source& source = **found;
    if (source.checked) continue;
    const std::string columns = column_definitions(source.schema, all_columns(source.schema), "k");
    if (auto status =
            execute("CREATE OR REPLACE TABLE " + kql::duckdb_table(use.table) + " (" + columns + ")");
        !status.ok())
      return status;
    source.checked = true;
  }
  if (auto status = state_->register_bodies(query.sql.bodies); !status.ok()) return status;
  for (const auto& step : query.sql.steps) {
    if (auto status = execute(step_table_sql(step)); !status.ok()) return status;
    std::vector<std::string> parts;
    for (const auto& input : step.inputs) parts.push_back(input.sql);
    if (!step.row_sql.empty()) parts.push_back(step.row_sql);
    for (const auto& sql : parts) {
      duck::Prepared prepared;
      if (duckdb_prepare(state_->checker.get(), sql.c_str(), prepared.out()) == DuckDBError)
        return duck::failure(duckdb_prepare_error(prepared.get()));
    }
  }
  duck::Prepared prepared;
  if (duckdb_prepare(state_->checker.get(), query.sql.text.c_str(), prepared.out()) == DuckDBError) {
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
  if (type == "TINYINT" || type == "SMALLINT" || type == "INTEGER" || type == "UTINYINT" ||
      type == "USMALLINT")
    return {Type::kInt, "CAST(" + q + " AS INTEGER)"};
  if (type == "BIGINT" || type == "UINTEGER") return {Type::kLong, "CAST(" + q + " AS BIGINT)"};
  if (type == "FLOAT" || type == "DOUBLE") return {Type::kReal, "CAST(" + q + " AS DOUBLE)"};
  // A time that is no KQL datetime (infinity, the year 40000) is null.
  const auto ticks = [&](const std::string& value) { return "TRY(" + value + " + 621355968000000000)"; };
  if (type == "TIMESTAMP_NS")
    return {Type::kDatetime, ticks("(epoch_ns(" + q + ") - (epoch_ns(" + q + ") % 100 + 100) % 100) // 100")};
  if (type == "TIMESTAMP WITH TIME ZONE") return {Type::kDatetime, ticks("epoch_us(" + q + ") * 10")};
  if (starts("TIMESTAMP") || type == "DATE")
    return {Type::kDatetime, ticks("epoch_us(CAST(" + q + " AS TIMESTAMP)) * 10")};
  if (type == "TIME") return {Type::kTimespan, "(epoch_us(" + q + ") * 10)"};
  if (type == "UUID") return {Type::kGuid, "CAST(" + q + " AS VARCHAR)"};
  if (starts("DECIMAL") || type == "HUGEINT" || type == "UBIGINT" || type == "UHUGEINT")
    return {Type::kDecimal, "CAST(" + q + " AS VARCHAR)"};
  if (starts("STRUCT") || starts("MAP") || type.ends_with("[]") || type == "JSON")
    return {Type::kDynamic, "CAST(to_json(" + q + ") AS VARCHAR)"};
  if (type == "BLOB") return {Type::kString, "coalesce(hex(" + q + "), '')"};
  return {Type::kString, "coalesce(CAST(" + q + " AS VARCHAR), '')"};
}

std::string read_parquet(const std::string& path) {
  return "read_parquet(" + quote_sql_string(exact_pattern(path)) + ")";
}

}  // namespace

Result<Schema> Engine::parquet_schema(const std::string& path) {
  duck::Result result;
  const std::string sql =
      "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " + read_parquet(path) + ")";
  if (auto status = state_->execute(sql, &result); !status.ok()) return status.error();
  const Schema pair{{{"name", Type::kString, ""}, {"type", Type::kString, ""}}};
  Schema schema;
  const Status read = duck::read_result(result, pair, [&](Batch batch) -> Status {
    for (size_t i = 0; i < batch.rows; ++i) {
      const std::string name(batch.columns[0].text_at(i)), type(batch.columns[1].text_at(i));
      schema.fields.push_back({name, parquet_column(name, type).type, type});
    }
    return {};
  });
  if (!read.ok()) return read.error();
  return schema;
}

Result<uint64_t> Engine::parquet_rows(const std::string& path) {
  duck::Result result;
  if (auto status = state_->execute("SELECT count(*) FROM " + read_parquet(path), &result); !status.ok())
    return status.error();
  uint64_t rows = 0;
  const Status read = duck::read_result(result, Schema{{{"n", Type::kLong, ""}}}, [&](Batch batch) -> Status {
    rows = static_cast<uint64_t>(batch.columns[0].long_at(0));
    return {};
  });
  if (!read.ok()) return read.error();
  return rows;
}

TableLoader Engine::parquet_loader(std::vector<std::string> paths, Schema schema) {
  return [this, paths = std::move(paths), schema = std::move(schema)](
             const std::string&, const std::vector<size_t>& columns, const BatchSink& sink) -> Status {
    for (const auto& path : paths) {
      std::string sql = "SELECT ";
      Schema picked;
      for (size_t i = 0; i < columns.size(); ++i) {
        const auto& field = schema.fields[columns[i]];
        sql += (i ? ", " : "") + parquet_column(field.name, field.doc).sql;
        picked.fields.push_back(field);
      }
      duck::Connection own;  // the first connection is taking the rows
      if (duckdb_connect(state_->database.get(), own.out()) == DuckDBError)
        return duck::failure("cannot connect");
      duck::Result result;
      if (auto status =
              duck::execute(own.get(), sql + " FROM " + read_parquet(path), state_->cancel, &result);
          !status.ok())
        return status;
      if (auto status = duck::read_result(result, picked, sink); !status.ok()) return status;
    }
    return {};
  };
}

}  // namespace huntbook
