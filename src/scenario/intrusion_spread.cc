// How the intruder gets further: elevation, the memory of lsass, the service, the remote desktop, ssh.
#include "scenario/desk.h"
#include "scenario/intrusion.h"
#include "scenario/linux_log.h"
#include "scenario/powershell.h"

namespace huntbook::scenario {
namespace {

constexpr std::string_view kCmd = "C:\\Windows\\System32\\cmd.exe";
constexpr std::string_view kPowershell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";

/// The stolen account asks a domain controller for tickets from patient zero.
void take_tickets(World& world, const Attack& attack, Micros t, const Host& from, const Identity& thief,
                  std::string_view service) {
  const Host& controller = world.host(attack.plan.controller);
  uint32_t port = connect(world, t,
                          ConnSpec{.from = &from,
                                   .destination = controller.address,
                                   .destination_name = controller.fqdn,
                                   .port = 88,
                                   .service = "krb_tcp",
                                   .duration = 6'100,
                                   .sent = 1'790,
                                   .received = 3'350,
                                   .process = &from.lsass,
                                   .who = &from.system})
                      .source_port;
  kerberos_ticket_granting(world, t + 2 * kMillisecond, controller, thief, from.address, port);
  kerberos_service(world, t + 5 * kMillisecond, controller, thief, service, from.address, port, true);
}

}  // namespace

void step_elevation(World& world, Attack& attack, Micros t) {
  User& user = attack.victim(world);
  const Identity& who = user.identity;
  Host& host = world.host(user.workstation);
  Malice malice(world, Stage::kPrivilegeEscalation, {"T1548.002"},
                "the implant raises itself past the account control prompt");
  registry_set(world, t, Actor{host, attack.implant, who},
               "HKU\\" + who.sid + "_Classes\\ms-settings\\shell\\open\\command\\(Default)",
               attack.plan.implant);
  RunSpec run{.host = host.index,
              .parent = &attack.implant,
              .who = &who,
              .logon_id = attack.victim_logon,
              .image = "C:\\Windows\\System32\\fodhelper.exe",
              .command = "\"C:\\Windows\\system32\\fodhelper.exe\"",
              .lifetime = 9 * kSecond,
              .elevated = true};
  Process helper = run_program(world, t + 2 * kSecond, run);
  std::string command = in_quotes(attack.plan.implant) + " /elevated";
  attack.elevated = start_process(world, t + 3 * kSecond,
                                  StartSpec{.host = host.index,
                                            .parent = &helper,
                                            .image = attack.plan.implant,
                                            .command = command,
                                            .who = &who,
                                            .logon_id = attack.victim_logon,
                                            .lifetime = attack.implant.end - t - 10 * kSecond,
                                            .integrity = "High",
                                            .folder = profile_path(who, ""),
                                            .hash_salt = world.seed});
}

void step_credentials(World& world, Attack& attack, Micros t) {
  User& user = attack.victim(world);
  const Identity& who = user.identity;
  Host& host = world.host(user.workstation);
  {
    Malice malice(world, Stage::kCredentialAccess, {"T1003.001"},
                  "the memory of lsass is written to a file with comsvcs.dll");
    std::string dump = "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump " +
                       number_text(host.lsass.pid) + " " + attack.plan.dump + " full";
    std::string line = "cmd.exe /c " + dump;
    RunSpec run{.host = host.index,
                .parent = &attack.elevated,
                .who = &who,
                .logon_id = attack.victim_logon,
                .image = kCmd,
                .command = line,
                .lifetime = 14 * kSecond,
                .elevated = true};
    Process shell = run_program(world, t, run);
    run.parent = &shell;
    run.image = "C:\\Windows\\System32\\rundll32.exe";
    run.command = dump;
    run.lifetime = 11 * kSecond;
    Process tool = run_program(world, t + 90 * kMillisecond, run);
    Actor actor{host, tool, who};
    image_load(world, t + 140 * kMillisecond, actor, "C:\\Windows\\System32\\comsvcs.dll");
    image_load(world, t + 190 * kMillisecond, actor, "C:\\Windows\\System32\\dbgcore.dll");
    process_access(world, t + 400 * kMillisecond, actor, host.lsass, "0x1FFFFF",
                   "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2d56e|C:"
                   "\\Windows\\System32\\comsvcs.dll+266ca|C:\\Windows\\System32\\rundll32.exe+3a0c");
    file_create(world, t + 500 * kMillisecond, actor, attack.plan.dump);
  }
  {
    Malice malice(world, Stage::kExfiltration, {"T1041"}, "the dump goes to the command server");
    ConnSpec spec{.from = &host,
                  .destination = attack.plan.beacon_address,
                  .destination_name = attack.plan.beacon_domain,
                  .port = 80,
                  .service = "http",
                  .duration = 41 * kSecond,
                  .sent = 48'911'204,
                  .received = 38'200,
                  .process = &attack.elevated,
                  .who = &who};
    Connection connection = connect(world, t + 95 * kSecond, spec);
    http_request(world, t + 95 * kSecond + 30 * kMillisecond, spec, connection,
                 HttpSpec{.method = "POST",
                          .host = attack.plan.beacon_domain,
                          .uri = "/assets/upload",
                          .agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                          .request_body = 48'910'336,
                          .response_body = 12});
  }
  Malice malice(world, Stage::kDefenseEvasion, {"T1070.004"}, "the dump is deleted");
  file_delete(world, t + 150 * kSecond, Actor{host, attack.elevated, who}, attack.plan.dump);
}

void step_service(World& world, Attack& attack, Micros t) {
  const Identity& victim = attack.victim(world).identity;
  const Identity& thief = attack.admin(world).identity;
  Host& from = world.host(attack.plan.patient_zero);
  Host& target = world.host(attack.plan.file_server);
  uint64_t id = 0;
  uint32_t port = 0;
  ShareSpec share;
  std::string_view image_name = std::string_view(attack.plan.service_image).substr(11);
  {
    Malice malice(world, Stage::kLateralMovement, {"T1078.002", "T1021.002"},
                  "the stolen account opens the administrative share of the file server");
    explicit_logon(world, t, from, victim, attack.victim_logon, thief, "cifs/" + target.fqdn,
                   attack.elevated);
    take_tickets(world, attack, t + 20 * kMillisecond, from, thief, target.name + "$");
    port = connect(world, t + 40 * kMillisecond,
                   ConnSpec{.from = &from,
                            .destination = target.address,
                            .destination_name = target.fqdn,
                            .port = 445,
                            .service = "gssapi,smb,krb",
                            .duration = 310 * kSecond,
                            .sent = 461'220,
                            .received = 28'410,
                            .process = &from.kernel,
                            .who = &from.system})
               .source_port;
    id = logon(world, t + 60 * kMillisecond,
               LogonSpec{.host = target.index,
                         .who = &thief,
                         .type = 3,
                         .address = from.address,
                         .port = port,
                         .privileged = true,
                         .lifetime = 312 * kSecond});
    share = ShareSpec{.host = target.index,
                      .who = &thief,
                      .logon_id = id,
                      .address = from.address,
                      .share = "\\\\*\\ADMIN$",
                      .local_path = "\\??\\C:\\Windows",
                      .port = port};
    share_access(world, t + 90 * kMillisecond, share);
  }
  {
    Malice malice(world, Stage::kLateralMovement, {"T1570"}, "the tool is copied to the file server");
    share_file(world, t + 140 * kMillisecond, share, image_name, true);
    file_create(world, t + 160 * kMillisecond, Actor{target, target.kernel, target.system},
                attack.plan.service_image);
  }
  Process tool;
  {
    Malice malice(world, Stage::kLateralMovement, {"T1569.002", "T1543.003"},
                  "a service with a random name runs the tool");
    service_install(world, t + 900 * kMillisecond,
                    ServiceSpec{.host = target.index,
                                .who = &thief,
                                .logon_id = id,
                                .name = attack.plan.service,
                                .path = attack.plan.service_image});
    registry_set(world, t + 880 * kMillisecond, Actor{target, target.services, target.system},
                 "HKLM\\System\\CurrentControlSet\\Services\\" + attack.plan.service + "\\ImagePath",
                 attack.plan.service_image);
    tool = start_process(world, t + 1'200 * kMillisecond,
                         StartSpec{.host = target.index,
                                   .parent = &target.services,
                                   .image = attack.plan.service_image,
                                   .command = attack.plan.service_image,
                                   .who = &target.system,
                                   .lifetime = 305 * kSecond,
                                   .integrity = "System",
                                   .hash_salt = world.seed});
    service_state(world, t + 1'400 * kMillisecond, target, attack.plan.service, true);
  }
  Actor actor{target, tool, target.system};
  {
    Malice malice(world, Stage::kLateralMovement, {"T1021.002"},
                  "the tool takes its orders from a named pipe");
    named_pipe(world, t + 1'500 * kMillisecond, actor, attack.plan.pipe, true);
    ShareSpec ipc = share;
    ipc.share = "\\\\*\\IPC$";
    ipc.local_path = "";
    share_file(world, t + 1'700 * kMillisecond, ipc, std::string_view(attack.plan.pipe).substr(1), true);
    named_pipe(world, t + 1'720 * kMillisecond, Actor{target, target.kernel, target.system}, attack.plan.pipe,
               false);
  }
  {
    Malice malice(world, Stage::kDiscovery, {"T1033", "T1083"}, "first commands on the file server");
    struct Command {
      std::string_view image, command;
    };
    Micros at = t + 8 * kSecond;
    for (const Command& c : {Command{"C:\\Windows\\System32\\whoami.exe", "whoami"},
                             Command{"C:\\Windows\\System32\\quser.exe", "quser"}}) {
      std::string line = "cmd.exe /q /c " + std::string(c.command);
      StartSpec spec{.host = target.index,
                     .parent = &tool,
                     .image = kCmd,
                     .command = line,
                     .who = &target.system,
                     .lifetime = 4 * kSecond,
                     .integrity = "System"};
      Process shell = start_process(world, at, spec);
      spec.parent = &shell;
      spec.image = c.image;
      spec.command = c.command;
      spec.lifetime = 2 * kSecond;
      start_process(world, at + 50 * kMillisecond, spec);
      at += 35 * kSecond;
    }
    std::string line = "cmd.exe /q /c dir D:\\Shares\\Finance /s";
    start_process(world, at,
                  StartSpec{.host = target.index,
                            .parent = &tool,
                            .image = kCmd,
                            .command = line,
                            .who = &target.system,
                            .lifetime = 20 * kSecond,
                            .integrity = "System"});
  }
  Malice malice(world, Stage::kDefenseEvasion, {"T1070.004"}, "the tool is removed from the file server");
  service_state(world, t + 307 * kSecond, target, attack.plan.service, false);
  file_delete(world, t + 309 * kSecond, Actor{target, target.kernel, target.system},
              attack.plan.service_image);
}

void step_remote_desktop(World& world, Attack& attack, Micros t) {
  const Identity& victim = attack.victim(world).identity;
  const Identity& thief = attack.admin(world).identity;
  Host& from = world.host(attack.plan.patient_zero);
  Host& target = world.host(attack.plan.file_server);
  Micros until = at(11, 2, 24);
  {
    Malice malice(world, Stage::kLateralMovement, {"T1021.001", "T1078.002"},
                  "remote desktop to the file server with the stolen account, through the implant");
    take_tickets(world, attack, t, from, thief, "TERMSRV/" + target.fqdn);
    uint32_t port = connect(world, t + 40 * kMillisecond,
                            ConnSpec{.from = &from,
                                     .destination = target.address,
                                     .destination_name = target.fqdn,
                                     .port = 3389,
                                     .service = "rdp,ssl",
                                     .duration = until - t - kSecond,
                                     .sent = 2'140'233,
                                     .received = 61'902'551,
                                     .process = &attack.elevated,
                                     .who = &victim})
                        .source_port;
    attack.desktop_logon = logon(world, t + kSecond,
                                 LogonSpec{.host = target.index,
                                           .who = &thief,
                                           .type = 10,
                                           .address = from.address,
                                           .workstation = target.name,
                                           .port = port,
                                           .privileged = true,
                                           .lifetime = until - t - kSecond});
    Process desktop = open_desktop(world, t + 3 * kSecond, target.index, thief, attack.desktop_logon,
                                   until - 2 * kSecond, true);
    std::string command = in_quotes(kPowershell) + " -NoProfile -ExecutionPolicy Bypass";
    attack.desktop_shell = run_program(world, t + 50 * kSecond,
                                       RunSpec{.host = target.index,
                                               .parent = &desktop,
                                               .who = &thief,
                                               .logon_id = attack.desktop_logon,
                                               .image = kPowershell,
                                               .command = command,
                                               .lifetime = until - 5 * kSecond - t - 50 * kSecond,
                                               .elevated = true});
    powershell_engine(world, t + 51 * kSecond, Actor{target, attack.desktop_shell, thief});
  }
  Malice malice(world, Stage::kDiscovery, {"T1083", "T1135"},
                "the shares are listed for what is worth taking");
  Actor actor{target, attack.desktop_shell, thief};
  script_block(world, t + 80 * kSecond, actor, "Get-SmbShare | Format-Table Name, Path");
  script_block(world, t + 140 * kSecond, actor,
               "Get-ChildItem D:\\Shares\\Finance,D:\\Shares\\Engineering -Recurse -Include "
               "*.xlsx,*.cdw,*.pdf | Measure-Object -Property Length -Sum");
  pipeline_execution(world, t + 141 * kSecond, actor, "Get-ChildItem",
                     "name=\"Path\"; value=\"D:\\Shares\\Finance, D:\\Shares\\Engineering\"");
}

void step_linux(World& world, Attack& attack, Micros t) {
  const Identity& victim = attack.victim(world).identity;
  const std::string& account = attack.admin(world).identity.name;
  Host& from = world.host(attack.plan.patient_zero);
  Host& host = world.host(attack.plan.database);
  uint32_t uid = 25'000, pid = linux_pid(world), session = 4'471;
  {
    Malice malice(world, Stage::kLateralMovement, {"T1021.004", "T1078.002"},
                  "ssh to a database server with the stolen password");
    uint32_t port = connect(world, t,
                            ConnSpec{.from = &from,
                                     .destination = host.address,
                                     .destination_name = host.fqdn,
                                     .port = 22,
                                     .service = "ssh",
                                     .duration = 580 * kSecond,
                                     .sent = 21'044,
                                     .received = 86'110,
                                     .process = &attack.elevated,
                                     .who = &victim})
                        .source_port;
    audit_login(world, t + 900 * kMillisecond, host, account, uid, from.address, pid, true);
    syslog_line(world, t + 905 * kMillisecond, host, "sshd", pid,
                "Accepted password for " + account + " from " + from.address + " port " + number_text(port) +
                    " ssh2");
    syslog_line(world, t + 920 * kMillisecond, host, "sshd", pid,
                "pam_unix(sshd:session): session opened for user " + account + "(uid=" + number_text(uid) +
                    ") by (uid=0)");
    syslog_line(world, t + 580 * kSecond, host, "sshd", pid,
                "pam_unix(sshd:session): session closed for user " + account);
    world.truth.add("logons", {{"time", iso_text(t + 905 * kMillisecond)},
                               {"host", host.fqdn},
                               {"account", account},
                               {"domain", ""},
                               {"source_address", from.address},
                               {"logon_type", "ssh"},
                               {"logon_id", number_text(session)}});
  }
  std::string home = "/home/" + account;
  {
    Malice malice(world, Stage::kDiscovery, {"T1082", "T1033"}, "first commands on the database server");
    audit_exec(world, t + 12 * kSecond, host,
               ExecSpec{.path = "/usr/bin/id",
                        .arguments = {"id"},
                        .user = account,
                        .auid = uid,
                        .uid = uid,
                        .pid = pid + 11,
                        .ppid = pid + 2,
                        .session = session,
                        .terminal = "pts1",
                        .folder = home});
    audit_exec(world, t + 19 * kSecond, host,
               ExecSpec{.path = "/usr/bin/uname",
                        .arguments = {"uname", "-a"},
                        .user = account,
                        .auid = uid,
                        .uid = uid,
                        .pid = pid + 14,
                        .ppid = pid + 2,
                        .session = session,
                        .terminal = "pts1",
                        .folder = home});
  }
  Malice malice(world, Stage::kCredentialAccess, {"T1003.008", "T1548.003"},
                "the password hashes are read with sudo");
  syslog_line(world, t + 64 * kSecond, host, "sudo", 0,
              account + " : TTY=pts/1 ; PWD=" + home + " ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow");
  audit_exec(world, t + 64 * kSecond + 8 * kMillisecond, host,
             ExecSpec{.path = "/usr/bin/sudo",
                      .arguments = {"sudo", "cat", "/etc/shadow"},
                      .user = account,
                      .auid = uid,
                      .uid = uid,
                      .pid = pid + 31,
                      .ppid = pid + 2,
                      .session = session,
                      .terminal = "pts1",
                      .folder = home});
  audit_exec(world, t + 64 * kSecond + 40 * kMillisecond, host,
             ExecSpec{.path = "/usr/bin/cat",
                      .arguments = {"cat", "/etc/shadow"},
                      .user = account,
                      .auid = uid,
                      .pid = pid + 32,
                      .ppid = pid + 31,
                      .session = session,
                      .terminal = "pts1",
                      .folder = home});
}

}  // namespace huntbook::scenario
