#include "packs/pack.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/time.h"
#include "packs/builtin.h"

namespace huntbook {
namespace {

constexpr const char* kPack = R"(metadata:
  version: 1
  description: test
  data_environments: [MSSentinel]
  data_families: [Family.Sub]
defaults:
  parameters:
    start: {description: from, type: datetime}
    end: {description: to, type: datetime}
    table: {description: the table, type: str, default: T}
sources:
  find_things:
    description: Finds things.
    args:
      query: |
        {table}
        | where t between (datetime({start}) .. datetime({end}))
        | where name == "{name}" and code in ({codes}) and n > {least}
        {more}
        | extend d = dynamic({{"a": 1}})
    parameters:
      name: {description: the name, type: str, aliases: [thing]}
      codes: {description: codes, type: list, default: [a, 7]}
      least: {description: lower bound, type: int, default: 3}
      more: {description: more, type: str, default: ''}
)";

QueryTime query_time() {
  return {*parse_datetime("2026-03-01"), *parse_datetime("2026-03-02"),
          *parse_datetime("2026-03-02T10:30:00Z")};
}

std::string render(const char* pack, const PackArguments& arguments) {
  PackLibrary library;
  library.load_text(pack, "p.yaml");
  EXPECT_TRUE(library.problems.empty());
  auto text = render_query(library.queries.at(0), arguments, query_time());
  return text.ok() ? *text : text.error().code + ": " + text.error().message + " / " + text.error().hint;
}

TEST(Pack, RendersDefaultsListsTimesAndLiteralBraces) {
  EXPECT_EQ(render(kPack, {{"thing", "x"}}),
            "T\n| where t between (datetime(2026-03-01T00:00:00Z) .. "
            "datetime(2026-03-02T00:00:00Z))\n"
            "| where name == \"x\" and code in ('a', 7) and n > 3\n| extend d = dynamic({\"a\": 1})");
}

TEST(Pack, EscapesValuesInsideLiteralsAndChecksTheirTypes) {
  EXPECT_EQ(render(kPack, {{"name", "a\\b\"; drop"},
                           {"start", "-1d@d"},
                           {"end", "now"},
                           {"codes", "x'y, z"},
                           {"least", "9"},
                           {"more", "| take 1"}}),
            "T\n| where t between (datetime(2026-03-01T00:00:00Z) .. "
            "datetime(2026-03-02T10:30:00Z))\n"
            "| where name == \"a\\\\b\\\"; drop\" and code in ('x\\'y', 'z') and n > 9\n| take 1\n| extend d "
            "= dynamic({\"a\": 1})");
  EXPECT_EQ(render(kPack, {{"name", "x"}, {"least", "many"}}),
            "HB-P012: `many` is not a whole number (parameter `least`) / ");
  EXPECT_EQ(render(kPack, {{"name", "x"}, {"start", "soon"}}),
            "HB-P012: `soon` is not a time (parameter `start`) / 2026-03-02T10:00:00Z, -2d or -2d@d");
  EXPECT_EQ(render(kPack, {{"nam", "x"}}),
            "HB-P010: query `find_things` has no parameter `nam` / did you mean `name`?");
  EXPECT_EQ(render(kPack, {}),
            "HB-P011: parameter `name` of query `find_things` has no value / give it, as in "
            "find_things(name=\"...\")");
}

TEST(Pack, FindsByNameAndFamilyAndTheLastDefinitionWins) {
  PackLibrary library;
  library.load_text(kPack, "a.yaml");
  library.load_text(kPack, "b.yaml");
  ASSERT_NE(library.find("find_things"), nullptr);
  EXPECT_EQ(library.find("find_things")->file, "b.yaml");
  EXPECT_EQ(library.find("Family.Sub.find_things")->file, "b.yaml");
  EXPECT_EQ(library.find("Other.find_things"), nullptr);
}

TEST(Pack, HelpHasSignatureParametersAndDefaults) {
  PackLibrary library;
  library.load_text(kPack, "a.yaml");
  EXPECT_EQ(query_help_text(library.queries.at(0)),
            "find_things(end: datetime = query time, name: str, start: datetime = query time, codes: list = "
            "a,7, least: int = 3, more: str = , "
            "table: str = T)\n\nFinds things.\n\nFamily: Family.Sub\nProviders: MSSentinel\n\nParameters\n"
            "  codes: list (optional)\n      codes\n      default: a,7\n  end: datetime (optional)\n      "
            "to\n      default: the query time\n"
            "  least: int (optional)\n      lower bound\n      default: 3\n  more: str (optional)\n      "
            "more\n  name: str\n      the name\n"
            "      also called: thing\n  start: datetime (optional)\n      from\n      default: the query "
            "time\n  table: str (optional)\n"
            "      the table\n      default: T\n");
}

std::string problems(const char* yaml) {
  PackLibrary library;
  library.load_text(yaml, "bad.yaml");
  std::string out;
  for (const auto& problem : library.problems) {
    out += problem.place + " " + problem.code + " " + problem.message +
           (problem.hint.empty() ? "" : " (" + problem.hint + ")") + "\n";
  }
  return out + std::to_string(library.queries.size());
}

TEST(Pack, SaysWhereAFileIsWrongAndKeepsTheRest) {
  EXPECT_EQ(problems("a: [1"), "bad.yaml:1 HB-P001 not YAML: end of sequence flow not found\n0");
  EXPECT_EQ(problems("[]"),
            "bad.yaml:1 HB-P001 not a query pack (a pack is a map with metadata, defaults and sources)\n0");
  EXPECT_EQ(problems("metadata: {}"), "bad.yaml:1 HB-P001 the file has no sources\n0");
  EXPECT_EQ(
      problems(R"(metadata: {data_environments: [MDE], data_families: [F]}
sources:
  a:
    descripton: typo
    args: {query: "T | where x == {value}"}
    parameters:
      valeu: {type: str}
  b:
    args: {}
  c:
    args: {query: "T | where x == {v}"}
    parameters:
      v: {type: strange}
  d:
    args: {query: "T"}
)"),
      "bad.yaml:4 HB-P002 unknown key `descripton` in query `a` (did you mean `description`?)\n"
      "bad.yaml:5 HB-P004 placeholder `{value}` of query `a` is no parameter (did you mean `{valeu}`?)\n"
      "bad.yaml:9 HB-P003 query `b` has no text in args.query\n"
      "bad.yaml:11 HB-P005 parameter `v` of query `c` has the unknown type `strange` (str, int, float, bool, "
      "list, datetime or timespan)\n1");
}

TEST(Pack, ParsesTimesRelativeToNow) {
  const int64_t now = *parse_datetime("2026-03-31T10:30:15Z");
  const auto at = [&](const char* text) {
    auto ticks = parse_query_time(text, now);
    return ticks ? format_datetime(*ticks) : std::string("none");
  };
  EXPECT_EQ(at("-2"), "2026-03-29T10:30:15.0000000Z");
  EXPECT_EQ(at("-2d@d"), "2026-03-29T00:00:00.0000000Z");
  EXPECT_EQ(at("+1h@h"), "2026-03-31T12:00:00.0000000Z");
  EXPECT_EQ(at("-1mon"), "2026-02-28T10:30:15.0000000Z");
  EXPECT_EQ(at("-1y@y"), "2025-01-01T00:00:00.0000000Z");
  EXPECT_EQ(at("-90s"), "2026-03-31T10:28:45.0000000Z");
  EXPECT_EQ(at("2026-03-02T10:00:00Z"), "2026-03-02T10:00:00.0000000Z");
  EXPECT_EQ(at("-2q"), "none");
  EXPECT_EQ(at("-2d@"), "none");
  EXPECT_EQ(at("rubbish"), "none");
}

TEST(Pack, BuiltInPacksLoadWithoutProblems) {
  PackLibrary library;
  load_builtin_packs(library);
  for (const auto& problem : library.problems) ADD_FAILURE() << problem.place << ": " << problem.message;
  EXPECT_GE(library.queries.size(), 12u);
  for (const auto& query : library.queries) {
    EXPECT_FALSE(query.doc.empty()) << query.name;
    EXPECT_FALSE(query.example.empty()) << query.name;
  }
  EXPECT_GE(builtin_views().size(), 2u);
}

TEST(Pack, ReadsAnchoredTexts) {
  PackLibrary library;
  library.load_text(R"(metadata:
  data_environments: [Prismacloud]
  data_families: [Prismacloud]
  aliases:
    - &relative |-
      {{ "unit": "{unit}" }}
sources:
  find_things:
    description: Finds things.
    args:
      query: *relative
    parameters:
      unit: {description: the unit, type: str}
)",
                    "test.yaml");
  for (const auto& problem : library.problems) ADD_FAILURE() << problem.place << ": " << problem.message;
  ASSERT_EQ(library.queries.size(), 1u);
  EXPECT_EQ(library.queries[0].text, "{{ \"unit\": \"{unit}\" }}");
  EXPECT_EQ(library.queries[0].line, 9u);
}

}  // namespace
}  // namespace huntbook
