#include "kql/complete.h"

#include <gtest/gtest.h>

#include "kql/golden_test.h"
#include "kql/operator_table.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

Catalog catalog() {
  Catalog made;
  TableInfo process;
  process.name = "Process";
  process.doc = "Processes that started.";
  process.schema.fields = {{"Time", Type::kDatetime, "When."},
                           {"Name", Type::kString, ""},
                           {"Pid", Type::kLong, ""},
                           {"id.orig", Type::kString, ""},
                           {"Extra", Type::kDynamic, ""}};
  TableInfo network;
  network.name = "Network";
  network.schema.fields = {
      {"Time", Type::kDatetime, ""}, {"Pid", Type::kLong, ""}, {"Address", Type::kString, ""}};
  made.tables = {process, network};
  StoredFunction stored;
  stored.name = "list_processes";
  stored.doc = "Lists processes.";
  stored.params = {{"host", "string", std::nullopt, "The host.", {}}, {"days", "int", "7", "", {}}};
  stored.expand = [](const auto&) -> Result<std::string> { return std::string("Process"); };
  made.functions = {stored};
  made.pivots = {{"ip_type", "IpAddress", "type", "string", {}, false, "Says what kind of address it is."}};
  return made;
}

// The cursor is where | stands twice.
std::string completed(const std::string& marked) {
  const size_t at = marked.find("||");
  const std::string text = marked.substr(0, at) + (at == std::string::npos ? "" : marked.substr(at + 2));
  std::string out;
  size_t shown = 0, called = 0;
  for (const auto& each : complete(text, std::min(at, text.size()), catalog())) {
    const bool function = each.text.ends_with("(") && each.kind != "let";  // there are many, and more to come
    if ((function ? called++ >= 2 : shown++ >= 8)) continue;
    out += each.text + "  " + each.kind + (each.detail.empty() ? "" : "  " + each.detail) + "\n";
  }
  return out;
}

std::string inspected(const std::string& marked) {
  const size_t at = marked.find("||");
  const std::string text = marked.substr(0, at) + (at == std::string::npos ? "" : marked.substr(at + 2));
  const auto found = inspect(text, std::min(at, text.size()), catalog());
  if (!found) return "nothing\n";
  std::string out = found->kind + " " + found->name + "\n" + found->detail + "\n" + found->doc + "\n" +
                    found->example + "\n";
  for (const auto& field : found->columns.fields)
    out += field.name + ":" + std::string(type_name(field.type)) + " ";
  return out + text.substr(found->span.begin, found->span.end - found->span.begin) + "\n";
}

TEST(Complete, Golden) { check_golden("completions.txt", completed); }
TEST(Inspect, Golden) { check_golden("inspections.txt", inspected); }

TEST(Complete, EveryOffsetOfAText) {
  const std::string text =
      "let f = (x:long, T:(a:long)) { T | where a == x };\nProcess | join kind=inner (Network | where Pid in "
      "(1, 2)) on "
      "Pid\n| mv-apply e = Extra.['a b'] on (where tostring(e) has 'x' | top 1 by Time) // why\n| summarize "
      "n = "
      "count() by bin(Time, 1h), Name | render timechart with (title='a', kind=stacked)";
  const Catalog all = catalog();
  for (size_t i = 0; i <= text.size() + 3; ++i) {
    for (const auto& each : complete(text, i, all)) {
      ASSERT_LE(each.replace.begin, each.replace.end);
      ASSERT_EQ(each.replace.end, std::min(i, text.size()));
    }
    const auto found = inspect(text, i, all);
    EXPECT_TRUE(!found || found->span.end <= text.size());
  }
}

TEST(Operators, TableAndParserKnowTheSame) {
  for (auto name : operator_names()) EXPECT_TRUE(find_operator(name)) << name;
  for (const auto& each : operator_table()) {
    Diagnostics diagnostics;
    parse(each.example, diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << each.name << ": " << diagnostics.front().message;
  }
}

}  // namespace
}  // namespace huntbook::kql
