// ground_truth.json.
#include <algorithm>
#include <array>
#include <set>

#include "base/escape.h"
#include "scenario/truth.h"
#include "scenario/world.h"

namespace huntbook::scenario {
namespace {

struct StageName {
  std::string_view name, tactic, tactic_name;
};
constexpr std::array<StageName, kStages> kStageNames = {
    {{"initial-access", "TA0001", "Initial Access"},
     {"execution", "TA0002", "Execution"},
     {"command-and-control", "TA0011", "Command and Control"},
     {"discovery", "TA0007", "Discovery"},
     {"privilege-escalation", "TA0004", "Privilege Escalation"},
     {"credential-access", "TA0006", "Credential Access"},
     {"lateral-movement", "TA0008", "Lateral Movement"},
     {"persistence", "TA0003", "Persistence"},
     {"collection", "TA0009", "Collection"},
     {"exfiltration", "TA0010", "Exfiltration"},
     {"defense-evasion", "TA0005", "Defense Evasion"},
     {"cloud-persistence", "TA0003", "Persistence"}}};

struct TechniqueName {
  std::string_view id, name;
};
constexpr std::array<TechniqueName, 47> kTechniques = {
    {{"T1003.001", "OS Credential Dumping: LSASS Memory"},
     {"T1003.008", "OS Credential Dumping: /etc/passwd and /etc/shadow"},
     {"T1005", "Data from Local System"},
     {"T1016", "System Network Configuration Discovery"},
     {"T1018", "Remote System Discovery"},
     {"T1021.001", "Remote Services: Remote Desktop Protocol"},
     {"T1021.002", "Remote Services: SMB/Windows Admin Shares"},
     {"T1021.004", "Remote Services: SSH"},
     {"T1027.010", "Obfuscated Files or Information: Command Obfuscation"},
     {"T1033", "System Owner/User Discovery"},
     {"T1036.005", "Masquerading: Match Legitimate Name or Location"},
     {"T1041", "Exfiltration Over C2 Channel"},
     {"T1048.003", "Exfiltration Over Unencrypted Non-C2 Protocol"},
     {"T1049", "System Network Connections Discovery"},
     {"T1053.005", "Scheduled Task/Job: Scheduled Task"},
     {"T1057", "Process Discovery"},
     {"T1059.001", "Command and Scripting Interpreter: PowerShell"},
     {"T1059.003", "Command and Scripting Interpreter: Windows Command Shell"},
     {"T1069.001", "Permission Groups Discovery: Local Groups"},
     {"T1069.002", "Permission Groups Discovery: Domain Groups"},
     {"T1070.001", "Indicator Removal: Clear Windows Event Logs"},
     {"T1070.004", "Indicator Removal: File Deletion"},
     {"T1071.001", "Application Layer Protocol: Web Protocols"},
     {"T1078.002", "Valid Accounts: Domain Accounts"},
     {"T1078.004", "Valid Accounts: Cloud Accounts"},
     {"T1082", "System Information Discovery"},
     {"T1083", "File and Directory Discovery"},
     {"T1087.002", "Account Discovery: Domain Account"},
     {"T1098", "Account Manipulation"},
     {"T1098.001", "Account Manipulation: Additional Cloud Credentials"},
     {"T1098.003", "Account Manipulation: Additional Cloud Roles"},
     {"T1105", "Ingress Tool Transfer"},
     {"T1135", "Network Share Discovery"},
     {"T1136.002", "Create Account: Domain Account"},
     {"T1204.002", "User Execution: Malicious File"},
     {"T1482", "Domain Trust Discovery"},
     {"T1528", "Steal Application Access Token"},
     {"T1543.003", "Create or Modify System Process: Windows Service"},
     {"T1547.001", "Boot or Logon Autostart Execution: Registry Run Keys / Startup Folder"},
     {"T1548.002", "Abuse Elevation Control Mechanism: Bypass User Account Control"},
     {"T1548.003", "Abuse Elevation Control Mechanism: Sudo and Sudo Caching"},
     {"T1560.001", "Archive Collected Data: Archive via Utility"},
     {"T1564.008", "Hide Artifacts: Email Hiding Rules"},
     {"T1566.001", "Phishing: Spearphishing Attachment"},
     {"T1567.002", "Exfiltration Over Web Service: Exfiltration to Cloud Storage"},
     {"T1569.002", "System Services: Service Execution"},
     {"T1570", "Lateral Tool Transfer"}}};

std::string_view technique_name(std::string_view id) {
  for (const auto& technique : kTechniques)
    if (technique.id == id) return technique.name;
  return "";
}

bool is_cloud(const TruthEvent& event) { return event.file >= LogFile::kSignin; }

/// Ends of processes and sessions come long after what they belong to; they do not stretch a stage.
bool is_ending(const TruthEvent& event) {
  return event.event_id == 5 || event.event_id == 403 || event.event_id == 4634 || event.event_id == 4689;
}

std::string event_id_text(size_t index) {
  std::string id = "E";
  append_padded(id, static_cast<int64_t>(index) + 1, 5);
  return id;
}

bool is_number_key(std::string_view key) { return key == "pid" || key == "parent_pid"; }

/// Events in order of time; the ids follow it.
std::vector<const TruthEvent*> in_order(const Truth& truth) {
  std::vector<const TruthEvent*> events;
  for (const auto& event : truth.events())
    if (event.line > 0) events.push_back(&event);
  std::stable_sort(events.begin(), events.end(),
                   [](const auto* a, const auto* b) { return a->time < b->time; });
  return events;
}

void append_list(std::string& out, const std::vector<std::string>& values) {
  out += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, values[i]);
  }
  out += ']';
}

