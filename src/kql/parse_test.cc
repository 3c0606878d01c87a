// The parser: trees, mistakes, limits, and the corpora beside the project when they are there.
#include "kql/parse.h"

#include <gtest/gtest.h>

#include <ctime>
#include <set>

#include "base/json.h"
#include "kql/diagnose.h"
#include "kql/golden_test.h"

namespace huntbook::kql {
namespace {

std::string told(const Diagnostics& diagnostics, std::string_view text) {
  std::string out;
  for (const auto& each : diagnostics) out += render_diagnostic(each, text);
  return out;
}

std::string repeat(std::string_view part, size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (size_t i = 0; i < times; ++i) out += part;
  return out;
}

TEST(Parse, Trees) {
  check_golden("trees.txt", [](const std::string& query) {
    Diagnostics diagnostics;
    const Script script = parse(query, diagnostics);
    return print_tree(script) + told(diagnostics, query);
  });
}

TEST(Parse, Mistakes) {
  std::set<std::string> seen;
  check_golden("mistakes.txt", [&](const std::string& query) {
    Diagnostics diagnostics;
    parse(query, diagnostics);
    EXPECT_FALSE(diagnostics.empty()) << query;
    for (const auto& each : diagnostics) seen.insert(each.code);
    return told(diagnostics, query);
  });
  seen.insert("HB-S006");  // Parse.NestingIsLimited
  for (std::string_view code : {
#define HB_ERROR(name, code, message) code,
#include "kql/errors.def"
#undef HB_ERROR
       }) {
    EXPECT_TRUE(!code.starts_with("HB-S") || seen.contains(std::string(code)))
        << code << " has no golden case";
  }
}

TEST(Parse, SpansCoverWhatWasWritten) {
  const std::string text = "T | where Name == 'x' and f( a , 1 ) | join (U | take 1) on b";
  Diagnostics diagnostics;
  const Script script = parse(text, diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  const auto part = [&](Span span) { return text.substr(span.begin, span.end - span.begin); };
  EXPECT_EQ(part(script.statements[0].span), text);
  const Query& query = *std::get<QueryStatement>(script.statements[0].node).query;
  EXPECT_EQ(part(query.span), text);
  EXPECT_EQ(part(query.operators[0].span), "where Name == 'x' and f( a , 1 )");
  EXPECT_EQ(part(query.operators[0].name_span), "where");
  const Expr& predicate = *std::get<WhereOp>(query.operators[0].node).predicate;
  EXPECT_EQ(part(predicate.span), "Name == 'x' and f( a , 1 )");
  EXPECT_EQ(part(std::get<Binary>(predicate.node).right->span), "f( a , 1 )");
  EXPECT_EQ(part(std::get<JoinOp>(query.operators[1].node).right->span), "U | take 1");
}

TEST(Parse, NestingIsLimited) {
  for (const auto& [open, close] :
       std::initializer_list<std::pair<std::string, std::string>>{{"(", ")"},
                                                                  {"f(", ")"},
                                                                  {"a[", "]"},
                                                                  {"x in (", ")"},
                                                                  {"(T | where ", ")"},
                                                                  {"dynamic([", "])"},
                                                                  {"1 + (", ")"},
                                                                  {"toscalar(print ", ")"}}) {
    Diagnostics fine, deep;
    parse("print " + repeat(open, 200) + "1" + repeat(close, 200), fine);
    EXPECT_TRUE(fine.empty()) << open << told(fine, "");
    const std::string text = "print " + repeat(open, 100000) + "1" + repeat(close, 100000);
    parse(text, deep);
    ASSERT_EQ(deep.size(), 1u) << open;
    EXPECT_EQ(deep[0].code, "HB-S006") << open;
    EXPECT_EQ(deep[0].message, "query is nested deeper than 500 levels");
  }
  Diagnostics functions;
  parse(repeat("let f = () { ", 5000), functions);
  EXPECT_EQ(functions.at(0).code, "HB-S006");
}

TEST(Parse, LongChainsMakeLowTrees) {
  Diagnostics fine;
  parse("T | where " + repeat("a == 1 or ", 100000) + "b", fine);
  parse("T | where " + repeat("a == 1 and ", 100000) + "b", fine);
  EXPECT_TRUE(fine.empty()) << told(fine, "");
  for (const char* link : {".b", "[0]", " + 1", " * 2"}) {
    Diagnostics deep;
    parse("T | extend x = a" + repeat(link, 50000), deep);
    ASSERT_EQ(deep.size(), 1u) << link;
    EXPECT_EQ(deep[0].code, "HB-S006") << link;
  }
}

TEST(Parse, TimeIsLinear) {
  for (const char* part : {"T | where a == 'x' | ",
                           "let a=(;",
                           "int(",
                           "dynamic({",
                           "['",
                           "[\"a",
                           "```",
                           "(a,",
                           "x !in (",
                           "datetime(",
                           "T;",
                           "| ",
                           "let f = (a:long) {",
                           "é",
                           "\\",
                           "a.",
                           "-",
                           "{",
                           "1d ",
                           "\"a\" ",
                           "//x\n",
                           "in~",
                           "declare pattern {"}) {
    const std::string text = repeat(part, 1000000 / std::string_view(part).size());
    const std::clock_t start = std::clock();  // of this process: other work on the machine does not count
    Diagnostics diagnostics;
    parse(text, diagnostics);
    const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_LT(took, 5.0) << part;
    EXPECT_LE(diagnostics.size(), 101u) << part;
  }
}

// Every query of a corpus is accepted; `but` names what the text of a justified exception holds.
void check_corpus(const std::string& file, const std::string& field, const std::string& but) {
  std::ifstream in(std::string(HB_SHARED_DIR) + "/corpus/kql/" + file);
  if (!in) GTEST_SKIP() << "no ../shared/corpus/kql/" << file;
  std::string line;
  size_t read = 0;
  while (std::getline(in, line)) {
    auto entry = parse_json(line);
    ASSERT_TRUE(entry.ok());
    const std::string& query = entry->find(field)->as_string();
    Diagnostics diagnostics;
    const Script script = parse(query, diagnostics);
    ++read;
    if (!but.empty() && query.find(but) != std::string::npos) continue;
    EXPECT_TRUE(diagnostics.empty()) << entry->find("id")->as_string() << "\n" << told(diagnostics, query);
    EXPECT_FALSE(print_tree(script).empty());
  }
  EXPECT_GT(read, 400u);
}

TEST(Corpus, RealWorld) {
  check_corpus("realworld.jsonl", "query", "datetime(alpha)");
}  // a placeholder, no datetime
TEST(Corpus, Engine) { check_corpus("engine.jsonl", "query", ""); }
TEST(Corpus, Docs) { check_corpus("docs.jsonl", "query", ""); }
TEST(Corpus, DocsEngine) { check_corpus("docs_engine.jsonl", "kql", ""); }

TEST(Corpus, WhatTheEngineRefuses) {
  std::ifstream in(std::string(HB_SHARED_DIR) + "/corpus/kql/engine_errors.jsonl");
  if (!in) GTEST_SKIP() << "no ../shared/corpus/kql/engine_errors.jsonl";
  std::string line;
  while (std::getline(in, line)) {
    auto entry = parse_json(line);
    ASSERT_TRUE(entry.ok());
    if (entry->find("parser_errors")->as_array().empty()) continue;
    Diagnostics diagnostics;
    parse(entry->find("query")->as_string(), diagnostics);
    EXPECT_FALSE(diagnostics.empty()) << entry->find("query")->as_string();
  }
}

}  // namespace
}  // namespace huntbook::kql
