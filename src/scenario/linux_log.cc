#include "scenario/linux_log.h"

namespace huntbook::scenario {
namespace {

void audit_head(std::string& out, Micros t, const Host& host, std::string_view type, uint64_t serial) {
  ((((out += "node=") += host.name) += " type=") += type) += " msg=audit(";
  append_epoch(out, t, 3);
  out += ':';
  append_number(out, static_cast<int64_t>(serial));
  out += "):";
}

void field(std::string& out, std::string_view name, int64_t value) {
  ((out += ' ') += name) += '=';
  append_number(out, value);
}

}  // namespace

uint32_t linux_pid(World& world) { return static_cast<uint32_t>(world.rng.between(1'200, 65'000)); }

void syslog_line(World& world, Micros t, const Host& host, std::string_view program, uint32_t pid,
                 std::string_view text) {
  LogLine line(world, LogFile::kSyslog, t, host);
  append_syslog(line.out, t);
  ((((line.out += ' ') += host.name) += ' ') += program);
  if (pid > 0) {
    line.out += '[';
    append_number(line.out, pid);
    line.out += ']';
  }
  (line.out += ": ") += text;
}

void audit_exec(World& world, Micros t, Host& host, const ExecSpec& spec) {
  uint64_t serial = ++host.next_audit;
  std::string_view command = spec.path.substr(spec.path.rfind('/') + 1);
  {
    LogLine line(world, LogFile::kAudit, t, host);
    audit_head(line.out, t, host, "SYSCALL", serial);
    line.out +=
        " arch=c000003e syscall=59 success=yes exit=0 a0=55d0c8a3 a1=55d0c8b7 a2=55d0c8c1 a3=8 items=1";
    field(line.out, "ppid", spec.ppid);
    field(line.out, "pid", spec.pid);
    field(line.out, "auid", spec.auid);
    for (const char* name : {"uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid"})
      field(line.out, name, spec.uid);
    (line.out += " tty=") += spec.terminal;
    field(line.out, "ses", spec.session);
    ((((line.out += " comm=\"") += command.substr(0, 15)) += "\" exe=\"") += spec.path) +=
        "\" subj=unconfined key=\"exec\"";
  }
  {
    LogLine line(world, LogFile::kAudit, t, host);
    audit_head(line.out, t, host, "EXECVE", serial);
    field(line.out, "argc", static_cast<int64_t>(spec.arguments.size()));
    int64_t index = 0;
    for (std::string_view argument : spec.arguments) {
      line.out += " a";
      append_number(line.out, index++);
      line.out += '=';
      // As the audit daemon does: text with spaces or quotes is written as hexadecimal.
      if (argument.find_first_of(" \"'") == std::string_view::npos) {
        ((line.out += '"') += argument) += '"';
      } else {
        for (unsigned char c : argument) append_hex(line.out, c, 2, true);
      }
    }
  }
  {
    LogLine line(world, LogFile::kAudit, t, host);
    audit_head(line.out, t, host, "CWD", serial);
    ((line.out += " cwd=\"") += spec.folder) += '"';
  }
  {
    LogLine line(world, LogFile::kAudit, t, host);
    audit_head(line.out, t, host, "PATH", serial);
    ((line.out += " item=0 name=\"") += spec.path) +=
        "\" inode=131842 dev=fd:00 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL";
  }
  LogLine line(world, LogFile::kAudit, t, host);
  audit_head(line.out, t, host, "PROCTITLE", serial);
  line.out += " proctitle=";
  bool first = true;
  for (std::string_view argument : spec.arguments) {
    if (!first) line.out += "00";
    first = false;
    for (unsigned char c : argument) append_hex(line.out, c, 2, true);
  }
}

void audit_login(World& world, Micros t, Host& host, std::string_view account, uint32_t auid,
                 std::string_view address, uint32_t pid, bool ok) {
  uint64_t serial = ++host.next_audit;
  LogLine line(world, LogFile::kAudit, t, host);
  audit_head(line.out, t, host, "USER_LOGIN", serial);
  field(line.out, "pid", pid);
  field(line.out, "uid", 0);
  field(line.out, "auid", ok ? auid : 4'294'967'295U);
  ((line.out += " ses=4294967295 msg='op=login acct=\"") += account) +=
      "\" exe=\"/usr/sbin/sshd\" hostname=? addr=";
  ((line.out += address) += " terminal=sshd res=") += ok ? "success'" : "failed'";
}

}  // namespace huntbook::scenario
