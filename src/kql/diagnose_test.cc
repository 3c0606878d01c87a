// How a diagnostic looks on a terminal.
#include "kql/diagnose.h"

#include <gtest/gtest.h>

namespace huntbook::kql {
namespace {

Diagnostic column_not_found(Span span) {
  Diagnostic made = diagnose(Error::kColumnNotFound, span, "Acount");
  made.hint = "did you mean `Account`?";
  return made;
}

TEST(Diagnose, LineAndCaret) {
  EXPECT_EQ(render_diagnostic(column_not_found({10, 16}), "T\n| where Acount == 1\n| take 1"),
            "error HB-L002: column `Acount` not found\n"
            "  at line 2, column 9\n"
            "  | | where Acount == 1\n"
            "            ^^^^^^\n"
            "hint: did you mean `Account`?\n");
}

TEST(Diagnose, TabsAndOtherScripts) {
  EXPECT_EQ(render_diagnostic(column_not_found({16, 22}), "T\t| where 'é€' + Acount"),
            "error HB-L002: column `Acount` not found\n"
            "  at line 1, column 14\n"
            "  | T | where 'é€' + Acount\n"
            "                 ^^^^^^\n"
            "hint: did you mean `Account`?\n");
}

TEST(Diagnose, LongLineIsCut) {
  const std::string text = std::string(300, 'x') + " Acount " + std::string(300, 'y');
  const std::string shown = render_diagnostic(column_not_found({301, 307}), text);
  EXPECT_EQ(shown,
            "error HB-L002: column `Acount` not found\n"
            "  at line 1, column 302\n"
            "  | …" +
                std::string(49, 'x') + " Acount " + std::string(43, 'y') +
                "…\n"
                "     " +
                std::string(50, ' ') +
                "^^^^^^\n"
                "hint: did you mean `Account`?\n");
}

TEST(Diagnose, HostileTextIsHarmless) {
  const std::string text = "print \x1b[31mred\x1b[0m";
  const std::string shown =
      render_diagnostic(diagnose(Error::kTableNotFound, {6, 11}, "\x1b]0;title\x07"), text);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(shown.find('\x07'), std::string::npos);
}

TEST(Diagnose, SpansOutsideTheText) {
  EXPECT_EQ(render_diagnostic(column_not_found({}), ""),
            "error HB-L002: column `Acount` not found\nhint: did you mean `Account`?\n");
  EXPECT_EQ(render_diagnostic(column_not_found({90, 95}), "T"),
            "error HB-L002: column `Acount` not found\n  at line 1, column 2\n  | T\n     ^\nhint: did you "
            "mean `Account`?\n");
  EXPECT_EQ(render_diagnostic(column_not_found({2, 9}), "a (\nb\nc)"),
            "error HB-L002: column `Acount` not found\n  at line 1, column 3\n  | a (\n      ^\nhint: did "
            "you mean `Account`?\n");
}

TEST(Diagnose, Unsupported) {
  const Diagnostic made = unsupported("operator `fork`", {4, 8});
  EXPECT_EQ(made.construct, "operator `fork`");
  EXPECT_EQ(render_diagnostic(made, "T | fork (count)"),
            "error unsupported: operator `fork` is not supported yet\n  at line 1, column 5\n  | T | fork "
            "(count)\n        ^^^^\n");
}

}  // namespace
}  // namespace huntbook::kql
