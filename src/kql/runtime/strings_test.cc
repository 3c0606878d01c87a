// Texts, conversions, numbers: what the engine was recorded to give.
#include <gtest/gtest.h>

#include <cmath>

#include "base/time.h"
#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

std::string text_call(std::string_view name, const std::vector<Value>& args) {
  return call(name, args, Type::kString);
}
std::string long_call(std::string_view name, const std::vector<Value>& args) {
  return call(name, args, Type::kLong);
}
std::string real_call(std::string_view name, const std::vector<Value>& args) {
  return call(name, args, Type::kReal);
}

TEST(Strings, Substring) {
  const auto sub = [](const char* s, int64_t start, int64_t length) {
    return text_call("substring", {text(s), number(start), number(length)});
  };
  EXPECT_EQ(sub("hello", 1, 3), "ell");
  EXPECT_EQ(sub("hello", 2, 100), "llo");
  EXPECT_EQ(sub("abc", 5, 3), "");
  EXPECT_EQ(sub("abc", -1, 2), "c");
  EXPECT_EQ(sub("hello", -3, 2), "ll");
  EXPECT_EQ(sub("hello", -100, 3), "");
  EXPECT_EQ(sub("hello", 2, 0), "");
  EXPECT_EQ(sub("hello", 2, -1), "");
  EXPECT_EQ(sub("a😀b", 1, 1), "😀");
  EXPECT_EQ(sub("hello", INT64_MIN, INT64_MAX), "hello");
  EXPECT_EQ(text_call("substring", {text("abcdef"), number(-2)}), "ef");
  EXPECT_EQ(text_call("substring", {text("abc"), number(-5)}), "abc");
}

TEST(Strings, IndexAndCount) {
  EXPECT_EQ(long_call("indexof", {text("abcabcabc"), text("a"), number(2)}), "3");
  EXPECT_EQ(long_call("indexof", {text("abcabcabc"), text("abc"), number(0), number(-1), number(2)}), "3");
  EXPECT_EQ(long_call("indexof", {text("xyz"), text("a")}), "-1");
  EXPECT_EQ(long_call("indexof", {text("éa"), text("a")}), "1");
  EXPECT_EQ(long_call("indexof", {text("abc"), text("")}), "null");
  EXPECT_EQ(long_call("indexof", {text("abcdefg"), text("cde"), number(1), number(2)}), "2");
  EXPECT_EQ(long_call("indexof", {text("abcdefg"), text("cde"), number(0), number(2)}), "-1");
  EXPECT_EQ(long_call("indexof", {text("abcdefgabcdefg"), text("cde"), number(1), number(10), number(2)}),
            "9");
  EXPECT_EQ(long_call("countof", {text("aaaa"), text("aa")}), "3");
  EXPECT_EQ(long_call("countof", {text("a"), text("")}), "0");
}

TEST(Strings, Split) {
  const auto split = [](const std::vector<Value>& args) { return call("split", args); };
  EXPECT_EQ(split({text("a,,b"), text(",")}), R"(["a","","b"])");
  EXPECT_EQ(split({text(""), text(",")}), R"([""])");
  EXPECT_EQ(split({text("a=b=c"), text("="), number(1)}), R"(["b"])");
  EXPECT_EQ(split({text("a"), text("="), number(1)}), "null");
  EXPECT_EQ(split({text("q\"x"), text("x")}), R"(["q\"",""])");
}

