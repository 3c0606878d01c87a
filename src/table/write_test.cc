#include "table/write.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/time.h"
#include "table/builder.h"

namespace huntbook {
namespace {

// One row of every type, then one of nulls.
Table every_type() {
  Schema schema;
  std::vector<ColumnBuilder> columns;
  const auto add = [&](std::string name, Type type) -> ColumnBuilder& {
    schema.fields.push_back({std::move(name), type, ""});
    columns.emplace_back(type);
    return columns.back();
  };
  add("b", Type::kBool).append_bool(true);
  add("i", Type::kInt).append_int(-5);
  add("l", Type::kLong).append_long(INT64_MAX);
  add("r", Type::kReal).append_real(42);
  add("s", Type::kString).append_text("a\"b");
  add("t", Type::kDatetime).append_long(*parse_datetime("2017-01-01"));
  add("ts", Type::kTimespan).append_long(26 * kTicksPerHour);
  add("d", Type::kDynamic).append_text("{\"a\":[1]}");
  add("g", Type::kGuid).append_text("70fc66f7-c279-4ede-a8f2-af5aae8d1b9c");
  add("dec", Type::kDecimal).append_text("1.5");
  for (auto& column : columns) column.append_null();
  return make_table(std::move(schema), std::move(columns));
}

Table texts(std::vector<std::string> cells) {
  ColumnBuilder column(Type::kString);
  ColumnBuilder count(Type::kLong);
  for (const auto& cell : cells) {
    column.append_text(cell);
    count.append_long(static_cast<int64_t>(cell.size()));
  }
  std::vector<ColumnBuilder> columns;
  columns.push_back(std::move(column));
  columns.push_back(std::move(count));
  return make_table({{{"Name", Type::kString, ""}, {"Size", Type::kLong, ""}}}, std::move(columns));
}

TEST(Write, JsonOfEveryType) {
  EXPECT_EQ(
      to_json(every_type()),
      R"({"columns":[{"name":"b","type":"bool"},{"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"r","type":"real"},)"
      R"({"name":"s","type":"string"},{"name":"t","type":"datetime"},{"name":"ts","type":"timespan"},{"name":"d","type":"dynamic"},)"
      R"({"name":"g","type":"guid"},{"name":"dec","type":"decimal"}],"rows":[)"
      R"([true,-5,9223372036854775807,42.0,"a\"b","2017-01-01T00:00:00.0000000Z","1.02:00:00",{"a":[1]},"70fc66f7-c279-4ede-a8f2-af5aae8d1b9c","1.5"],)"
      R"([null,null,null,null,"",null,null,null,null,null]],"completeness":"complete","rejected":0})"
      "\n");
}

TEST(Write, NumbersThatJsonCannotHold) {
  ColumnBuilder column(Type::kReal);
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL, 0.1}) column.append_real(value);
  std::vector<ColumnBuilder> columns;
  columns.push_back(std::move(column));
  const Table table = make_table({{{"r", Type::kReal, ""}}}, std::move(columns));
  std::string rows;
  append_rows_json(rows, table);
  EXPECT_EQ(rows, R"([["NaN"],["Infinity"],["-Infinity"],[0.1]])");
  EXPECT_EQ(to_csv(table), "r\r\nNaN\r\nInfinity\r\n-Infinity\r\n0.1\r\n");
}

TEST(Write, JsonLines) {
  EXPECT_EQ(to_json_lines(texts({"a", "\xff"})),
            "{\"Name\":\"a\",\"Size\":1}\n{\"Name\":\"\uFFFD\",\"Size\":1}\n");
}

TEST(Write, CsvSaysUtcAndNeutralisesFormulas) {
  EXPECT_EQ(to_csv(every_type()),
            "b,i,l,r,s,t [UTC],ts,d,g,dec\r\n"
            "true,-5,9223372036854775807,42,\"a\"\"b\",2017-01-01T00:00:00.0000000Z,1.02:00:00,\"{\"\"a\"\":["
            "1]}\",70fc66f7-c279-4ede-a8f2-af5aae8d1b9c,1.5\r\n"
            ",,,,,,,,,\r\n");
  EXPECT_EQ(to_csv(texts({"=cmd|' /C calc'!A0"})), "Name,Size\r\n'=cmd|' /C calc'!A0,18\r\n");
  EXPECT_EQ(to_csv(texts({"=1"}), true), "Name,Size\r\n=1,2\r\n");
}

TEST(Write, TextIsAlignedAndHarmless) {
  EXPECT_EQ(to_text(texts({"a", "b\x1b[31m", "naïve"}), {}),
            "Name       Size\n"
            "─────────  ────\n"
            "a             1\n"
            "b\\x1b[31m     6\n"
            "naïve         6\n"
            "3 rows\n");
  EXPECT_EQ(to_text(texts({"a"}), {}), "Name  Size\n────  ────\na        1\n1 row\n");
}

TEST(Write, TextIsCutToTheWidth) {
  EXPECT_EQ(to_text(texts({std::string(40, 'x'), "short"}), {.width = 20}),
            "Name            Size\n"
            "──────────────  ────\n"
            "xxxxxxxxxxxxx…    40\n"
            "short              5\n"
            "2 rows\n");
  EXPECT_EQ(to_text(texts({"a", "b", "c"}), {.max_rows = 2}),
            "Name  Size\n────  ────\na        1\nb        1\n2 of 3 rows\n");
}

TEST(Write, TooManyColumnsBecomeBlocks) {
  Schema schema;
  std::vector<ColumnBuilder> columns;
  for (size_t i = 0; i < 30; ++i) {
    schema.fields.push_back({"Column" + std::to_string(i), Type::kString, ""});
    columns.emplace_back(Type::kString);
    columns.back().append_text(i == 3 ? "a value that is longer than the line" : "");
    columns.back().append_text(i == 29 ? "short\x1b" : "");
  }
  EXPECT_EQ(to_text(make_table(std::move(schema), std::move(columns)), {.width = 40}),
            "row 1\n"
            "  Column3   a value that is longer than…\n"
            "row 2\n"
            "  Column29  short\\x1b\n"
            "2 rows, 30 columns; fields without a value are not shown\n");
}

TEST(Write, TextSaysWhatIsMissing) {
  Table table = texts({});
  table.completeness = Completeness::kPartial;
  table.reasons = {"connection `b` timed out", "half a day\x1b[2J"};
  table.rejected = 3;
  EXPECT_EQ(to_text(table, {}),
            "Name  Size\n────  ────\n0 rows\n"
            "partial: connection `b` timed out; half a day\\x1b[2J\n"
            "3 source rows rejected: see `huntbook rejects`\n");
}

TEST(Write, DatetimesAreShortened) {
  ColumnBuilder column(Type::kDatetime);
  column.append_long(*parse_datetime("2017-01-01 10:20:30"));
  column.append_long(*parse_datetime("2017-01-01 10:20:30.5"));
  std::vector<ColumnBuilder> columns;
  columns.push_back(std::move(column));
  EXPECT_EQ(to_text(make_table({{{"t", Type::kDatetime, ""}}}, std::move(columns)), {}),
            "t\n────────────────────────────\n2017-01-01T10:20:30Z\n2017-01-01T10:20:30.5000000Z\n2 rows\n");
}

}  // namespace
}  // namespace huntbook
