#include "packs/text_place.h"

#include <gtest/gtest.h>

#include <string>

#include "packs/pack.h"

namespace huntbook {
namespace {

// "line:column" of a word of the text, or of `?` when the place is not exact.
std::string where(const TextPlace& place, const std::string& text, const std::string& word) {
  const FilePosition at = place.position(text, text.find(word));
  return (place.exact() ? "" : "?") + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string where_in_rule(const std::string& yaml, const std::string& word) {
  const auto rules = rule_texts(yaml);
  return rules.empty() ? "none" : where(rules[0].place, rules[0].text, word);
}

TEST(TextPlace, Styles) {
  EXPECT_EQ(where_in_rule("query: |\n  T\n  | where x\n", "where"), "3:5");
  EXPECT_EQ(where_in_rule("a: 1\nquery: |-\n\n      T\n\n      | where é and x\nb: 2\n", "x"), "6:21");
  EXPECT_EQ(where_in_rule("query: T | where x\n", "where"), "1:12");
  EXPECT_EQ(where_in_rule("query: \"T | where x\"\n", "where"), "1:13");
  EXPECT_EQ(where_in_rule("query: 'T | where a == ''b'' and x'\n", "x"), "1:34");
  EXPECT_EQ(where_in_rule("query: '\n   T\n\n   | where a\n     and x'\n", "x"), "5:10");
  EXPECT_EQ(where_in_rule("query: >\n  T\n  | where x\n", "where"), "3:5");
  EXPECT_EQ(where_in_rule("query: | # the text\r\n  T\r\n  | where x\r\n", "where"), "3:5");
  EXPECT_EQ(where_in_rule("id: 1\nFunctionQuery: |\n  T | where x\n", "where"), "3:7");
  EXPECT_EQ(where_in_rule("query: \"T \\u007C where x\"\n", "where"), "?1:8");
  EXPECT_EQ(where_in_rule("query: [T]\n", "T"), "none");
}

TEST(TextPlace, Folded) {
  EXPECT_TRUE(rule_texts(",a: b\n").empty());  // a text on which the parser would go round for ever
  EXPECT_TRUE(rule_texts("query: '\n  T // a\n  | count'\n")[0].place.folded());
  EXPECT_FALSE(rule_texts("query: |\n  T // a\n")[0].place.folded());
}

TEST(TextPlace, OfARenderedQuery) {
  PackLibrary library;
  library.load_text(
      "metadata:\n  data_families: [a]\n  data_environments: [MSSentinel]\nsources:\n  q:\n    description: "
      "d\n    args:\n"
      "      query: |\n        T\n        {more}\n        | where A == '{name}' and B\n    parameters:\n     "
      " more: {description: more, "
      "type: str, default: ''}\n      name: {description: name, type: str}\n",
      "f.yaml");
  ASSERT_EQ(library.queries.size(), 1u);
  const PackQuery& query = library.queries[0];
  std::vector<uint32_t> origins;
  const auto text = render_query(query, {{"name", "a long value"}}, {}, &origins);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "T\n| where A == 'a long value' and B");
  ASSERT_EQ(origins.size(), text->size());
  const FilePosition at = query.place.position(query.text, origins[text->find(" and B") + 5]);
  EXPECT_EQ(at.line, 11u);
  EXPECT_EQ(at.column, 35u);
}

}  // namespace
}  // namespace huntbook
