// Network traffic: one connection is a line of Zeek's conn log, and of its dns or http log, and the Sysmon
// events of the process behind it, all with the same addresses and ports.
#pragma once
#include <string>
#include <string_view>

#include "scenario/sysmon.h"

namespace huntbook::scenario {

struct ConnSpec {
  const Host* from = nullptr;  ///< nullptr: `source` is an outside address
  std::string_view source;
  std::string_view destination;
  std::string_view destination_name = "-";
  uint32_t port = 0;
  std::string_view protocol = "tcp";
  std::string_view service = "-";  ///< as Zeek names it
  std::string_view state = "SF";
  Micros duration = 0;
  uint64_t sent = 0, received = 0;   ///< payload bytes of the originator and of the responder
  const Process* process = nullptr;  ///< writes Sysmon 3 when set
  const Identity* who = nullptr;
};

struct Connection {
  std::string uid;
  uint32_t source_port = 0;
};

Connection connect(World& world, Micros t, const ConnSpec& spec);

/// A DNS look-up at a domain controller; an empty answer is NXDOMAIN. Sysmon 22 when there is a process.
void resolve(World& world, Micros t, const Host& from, const Process* process, const Identity* who,
             std::string_view name, std::string_view answer);

struct HttpSpec {
  std::string_view method = "GET", host, uri, agent;
  int status = 200;
  uint64_t request_body = 0, response_body = 0;
  std::string_view mime = "text/html";
};
/// A request on a connection that connect() wrote.
void http_request(World& world, Micros t, const ConnSpec& spec, const Connection& connection,
                  const HttpSpec& http);

/// True for the private addresses that the company uses.
bool is_internal(std::string_view address);

}  // namespace huntbook::scenario
