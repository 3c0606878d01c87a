// What Linux servers write: cron, systemd, ssh, sudo, web traffic, and the knocking from outside.
#include <array>

#include "scenario/benign.h"
#include "scenario/linux_log.h"
#include "scenario/network.h"

namespace huntbook::scenario {
namespace {

Host& any_linux(World& world) { return world.host(world.rng.pick(world.company.linux_hosts)); }

void cron_job(World& world, Micros t) {
  Host& host = any_linux(world);
  uint32_t pid = linux_pid(world);
  uint64_t kind = world.rng.below(3);
  static constexpr std::array<std::string_view, 3> kTexts = {
      "(root) CMD (cd / && run-parts --report /etc/cron.hourly)",
      "(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)",
      "(www-data) CMD (/usr/local/bin/rotate-cache --quiet)"};
  syslog_line(world, t, host, "CRON", pid, kTexts[kind]);
  if (kind == 0)
    audit_exec(world, t + 4 * kMillisecond, host,
               ExecSpec{.path = "/usr/bin/run-parts",
                        .arguments = {"run-parts", "--report", "/etc/cron.hourly"},
                        .pid = pid + 1,
                        .ppid = pid});
}

void systemd_unit(World& world, Micros t) {
  Host& host = any_linux(world);
  static constexpr std::array<std::string_view, 5> kUnits = {
      "apt-daily.service - Daily apt download activities", "logrotate.service - Rotate log files",
      "phpsessionclean.service - Clean php session files", "man-db.service - Daily man-db regeneration",
      "fstrim.service - Discard unused blocks"};
  std::string unit(world.rng.pick(kUnits));
  syslog_line(world, t, host, "systemd", 1, "Starting " + unit + "...");
  syslog_line(world, t + world.rng.between(1, 6) * kSecond, host, "systemd", 1, "Finished " + unit + ".");
}

/// Through the jump host with a key, a few commands, some with sudo.
void ssh_session(World& world, Micros t) {
  const User& admin = world.rng.pick(world.company.admins);
  const std::string& account = world.company.users[admin.index].identity.name;
  uint32_t uid = 20'000 + admin.index;
  Host& jump = world.host(world.company.jump);
  Host& host = any_linux(world);
  const Host& from = host.index == jump.index ? world.host(admin.workstation) : jump;
  Micros stay = world.rng.between(1, 40) * kMinute;
  uint32_t port = connect(world, t,
                          ConnSpec{.from = &from,
                                   .destination = host.address,
                                   .port = 22,
                                   .service = "ssh",
                                   .duration = stay,
                                   .sent = 9'000 + world.rng.below(60'000),
                                   .received = 20'000 + world.rng.below(300'000)})
                      .source_port;
  uint32_t pid = linux_pid(world);
  audit_login(world, t + 150 * kMillisecond, host, account, uid, from.address, pid, true);
  syslog_line(world, t + 160 * kMillisecond, host, "sshd", pid,
              "Accepted publickey for " + account + " from " + from.address + " port " + number_text(port) +
                  " ssh2: ED25519 SHA256:k3TqVw0v1bYd9m2f7Qe5xZr8aLpJc4uNhG6sWtBiOyE");
  syslog_line(world, t + 170 * kMillisecond, host, "sshd", pid,
              "pam_unix(sshd:session): session opened for user " + account + "(uid=" + number_text(uid) +
                  ") by (uid=0)");
  syslog_line(world, t + stay, host, "sshd", pid,
              "pam_unix(sshd:session): session closed for user " + account);
  if (!world.rng.chance(600)) return;
  Micros at = t + world.rng.between(5, 50) * kSecond;
  uint32_t session = static_cast<uint32_t>(world.rng.between(100, 9'000)), shell = pid + 2, sudo = pid + 9;
  static constexpr std::array<std::string_view, 4> kUnits = {"nginx", "postgresql", "chrony", "docker"};
  std::string_view unit = world.rng.pick(kUnits);
  std::string command = "/usr/bin/systemctl restart " + std::string(unit);
  syslog_line(world, at, host, "sudo", 0,
              account + " : TTY=pts/0 ; PWD=/home/" + account + " ; USER=root ; COMMAND=" + command);
  std::string home = "/home/" + account;
  audit_exec(world, at + 5 * kMillisecond, host,
             ExecSpec{.path = "/usr/bin/sudo",
                      .arguments = {"sudo", "systemctl", "restart", unit},
                      .user = account,
                      .auid = uid,
                      .uid = uid,
                      .pid = sudo,
                      .ppid = shell,
                      .session = session,
                      .terminal = "pts0",
                      .folder = home});
  audit_exec(world, at + 30 * kMillisecond, host,
             ExecSpec{.path = "/usr/bin/systemctl",
                      .arguments = {"systemctl", "restart", unit},
                      .user = account,
                      .auid = uid,
                      .pid = sudo + 1,
                      .ppid = sudo,
                      .session = session,
                      .terminal = "pts0",
                      .folder = home});
}

void knocking(World& world, Micros t) {
  Host& host = world.host(world.company.jump);
  std::string source = "198.51.100." + number_text(world.rng.between(200, 250));
  static constexpr std::array<std::string_view, 8> kNames = {"root",   "admin",    "test", "oracle",
                                                             "ubuntu", "postgres", "git",  "pi"};
  int tries = static_cast<int>(world.rng.between(1, 4));
  for (int i = 0; i < tries; ++i, t += world.rng.between(2, 9) * kSecond) {
    std::string name(world.rng.pick(kNames));
    uint32_t pid = linux_pid(world);
    uint32_t port = connect(world, t,
                            ConnSpec{.source = source,
                                     .destination = host.address,
                                     .port = 22,
                                     .service = "ssh",
                                     .duration = 2 * kSecond,
                                     .sent = 1'900,
                                     .received = 2'400})
                        .source_port;
    bool known = name == "root";
    syslog_line(world, t + kSecond, host, "sshd", pid,
                "Failed password for " + (known ? name : "invalid user " + name) + " from " + source +
                    " port " + number_text(port) + " ssh2");
    if (world.rng.chance(400))
      audit_login(world, t + kSecond + kMillisecond, host, name, 0, source, pid, false);
  }
}

void web_visitor(World& world, Micros t) {
  const Host& host = world.host(world.company.linux_hosts[static_cast<size_t>(world.rng.below(4))]);
  std::string source = "192.0.2." + number_text(world.rng.between(10, 250));
  uint64_t body = 900 + world.rng.below(60'000);
  ConnSpec spec{.source = source,
                .destination = host.address,
                .port = 80,
                .service = "http",
                .duration = world.rng.between(20'000, 9'000'000),
                .sent = 700,
                .received = body + 300};
  Connection connection = connect(world, t, spec);
  static constexpr std::array<std::string_view, 7> kUris = {
      "/",          "/products",       "/products/micrometer-40",
      "/contact",   "/static/site.js", "/datasheets/gx9.pdf",
      "/robots.txt"};
  http_request(world, t + 10 * kMillisecond, spec, connection,
               HttpSpec{.host = "www.tarnwick.example",
                        .uri = world.rng.pick(kUris),
                        .agent = "Mozilla/5.0 (X11; Linux x86_64) Browserly/120.9",
                        .response_body = body});
}

constexpr std::array<Activity, 5> kActivities = {{{"cron job", 2'600, Rhythm::kAlways, cron_job},
                                                  {"systemd unit", 900, Rhythm::kAlways, systemd_unit},
                                                  {"ssh session", 330, Rhythm::kOffice, ssh_session},
                                                  {"knocking", 900, Rhythm::kAlways, knocking},
                                                  {"web visitor", 3'000, Rhythm::kAlways, web_visitor}}};

}  // namespace

std::span<const Activity> linux_activities() { return kActivities; }

}  // namespace huntbook::scenario
