// Every example of the function data runs and gives the result that it says.
#include <gtest/gtest.h>

#include "huntbook/session.h"
#include "kql/function_table.h"
#include "table/write.h"

namespace huntbook {
namespace {

// The first cell as tostring() writes it.
std::string first_cell(const Table& table) {
  if (table.rows() == 0 || table.schema.size() == 0) return "(no rows)";
  for (const auto& batch : table.batches) {
    if (batch->rows == 0) continue;
    const Column& column = batch->columns[0];
    if (column.is_null(0)) return "";
    if (column.type == Type::kBool) return column.bool_at(0) ? "True" : "False";
    if (column.type == Type::kReal) {
      std::string text = cell_text(column, 0);
      if (text == "Infinity") return "inf";
      if (text == "-Infinity") return "-inf";
      return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
    }
    return cell_text(column, 0);
  }
  return "";
}

TEST(FunctionData, EveryExampleGivesItsResult) {
  auto session = Session::open({});
  ASSERT_TRUE(session.ok());
  size_t run = 0;
  for (const auto& function : kql::functions()) {
    if (!function.alias_of.empty()) continue;
    EXPECT_FALSE(function.doc.empty()) << function.name;
    if (function.example.empty()) {
      ADD_FAILURE() << function.name << " has no example";
      continue;
    }
    Answer answer = (*session)->query(function.example);
    ++run;
    if (!answer.table) {
      ADD_FAILURE() << function.name << ": " << function.example << "\n"
                    << answer.diagnostics[0].code << " " << answer.diagnostics[0].message;
      continue;
    }
    EXPECT_EQ(first_cell(*answer.table), function.result) << function.name << ": " << function.example;
  }
  EXPECT_GT(run, 250u);
}

}  // namespace
}  // namespace huntbook
