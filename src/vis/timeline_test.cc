#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/test_table.h"
#include "vis/draw.h"
#include "vis/svg.h"
#include "vis/timeline_data.h"

namespace huntbook {
namespace {

Picture events_picture() {
  return {.kind = "timeline",
          .title = "Logons",
          .table = text_table(
              {{"TimeGenerated", Type::kDatetime}, {"EventID", Type::kInt}, {"Account", Type::kString}},
              {{"2024-01-01T12:00:00Z", "4625", "bob"},
               {"2024-01-01T00:00:00Z", "4624", "ann"},
               {"", "4624", "no time"},
               {"2024-01-02T00:00:00Z", "528", "zoe"}})};
}

TEST(TimelineData, OrdersByTimeAndCountsEveryEvent) {
  auto data = timeline_data(events_picture());
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(data->total, 4u);
  EXPECT_EQ(data->rows, (std::vector<uint32_t>{1, 0, 3}));
  ASSERT_EQ(data->lanes.size(), 3u);
  EXPECT_EQ(data->lanes[0].label, "528");
  EXPECT_EQ(data->lanes[1].label, "4624");
  EXPECT_EQ(data->lanes[1].count, 1u);
  EXPECT_EQ(data->lane_of, (std::vector<uint32_t>{1, 2, 0}));
  EXPECT_EQ(data->columns, (std::vector<size_t>{1, 2}));
  EXPECT_EQ(data->notes, std::vector<std::string>{"1 row has no TimeGenerated and cannot be drawn"});
}

TEST(TimelineData, PutsTheRarestSeriesTogether) {
  std::vector<std::string> names;
  for (int i = 0; i < 60; ++i) names.push_back("host" + std::to_string(100 + i));
  std::vector<std::vector<std::string_view>> rows;
  for (int i = 0; i < 60; ++i) {
    for (int k = 0; k <= i; ++k) rows.push_back({"2024-01-01", names[static_cast<size_t>(i)]});
  }
  Picture picture{.kind = "timeline",
                  .table = text_table({{"T", Type::kDatetime}, {"Host", Type::kString}}, rows),
                  .properties = {{"series", "Host"}}};
  auto data = timeline_data(picture);
  ASSERT_TRUE(data.ok());
  ASSERT_EQ(data->lanes.size(), kMostLanes);
  EXPECT_TRUE(data->has_other);
  EXPECT_EQ(data->lanes.back().label, "other (21)");
  EXPECT_EQ(data->lanes.back().count, 21u * 22 / 2);
  EXPECT_EQ(data->lanes.front().label, "host121");
  uint64_t sum = 0;
  for (const Lane& lane : data->lanes) sum += lane.count;
  EXPECT_EQ(sum, 60u * 61 / 2);
}

TEST(TimelineData, ShowsColumnsThatDiffer) {
  Picture picture{.kind = "timeline",
                  .table = text_table(
                      {{"T", Type::kDatetime},
                       {"Channel", Type::kString},
                       {"EventID", Type::kInt},
                       {"Empty", Type::kString},
                       {"Host", Type::kString}},
                      {{"2024-01-01", "Security", "1", "", "a"}, {"2024-01-02", "Security", "1", "", "b"}})};
  auto data = timeline_data(picture);
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(data->columns, (std::vector<size_t>{2, 4}));
  picture.properties = {{"ycolumns", "Empty, Channel"}};
  data = timeline_data(picture);
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(data->columns, (std::vector<size_t>{3, 1}));
}

TEST(TimelineData, NamesWhatIsWrong) {
  Picture picture = events_picture();
  picture.properties = {{"xcolumn", "TimeGenerate"}};
  auto failed = timeline_data(picture);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "HB-D003");
  EXPECT_EQ(failed.error().message, "column `TimeGenerate` not found in the picture's table");
  EXPECT_EQ(failed.error().hint, "did you mean `TimeGenerated`?");
  picture.properties = {{"xcolumn", "Account"}};
  failed = timeline_data(picture);
  EXPECT_EQ(failed.error().code, "HB-D004");
  EXPECT_EQ(failed.error().message, "`xcolumn` must be a datetime column, `Account` is string");
  EXPECT_EQ(failed.error().hint, "convert it with `extend Account = todatetime(Account)`");
  picture.properties = {{"reference", "soon"}};
  failed = timeline_data(picture);
  EXPECT_EQ(failed.error().code, "HB-D006");
  EXPECT_EQ(failed.error().message, "`soon` is not a time");
  picture.properties = {};
  picture.table = text_table({{"A", Type::kString}}, {{"x"}});
  failed = timeline_data(picture);
  EXPECT_EQ(failed.error().code, "HB-D005");
  EXPECT_EQ(failed.error().message, "`timeline` needs a datetime column and the table has none");
}

TEST(TimelineData, TakesReferenceTimesWithLabels) {
  Picture picture = events_picture();
  picture.properties = {{"reference", "2024-01-01T06:00:00Z=phishing mail; 2024-01-01T07:00:00Z"}};
  auto data = timeline_data(picture);
  ASSERT_TRUE(data.ok());
  ASSERT_EQ(data->references.size(), 2u);
  EXPECT_EQ(data->references[0].label, "phishing mail");
  EXPECT_EQ(data->references[1].label, "2024-01-01 07:00:00");
}

TEST(TimelineText, DrawsALineOfBlocksPerLane) {
  auto text = draw_text(events_picture(), 60);
  ASSERT_TRUE(text.ok());
  const std::string gap46(46, ' ');
  EXPECT_EQ(*text,
            "Logons\n"
            "3 events from 2024-01-01 00:00:00 to 2024-01-02 00:00:00 UTC\n"
            "528  │" +
                std::string(50, ' ') + "█│ 1\n" + "4624 │█" + std::string(50, ' ') + "│ 1\n" + "4625 │" +
                std::string(25, ' ') + "█" + std::string(25, ' ') + "│ 1\n" + "      2024-01-01 00:00" +
                std::string(19, ' ') +
                "2024-01-02 00:00\n"
                "1 row has no TimeGenerated and cannot be drawn\n");
}

TEST(TimelineText, SaysWhenThereIsNothing) {
  auto text = draw_text({.kind = "timeline", .table = text_table({{"T", Type::kDatetime}}, {})}, 60);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "no events\n");
}

