#include "scenario/process.h"

#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

void append_digest(std::string& out, uint64_t seed, int digits) {
  for (int done = 0; done < digits; done += 16) {
    std::string part;
    append_hex(part, mix(seed, static_cast<uint64_t>(done) + 1), 16, true);
    out.append(part, 0, static_cast<size_t>(digits - done < 16 ? digits - done : 16));
  }
}

uint64_t image_seed(std::string_view image, uint64_t salt) {
  std::string file(image.substr(image.rfind('\\') + 1));
  for (char& c : file)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return mix(hash_text(file), salt);
}

std::string_view label_of(std::string_view integrity) {
  if (integrity == "System") return "S-1-16-16384";
  if (integrity == "High") return "S-1-16-12288";
  return "S-1-16-8192";
}

void security_start(World& world, Micros t, const StartSpec& spec, const Process& process) {
  WindowsLine line(world, kSecurityChannel, t, world.host(spec.host), 4688, 13312, "Process Creation");
  line.text("EventType", "AUDIT_SUCCESS");
  line.user(*spec.who, "Subject");
  line.hex("SubjectLogonId", spec.logon_id)
      .hex("NewProcessId", process.pid)
      .text("NewProcessName", process.image);
  line.text("TokenElevationType", spec.integrity == "High"     ? "%%1937"
                                  : spec.integrity == "System" ? "%%1936"
                                                               : "%%1938");
  line.hex("ProcessId", spec.parent->pid).text("CommandLine", process.command);
  line.text("TargetUserSid", "S-1-0-0")
      .text("TargetUserName", "-")
      .text("TargetDomainName", "-")
      .text("TargetLogonId", "0x0");
  line.text("ParentProcessName", spec.parent->image).text("MandatoryLabel", label_of(spec.integrity));
  std::string message = "A new process has been created.\r\n\r\nCreator Subject:\r\n\tAccount Name:\t\t" +
                        spec.who->name + "\r\n\tAccount Domain:\t\t" + spec.who->domain +
                        "\r\n\tLogon ID:\t\t" + hex_text(spec.logon_id) +
                        "\r\n\r\nProcess Information:\r\n\tNew Process ID:\t\t" + hex_text(process.pid) +
                        "\r\n\tNew Process Name:\t" + process.image;
  line.text("Message", message);
}

void sysmon_start(World& world, Micros t, const StartSpec& spec, const Process& process) {
  const ImageFacts& facts = image_facts(process.image);
  std::string_view file = std::string_view(process.image).substr(process.image.rfind('\\') + 1);
  Host& host = world.host(spec.host);
  WindowsLine line(world, kSysmonChannel, t + kMillisecond, host, 1, 1,
                   "Process Create (rule: ProcessCreate)");
  line.text("RuleName", "-").start("UtcTime") += '"';
  append_plain(line.out, t, 3);
  line.out += '"';
  line.text("ProcessGuid", process.guid).digits("ProcessId", process.pid).text("Image", process.image);
  line.text("FileVersion", facts.version)
      .text("Description", facts.description)
      .text("Product", facts.product);
  line.text("Company", facts.company).text("OriginalFileName", facts.file.empty() ? "-" : file);
  line.text("CommandLine", process.command)
      .text("CurrentDirectory", spec.folder)
      .text("User", spec.who->sysmon_user);
  std::string& guid = line.start("LogonGuid") += "\"{";
  append_guid(guid, (uint64_t{host.machine} << 32) | (spec.logon_id & 0xffffffff), spec.logon_id << 16);
  guid += "}\"";
  line.hex("LogonId", spec.logon_id).text("TerminalSessionId", spec.integrity == "System" ? "0" : "1");
  line.text("IntegrityLevel", spec.integrity).text("Hashes", image_hashes(process.image, spec.hash_salt));
  line.text("ParentProcessGuid", spec.parent->guid).digits("ParentProcessId", spec.parent->pid);
  line.text("ParentImage", spec.parent->image).text("ParentCommandLine", spec.parent->command);
  line.text("Message",
            "Process Create:\r\nImage: " + process.image + "\r\nParentImage: " + spec.parent->image);
}

void exit_process(World& world, Micros t, const StartSpec& spec, const Process& process) {
  const Host& host = world.host(spec.host);
  {
    WindowsLine line(world, kSecurityChannel, t, host, 4689, 13313, "Process Termination");
    line.text("EventType", "AUDIT_SUCCESS");
    line.user(*spec.who, "Subject");
    line.hex("SubjectLogonId", spec.logon_id)
        .text("Status", "0x0")
        .hex("ProcessId", process.pid)
        .text("ProcessName", process.image);
    line.text("Message", "A process has exited.\r\n\r\nProcess Information:\r\n\tProcess ID:\t" +
                             hex_text(process.pid) + "\r\n\tProcess Name:\t" + process.image);
  }
  WindowsLine line(world, kSysmonChannel, t + kMillisecond, host, 5, 5,
                   "Process terminated (rule: ProcessTerminate)");
  line.text("RuleName", "-").start("UtcTime") += '"';
  append_plain(line.out, t, 3);
  line.out += '"';
  line.text("ProcessGuid", process.guid)
      .digits("ProcessId", process.pid)
      .text("Image", process.image)
      .text("User", spec.who->sysmon_user);
  line.text("Message", "Process terminated:\r\nImage: " + process.image);
}

}  // namespace

Process start_process(World& world, Micros t, const StartSpec& spec) {
  Host& host = world.host(spec.host);
  Process process;
  process.end = spec.lifetime > 0 ? t + spec.lifetime : kEnd + kDay;
  process.pid = take_pid(host, world.rng, world.now, t, process.end + kSecond);
  process.guid = take_process_guid(host, t);
  process.image = spec.image;
  process.command = spec.command;
  security_start(world, t, spec, process);
  sysmon_start(world, t, spec, process);
  if (process.end < kEnd) exit_process(world, process.end, spec, process);
  if (world.truth.active()) {
    world.truth.add("processes", {{"guid", process.guid},
                                  {"pid", number_text(process.pid)},
                                  {"pid_hex", hex_text(process.pid)},
                                  {"image", process.image},
                                  {"command_line", process.command},
                                  {"host", host.fqdn},
                                  {"account", spec.who->sysmon_user},
                                  {"logon_id", hex_text(spec.logon_id)},
                                  {"time", iso_text(t)},
                                  {"end_time", process.end < kEnd ? iso_text(process.end) : ""},
                                  {"parent_guid", spec.parent->guid},
                                  {"parent_pid", number_text(spec.parent->pid)},
                                  {"parent_image", spec.parent->image},
                                  {"sha256", image_sha256(process.image, spec.hash_salt)}});
  }
  return process;
}

std::string image_hashes(std::string_view image, uint64_t salt) {
  uint64_t seed = image_seed(image, salt);
  std::string out = "SHA1=";
  append_digest(out, mix(seed, 101), 40);
  out += ",MD5=";
  append_digest(out, mix(seed, 102), 32);
  out += ",SHA256=";
  append_digest(out, mix(seed, 103), 64);
  out += ",IMPHASH=";
  append_digest(out, mix(seed, 104), 32);
  return out;
}

std::string image_sha256(std::string_view image, uint64_t salt) {
  std::string out;
  append_digest(out, mix(image_seed(image, salt), 103), 64);
  return out;
}

std::string in_quotes(std::string_view path) {
  std::string out(1, '"');
  return (out += path) += '"';
}

std::string profile_path(const Identity& who, std::string_view rest) {
  return "C:\\Users\\" + who.name + "\\" + std::string(rest);
}

}  // namespace huntbook::scenario
