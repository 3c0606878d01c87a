#include "net/egress.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cstring>

namespace huntbook::net {
namespace {

constexpr std::string_view kMachineIdentity = "169.254.169.254";

AddressKind classify_four(uint32_t address) {
  const auto in = [&](uint32_t net, int bits) { return address >> (32 - bits) == net >> (32 - bits); };
  if (in(0x7f000000, 8)) return AddressKind::kLoopback;
  if (in(0xa9fe0000, 16)) return AddressKind::kLinkLocal;
  if (in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16) || in(0x64400000, 10))
    return AddressKind::kPrivate;
  if (in(0x00000000, 8) || in(0xc0000000, 24) || in(0xc0000200, 24) || in(0xc6120000, 15) ||
      in(0xc6336400, 24) || in(0xcb007100, 24) || in(0xe0000000, 3))
    return AddressKind::kSpecial;
  return AddressKind::kPublic;
}

AddressKind classify_six(const in6_addr& address) {
  const uint8_t* b = address.s6_addr;
  const auto four = [&](size_t at) {
    return classify_four(static_cast<uint32_t>(b[at]) << 24 | static_cast<uint32_t>(b[at + 1]) << 16 |
                         static_cast<uint32_t>(b[at + 2]) << 8 | b[at + 3]);
  };
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr uint8_t kTranslated[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  static constexpr uint8_t kZero[15] = {};
  if (std::memcmp(b, kMapped, 12) == 0 || std::memcmp(b, kTranslated, 12) == 0) return four(12);
  if (b[0] == 0x20 && b[1] == 0x02) return four(2);  // 6to4 carries an IPv4 address
  if (std::memcmp(b, kZero, 15) == 0 && b[15] == 1) return AddressKind::kLoopback;
  if (std::memcmp(b, kZero, 12) == 0) return AddressKind::kSpecial;
  if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) return AddressKind::kLinkLocal;
  if ((b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0xc0)) return AddressKind::kPrivate;
  if ((b[0] & 0xe0) != 0x20) return AddressKind::kSpecial;  // only 2000::/3 is given out
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 2)
    return AddressKind::kSpecial;  // 2001::/23, Teredo and the like
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) return AddressKind::kSpecial;
  return AddressKind::kPublic;
}

bool is_loopback_name(const std::string& host) {
  return host == "localhost" || classify_literal(host) == AddressKind::kLoopback;
}

}  // namespace

AddressKind classify_address(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, address, sizeof four);
    return classify_four(ntohl(four.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, address, sizeof six);
    return classify_six(six.sin6_addr);
  }
  return AddressKind::kSpecial;
}

std::optional<AddressKind> classify_literal(const std::string& host) {
  in_addr four;
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return classify_four(ntohl(four.s_addr));
  in6_addr six;
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return classify_six(six);
  return std::nullopt;
}

Status Egress::allow(const Url& url, bool named) {
  if (url.scheme != "https" && !is_loopback_name(url.host) && url.host != kMachineIdentity)
    return Diagnostic{"HB-W001", fmt::format("`{}` would send everything in the clear", url.origin()),
                      {},        "use https; plain http is for this machine alone (localhost)",
                      "",        ""};
  if (const Host* known = find(url); known && (known->named || !named)) return {};
  hosts_.insert(hosts_.begin(), {url, named});
  return {};
}

const Egress::Host* Egress::find(const Url& url) const {
  for (const auto& host : hosts_) {
    if (host.url.same_origin(url)) return &host;
  }
  return nullptr;
}

Status Egress::check(const Url& url) const {
  if (offline_)
    return Diagnostic{"HB-W003", fmt::format("nothing is asked of `{}`: the program runs offline", url.host),
                      {},        "leave out --offline to ask services",
                      "",        ""};
  if (!find(url))
    return Diagnostic{"HB-W002", fmt::format("`{}` is no host of this connection", url.origin()),
                      {},        "requests go only to the hosts that the connection's settings name",
                      "",        ""};
  return {};
}

bool Egress::may_connect(const Url& url, const sockaddr* address) const {
  const Host* host = find(url);
  if (offline_ || !host) return false;
  const AddressKind kind = classify_address(address);
  if (url.scheme != "https" && url.host != kMachineIdentity) return kind == AddressKind::kLoopback;
  switch (kind) {
    case AddressKind::kPublic: return true;
    case AddressKind::kPrivate:
    case AddressKind::kLoopback: return host->named;
    case AddressKind::kLinkLocal:
    case AddressKind::kSpecial: return host->named && classify_literal(url.host).has_value();
  }
  return false;
}

}  // namespace huntbook::net
