// What the IT staff and their tools do: remote desktops, PowerShell, accounts, roll-outs, scans and backups.
#include <array>

#include "scenario/benign.h"
#include "scenario/desk.h"
#include "scenario/names.h"
#include "scenario/powershell.h"

namespace huntbook::scenario {
namespace {

constexpr std::string_view kPowershell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

struct Chore {
  std::string_view text, command, binding;
};
constexpr std::array<Chore, 8> kChores = {
    {{"Get-ADUser -Filter 'Enabled -eq $false' | Select-Object Name", "Get-ADUser",
      "name=\"Filter\"; value=\"Enabled -eq $false\""},
     {"Get-Service -ComputerName APP03 | Where-Object Status -eq 'Stopped'", "Get-Service",
      "name=\"ComputerName\"; value=\"APP03\""},
     {"Get-EventLog -LogName System -Newest 50 -EntryType Error", "Get-EventLog",
      "name=\"LogName\"; value=\"System\""},
     {"Restart-Service -Name Spooler -Force", "Restart-Service", "name=\"Name\"; value=\"Spooler\""},
     {"Get-ChildItem D:\\Shares -Recurse | Measure-Object -Property Length -Sum", "Get-ChildItem",
      "name=\"Path\"; value=\"D:\\Shares\""},
     {"Test-NetConnection -ComputerName SQL01 -Port 1433", "Test-NetConnection",
      "name=\"ComputerName\"; value=\"SQL01\""},
     {"Get-ADGroupMember -Identity 'Domain Admins' | Format-Table", "Get-ADGroupMember",
      "name=\"Identity\"; value=\"Domain Admins\""},
     {"Invoke-Command -ComputerName FS01 -ScriptBlock { Get-PSDrive }", "Invoke-Command",
      "name=\"ComputerName\"; value=\"FS01\""}}};

User& any_admin(World& world) {
  return world.company.admins[static_cast<size_t>(world.rng.below(world.company.admins.size()))];
}
User& owner_of(World& world, const User& admin) { return world.company.users[admin.index]; }

void run_chore(World& world, Micros t, const Actor& actor) {
  const Chore& chore = world.rng.pick(kChores);
  powershell_engine(world, t + 300 * kMillisecond, actor);
  script_block(world, t + 900 * kMillisecond, actor, chore.text);
  pipeline_execution(world, t + 950 * kMillisecond, actor, chore.command, chore.binding);
}

void remote_desktop(World& world, Micros t) {
  // A server, or now and then a colleague's workstation.
  uint32_t target = world.rng.chance(800) ? world.rng.pick(world.company.windows_servers)
                                          : world.rng.pick(world.company.workstations);
  admin_remote_desktop(world, t, any_admin(world), target);
}

void admin_powershell(World& world, Micros t) {
  User& admin = any_admin(world);
  User& owner = owner_of(world, admin);
  Session& session = ensure_session(world, owner, t);
  t += 10 * kSecond;
  const Host& host = world.host(owner.workstation);
  std::string command = in_quotes(kPowershell) + " -NoProfile";
  Process shell = run_program(world, t,
                              RunSpec{.host = owner.workstation,
                                      .parent = &session.explorer,
                                      .who = &owner.identity,
                                      .logon_id = session.logon_id,
                                      .image = kPowershell,
                                      .command = command,
                                      .lifetime = world.rng.between(30, 1'500) * kSecond});
  run_chore(world, t, Actor{host, shell, owner.identity});
  if (!world.rng.chance(400)) return;
  uint32_t target = world.rng.pick(world.company.windows_servers);
  const Host& server = world.host(target);
  uint32_t port = connect(world, t + 2 * kSecond,
                          ConnSpec{.from = &host,
                                   .destination = server.address,
                                   .destination_name = server.fqdn,
                                   .port = 5985,
                                   .service = "http",
                                   .duration = 4 * kSecond,
                                   .sent = 9'000,
                                   .received = 22'000,
                                   .process = &shell,
                                   .who = &owner.identity})
                      .source_port;
  logon(world, t + 2 * kSecond + 20 * kMillisecond,
        LogonSpec{.host = target,
                  .who = &admin.identity,
                  .type = 3,
                  .address = host.address,
                  .port = port,
                  .privileged = true,
                  .lifetime = 20 * kSecond});
}

/// The software roll-out runs encoded commands every day, as much of such software does.
void encoded_roll_out(World& world, Micros t) {
  uint32_t target = world.rng.pick(world.company.workstations);
  const Host& host = world.host(target);
  static constexpr std::array<std::string_view, 3> kScripts = {
      "Get-HotFix | Export-Csv C:\\ProgramData\\Assetry\\hotfix.csv -NoTypeInformation",
      "Get-CimInstance Win32_Product | Select-Object Name, Version",
      "Get-Package -ProviderName msi | Out-File C:\\ProgramData\\Assetry\\packages.txt"};
  std::string_view script = world.rng.pick(kScripts);
  std::string agent_command = "\"C:\\Program Files\\Assetry\\invagent.exe\" --job software";
  Process agent = start_process(world, t,
                                StartSpec{.host = target,
                                          .parent = &host.services,
                                          .image = "C:\\Program Files\\Assetry\\invagent.exe",
                                          .command = agent_command,
                                          .who = &host.system,
                                          .lifetime = 60 * kSecond,
                                          .integrity = "System"});
  std::string command = "powershell.exe -NoLogo -NonInteractive -ExecutionPolicy AllSigned -EncodedCommand " +
                        encode_powershell(script);
  Process shell = start_process(world, t + 2 * kSecond,
                                StartSpec{.host = target,
                                          .parent = &agent,
                                          .image = kPowershell,
                                          .command = command,
                                          .who = &host.system,
                                          .lifetime = 20 * kSecond,
                                          .integrity = "System"});
  Actor actor{host, shell, host.system};
  powershell_engine(world, t + 3 * kSecond, actor);
  script_block(world, t + 4 * kSecond, actor, script);
}

/// A service installed over the network from the management server: what lateral movement looks like, but is
/// not.
void remote_install(World& world, Micros t) {
  uint32_t target = world.rng.pick(world.company.workstations);
  const Host& from = world.host(world.company.management);
  const Host& host = world.host(target);
  const Identity& deploy = world.company.services[4];
  uint32_t port = connect(world, t,
                          ConnSpec{.from = &from,
                                   .destination = host.address,
                                   .destination_name = host.fqdn,
                                   .port = 445,
                                   .service = "gssapi,smb,krb",
                                   .duration = 9 * kSecond,
                                   .sent = 4'200'000,
                                   .received = 21'000})
                      .source_port;
  uint64_t id = logon(world, t + 10 * kMillisecond,
                      LogonSpec{.host = target,
                                .who = &deploy,
                                .type = 3,
                                .address = from.address,
                                .port = port,
                                .privileged = true,
                                .lifetime = 60 * kSecond});
  ShareSpec share{.host = target,
                  .who = &deploy,
                  .logon_id = id,
                  .address = from.address,
                  .share = "\\\\*\\ADMIN$",
                  .local_path = "\\??\\C:\\Windows",
                  .port = port};
  share_access(world, t + 20 * kMillisecond, share);
  share_file(world, t + 40 * kMillisecond, share, "Assetry\\invsetup.exe", true);
  service_install(world, t + 2 * kSecond,
                  ServiceSpec{.host = target,
                              .who = &deploy,
                              .logon_id = id,
                              .name = "AssetrySetup",
                              .path = "C:\\Windows\\Assetry\\invsetup.exe /service"});
  start_process(world, t + 3 * kSecond,
                StartSpec{.host = target,
                          .parent = &host.services,
                          .image = "C:\\Windows\\Assetry\\invsetup.exe",
                          .command = "C:\\Windows\\Assetry\\invsetup.exe /service",
                          .who = &host.system,
                          .lifetime = 30 * kSecond,
                          .integrity = "System"});
}

void help_desk(World& world, Micros t) {
  User& admin = any_admin(world);
  uint32_t index = world.rng.pick(world.company.controllers);
  const Host& controller = world.host(index);
  const Host& from = world.host(admin.workstation);
  uint64_t id = logon(world, t,
                      LogonSpec{.host = index,
                                .who = &admin.identity,
                                .type = 3,
                                .address = from.address,
                                .port = from.next_port,
                                .privileged = true,
                                .lifetime = 90 * kSecond});
  const User& user = world.rng.pick(world.company.users);
  uint64_t kind = world.rng.below(10);
  if (kind < 6) {
    account_event(world, t + kSecond, controller, 4724, admin.identity, id, user.identity);
    account_event(world, t + kSecond + 30 * kMillisecond, controller, 4738, admin.identity, id,
                  user.identity);
  } else if (kind < 8) {
    static constexpr std::array<std::string_view, 4> kGroups = {"VPN Users", "CAD Licences",
                                                                "Share Finance RW", "Printer Admins"};
    group_member_added(world, t + kSecond, controller, 4728, admin.identity, id, user.identity,
                       world.rng.pick(kGroups));
  } else if (kind < 9) {
    uint64_t number = world.rng.below(900);
    Identity fresh =
        domain_identity("trainee" + number_text(static_cast<int64_t>(100 + number)), 8'000 + number);
    account_event(world, t + kSecond, controller, 4720, admin.identity, id, fresh);
    account_event(world, t + kSecond + 8 * kMillisecond, controller, 4722, admin.identity, id, fresh);
    account_event(world, t + kSecond + 20 * kMillisecond, controller, 4738, admin.identity, id, fresh);
  } else {
    const Host& target = world.host(user.workstation);
    group_member_added(world, t + 2 * kSecond, target, 4732, admin.identity, 0x3e7, user.identity,
                       "Administrators");
  }
}

void vulnerability_scan(World& world, Micros t) {
  const Host& scanner = world.host(world.company.scanner);
  const Host& target = world.host(world.rng.chance(500) ? world.rng.pick(world.company.windows_servers)
                                                        : world.rng.pick(world.company.workstations));
  static constexpr std::array<uint32_t, 12> kPorts = {21,  22,  23,  25,   80,   135,
                                                      139, 443, 445, 1433, 3389, 8080};
  for (uint32_t port : kPorts) {
    bool open = port == 135 || port == 445 || port == 3389;
    connect(world, t,
            ConnSpec{.from = &scanner,
                     .destination = target.address,
                     .port = port,
                     .state = open                    ? "RSTO"
                              : world.rng.chance(500) ? "REJ"
                                                      : "S0",
                     .duration = open ? 90'000 : 0,
                     .sent = open ? 120U : 0U,
                     .received = open ? 80U : 0U});
    t += world.rng.between(20, 900) * kMillisecond;
  }
  failed_logon(world, t,
               FailedLogonSpec{.host = target.index,
                               .account = "svc-scan",
                               .type = 3,
                               .address = scanner.address,
                               .workstation = "LNX-SCAN01",
                               .unknown_user = false});
}

void backup_run(World& world, Micros t) {
  const Host& server = world.host(world.company.backup);
  uint32_t target = world.rng.pick(world.company.file_servers);
  const Host& source = world.host(target);
  const Identity& account = world.company.services[0];
  uint32_t port = connect(world, t,
                          ConnSpec{.from = &server,
                                   .destination = source.address,
                                   .destination_name = source.fqdn,
                                   .port = 445,
                                   .service = "gssapi,smb,krb",
                                   .duration = world.rng.between(300, 2'000) * kSecond,
                                   .sent = 40'000'000,
                                   .received = 8'000'000'000 + world.rng.below(9'000'000'000)})
                      .source_port;
  kerberos_service(world, t + kMillisecond, world.controller(), account, source.name + "$", server.address,
                   port);
  logon(world, t + 20 * kMillisecond,
        LogonSpec{.host = target,
                  .who = &account,
                  .type = 3,
                  .address = server.address,
                  .port = port,
                  .privileged = true,
                  .lifetime = 30 * kMinute});
  if (!world.rng.chance(400)) return;
  std::string command =
      "\"C:\\Program Files\\Coldstore\\csupload.exe\" --vault tarnwick --queue " + source.name;
  Process upload = start_process(world, t + 2 * kSecond,
                                 StartSpec{.host = server.index,
                                           .parent = &server.services,
                                           .image = "C:\\Program Files\\Coldstore\\csupload.exe",
                                           .command = command,
                                           .who = &server.system,
                                           .lifetime = 20 * kMinute,
                                           .integrity = "System"});
  resolve(world, t + 3 * kSecond, server, &upload, &server.system, "vault.coldstore.example",
          "198.51.100.60");
  connect(world, t + 4 * kSecond,
          ConnSpec{.from = &server,
                   .destination = "198.51.100.60",
                   .destination_name = "vault.coldstore.example",
                   .port = 443,
                   .service = "ssl",
                   .duration = 15 * kMinute,
                   .sent = 1'500'000'000 + world.rng.below(2'000'000'000),
                   .received = 9'000'000,
                   .process = &upload,
                   .who = &server.system});
}

constexpr std::array<Activity, 7> kActivities = {
    {{"remote desktop", 240, Rhythm::kOffice, remote_desktop},
     {"admin PowerShell", 420, Rhythm::kOffice, admin_powershell},
     {"encoded roll-out", 200, Rhythm::kOffice, encoded_roll_out},
     {"remote install", 50, Rhythm::kOffice, remote_install},
     {"help desk", 170, Rhythm::kOffice, help_desk},
     {"vulnerability scan", 220, Rhythm::kNight, vulnerability_scan},
     {"backup", 70, Rhythm::kNight, backup_run}}};

}  // namespace

void admin_remote_desktop(World& world, Micros t, User& admin, uint32_t target) {
  User& owner = owner_of(world, admin);
  Session& session = ensure_session(world, owner, t);
  t += 10 * kSecond;
  const Host& from = world.host(owner.workstation);
  const Host& server = world.host(target);
  if (target == from.index) return;
  std::string command = "\"C:\\Windows\\system32\\mstsc.exe\" /v:" + server.name;
  Micros stay = world.rng.between(4, 50) * kMinute;
  Process client = run_program(world, t,
                               RunSpec{.host = from.index,
                                       .parent = &session.explorer,
                                       .who = &owner.identity,
                                       .logon_id = session.logon_id,
                                       .image = "C:\\Windows\\System32\\mstsc.exe",
                                       .command = command,
                                       .lifetime = stay});
  explicit_logon(world, t + 3 * kSecond, from, owner.identity, session.logon_id, admin.identity,
                 "TERMSRV/" + server.fqdn, client);
  const Host& controller = world.controller();
  kerberos_service(world, t + 4 * kSecond, controller, admin.identity, server.name + "$", from.address,
                   from.next_port);
  uint32_t port = connect(world, t + 4 * kSecond,
                          ConnSpec{.from = &from,
                                   .destination = server.address,
                                   .destination_name = server.fqdn,
                                   .port = 3389,
                                   .service = "rdp,ssl",
                                   .duration = stay - 5 * kSecond,
                                   .sent = 90'000 + world.rng.below(400'000),
                                   .received = 900'000 + world.rng.below(9'000'000),
                                   .process = &client,
                                   .who = &owner.identity})
                      .source_port;
  Micros in = t + 5 * kSecond;
  uint64_t id = logon(world, in,
                      LogonSpec{.host = target,
                                .who = &admin.identity,
                                .type = 10,
                                .address = from.address,
                                .workstation = server.name,
                                .port = port,
                                .privileged = true,
                                .lifetime = stay});
  Process desktop = open_desktop(world, in + kSecond, target, admin.identity, id, in + stay, true);
  if (!world.rng.chance(500)) return;
  Process shell = run_program(world, in + 20 * kSecond,
                              RunSpec{.host = target,
                                      .parent = &desktop,
                                      .who = &admin.identity,
                                      .logon_id = id,
                                      .image = kPowershell,
                                      .command = in_quotes(kPowershell),
                                      .lifetime = stay - 40 * kSecond,
                                      .elevated = true});
  run_chore(world, in + 21 * kSecond, Actor{server, shell, admin.identity});
}

std::span<const Activity> admin_activities() { return kActivities; }

}  // namespace huntbook::scenario
