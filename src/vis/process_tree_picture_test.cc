#include <gtest/gtest.h>

#include "analysis/test_table.h"
#include "vis/draw.h"

namespace huntbook {
namespace {

Picture tree_picture() {
  return {.kind = "processtree",
          .title = "Victim",
          .table = text_table({{"TimeGenerated", Type::kDatetime},
                               {"Computer", Type::kString},
                               {"NewProcessId", Type::kString},
                               {"ProcessId", Type::kString},
                               {"NewProcessName", Type::kString},
                               {"ParentProcessName", Type::kString},
                               {"CommandLine", Type::kString},
                               {"SubjectUserName", Type::kString},
                               {"Bad", Type::kBool}},
                              {{"2024-01-01T10:00:00Z", "A", "0x64", "0x4", "C:\\explorer.exe",
                                "C:\\userinit.exe", "", "ann", "false"},
                               {"2024-01-01T10:01:00Z", "A", "0xc8", "0x64", "C:\\cmd.exe",
                                "C:\\explorer.exe", "cmd /c <b>", "ann", "true"},
                               {"2024-01-01T10:02:00Z", "A", "0xc9", "0xc8", "C:\\whoami.exe", "C:\\cmd.exe",
                                "whoami", "ann", ""},
                               {"2024-01-01T10:03:00Z", "A", "0xca", "0x64", "C:\\calc.exe",
                                "C:\\explorer.exe", "calc", "ann", ""}}),
          .properties = {{"highlight", "Bad"}}};
}

TEST(ProcessTreePicture, IsDrawnInLetters) {
  auto text = draw_text(tree_picture(), 100);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text,
            "Victim\n"
            "4 process starts · 1 parent known only by name\n"
            "  userinit.exe (0x4) [not in the data]\n"
            "  └─ explorer.exe (0x64)  2024-01-01 10:00:00  ann\n"
            "*    ├─ cmd.exe (0xc8)  2024-01-01 10:01:00  ann  cmd /c <b>\n"
            "     │  └─ whoami.exe (0xc9)  2024-01-01 10:02:00  ann  whoami\n"
            "     └─ calc.exe (0xca)  2024-01-01 10:03:00  ann  calc\n");
}

TEST(ProcessTreePicture, IsDrawnAsSvgWithoutMarkupOfTheData) {
  auto svg = draw_svg(tree_picture());
  ASSERT_TRUE(svg.ok());
  EXPECT_NE(svg->find("cmd /c &lt;b&gt;"), std::string::npos);
  EXPECT_NE(svg->find("whoami.exe"), std::string::npos);
}

TEST(ProcessTreePicture, SaysWhatIsMissing) {
  Picture picture = tree_picture();
  picture.properties = {{"highlight", "Bat"}};
  auto failed = draw_html(picture);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "HB-D003");
  EXPECT_EQ(failed.error().hint, "did you mean `Bad`?");
  failed = draw_html({.kind = "processtree", .table = text_table({{"A", Type::kString}}, {})});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "HB-D010");
}

TEST(ProcessTreePicture, PagesAreMadeOfIt) { EXPECT_TRUE(draw_html(tree_picture()).ok()); }

}  // namespace
}  // namespace huntbook
