#include "kql/runtime/regex.h"

#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

std::string problem(std::string_view pattern) {
  const Status status = check_regex(pattern);
  return status ? "fine" : status.error().code + " " + status.error().message;
}

struct Match {
  const char* pattern;
  const char* text;
  bool expected;
};

TEST(Regex, MeansWhatTheRustDialectMeans) {
  for (const auto& [pattern, subject, expected] : std::initializer_list<Match>{
           {"b.*k", "Fabrikam", true},
           {"B", "b", false},
           {"(?i)B", "b", true},
           {R"(^\d$)", "٣", true},
           {R"(^\d$)", "１", true},
           {R"(^\w+$)", "naïve_Ж", true},
           {R"(^\W$)", "é", false},
           {R"(^\s$)", "\u00a0", true},
           {R"(^[\w]+$)", "é", true},
           {R"(^[^\W_]+$)", "aé9", true},
           {R"(^[^\W_]+$)", "a_", false},
           {R"(^[\W_]+$)", "-_", true},
           {R"(^[\S]$)", "\u00a0", false},
           {R"((?-u:^\d$))", "٣", false},
           {"^[a-z&&[^aeiou]]+$", "xyz", true},
           {"^[a-z&&[^aeiou]]+$", "xya", false},
           {"^[0-9--4]+$", "123", true},
           {"^[0-9--4]+$", "34", false},
           {"^[a-g~~b-h]+$", "ah", true},
           {"^[a-g~~b-h]+$", "c", false},
           {"^[]a]+$", "]a", true},
           {"^[[]x$", "[x", true},
           {R"(^\0411$)", "!1", true},
           {"^[a-]+$", "a-", true},
           {R"(^[\w-.]+$)", "a-b.c", true},
           {"^[[:alpha:]_]+$", "ab_", true},
           {"^[^[:^digit:]]+$", "12", true},
           {R"(^\p{Greek}\p{Lu}$)", "αB", true},
           {R"(^\pL\PL$)", "a1", true},
           {R"(^\p{Letter}$)", "é", true},
           {R"(^\x41\x{42}\u0043\U00000044$)", "ABCD", true},
           {"(?x) a b # comment\n c", "abc", true},
           {"(?x) [ a ] \\ ", "a ", true},
           {"^a{2,3}?$", "aaa", true},
           {"^a{,2}$", "aa", true},
           {"^a{,2}$", "aaa", false},
           {"^(?:a{2}){2}$", "aaaa", true},
           {"^a{2}{2}$", "aaaa", true},
           {"^a++$", "aaa", true},
           {R"(^\/\-\_\"\ $)", "/-_\" ", true},
           {R"(\bfoo\b)", "a foo b", true},
           {R"(\bfoo\b)", "afoo", false},
           {R"(\bпривет\b)", "а привет б", true},
           {R"(\bпривет\b)", "априветб", false},
           {R"(\bcaf\b)", "café", false},
           {R"(\Bé)", "caféé", true},
           {R"((?i)\bÉCOLE$)", "l'école", true},
           {R"(\bx$)", "é x\n", false},
           {R"((?m)\bx$)", "é x\ny", true},
           {"a$", "a\n", false},
           {"(?m)^b$", "a\nb\nc", true},
           {"^.$", "\n", false},
           {"(?s)^.$", "\n", true},
           {"", "", true},
           {"é+", "xéé", true},
           {"(?i)É", "é", true},
           {"{x}", "{x}", true},
       }) {
    EXPECT_EQ(problem(pattern), "fine") << pattern;
    EXPECT_EQ(Regex(pattern).matches(subject), expected) << pattern << " on " << subject;
  }
}

TEST(Regex, OneSidedBoundaries) {
  const auto found = [](const char* pattern, const char* text) {
    EXPECT_EQ(problem(pattern), "fine") << pattern;
    return Regex(pattern).matches(text);
  };
  EXPECT_TRUE(found(R"(\<\d+\>)", "a 12 b"));
  EXPECT_FALSE(found(R"(\<\d+\>)", "a12 12b"));
  EXPECT_TRUE(found(R"(\<Error\>)", "<Error>"));
  EXPECT_FALSE(found(R"(\<Error\>)", "Errors"));
  EXPECT_TRUE(found(R"(\b{start}(?:[a-f0-9]{2})\b{end})", "x, a0."));
  EXPECT_TRUE(found(R"(x \<(a|b)|\<q)", "q"));
  EXPECT_FALSE(found(R"(\<\/Error)", "</Error"));
  EXPECT_FALSE(found(R"(([a-f]{2})\<)", "ab "));
  EXPECT_FALSE(found(R"(\<-)", "a-"));
}

