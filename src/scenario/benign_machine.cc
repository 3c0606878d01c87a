// What computers do by themselves.
#include <array>

#include "scenario/benign.h"
#include "scenario/desk.h"
#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

struct SystemJob {
  std::string_view image, command;
  int seconds;
};
constexpr std::array<SystemJob, 10> kJobs = {
    {{"C:\\Windows\\System32\\taskhostw.exe", "taskhostw.exe", 90},
     {"C:\\Windows\\System32\\taskhostw.exe", "taskhostw.exe SYSTEM", 30},
     {"C:\\Windows\\System32\\gpupdate.exe", "\"C:\\Windows\\system32\\gpupdate.exe\" /target:computer", 12},
     {"C:\\Windows\\System32\\SearchProtocolHost.exe",
      "\"C:\\Windows\\system32\\SearchProtocolHost.exe\" Global\\UsGthrFltPipeMssGthrPipe1_", 300},
     {"C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
      "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", 400},
     {"C:\\Windows\\System32\\sppsvc.exe", "C:\\Windows\\system32\\sppsvc.exe", 120},
     {"C:\\Windows\\System32\\defrag.exe", "\"C:\\Windows\\system32\\defrag.exe\" -c -h -o -$", 240},
     {"C:\\Windows\\System32\\rundll32.exe", "C:\\Windows\\system32\\rundll32.exe Startupscan.dll,SusRunTask",
      4},
     {"C:\\Windows\\System32\\rundll32.exe",
      "C:\\Windows\\system32\\rundll32.exe /d acproxy.dll,PerformAutochkOperations", 3},
     {"C:\\Windows\\WinSxS\\TiWorker.exe", "C:\\Windows\\WinSxS\\TiWorker.exe -Embedding", 500}}};

uint32_t any_windows_host(World& world) {
  const Company& company = world.company;
  if (world.rng.chance(350)) return world.rng.pick(company.windows_servers);
  if (world.rng.chance(60)) return world.rng.pick(company.controllers);
  return world.rng.pick(company.workstations);
}

Process start_as_system(World& world, Micros t, uint32_t index, const Process& parent, std::string_view image,
                        std::string_view command, Micros lifetime) {
  return start_process(world, t,
                       StartSpec{.host = index,
                                 .parent = &parent,
                                 .image = image,
                                 .command = command,
                                 .who = &world.host(index).system,
                                 .lifetime = lifetime,
                                 .integrity = "System"});
}

void scheduled_job(World& world, Micros t) {
  uint32_t index = any_windows_host(world);
  const Host& host = world.host(index);
  const SystemJob& job = world.rng.pick(kJobs);
  Process process = start_as_system(world, t, index, host.svchost, job.image, job.command,
                                    world.rng.between(1, job.seconds) * kSecond);
  Actor actor{host, process, host.system};
  if (world.rng.chance(200))
    image_load(world, t + 60 * kMillisecond, actor, "C:\\Windows\\System32\\perfos.dll");
  if (world.rng.chance(150))
    registry_set(world, t + 200 * kMillisecond, actor,
                 "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\LastRun",
                 world.rng.chance(700) ? "QWORD (0x01dca9b2-0x4411aa00)" : "");
}

void service_logon(World& world, Micros t) {
  uint32_t index = any_windows_host(world);
  const Host& host = world.host(index);
  static constexpr std::array<std::string_view, 5> kServices = {
      "Windows Update", "Software Protection", "Background Intelligent Transfer Service",
      "Windows Modules Installer", "Device Setup Manager"};
  logon(world, t,
        LogonSpec{.host = index, .who = &host.system, .type = 5, .privileged = true, .logon_id = 0x3e7});
  if (world.rng.chance(400)) {
    std::string_view name = world.rng.pick(kServices);
    service_state(world, t + 40 * kMillisecond, host, name, world.rng.chance(500));
  }
}

