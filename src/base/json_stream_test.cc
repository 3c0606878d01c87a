#include "base/json_stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace huntbook {
namespace {

// "path=value" of every wanted value, then the failure, reading `step` bytes at a time.
std::string read(std::string_view text, std::string wanted, size_t step, bool many = false,
                 size_t max = 1000) {
  std::string out;
  const auto joined = [](const JsonPath& path) { return fmt::format("{}", fmt::join(path, "/")); };
  JsonStream stream([&](const JsonPath& path) { return joined(path) == wanted; },
                    [&](const JsonPath& path, std::string_view value) -> Status {
                      out += joined(path) + "=" + std::string(value) + ";";
                      return {};
                    },
                    max);
  if (many) stream.allow_many();
  for (size_t at = 0; at < text.size(); at += step) {
    if (auto status = stream.push(text.substr(at, step)); !status.ok())
      return out + status.error().code + " " + status.error().message;
  }
  if (auto status = stream.finish(); !status.ok())
    return out + status.error().code + " " + status.error().message;
  return out;
}

void expect(std::string_view text, const std::string& wanted, const std::string& outcome, bool many = false) {
  for (size_t step = 1; step <= text.size() + 1; ++step)
    EXPECT_EQ(read(text, wanted, step, many), outcome) << step;
}

TEST(JsonStream, GivesWantedValues) {
  const char* text =
      R"({"tables": [{"name": "a", "rows": [[1, "]\"", {"x": [2]}], []]}, {"rows": [[3]]}], "error": null})";
  expect(text, "tables/*/rows/*",
         R"(tables/*/rows/*=[1,"]\"",{"x":[2]}];tables/*/rows/*=[];tables/*/rows/*=[3];)");
  expect(text, "tables/*/name", R"(tables/*/name="a";)");
  expect(text, "error", "error=null;");
  expect(text, "none", "");
  expect(R"(  [1, -2.5e3, true, null, "x"] )", "*", R"(*=1;*=-2.5e3;*=true;*=null;*="x";)");
  expect(R"({"a\u0062": 1})", "ab", "ab=1;");
  expect("17", "", "=17;");
}

TEST(JsonStream, ReadsManyTexts) {
  expect("{\"a\":1}\n{\"a\":2}{\"a\":3}\n", "a", "a=1;a=2;a=3;", true);
  expect("1 2\n3", "", "=1;=2;=3;", true);
  expect("", "", "", true);
}

TEST(JsonStream, SaysWhatIsWrong) {
  expect("", "", "HB-J003 the JSON text ends too early, at offset 0");
  expect("[1, 2", "*", "*=1;HB-J003 the JSON text ends too early, at offset 5");
  expect(R"({"a": "b)", "x", "HB-J003 the JSON text ends too early, at offset 8");
  expect("[1 2]", "*", "*=1;HB-J001 not JSON at offset 3: `,` or `]` is missing");
  expect("[1}", "x", "HB-J001 not JSON at offset 2: `,` or `]` is missing");
  expect("{1:2}", "x", "HB-J001 not JSON at offset 1: a key is missing");
  expect(R"({"a" 1})", "x", "HB-J001 not JSON at offset 5: `:` is missing");
  expect("[nope]", "x", "HB-J001 not JSON at offset 5: `nope`");
  expect("<html>", "x", "HB-J001 not JSON at offset 0: a value is missing");
  expect("{} {}", "x", "HB-J001 not JSON at offset 3: text after the end");
  expect("[,]", "x", "HB-J001 not JSON at offset 1: a value is missing");
  expect("]", "x", "HB-J001 not JSON at offset 0: a value is missing");
}

TEST(JsonStream, IsBounded) {
  const std::string deep(2000, '[');
  EXPECT_EQ(read(deep, "x", 7), "HB-J002 JSON is nested too deep at offset 1000");
  const std::string wide = "[\"" + std::string(5000, 'x') + "\"]";
  EXPECT_EQ(read(wide, "*", 100), "HB-J002 a JSON value at offset 1100 is too long");
  EXPECT_EQ(read(wide, "x", 100), "");
  EXPECT_EQ(read("[[" + std::string(5000, '1') + "]]", "*", 100).substr(0, 7), "HB-J002");
}

TEST(JsonStream, StopsWhereItsReaderStops) {
  JsonStream stream([](const JsonPath&) { return true; },
                    [](const JsonPath&, std::string_view) -> Status {
                      return Diagnostic{"X-1", "enough", {}, "", "", ""};
                    });
  EXPECT_EQ(stream.push("[1]").error().code, "X-1");
}

}  // namespace
}  // namespace huntbook
