// People at their computers: sessions, desktops, programs, web and shares. Used by the benign days and by the
// intrusion.
#pragma once
#include <string>
#include <string_view>

#include "scenario/network.h"
#include "scenario/process.h"
#include "scenario/security.h"

namespace huntbook::scenario {

struct Site;

/// The user's session at `t`: today's, or a new one with logon and desktop.
Session& ensure_session(World& world, User& user, Micros t);

/// A long-running program of the user's session (`slot` is a member of it), started when first wanted.
const Process& ensure_program(World& world, User& user, Process& slot, std::string_view image, Micros t);
constexpr std::string_view kOutlook = "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE";
constexpr std::string_view kWord = "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE";

/// userinit.exe and explorer.exe of a fresh interactive logon; gives explorer, which lives until `end`.
Process open_desktop(World& world, Micros t, uint32_t host, const Identity& who, uint64_t logon_id,
                     Micros end, bool elevated);

/// Starts a child of `parent` in somebody's session.
struct RunSpec {
  uint32_t host = 0;
  const Process* parent = nullptr;
  const Identity* who = nullptr;
  uint64_t logon_id = 0;
  std::string_view image, command;
  Micros lifetime = 0;
  bool elevated = false;
};
Process run_program(World& world, Micros t, const RunSpec& spec);

/// Look-up, connection and, for a plain site, the request.
void visit_site(World& world, Micros t, const Host& host, const Process& process, const Identity& who,
                const Site& site, bool look_up);

/// A file server's share over SMB with Kerberos: ticket, connection, logon, share events. Gives the logon id.
uint64_t visit_share(World& world, Micros t, const Host& from, const Identity& who, uint32_t server,
                     std::string_view share, int files);

/// Somebody who is likely at work at `t`.
User& somebody_working(World& world, Micros t);

}  // namespace huntbook::scenario
