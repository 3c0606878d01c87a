#include "vis/draw.h"

#include <gtest/gtest.h>

#include "analysis/test_table.h"

namespace huntbook {
namespace {

Table small_table() {
  return text_table(
      {{"T", Type::kDatetime}, {"Name", Type::kString}},
      {{"2024-01-01", "<script>alert(1)</script>"}, {"2024-01-02", "</script><img src=x onerror=alert(2)>"}});
}

TEST(Draw, ListsItsKinds) {
  std::string names;
  for (const PictureKind& kind : picture_kinds()) {
    names += std::string(kind.name) + " ";
    EXPECT_FALSE(kind.doc.empty());
    EXPECT_FALSE(kind.properties.empty());
  }
  EXPECT_EQ(names, "timeline processtree table ");
}

TEST(Draw, RefusesUnknownKindsByName) {
  auto failed = draw_html({.kind = "piechart", .table = small_table()});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "unsupported");
  EXPECT_EQ(failed.error().construct, "piechart");
  EXPECT_EQ(failed.error().message, "pictures of kind `piechart` are not supported yet");
  EXPECT_EQ(failed.error().hint, "kinds that can be drawn: `timeline`, `processtree`, `table`");
  failed = draw_text({.kind = "timelin", .table = small_table()}, 80);
  EXPECT_EQ(failed.error().hint, "did you mean `timeline`?");
}

TEST(Draw, RefusesUnknownPropertiesAndTakesKustos) {
  auto failed = draw_html({.kind = "timeline", .table = small_table(), .properties = {{"serie", "Name"}}});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "HB-D002");
  EXPECT_EQ(failed.error().message, "`timeline` has no property `serie`");
  EXPECT_EQ(failed.error().hint, "did you mean `series`?");
  EXPECT_TRUE(
      draw_html({.kind = "timeline", .table = small_table(), .properties = {{"accumulate", "true"}}}).ok());
}

TEST(Draw, TablesHaveNoSvg) {
  auto failed = draw_svg({.kind = "table", .table = small_table()});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "unsupported");
  EXPECT_EQ(failed.error().message, "`table` cannot be drawn as SVG");
}

TEST(Draw, PagesHoldNoMarkupOfTheData) {
  const std::vector<Picture> pictures = {{.kind = "timeline",
                                          .title = "</title><script>alert(3)</script>",
                                          .table = small_table(),
                                          .properties = {{"series", "Name"}}},
                                         {.kind = "table", .table = small_table()}};
  auto page = report_html("</title><script>alert(4)</script>", pictures);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->find("<script>alert"), std::string::npos);
  EXPECT_EQ(page->find("onerror=alert(2)>"), std::string::npos);
  size_t scripts = 0;
  for (size_t at = page->find("</script>"); at != std::string::npos; at = page->find("</script>", at + 1))
    ++scripts;
  EXPECT_EQ(scripts, 2u + 1u + 1u + 2u);  // heads, the script, a column of the timeline, two of the table
  EXPECT_NE(page->find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page->find("<title>&lt;/title&gt;"), std::string::npos);
}

TEST(Draw, TextIsSafeForATerminal) {
  Picture picture{
      .kind = "timeline",
      .title = "a\x1b[31m",
      .table = text_table({{"T", Type::kDatetime}, {"Name", Type::kString}},
                          {{"2024-01-01", "x\x1b]0;evil\x07"}, {"2024-01-02", "\xE2\x80\xAEgnp"}})};
  auto text = draw_text(picture, 80);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->find('\x1b'), std::string::npos);
  EXPECT_EQ(text->find('\x07'), std::string::npos);
  EXPECT_EQ(text->find("\xE2\x80\xAE"), std::string::npos);
}

}  // namespace
}  // namespace huntbook