TEST(Regex, WhatCannotRunIsNamed) {
  EXPECT_EQ(problem("(?=a)b"), "unsupported regex look-around is not supported yet");
  EXPECT_EQ(problem("(?<!a)b"), "unsupported regex look-around is not supported yet");
  EXPECT_EQ(problem(R"((a)\1)"), "unsupported regex back-reference is not supported yet");
  EXPECT_EQ(problem("(?>a)"), "unsupported regex atomic group is not supported yet");
  EXPECT_EQ(problem(R"(\<.a)"), "unsupported regex word boundary `\\<` is not supported yet");
  EXPECT_EQ(problem(R"((a|-)\b{end})"), "unsupported regex word boundary `\\b{end}` is not supported yet");
  EXPECT_EQ(problem(R"(\b{start-half}a)"), "unsupported regex word boundary `\\b{...}` is not supported yet");
  EXPECT_EQ(problem("(?R)a"), "unsupported regex flag `R` is not supported yet");
  EXPECT_EQ(problem("(a"), "HB-A003 regular expression cannot be used: unclosed group");
  EXPECT_EQ(problem("a)"), "HB-A003 regular expression cannot be used: unopened group");
  EXPECT_EQ(problem("[a"), "HB-A003 regular expression cannot be used: unclosed class");
  EXPECT_EQ(problem("[z-a]"), "HB-A003 regular expression cannot be used: a range of a class runs backwards");
  EXPECT_EQ(problem("*a"), "HB-A003 regular expression cannot be used: nothing to repeat");
  EXPECT_EQ(problem(R"(\q)"), "HB-A003 regular expression cannot be used: unknown escape `\\q`");
  EXPECT_EQ(problem(R"(\p{Nothing})"),
            "HB-A003 regular expression cannot be used: unknown Unicode property `Nothing`");
  EXPECT_EQ(problem("a\\"), "HB-A003 regular expression cannot be used: it ends in a backslash");
  EXPECT_EQ(problem(R"(\x{110000})"), "HB-A003 regular expression cannot be used: wrong hexadecimal escape");
  EXPECT_EQ(problem("a{1,5000}"),
            "HB-A003 regular expression cannot be used: invalid repetition size: {1,5000}");
  EXPECT_EQ(problem(std::string(5000, '(')), "HB-A003 regular expression cannot be used: groups too deep");
  EXPECT_EQ(problem(std::string(5000, '[')), "HB-A003 regular expression cannot be used: classes too deep");
  EXPECT_EQ(check_regex("ab(?=c)").error().span, (Span{2, 6}));
}

TEST(Regex, BoundariesBeyondAsciiKeepGroups) {
  std::vector<std::string_view> found;
  const Regex regex(R"((?P<first>\b\w+\b)-(x)?)");
  ASSERT_TRUE(regex.find("ü naïve-", 0, found));
  EXPECT_EQ(found, (std::vector<std::string_view>{"naïve-", "naïve", ""}));
  EXPECT_EQ(found[2].data(), nullptr);
  // Catastrophic for a backtracking matcher: it gives up and RE2 answers.
  EXPECT_FALSE(Regex(R"((?:(?:a+)+)+\b!)").matches("é" + std::string(60, 'a')));
}

TEST(RegexBodies, Extract) {
  const auto extract = [](std::string_view pattern, int64_t group, std::string_view subject) {
    return call("extract", {text(pattern), number(group), text(subject)}, Type::kString);
  };
  EXPECT_EQ(extract("x=([0-9.]+)", 1, "hello x=45.6"), "45.6");
  EXPECT_EQ(extract("x=([0-9.]+)", 0, "hello x=45.6"), "x=45.6");
  EXPECT_EQ(extract("x=([0-9.]+)", 2, "hello x=45.6"), "");
  EXPECT_EQ(extract("(a)(b)?", 2, "ac"), "");
  EXPECT_EQ(extract("(", 0, "("), "");
  EXPECT_EQ(extract(R"(key:.?(\w+))", 1, "key:val"), "al");
}

