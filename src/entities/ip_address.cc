#include "entities/ip_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace huntbook {
namespace {

struct Range4 {
  uint32_t base;
  int bits;
  std::string_view type;
};

constexpr uint32_t v4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

// The first range that holds the address decides.
constexpr Range4 kRanges4[] = {
    {v4(0, 0, 0, 0), 32, "Unspecified"},        {v4(127, 0, 0, 0), 8, "Loopback"},
    {v4(169, 254, 0, 0), 16, "Link Local"},     {v4(10, 0, 0, 0), 8, "Private"},
    {v4(172, 16, 0, 0), 12, "Private"},         {v4(192, 168, 0, 0), 16, "Private"},
    {v4(100, 64, 0, 0), 10, "Shared"},          {v4(192, 0, 2, 0), 24, "Documentation"},
    {v4(198, 51, 100, 0), 24, "Documentation"}, {v4(203, 0, 113, 0), 24, "Documentation"},
    {v4(224, 0, 0, 0), 4, "Multicast"},         {v4(0, 0, 0, 0), 8, "Reserved"},
    {v4(192, 0, 0, 0), 24, "Reserved"},         {v4(198, 18, 0, 0), 15, "Reserved"},
    {v4(240, 0, 0, 0), 4, "Reserved"}};

struct Range6 {
  std::array<uint8_t, 16> base;
  int bits;
  std::string_view type;
};

constexpr Range6 kRanges6[] = {{{}, 128, "Unspecified"},
                               {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "Loopback"},
                               {{0xfe, 0x80}, 10, "Link Local"},
                               {{0xfc}, 7, "Private"},
                               {{0xff}, 8, "Multicast"},
                               {{0x20, 0x01, 0x0d, 0xb8}, 32, "Documentation"},
                               {{0x3f, 0xff}, 20, "Documentation"},
                               {{0x20}, 3, "Public"}};

std::string_view classify4(uint32_t address) {
  for (const auto& range : kRanges4) {
    const uint32_t mask = range.bits == 0 ? 0 : ~uint32_t{0} << (32 - range.bits);
    if ((address & mask) == range.base) return range.type;
  }
  return "Public";
}

bool in_range(const uint8_t* address, const Range6& range) {
  for (int bit = 0; bit < range.bits; bit += 8) {
    const int left = range.bits - bit;
    const uint8_t mask = left >= 8 ? 0xff : static_cast<uint8_t>(0xff << (8 - left));
    const auto at = static_cast<size_t>(bit / 8);
    if ((address[at] & mask) != (range.base[at] & mask)) return false;
  }
  return true;
}

}  // namespace

IpKind classify_ip(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return {};
  in_addr four{};
  if (inet_pton(AF_INET, copy.c_str(), &four) == 1) return {classify4(ntohl(four.s_addr)), 4};
  in6_addr six{};
  if (inet_pton(AF_INET6, copy.c_str(), &six) != 1) return {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    uint32_t mapped = 0;
    std::memcpy(&mapped, six.s6_addr + 12, 4);
    return {classify4(ntohl(mapped)), 6};
  }
  for (const auto& range : kRanges6) {
    if (in_range(six.s6_addr, range)) return {range.type, 6};
  }
  return {"Reserved", 6};
}

}  // namespace huntbook