TEST(TimelineSvg, DrawsEveryEventAndNoMarkup) {
  Picture picture = events_picture();
  picture.title = "</svg><script>alert(1)</script>";
  auto svg = draw_svg(picture);
  ASSERT_TRUE(svg.ok());
  size_t marks = 0;
  for (size_t at = svg->find("h0"); at != std::string::npos; at = svg->find("h0", at + 1)) ++marks;
  EXPECT_EQ(marks, 3u);
  EXPECT_EQ(svg->find("<script"), std::string::npos);
  EXPECT_TRUE(svg->ends_with("</svg>\n"));
}

TEST(Svg, ElidesWhatDoesNotFit) {
  EXPECT_EQ(elide("short", 12, 100), "short");
  const std::string cut = elide("a rather long label that cannot fit", 12, 100);
  EXPECT_TRUE(cut.ends_with("…"));
  EXPECT_LE(text_width(cut, 12), 100);
}

TEST(Svg, AxisTicksAreRoundAndInside) {
  const int64_t from = parse_datetime("2024-01-01T10:07:00Z").value();
  const int64_t to = parse_datetime("2024-01-01T16:40:00Z").value();
  std::string labels;
  for (const AxisTick& tick : time_axis(from, to, 900, 11.5)) {
    EXPECT_GE(tick.ticks, from);
    EXPECT_LE(tick.ticks, to);
    labels += tick.label + " ";
  }
  EXPECT_EQ(labels, "10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30 ");
  const auto months =
      time_axis(parse_datetime("2020-02-01").value(), parse_datetime("2021-08-01").value(), 900, 11.5);
  EXPECT_EQ(months.front().label, "Feb");
  EXPECT_EQ(months.size(), 19u);
  EXPECT_FALSE(time_axis(0, kMaxDatetimeTicks, 900, 11.5).empty());
  EXPECT_FALSE(time_axis(from, from + 40, 900, 11.5).empty());
}

}  // namespace
}  // namespace huntbook
