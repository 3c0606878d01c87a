#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

TEST(Parsing, Url) {
  EXPECT_EQ(
      call("parse_url", {text("scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment")}),
      R"({"Scheme":"scheme","Host":"host","Port":"1234","Path":"this/is/a/path","Username":"username","Password":"password","Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"})");
  EXPECT_EQ(
      call("parse_url", {text("http://[::1]/")}),
      R"({"Scheme":"http","Host":"[::1]","Port":"","Path":"","Username":"","Password":"","Query Parameters":{},"Fragment":""})");
  EXPECT_EQ(call("parse_urlquery", {text("?a=1&a=2&b&=x")}),
            R"({"Query Parameters":{"a":"1","b":"","":"x"}})");
}

TEST(Parsing, Path) {
  EXPECT_EQ(
      call("parse_path", {text("file://C:/temp/file.txt:some.exe")}),
      R"({"Scheme":"file","RootPath":"C:/","DirectoryPath":"C:/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":"some.exe"})");
  EXPECT_EQ(
      call("parse_path", {text(R"(\\shared\users\temp\file.txt.gz)")}),
      R"({"Scheme":"","RootPath":"","DirectoryPath":"\\\\shared\\users\\temp","DirectoryName":"temp","Filename":"file.txt.gz","Extension":"gz","AlternateDataStreamName":""})");
  EXPECT_EQ(
      call("parse_path", {text("cmd")}),
      R"({"Scheme":"","RootPath":"","DirectoryPath":"","DirectoryName":"","Filename":"cmd","Extension":"","AlternateDataStreamName":""})");
}

TEST(Parsing, Csv) {
  EXPECT_EQ(call("parse_csv", {text("aa,\"b,b\",,\"q \"\"T\"\"\",\"l1\nl2\"")}),
            R"(["aa","b,b","","q \"T\"","l1\nl2"])");
  EXPECT_EQ(call("parse_csv", {text("a,b\nc,d")}), R"(["a","b"])");
  EXPECT_EQ(call("parse_csv", {text("")}), R"([""])");
}

TEST(Parsing, Version) {
  const struct {
    const char *in, *want;
  } cases[] = {{"0.0.0.5", "5"},
               {"0.0.7.0", "700000000"},
               {"0.2", "20000000000000000"},
               {"1.2.3.4", "1000000020000000300000004"},
               {"1", "1000000000000000000000000"},
               {"1.2.3.4.5", "null"},
               {"1.x", "null"},
               {"0", "0"}};
  for (const auto& c : cases) EXPECT_EQ(call("parse_version", {text(c.in)}, Type::kDecimal), c.want) << c.in;
}

