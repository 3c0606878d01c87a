// Windows Security (and System) events about logons, Kerberos, shares, services, tasks and accounts.
#pragma once
#include <string>
#include <string_view>

#include "scenario/world.h"

namespace huntbook::scenario {

struct LogonSpec {
  uint32_t host = 0;
  const Identity* who = nullptr;
  int type = 3;  ///< 2 at the console, 3 network, 4 batch, 5 service, 7 unlock, 10 remote desktop, 11 cached
  std::string_view address = "-";  ///< where from
  std::string_view workstation = "-";
  uint32_t port = 0;
  bool kerberos = true;
  bool privileged = false;  ///< 4672 as well
  Micros lifetime = 0;      ///< 4634 after this; 0: never
  uint64_t logon_id = 0;    ///< 0: a new one
};
/// 4624 and what belongs to it; gives the logon id.
uint64_t logon(World& world, Micros t, const LogonSpec& spec);

struct FailedLogonSpec {
  uint32_t host = 0;
  std::string_view account;
  int type = 3;
  std::string_view address = "-", workstation = "-";
  bool unknown_user = false;
};
void failed_logon(World& world, Micros t, const FailedLogonSpec& spec);

/// 4648: `who` uses the credentials of `target`.
void explicit_logon(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id,
                    const Identity& target, std::string_view server, const Process& process);

/// 4768 and 4769 on a domain controller, for a client at `address`.
void kerberos_ticket_granting(World& world, Micros t, const Host& controller, const Identity& who,
                              std::string_view address, uint32_t port);
void kerberos_service(World& world, Micros t, const Host& controller, const Identity& who,
                      std::string_view service, std::string_view address, uint32_t port, bool weak = false);
/// 4776.
void ntlm_validation(World& world, Micros t, const Host& controller, std::string_view account,
                     std::string_view workstation, bool ok);

struct ShareSpec {
  uint32_t host = 0;
  const Identity* who = nullptr;
  uint64_t logon_id = 0;
  std::string_view address, share, local_path;
  uint32_t port = 0;
};
/// 5140, and 5145 per file.
void share_access(World& world, Micros t, const ShareSpec& spec);
void share_file(World& world, Micros t, const ShareSpec& spec, std::string_view file, bool write);

struct ServiceSpec {
  uint32_t host = 0;
  const Identity* who = nullptr;
  uint64_t logon_id = 0;
  std::string_view name, path;
  std::string_view start = "demand start";
};
/// System 7045 and Security 4697.
void service_install(World& world, Micros t, const ServiceSpec& spec);
/// System 7036.
void service_state(World& world, Micros t, const Host& host, std::string_view name, bool running);

/// 4698.
void task_created(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id,
                  std::string_view name, std::string_view command);

/// 4720, 4722, 4738 (event ids) about `target`.
void account_event(World& world, Micros t, const Host& controller, int event_id, const Identity& who,
                   uint64_t logon_id, const Identity& target);
/// 4728 (global group) or 4732 (local group).
void group_member_added(World& world, Micros t, const Host& controller, int event_id, const Identity& who,
                        uint64_t logon_id, const Identity& member, std::string_view group);
/// 1102.
void log_cleared(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id);

}  // namespace huntbook::scenario
