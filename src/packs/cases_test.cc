#include "packs/cases.h"

#include <gtest/gtest.h>

#include "packs/builtin.h"

namespace huntbook {
namespace {

constexpr const char* kSchemas = R"(tables:
  T:
    description: A table.
    providers: [MSSentinel, Kusto]
    columns: {t: datetime, name: string, n: int, r: real, ok: bool, d: dynamic, span: timespan}
)";

PackLibrary load(const std::string& yaml) {
  PackLibrary library;
  library.load_text(kSchemas, "schemas.yaml");
  library.load_text(yaml, "p.yaml");
  return library;
}

std::string with_test(const std::string& test) {
  return "metadata: {data_environments: [MSSentinel], data_families: [F]}\nsources:\n  q:\n"
         "    description: x\n    techniques: [T1001]\n    tables: T\n    args: {query: T}\n    test:\n" +
         test;
}

std::string problems(const PackLibrary& library) {
  std::string out;
  for (const auto& problem : library.problems) {
    out += problem.place + " " + problem.code + " " + problem.message +
           (problem.hint.empty() ? "" : " (" + problem.hint + ")") + "\n";
  }
  return out;
}

// What the rows of the test's first table are when they are compared with its `rows`.
std::string compare(const std::string& rows_in, const std::string& rows_out, bool sorted = false) {
  const auto library = load(with_test("      tables: {T: " + rows_in + "}\n      rows: " + rows_out + "\n"));
  EXPECT_EQ(problems(library), "");
  const PackCase& test = library.queries.at(0).tests.at(0);
  auto table = case_table(test.tables.at(0), library.find_schema("T")->schema, "p.yaml");
  if (!table.ok()) return table.error().place + " " + table.error().message + " (" + table.error().hint + ")";
  return compare_rows(*table, test, sorted, "p.yaml");
}

TEST(Cases, AreReadWithTechniquesAndTables) {
  const auto library = load(with_test(R"(      - tables:
          T:
            - {t: 2024-05-01, name: a}
        parameters: {codes: [1, "a,b"], least: 3}
        rows: []
      - scenario: quiet
        at_most: 2
        at_least: 1
)"));
  EXPECT_EQ(problems(library), "");
  const PackQuery& query = library.queries.at(0);
  EXPECT_EQ(query.techniques, std::vector<std::string>{"T1001"});
  EXPECT_EQ(query.tables, std::vector<std::string>{"T"});
  ASSERT_EQ(query.tests.size(), 2u);
  const PackArguments parameters{{"codes", "[1,\"a,b\"]"}, {"least", "3"}};
  EXPECT_EQ(query.tests[0].parameters, parameters);
  EXPECT_EQ(query.tests[0].line, 9u);
  EXPECT_TRUE(query.tests[0].rows && query.tests[0].rows->empty());
  EXPECT_EQ(query.tests[1].scenario, "quiet");
  EXPECT_EQ(query.tests[1].at_most, 2u);
  EXPECT_EQ(query.tests[1].at_least, 1u);
  const TableSchema* schema = library.find_schema("T");
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->providers, (std::vector<std::string>{"MSSentinel", "Kusto"}));
  EXPECT_EQ(schema->schema.fields[0].type, Type::kDatetime);
}

TEST(Cases, SayWhatIsWrong) {
  EXPECT_EQ(problems(load(with_test("      {tables: {T: [{t: 1}]}}\n"))),
            "p.yaml:9 HB-P006 the test of query `q` expects nothing (give rows, at_least or at_most)\n");
  EXPECT_EQ(problems(load(with_test("      {rows: []}\n"))),
            "p.yaml:9 HB-P006 the test of query `q` has neither tables nor a scenario\n");
  EXPECT_EQ(problems(load(with_test("      {scenario: loud, at_least: 1}\n"))),
            "p.yaml:9 HB-P006 `loud` of the test of query `q` is no scenario (intrusion or quiet)\n");
  EXPECT_EQ(problems(load(with_test("      {scenario: quiet, at_least: many, row: 1, at_most: 1}\n"))),
            "p.yaml:9 HB-P002 unknown key `row` in the test of query `q` (did you mean `rows`?)\n"
            "p.yaml:9 HB-P006 `at_least` of the test of query `q` is not a count\n");
  EXPECT_EQ(problems(load("tables:\n  U:\n    columns: {a: strin, b: long, c: int}\n  V: {}\n")),
            "p.yaml:3 HB-P007 column `a` of table `U` has the unknown type `strin` (string, int, long, real, "
            "bool, datetime, timespan, dynamic, guid or decimal)\n"
            "p.yaml:4 HB-P007 table `V` has no columns\n");
}

TEST(Cases, CompareTypedValues) {
  const std::string row =
      R"({t: "2024-05-01T10:00:00Z", name: a, n: 3, r: 0.5, ok: true, d: {x: [1, "2"]}, span: 01:30:00})";
  EXPECT_EQ(compare("[" + row + "]", "[" + row + "]"), "");
  EXPECT_EQ(compare("[" + row + "]", "[{t: 2024-05-01 10:00, d: {x: [1, \"2\"]}, span: 90m}]"), "");
  EXPECT_EQ(compare("[{name: a}]", "[{t: null, name: a, n: null, ok: ~}]"), "");
  EXPECT_EQ(compare("[{name: a, n: 1}]", "[{name: a, n: 2}]"),
            "p.yaml:10: expected {name: \"a\", n: 2}; came {name: \"a\", n: 1}");
  EXPECT_EQ(compare("[{d: {x: 1}}]", "[{d: {x: \"1\"}}]"),
            "p.yaml:10: expected {d: {\"x\":\"1\"}}; came {d: {\"x\":1}}");
  EXPECT_EQ(compare("[{n: 1}]", "[{m: 1}]"),
            "p.yaml:10: the answer has no column `m`; it has t, name, n, r, ok, d, span");
  EXPECT_EQ(compare("[{n: 1}]", "[{n: one}]"), "p.yaml:10: `one` is no int (column `n`)");
  EXPECT_EQ(compare("[{names: 1}]", "[]"), "p.yaml:9 table `T` has no column `names` (did you mean `name`?)");
}

TEST(Cases, CompareAllRowsAndTheirOrderWhenSorted) {
  EXPECT_EQ(compare("[{n: 1}, {n: 2}]", "[{n: 2}, {n: 1}]"), "");
  EXPECT_EQ(compare("[{n: 1}, {n: 2}]", "[{n: 2}, {n: 1}]", true), "p.yaml:10: expected {n: 2}; came {n: 1}");
  EXPECT_EQ(compare("[{n: 1}, {n: 2}]", "[{n: 1}]"), "p.yaml:10: expected no more rows; came {n: 2}");
  EXPECT_EQ(compare("[{n: 1}]", "[]", true),
            "p.yaml:9: expected no more rows; came {t: null, name: \"\", n: 1, "
            "r: null, ok: null, d: null, span: null}");
  EXPECT_EQ(compare("[{n: 1}]", "[{n: 1}, {n: 1}]"), "p.yaml:10: expected {n: 1}; no other row came");
  EXPECT_EQ(compare("[{n: 1}]", "[{n: 1}, {n: 2}]", true), "p.yaml:10: expected {n: 2}; only 1 row came");
  // A row that fits two of the expected ones is given to the one that has no other.
  EXPECT_EQ(compare("[{n: 1, name: a}, {n: 1, name: b}]", "[{n: 1}, {name: a}]"), "");
}

}  // namespace
}  // namespace huntbook