TEST(Parsing, CommandLine) {
  const struct {
    const char *in, *want;
  } cases[] = {
      {R"(echo "hello world!" print$?)", R"(["echo","hello world!","print$?"])"},
      {R"("C:\Program Files\a.exe" -x)", R"(["C:\\Program Files\\a.exe","-x"])"},
      {R"(a "b\"c" d\\"e f" g\h)", R"(["a","b\"c","d\\e f","g\\h"])"},
      {R"(a "" "b""c")", R"(["a","","b\"c"])"},
      {R"(a "unclosed x)", R"(["a","unclosed x"])"},
      {R"(a \\)", R"(["a","\\\\"])"},
      {"a  ", R"(["a"])"},
      {"", "null"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(call("parse_command_line", {text(c.in), text("windows")}), c.want) << c.in;
}

TEST(Parsing, Xml) {
  const struct {
    const char *in, *want;
  } cases[] = {
      {"<e/>", R"({"e":null})"},
      {"<e>text</e>", R"({"e":"text"})"},
      {"<e name=\"value\" />", R"({"e":{"@name":"value"}})"},
      {"<e name=\"value\">text</e>", R"({"e":{"@name":"value","#text":"text"}})"},
      {"<e> <a>text</a> <b>text</b> </e>", R"({"e":{"a":"text","b":"text"}})"},
      {"<e> <a>1</a> <b>2</b> <a>3</a> </e>", R"({"e":{"a":["1","3"],"b":"2"}})"},
      {"<e> text <a>text</a> </e>", R"({"e":{"#text":"text","a":"text"}})"},
      {"<?xml version=\"1.0\"?><!-- c --><e><![CDATA[<x>]]></e>", R"({"e":"<x>"})"},
      {"<e>", "null"},
      {"no xml", "null"},
      {"", "null"},
  };
  for (const auto& c : cases) EXPECT_EQ(call("parse_xml", {text(c.in)}), c.want) << c.in;
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  EXPECT_EQ(call("parse_xml", {text(deep)}), "null");
}

TEST(ParseOperator, Patterns) {
  const struct {
    const char *text, *mode, *pattern, *want;
  } cases[] = {
      {"id:7 val:foo", "simple",
       R"([{"text":"id:"},{"column":true,"type":"long"},{"text":" val:"},{"column":true,"type":"string"}])",
       R"(["7","foo"])"},
      {"id:x val:foo", "simple",
       R"([{"text":"id:"},{"column":true,"type":"long"},{"text":" val:"},{"column":true,"type":"string"}])",
       "null"},
      {"id:x val:foo", "relaxed",
       R"([{"text":"id:"},{"column":true,"type":"long"},{"text":" val:"},{"column":true,"type":"string"}])",
       R"(["x","foo"])"},
      {"a=1, b=2 c", "simple",
       R"([{"star":true},{"text":"a="},{"column":true,"type":"long"},{"star":true},{"text":"b="},{"column":true,"type":"long"},{"star":true}])",
       R"(["1","2"])"},
      {"a=x a=5", "simple", R"([{"star":true},{"text":"a="},{"column":true,"type":"long"}])", R"(["5"])"},
      {"  spaced  out  text  ", "simple",
       R"([{"text":"  "},{"column":true,"type":"string"},{"text":"  "},{"column":true,"type":"string"},{"text":"  "},{"column":true,"type":"string"}])",
       R"(["spaced","out","text  "])"},
      {"<<key>>=<<value>>", "simple",
       R"([{"text":"<<"},{"column":true,"type":"string"},{"text":">>=<<"},{"column":true,"type":"string"},{"text":">>"}])",
       R"(["key","value"])"},
      {"abc123def", "regex",
       R"([{"column":true,"type":"string"},{"text":"\\d+"},{"column":true,"type":"string"}])",
       R"(["abc12","def"])"},
      {"v1.2.3", "regex",
       R"([{"text":"v"},{"column":true,"type":"int"},{"text":"."},{"column":true,"type":"int"},{"text":"."},{"column":true,"type":"int"}])",
       R"(["1","2","3"])"},
      {"name=A, x=1, y=2", "regex",
       R"([{"star":true},{"text":"name="},{"column":true,"type":"string"},{"text":","},{"star":true}])",
       R"(["A, x=1"])"},
      {"name=A, x=1, y=2", "regex:Ui",
       R"([{"star":true},{"text":"NAME="},{"column":true,"type":"string"},{"text":","},{"star":true}])",
       R"(["A"])"},
      {"x", "regex", R"([{"text":"("}])", "null"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(call("parse_pattern", {text(c.text), text(c.mode), dynamic(c.pattern)}), c.want) << c.text;
}

TEST(ParseOperator, KeysAndValues) {
  const struct {
    const char *text, *options, *want;
  } cases[] = {
      {"a=1, b=2", R"({"pair_delimiter":",","kv_delimiter":"="})", R"({"a":"1","b":"2"})"},
      {"  key  =  value  ", R"({"pair_delimiter":" ","kv_delimiter":"="})", R"({"key":"value"})"},
      {"[k1=v1][k2=v2]", R"({"pair_delimiter":"][","kv_delimiter":"="})", R"({"[k1":"v1","k2":"v2]"})"},
      {"name=\"John Smith\";city=\"New York\"", R"({"pair_delimiter":";","kv_delimiter":"=","quote":"\""})",
       R"({"city":"New York","name":"John Smith"})"},
      {"key=value=extra", R"({"pair_delimiter":" ","kv_delimiter":"="})", R"({"key":"value=extra"})"},
      {"k1=1;k2=2;k1=3", R"({"pair_delimiter":";","kv_delimiter":"="})", R"({"k1":"1","k2":"2"})"},
      {"k=hello world=foo bar", R"({"pair_delimiter":" ","kv_delimiter":"="})",
       R"({"k":"hello","world":"foo"})"},
      {"EMPTY=;FILLED=yes", R"({"pair_delimiter":";","kv_delimiter":"="})", R"({"EMPTY":"","FILLED":"yes"})"},
      {"no delimiters", R"({"pair_delimiter":";","kv_delimiter":"="})", "{}"},
      {R"(a="say \"hi\"" b=2)", R"({"pair_delimiter":" ","kv_delimiter":"=","quote":"\"","escape":"\\"})",
       R"({"a":"say \"hi\"","b":"2"})"},
      {"name=John Doe phone=555 5555 city=New York",
       R"({"pair_delimiter":" ","kv_delimiter":"=","greedy":true})",
       R"({"city":"New York","name":"John Doe","phone":"555 5555"})"},
      {R"("k 1": v, "k2": w)", R"({"pair_delimiter":",","kv_delimiter":":","quote":"\""})",
       R"({"k 1":"v","k2":"w"})"},
      {"\"a: 1\" \"b: 2\"", R"({"regex":"\"(\\w+): (\\d)\""})", R"({"a":"1","b":"2"})"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(call("parse_kv", {text(c.text), dynamic(c.options)}), c.want) << c.text;
}

}  // namespace
}  // namespace huntbook::kql::runtime