void append_row(std::string& out, const Facts& row) {
  JsonMembers json(out);
  for (const auto& [key, value] : row) {
    if (is_number_key(key) || (key == "logon_type" && value != "ssh")) json.raw(key, value);
    else json.text(key, value);
  }
  out += '}';
}

void append_event(std::string& out, const Truth& truth, const TruthEvent& event, size_t index) {
  const Note& note = truth.notes()[event.note];
  JsonMembers json(out);
  json.text("id", event_id_text(index))
      .text("file", log_path(event.file))
      .number("line", static_cast<int64_t>(event.line));
  if (event.record > 0) json.number("record", static_cast<int64_t>(event.record));
  json.text("time", iso_text(event.time, 6)).text(is_cloud(event) ? "account" : "host", event.host);
  if (event.event_id > 0) json.number("event_id", event.event_id);
  json.text("what", note.what).text("stage", kStageNames[static_cast<size_t>(note.stage)].name);
  append_list(json.start("techniques"), note.techniques);
  JsonMembers fields(json.start("fields"));
  for (const auto& [key, value] : event.fields) fields.raw(key, value);
  out += event.fields.empty() ? "{}}" : "}}";
}

void append_stages(std::string& out, const Truth& truth, const std::vector<const TruthEvent*>& events) {
  struct Summary {
    size_t stage;
    Micros first, last;
    std::set<std::string> hosts, techniques;
    std::vector<std::string> what, ids;
  };
  std::vector<Summary> summaries;
  for (size_t i = 0; i < events.size(); ++i) {
    const Note& note = truth.notes()[events[i]->note];
    auto stage = static_cast<size_t>(note.stage);
    auto found =
        std::find_if(summaries.begin(), summaries.end(), [&](const Summary& s) { return s.stage == stage; });
    if (found == summaries.end())
      found = summaries.insert(summaries.end(), Summary{.stage = stage,
                                                        .first = events[i]->time,
                                                        .last = 0,
                                                        .hosts = {},
                                                        .techniques = {},
                                                        .what = {},
                                                        .ids = {}});
    if (!is_ending(*events[i])) found->last = events[i]->time;
    if (!is_cloud(*events[i])) found->hosts.insert(events[i]->host);
    found->techniques.insert(note.techniques.begin(), note.techniques.end());
    if (std::find(found->what.begin(), found->what.end(), note.what) == found->what.end())
      found->what.push_back(note.what);
    found->ids.push_back(event_id_text(i));
  }
  out += "[\n";
  for (size_t i = 0; i < summaries.size(); ++i) {
    const Summary& s = summaries[i];
    if (i > 0) out += ",\n";
    const StageName& name = kStageNames[s.stage];
    JsonMembers json(out);
    json.text("name", name.name).text("tactic", name.tactic).text("tactic_name", name.tactic_name);
    json.text("start", iso_text(s.first, 6)).text("end", iso_text(s.last, 6));
    append_list(json.start("what"), s.what);
    append_list(json.start("hosts"), {s.hosts.begin(), s.hosts.end()});
    append_list(json.start("techniques"), {s.techniques.begin(), s.techniques.end()});
    append_list(json.start("events"), s.ids);
    out += '}';
  }
  out += "\n]";
}

void append_techniques(std::string& out, const Truth& truth, const std::vector<const TruthEvent*>& events) {
  std::map<std::string, std::vector<std::string>> shown;
  for (size_t i = 0; i < events.size(); ++i)
    for (const auto& technique : truth.notes()[events[i]->note].techniques)
      shown[technique].push_back(event_id_text(i));
  out += "[\n";
  bool first = true;
  for (const auto& [id, ids] : shown) {
    if (!first) out += ",\n";
    first = false;
    JsonMembers json(out);
    json.text("id", id).text("name", technique_name(id));
    append_list(json.start("events"), ids);
    out += '}';
  }
  out += "\n]";
}

}  // namespace

std::string ground_truth_json(const Truth& truth, const TruthHeader& header) {
  std::vector<const TruthEvent*> events = in_order(truth);
  std::string out;
  JsonMembers json(out);
  json.number("format", 1).text("synthetic", "everything here is invented; no payload does anything");
  json.text("company", header.company).text("domain", header.domain);
  json.raw("seed", std::to_string(header.seed))
      .raw("scale", header.scale)
      .number("hosts_in_all", header.hosts)
      .number("users_in_all", header.users);
  json.text("start", iso_text(kStart, 0)).text("end", iso_text(kEnd, 0)).text("evidence", "evidence");
  append_stages(json.start("stages"), truth, events);
  append_techniques(json.start("techniques"), truth, events);
  for (const TruthList& list : truth.lists()) {
    std::string& text = json.start(list.name) += "[";
    for (size_t i = 0; i < list.rows.size(); ++i) {
      text += i > 0 ? ",\n" : "\n";
      append_row(text, list.rows[i]);
    }
    text += "\n]";
  }
  std::string& text = json.start("events") += "[";
  for (size_t i = 0; i < events.size(); ++i) {
    text += i > 0 ? ",\n" : "\n";
    append_event(text, truth, *events[i], i);
  }
  text += "\n]}\n";
  return out;
}

}  // namespace huntbook::scenario
