// IPv4 and IPv6 addresses as numbers. An address may carry a prefix length ("10.0.0.0/8").
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace huntbook::kql::runtime {

__extension__ using Bits = unsigned __int128;

struct Ipv4 {
  uint32_t bits = 0;
  int prefix = 32;
};
struct Ipv6 {
  Bits bits = 0;
  int prefix = 128;
};

uint32_t mask4(int prefix);
Bits mask6(int prefix);

/// Four decimal parts and nothing else.
std::optional<uint32_t> read_dotted(std::string_view text);
std::optional<Ipv4> read_ipv4(std::string_view text);
/// An IPv4 address is taken as ::ffff:a.b.c.d, its prefix counted from there. With `tail`, so is the prefix
/// of
/// ::a.b.c.d.
std::optional<Ipv6> read_ipv6(std::string_view text, bool tail = false);

}  // namespace huntbook::kql::runtime
