#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

TEST(Arrays, Bodies) {
  const auto five = dynamic("[1,2,3,4,5]");
  const struct {
    const char* body;
    std::vector<Value> args;
    const char* want;
  } cases[] = {
      {"array_concat", {dynamic("{}"), null(), dynamic("[99]")}, "[99]"},
      {"array_slice", {five, number(1), number(3)}, "[2,3,4]"},
      {"array_slice", {five, number(-3), number(-2)}, "[3,4]"},
      {"array_slice", {five, number(4), number(99)}, "[5]"},
      {"array_slice", {five, number(INT64_MIN), number(INT64_MAX)}, "[1,2,3,4,5]"},
      {"array_split", {five, dynamic("2")}, "[[1,2],[3,4,5]]"},
      {"array_split", {five, dynamic("[1,3]")}, "[[1],[2,3],[4,5]]"},
      {"array_split", {five, dynamic("-2")}, "[[1,2,3],[4,5]]"},
      {"array_rotate_left", {five, number(2)}, "[3,4,5,1,2]"},
      {"array_rotate_right", {five, number(-2)}, "[3,4,5,1,2]"},
      {"array_rotate_left", {dynamic("[]"), number(2)}, "[]"},
      {"array_shift_left", {five, number(2)}, "[3,4,5,null,null]"},
      {"array_shift_left", {five, number(-2), dynamic("-1")}, "[-1,-1,1,2,3]"},
      {"array_shift_right", {five, number(2), dynamic("-1")}, "[-1,-1,1,2,3]"},
      {"array_shift_right", {five, number(INT64_MIN)}, "[null,null,null,null,null]"},
      {"array_iff", {dynamic("[true,false,1,null]"), dynamic("[1,2,3,4]"), dynamic("0")}, "[1,0,3,null]"},
      {"array_sort_asc",
       {dynamic(R"([null,"blue","yellow","green",null])")},
       R"(["blue","green","yellow",null,null])"},
      {"array_sort_asc", {dynamic(R"([null,"b","a"])"), dynamic("false")}, R"([null,"a","b"])"},
      {"array_sort_desc", {dynamic("[1,3,2]"), dynamic(R"(["a","b","c"])")}, R"([[3,2,1],["b","c","a"]])"},
      {"zip", {dynamic("[1,2]"), dynamic("[3]")}, "[[1,3],[2,null]]"},
      {"repeat", {dynamic("1"), number(3)}, "[1,1,1]"},
      {"range", {number(1), number(8), number(3)}, "[1,4,7]"},
      {"range", {number(3), number(1), number(-1)}, "[3,2,1]"},
      {"range", {number(1), number(8), number(0)}, "null"},
      {"range", {real(0), real(1), real(0.5)}, "[0.0,0.5,1.0]"},
      {"set_union", {dynamic("[1,2,1,4]"), dynamic("[1.0,8]")}, "[1,2,4,8]"},
      {"set_intersect", {dynamic("[1,2,1,4]"), dynamic("[4,1]"), dynamic("[1]")}, "[1]"},
      {"set_difference", {dynamic("[null,1,null,2]"), dynamic("[null]")}, "[1,2]"},
  };
  for (const auto& c : cases) EXPECT_EQ(call(c.body, c.args), c.want) << c.body;
  EXPECT_EQ(call("array_index_of", {five, dynamic("4")}, Type::kLong), "3");
  EXPECT_EQ(call("array_index_of", {five, dynamic("9")}, Type::kLong), "-1");
  EXPECT_EQ(call("array_index_of", {five, dynamic("4"), number(-1)}, Type::kLong), "-1");
  EXPECT_EQ(call("array_length", {dynamic("{}")}, Type::kLong), "null");
  EXPECT_EQ(call("array_sum", {dynamic("[1,\"a\"]")}, Type::kReal), "null");
  EXPECT_EQ(call("strcat_array", {dynamic("[1,null,3]"), text("-")}, Type::kString), "1--3");
  EXPECT_EQ(call("jaccard_index", {dynamic("[1,2,3]"), dynamic("[1,2,3,4]")}), "0.75");
}

