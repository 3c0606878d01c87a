// The lexer: tokens of every kind, bad bytes.
#include <gtest/gtest.h>

#include "kql/diagnose.h"
#include "kql/lex.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

TEST(Lex, Tokens) {
  EXPECT_EQ(print_tokens("T|where ['a b']!in~(\"x\" @'y', 1.5h,0xFF) // c\n| x=>y.. z"),
            "0-1 name T\n"
            "1-2 punctuation |\n"
            "2-7 name where\n"
            "8-15 bracketed ['a b']\n"
            "15-19 punctuation !in~\n"
            "19-20 punctuation (\n"
            "20-28 literal \"xy\"\n"
            "28-29 punctuation ,\n"
            "30-34 literal timespan(01:30:00)\n"
            "34-35 punctuation ,\n"
            "35-39 literal 255\n"
            "39-40 punctuation )\n"
            "46-47 punctuation |\n"
            "48-49 name x\n"
            "49-51 punctuation =>\n"
            "51-52 name y\n"
            "52-54 punctuation ..\n"
            "55-56 name z\n"
            "56-56 end\n");
}

TEST(Lex, Strings) {
  const auto value = [](std::string_view text) {
    Diagnostics diagnostics;
    const auto tokens = lex(text, diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << text;
    EXPECT_EQ(tokens.size(), 2u) << text;
    return tokens[0].literal.text;
  };
  EXPECT_EQ(value(R"("a\tb\n\"\\\x41\u00e9\U0001F600\101")"), "a\tb\n\"\\A\u00e9\U0001F600A");
  EXPECT_EQ(value(R"("\ud83d\ude00")"), "\U0001F600");
  EXPECT_EQ(value(R"('it''s')"), "its");
  EXPECT_EQ(value(R"(@"C:\x ""q""")"), "C:\\x \"q\"");
  EXPECT_EQ(value("h@'s\\' \n // between\n \"t\""), "s\\t");
  EXPECT_EQ(value("```a\n\"'\\```"), "a\n\"'\\");
  EXPECT_EQ(value("H~~~a~~b~~~"), "a~~b");
  EXPECT_EQ(value("@'two\nlines'"), "two\nlines");
}

TEST(Lex, Numbers) {
  const auto value = [](std::string_view text) {
    Diagnostics diagnostics;
    const auto tokens = lex(text, diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << text;
    std::string out;
    for (const Token& token : tokens) {
      if (token.kind == TokenKind::kLiteral) out += literal_text(token.literal) + " ";
      else if (token.kind != TokenKind::kEnd) out += std::string(token.text) + " ";
    }
    return out;
  };
  EXPECT_EQ(value("0 9223372036854775807 0xFFFFFFFFFFFFFFFF 1. 1.e3 1e-400 1e400 2.5E+2"),
            "0 9223372036854775807 -1 1.0 1000.0 0.0 real(inf) 250.0 ");
  EXPECT_EQ(value("1d 2day 3hr 4minutes 5sec 6millis 7micro 100nanos 8ticks 0.5s"),
            "timespan(1.00:00:00) timespan(2.00:00:00) timespan(03:00:00) timespan(00:04:00) "
            "timespan(00:00:05) timespan(00:00:00.0060000) "
            "timespan(00:00:00.0000070) timespan(00:00:00.0000001) timespan(00:00:00.0000008) "
            "timespan(00:00:00.5000000) ");
  EXPECT_EQ(value("1L 1mins 1abc 3Dchart"), "1L 1mins 1abc 3Dchart ");  // words that begin with a digit
  EXPECT_EQ(value("1..2 a.1b"), "1 .. 2 a . 1b ");
  EXPECT_EQ(value("datetime(2024-01-31T10:00:00+02:00) time(1) timespan(1.02:03:04.5) bool(1) int(-7) "
                  "real(-inf) guid(74BE27DE1E4E49D9B579FE0B331D3642)"),
            "datetime(2024-01-31T08:00:00.0000000Z) timespan(1.00:00:00) timespan(1.02:03:04.5000000) true "
            "int(-7) real(-inf) "
            "guid(74be27de-1e4e-49d9-b579-fe0b331d3642) ");
}

TEST(Lex, BadBytes) {
  const std::string_view text("T \xff\xfe \x00 \x1b[31m", 12);
  Diagnostics diagnostics;
  std::string kinds;
  for (const Token& token : lex(text, diagnostics)) kinds += "enblpX"[static_cast<size_t>(token.kind)];
  EXPECT_EQ(kinds, "nXXXple");
  ASSERT_EQ(diagnostics.size(), 3u);
  EXPECT_EQ(diagnostics[0].code, "HB-S001");
  EXPECT_EQ(diagnostics[0].span, (Span{2, 3}));
}

TEST(Lex, PastedBlanks) {
  Diagnostics diagnostics;
  EXPECT_EQ(lex("\ufeffT\u00a0|\u200b\u2003take\u202f1", diagnostics).size(), 5u);
  EXPECT_TRUE(diagnostics.empty());
}

}  // namespace
}  // namespace huntbook::kql
