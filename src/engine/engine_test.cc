#include "engine/engine.h"

#include <duckdb.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "table/builder.h"
#include "table/write.h"

namespace huntbook {
namespace {

// An engine and the catalog that its queries are bound with.
class EngineTest : public testing::Test {
 protected:
  void SetUp() override { open({}); }

  void open(EngineOptions options) {
    auto opened = Engine::open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    engine_ = std::move(*opened);
  }

  void declare(const std::string& name, const Schema& schema) {
    kql::TableInfo info;
    info.name = name;
    info.schema = schema;
    catalog_.tables.push_back(std::move(info));
  }

  void add_table(const std::string& name, Table table) {
    declare(name, table.schema);
    engine_->add_table(name, std::move(table));
  }

  Result<Table> run(const std::string& text) {
    auto result = kql::compile(text, catalog_);
    if (!result.compiled) return result.diagnostics.front();
    return engine_->run(*result.compiled, pivots_);
  }

  // The rows as JSON, or the diagnostic.
  std::string ask(const std::string& text) {
    auto table = run(text);
    if (!table.ok()) return table.error().code + ": " + table.error().message;
    std::string out;
    append_rows_json(out, *table);
    return out;
  }

  std::unique_ptr<Engine> engine_;
  kql::Catalog catalog_;
  PivotRunner pivots_ = [](const std::string&, std::span<const std::string>) -> Result<Table> {
    return Table{};
  };
};

Table long_table(const std::string& column, int64_t from, int64_t to) {
  ColumnBuilder builder(Type::kLong);
  for (int64_t i = from; i < to; ++i) builder.append_long(i);
  std::vector<ColumnBuilder> builders;
  builders.push_back(std::move(builder));
  return make_table(Schema{{{column, Type::kLong, ""}}}, std::move(builders));
}

TEST_F(EngineTest, AnswersWithoutAnyTable) {
  EXPECT_EQ(ask("print 1"), "[[1]]");
  EXPECT_EQ(ask("datatable(a: long, s: string)[] | extend n = a + 1"), "[]");
}

TEST_F(EngineTest, GivesEveryTypeBack) {
  EXPECT_EQ(ask("print b=true, i=int(-5), l=9223372036854775807, r=0.1, s='x', t=datetime(2017-01-01 "
                "00:00:00.0000001), "
                "d=-1.5h, o=dynamic({\"a\":[1,null]}), g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), "
                "c=decimal(1.50)"),
            "[[true,-5,9223372036854775807,0.1,\"x\",\"2017-01-01T00:00:00.0000001Z\",\"-01:30:00\",{\"a\":["
            "1,null]},"
            "\"74be27de-1e4e-49d9-b579-fe0b331d3642\",\"1.50\"]]");
  EXPECT_EQ(ask("print bool(null), int(null), long(null), real(null), '', datetime(null), timespan(null), "
                "dynamic(null), guid(null), decimal(null)"),
            "[[null,null,null,null,\"\",null,null,null,null,null]]");
  EXPECT_EQ(ask("print real(nan), real(+inf), real(-inf)"), "[[\"NaN\",\"Infinity\",\"-Infinity\"]]");
}

TEST_F(EngineTest, QuotesHostileTexts) {
  EXPECT_EQ(ask(R"(print s = "a'b\"c;--" | where s == "a'b\"c;--" | project n = strlen(s))"), "[[8]]");
  EXPECT_EQ(ask(R"(print s = "a\0b" | project n = strlen(s), same = s == "a\0b")"), "[[3,true]]");
}

TEST_F(EngineTest, SortsNullAndNanAsTheSmallest) {
  const std::string values = "datatable(x: real)[real(null), 1.0, -1.0, real(+inf), real(nan)] | sort by x ";
  EXPECT_EQ(ask(values + "asc | where isfinite(x) or x == real(+inf)"), "[[-1.0],[1.0],[\"Infinity\"]]");
  EXPECT_EQ(ask(values + "desc | take 3"), "[[\"Infinity\"],[1.0],[-1.0]]");
  EXPECT_EQ(ask("datatable(s: string)['b', 'A', '', 'a', 'B'] | sort by s asc"),
            "[[\"\"],[\"A\"],[\"B\"],[\"a\"],[\"b\"]]");
}

TEST_F(EngineTest, KeepsTheOrderOfManyRows) {
  const std::string sorted =
      "range x from 1 to 400000 step 1 | extend y = (x * 7919) % 400009 | sort by y asc ";
  auto table = run(sorted + "| extend z = y + 1 | where z % 3 != 0 | project z");
  ASSERT_TRUE(table.ok()) << table.error().message;
  int64_t last = -1;
  size_t rows = 0, unsorted = 0;
  for (const auto& batch : table->batches) {
    for (size_t i = 0; i < batch->rows; ++i, ++rows) {
      unsorted += batch->columns[0].long_at(i) < last;
      last = batch->columns[0].long_at(i);
    }
  }
  EXPECT_GT(rows, 260'000u);
  EXPECT_EQ(unsorted, 0u);
  EXPECT_EQ(ask(sorted + "| serialize before = prev(y) | where before > y | count"), "[[0]]");
  EXPECT_EQ(ask(sorted + "| summarize l = make_list(y) by k = x % 2 | project k, good = tostring(l) == "
                         "tostring(array_sort_asc(l)) | sort by k asc"),
            "[[0,true],[1,true]]");
}

TEST_F(EngineTest, KeepsTheOrderOfFewRows) {
  const std::string values = "datatable(g: string, v: long)['b', 2, 'a', 1, 'b', 3, 'c', 1] ";
  EXPECT_EQ(ask(values + "| summarize n = count() by g"), R"([["b",2],["a",1],["c",1]])");
  EXPECT_EQ(ask(values + "| distinct g"), R"([["b"],["a"],["c"]])");
  EXPECT_EQ(ask(values + "| summarize n = count() by g | summarize make_list(g)"), R"([[["b","a","c"]]])");
  EXPECT_EQ(ask(values + "| sort by v asc"), R"([["a",1],["c",1],["b",2],["b",3]])");
}

TEST_F(EngineTest, CountsRanges) {
  EXPECT_EQ(ask("range x from 1 to 5 step 2"), "[[1],[3],[5]]");
  EXPECT_EQ(ask("range x from 5 to 1 step -2"), "[[5],[3],[1]]");
  EXPECT_EQ(ask("range x from 5 to 1 step 1"), "[]");
  EXPECT_EQ(ask("range x from 1 to 5 step 0"), "[]");
  EXPECT_EQ(ask("range x from 0.0 to 1.0 step 0.25"), "[[0.0],[0.25],[0.5],[0.75],[1.0]]");
  EXPECT_EQ(ask("range x from 0.0 to 0.3 step 0.1 | count"), "[[4]]");
  EXPECT_EQ(ask("range x from 0.0 to 1.0 step 0.0"), "[]");
  EXPECT_EQ(ask("range x from 9223372036854775800 to 9223372036854775807 step 5"),
            "[[9223372036854775800],[9223372036854775805]]");
  EXPECT_EQ(ask("range t from 1h to 3h step 1h"), R"([["01:00:00"],["02:00:00"],["03:00:00"]])");
  EXPECT_EQ(ask("range x from 1 to 1000000000 step 1 | take 1"), "[[1]]");
}

TEST_F(EngineTest, FillsMissingTextsWithNothing) {
  const std::string left =
      "let L = datatable(k: long, s: string)[1, 'a', 2, 'b']; let R = datatable(k: long, t: string, n: "
      "long)[1, 'x', 7]; ";
  EXPECT_EQ(ask(left + "L | join kind=leftouter R on k | sort by k asc"),
            R"([[1,"a",1,"x",7],[2,"b",null,"",null]])");
  EXPECT_EQ(ask(left + "L | join kind=rightanti R on k"), "[]");
  EXPECT_EQ(ask(left + "L | lookup R on k | where isempty(t) | project k"), "[[2]]");
  EXPECT_EQ(ask(left + "union L, R | summarize countif(isempty(s)), countif(isempty(t))"), "[[1,2]]");
  EXPECT_EQ(ask(left + "L | sort by k asc | project p = prev(s), n = next(s)"), R"([["","b"],["a",""]])");
  EXPECT_EQ(ask(left + "print toscalar(L | where k > 5 | project s)"), R"([[""]])");
  EXPECT_EQ(ask(left + "L | where k > 5 | summarize max(s), take_any(s)"), R"([["",""]])");
}

TEST_F(EngineTest, JoinsNullKeysAndTheFirstLeftRow) {
  const std::string sides =
      "let L = datatable(k: long, a: long)[1, 10, 1, 20, long(null), 30]; let R = datatable(k: long, b: "
      "long)[1, 1, 1, 2, long(null), 3]; ";
  EXPECT_EQ(ask(sides + "L | join R on k | project a, b | sort by a asc, b asc"), "[[10,1],[10,2],[30,3]]");
  EXPECT_EQ(ask(sides + "L | join kind=inner R on k | count"), "[[5]]");
  EXPECT_EQ(ask(sides + "L | join kind=leftsemi R on k | count"), "[[3]]");
  EXPECT_EQ(ask(sides + "L | join kind=leftanti R on k | count"), "[[0]]");
  EXPECT_EQ(ask("let N = datatable(k: real)[real(nan)]; N | join kind=inner N on k | count"), "[[1]]");
  EXPECT_EQ(ask("let L = range x from 1 to 100000 step 1 | extend k = x % 10; L | join (range k from 0 to 9 "
                "step 1) on k | summarize max(x), count()"),
            "[[10,10]]");
}

TEST_F(EngineTest, ExpandsWhatADynamicHolds) {
  EXPECT_EQ(ask(R"(print d = dynamic([1, null, "a", {"b": 1.0}]) | mv-expand d)"),
            R"([[1],[null],["a"],[{"b":1.0}]])");
  EXPECT_EQ(ask(R"(print d = dynamic({"a": 1, "b": [2]}) | mv-expand d)"), R"([[{"a":1}],[{"b":[2]}]])");
  EXPECT_EQ(ask(R"(print d = dynamic({"a": 1}) | mv-expand kind=array d)"), R"([[["a",1]]])");
  EXPECT_EQ(
      ask("datatable(i: long, d: dynamic)[1, dynamic([]), 2, dynamic(null), 3, dynamic(5)] | mv-expand d"),
      "[[2,null],[3,5]]");
  EXPECT_EQ(ask("print a = dynamic([1, 2, 3]), b = dynamic(['x']) | mv-expand with_itemindex=i a, b limit 2"),
            R"([[1,"x",0],[2,null,1]])");
  EXPECT_EQ(ask("range x from 1 to 100000 step 1 | extend d = pack_array(x, x + 1) | mv-expand d to "
                "typeof(long) | summarize sum(d), count()"),
            "[[10000200000,200000]]");
}

TEST_F(EngineTest, RunsDeepQueries) {
  std::string extends = "print x = 0", mixed = "print x = 0";
  for (int i = 0; i < 600; ++i) extends += " | extend x = x + 1";
  EXPECT_EQ(ask(extends), "[[600]]");
  for (int i = 0; i < 300; ++i) mixed += i % 3 == 0 ? " | where x >= 0" : " | extend x = x + 1";
  EXPECT_EQ(ask(mixed), "[[200]]");
  std::string doubling = "print s = 'x', a = dynamic([])";
  for (int i = 0; i < 40; ++i) doubling += " | extend a = iff(s has 'x', array_concat(a, pack_array(1)), a)";
  EXPECT_EQ(ask(doubling + " | where array_length(a) > 0 | project array_length(a)"), "[[40]]");
}

TEST_F(EngineTest, TellsTablesOfDifferentCaseApart) {
  add_table("Logs", long_table("x", 0, 3));
  add_table("logs", long_table("x", 0, 5));
  EXPECT_EQ(ask("Logs | count"), "[[3]]");
  EXPECT_EQ(ask("logs | count"), "[[5]]");
  EXPECT_EQ(ask("Logs | count"), "[[3]]");
}

TEST_F(EngineTest, LoadsOnlyWhatQueriesRead) {
  const Schema schema{{{"a", Type::kLong, ""}, {"b", Type::kString, ""}, {"B", Type::kReal, ""}}};
  declare("T", schema);
  std::vector<std::vector<size_t>> asked;
  engine_->add_source("T", schema,
                      [&](const std::string&, const std::vector<size_t>& columns, const BatchSink& sink) {
                        asked.push_back(columns);
                        Batch batch;
                        batch.rows = 3000;
                        for (size_t c : columns) {
                          ColumnBuilder builder(schema.fields[c].type);
                          for (int i = 0; i < 3000; ++i) {
                            if (c == 0) builder.append_long(i);
                            else if (c == 1) builder.append_text("text " + std::to_string(i));
                            else if (i % 3 == 0) builder.append_null();
                            else builder.append_real(i);
                          }
                          batch.columns.push_back(builder.finish());
                        }
                        const Status first = sink(batch);
                        return first.ok() ? sink(batch) : first;
                      });
  EXPECT_EQ(ask("T | summarize sum(a)"), "[[8997000]]");
  EXPECT_EQ(ask("T | where a == 2999 | project a"), "[[2999],[2999]]");
  EXPECT_EQ(ask("T | where isnull(B) | summarize count(), max(b)"), R"([[2000,"text 999"]])");
  EXPECT_EQ(ask("T | summarize sum(a)"), "[[8997000]]");
  const std::vector<std::vector<size_t>> expected{{0}, {0, 1, 2}};
  EXPECT_EQ(asked, expected);
  auto compiled = kql::compile("T | where b has 'x' and B > 1", catalog_).compiled;
  ASSERT_TRUE(compiled);
  EXPECT_TRUE(engine_->prepare(*compiled).ok());
  EXPECT_EQ(asked, expected);
}

TEST_F(EngineTest, PassesALoadersFailureOn) {
  const Schema schema{{{"a", Type::kLong, ""}}};
  declare("T", schema);
  bool broken = true;
  engine_->add_source("T", schema,
                      [&](const std::string&, const std::vector<size_t>&, const BatchSink& sink) -> Status {
                        if (broken) return Diagnostic{"HB-V009", "the file changed", {}, "", "", ""};
                        return sink(*long_table("a", 0, 4).batches[0]);
                      });
  EXPECT_EQ(ask("T | count"), "HB-V009: the file changed");
  broken = false;
  EXPECT_EQ(ask("T | summarize sum(a)"), "[[6]]");
}

TEST_F(EngineTest, ReadsNothingFromTheDisk) {
  kql::Compiled query;
  query.schema = Schema{{{"a", Type::kString, ""}}};
  for (const char* sql :
       {"SELECT * FROM read_csv('/etc/passwd')", "SELECT content FROM read_text('/etc/hostname')",
        "SELECT 1 FROM (SELECT * FROM '/etc/passwd')"}) {
    query.sql.text = sql;
    auto table = engine_->run(query, pivots_);
    ASSERT_FALSE(table.ok()) << sql;
    EXPECT_EQ(table.error().code, "HB-E001") << sql;
  }
  query.sql.text = "SET enable_external_access = true";
  EXPECT_FALSE(engine_->run(query, pivots_).ok());
}

TEST_F(EngineTest, StopsWhenToldTo) {
  CancelToken cancel;
  EngineOptions options;
  options.cancel = &cancel;
  open(options);
  const auto start = std::chrono::steady_clock::now();
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancel.cancel();
  });
  EXPECT_EQ(ask("range x from 1 to 100000000000 step 1 | where x % 7 == 3 | summarize sum(x)"),
            "HB-E130: interrupted");
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  cancel.reset();
  EXPECT_EQ(ask("print 1"), "[[1]]");
}

TEST_F(EngineTest, SpillsWhatDoesNotFit) {
  EngineOptions options;
  options.memory_limit = 100 << 20;
  options.threads = 2;
  open(options);
  EXPECT_EQ(ask("range x from 1 to 5000000 step 1 | summarize n = count() by k = strcat('some key that is "
                "rather long ', x) | summarize "
                "count(), max(n)"),
            "[[5000000,1]]");
}

TEST_F(EngineTest, SaysThatMemoryIsShort) {
  EngineOptions options;
  options.memory_limit = 32 << 20;
  open(options);
  EXPECT_EQ(ask("range x from 1 to 3000000 step 1 | summarize l = make_list(strcat('a rather long text ', "
                "x)) | project array_length(l)"),
            "HB-E002: out of memory");
  EXPECT_EQ(ask("print 1"), "[[1]]");
}

TEST_F(EngineTest, CarriesLongTexts) {
  std::vector<ColumnBuilder> builders;
  builders.emplace_back(Type::kString);
  builders.back().append_text(std::string(50'000'000, 'x'));
  builders.back().append_text("short");
  add_table("T", make_table(Schema{{{"s", Type::kString, ""}}}, std::move(builders)));
  EXPECT_EQ(ask("T | project n = strlen(s), ends = s endswith 'x'"), "[[50000000,true],[5,false]]");
  auto table = run("T | where strlen(s) > 10");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->batches[0]->columns[0].text_at(0).size(), 50'000'000u);
}

TEST_F(EngineTest, RepairsTextsThatAreNoUtf8) {
  std::vector<ColumnBuilder> builders;
  builders.emplace_back(Type::kString);
  for (const char* text : {"\xc3", "\xa9", "fine", "a long text with \xff in its middle"})
    builders.back().append_text(text);
  add_table("T", make_table(Schema{{{"s", Type::kString, ""}}}, std::move(builders)));
  EXPECT_EQ(ask("T | project n = strlen(s), s"),
            "[[1,\"\xef\xbf\xbd\"],[1,\"\xef\xbf\xbd\"],[4,\"fine\"],[32,\"a long text with \xef\xbf\xbd in "
            "its middle\"]]");
}

TEST_F(EngineTest, FillsPivots) {
  kql::PivotInfo info;
  info.name = "text_length";
  info.entity = "Text";
  info.pivot = "length";
  info.input = "string";
  info.output = Schema{{{"Length", Type::kLong, ""}, {"Upper", Type::kString, ""}}};
  catalog_.pivots.push_back(info);
  std::vector<std::string> asked;
  pivots_ = [&](const std::string&, std::span<const std::string> values) -> Result<Table> {
    std::vector<ColumnBuilder> builders;
    builders.emplace_back(Type::kLong);
    builders.emplace_back(Type::kString);
    for (const auto& value : values) {
      asked.push_back(value);
      builders[0].append_long(static_cast<int64_t>(value.size()));
      builders[1].append_text(value + "!");
    }
    return make_table(info.output, std::move(builders));
  };
  EXPECT_EQ(ask("datatable(s: string)['bb', 'a', 'bb', ''] | evaluate text_length(s) | sort by s asc"),
            R"([["",null,""],["a",1,"a!"],["bb",2,"bb!"],["bb",2,"bb!"]])");
  EXPECT_EQ(asked, (std::vector<std::string>{"a", "bb"}));
  pivots_ = [](const std::string&, std::span<const std::string>) -> Result<Table> {
    return Diagnostic{"HB-N002", "offline", {}, "", "", ""};
  };
  EXPECT_EQ(ask("datatable(s: string)['a'] | evaluate text_length(s)"), "HB-N002: offline");
}

// A folder with a Parquet file, removed at the end.
class ParquetTest : public EngineTest {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "huntbook_engine_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/odd [1] 'name'?.parquet";
  }
  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Writes what a SELECT gives, and declares it as T.
  Status write(const std::string& select) {
    duckdb_database database = nullptr;
    duckdb_connection connection = nullptr;
    duckdb_open(nullptr, &database);
    duckdb_connect(database, &connection);
    const std::string plain = folder_ + "/plain.parquet";
    const bool good =
        duckdb_query(connection, ("COPY (" + select + ") TO '" + plain + "' (FORMAT parquet)").c_str(),
                     nullptr) == DuckDBSuccess;
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    EXPECT_TRUE(good) << select;
    std::filesystem::rename(plain, path_);
    EngineOptions options;
    options.read_paths = {path_};
    open(options);
    auto schema = engine_->parquet_schema(path_);
    if (!schema.ok()) return schema.error();
    declare("T", *schema);
    engine_->add_source("T", *schema, engine_->parquet_loader({path_}, *schema));
    return {};
  }

