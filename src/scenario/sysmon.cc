#include "scenario/sysmon.h"

#include "scenario/process.h"

namespace huntbook::scenario {
namespace {

/// A Sysmon event up to and with its process.
class SysmonLine : public WindowsLine {
 public:
  SysmonLine(World& world, Micros t, const Actor& actor, int event_id, std::string_view category,
             bool with_process = true)
      : WindowsLine(world, kSysmonChannel, t, actor.host, event_id, event_id, category) {
    text("RuleName", "-");
    start("UtcTime") += '"';
    append_plain(out, t, 3);
    out += '"';
    if (!with_process) return;
    text("ProcessGuid", actor.process.guid)
        .digits("ProcessId", actor.process.pid)
        .text("Image", actor.process.image);
    text("User", actor.who.sysmon_user);
  }
  void message(std::string_view head, std::string_view image, std::string_view label,
               std::string_view value) {
    std::string all(head);
    ((((all += "\r\nImage: ") += image) += "\r\n") += label) += ": ";
    text("Message", all += value);
  }
};

void add_file(World& world, const Actor& actor, Micros t, std::string_view path, const char* action) {
  if (world.truth.active())
    world.truth.add("files", {{"path", std::string(path)},
                              {"host", actor.host.fqdn},
                              {"action", action},
                              {"time", iso_text(t)},
                              {"process_guid", actor.process.guid}});
}

}  // namespace

void image_load(World& world, Micros t, const Actor& actor, std::string_view dll, bool is_signed) {
  SysmonLine line(world, t, actor, 7, "Image loaded (rule: ImageLoad)");
  line.text("ImageLoaded", dll)
      .text("Hashes", image_hashes(dll))
      .text("Signed", is_signed ? "true" : "false");
  line.text("Signature", is_signed ? "Microsoft Windows" : "-")
      .text("SignatureStatus", is_signed ? "Valid" : "Unavailable");
  line.message("Image loaded:", actor.process.image, "ImageLoaded", dll);
}

void remote_thread(World& world, Micros t, const Actor& actor, const Process& target) {
  SysmonLine line(world, t, actor, 8, "CreateRemoteThread detected (rule: CreateRemoteThread)", false);
  line.text("SourceProcessGuid", actor.process.guid)
      .digits("SourceProcessId", actor.process.pid)
      .text("SourceImage", actor.process.image);
  line.text("TargetProcessGuid", target.guid)
      .digits("TargetProcessId", target.pid)
      .text("TargetImage", target.image);
  line.digits("NewThreadId", static_cast<int64_t>(4 * (500 + world.rng.below(2'000))));
  line.hex("StartAddress", 0x7ffd00000000 + world.rng.below(0xffffffff))
      .text("StartModule", "-")
      .text("StartFunction", "-");
  line.text("SourceUser", actor.who.sysmon_user);
  line.text("Message", "CreateRemoteThread detected:\r\nSourceImage: " + actor.process.image +
                           "\r\nTargetImage: " + target.image);
}

void process_access(World& world, Micros t, const Actor& actor, const Process& target,
                    std::string_view granted, std::string_view trace) {
  SysmonLine line(world, t, actor, 10, "Process accessed (rule: ProcessAccess)", false);
  line.text("SourceProcessGUID", actor.process.guid).digits("SourceProcessId", actor.process.pid);
  line.digits("SourceThreadId", static_cast<int64_t>(4 * (500 + world.rng.below(2'000))))
      .text("SourceImage", actor.process.image);
  line.text("TargetProcessGUID", target.guid)
      .digits("TargetProcessId", target.pid)
      .text("TargetImage", target.image);
  line.text("GrantedAccess", granted).text("CallTrace", trace).text("SourceUser", actor.who.sysmon_user);
  line.text("TargetUser", "NT AUTHORITY\\SYSTEM");
  line.text("Message", "Process accessed:\r\nSourceImage: " + actor.process.image +
                           "\r\nTargetImage: " + target.image + "\r\nGrantedAccess: " + std::string(granted));
}

void file_create(World& world, Micros t, const Actor& actor, std::string_view path) {
  add_file(world, actor, t, path, "created");
  SysmonLine line(world, t, actor, 11, "File created (rule: FileCreate)");
  line.text("TargetFilename", path).start("CreationUtcTime") += '"';
  append_plain(line.out, t, 3);
  line.out += '"';
  line.message("File created:", actor.process.image, "TargetFilename", path);
}

void file_delete(World& world, Micros t, const Actor& actor, std::string_view path) {
  add_file(world, actor, t, path, "deleted");
  SysmonLine line(world, t, actor, 23, "File Delete archived (rule: FileDelete)");
  line.text("TargetFilename", path)
      .text("Hashes", image_hashes(path))
      .text("IsExecutable", "false")
      .text("Archived", "true");
  line.message("File Delete archived:", actor.process.image, "TargetFilename", path);
}

void registry_set(World& world, Micros t, const Actor& actor, std::string_view key,
                  std::string_view details) {
  bool value = !details.empty();
  if (world.truth.active())
    world.truth.add("registry", {{"key", std::string(key)},
                                 {"value", std::string(details)},
                                 {"host", actor.host.fqdn},
                                 {"time", iso_text(t)}});
  SysmonLine line(world, t, actor, value ? 13 : 12,
                  value ? "Registry value set (rule: RegistryEvent)"
                        : "Registry object added or deleted (rule: RegistryEvent)");
  line.text("EventType", value ? "SetValue" : "CreateKey").text("TargetObject", key);
  if (value) line.text("Details", details);
  line.message(value ? "Registry value set:" : "Registry object added or deleted:", actor.process.image,
               "TargetObject", key);
}

void named_pipe(World& world, Micros t, const Actor& actor, std::string_view pipe, bool created) {
  if (world.truth.active())
    world.truth.add("named_pipes",
                    {{"pipe", std::string(pipe)}, {"host", actor.host.fqdn}, {"image", actor.process.image}});
  SysmonLine line(world, t, actor, created ? 17 : 18,
                  created ? "Pipe Created (rule: PipeEvent)" : "Pipe Connected (rule: PipeEvent)");
  line.text("EventType", created ? "CreatePipe" : "ConnectPipe").text("PipeName", pipe);
  line.message(created ? "Pipe Created:" : "Pipe Connected:", actor.process.image, "PipeName", pipe);
}

void dns_query(World& world, Micros t, const Actor& actor, std::string_view name, std::string_view answer) {
  SysmonLine line(world, t, actor, 22, "Dns query (rule: DnsQuery)");
  line.text("QueryName", name).text("QueryStatus", answer.empty() ? "9003" : "0");
  line.text("QueryResults", answer.empty() ? "-" : "::ffff:" + std::string(answer) + ";");
  line.message("Dns query:", actor.process.image, "QueryName", name);
}

void network_connection(World& world, Micros t, const Actor& actor, const Flow& flow) {
  SysmonLine line(world, t, actor, 3, "Network connection detected (rule: NetworkConnect)");
  line.text("Protocol", flow.protocol)
      .text("Initiated", flow.initiated ? "true" : "false")
      .text("SourceIsIpv6", "false");
  line.text("SourceIp", flow.source)
      .text("SourceHostname", flow.initiated ? std::string_view(actor.host.fqdn) : "-");
  line.digits("SourcePort", flow.source_port)
      .text("DestinationIsIpv6", "false")
      .text("DestinationIp", flow.destination);
  line.text("DestinationHostname",
            flow.initiated ? flow.destination_name : std::string_view(actor.host.fqdn));
  line.digits("DestinationPort", flow.destination_port);
  line.message("Network connection detected:", actor.process.image, "DestinationIp", flow.destination);
}

}  // namespace huntbook::scenario
