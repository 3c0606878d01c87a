#include "scenario/company.h"

#include <algorithm>
#include <set>

#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

constexpr uint64_t kDomainSidA = 3623811015, kDomainSidB = 3361044348, kDomainSidC = 30300820;

std::string padded(std::string_view prefix, int64_t number, int digits) {
  std::string out(prefix);
  append_padded(out, number, digits);
  return out;
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string dotted(int a, int b, int c, int d) {
  std::string out = number_text(a);
  for (int part : {b, c, d}) (out += '.') += number_text(part);
  return out;
}

/// A process that was there before the logs begin.
Process boot_process(Host& host, std::string_view image, std::string_view command, uint32_t pid) {
  Process process{.pid = pid,
                  .guid = take_process_guid(
                      host, kStart - 3 * kDay - static_cast<Micros>(host.machine % 86'400) * kSecond),
                  .image = std::string(image),
                  .command = std::string(command),
                  .end = kEnd + kDay};
  host.live.push_back({.pid = pid, .begin = kStart, .end = process.end});
  return process;
}

void boot(Host& host) {
  auto pid = [&](uint32_t from, uint32_t salt) {
    return from + 4 * static_cast<uint32_t>(mix(host.machine, salt) % 40);
  };
  host.kernel = boot_process(host, "System", "", 4);
  host.wininit = boot_process(host, "C:\\Windows\\System32\\wininit.exe", "wininit.exe", pid(400, 1));
  host.winlogon = boot_process(host, "C:\\Windows\\System32\\winlogon.exe", "winlogon.exe", pid(564, 2));
  host.services = boot_process(host, "C:\\Windows\\System32\\services.exe",
                               "C:\\Windows\\system32\\services.exe", pid(728, 3));
  host.lsass =
      boot_process(host, "C:\\Windows\\System32\\lsass.exe", "C:\\Windows\\system32\\lsass.exe", pid(892, 4));
  host.svchost = boot_process(host, "C:\\Windows\\System32\\svchost.exe",
                              "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule", pid(1056, 5));
  host.agent = boot_process(host, "C:\\Program Files\\GuardPost\\gpagent.exe",
                            "\"C:\\Program Files\\GuardPost\\gpagent.exe\" --service", pid(2400, 6));
}

uint32_t add_host(Company& company, uint64_t seed, std::string name, std::string address, Role role) {
  Host host;
  host.index = static_cast<uint32_t>(company.hosts.size());
  host.fqdn = name + "." + std::string(kDnsDomain);
  host.address = std::move(address);
  host.role = role;
  uint64_t identity = mix(seed, hash_text(name));
  host.machine = static_cast<uint32_t>(identity);
  host.system = Identity{.name = name + "$",
                         .domain = std::string(kDomain),
                         .sid = "S-1-5-18",
                         .sysmon_user = "NT AUTHORITY\\SYSTEM"};
  host.next_logon = 0x30000 + identity % 0x40000;
  host.next_audit = 1000 + identity % 90'000;
  host.next_port = 49'152 + static_cast<uint32_t>(identity >> 40) % 12'000;
  host.name = std::move(name);
  if (host.windows()) boot(host);
  company.hosts.push_back(std::move(host));
  return static_cast<uint32_t>(company.hosts.size() - 1);
}

void add_servers(Company& company, uint64_t seed) {
  for (int i = 1; i <= 2; ++i)
    company.controllers.push_back(
        add_host(company, seed, padded("DC", i, 2), dotted(10, 20, 0, 9 + i), Role::kDomainController));
  for (int i = 1; i <= 3; ++i)
    company.file_servers.push_back(
        add_host(company, seed, padded("FS", i, 2), dotted(10, 20, 1, 10 + i), Role::kFileServer));
  for (int i = 1; i <= 3; ++i)
    company.databases.push_back(
        add_host(company, seed, padded("SQL", i, 2), dotted(10, 20, 1, 30 + i), Role::kDatabase));
  for (int i = 1; i <= 12; ++i)
    company.applications.push_back(
        add_host(company, seed, padded("APP", i, 2), dotted(10, 20, 1, 50 + i), Role::kApplication));
  company.management = add_host(company, seed, "MGMT01", dotted(10, 20, 1, 5), Role::kManagement);
  company.backup = add_host(company, seed, "BKP01", dotted(10, 20, 1, 6), Role::kBackup);
  for (const Host& host : company.hosts)
    if (host.role != Role::kDomainController) company.windows_servers.push_back(host.index);
  for (const char* kind : {"lnx-web", "lnx-db", "lnx-build"})
    for (int i = 1; i <= 4; ++i) {
      int last = 10 + static_cast<int>(company.linux_hosts.size());
      company.linux_hosts.push_back(
          add_host(company, seed, padded(kind, i, 2), dotted(10, 20, 2, last), Role::kLinux));
    }
  company.jump = add_host(company, seed, "lnx-jump01", dotted(10, 20, 2, 5), Role::kLinux);
  company.linux_hosts.push_back(company.jump);
  company.scanner = add_host(company, seed, "lnx-scan01", dotted(10, 20, 2, 6), Role::kScanner);
}

User make_person(uint64_t seed, uint32_t index, std::set<std::string>& taken) {
  Prng rng(mix(seed, 0x70656f70ULL + index));
  User user;
  user.index = index;
  std::string_view first, last;
  std::string name;
  do {
    first = rng.pick(first_names());
    last = rng.pick(last_names());
    name = lower_ascii(first.substr(0, 1)) + "." + lower_ascii(last);
  } while (taken.size() < 1'000 && taken.count(name) != 0);
  while (!taken.insert(name).second) name += static_cast<char>('2' + rng.below(8));
  // Every eighth person is in IT; the first sixteen cover all departments twice.
  const Department& department = departments()[index % departments().size()];
  user.identity = domain_identity(name, 1'200 + index);
  user.display = std::string(first) + " " + std::string(last);
  user.upn = name + "@" + std::string(kMailDomain);
  user.object_id = random_guid(rng);
  user.department = department.name;
  user.title = department.title;
  user.home_address = dotted(192, 0, 2, static_cast<int>(20 + rng.below(200)));
  user.city = rng.pick(cities()).name;
  user.start_minute = static_cast<int>(rng.between(405, 570));
  user.end_minute = user.start_minute + static_cast<int>(rng.between(480, 600));
  user.remote_worker = rng.chance(250);
  user.taste = rng.next();
  return user;
}

}  // namespace

Identity domain_identity(std::string_view name, uint64_t rid) {
  std::string sid = "S-1-5-21";
  for (uint64_t part : {kDomainSidA, kDomainSidB, kDomainSidC, rid})
    (sid += '-') += number_text(static_cast<int64_t>(part));
  return Identity{.name = std::string(name),
                  .domain = std::string(kDomain),
                  .sid = sid,
                  .sysmon_user = std::string(kDomain) + "\\" + std::string(name)};
}

Company make_company(uint64_t seed, int workstations) {
  Company company;
  add_servers(company, seed);
  std::set<std::string> taken;
  for (int i = 0; i < workstations; ++i) {
    uint32_t host = add_host(company, seed, padded("WS-", i + 1, 4),
                             dotted(10, 20, 32 + i / 200, 20 + i % 200), Role::kWorkstation);
    company.workstations.push_back(host);
    User user = make_person(seed, static_cast<uint32_t>(i), taken);
    user.workstation = host;
    if (user.department == "IT" && company.admins.size() < 6) {
      User admin = user;
      admin.identity = domain_identity("adm-" + user.identity.name, 5'000 + static_cast<uint64_t>(i));
      admin.upn = admin.identity.name + "@" + std::string(kMailDomain);
      admin.display += " (admin)";
      admin.object_id =
          guid_text(mix(seed, 77 + static_cast<uint64_t>(i)), mix(seed, 78 + static_cast<uint64_t>(i)));
      company.admins.push_back(std::move(admin));
    }
    company.users.push_back(std::move(user));
  }
  uint64_t rid = 6'100;
  for (const char* name : {"svc-backup", "svc-sql", "svc-inventory", "svc-scan", "svc-deploy"})
    company.services.push_back(domain_identity(name, rid++));
  return company;
}

std::string random_guid(Prng& rng) {
  uint64_t high = rng.next();
  uint64_t low = rng.next();
  return guid_text(high, low);
}

uint32_t take_pid(Host& host, Prng& rng, Micros now, Micros begin, Micros end) {
  if (host.live.size() >= host.purge_at) {
    std::erase_if(host.live, [&](const Host::Live& live) { return live.end < now; });
    host.purge_at = 2 * host.live.size() + 16;
  }
  for (;;) {
    uint32_t pid = 4 * static_cast<uint32_t>(rng.between(700, 5'200));
    bool used = std::any_of(host.live.begin(), host.live.end(), [&](const Host::Live& live) {
      return live.pid == pid && live.begin <= end && begin <= live.end;
    });
    if (used && host.live.size() < 4'000) continue;
    host.live.push_back({.pid = pid, .begin = begin, .end = end});
    return pid;
  }
}

uint32_t take_port(Host& host, Prng& rng) {
  host.next_port += 1 + static_cast<uint32_t>(rng.below(3));
  if (host.next_port > 65'500) host.next_port = 49'152 + static_cast<uint32_t>(rng.below(64));
  return host.next_port;
}

uint64_t take_logon_id(Host& host, Prng& rng) {
  host.next_logon += 0x200 + rng.below(0x2000);
  return host.next_logon;
}

std::string take_process_guid(Host& host, Micros t) {
  auto seconds = static_cast<uint64_t>(t / kSecond);
  uint64_t serial = ++host.next_process;
  uint64_t high =
      (static_cast<uint64_t>(host.machine) << 32) | ((seconds & 0xffff) << 16) | ((seconds >> 16) & 0xffff);
  uint64_t low = ((serial & 0xff) << 56) | (((serial >> 8) & 0xff) << 48) | ((serial >> 16) << 16) | 0x0a00;
  std::string guid = "{";
  append_guid(guid, high, low);
  guid += '}';
  return guid;
}

}  // namespace huntbook::scenario
