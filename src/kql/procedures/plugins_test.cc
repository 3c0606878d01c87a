// The procedures behind plugins, on small tables and on empty ones.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/json.h"
#include "kql/procedures/procedure.h"

namespace huntbook::kql {
namespace {

using Types = std::vector<Type>;

Schema schema_of(const Types& types) {
  Schema schema;
  for (const Type type : types) schema.fields.push_back({"c" + std::to_string(schema.size()), type, ""});
  return schema;
}

Table table_of(const Types& types, const std::vector<std::vector<Cell>>& rows) {
  std::vector<ColumnBuilder> builders;
  for (const Type type : types) builders.emplace_back(type);
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) append_cell(builders[c], row[c]);
  }
  return make_table(schema_of(types), std::move(builders));
}

Cell number(int64_t value) { return Cell::of_long(value); }
Cell real(double value) { return Cell::of_real(value); }
Cell text(std::string value) { return Cell::of_text(std::move(value)); }

// The rows as texts, cells with blanks between them; or what went wrong.
std::vector<std::string> run(std::string_view name, std::vector<Table> inputs, std::string_view options,
                             const Types& output, const CancelToken* cancel = nullptr) {
  const auto body = find_procedure(name);
  if (!body) return {"no procedure"};
  const Schema schema = schema_of(output);
  auto made = body({inputs, options, schema, nullptr, cancel});
  if (!made.ok()) return {made.error().code};
  std::vector<std::string> rows;
  for (const auto& batch : made->batches) {
    for (size_t r = 0; r < batch->rows; ++r) {
      std::string row;
      for (const auto& column : batch->columns) {
        const Cell cell = cell_at(column, r);
        row += row.empty() ? "" : " ";
        if (cell.null) row += "null";
        else if (column.type == Type::kReal) append_real(row, cell.real);
        else if (column.type == Type::kString) row += cell.text;
        else row += std::to_string(cell.integer);
      }
      rows.push_back(row);
    }
  }
  return rows;
}

using Rows = std::vector<std::string>;
constexpr Type kText = Type::kString, kNumber = Type::kLong, kReal = Type::kReal;

TEST(Plugins, NothingGivesNothing) {
  const struct {
    const char* name;
    const char* options;
    Types input, constants, output;
  } cases[] = {
      {"cover_steps",
       "1",
       {kText, kText, kNumber, kNumber, kNumber},
       {},
       {kText, kNumber, kNumber, kNumber, kNumber}},
      {"active_ids", "0", {kText, kNumber, kNumber, kNumber}, {kNumber, kNumber}, {kNumber, kNumber}},
      {"cohorts", "0", {kText, kNumber}, {kNumber, kNumber}, {kNumber, kNumber, kNumber, kNumber, kNumber}},
      {"rolling_percentile", "0", {kNumber, kNumber}, {kReal, kNumber}, {kNumber, kNumber}},
      {"sequences", "0", {kNumber, kNumber}, {kNumber, kNumber, kNumber}, {kNumber}},
      {"funnel_around", "1", {kText, kNumber, kText}, {kNumber, kText}, {kText, kNumber, kText, kText}},
      {"funnel_completion",
       "1",
       {kText, kNumber, kText},
       {kText, kNumber},
       {kText, kNumber, kNumber, kNumber}},
      {"basket", "{}", {kText, kReal, kReal}, {kText}, {kNumber, kNumber, kReal, kText}},
      {"autocluster", "{}", {kText, kReal, kReal}, {kText}, {kNumber, kNumber, kReal, kText}},
      {"diffpatterns",
       "{}",
       {kText, kReal, kReal},
       {kText},
       {kNumber, kNumber, kNumber, kReal, kReal, kReal, kText}},
      {"schema_merge", "true", {kText, kNumber, kText}, {}, {kText, kNumber, kText, kText}},
  };
  for (const auto& each : cases) {
    std::vector<Table> inputs{table_of(each.input, {}), table_of(each.constants, {})};
    EXPECT_EQ(run(each.name, inputs, each.options, each.output), Rows{}) << each.name;
  }
}

TEST(Plugins, CoversSteps) {
  // a covers 1-3 and 2-4 (once), b covers 3; between 4 and 6 there is nothing.
  const auto input =
      table_of({kText, kNumber, kNumber, kNumber}, {{text("a"), number(1), number(3), number(2)},
                                                    {text("a"), number(2), number(4), number(1)},
                                                    {text("a"), number(6), number(6), number(1)},
                                                    {text("b"), number(3), number(3), number(5)},
                                                    {text("b"), number(9), number(8), number(5)}});
  const Types output{kNumber, kNumber, kNumber, kNumber};
  EXPECT_EQ(run("cover_steps", {input}, "0", output),
            (Rows{"1 2 1 1", "2 3 1 1", "3 8 2 1", "4 1 1 0", "6 1 1 1"}));
  CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(run("cover_steps", {input}, "0", output, &cancel), Rows{"HB-E130"});
}

TEST(Plugins, CountsActiveIds) {
  // Two periods within a window of 10 that ends with a row; the row 10 before is outside.
  const auto input =
      table_of({kText, kNumber, kNumber, kNumber}, {{text("a"), number(-5), number(-1), number(-1)},
                                                    {text("a"), number(4), number(0), number(0)},
                                                    {text("a"), number(14), number(1), number(1)},
                                                    {text("a"), number(15), number(1), number(1)},
                                                    {text("a"), number(23), number(2), number(2)}});
  const auto constants = table_of({kNumber, kNumber}, {{number(10), number(2)}});
  EXPECT_EQ(run("active_ids", {input, constants}, "0", {kNumber, kNumber}), (Rows{"0 1", "2 1"}));
}