TEST(Strings, Changing) {
  EXPECT_EQ(text_call("replace_string", {text("aXbX"), text("X"), text("--")}), "a--b--");
  EXPECT_EQ(text_call("replace_string", {text("abc"), text(""), text("_")}), "abc");
  EXPECT_EQ(text_call("replace_strings", {text("A magic trick can turn a cat into a dog"),
                                          dynamic(R"(["cat","dog"])"), dynamic(R"(["dog","pigeon"])")}),
            "A magic trick can turn a dog into a pigeon");
  EXPECT_EQ(text_call("replace_strings",
                      {text("This is it"), dynamic(R"(["This","is"])"), dynamic(R"([12345,"was"])")}),
            "This was it");
  EXPECT_EQ(text_call("replace_strings",
                      {text("This is it"), dynamic(R"(["is","This"])"), dynamic(R"(["was","This"])")}),
            "Thwas was it");
  EXPECT_EQ(text_call("reverse", {text("aé😀")}), "😀éa");
  EXPECT_EQ(text_call("strrep", {text("ab"), number(3), text("-")}), "ab-ab-ab");
  EXPECT_EQ(text_call("strrep", {text("a"), number(5000)}).size(), 1024u);
  EXPECT_EQ(text_call("strrep", {text("a"), number(-1)}), "");
  EXPECT_EQ(text_call("translate", {text("abc"), text("x"), text("aabbccd")}), "xxxxxxd");
  EXPECT_EQ(text_call("translate", {text("abc"), text(""), text("ab")}), "");
  EXPECT_EQ(text_call("translate", {text("krasp"), text("otsku"), text("spark")}), "kusto");
  EXPECT_EQ(text_call("regex_quote", {text("(so$me.Te^xt)")}), R"(\(so\$me\.Te\^xt\))");
  EXPECT_EQ(long_call("strcmp", {text("ABC"), text("abc")}), "-1");
  EXPECT_EQ(text_call("toupper", {text("Привет")}), "ПРИВЕТ");
}

TEST(Strings, Units) {
  EXPECT_EQ(text_call("tohex_long", {number(-256)}), "ffffffffffffff00");
  EXPECT_EQ(text_call("tohex_int", {Value::of_long(-256, Type::kInt)}), "ffffff00");
  EXPECT_EQ(text_call("tohex_long", {number(256), number(8)}), "00000100");
  EXPECT_EQ(text_call("format_bytes", {real(564)}), "564 Bytes");
  EXPECT_EQ(text_call("format_bytes", {real(10332), number(1)}), "10.1 KB");
  EXPECT_EQ(text_call("format_bytes", {real(20010332)}), "19 MB");
  EXPECT_EQ(text_call("format_bytes", {real(20010332), number(2)}), "19.08 MB");
  EXPECT_EQ(text_call("format_bytes", {real(20010332), number(0), text("KB")}), "19541 KB");
}

struct Case {
  const char* name;
  const char* text;
  const char* expected;
};

