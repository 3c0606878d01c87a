#include <gtest/gtest.h>

#include "kql/runtime/call_body.h"

namespace huntbook::kql::runtime {
namespace {

TEST(Network, Compare) {
  const struct {
    const char *a, *b, *order, *match;
  } cases[] = {
      {"192.168.1.0", "192.168.1.0", "0", "true"},
      {"192.168.1.1/24", "192.168.1.255", "0", "true"},
      {"192.168.1.1/30", "192.168.1.255/24", "0", "true"},
      {"192.168.1.1", "192.168.1.2", "-1", "false"},
      {"255.0.0.0", "1.0.0.0", "1", "false"},
      {"192.168.1.256", "1.0.0.0", "null", "null"},
      {"1.2.3", "1.0.0.0", "null", "null"},
      {"1.2.3.4/33", "1.0.0.0", "null", "null"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(call("ipv4_compare", {text(c.a), text(c.b)}, Type::kLong), c.order) << c.a;
    EXPECT_EQ(call("ipv4_is_match", {text(c.a), text(c.b)}, Type::kBool), c.match) << c.a;
  }
  EXPECT_EQ(call("ipv4_is_match", {text("192.168.1.1"), text("192.168.1.0"), number(31)}, Type::kBool),
            "true");
}

TEST(Network, CompareSix) {
  const struct {
    const char *a, *b, *order;
  } cases[] = {
      {"192.168.1.1", "::ffff:c0a8:0101", "0"},
      {"192.168.1.1/24", "::ffff:c0a8:01ff", "0"},
      {"::192.168.1.1/30", "192.168.1.255/24", "0"},
      {"fe80::85d:e82c:9446:7994/120", "fe80::85d:e82c:9446:7998", "0"},
      {"fe80::85d:e82c:9446:7994", "fe80::85d:e82c:9446:7998", "-1"},
      {"::", "::1", "-1"},
      {"1::2::3", "::1", "null"},
      {"1:2:3:4:5:6:7:8:9", "::1", "null"},
      {"12345::", "::1", "null"},
      {"1:", "::1", "null"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(call("ipv6_compare", {text(c.a), text(c.b)}, Type::kLong), c.order) << c.a;
  EXPECT_EQ(call("parse_ipv6", {text("127.0.0.1")}, Type::kString),
            "0000:0000:0000:0000:0000:ffff:7f00:0001");
  EXPECT_EQ(call("parse_ipv6_mask", {text("::192.168.255.255/24"), number(128)}, Type::kString),
            "0000:0000:0000:0000:0000:0000:c0a8:ff00");
  EXPECT_EQ(call("parse_ipv6_mask", {text("fe80::85d:e82c:9446:7994/120"), number(124)}, Type::kString),
            "fe80:0000:0000:0000:085d:e82c:9446:7900");
}

TEST(Network, Ranges) {
  EXPECT_EQ(call("ipv4_is_in_range", {text("192.168.1.6"), text("192.168.1.1/24")}, Type::kBool), "true");
  EXPECT_EQ(call("ipv4_is_in_range", {text("192.168.2.6"), text("192.168.1.1/24")}, Type::kBool), "false");
  EXPECT_EQ(call("ipv4_is_in_range", {text("x"), text("192.168.1.1/24")}, Type::kBool), "null");
  EXPECT_EQ(call("ipv4_is_in_any_range", {text("10.1.2.3"), text("192.168.0.0/16"), text("10.0.0.0/8")},
                 Type::kBool),
            "true");
  EXPECT_EQ(
      call("ipv4_is_in_any_range", {text("11.1.2.3"), dynamic(R"(["192.168.0.0/16","bad"])")}, Type::kBool),
      "false");
  EXPECT_EQ(call("ipv4_is_private", {text("172.31.255.255")}, Type::kBool), "true");
  EXPECT_EQ(call("ipv4_is_private", {text("172.32.0.0")}, Type::kBool), "false");
  EXPECT_EQ(call("ipv4_range_to_cidr_list", {text("0.0.0.0"), text("255.255.255.255")}), R"(["0.0.0.0/0"])");
  EXPECT_EQ(call("ipv4_range_to_cidr_list", {text("1.1.128.0"), text("1.1.140.255")}),
            R"(["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"])");
}

TEST(Network, Formats) {
  EXPECT_EQ(call("format_ipv4", {text("192.168.1.1/24"), number(32)}, Type::kString), "192.168.1.0");
  EXPECT_EQ(call("format_ipv4_mask", {text("192.168.1.1/24"), number(32)}, Type::kString), "192.168.1.0/24");
  EXPECT_EQ(call("format_ipv4", {text("192.168.1.1/24"), number(-1)}, Type::kString), "");
  EXPECT_EQ(call("parse_ipv4", {text("255.255.255.255/31")}, Type::kLong), "4294967294");
  EXPECT_EQ(call("ipv4_netmask_suffix", {text("10.1.2.3")}, Type::kLong), "32");
}

TEST(Network, AddressesInTexts) {
  EXPECT_EQ(call("has_ipv4", {text("05:04:54 127.0.0.1 GET"), text("127.0.0.1")}, Type::kBool), "true");
  EXPECT_EQ(call("has_ipv4", {text("05:04:54 127.0.0.256 GET"), text("127.0.0.256")}, Type::kBool), "false");
  EXPECT_EQ(call("has_ipv4", {text("05:04:54127.0.0.1 GET"), text("127.0.0.1")}, Type::kBool), "false");
  EXPECT_EQ(call("has_ipv4", {text("at 127.0.0.1."), text("127.0.0.1")}, Type::kBool), "true");
  EXPECT_EQ(call("has_ipv4_prefix", {text("x 127.0.0.1"), text("127.0.")}, Type::kBool), "true");
  EXPECT_EQ(call("has_ipv4_prefix", {text("x 127.0.0.1"), text("127.0")}, Type::kBool), "false");
  EXPECT_EQ(call("has_ipv4_prefix", {text("x 127.0.0.1"), dynamic(R"(["9.","127.0."])")}, Type::kBool),
            "true");
}

}  // namespace
}  // namespace huntbook::kql::runtime
