#include "entities/ip_address.h"

#include <gtest/gtest.h>

namespace huntbook {
namespace {

TEST(IpAddress, ClassifiesByTheSpecialPurposeRegistries) {
  struct Case {
    const char* text;
    const char* type;
    int version;
  };
  const Case cases[] = {{"8.8.8.8", "Public", 4},
                        {"10.1.2.3", "Private", 4},
                        {"172.16.0.1", "Private", 4},
                        {"172.32.0.1", "Public", 4},
                        {"192.168.255.255", "Private", 4},
                        {"127.0.0.1", "Loopback", 4},
                        {"169.254.1.1", "Link Local", 4},
                        {"224.0.0.251", "Multicast", 4},
                        {"0.0.0.0", "Unspecified", 4},
                        {"0.1.2.3", "Reserved", 4},
                        {"255.255.255.255", "Reserved", 4},
                        {"100.64.0.1", "Shared", 4},
                        {"203.0.113.9", "Documentation", 4},
                        {"2001:4860:4860::8888", "Public", 6},
                        {"::1", "Loopback", 6},
                        {"::", "Unspecified", 6},
                        {"fe80::1", "Link Local", 6},
                        {"fd00::1", "Private", 6},
                        {"ff02::1", "Multicast", 6},
                        {"2001:db8::1", "Documentation", 6},
                        {"::ffff:10.0.0.1", "Private", 6},
                        {"4000::1", "Reserved", 6}};
  for (const auto& one : cases) {
    const IpKind kind = classify_ip(one.text);
    EXPECT_EQ(kind.type, one.type) << one.text;
    EXPECT_EQ(kind.version, one.version) << one.text;
  }
}

TEST(IpAddress, GivesNothingForWhatIsNoAddress) {
  for (const char* text :
       {"", "1.2.3", "256.1.1.1", "1.2.3.4:80", "example.com", "<script>", "1.2.3.4 ", "::g"}) {
    EXPECT_EQ(classify_ip(text).type, "") << text;
    EXPECT_EQ(classify_ip(text).version, 0) << text;
  }
  EXPECT_EQ(classify_ip(std::string_view("1.2.3.4\0x", 9)).type, "");
}

}  // namespace
}  // namespace huntbook
