// Sysmon events other than process start and end.
#pragma once
#include <string_view>

#include "scenario/world.h"

namespace huntbook::scenario {

/// The process an event is about, on a host, as an account.
struct Actor {
  const Host& host;
  const Process& process;
  const Identity& who;
};

void image_load(World& world, Micros t, const Actor& actor, std::string_view dll, bool is_signed = true);
void remote_thread(World& world, Micros t, const Actor& actor, const Process& target);
void process_access(World& world, Micros t, const Actor& actor, const Process& target,
                    std::string_view granted, std::string_view trace);
void file_create(World& world, Micros t, const Actor& actor, std::string_view path);
void file_delete(World& world, Micros t, const Actor& actor, std::string_view path);
/// Event 13 when there are details, else 12.
void registry_set(World& world, Micros t, const Actor& actor, std::string_view key, std::string_view details);
/// Event 17 (created) or 18 (connected).
void named_pipe(World& world, Micros t, const Actor& actor, std::string_view pipe, bool created);
void dns_query(World& world, Micros t, const Actor& actor, std::string_view name, std::string_view answer);

struct Flow {
  std::string_view protocol = "tcp";
  std::string_view source, destination;
  std::string_view destination_name = "-";
  uint32_t source_port = 0, destination_port = 0;
  bool initiated = true;
};
void network_connection(World& world, Micros t, const Actor& actor, const Flow& flow);

}  // namespace huntbook::scenario
