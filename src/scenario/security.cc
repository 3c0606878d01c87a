#include "scenario/security.h"

namespace huntbook::scenario {
namespace {

const Identity kNobody{.name = "-", .domain = "-", .sid = "S-1-0-0", .sysmon_user = "-"};

class SecurityLine : public WindowsLine {
 public:
  SecurityLine(World& world, Micros t, const Host& host, int event_id, int task, std::string_view category,
               bool success = true)
      : WindowsLine(world, kSecurityChannel, t, host, event_id, task, category) {
    text("EventType", success ? "AUDIT_SUCCESS" : "AUDIT_FAILURE");
  }
};

void logoff(World& world, Micros t, const LogonSpec& spec, uint64_t logon_id) {
  SecurityLine line(world, t, world.host(spec.host), 4634, 12545, "Logoff");
  line.user(*spec.who, "Target");
  line.hex("TargetLogonId", logon_id).digits("LogonType", spec.type);
  line.text("Message", "An account was logged off.\r\n\r\nSubject:\r\n\tAccount Name:\t\t" + spec.who->name +
                           "\r\n\tLogon ID:\t\t" + hex_text(logon_id) + "\r\n\r\nLogon Type:\t\t\t" +
                           number_text(spec.type));
}

void privileges(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id) {
  SecurityLine line(world, t, host, 4672, 12548, "Special Logon");
  line.user(who, "Subject");
  line.hex("SubjectLogonId", logon_id);
  line.text("PrivilegeList",
            "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwners"
            "hipPrivilege\r\n\t\t\t"
            "SeDebugPrivilege\r\n\t\t\tSeLoadDriverPrivilege\r\n\t\t\tSeImpersonatePrivilege");
  line.text("Message", "Special privileges assigned to new logon.\r\n\r\nSubject:\r\n\tAccount Name:\t\t" +
                           who.name + "\r\n\tLogon ID:\t\t" + hex_text(logon_id));
}

}  // namespace

uint64_t logon(World& world, Micros t, const LogonSpec& spec) {
  Host& host = world.host(spec.host);
  uint64_t id = spec.logon_id ? spec.logon_id : take_logon_id(host, world.rng);
  bool remote = spec.type == 3;
  {
    SecurityLine line(world, t, host, 4624, 12544, "Logon");
    line.user(remote ? kNobody : host.system, "Subject");
    line.hex("SubjectLogonId", remote ? 0 : 0x3e7);
    line.user(*spec.who, "Target");
    line.hex("TargetLogonId", id).digits("LogonType", spec.type);
    std::string_view process = remote           ? (spec.kerberos ? "Kerberos" : "NtLmSsp ")
                               : spec.type == 5 ? "Advapi  "
                                                : "User32 ";
    line.text("LogonProcessName", process)
        .text("AuthenticationPackageName", remote ? (spec.kerberos ? "Kerberos" : "NTLM") : "Negotiate");
    line.text("WorkstationName", spec.workstation);
    std::string& guid = line.start("LogonGuid") += "\"{";
    append_guid(guid, mix(id, host.machine), mix(host.machine, id));
    guid += "}\"";
    line.text("TransmittedServices", "-").text("LmPackageName", remote && !spec.kerberos ? "NTLM V2" : "-");
    line.text("KeyLength", remote && !spec.kerberos ? "128" : "0");
    const Process& caller = spec.type == 5                                        ? host.services
                            : spec.type == 2 || spec.type == 7 || spec.type == 11 ? host.lsass
                                                                                  : host.svchost;
    if (remote) line.text("ProcessId", "0x0").text("ProcessName", "-");
    else line.hex("ProcessId", caller.pid).text("ProcessName", caller.image);
    line.text("IpAddress", spec.address);
    if (spec.port) line.digits("IpPort", spec.port);
    else line.text("IpPort", "-");
    line.text("ImpersonationLevel", "%%1833")
        .text("RestrictedAdminMode", "-")
        .text("VirtualAccount", "%%1843");
    line.text("TargetLinkedLogonId", "0x0").text("ElevatedToken", spec.privileged ? "%%1842" : "%%1843");
    std::string message =
        "An account was successfully logged on.\r\n\r\nLogon Information:\r\n\tLogon Type:\t\t" +
        number_text(spec.type) + "\r\n\r\nNew Logon:\r\n\tAccount Name:\t\t" + spec.who->name +
        "\r\n\tAccount Domain:\t\t" + spec.who->domain + "\r\n\tLogon ID:\t\t" + hex_text(id) +
        "\r\n\r\nNetwork Information:\r\n\tSource Network Address:\t";
    line.text("Message", message += spec.address);
  }
  if (spec.privileged) privileges(world, t + kMillisecond, host, *spec.who, id);
  if (spec.lifetime > 0) logoff(world, t + spec.lifetime, spec, id);
  if (world.truth.active())
    world.truth.add("logons", {{"time", iso_text(t)},
                               {"host", host.fqdn},
                               {"account", spec.who->name},
                               {"domain", spec.who->domain},
                               {"source_address", std::string(spec.address)},
                               {"logon_type", number_text(spec.type)},
                               {"logon_id", hex_text(id)}});
  return id;
}

void failed_logon(World& world, Micros t, const FailedLogonSpec& spec) {
  const Host& host = world.host(spec.host);
  SecurityLine line(world, t, host, 4625, 12544, "Logon", false);
  line.user(spec.type == 3 ? kNobody : host.system, "Subject");
  line.hex("SubjectLogonId", spec.type == 3 ? 0 : 0x3e7)
      .text("TargetUserSid", "S-1-0-0")
      .text("TargetUserName", spec.account);
  line.text("TargetDomainName", kDomain).text("Status", "0xc000006d").text("FailureReason", "%%2313");
  line.text("SubStatus", spec.unknown_user ? "0xc0000064" : "0xc000006a").digits("LogonType", spec.type);
  line.text("LogonProcessName", spec.type == 3 ? "NtLmSsp " : "User32 ")
      .text("AuthenticationPackageName", spec.type == 3 ? "NTLM" : "Negotiate");
  line.text("WorkstationName", spec.workstation)
      .text("TransmittedServices", "-")
      .text("LmPackageName", "-")
      .text("KeyLength", "0");
  line.text("ProcessId", "0x0").text("ProcessName", "-").text("IpAddress", spec.address).text("IpPort", "-");
  std::string message =
      "An account failed to log on.\r\n\r\nAccount For Which Logon Failed:\r\n\tAccount Name:\t\t";
  line.text("Message", message += spec.account);
}

void explicit_logon(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id,
                    const Identity& target, std::string_view server, const Process& process) {
  SecurityLine line(world, t, host, 4648, 12544, "Logon");
  line.user(who, "Subject");
  line.hex("SubjectLogonId", logon_id).text("LogonGuid", "{00000000-0000-0000-0000-000000000000}");
  line.text("TargetUserName", target.name).text("TargetDomainName", target.domain);
  line.text("TargetLogonGuid", "{00000000-0000-0000-0000-000000000000}")
      .text("TargetServerName", server)
      .text("TargetInfo", server);
  line.hex("ProcessId", process.pid)
      .text("ProcessName", process.image)
      .text("IpAddress", "-")
      .text("IpPort", "-");
  line.text("Message",
            "A logon was attempted using explicit credentials.\r\n\r\nAccount Whose Credentials Were "
            "Used:\r\n\tAccount Name:\t\t" +
                target.name + "\r\n\r\nTarget Server:\r\n\tTarget Server Name:\t" + std::string(server));
}

void kerberos_ticket_granting(World& world, Micros t, const Host& controller, const Identity& who,
                              std::string_view address, uint32_t port) {
  SecurityLine line(world, t, controller, 4768, 14339, "Kerberos Authentication Service");
  line.text("TargetUserName", who.name).text("TargetDomainName", kKerberosRealm).text("TargetSid", who.sid);
  line.text("ServiceName", "krbtgt")
      .text("ServiceSid", domain_identity("", 502).sid)
      .text("TicketOptions", "0x40810010");
  line.text("Status", "0x0").text("TicketEncryptionType", "0x12").text("PreAuthType", "2");
  line.text("IpAddress", "::ffff:" + std::string(address)).digits("IpPort", port);
  line.text("Message",
            "A Kerberos authentication ticket (TGT) was requested.\r\n\r\nAccount Information:\r\n\tAccount "
            "Name:\t\t" +
                who.name);
}

void kerberos_service(World& world, Micros t, const Host& controller, const Identity& who,
                      std::string_view service, std::string_view address, uint32_t port, bool weak) {
  SecurityLine line(world, t, controller, 4769, 14337, "Kerberos Service Ticket Operations");
  line.text("TargetUserName", who.name + "@" + std::string(kKerberosRealm))
      .text("TargetDomainName", kKerberosRealm);
  line.text("ServiceName", service)
      .text("ServiceSid", domain_identity("", 1'000 + hash_text(service) % 150).sid);
  line.text("TicketOptions", "0x40810000").text("TicketEncryptionType", weak ? "0x17" : "0x12");
  line.text("IpAddress", "::ffff:" + std::string(address)).digits("IpPort", port).text("Status", "0x0");
  std::string& guid = line.start("LogonGuid") += "\"{";
  guid += random_guid(world.rng);
  guid += "}\"";
  line.text("TransmittedServices", "-");
  line.text("Message",
            "A Kerberos service ticket was requested.\r\n\r\nAccount Information:\r\n\tAccount Name:\t\t" +
                who.name + "\r\n\r\nService Information:\r\n\tService Name:\t\t" + std::string(service));
}

void ntlm_validation(World& world, Micros t, const Host& controller, std::string_view account,
                     std::string_view workstation, bool ok) {
  SecurityLine line(world, t, controller, 4776, 14336, "Credential Validation", ok);
  line.text("PackageName", "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0")
      .text("TargetUserName", account)
      .text("Workstation", workstation);
  line.text("Status", ok ? "0x0" : "0xc000006a");
  line.text("Message",
            "The computer attempted to validate the credentials for an account.\r\n\r\nLogon Account:\t" +
                std::string(account));
}

void share_access(World& world, Micros t, const ShareSpec& spec) {
  SecurityLine line(world, t, world.host(spec.host), 5140, 12808, "File Share");
  line.user(*spec.who, "Subject");
  line.hex("SubjectLogonId", spec.logon_id)
      .text("ObjectType", "File")
      .text("IpAddress", spec.address)
      .digits("IpPort", spec.port);
  line.text("ShareName", spec.share)
      .text("ShareLocalPath", spec.local_path)
      .text("AccessMask", "0x1")
      .text("AccessList", "%%4416\r\n\t\t\t\t");
  line.text("Message", "A network share object was accessed.\r\n\r\nShare Information:\r\n\tShare Name:\t\t" +
                           std::string(spec.share));
}

void share_file(World& world, Micros t, const ShareSpec& spec, std::string_view file, bool write) {
  SecurityLine line(world, t, world.host(spec.host), 5145, 12811, "Detailed File Share");
  line.user(*spec.who, "Subject");
  line.hex("SubjectLogonId", spec.logon_id)
      .text("ObjectType", "File")
      .text("IpAddress", spec.address)
      .digits("IpPort", spec.port);
  line.text("ShareName", spec.share).text("ShareLocalPath", spec.local_path).text("RelativeTargetName", file);
  line.text("AccessMask", write ? "0x2" : "0x1")
      .text("AccessList", write ? "%%4417\r\n\t\t\t\t" : "%%4416\r\n\t\t\t\t");
  line.text("Message",
            "A network share object was checked to see whether client can be granted desired "
            "access.\r\n\r\n\tRelative Target Name:\t" +
                std::string(file));
}

void service_install(World& world, Micros t, const ServiceSpec& spec) {
  const Host& host = world.host(spec.host);
  {
    WindowsLine line(world, kSystemChannel, t, host, 7045, 0, "");
    line.text("UserID", spec.who->sid).text("ServiceName", spec.name).text("ImagePath", spec.path);
    line.text("ServiceType", "user mode service")
        .text("StartType", spec.start)
        .text("AccountName", "LocalSystem");
    line.text("Message", "A service was installed in the system.\r\n\r\nService Name:  " +
                             std::string(spec.name) + "\r\nService File Name:  " + std::string(spec.path) +
                             "\r\nService Type:  user mode service");
  }
  {
    SecurityLine line(world, t + 4 * kMillisecond, host, 4697, 12289, "Security System Extension");
    line.user(*spec.who, "Subject");
    line.hex("SubjectLogonId", spec.logon_id)
        .text("ServiceName", spec.name)
        .text("ServiceFileName", spec.path);
    line.text("ServiceType", "0x10")
        .text("ServiceStartType", spec.start == "auto start" ? "2" : "3")
        .text("ServiceAccount", "LocalSystem");
    line.text("Message",
              "A service was installed in the system.\r\n\r\nService Information:\r\n\tService Name:\t\t" +
                  std::string(spec.name));
  }
  if (world.truth.active())
    world.truth.add("services", {{"name", std::string(spec.name)},
                                 {"image_path", std::string(spec.path)},
                                 {"host", host.fqdn},
                                 {"account", spec.who->name},
                                 {"time", iso_text(t)}});
}

void service_state(World& world, Micros t, const Host& host, std::string_view name, bool running) {
  WindowsLine line(world, kSystemChannel, t, host, 7036, 0, "");
  line.text("param1", name).text("param2", running ? "running" : "stopped");
  line.text("Message", "The " + std::string(name) + " service entered the " +
                           (running ? "running" : "stopped") + " state.");
}

void task_created(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id,
                  std::string_view name, std::string_view command) {
  SecurityLine line(world, t, host, 4698, 12804, "Other Object Access Events");
  line.user(who, "Subject");
  line.hex("SubjectLogonId", logon_id).text("TaskName", name);
  line.text("TaskContent",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task "
            "version=\"1.2\"><Triggers><CalendarTrigger/></Triggers>"
            "<Actions><Exec><Command>" +
                std::string(command) + "</Command></Exec></Actions></Task>");
  line.text("Message",
            "A scheduled task was created.\r\n\r\nTask Information:\r\n\tTask Name:\t\t" + std::string(name));
  if (world.truth.active())
    world.truth.add("scheduled_tasks", {{"name", std::string(name)},
                                        {"command", std::string(command)},
                                        {"host", host.fqdn},
                                        {"account", who.name},
                                        {"time", iso_text(t)}});
}

void account_event(World& world, Micros t, const Host& controller, int event_id, const Identity& who,
                   uint64_t logon_id, const Identity& target) {
  SecurityLine line(world, t, controller, event_id, 13824, "User Account Management");
  line.text("TargetUserName", target.name)
      .text("TargetDomainName", target.domain)
      .text("TargetSid", target.sid);
  line.user(who, "Subject");
  line.hex("SubjectLogonId", logon_id);
  if (event_id == 4720 || event_id == 4738)
    line.text("PrivilegeList", "-")
        .text("SamAccountName", target.name)
        .text("UserAccountControl", "\r\n\t\t%%2080\r\n\t\t%%2082\r\n\t\t%%2084");
  std::string_view head = event_id == 4720   ? "A user account was created."
                          : event_id == 4722 ? "A user account was enabled."
                          : event_id == 4724 ? "An attempt was made to reset an account's password."
                                             : "A user account was changed.";
  line.text("Message", std::string(head) + "\r\n\r\nSubject:\r\n\tAccount Name:\t\t" + who.name +
                           "\r\n\r\nTarget Account:\r\n\tAccount Name:\t\t" + target.name);
}

void group_member_added(World& world, Micros t, const Host& controller, int event_id, const Identity& who,
                        uint64_t logon_id, const Identity& member, std::string_view group) {
  SecurityLine line(world, t, controller, event_id, 13826, "Security Group Management");
  line.text("MemberName", "CN=" + member.name + ",CN=Users,DC=corp,DC=tarnwick,DC=example")
      .text("MemberSid", member.sid);
  line.text("TargetUserName", group).text("TargetDomainName", event_id == 4732 ? "Builtin" : kDomain);
  line.text("TargetSid", event_id == 4732 ? std::string("S-1-5-32-544") : domain_identity("", 512).sid);
  line.user(who, "Subject");
  line.hex("SubjectLogonId", logon_id).text("PrivilegeList", "-");
  line.text("Message", std::string("A member was added to a security-enabled ") +
                           (event_id == 4732 ? "local" : "global") +
                           " group.\r\n\r\nMember:\r\n\tAccount Name:\t\t" + member.name +
                           "\r\n\r\nGroup:\r\n\tGroup Name:\t\t" + std::string(group));
}

void log_cleared(World& world, Micros t, const Host& host, const Identity& who, uint64_t logon_id) {
  WindowsLine line(world,
                   Channel{.file = LogFile::kSecurity,
                           .source = "Microsoft-Windows-Eventlog",
                           .guid = "{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}",
                           .channel = "Security"},
                   t, host, 1102, 104, "Log clear");
  line.user(who, "Subject");
  line.hex("SubjectLogonId", logon_id);
  line.text("Message", "The audit log was cleared.\r\nSubject:\r\n\tAccount Name:\t" + who.name +
                           "\r\n\tLogon ID:\t" + hex_text(logon_id));
}

}  // namespace huntbook::scenario