  std::string folder_, path_;
};

TEST_F(ParquetTest, ReadsEveryTypeExactly) {
  setenv("TZ", "America/New_York", 1);
  tzset();
  auto status = write(
      "SELECT TIMESTAMPTZ '2020-01-01 00:00:00+00' z, TIMESTAMP '2020-01-01 00:00:00.123456' t, TIMESTAMP_NS "
      "'1969-12-31 23:59:59.999999950' n, "
      "DATE '0001-01-01' d, TIMESTAMP 'infinity' i, 12345678901234567890.12::DECIMAL(38,2) c, {'a': 1, 'b': "
      "[1, NULL]} o, "
      "18446744073709551615::UBIGINT u, NULL::VARCHAR s, 1.5::FLOAT f, 5::TINYINT y, true b");
  unsetenv("TZ");
  tzset();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(
      ask("T"),
      R"([["2020-01-01T00:00:00.0000000Z","2020-01-01T00:00:00.1234560Z","1969-12-31T23:59:59.9999999Z","0001-01-01T00:00:00.0000000Z",null,)"
      R"("12345678901234567890.12",{"a":1,"b":[1,null]},"18446744073709551615","",1.5,5,true]])");
  auto rows = engine_->parquet_rows(path_);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, 1u);
}

TEST_F(ParquetTest, SaysThatAFileIsNone) {
  std::filesystem::create_directories(folder_);
  FILE* file = fopen(path_.c_str(), "w");
  ASSERT_NE(file, nullptr);
  fputs("PAR1 but nothing else", file);
  fclose(file);
  EngineOptions options;
  options.read_paths = {path_};
  open(options);
  auto schema = engine_->parquet_schema(path_);
  ASSERT_FALSE(schema.ok());
  EXPECT_EQ(schema.error().code, "HB-E001");
}

}  // namespace
}  // namespace huntbook