TEST(Plugins, RollsPercentiles) {
  std::vector<std::vector<Cell>> rows;
  for (int i = 1; i <= 9; ++i) rows.push_back({number(i), number((i - 1) / 3)});
  rows.push_back({number(100), number(7)});
  const auto input = table_of({kNumber, kNumber}, rows);
  const auto at = [&](double percent, int64_t bins) {
    return run("rolling_percentile", {input, table_of({kReal, kNumber}, {{real(percent), number(bins)}})},
               "0", {kNumber, kNumber});
  };
  EXPECT_EQ(at(50, 2), (Rows{"0 2", "1 3", "2 6", "7 100"}));
  EXPECT_EQ(at(0, 1), (Rows{"0 1", "1 4", "2 7", "7 100"}));
  EXPECT_EQ(at(100, 100), (Rows{"0 3", "1 6", "2 9", "7 100"}));
}

TEST(Plugins, FindsSequences) {
  // 1 is the first step, 2 the second, 3 both.
  const auto input = table_of(
      {kNumber, kNumber},
      {{number(1), number(1)}, {number(2), number(3)}, {number(3), number(2)}, {number(9), number(2)}});
  const auto constants = table_of({kNumber, kNumber, kNumber}, {{number(5), number(100), number(2)}});
  EXPECT_EQ(run("sequences", {input, constants}, "0", {kNumber, kNumber, kNumber}),
            (Rows{"1 2 1", "1 3 2", "2 3 1"}));
  const auto reals = table_of({kReal, kNumber}, {{real(0.5), number(1)}, {real(0.75), number(2)}});
  const auto windows = table_of({kReal, kReal, kNumber}, {{real(0.25), real(1), number(2)}});
  EXPECT_EQ(run("sequences", {reals, windows}, "0", {kReal, kReal, kReal}), (Rows{"0.5 0.75 0.25"}));
}

// basket against all sets of values, counted one by one.
TEST(Plugins, BasketFindsAllClosedPatterns) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    constexpr size_t kWidth = 4;
    std::vector<std::vector<Cell>> rows;
    std::vector<std::vector<std::string>> values;
    for (int r = 0; r < 40; ++r) {
      std::vector<std::string> row;
      for (size_t c = 0; c < kWidth; ++c)
        row.push_back(std::string(1, static_cast<char>('a' + random() % 3)));
      if (random() % 2) row[3] = row[0];  // so that some values follow from others
      values.push_back(row);
      std::vector<Cell> cells;
      for (const auto& value : row) cells.push_back(text(value));
      cells.push_back(real(1));
      cells.push_back(real(0));
      rows.push_back(std::move(cells));
    }
    std::set<std::string> wanted;
    for (int mask = 1; mask < 256; ++mask) {  // per column: none, a, b or c
      std::vector<std::string> fixed(kWidth);
      for (size_t c = 0; c < kWidth; ++c) {
        const int choice = mask >> (2 * c) & 3;
        if (choice) fixed[c] = std::string(1, static_cast<char>('a' + choice - 1));
      }
      int count = 0;
      std::vector<std::string> shared;
      for (const auto& row : values) {
        bool inside = true;
        for (size_t c = 0; c < kWidth; ++c) inside = inside && (fixed[c].empty() || fixed[c] == row[c]);
        if (!inside) continue;
        if (!count++) shared = row;
        for (size_t c = 0; c < kWidth; ++c) shared[c] = shared[c] == row[c] ? shared[c] : "";
      }
      if (count < 8 || shared != fixed) continue;
      std::string line = std::to_string(count);
      for (const auto& value : fixed) line += " " + value;
      wanted.insert(line);
    }
    const auto found =
        run("basket",
            {table_of({kText, kText, kText, kText, kReal, kReal}, rows),
             table_of({kText, kText, kText, kText}, {{text(""), text(""), text(""), text("")}})},
            R"({"threshold":0.2,"dimensions":4})", {kNumber, kNumber, kReal, kText, kText, kText, kText});
    std::set<std::string> got;
    for (const auto& row : found) {
      const size_t first = row.find(' '), second = row.find(' ', first + 1),
                   third = row.find(' ', second + 1);
      got.insert(row.substr(first + 1, second - first - 1) + row.substr(third));
    }
    EXPECT_EQ(got, wanted);
  }
}

TEST(Plugins, PatternsStopInTime) {
  // 40 columns that are nearly free of each other have too many patterns in common.
  std::vector<std::vector<Cell>> rows;
  std::vector<Cell> none(40, text(""));
  std::mt19937 random(3);
  for (int r = 0; r < 200; ++r) {
    std::vector<Cell> row;
    for (int c = 0; c < 40; ++c) row.push_back(text(random() % 10 ? "x" : "y"));
    row.push_back(real(1));
    row.push_back(real(0));
    rows.push_back(std::move(row));
  }
  Types types(40, kText), output{kNumber, kNumber, kReal};
  output.insert(output.end(), types.begin(), types.end());
  Types input = types;
  input.push_back(kReal);
  input.push_back(kReal);
  EXPECT_EQ(run("basket", {table_of(input, rows), table_of(types, {none})},
                R"({"threshold":0.01,"dimensions":5})", output),
            Rows{"HB-A010"});
}

}  // namespace
}  // namespace huntbook::kql
