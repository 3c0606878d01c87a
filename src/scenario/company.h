// The made-up company: its hosts, its people, and what is running on them right now.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/prng.h"
#include "scenario/stamp.h"

namespace huntbook::scenario {

constexpr std::string_view kCompany = "Tarnwick Instruments";
constexpr std::string_view kDomain = "TARNWICK";                  ///< NetBIOS name
constexpr std::string_view kDnsDomain = "corp.tarnwick.example";  ///< of the hosts
constexpr std::string_view kKerberosRealm = "CORP.TARNWICK.EXAMPLE";
constexpr std::string_view kMailDomain = "tarnwick.example";  ///< of the people

enum class Role : uint8_t {
  kWorkstation,
  kDomainController,
  kFileServer,
  kDatabase,
  kApplication,
  kManagement,
  kBackup,
  kLinux,
  kScanner
};

/// A process that others can be the children of.
struct Process {
  uint32_t pid = 0;
  std::string guid;  ///< with braces
  std::string image;
  std::string command;
  Micros end = 0;
};

/// Who does something: an account as Windows writes it.
struct Identity {
  std::string name;    ///< "m.okafor", "FS01$"
  std::string domain;  ///< "TARNWICK", "NT AUTHORITY"
  std::string sid;
  std::string sysmon_user;  ///< "TARNWICK\m.okafor", "NT AUTHORITY\SYSTEM"
};

struct Host {
  uint32_t index = 0;
  std::string name;  ///< "WS-0042", "lnx-web01"
  std::string fqdn;
  std::string address;
  Role role = Role::kWorkstation;
  uint32_t machine = 0;  ///< first part of every process GUID of the host
  Identity system;       ///< NT AUTHORITY\SYSTEM as this host's security log writes it
  Process kernel, wininit, services, lsass, winlogon, svchost, agent;

  struct Live {
    uint32_t pid;
    Micros begin, end;
  };
  std::vector<Live> live;  ///< process ids in use
  size_t purge_at = 64;
  uint64_t next_logon = 0;
  uint64_t next_process = 0;
  uint64_t next_audit = 0;
  uint32_t next_port = 49'152;
  bool windows() const { return role != Role::kLinux && role != Role::kScanner; }
};

/// A user's day at the own workstation.
struct Session {
  Micros begin = 0;
  Micros end = 0;
  uint64_t logon_id = 0;
  Process explorer, browser, mail;
};

struct User {
  uint32_t index = 0;
  Identity identity;
  std::string display;
  std::string upn;
  std::string object_id;
  std::string department;
  std::string title;
  std::string home_address;  ///< public address when working from home
  std::string city;
  uint32_t workstation = 0;  ///< host index
  int start_minute = 0;      ///< habit: when the day starts and ends
  int end_minute = 0;
  bool remote_worker = false;
  uint64_t taste = 0;                    ///< seeds the user's favourite sites, programs and shares
  Micros stay_from = 0, stay_until = 0;  ///< between these the user only locks the screen
  Session session;
};

struct Company {
  std::vector<Host> hosts;
  std::vector<User> users;         ///< people, one workstation each
  std::vector<User> admins;        ///< "adm-..." accounts of the IT staff; workstation is the owner's
  std::vector<Identity> services;  ///< service accounts
  std::vector<uint32_t> workstations, controllers, file_servers, databases, applications, linux_hosts,
      windows_servers;
  uint32_t management = 0, backup = 0, scanner = 0, jump = 0;

  const Host& host(uint32_t index) const { return hosts[index]; }
  Host& host(uint32_t index) { return hosts[index]; }
};

/// The first part of a company does not depend on its size: host 5 of a small one is host 5 of a large one.
Company make_company(uint64_t seed, int workstations);

/// A random GUID without braces. Draws are made one a statement everywhere: C++ leaves the order of arguments
/// open.
std::string random_guid(Prng& rng);

/// A process id that no process of the host has between `begin` and `end`; remembers it until the clock `now`
/// is past `end`.
uint32_t take_pid(Host& host, Prng& rng, Micros now, Micros begin, Micros end);
uint32_t take_port(Host& host, Prng& rng);
uint64_t take_logon_id(Host& host, Prng& rng);
std::string take_process_guid(Host& host, Micros t);

Identity domain_identity(std::string_view name, uint64_t rid);

}  // namespace huntbook::scenario
