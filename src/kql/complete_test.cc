#include "kql/complete.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/json.h"
#include "kql/golden_test.h"
#include "kql/operator_table.h"
#include "kql/parse.h"
#include "kql/place.h"

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

TEST(Complete, HalfWrittenOperators) {
  const Catalog all = catalog();
  for (const std::string text :
       {"Process | make-series n = avg(Pid) defated in range(1, 2, 3)\n| project ",
        "let x = Process | make-series n = ;\nProcess | where ", "Process | top by | where ",
        "Process | join (Network on | where ", "Process | scan with (step) | where "})
    EXPECT_FALSE(complete(text, text.size(), all).empty()) << text;
}

// Whatever a real query is cut off at, the place is found; after each of its pipes an operator may stand.
TEST(Complete, CutsOfRealQueries) {
  std::ifstream in(std::string(HB_SHARED_DIR) + "/corpus/kql/realworld.jsonl");
  if (!in) GTEST_SKIP() << "no corpora beside the repository";
  Catalog all = catalog();
  size_t number = 0, pipes = 0, columns = 0, names = 0;
  for (std::string line; std::getline(in, line);) {
    if (++number % 7 != 0) continue;
    const std::string query = parse_json(line)->find("query")->as_string();
    Diagnostics diagnostics;
    const auto tokens = lex(query, diagnostics);
    for (const auto& token : tokens) {
      if (token.kind != TokenKind::kPunctuation || token.text != "|") continue;
      ++pipes;
      EXPECT_EQ(find_place(query, token.span.end).kind, PlaceKind::kOperator)
          << query.substr(0, token.span.end);
    }
    if (number % 77 == 0) {  // what stands there is offered there
      for (size_t i = 0; i + 1 < tokens.size(); ++i) {
        const Function* function = find_function(tokens[i].text, FunctionKind::kScalar);
        if (!function || tokens[i + 1].text != "(" || tokens[i].kind != TokenKind::kName) continue;
        const auto offered = complete(query, tokens[i].span.begin, all);
        const bool found = std::any_of(offered.begin(), offered.end(), [&](const Completion& each) {
          return each.text == std::string(function->name) + "(" ||
                 each.text == std::string(tokens[i].text) + "(";
        });
        EXPECT_TRUE(found) << query.substr(0, tokens[i].span.end);
      }
    }
    const size_t at = number * 7919 % (query.size() + 1);
    for (const auto& each : complete(query, at, all)) columns += each.kind == "column";
    names += inspect(query, at, all) ? 1 : 0;
  }
  EXPECT_GT(pipes, 1000u);
  EXPECT_GT(names + columns, 0u);
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
