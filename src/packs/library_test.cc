// Names, precedence and providers of queries.
#include <gtest/gtest.h>

#include <set>

#include "packs/builtin.h"

namespace huntbook {
namespace {

std::string pack(const std::string& environments, const std::string& sources) {
  return "metadata: {version: 1, data_environments: [" + environments + "], data_families: [F]}\n" +
         "defaults:\n  metadata: {techniques: [T1001], tables: [T]}\n  parameters:\n"
         "    n: {type: int, description: a number, default: 1}\n" +
         "sources:\n" + sources;
}

TEST(Library, NamesCanBeCalled) {
  PackLibrary library;
  library.load_text(pack("Kusto",
                         "  my-query 2:\n    metadata: {data_families: [My Family.Sub, 7x]}\n"
                         "    args: {query: T}\n  2nd:\n    args: {query: T}\n"),
                    "p.yaml");
  EXPECT_TRUE(library.problems.empty());
  ASSERT_EQ(library.queries.size(), 2u);
  EXPECT_EQ(library.queries[0].name, "my_query_2");
  EXPECT_EQ(library.queries[0].families, (std::vector<std::string>{"My_Family.Sub", "n_7x"}));
  EXPECT_EQ(library.queries[1].name, "n_2nd");
  EXPECT_EQ(library.find("My_Family.Sub.my_query_2"), &library.queries[0]);
}

TEST(Library, SourcesGoBeforeDefaultsAndThoseBeforeTheFile) {
  PackLibrary library;
  library.load_text(pack("Kusto",
                         "  a:\n    args: {query: \"T | take {n}\"}\n"
                         "  b:\n    techniques: [T1003]\n    metadata: {data_families: [G], tables: [U]}\n"
                         "    args: {query: \"T | take {n}\"}\n    parameters:\n      n: {default: 5}\n"),
                    "p.yaml");
  ASSERT_EQ(library.queries.size(), 2u);
  const PackQuery &a = library.queries[0], &b = library.queries[1];
  EXPECT_EQ(a.family + a.techniques[0] + a.tables[0] + *a.params[0].default_value, "FT1001T1");
  EXPECT_EQ(b.family + b.techniques[0] + b.tables[0] + *b.params[0].default_value, "GT1003U5");
  EXPECT_EQ(b.params[0].type + b.params[0].doc, "inta number");
}

TEST(Library, MacrosAreFilledFirst) {
  PackLibrary library;
  library.load_text(pack("Kusto",
                         "  a:\n    args:\n      query: |\n        T\n        $<limit>$\n        "
                         "$<nothing>$\n        | count\n"
                         "    query_macros:\n      limit: {description: x, value: \"| take {n}\"}\n"),
                    "p.yaml");
  ASSERT_EQ(library.queries.size(), 1u);
  EXPECT_EQ(render_query(library.queries[0], {{"n", "3"}}, {}).value(), "T\n| take 3\n| count");
}

TEST(Library, TheLaterDefinitionWinsAndTheEarlierIsNamed) {
  PackLibrary library;
  const std::string query = "  a:\n    args: {query: T}\n";
  library.load_text(pack("MSSentinel, Kusto", query), "one.yaml");
  library.load_text(pack("Splunk", query), "other.yaml");  // another provider: nothing is hidden
  EXPECT_TRUE(library.shadowed.empty());
  library.load_text(pack("LogAnalytics", query), "two.yaml");
  ASSERT_EQ(library.shadowed.size(), 1u);
  EXPECT_EQ(library.shadowed[0].code, "HB-P008");
  EXPECT_EQ(library.shadowed[0].message, "query `F.a` takes the place of an earlier one of that name");
  EXPECT_EQ(library.shadowed[0].place, "two.yaml:8");
  EXPECT_EQ(library.shadowed[0].hint, "the earlier one is at one.yaml:8");
  EXPECT_EQ(library.find("F.a")->file, "two.yaml");
  EXPECT_EQ(library.find("F.a", "Splunk")->file, "other.yaml");
  EXPECT_EQ(library.find("F.a", "Kusto")->file, "one.yaml");
  EXPECT_EQ(library.find("F.a", "Elastic"), nullptr);
}

TEST(Library, AFolderCalledLikeAnEnvironmentIsForIt) {
  PackLibrary library;
  library.load_text(pack("MDE, M365D, MSSentinel, M365DGraph", "  a:\n    args: {query: T}\n"), "mde/p.yaml",
                    "mde");
  ASSERT_EQ(library.queries.size(), 1u);
  EXPECT_EQ(library.queries[0].providers, (std::vector<std::string>{"MDE", "M365DGraph"}));
  library.load_text(pack("Splunk", "  b:\n    args: {query: T}\n"), "mde/q.yaml", "mde");
  EXPECT_EQ(library.queries.size(), 1u);
  library.load_text(pack("MSSentinel, MDE", "  c:\n    args: {query: T}\n"), "mine/q.yaml", "mine");
  EXPECT_EQ(library.queries.back().providers, (std::vector<std::string>{"MSSentinel", "MDE"}));
}

TEST(Library, ATextIsWrittenForTheProviderAskedFor) {
  PackLibrary library;
  library.load_text(pack("Kusto, Splunk",
                         "  a:\n    args: {query: \"{when}\"}\n    parameters:\n"
                         "      when: {type: datetime, description: when}\n"),
                    "p.yaml");
  const PackQuery& query = library.queries.at(0);
  const PackArguments when{{"when", "2024-05-01"}};
  EXPECT_EQ(render_query(query, when, {}).value(), "2024-05-01T00:00:00Z");
  EXPECT_EQ(render_query(query, when, {}, nullptr, "splunk").value(), "\"2024-05-01 00:00:00.000000\"");
  const auto wrong = render_query(query, when, {}, nullptr, "Elastic");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code + ": " + wrong.error().message + " / " + wrong.error().hint,
            "HB-P015: query `a` is not for the provider `Elastic` / it is for Kusto, Splunk");
}

TEST(Library, BuiltInQueriesDoNotShadowEachOther) {
  PackLibrary library;
  load_builtin_packs(library);
  for (const auto& shadowed : library.shadowed) ADD_FAILURE() << shadowed.place << ": " << shadowed.message;
  std::set<std::string> names;  // functions of KQL, by name alone
  for (const auto& query : library.queries) {
    const bool first = !query.is_kql() || names.insert(query.name).second;
    EXPECT_TRUE(first) << query.file << ": " << query.name;
  }
}

TEST(Library, AWordTellsWhetherAQueryIsMeant) {
  PackLibrary library;
  load_builtin_packs(library);
  ASSERT_GT(library.queries.size(), 500u);
  for (const auto& query : library.queries) {
    EXPECT_TRUE(mentions_builtin_query("T | join (" + query.name + "(start=ago(1d))) on x")) << query.name;
    EXPECT_FALSE(mentions_builtin_query(query.name + "_x | x_" + query.name)) << query.name;
  }
  EXPECT_FALSE(mentions_builtin_query(""));
  EXPECT_FALSE(mentions_builtin_query("print 1 // \xff\xfe list host logons"));
}

}  // namespace
}  // namespace huntbook
