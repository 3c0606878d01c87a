#include "packs/values.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "packs/pack.h"

namespace huntbook {
namespace {

TEST(Values, TimesAsEachServiceTakesThem) {
  const int64_t ticks = *parse_datetime("2024-05-01T10:20:30.1234560Z");
  EXPECT_EQ(write_time(Dialect::kKql, ticks), "2024-05-01T10:20:30.123456Z");
  EXPECT_EQ(write_time(Dialect::kKql, ticks + 7), "2024-05-01T10:20:30.1234567Z");
  EXPECT_EQ(write_time(Dialect::kPlain, *parse_datetime("2024-05-01")), "2024-05-01T00:00:00Z");
  EXPECT_EQ(write_time(Dialect::kSpl, ticks), "\"2024-05-01 10:20:30.123456\"");
  EXPECT_EQ(write_time(Dialect::kEsql, ticks), "\"2024-05-01 10:20:30.123456\"");
  EXPECT_EQ(write_time(Dialect::kSumo, ticks), "2024-05-01T10:20:30");
  EXPECT_EQ(write_time(Dialect::kSql, ticks), "2024-05-01T10:20:30.123456Z");
  EXPECT_EQ(write_time(Dialect::kCybereason, ticks), "1714558830123");
  EXPECT_EQ(write_time(Dialect::kCybereason, *parse_datetime("1969-12-31T23:59:59.9995Z")), "-1");
}

TEST(Values, ListsAsEachServiceTakesThem) {
  EXPECT_EQ(write_list(Dialect::kKql, "a, b,3"), "'a', 'b', 3");
  EXPECT_EQ(write_list(Dialect::kKql, R"(["a,b", "3", 3, true])"), "'a,b', '3', 3, true");
  EXPECT_EQ(write_list(Dialect::kKql, R"(['it''s'])"), "'it\\'\\'s'");
  EXPECT_EQ(write_list(Dialect::kKql, "x'y, \\z, 1.2.3.4, nan, 007"),
            "'x\\'y', '\\\\z', '1.2.3.4', 'nan', '007'");
  EXPECT_EQ(write_list(Dialect::kSpl, "a,b\",3"), "\"a\",\"b\\\"\",\"3\"");
  EXPECT_EQ(write_list(Dialect::kEsql, "a,b"), "\"a\",\"b\"");
  EXPECT_EQ(write_list(Dialect::kSql, "o'neil"), "'o''neil'");
  EXPECT_EQ(write_list(Dialect::kOdata, "o'neil,a&b"), "'o''neil', 'a%26b'");
  EXPECT_EQ(write_list(Dialect::kCybereason, "a,b"), R"(["a","b"])");
  EXPECT_EQ(write_list(Dialect::kKql, ""), "");
}

std::string render(const std::string& provider, const std::string& text, const std::string& value,
                   const std::string& type = "str") {
  PackLibrary library;
  std::string indented;
  for (char c : text) indented += c == '\n' ? "\n        " : std::string(1, c);
  library.load_text("metadata: {data_environments: [" + provider +
                        "], data_families: [F]}\nsources:\n  q:\n" + "    args:\n      query: |-\n        " +
                        indented + "\n    parameters:\n      v: {type: " + type + ", description: value}\n",
                    "p.yaml");
  for (const auto& problem : library.problems) ADD_FAILURE() << problem.message;
  if (library.queries.empty()) return {};
  auto out = render_query(library.queries[0], {{"v", value}}, {0, 0, *parse_datetime("2024-05-01")});
  return out.ok() ? *out : out.error().code + ": " + out.error().message + " / " + out.error().hint;
}

TEST(Values, CannotEndTheLiteralAroundThem) {
  EXPECT_EQ(render("Kusto", "T | where a == \"x{v}y\"", "\" or true or \"\\"),
            R"(T | where a == "x\" or true or \"\\y")");
  EXPECT_EQ(render("Kusto", "T | where a == '{v}' and b == \"it's\"", "it's"),
            R"(T | where a == 'it\'s' and b == "it's")");
  EXPECT_EQ(render("Kusto", "T | where a == @\"\\w\\{v}\" and b == \"{v}\"", "a\"b\\c"),
            "T | where a == @\"\\w\\a\"\"b\\c\" and b == \"a\\\"b\\\\c\"");
  EXPECT_EQ(render("Kusto", "T // it's {v}\n| where a == '{v}'", "'x"), "T // it's 'x\n| where a == '\\'x'");
  EXPECT_EQ(render("Kusto", "T | where a == '\\'{v}'", "'"), "T | where a == '\\'\\''");
  EXPECT_EQ(render("Splunk", "search host=\"{v}\"", "a\" | delete \""),
            "search host=\"a\\\" | delete \\\"\"");
  EXPECT_EQ(render("OpenObserve", "SELECT * FROM \"t\" WHERE a = '{v}'", "x' OR '1'='1"),
            "SELECT * FROM \"t\" WHERE a = 'x'' OR ''1''=''1'");
  EXPECT_EQ(render("MSGraph", "/users?$filter=a eq '{v}'", "o'neil&$top=1"),
            "/users?$filter=a eq 'o''neil%26$top=1'");
  EXPECT_EQ(render("Prismacloud", R"({{"query": "config where a = '{v}'", "limit": 1}})", "x' or \"y"),
            R"({"query": "config where a = 'x\\' or \"y'", "limit": 1})");
  // Outside a literal a text is what its author meant: more of the query.
  EXPECT_EQ(render("Kusto", "T\n{v}", "| where a == 'x'"), "T\n| where a == 'x'");
}

TEST(Values, AreCheckedAgainstTheirTypes) {
  EXPECT_EQ(render("Kusto", "T | take {v}", "5", "int"), "T | take 5");
  EXPECT_EQ(render("Kusto", "T | take {v}", "5.5", "int"),
            "HB-P012: `5.5` is not a whole number (parameter `v`) / ");
  EXPECT_EQ(render("Kusto", "T | where a > {v}", "5.5", "float"), "T | where a > 5.5");
  EXPECT_EQ(render("Kusto", "T | where a > {v}", "5 or true", "float"),
            "HB-P012: `5 or true` is not a number (parameter `v`) / ");
  EXPECT_EQ(render("Kusto", "T | where a == {v}", "TRUE", "bool"), "T | where a == true");
  EXPECT_EQ(render("Kusto", "T | where a > ago({v})", "30m", "timespan"), "T | where a > ago(30m)");
  EXPECT_EQ(render("Kusto", "T | where a > ago({v})", "1.02:00:00", "timespan"),
            "T | where a > ago(time(1.02:00:00))");
  EXPECT_EQ(render("Kusto", "T | where a > ago({v})", "1d) or (true", "timespan"),
            "HB-P012: `1d) or (true` is not a timespan (parameter `v`) / 30m, 1d or 02:30:00");
  EXPECT_EQ(render("Kusto", "T | where a > datetime({v})", "-1d@d", "datetime"),
            "T | where a > datetime(2024-04-30T00:00:00Z)");
}

TEST(Values, FillABodyInJsonByStructure) {
  EXPECT_EQ(render("Cybereason", R"({"values": ["{v}", "b"], "name": "{v}", "n": {"m": 1}})", "x\",\"y"),
            R"({"values":["x\",\"y","b"],"name":"x\",\"y","n":{"m":1}})");
  EXPECT_EQ(render("Cybereason", R"({"values": ["{v}", "b"]})", "x,y", "list"),
            R"({"values":["x","y","b"]})");
  EXPECT_EQ(render("Cybereason", R"({"from": "{v}"})", "2024-05-01", "datetime"),
            R"({"from":1714521600000})");
  EXPECT_EQ(render("Cybereason", R"({"n": "{v}", "text": "pid {v}"})", "7", "int"),
            R"({"n":7,"text":"pid 7"})");
}

TEST(Values, AFormatStandsAroundTheValue) {
  PackLibrary library;
  library.load_text(
      "metadata: {data_environments: [Kusto], data_families: [F]}\nsources:\n  q:\n    args: {query: \"T "
      "{v}\"}\n"
      "    parameters: {v: {type: int, description: value, format: \"| take {}\"}}\n",
      "p.yaml");
  EXPECT_EQ(render_query(library.queries.at(0), {{"v", "5"}}, {}).value(), "T | take 5");
}

}  // namespace
}  // namespace huntbook
