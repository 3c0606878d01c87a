#include "kql/runtime/terms.h"

#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* what;
  bool expected;
};

TEST(Terms, OperatorsAndTheirOpposites) {
  for (const auto& [name, subject, what, expected] : std::initializer_list<Case>{
           {"has", "KustoExplorerQueryRun", "Explorer", false},
           {"has", "foo_bar", "foo", true},
           {"has", "alpha-beta", "ALPHA", true},
           {"has", "O'Brien", "a", false},
           {"has", "version=1.2.3", "2.3", true},
           {"has", "powershell -enc x", "-enc", true},
           {"has", "a-encoded", "-enc", false},
           {"has", "cmd.exe", ".exe", true},
           {"has", "a b", " ", true},
           {"has", "ab", " ", false},
           {"has", "", "", true},
           {"has", "", "x", false},
           {"has", "ПриветМир", "привет", false},
           {"has", "МИР привет", "ПРИВЕТ", true},
           {"has", "NAÏVE", "naïve", true},
           {"has", "caféteria", "caf", false},
           {"has", "xx aa a", "a", true},
           {"has_cs", "North America", "america", false},
           {"has_cs", "North America", "America", true},
           {"hasprefix", "North America", "ame", true},
           {"hasprefix", "North America", "rica", false},
           {"hasprefix", "alpha", "", true},
           {"hassuffix", "North America", "RICA", true},
           {"hassuffix", "North America", "Ame", false},
           {"hassuffix_cs", "North America", "rica", true},
           {"contains", "FabriKam", "BRik", true},
           {"contains", "axb", "a_b", false},
           {"contains", "a*b", "*", true},
           {"contains", "Straße", "STRASSE", false},
           {"contains", "ÜBER", "über", true},
           {"startswith", "Fabrikam", "fab", true},
           {"startswith", "Fa", "fab", false},
           {"endswith", "Fabrikam", "KAM", true},
           {"endswith", "École", "ÉCOLE", true},
           {"equal_fold", "ABC", "abc", true},
           {"equal_fold", "Straße", "straße", true},
           {"equal_fold", "strasse", "straße", false},
           {"equal_fold", "ＡＢＣ", "abc", false},
           {"contains_cs", "FabriKam", "kam", false},
       }) {
    const std::string plain = expected ? "true" : "false", opposite = expected ? "false" : "true";
    const std::string negated =
        std::string(name) == "equal_fold" ? "not_equal_fold" : "not_" + std::string(name);
    EXPECT_EQ(call(name, {text(subject), text(what)}, Type::kBool), plain)
        << name << " " << subject << " " << what;
    EXPECT_EQ(call(negated, {text(subject), text(what)}, Type::kBool), opposite)
        << negated << " " << subject << " " << what;
  }
}

TEST(Terms, LongTextsAreSearchedInBlocks) {
  for (size_t before = 0; before < 40; ++before) {
    for (size_t after = 0; after < 20; ++after) {
      const std::string subject = std::string(before, '.') + "Mimi.KATZ" + std::string(after, '.');
      ASSERT_TRUE(Needle("mimi.katz", true).in(subject, Edges::kBoth)) << before << " " << after;
      ASSERT_FALSE(Needle("mimi_katz", true).in(subject, Edges::kNone));
      ASSERT_FALSE(Needle("imi", true).in(subject, Edges::kLeft));
    }
  }
  EXPECT_TRUE(Needle("[", true).in("a[b", Edges::kNone));
  EXPECT_FALSE(Needle("[", true).in("a{b", Edges::kNone));  // differ only in the case bit
  EXPECT_FALSE(Needle("@", true).in("a`b", Edges::kNone));
}

TEST(Terms, Lists) {
  EXPECT_EQ(call("has_any", {text("North America"), dynamic(R"(["south","NORTH"])")}, Type::kBool), "true");
  EXPECT_EQ(call("has_any", {text("North America"), text("sou"), text("merica")}, Type::kBool), "false");
  EXPECT_EQ(call("has_all", {text("North America"), dynamic(R"(["america","north"])")}, Type::kBool), "true");
  EXPECT_EQ(call("has_all", {text("North America"), text("america"), text("south")}, Type::kBool), "false");
  EXPECT_EQ(call("has_any", {text("x"), dynamic("[]")}, Type::kBool), "false");
  EXPECT_EQ(call("has_any", {text("port 443"), dynamic("[80,443]")}, Type::kBool), "true");
  EXPECT_EQ(call("has_any_index", {text("this is an example"), dynamic(R"(["not","example"])")}, Type::kLong),
            "1");
  EXPECT_EQ(call("has_any_index", {text("Example number 2"), dynamic("[1,2,3]")}, Type::kLong), "1");
  EXPECT_EQ(call("in_fold", {text("É"), dynamic(R"(["a","é"])")}, Type::kBool), "true");
  EXPECT_EQ(call("in_fold", {text("b"), dynamic(R"(["a","é"])")}, Type::kBool), "false");
}

TEST(Terms, LongListsGiveWhatShortOnesGive) {
  std::string list = "[";
  for (int i = 0; i < 40; ++i) list += "\"term" + std::to_string(i) + "\",";
  list += "\".exe\",\"Ünïcode\"]";
  for (const auto& [subject, expected] :
       std::initializer_list<std::pair<const char*, const char*>>{{"a TERM7 b", "true"},
                                                                  {"term77", "false"},
                                                                  {"x.EXE", "true"},
                                                                  {"exe", "false"},
                                                                  {"ünÏcode!", "true"},
                                                                  {"", "false"}}) {
    EXPECT_EQ(call("has_any", {text(subject), dynamic(list)}, Type::kBool), expected) << subject;
  }
}

}  // namespace
}  // namespace huntbook::kql::runtime
