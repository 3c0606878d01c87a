// Running the tests that query packs bring.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/time.h"
#include "scenario/scenario.h"
#include "session/state.h"
#include "table/builder.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;

// A folder of its own, gone with the object.
struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    std::error_code error;
    fs::path parent = fs::temp_directory_path(error);
    if (error) parent = ".";
    std::string name = (parent / "huntbook-test-XXXXXX").string();
    if (mkdtemp(name.data())) path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
};

// The scenario of tests: the same bytes each time, and few of them.
constexpr uint64_t kSeed = 7;
constexpr double kScale = 0.02;

std::string count_of(uint64_t count) { return fmt::format("{} {}", count, count == 1 ? "row" : "rows"); }

// What is wrong with an answer; empty when nothing is.
std::string judge(const Answer& answer, const PackQuery& query, const PackCase& test) {
  const Table& table = *answer.table;
  const uint64_t rows = table.rows();
  const std::string place = fmt::format("{}:{}: ", query.file, test.line);
  if (test.at_least && rows < *test.at_least)
    return place + fmt::format("expected at least {}, came {}", count_of(*test.at_least), rows);
  if (test.at_most && rows > *test.at_most)
    return place + fmt::format("expected at most {}, came {}", count_of(*test.at_most), rows);
  return test.rows ? compare_rows(table, test, answer.sorted, query.file) : "";
}

// From the first to the last time in the tables; a query without a start and end looks at that.
QueryTime time_of(const std::vector<Table>& tables, int64_t now) {
  QueryTime time{now - kTicksPerDay, now, now};
  bool any = false;
  for (const auto& table : tables) {
    for (const auto& batch : table.batches) {
      for (const auto& column : batch->columns) {
        if (column.type != Type::kDatetime) continue;
        for (size_t row = 0; row < batch->rows; ++row) {
          if (column.is_null(row)) continue;
          const int64_t ticks = column.long_at(row);
          time.start = any ? std::min(time.start, ticks) : ticks;
          time.end = any ? std::max(time.end, ticks) : ticks;
          any = true;
        }
      }
    }
  }
  return time;
}

}  // namespace

void Session::State::declare_schemas() {
  for (const auto& schema : packs.schemas) {
    if (catalog.find_table(schema.name) || catalog.find_function(schema.name)) continue;
    Table empty;
    empty.schema = schema.schema;
    put_table(schema.name, std::move(empty));
  }
}

void Session::State::put_table(const std::string& name, Table table) {
  std::erase_if(catalog.functions, [&](const auto& function) { return function.name == name; });
  std::erase_if(catalog.tables, [&](const auto& info) { return info.name == name; });
  kql::TableInfo info;
  info.name = name;
  info.schema = table.schema;
  info.rows = table.rows();
  catalog.tables.push_back(std::move(info));
  engine->add_table(name, std::move(table));
}

// Runs tests on one session without evidence, and on sessions of the scenarios that tests ask for.
class Session::Tester {
 public:
  explicit Tester(Session& session)
      : session_(session), state_(*session.state_), declared_((state_.declare_schemas(), state_.catalog)) {}

  // What is wrong, with its place; empty when the test passes.
  std::string run(const PackQuery& query, const PackCase& test) {
    if (!query.is_kql()) return fmt::format("{}:{}: only KQL queries have tests", query.file, test.line);
    if (test.scenario.empty()) return run_rows(query, test);
    auto& opened = scenario(test.scenario);
    if (!opened.ok()) return fmt::format("{}:{}: {}", query.file, test.line, opened.error().message);
    return ask(**opened, query, test, (*opened)->state_->query_time);
  }

 private:
  static std::string ask(Session& session, const PackQuery& query, const PackCase& test,
                         const QueryTime& time) {
    std::vector<uint32_t> origins;
    auto text = render_query(query, test.parameters, time, &origins);
    if (!text.ok())
      return fmt::format("{}:{}: {}: {}", query.file, test.line, text.error().code, text.error().message);
    const Answer answer = session.query(*text);
    if (answer.table) return judge(answer, query, test);
    const Diagnostic& failed = answer.diagnostics.front();
    const FilePosition at = query_position(query, origins, failed.span.begin);
    return fmt::format("{}:{}:{}: {}: {}", query.file, at.line, at.column, failed.code, failed.message);
  }

