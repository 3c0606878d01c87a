#include "base/text.h"

#include <gtest/gtest.h>

#include "base/unicode_set.h"

namespace huntbook {
namespace {

TEST(Text, InvalidBytesAreFoundAndRepaired) {
  EXPECT_TRUE(is_valid_utf8("aé€😀"));
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
  EXPECT_EQ(repair_utf8("a\xff\xc3(\xe2\x82"), "a\uFFFD\uFFFD(\uFFFD\uFFFD");
}

TEST(Text, CodePointsAreCountedAndWalked) {
  EXPECT_EQ(count_code_points("a😀b"), 3u);
  size_t pos = 0;
  EXPECT_EQ(next_code_point("é", pos), U'é');
  EXPECT_EQ(pos, 2u);
  std::string out;
  for (const char32_t c : {U'a', U'é', U'€', U'😀'}) append_utf8(out, c);
  EXPECT_EQ(out, "aé€😀");
}

TEST(Text, TermsAreLettersAndDigits) {
  for (const char32_t c : U"aZ09éПא") {
    if (c) EXPECT_TRUE(is_term_character(c)) << static_cast<uint32_t>(c);
  }
  for (const char32_t c : U"_-. \\/😀") {
    if (c) EXPECT_FALSE(is_term_character(c)) << static_cast<uint32_t>(c);
  }
}

TEST(Text, CaseFolds) {
  EXPECT_EQ(fold_case("É ПРИВЕТ Straße"), "é привет straße");
  EXPECT_EQ(to_lower("ÅNGSTRÖM"), "ångström");
  EXPECT_EQ(to_upper("naïveté"), "NAÏVETÉ");
}

TEST(Text, NearNamesAreOffered) {
  const std::vector<std::string> names = {"Account", "Computer", "TimeGenerated"};
  EXPECT_EQ(nearest_name("Acount", names), "Account");
  EXPECT_EQ(nearest_name("timegenerated", names), "TimeGenerated");
  EXPECT_EQ(nearest_name("Zebra", names), std::nullopt);
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
}

TEST(UnicodeSet, PropertiesAndOperations) {
  EXPECT_EQ(unicode_property("NoSuchThing"), std::nullopt);
  EXPECT_EQ(unicode_property("L}&&["), std::nullopt);
  ASSERT_TRUE(unicode_property("Nd"));
  EXPECT_EQ(unicode_property("Nd")->front(), (CodePointRange{'0', '9'}));
  EXPECT_EQ(normalized({{5, 9}, {1, 2}, {3, 4}, {20, 21}}), (CodePointSet{{1, 9}, {20, 21}}));
  EXPECT_EQ(complement({{0, 4}, {10, kLastCodePoint}}), (CodePointSet{{5, 9}}));
  EXPECT_EQ(complement({}), (CodePointSet{{0, kLastCodePoint}}));
  EXPECT_EQ(set_intersection({{1, 10}, {20, 30}}, {{5, 25}}), (CodePointSet{{5, 10}, {20, 25}}));
}

}  // namespace
}  // namespace huntbook
