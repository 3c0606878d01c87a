#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"
#include "kql/runtime/json_text.h"

namespace huntbook::kql::runtime {
namespace {

TEST(JsonText, Compacts) {
  const struct {
    const char *in, *want;
  } cases[] = {
      {" { \"a\" : [ 1 , 2.50 , -0 ] , \"b\" : null } ", R"({"a":[1,2.5,0],"b":null})"},
      {R"("\u0041\/\n")", R"("A/\n")"},
      {R"("\ud83d\ude00")", "\"😀\""},
      {R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
      {"1e3", "1000.0"},
      {"1e300", "1e+300"},
      {"[1e999,-1e999,1e-999]", "[1.7976931348623157e+308,-1.7976931348623157e+308,0.0]"},
      {"[]", "[]"},
      {"\"\"", "\"\""},
  };
  for (const auto& c : cases) EXPECT_EQ(compact_json(c.in).value_or("none"), c.want) << c.in;
  for (const char* bad : {"", "{", "[1,]", "{\"a\"}", "01", "1.", "nul", "\"\\x\"", "\"a", "[1 2]", "{'a':1}",
                          "1 2", "\"\x01\""}) {
    EXPECT_FALSE(compact_json(bad)) << bad;
  }
  EXPECT_FALSE(compact_json(std::string(2000, '[') + std::string(2000, ']')));
}

TEST(JsonText, ReadsAnyBytes) {
  JsonElements cut("[1,[2,");
  EXPECT_TRUE(cut.next());
  EXPECT_EQ(cut.value, "1");
  EXPECT_FALSE(cut.next());
  EXPECT_FALSE(json_member("{\"a\"", "a"));
  EXPECT_FALSE(json_member("{\"a\":", "a"));
  EXPECT_FALSE(json_element("", 0));
}

TEST(Dynamic, ParseJson) {
  EXPECT_EQ(call("parse_json", {text("{\"a\": 1}")}), R"({"a":1})");
  EXPECT_EQ(call("parse_json", {text("not json")}), "\"not json\"");
  EXPECT_EQ(call("parse_json", {text("")}), "null");
  EXPECT_EQ(call("parse_json", {text(" null ")}), "null");
  EXPECT_EQ(call("parse_json", {text("123")}), "123");
}

TEST(Dynamic, Paths) {
  const auto bag = dynamic(R"({"a":{"b":[10,{"c":"x"}],"q\"":null},"e":"{}"})");
  EXPECT_EQ(call("path", {bag, dynamic(R"(["a","b",1,"c"])")}), "\"x\"");
  EXPECT_EQ(call("path", {bag, dynamic(R"(["a","b",-1,"c"])")}), "\"x\"");
  EXPECT_EQ(call("path", {bag, dynamic(R"(["a","b",9])")}), "null");
  EXPECT_EQ(call("path", {bag, dynamic(R"(["a","q\""])")}), "null");
  EXPECT_EQ(call("path", {bag, dynamic(R"(["e","x"])")}), "null");
  EXPECT_EQ(call("path", {bag, dynamic("[]")}), bag.text);
  EXPECT_EQ(call("path_member", {bag, text("e")}), "\"{}\"");
  EXPECT_EQ(call("path_index", {dynamic("[1,2,3]"), number(-1)}), "3");
  EXPECT_EQ(call("path_index", {dynamic("[1,2,3]"), number(-4)}), "null");
  EXPECT_EQ(call("extract_json", {text("$.a.b[1]['c']"), bag}, Type::kString), "x");
}

TEST(Dynamic, Types) {
  const struct {
    const char *json, *type;
  } cases[] = {{"1", "long"},    {"1.5", "double"}, {"\"a\"", "string"},
               {"true", "bool"}, {"[1]", "array"},  {"{}", "dictionary"}};
  for (const auto& c : cases) EXPECT_EQ(call("gettype", {dynamic(c.json)}, Type::kString), c.type);
  EXPECT_EQ(call("gettype", {null()}, Type::kString), "null");
  EXPECT_EQ(call("gettype", {null(Type::kInt)}, Type::kString), "int");
}

TEST(Dynamic, Conversions) {
  EXPECT_EQ(call("dynamic_to_string", {dynamic(R"("a\"b")")}, Type::kString), "a\"b");
  EXPECT_EQ(call("dynamic_to_string", {dynamic("[1]")}, Type::kString), "[1]");
  EXPECT_EQ(call("dynamic_to_long", {dynamic("\"5\"")}, Type::kLong), "5");
  EXPECT_EQ(call("dynamic_to_long", {dynamic("\"5.5\"")}, Type::kLong), "null");
  EXPECT_EQ(call("dynamic_to_long", {dynamic("1.7976931348623157e+308")}, Type::kLong),
            "9223372036854775807");
  EXPECT_EQ(call("dynamic_to_int", {dynamic("9223372036854775807")}, Type::kInt), "-1");
  EXPECT_EQ(call("dynamic_to_int", {dynamic("2147483648")}, Type::kInt), "-2147483648");
  EXPECT_EQ(call("dynamic_to_int", {dynamic("1e+300")}, Type::kInt), "2147483647");
  EXPECT_EQ(call("dynamic_to_int", {dynamic("true")}, Type::kInt), "1");
  EXPECT_EQ(call("dynamic_to_real", {dynamic("\"5\"")}, Type::kReal), "5.0");
  EXPECT_EQ(call("dynamic_to_bool", {dynamic("\"TRUE\"")}, Type::kBool), "true");
  EXPECT_EQ(call("dynamic_to_bool", {dynamic("[]")}, Type::kBool), "null");
  EXPECT_EQ(call("dynamic_to_guid", {dynamic("\"{AE3133F2-6E22-49AE-B06A-16E6A9B212EB}\"")}, Type::kGuid),
            "ae3133f2-6e22-49ae-b06a-16e6a9b212eb");
  EXPECT_EQ(call("dynamic_to_json", {dynamic(R"({"b":{"y":1,"x":2},"a":[1]})")}, Type::kString),
            R"({"a":[1],"b":{"x":2,"y":1}})");
}

TEST(Dynamic, ToJson) {
  EXPECT_EQ(call("to_json", {text("a\"<")}), R"("a\"<")");
  EXPECT_EQ(call("to_json", {boolean(true)}), "true");
  EXPECT_EQ(call("to_json", {real(42)}), "42.0");
  EXPECT_EQ(call("to_json", {null(Type::kLong)}), "null");
}

TEST(Bags, Bodies) {
  EXPECT_EQ(call("bag_pack", {dynamic("\"a\""), number(1), dynamic("\"b\""), null()}).substr(0, 4), "{\"a\"");
  EXPECT_EQ(call("bag_pack", {dynamic("\"a\""), dynamic("1"), dynamic("\"b\""), null()}),
            R"({"a":1,"b":null})");
  EXPECT_EQ(call("bag_pack", {}), "{}");
  EXPECT_EQ(call("pack_array", {dynamic("1"), null(), dynamic("\"x\"")}), R"([1,null,"x"])");
  EXPECT_EQ(call("bag_keys", {dynamic("[]")}), "null");
  EXPECT_EQ(call("bag_merge", {dynamic(R"({"a":1})"), null(), dynamic(R"({"a":2,"b":3})")}),
            R"({"a":1,"b":3})");
  EXPECT_EQ(call("bag_merge", {null()}), "null");
  EXPECT_EQ(
      call("bag_remove_keys", {dynamic(R"({"key1":123,"key2":{"prop1":"abc","prop2":"xyz"},"key3":[100]})"),
                               dynamic(R"(["$.key2.prop1","key3"])")}),
      R"({"key1":123,"key2":{"prop2":"xyz"}})");
  EXPECT_EQ(call("bag_set_key", {dynamic(R"({"key1":123})"), text("$.key2.prop1"), dynamic("\"abc\"")}),
            R"({"key1":123,"key2":{"prop1":"abc"}})");
  EXPECT_EQ(call("bag_zip", {dynamic(R"(["a",8,"b"])"), dynamic(R"([1,"2",2.5])")}), R"({"a":1,"b":2.5})");
  EXPECT_EQ(call("bag_zip", {dynamic(R"(["a",8,"b"])"), dynamic("1")}), R"({"a":null,"b":null})");
  EXPECT_EQ(call("bag_zip", {dynamic("\"a\""), dynamic("[1]")}), "null");
  EXPECT_EQ(call("treepath", {dynamic(R"({"a":[{"b":1}]})")}), R"(["['a']","['a'][0]","['a'][0]['b']"])");
  EXPECT_EQ(call("expand_elements", {dynamic(R"({"a":1,"b":2})")}), R"([{"a":1},{"b":2}])");
  EXPECT_EQ(call("expand_pairs", {dynamic(R"({"a":1})")}), R"([["a",1]])");
  EXPECT_EQ(call("expand_elements", {dynamic(R"(["a",1,null])")}), R"(["a",1,null])");
  EXPECT_EQ(call("expand_elements", {null()}), "[null]");
  EXPECT_EQ(call("expand_elements", {dynamic("\"x\"")}), R"(["x"])");
  EXPECT_EQ(call("expand_elements", {dynamic("[]")}), "[]");
}

}  // namespace
}  // namespace huntbook::kql::runtime
