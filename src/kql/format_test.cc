#include "kql/format.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "kql/golden_test.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

std::string formatted(const std::string& text) {
  auto made = format(text);
  if (!made.ok()) return "error: " + made.error().message + "\n";
  auto again = format(*made);
  EXPECT_TRUE(again.ok() && *again == *made) << *made;
  return *made;
}

TEST(Format, Golden) { check_golden("layouts.txt", formatted); }

TEST(Format, KeepsTokens) {
  const std::string text = "T|where a-1>-2 and b !has 'x'|project-away c*,*_d|extend e=a[ 0 ].f['g h']*2d";
  Diagnostics none;
  auto made = format(text);
  ASSERT_TRUE(made.ok());
  const auto before = lex(text, none), after = lex(*made, none);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].text, after[i].text);
}

TEST(Format, RefusesWhatDoesNotParse) {
  auto made = format("T | where (");
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "HB-S004");
}

TEST(Format, DeepTextStaysAsItIs) {
  std::string text = ".show x ";
  for (int i = 0; i < 100'000; ++i) text += "(";
  auto made = format(text);
  EXPECT_TRUE(!made.ok() || *made == text);
}

// The queries of the corpora, where they are at hand.
std::vector<std::string> corpus() {
  std::vector<std::string> queries;
  for (const char* name : {"realworld", "docs", "engine", "docs_engine"}) {
    std::ifstream in(std::string(HB_SHARED_DIR) + "/corpus/kql/" + name + ".jsonl");
    for (std::string line; std::getline(in, line);) {
      auto row = parse_json(line);
      if (const Json* query = row.ok() ? row->find("query") : nullptr) queries.push_back(query->as_string());
    }
  }
  return queries;
}

TEST(Format, KeepsTokensAndIsIdempotentOverRealQueries) {
  const auto queries = corpus();
  if (queries.empty()) GTEST_SKIP() << "no corpora beside the repository";
  size_t parsed = 0;
  for (const auto& query : queries) {
    auto made = format(" " + query);
    if (!made.ok()) continue;
    ++parsed;
    EXPECT_FALSE(made->starts_with(" ")) << "left as it is:\n" << query;
    auto again = format(*made);
    ASSERT_TRUE(again.ok()) << *made;
    EXPECT_EQ(*again, *made) << query;
    Diagnostics none;
    const auto before = lex(query, none), after = lex(*made, none);
    ASSERT_EQ(before.size(), after.size()) << query;
    for (size_t i = 0; i < before.size(); ++i) ASSERT_EQ(before[i].text, after[i].text) << query;
  }
  EXPECT_GT(parsed, queries.size() * 95 / 100);
}

}  // namespace
}  // namespace huntbook::kql
