#include "base/escape.h"

#include <gtest/gtest.h>

namespace huntbook {
namespace {

std::string json(std::string_view text, bool for_script = false) {
  std::string out;
  append_json_string(out, text, for_script);
  return out;
}

TEST(Escape, Html) {
  EXPECT_EQ(escape_html("<script>alert('x' & \"y\")</script>"),
            "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;");
  EXPECT_EQ(escape_html(std::string_view("a\0b\xff", 4)), "a\uFFFDb\uFFFD");
}

TEST(Escape, CsvNeutralisesFormulas) {
  EXPECT_EQ(escape_csv("=HYPERLINK(\"http://evil\",\"x\")"),
            "\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\"");
  EXPECT_EQ(escape_csv("=1+1", true), "=1+1");
  EXPECT_EQ(escape_csv("-5"), "-5");
  EXPECT_EQ(escape_csv("+1e3"), "+1e3");
  EXPECT_EQ(escape_csv("-cmd"), "'-cmd");
  EXPECT_EQ(escape_csv("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(escape_csv("\t=1"), "'\t=1");
  EXPECT_EQ(escape_csv("a,b"), "\"a,b\"");
  EXPECT_EQ(escape_csv("a\nb"), "\"a\nb\"");
  EXPECT_EQ(escape_csv("plain"), "plain");
}

TEST(Escape, TerminalShowsWhatWouldMoveTheCursor) {
  EXPECT_EQ(escape_terminal("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(escape_terminal("a\r\n\tb"), "a\\r\\n\\tb");
  EXPECT_EQ(escape_terminal("evil\u202Egpj.exe"), "evil\\u{202e}gpj.exe");
  EXPECT_EQ(escape_terminal("zero\u200Bwidth"), "zero\\u{200b}width");
  EXPECT_EQ(escape_terminal("\u009b31m"), "\\u{9b}31m");
  EXPECT_EQ(escape_terminal("naïve 😀"), "naïve 😀");
  EXPECT_EQ(escape_terminal("\xff"), "\uFFFD");
}

TEST(Escape, JsonStrings) {
  EXPECT_EQ(json("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(json("é\xff"), "\"é\uFFFD\"");
  EXPECT_EQ(json("</script>&\u2028", true), "\"\\u003c/script\\u003e\\u0026\\u2028\"");
  EXPECT_EQ(json("</script>"), "\"</script>\"");
}

TEST(Escape, SqlAndKql) {
  EXPECT_EQ(quote_sql_string("O'Brien'; DROP TABLE x--"), "'O''Brien''; DROP TABLE x--'");
  EXPECT_EQ(quote_sql_string(std::string_view("a\0b", 3)), "('a' || chr(0) || 'b')");
  EXPECT_EQ(quote_sql_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_kql_string("a\"\\\n\x01"), "\"a\\\"\\\\\\n\\u0001\"");
}

}  // namespace
}  // namespace huntbook
