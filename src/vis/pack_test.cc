#include "vis/pack.h"

#include <gtest/gtest.h>

#include <limits>

#include "analysis/test_table.h"
#include "base/time.h"

namespace huntbook {
namespace {

constexpr int64_t kNull = std::numeric_limits<int64_t>::min();

std::string base64(std::string_view text) {
  std::string out;
  append_base64(out, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  return out;
}

TEST(Pack, Base64PadsTheEnd) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
}

TEST(Pack, DictionaryKeepsItsNumbersWhenItGrows) {
  Dictionary dictionary;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < 5000; ++i) EXPECT_EQ(dictionary.add("text " + std::to_string(i)), i);
  }
  EXPECT_EQ(dictionary.size(), 5000u);
  EXPECT_EQ(dictionary.text(4999), "text 4999");
}

TEST(Pack, CodesTakeNoMoreBytesThanNeeded) {
  const std::vector<uint32_t> codes = {0, 1, 255};
  std::string out;
  EXPECT_EQ(append_codes(out, codes, 256), 1u);
  EXPECT_EQ(out, "\"AAH/\"");
  out.clear();
  EXPECT_EQ(append_codes(out, codes, 257), 2u);
  out.clear();
  EXPECT_EQ(append_codes(out, codes, 65537), 4u);
}

TEST(Pack, TimesUseTheCoarsestUnitThatIsExact) {
  const int64_t day = parse_datetime("2024-01-01").value();
  const std::vector<int64_t> seconds = {day + kTicksPerSecond, kNull, day + 3 * kTicksPerSecond};
  const int64_t base = time_base(seconds, kNull);
  EXPECT_EQ(base, day);
  std::string out;
  append_packed_times(out, seconds, base, kNull);
  EXPECT_EQ(out, "{\"base\":\"" + std::to_string(day) +
                     "\",\"unit\":10000000,\"width\":4,\"data\":\"AQAAAP////8DAAAA\"}");
  out.clear();
  const std::vector<int64_t> ticks = {0, kMaxDatetimeTicks};
  append_packed_times(out, ticks, time_base(ticks, kNull), kNull);
  EXPECT_NE(out.find("\"unit\":1,\"width\":8"), std::string::npos);
}

TEST(Pack, CellsAreMadeVisibleAndLongOnesSayHowMuchIsMissing) {
  const std::string lengthy(5000, 'x');
  const Table table = text_table({{"Text", Type::kString}}, {{"a\x1b[31mb"}, {lengthy}});
  const RowIndex index(table);
  std::string out;
  const std::vector<uint32_t> rows = {0, 1};
  append_packed_column(out, table, index, 0, rows);
  EXPECT_NE(out.find("{\"name\":\"Text\",\"type\":\"string\",\"codes\":\"AAE=\",\"width\":1"),
            std::string::npos);
  EXPECT_EQ(visible_text(lengthy, 4096), std::string(4096, 'x') + " … (+904 bytes)");
  EXPECT_EQ(visible_text("a\x1b[31mb").find('\x1b'), std::string::npos);
  EXPECT_EQ(visible_text("x\xEF\xBF\xBFy"), "x\xEF\xBF\xBDy");
}

}  // namespace
}  // namespace huntbook