void computer_account(World& world, Micros t) {
  const Host& host = world.host(any_windows_host(world));
  uint32_t server = world.rng.pick(world.company.controllers);
  const Host& controller = world.host(server);
  if (host.index == server) return;
  ConnSpec spec{.from = &host,
                .destination = controller.address,
                .destination_name = controller.fqdn,
                .port = 88,
                .service = "krb_tcp",
                .duration = 5'000,
                .sent = 1'700,
                .received = 1'800};
  uint32_t port = connect(world, t, spec).source_port;
  Identity computer = host.system;
  computer.sid = domain_identity("", 3'000 + host.index).sid;
  if (world.rng.chance(400))
    kerberos_ticket_granting(world, t + kMillisecond, controller, computer, host.address, port);
  kerberos_service(world, t + 4 * kMillisecond, controller, computer, controller.name + "$", host.address,
                   port);
  spec.port = 389;
  spec.service = "ldap_tcp";
  port = connect(world, t + 9 * kMillisecond, spec).source_port;
  logon(world, t + 12 * kMillisecond,
        LogonSpec{.host = server,
                  .who = &computer,
                  .type = 3,
                  .address = host.address,
                  .port = port,
                  .lifetime = world.rng.between(2, 30) * kSecond});
}

void background_traffic(World& world, Micros t) {
  const Host& host = world.host(any_windows_host(world));
  const Host& controller = world.controller();
  uint64_t kind = world.rng.below(10);
  if (kind < 4) {
    const Site& site = sites()[34 + world.rng.below(6)];
    resolve(world, t, host, nullptr, nullptr, site.domain, site.address);
  } else if (kind < 6) {
    static constexpr std::array<std::string_view, 4> kLost = {
        "wpad.corp.tarnwick.example", "isatap.corp.tarnwick.example", "printer7.corp.tarnwick.example",
        "old-erp.corp.tarnwick.example"};
    resolve(world, t, host, nullptr, nullptr, world.rng.pick(kLost), "");
  } else if (kind < 8) {
    connect(world, t,
            ConnSpec{.from = &host,
                     .destination = controller.address,
                     .port = 123,
                     .protocol = "udp",
                     .service = "ntp",
                     .duration = 400,
                     .sent = 48,
                     .received = 48});
  } else {
    connect(world, t,
            ConnSpec{.from = &host,
                     .destination = controller.address,
                     .port = world.rng.chance(500) ? 389U : 135U,
                     .service = world.rng.chance(500) ? "ldap_tcp" : "dce_rpc",
                     .duration = world.rng.between(2'000, 900'000),
                     .sent = 300 + world.rng.below(3'000),
                     .received = 400 + world.rng.below(9'000)});
  }
}

/// Telemetry and update checks to the vendors: regular, small, and to few names.
void agent_check_in(World& world, Micros t) {
  const Host& host = world.host(any_windows_host(world));
  const Site& site = sites()[world.rng.chance(700) ? 37U : 36U];
  visit_site(world, t, host, host.agent, host.system, site, world.rng.chance(350));
}

/// The endpoint agent looks into other processes, lsass included.
void agent_inspection(World& world, Micros t) {
  const Host& host = world.host(any_windows_host(world));
  Actor agent{host, host.agent, host.system};
  static constexpr std::string_view kTrace =
      "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2d56e|C:\\Program "
      "Files\\GuardPost\\gpscan.dll+1f20b";
  uint64_t kind = world.rng.below(10);
  if (kind < 4) process_access(world, t, agent, host.lsass, "0x1000", kTrace);
  else if (kind < 8) process_access(world, t, agent, host.svchost, "0x1410", kTrace);
  else if (kind < 9) named_pipe(world, t, agent, world.rng.chance(500) ? "\\wkssvc" : "\\srvsvc", false);
  else if (world.rng.chance(300)) remote_thread(world, t, agent, host.svchost);
  else named_pipe(world, t, agent, "\\gpagent-events", true);
}

void software_update(World& world, Micros t) {
  uint32_t index = any_windows_host(world);
  const Host& host = world.host(index);
  struct Product {
    std::string_view name, folder, service, file;
  };
  static constexpr std::array<Product, 5> kProducts = {
      {{"browserly_121.4.0.17.msi", "C:\\Program Files\\Browserly", "BrowserlyUpdate",
        "browserly_update.exe"},
       {"pdfleaf_8.2.msi", "C:\\Program Files\\PDF Leaf", "PdfLeafHelper", "leafhelper.exe"},
       {"guardpost_7.3.11.msi", "C:\\Program Files\\GuardPost", "GuardPostUpdater", "gpupdater.exe"},
       {"cadstation_sp1.msi", "C:\\Program Files\\CADStation", "CadLicence", "cadlicence.exe"},
       {"ledgerline_11.9.2.msi", "C:\\Program Files\\Ledgerline", "LedgerlineSync", "llsync.exe"}}};
  const Product& product = world.rng.pick(kProducts);
  std::string command = "C:\\Windows\\system32\\msiexec.exe /i C:\\Windows\\Temp\\" +
                        std::string(product.name) + " /qn REBOOT=ReallySuppress";
  Process installer = start_as_system(world, t, index, host.services, "C:\\Windows\\System32\\msiexec.exe",
                                      command, world.rng.between(20, 90) * kSecond);
  Actor actor{host, installer, host.system};
  std::string path = std::string(product.folder) + "\\" + std::string(product.file);
  file_create(world, t + 3 * kSecond, actor, path);
  registry_set(world, t + 5 * kSecond, actor,
               "HKLM\\System\\CurrentControlSet\\Services\\" + std::string(product.service) + "\\ImagePath",
               in_quotes(path));
  if (world.rng.chance(300))
    service_install(world, t + 6 * kSecond,
                    ServiceSpec{.host = index,
                                .who = &host.system,
                                .logon_id = 0x3e7,
                                .name = product.service,
                                .path = in_quotes(path),
                                .start = "auto start"});
  if (world.rng.chance(250)) {
    std::string task(1, '\\');
    (task += product.service) += "Daily";
    task_created(world, t + 7 * kSecond, host, host.system, 0x3e7, task, path);
  }
  file_delete(world, t + 12 * kSecond, actor, "C:\\Windows\\Temp\\" + std::string(product.name));
}

/// The inventory agent runs the very commands that an intruder would.
void inventory(World& world, Micros t) {
  uint32_t index = any_windows_host(world);
  const Host& host = world.host(index);
  Process agent =
      start_as_system(world, t, index, host.services, "C:\\Program Files\\Assetry\\invagent.exe",
                      "\"C:\\Program Files\\Assetry\\invagent.exe\" --collect --quiet", 90 * kSecond);
  static constexpr std::array<SystemJob, 5> kCommands = {
      {{"C:\\Windows\\System32\\systeminfo.exe", "systeminfo.exe /fo csv", 5},
       {"C:\\Windows\\System32\\ipconfig.exe", "ipconfig.exe /all", 1},
       {"C:\\Windows\\System32\\net.exe", "net.exe localgroup administrators", 1},
       {"C:\\Windows\\System32\\tasklist.exe", "tasklist.exe /svc /fo csv", 2},
       {"C:\\Windows\\System32\\whoami.exe", "whoami.exe /groups /fo csv", 1}}};
  Micros at = t + 2 * kSecond;
  uint64_t first = world.rng.below(kCommands.size());
  for (uint64_t i = 0; i < 2; ++i, at += 4 * kSecond) {
    const SystemJob& job = kCommands[(first + i) % kCommands.size()];
    start_as_system(world, at, index, agent, job.image, job.command, job.seconds * kSecond);
  }
}

constexpr std::array<Activity, 8> kActivities = {
    {{"scheduled job", 1'800, Rhythm::kAlways, scheduled_job},
     {"service logon", 1'100, Rhythm::kAlways, service_logon},
     {"computer account", 900, Rhythm::kAlways, computer_account},
     {"background traffic", 13'000, Rhythm::kAlways, background_traffic},
     {"agent check-in", 1'400, Rhythm::kAlways, agent_check_in},
     {"agent inspection", 1'200, Rhythm::kAlways, agent_inspection},
     {"software update", 160, Rhythm::kAlways, software_update},
     {"inventory", 200, Rhythm::kNight, inventory}}};

}  // namespace

std::span<const Activity> machine_activities() { return kActivities; }

}  // namespace huntbook::scenario
