#include "net/egress.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace huntbook::net {
namespace {

sockaddr_storage address_of(const std::string& text) {
  sockaddr_storage storage{};
  auto* four = reinterpret_cast<sockaddr_in*>(&storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) storage.ss_family = AF_INET;
  else if (inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1) storage.ss_family = AF_INET6;
  return storage;
}

TEST(Egress, ClassifiesAddresses) {
  const std::pair<const char*, AddressKind> cases[] = {
      {"8.8.8.8", AddressKind::kPublic},
      {"10.0.0.1", AddressKind::kPrivate},
      {"172.16.0.1", AddressKind::kPrivate},
      {"172.32.0.1", AddressKind::kPublic},
      {"192.168.255.1", AddressKind::kPrivate},
      {"100.64.0.1", AddressKind::kPrivate},
      {"127.3.2.1", AddressKind::kLoopback},
      {"169.254.169.254", AddressKind::kLinkLocal},
      {"0.0.0.0", AddressKind::kSpecial},
      {"224.0.0.1", AddressKind::kSpecial},
      {"255.255.255.255", AddressKind::kSpecial},
      {"192.0.2.1", AddressKind::kSpecial},
      {"::1", AddressKind::kLoopback},
      {"::", AddressKind::kSpecial},
      {"fe80::1", AddressKind::kLinkLocal},
      {"fd00::1", AddressKind::kPrivate},
      {"::ffff:10.0.0.1", AddressKind::kPrivate},
      {"::ffff:169.254.1.1", AddressKind::kLinkLocal},
      {"64:ff9b::7f00:1", AddressKind::kLoopback},
      {"2002:a00:1::", AddressKind::kPrivate},
      {"ff02::1", AddressKind::kSpecial},
      {"2606:4700::1111", AddressKind::kPublic},
      {"2001:db8::1", AddressKind::kSpecial},
  };
  for (const auto& [text, kind] : cases) {
    const auto storage = address_of(text);
    EXPECT_EQ(classify_address(reinterpret_cast<const sockaddr*>(&storage)), kind) << text;
    EXPECT_EQ(classify_literal(text), kind) << text;
  }
  EXPECT_EQ(classify_literal("localhost"), std::nullopt);
}

TEST(Egress, OnlyHostsThatAreNamed) {
  Egress egress;
  ASSERT_TRUE(egress.allow(*parse_url("https://a.example"), false).ok());
  EXPECT_TRUE(egress.check(*parse_url("https://a.example/x?y")).ok());
  for (const char* other : {"https://b.example", "https://a.example:8443", "http://a.example:443",
                            "https://a.example.evil.example", "https://sub.a.example"}) {
    auto status = egress.check(*parse_url(other));
    ASSERT_FALSE(status.ok()) << other;
    EXPECT_EQ(status.error().code, "HB-W002");
  }
  egress.set_offline(true);
  EXPECT_EQ(egress.check(*parse_url("https://a.example")).error().code, "HB-W003");
}

TEST(Egress, PlainHttpForThisMachineAlone) {
  Egress egress;
  EXPECT_TRUE(egress.allow(*parse_url("http://127.0.0.1:8080"), true).ok());
  EXPECT_TRUE(egress.allow(*parse_url("http://localhost"), true).ok());
  EXPECT_TRUE(egress.allow(*parse_url("http://[::1]"), true).ok());
  EXPECT_TRUE(egress.allow(*parse_url("http://169.254.169.254"), true).ok());
  auto clear = egress.allow(*parse_url("http://splunk.corp.example:8089"), true);
  ASSERT_FALSE(clear.ok());
  EXPECT_EQ(clear.error().message, "`http://splunk.corp.example:8089` would send everything in the clear");
  EXPECT_FALSE(egress.allow(*parse_url("http://localhost.evil.example"), true).ok());
}

TEST(Egress, PrivateNetworksOnlyForHostsThatTheUserNamed) {
  Egress egress;
  ASSERT_TRUE(egress.allow(*parse_url("https://cloud.example"), false).ok());
  ASSERT_TRUE(egress.allow(*parse_url("https://splunk.corp.example"), true).ok());
  ASSERT_TRUE(egress.allow(*parse_url("https://169.254.1.1"), true).ok());
  ASSERT_TRUE(egress.allow(*parse_url("http://localhost"), true).ok());
  const auto may = [&](const char* url, const char* address) {
    const auto storage = address_of(address);
    return egress.may_connect(*parse_url(url), reinterpret_cast<const sockaddr*>(&storage));
  };
  EXPECT_TRUE(may("https://cloud.example", "8.8.8.8"));
  EXPECT_FALSE(may("https://cloud.example", "10.1.2.3"));
  EXPECT_FALSE(may("https://cloud.example", "127.0.0.1"));
  EXPECT_FALSE(may("https://cloud.example", "169.254.169.254"));
  EXPECT_TRUE(may("https://splunk.corp.example", "10.1.2.3"));
  EXPECT_FALSE(may("https://splunk.corp.example", "169.254.169.254"));
  EXPECT_TRUE(may("https://169.254.1.1", "169.254.1.1"));
  EXPECT_TRUE(may("http://localhost", "127.0.0.1"));
  EXPECT_FALSE(may("http://localhost", "8.8.8.8"));
  EXPECT_FALSE(may("https://other.example", "8.8.8.8"));
}

}  // namespace
}  // namespace huntbook::net
