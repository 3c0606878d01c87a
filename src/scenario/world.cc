#include "scenario/world.h"

namespace huntbook::scenario {

const Channel kSecurityChannel{.file = LogFile::kSecurity,
                               .source = "Microsoft-Windows-Security-Auditing",
                               .guid = "{54849625-5478-4994-A5BA-3E3B0328C30D}",
                               .channel = "Security"};
const Channel kSysmonChannel{.file = LogFile::kSysmon,
                             .source = "Microsoft-Windows-Sysmon",
                             .guid = "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",
                             .channel = "Microsoft-Windows-Sysmon/Operational"};
const Channel kPowershellChannel{.file = LogFile::kPowershell,
                                 .source = "Microsoft-Windows-PowerShell",
                                 .guid = "{A0C1853B-5C40-4B15-8766-3CF1C58F985A}",
                                 .channel = "Microsoft-Windows-PowerShell/Operational"};
const Channel kClassicPowershellChannel{
    .file = LogFile::kPowershell, .source = "PowerShell", .guid = "", .channel = "Windows PowerShell"};
const Channel kSystemChannel{.file = LogFile::kSystem,
                             .source = "Service Control Manager",
                             .guid = "{555908D1-A6D7-4695-8E1E-26931D2012F4}",
                             .channel = "System"};

WindowsLine::WindowsLine(World& world, const Channel& channel, Micros t, const Host& host, int event_id,
                         int task, std::string_view category)
    : LogLine(world, channel.file, t, host, event_id), JsonMembers(LogLine::out) {
  start("EventTime") += '"';
  append_plain(out, t, 0);
  out += "\",\"TimeCreated\":\"";
  append_iso(out, t, 3);
  out += '"';
  text("Hostname", host.fqdn);
  text("SourceName", channel.source);
  if (!channel.guid.empty()) text("ProviderGuid", channel.guid);
  text("Channel", channel.channel);
  number("EventID", event_id);
  number("Task", task);
  if (!category.empty()) text("Category", category);
}

void WindowsLine::user(const Identity& who, std::string_view prefix) {
  std::string key(prefix);
  text(key + "UserSid", who.sid);
  text(key + "UserName", who.name);
  text(key + "DomainName", who.domain);
}

}  // namespace huntbook::scenario
