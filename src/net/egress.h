// Where requests may go: only to the hosts that a connection named.
#pragma once
#include <sys/socket.h>

#include <string>
#include <vector>

#include "huntbook/result.h"
#include "net/url.h"

namespace huntbook::net {

/// What an address is to the network.
enum class AddressKind : uint8_t { kPublic, kPrivate, kLoopback, kLinkLocal, kSpecial };
AddressKind classify_address(const sockaddr* address);
/// Of an address written as text, or nothing for a name.
std::optional<AddressKind> classify_literal(const std::string& host);

/// The hosts of one connection. Everything else is refused ("HB-W002"), and everything at all when offline
/// ("HB-W003").
class Egress {
 public:
  void set_offline(bool offline) { offline_ = offline; }
  /// Lets requests to the URL's host and port pass. `named`: the user wrote this host, so that it may stand
  /// in a private network; a host that the program knows by itself may not. Plain http is for loopback alone,
  /// and for the one address at which a machine in a cloud asks for its identity.
  Status allow(const Url& url, bool named);
  /// Whether a request may go there.
  Status check(const Url& url) const;
  /// Whether a socket to this address may be opened for that URL.
  bool may_connect(const Url& url, const sockaddr* address) const;

 private:
  struct Host {
    Url url;
    bool named = false;
  };
  const Host* find(const Url& url) const;
  std::vector<Host> hosts_;
  bool offline_ = false;
};

}  // namespace huntbook::net
