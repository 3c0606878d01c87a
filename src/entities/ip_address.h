// The IpAddress entity: what kind of address a text is.
#pragma once
#include <string>
#include <string_view>

namespace huntbook {

struct IpKind {
  /// "Public", "Private", "Loopback", "Link Local", "Multicast", "Reserved", "Shared", "Documentation" or
  /// "Unspecified"; empty when the text is no address.
  std::string_view type;
  int version = 0;  ///< 4 or 6; 0 when the text is no address
};

/// Classifies by the IANA special-purpose registries (RFC 6890); an IPv4-mapped IPv6 address counts as its
/// IPv4 address. Blanks around, defanging (1[.]2[.]3[.]4) and a port are not taken away.
IpKind classify_ip(std::string_view text);

}  // namespace huntbook
