// Loading Windows events, ours against the engine's own JSON reader, in one run on the same machine and
// threads: load_bench FOLDER [ARCHIVE.zip [MEGABYTES]]. Writes its input to FOLDER, prints MB/s of both,
// their ratio, and whether rows, keys and cells are complete. Fails when a cell is missing.
#include <duckdb.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "engine/engine.h"
#include "evidence/evidence.h"
#include "evidence/member.h"

namespace {

using namespace huntbook;

struct Counts {
  uint64_t rows = 0;
  uint64_t cells = 0;  ///< neither null nor an empty text
  std::set<std::string> keys;
};

struct Measured {
  double scan = 0, load = 0;  ///< seconds
  double work = 0;            ///< seconds of all threads
  Counts counts;
  bool right = true;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The largest member that is called .json.
std::string largest_json(const std::string& archive) {
  std::string best;
  evidence::for_each_member(
      archive,
      [&](evidence::Member& member) {
        if (!member.name.ends_with(".json")) return true;
        std::string bytes(size_t{1} << 20, '\0');
        std::string all;
        while (const size_t got = member.read(bytes.data(), bytes.size())) all.append(bytes, 0, got);
        if (all.size() > best.size()) best = std::move(all);
        return true;
      },
      [](const std::string&, const std::string&) {});
  return best;
}

// Events like those of a Windows collector, when no archive is given.
std::string made_up_events() {
  std::string out;
  for (int i = 0; i < 20'000; ++i) {
    out += fmt::format(
        R"({{"@timestamp":"2020-09-20T{:02}:{:02}:{:02}.{:03}Z","Hostname":"HOST{}.corp.local","SourceName":"Microsoft-Windows-Sysmon",)"
        R"("Channel":"Microsoft-Windows-Sysmon/Operational","EventID":{},"RecordNumber":{},"ProcessId":"{}","Image":"C:\\Windows\\System32\\svc{}.exe",)"
        R"("ProcessGuid":"{{{{{:08x}-0000-0000-0000-000000000000}}}}","CallTrace":"C:\\Windows\\SYSTEM32\\ntdll.dll+{:x}|C:\\Windows\\System32\\KERNELBASE.dll+{:x}",)"
        R"("GrantedAccess":"0x1410","Message":"Process accessed:\r\nRuleName: -\r\nSourceProcessId: {}\r\nTargetImage: C:\\Windows\\system32\\lsass.exe",)"
        R"("Keywords":-9223372036854775808,"Opcode":null,"tags":["mordorDataset"]}})"
        "\n",
        i / 3600 % 24, i / 60 % 60, i % 60, i % 1000, i % 7, i % 26 + 1, 100'000 + i, i % 4096, i % 50,
        i * 2654435761u, i * 31, i * 77, i % 4096);
  }
  return out;
}

// Whole copies until it is as large as asked for.
bool write_input(const std::string& path, const std::string& archive, uint64_t size) {
  std::string one = archive.empty() ? made_up_events() : largest_json(archive);
  if (one.empty()) return false;
  if (one.back() != '\n') one += '\n';
  std::ofstream out(path, std::ios::binary);
  for (uint64_t written = 0; written < size; written += one.size()) out << one;
  return out.good();
}

// Counted by a parser that shares nothing with the readers.
Counts count_input(const std::string& path) {
  Counts counts;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    auto json = parse_json(line);
    if (!json.ok() || json->kind() != Json::Kind::kObject) continue;
    ++counts.rows;
    for (const auto& [key, value] : json->as_object()) {
      if (!counts.keys.contains(key)) counts.keys.insert(key);
      if (!value.is_null() && !(value.kind() == Json::Kind::kString && value.as_string().empty()))
        ++counts.cells;
    }
  }
  return counts;
}

// Runs an SQL query through the engine; its cells as numbers.
std::vector<int64_t> ask(Engine& engine, const std::string& sql, size_t columns) {
  kql::Compiled query;
  for (size_t i = 0; i < columns; ++i)
    query.schema.fields.push_back({"n" + std::to_string(i), Type::kLong, ""});
  query.sql.text = sql;
  auto table = engine.run(
      query, [](const std::string&, std::span<const std::string>) -> Result<Table> { return Table{}; });
  std::vector<int64_t> out;
  if (!table.ok()) fmt::print(stderr, "{}\n", table.error().message);
  else if (table->rows() == 1) {
    for (const auto& column : table->batches[0]->columns) out.push_back(column.long_at(0));
  }
  return out;
}

Measured ours(const std::string& path, unsigned threads) {
  Measured measured;
  const double work = cpu_seconds();
  auto start = std::chrono::steady_clock::now();
  evidence::Options options;
  options.threads = threads;
  const std::vector<std::string> paths{path};
  auto catalog = evidence::scan(paths, options);
  measured.scan = seconds_since(start);
  start = std::chrono::steady_clock::now();
  EngineOptions engine_options;
  engine_options.threads = threads;
  auto engine = Engine::open(engine_options);
  const evidence::SourceTable* table = catalog.ok() ? catalog->find("WindowsEvent") : nullptr;
  if (!table || !engine.ok()) {
    measured.right = false;
    return measured;
  }
  (*engine)->add_source(
      table->name, table->schema,
      [&](const std::string& name, const std::vector<size_t>& columns, const BatchSink& sink) {
        return evidence::load(*catalog, name, columns, sink, options);
      });
  const Status status = (*engine)->load(table->name);
  measured.load = seconds_since(start);
  measured.work = cpu_seconds() - work;
  if (!status.ok()) {
    fmt::print(stderr, "{}\n", status.error().message);
    measured.right = false;
    return measured;
  }
  std::string sql = "SELECT count(*)";
  for (size_t i = 0; i < table->schema.size(); ++i) {
    sql += table->schema.fields[i].type == Type::kString ? fmt::format(", count(nullif(k{}, ''))", i)
                                                         : fmt::format(", count(k{})", i);
    measured.counts.keys.insert(table->schema.fields[i].name);
  }
  const auto numbers =
      ask(**engine, sql + " FROM " + kql::duckdb_table(table->name), table->schema.size() + 1);
  for (size_t i = 0; i < numbers.size(); ++i)
    (i == 0 ? measured.counts.rows : measured.counts.cells) += static_cast<uint64_t>(numbers[i]);
  return measured;
}

// One column of a result as texts.
std::vector<std::string> texts(duckdb_connection connection, const std::string& sql, bool across) {
  std::vector<std::string> out;
  duckdb_result result{};
  if (duckdb_query(connection, sql.c_str(), &result) == DuckDBError) {
    fmt::print(stderr, "the engine's own reader: {}\n", duckdb_result_error(&result));
  } else {
    const idx_t count = across ? duckdb_column_count(&result) : duckdb_row_count(&result);
    for (idx_t i = 0; i < count; ++i) {
      char* text = duckdb_value_varchar(&result, across ? i : 0, across ? 0 : i);
      out.emplace_back(text ? text : "");
      duckdb_free(text);
    }
  }
  duckdb_destroy_result(&result);
  return out;
}

Measured theirs(const std::string& path, unsigned threads) {
  Measured measured;
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  const double work = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  measured.right = duckdb_open(nullptr, &database) == DuckDBSuccess &&
                   duckdb_connect(database, &connection) == DuckDBSuccess;
  if (!measured.right) return measured;
  texts(connection, fmt::format("SET threads = {}", threads), false);
  const auto made = texts(
      connection,
      fmt::format(
          "CREATE TABLE t AS SELECT * FROM read_json('{}', format = 'newline_delimited', sample_size = -1, "
          "map_inference_threshold = -1)",
          path),
      false);
  measured.load = seconds_since(start);
  measured.work = cpu_seconds() - work;
  measured.right = !made.empty();
  std::string sql = "SELECT count(*)";
  for (const auto& name : texts(
           connection,
           "SELECT column_name FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index", false)) {
    measured.counts.keys.insert(name);
    std::string quoted = "\"";
    for (char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
    sql += fmt::format(", count(nullif({}\"::VARCHAR, ''))", quoted);
  }
  const auto numbers = texts(connection, sql + " FROM t", true);
  for (size_t i = 0; i < numbers.size(); ++i)
    (i == 0 ? measured.counts.rows : measured.counts.cells) += std::stoull(numbers[i]);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return measured;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: load_bench FOLDER [ARCHIVE.zip [MEGABYTES]]\n");
    return 2;
  }
  const std::string path = std::string(argv[1]) + "/load_bench.json";
  const uint64_t megabytes = argc > 3 ? std::stoull(argv[3]) : 300;
  if (!write_input(path, argc > 2 ? argv[2] : "", megabytes * 1'000'000)) {
    fmt::print(stderr, "cannot write {}\n", path);
    return 1;
  }
  struct stat info {};
  stat(path.c_str(), &info);
  const double size = static_cast<double>(info.st_size) / 1e6;
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  const Counts expected = count_input(path);
  // In turns, so that the machine's mood is the same for both; the best of each counts.
  Measured our_best, their_best;
  for (int round = 0; round < 2; ++round) {
    Measured our = ours(path, threads), their = theirs(path, threads);
    fmt::print(
        "round {}: ours {:.2f} s (scan {:.2f}, load {:.2f}; {:.2f} s of all threads), the engine's reader "
        "{:.2f} s ({:.2f} s of all threads)\n",
        round + 1, our.scan + our.load, our.scan, our.load, our.work, their.load, their.work);
    if (round == 0 || our.scan + our.load < our_best.scan + our_best.load) our_best = std::move(our);
    if (round == 0 || their.load < their_best.load) their_best = std::move(their);
  }
  const double our_rate = size / (our_best.scan + our_best.load), their_rate = size / their_best.load;
  fmt::print("input: {:.0f} MB, {} rows, {} keys, {} cells; {} threads\n", size, expected.rows,
             expected.keys.size(), expected.cells, threads);
  fmt::print("ours: {:.0f} MB/s (scan {:.0f}, load {:.0f}), {} rows, {} columns, {} cells\n", our_rate,
             size / our_best.scan, size / our_best.load, our_best.counts.rows, our_best.counts.keys.size(),
             our_best.counts.cells);
  fmt::print("the engine's own reader: {:.0f} MB/s, {} rows, {} columns, {} cells\n", their_rate,
             their_best.counts.rows, their_best.counts.keys.size(), their_best.counts.cells);
  // Every row gets its TimeGenerated beside the cells that it has.
  const bool complete = our_best.right && our_best.counts.rows == expected.rows &&
                        our_best.counts.cells == expected.cells + expected.rows;
  fmt::print("complete: {}\n", complete ? "yes" : "NO");
  fmt::print("ratio: {:.2f}\n", our_rate / their_rate);
  return complete ? 0 : 1;
}