TEST(RegexBodies, ExtractAll) {
  const auto all = [](const std::vector<Value>& args) { return call("extract_all", args, Type::kDynamic); };
  EXPECT_EQ(all({text(R"(([a-z])(\d))"), text("a1 b2 c3")}), R"([["a","1"],["b","2"],["c","3"]])");
  EXPECT_EQ(all({text(R"(([\da-f]{2}))"), text("82b8-be")}), R"(["82","b8","be"])");
  EXPECT_EQ(all({text("(a)(b)?"), text("aab")}), R"([["a",""],["a","b"]])");
  EXPECT_EQ(all({text(R"((\w)(\w+)(\w))"), dynamic("[1,3]"), text("82b8-dfa7")}), R"([["8","8"],["d","7"]])");
  EXPECT_EQ(all({text(R"((?P<first>\w)(?P<rest>\w+))"), dynamic(R"(["rest"])"), text("abc de")}),
            R"(["bc","e"])");
  EXPECT_EQ(all({text("(x)"), text("abc")}), "null");
  EXPECT_EQ(all({text("(é*)"), text("aéb")}), R"(["","é",""])");
}

TEST(RegexBodies, ReplaceTrimCount) {
  EXPECT_EQ(call("replace_regex", {text("Number is 42"), text(R"(is (\d+))"), text(R"(was: \1 \\ \0)")},
                 Type::kString),
            R"(Number was: 42 \ is 42)");
  EXPECT_EQ(call("replace_regex", {text("abc"), text("x"), text("y")}, Type::kString), "abc");
  EXPECT_EQ(call("replace_regex", {text("abc"), text("x*"), text("-")}, Type::kString), "-a-b-c-");
  EXPECT_EQ(call("replace_regex", {text({}), text("x*"), text("-")}, Type::kString), "-");
  EXPECT_EQ(call("indexof_regex", {text({}), text("x*")}, Type::kLong), "0");
  EXPECT_EQ(call("replace", {text(R"(\d)"), text("#"), text("a1b2")}, Type::kString), "a#b#");
  const auto trim = [](const char* name, const char* pattern, const char* subject) {
    return call(name, {text(pattern), text(subject)}, Type::kString);
  };
  EXPECT_EQ(trim("trim", "x", "xxabcxx"), "xabcx");
  EXPECT_EQ(trim("trim", "x", "xxx"), "x");
  EXPECT_EQ(trim("trim", "1", "11"), "");
  EXPECT_EQ(trim("trim", R"(\s+)", "  a b  "), "a b");
  EXPECT_EQ(trim("trim", R"([\sx])", "trim\tme\t"), "trim\tme");
  EXPECT_EQ(trim("trim", R"([^\w]+)", "-  Te st1// $"), "Te st1");
  EXPECT_EQ(trim("trim_start", "x", "xxabcxx"), "xabcxx");
  EXPECT_EQ(trim("trim_end", "_", "__world__"), "__world_");
  EXPECT_EQ(call("countof_kind", {text("hello world hello"), text("l+"), text("regex")}, Type::kLong), "3");
  EXPECT_EQ(call("countof_kind", {text("aaaa"), text("aa"), text("normal")}, Type::kLong), "3");
  const auto index = [](std::vector<Value> args) { return call("indexof_regex", args, Type::kLong); };
  EXPECT_EQ(index({text("abcabc"), text("a.c")}), "0");
  EXPECT_EQ(index({text("abcabcdefg"), text("a.c"), number(0), number(9), number(2)}), "3");
  EXPECT_EQ(index({text("abcabc"), text("a.c"), number(1), number(-1), number(2)}), "-1");
  EXPECT_EQ(index({text("ababaa"), text("a.a"), number(0), number(-1), number(2)}), "-1");
  EXPECT_EQ(index({text("abcabc"), text("a|ab"), number(-1)}), "null");
}

}  // namespace
}  // namespace huntbook::kql::runtime