TEST(Arrays, Aggregates) {
  EXPECT_EQ(call("make_list", {text("1,2,3")}), "[1,2,3]");
  EXPECT_EQ(call("make_list", {text("1,2,3"), number(2)}), "[1,2]");
  EXPECT_EQ(call("make_list", {text("")}), "[]");
  EXPECT_EQ(call("make_flat_list", {text("[1,2],[3,[4]],null,{\"a\":1}")}), R"([1,2,3,[4],null,{"a":1}])");
  EXPECT_EQ(call("make_set", {text("5,3,5,9"), number(2)}), "[5,3]");
  EXPECT_EQ(call("make_flat_set", {text("[1,2],[2,3],3")}), "[1,2,3]");
  EXPECT_EQ(call("make_bag", {text(R"({"a":1},null,{"a":2,"b":3})")}), R"({"a":1,"b":3})");
  EXPECT_EQ(call("max_dynamic", {text("9,10,2.5")}), "10");
  EXPECT_EQ(call("min_dynamic", {text("\"b\",\"a\"")}), "\"a\"");
  EXPECT_EQ(call("max_dynamic", {text("")}), "null");
  EXPECT_EQ(call("sum_decimal", {text("1.1,2.2,3.3")}, Type::kDecimal), "6.6");
  EXPECT_EQ(call("avg_decimal", {text("1.1,2.2,3.3")}, Type::kDecimal), "2.2");
  EXPECT_EQ(call("min_decimal", {text("10,9.5")}, Type::kDecimal), "9.5");
  EXPECT_EQ(call("max_decimal", {text("")}, Type::kDecimal), "null");
}

TEST(Arrays, Percentiles) {
  const auto buckets = text("[10,8],[20,6],[30,3],[40,1]");
  EXPECT_EQ(call("percentiles_array", {buckets, dynamic("50"), dynamic("[75,99.9]")}), "[20,20,40]");
  EXPECT_EQ(call("percentiles_array", {text("3,1,2"), dynamic("50")}), "[2]");
  EXPECT_EQ(call("percentiles_array", {text(""), dynamic("50")}), "null");
  EXPECT_EQ(call("percentilew", {buckets, real(44)}, Type::kLong), "10");
  EXPECT_EQ(
      call("buildschema", {text(R"({"x":1,"y":3.5},{"x":"s","z":[1]},{"y":{"w":"z"},"t":["a"],"z":["f"]})")}),
      R"({"t":{"`indexer`":"string"},"x":["long","string"],"y":[{"w":"string"},"double"],"z":{"`indexer`":["long","string"]}})");
  EXPECT_EQ(call("buildschema", {text("")}), "null");
}

TEST(Series, Bodies) {
  const struct {
    const char* body;
    std::vector<Value> args;
    const char* want;
  } cases[] = {
      {"series_add", {dynamic("[1,2,4]"), dynamic("[4,2,1]")}, "[5,4,5]"},
      {"series_divide", {dynamic("[1,2,4]"), dynamic("[4,2,1]")}, "[0.25,1.0,4.0]"},
      {"series_multiply", {dynamic("[1,null]"), dynamic("2")}, "[2,null]"},
      {"series_less", {dynamic("[1,2,4]"), dynamic("[4,2,1]")}, "[true,false,false]"},
      {"series_floor", {dynamic("[-1.5,1,2.5]")}, "[-2.0,1.0,2.0]"},
      {"series_sign", {dynamic("[-6,0,8]")}, "[-1,0,1]"},
      {"series_fill_forward", {dynamic("[null,36,null,41]")}, "[null,36,36,41]"},
      {"series_fill_backward", {dynamic("[111,null,36,null]")}, "[111,36,36,null]"},
      {"series_fill_linear", {dynamic("[null,1,null,null,4,null]")}, "[1,1,2.0,3.0,4,4]"},
      {"series_fir",
       {dynamic("[5,15,10,20]"), dynamic("[1,-1]"), boolean(false), boolean(false)},
       "[5,10,-5,10]"},
      {"series_iir", {dynamic("[0,1,2,3,4]"), dynamic("[1]"), dynamic("[1,-1]")}, "[0.0,1.0,3.0,6.0,10.0]"},
  };
  for (const auto& c : cases) EXPECT_EQ(call(c.body, c.args), c.want) << c.body;
}

}  // namespace
}  // namespace huntbook::kql::runtime