  std::string run_rows(const PackQuery& query, const PackCase& test) {
    std::vector<Table> tables;
    for (const auto& given : test.tables) {
      const TableSchema* schema = state_.packs.find_schema(given.name);
      if (!schema)
        return fmt::format("{}:{}: no schema declares the table `{}`", query.file, given.line, given.name);
      auto table = case_table(given, schema->schema, query.file);
      if (!table.ok()) {
        const Diagnostic& wrong = table.error();
        return fmt::format("{}: {}{}", wrong.place, wrong.message,
                           wrong.hint.empty() ? "" : " (" + wrong.hint + ")");
      }
      tables.push_back(std::move(*table));
    }
    for (size_t i = 0; i < tables.size(); ++i) state_.put_table(test.tables[i].name, tables[i]);
    std::string wrong = ask(session_, query, test, time_of(tables, state_.query_time.now));
    state_.catalog = declared_;
    for (const auto& given : test.tables) {
      if (const auto* info = declared_.find_table(given.name)) {
        Table empty;
        empty.schema = info->schema;
        state_.engine->add_table(info->name, std::move(empty));
      }
    }
    return wrong;
  }

  Result<std::unique_ptr<Session>>& scenario(const std::string& name) {
    if (auto it = scenarios_.find(name); it != scenarios_.end()) return it->second;
    ScenarioOptions options;
    options.folder = fs::path(folder_.path) / name;
    options.seed = kSeed;
    options.scale = kScale;
    options.intrusion = name == "intrusion";
    if (state_.options.cancel) options.cancel = *state_.options.cancel;
    options.progress = state_.options.progress;
    const auto written = write_scenario(options);
    if (!written.ok()) return scenarios_.emplace(name, written.error()).first->second;
    SessionOptions opening = state_.options;
    opening.no_settings = true;  // its own time counts
    opening.data = {(options.folder / "evidence").string()};
    return scenarios_.emplace(name, Session::open(std::move(opening))).first->second;
  }

  Session& session_;
  State& state_;
  kql::Catalog declared_;
  TemporaryFolder folder_;
  std::map<std::string, Result<std::unique_ptr<Session>>> scenarios_;
};

Result<Table> Session::test_queries(SessionOptions options, std::span<const std::string> names) {
  options.data.clear();
  auto opened = open(std::move(options));
  if (!opened.ok()) return opened.error();
  State& state = *(*opened)->state_;
  state.need_packs();
  std::vector<const PackQuery*> chosen;
  for (const auto& name : names) {
    const size_t before = chosen.size();
    for (const auto& query : state.packs.queries) {
      if (query.is_called(name)) chosen.push_back(&query);
    }
    if (chosen.size() == before) return state.no_query(name);
  }
  if (names.empty()) {
    for (const auto& query : state.packs.queries) chosen.push_back(&query);
  }
  size_t count = 0;
  for (const auto* query : chosen) count += query->tests.size();
  Tester tester(**opened);
  std::vector<std::vector<std::string>> rows;
  if (names.empty()) {  // what could not be read was not tested
    for (const auto& problem : state.packs.problems)
      rows.push_back({"", "file", "failed", fmt::format("{}: {}", problem.place, problem.message)});
  }
  for (const auto* query : chosen) {
    for (size_t i = 0; i < query->tests.size(); ++i) {
      if (state.options.cancel && state.options.cancel->cancelled())
        return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
      if (state.options.progress) state.options.progress->update("tests", rows.size(), count);
      const PackCase& test = query->tests[i];
      const std::string wrong = tester.run(*query, test);
      rows.push_back(
          {query->name,
           fmt::format("{} {}", i + 1, test.scenario.empty() ? "rows" : "scenario " + test.scenario),
           wrong.empty() ? "ok" : "failed", wrong});
    }
  }
  return text_table({"Name", "Test", "Result", "Detail"}, rows);
}

}  // namespace huntbook
