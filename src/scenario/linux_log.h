// Linux: syslog lines and audit records.
#pragma once
#include <initializer_list>
#include <string_view>

#include "scenario/world.h"

namespace huntbook::scenario {

/// "Mar 10 09:12:01 lnx-web01 sshd[2211]: text".
void syslog_line(World& world, Micros t, const Host& host, std::string_view program, uint32_t pid,
                 std::string_view text);

struct ExecSpec {
  std::string_view path;                              ///< of the program
  std::initializer_list<std::string_view> arguments;  ///< with argument 0
  std::string_view user = "root";                     ///< who logged in
  uint32_t auid = 4'294'967'295U, uid = 0, pid = 0, ppid = 1, session = 4'294'967'295U;
  std::string_view terminal = "(none)", folder = "/";
};
/// SYSCALL (execve), EXECVE, CWD, PATH and PROCTITLE records of one event.
void audit_exec(World& world, Micros t, Host& host, const ExecSpec& spec);
/// USER_LOGIN of sshd.
void audit_login(World& world, Micros t, Host& host, std::string_view account, uint32_t auid,
                 std::string_view address, uint32_t pid, bool ok);

uint32_t linux_pid(World& world);

}  // namespace huntbook::scenario