TEST(Conversions, FromText) {
  for (const auto& [name, subject, expected] : std::initializer_list<Case>{
           {"string_to_int", "123", "123"},
           {"string_to_int", " 42 ", "42"},
           {"string_to_int", "+7", "7"},
           {"string_to_int", "007", "7"},
           {"string_to_int", "-5", "-5"},
           {"string_to_int", "3.14", "null"},
           {"string_to_int", "1e3", "null"},
           {"string_to_int", "", "null"},
           {"string_to_int", "2147483648", "null"},
           {"string_to_int", "0xff", "255"},
           {"string_to_int", "-0xff", "null"},
           {"string_to_int", "abc", "null"},
           {"string_to_long", "0xFFFFFFFFFFFFFFFF", "-1"},
           {"string_to_long", "9223372036854775807", "9223372036854775807"},
           {"string_to_long", "9223372036854775808", "null"},
           {"string_to_long", "+-1", "null"},
           {"string_to_long", "1 2", "null"},
           {"string_to_bool", "TRUE", "true"},
           {"string_to_bool", "fAlse", "false"},
           {"string_to_bool", "1", "true"},
           {"string_to_bool", "0", "false"},
           {"string_to_bool", "-1", "true"},
           {"string_to_bool", "yes", "null"},
           {"string_to_bool", " true", "null"},
           {"string_to_bool", "1.0", "null"},
       }) {
    EXPECT_EQ(
        call(name, {text(subject)}, std::string_view(name) == "string_to_bool" ? Type::kBool : Type::kLong),
        expected)
        << name << " " << subject;
  }
  for (const auto& [subject, expected] :
       std::initializer_list<std::pair<const char*, const char*>>{{".5", "0.5"},
                                                                  {"5.", "5.0"},
                                                                  {"1e3", "1000.0"},
                                                                  {"+1.5", "1.5"},
                                                                  {"nan", "nan"},
                                                                  {"NaN", "nan"},
                                                                  {"inf", "inf"},
                                                                  {"-Infinity", "-inf"},
                                                                  {"Inf", "inf"},
                                                                  {"INF", "null"},
                                                                  {"0x10", "null"},
                                                                  {"", "null"},
                                                                  {"1.2.3", "null"},
                                                                  {"1e999", "inf"},
                                                                  {"-1e999", "-inf"},
                                                                  {"1e-999", "0.0"}}) {
    EXPECT_EQ(call("string_to_real", {text(subject)}, Type::kReal), expected) << subject;
  }
  EXPECT_EQ(call("string_to_guid", {text("0123456789AB-cdef-0123-456789abcdef")}, Type::kGuid),
            "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(call("string_to_guid", {text("xyz")}, Type::kGuid), "null");
  for (const auto& [subject, expected] : std::initializer_list<std::pair<const char*, int64_t>>{
           {"1d", kTicksPerDay}, {"90s", 90 * kTicksPerSecond}, {"-1d", -kTicksPerDay}}) {
    EXPECT_EQ(call("string_to_timespan", {text(subject)}, Type::kTimespan), std::to_string(expected))
        << subject;
  }
  EXPECT_EQ(call("string_to_timespan", {text("1.5")}, Type::kTimespan), "null");
}

TEST(Conversions, BetweenNumbers) {
  EXPECT_EQ(call("real_to_int", {real(-2.9)}, Type::kInt), "-2");
  EXPECT_EQ(call("real_to_int", {real(3.5)}, Type::kInt), "3");
  EXPECT_EQ(long_call("real_to_long", {real(2147483648.9)}), "2147483648");
  EXPECT_EQ(long_call("real_to_long", {real(std::nan(""))}), "null");
  EXPECT_EQ(long_call("real_to_long", {real(1e19)}), "9223372036854775807");
  EXPECT_EQ(call("real_to_int", {real(-1e19)}, Type::kInt), "-2147483648");
  EXPECT_EQ(call("long_to_int", {number(2147483648)}, Type::kInt), "-2147483648");
}

TEST(Conversions, ToText) {
  EXPECT_EQ(text_call("real_to_string", {real(42)}), "42.0");
  EXPECT_EQ(text_call("real_to_string", {real(-0.0)}), "-0.0");
  EXPECT_EQ(text_call("real_to_string", {real(HUGE_VAL)}), "inf");
  EXPECT_EQ(text_call("real_to_string", {real(std::nan(""))}), "NaN");
  EXPECT_EQ(text_call("bool_to_string", {boolean(true)}), "True");
  EXPECT_EQ(text_call("datetime_to_string", {number(0)}), "0001-01-01T00:00:00.0000000Z");
  EXPECT_EQ(text_call("timespan_to_string", {number(14 * kTicksPerDay)}), "14.00:00:00");
}

TEST(Math, Rounding) {
  EXPECT_EQ(real_call("round_real", {real(2.5)}), "3.0");
  EXPECT_EQ(real_call("round_real", {real(-2.5)}), "-3.0");
  EXPECT_EQ(real_call("round_real", {real(3.25), number(1)}), "3.3");
  EXPECT_EQ(real_call("round_real", {real(2.15), number(1)}), "2.2");
  EXPECT_EQ(real_call("round_real", {real(-5.5), number(1)}), "-5.5");
  EXPECT_EQ(real_call("round_real", {real(1234.5), number(-2)}), "1200.0");
  EXPECT_EQ(real_call("round_real", {real(0.1), number(1)}), "0.1");
  EXPECT_EQ(real_call("ceiling", {real(-0.5)}), "-0.0");
  EXPECT_EQ(real_call("bin_real", {real(-1.5), real(1)}), "-2.0");
  EXPECT_EQ(long_call("bin_long", {number(-7), number(3)}), "-9");
  EXPECT_EQ(call("bin_decimal", {decimal("-1.5"), decimal("1")}, Type::kDecimal), "-2");
  EXPECT_EQ(call("bin_decimal", {decimal("-1.5"), decimal("0")}, Type::kDecimal), "null");
  EXPECT_EQ(long_call("bin_long", {number(7), number(0)}), "null");
  EXPECT_EQ(long_call("bin_long", {number(7), number(-1)}), "null");
  EXPECT_EQ(call("bin_at_long", {number(kTicksPerHour), number(kTicksPerDay), number(12 * kTicksPerHour)},
                 Type::kTimespan),
            std::to_string(-12 * kTicksPerHour));
  EXPECT_EQ(real_call("bin_at_real", {real(6.5), real(2.5), real(7)}), "4.5");
}

TEST(Math, Units) {
  EXPECT_EQ(real_call("convert_angle", {real(1.2), text("Degree"), text("Arcminute")}), "72.0");
  EXPECT_EQ(real_call("convert_temperature", {real(1.2), text("Kelvin"), text("DegreeCelsius")}), "-271.95");
  EXPECT_EQ(real_call("convert_length", {real(1), text("Mile"), text("Kilometer")}), "1.609344");
  EXPECT_EQ(real_call("convert_mass", {real(1), text("Kilogram"), text("kilogram")}), "null");
}

TEST(Math, BetaDistribution) {
  EXPECT_EQ(real_call("beta_cdf", {real(0.9), real(10), real(20)}).substr(0, 14), "0.999999999999");
  EXPECT_EQ(real_call("beta_cdf", {real(0.5), real(3), real(3)}), "0.5");
  EXPECT_EQ(real_call("beta_cdf", {real(1.5), real(10), real(20)}), "nan");
  EXPECT_EQ(real_call("beta_pdf", {real(0.5), real(10), real(20)}).substr(0, 12), "0.7461760193");
  EXPECT_EQ(real_call("beta_inv", {real(0.1), real(10), real(20)}).substr(0, 14), "0.226415022388");
}

TEST(Math, EdgesOfFunctions) {
  EXPECT_EQ(long_call("real_to_long", {real(HUGE_VAL)}), "null");
  EXPECT_EQ(real_call("log", {real(0)}), "-inf");
  EXPECT_EQ(real_call("log", {real(-1)}), "null");
  EXPECT_EQ(real_call("sign", {real(-3)}), "-1.0");
  EXPECT_EQ(real_call("pow", {real(2), real(10)}), "1024.0");
  EXPECT_EQ(long_call("abs_long", {number(INT64_MIN)}), std::to_string(INT64_MIN));
  EXPECT_EQ(long_call("max_of", {null(Type::kLong), number(3), number(-3)}), "3");
  EXPECT_EQ(long_call("min_of", {number(5), null(Type::kLong), number(-3)}), "-3");
  EXPECT_EQ(long_call("max_of", {null(Type::kLong), null(Type::kLong)}), "null");
  EXPECT_EQ(text_call("max_of", {text("a"), text("b")}), "b");
  EXPECT_EQ(call("min_of", {decimal("1.5"), decimal("-2")}, Type::kDecimal), "-2");
  EXPECT_EQ(long_call("binary_shift_left", {number(1), number(65)}), "2");
  EXPECT_EQ(long_call("binary_not", {number(100)}), "-101");
  EXPECT_EQ(long_call("bitset_count_ones", {number(-1)}), "64");
}

}  // namespace
}  // namespace huntbook::kql::runtime
