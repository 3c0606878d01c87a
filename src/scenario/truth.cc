#include "scenario/truth.h"

#include <algorithm>
#include <array>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"

namespace huntbook::scenario {
namespace {

/// The keys of an event that say what it is about; those present are copied into the answer key.
constexpr std::array<std::string_view, 52> kKeys = {"NewProcessName",
                                                    "NewProcessId",
                                                    "ParentProcessName",
                                                    "CommandLine",
                                                    "SubjectUserName",
                                                    "SubjectLogonId",
                                                    "TargetUserName",
                                                    "TargetLogonId",
                                                    "LogonType",
                                                    "IpAddress",
                                                    "WorkstationName",
                                                    "ServiceName",
                                                    "ServiceFileName",
                                                    "ImagePath",
                                                    "TaskName",
                                                    "ShareName",
                                                    "RelativeTargetName",
                                                    "MemberName",
                                                    "TargetServerName",
                                                    "Image",
                                                    "ParentImage",
                                                    "ProcessGuid",
                                                    "ParentProcessGuid",
                                                    "ProcessId",
                                                    "ParentProcessId",
                                                    "User",
                                                    "Hashes",
                                                    "SourceIp",
                                                    "SourcePort",
                                                    "DestinationIp",
                                                    "DestinationPort",
                                                    "QueryName",
                                                    "QueryResults",
                                                    "SourceImage",
                                                    "TargetImage",
                                                    "GrantedAccess",
                                                    "TargetFilename",
                                                    "TargetObject",
                                                    "PipeName",
                                                    "ScriptBlockText",
                                                    "UserPrincipalName",
                                                    "IPAddress",
                                                    "Location",
                                                    "ResultType",
                                                    "AppDisplayName",
                                                    "OperationName",
                                                    "Result",
                                                    "Payload",
                                                    "SourceProcessGUID",
                                                    "SourceProcessId",
                                                    "Details",
                                                    "ImageLoaded"};

constexpr std::array<std::string_view, 9> kConn = {
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration"};
constexpr std::array<std::string_view, 10> kDns = {
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "trans_id", "rtt", "query"};
constexpr std::array<std::string_view, 15> kHttp = {
    "ts",   "uid", "id.orig_h", "id.orig_p", "id.resp_h",  "id.resp_p", "trans_depth",     "method",
    "host", "uri", "referrer",  "version",   "user_agent", "origin",    "request_body_len"};

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

template <typename Names>
Facts tsv_facts(std::string_view text, const Names& names) {
  Facts facts;
  std::vector<std::string_view> cells = split(text, '\t');
  for (size_t i = 0; i < names.size() && i < cells.size(); ++i)
    if (names[i] != "trans_depth" && names[i] != "version" && names[i] != "trans_id" && names[i] != "rtt" &&
        cells[i] != "-")
      facts.emplace_back(names[i], json_string(cells[i]));
  if (names.size() == kConn.size())
    for (auto [index, name] : {std::pair<size_t, const char*>{9, "orig_bytes"}, {10, "resp_bytes"}})
      if (index < cells.size() && cells[index] != "-") facts.emplace_back(name, json_string(cells[index]));
  return facts;
}

Facts json_facts(std::string_view text) {
  Facts facts;
  Result<Json> line = parse_json(std::string(text) + "}");
  if (!line) return facts;
  for (std::string_view key : kKeys)
    if (const Json* value = line->find(key)) facts.emplace_back(key, value->text());
  return facts;
}

}  // namespace

Truth::Truth() {
  for (const char* name :
       {"hosts", "accounts", "addresses", "domains", "urls", "hashes", "processes", "logons", "services",
        "scheduled_tasks", "named_pipes", "registry", "files", "cloud", "look_alikes"})
    lists_.push_back(TruthList{.name = name, .rows = {}});
}

void Truth::begin(Note note) {
  notes_.push_back(std::move(note));
  active_ = true;
}

void Truth::stop() { active_ = false; }

uint32_t Truth::mark(LogFile file, Micros t, std::string_view host, int event_id) {
  if (!active_) return kUnmarked;
  events_.push_back(TruthEvent{.file = file,
                               .line = 0,
                               .record = 0,
                               .time = t,
                               .event_id = event_id,
                               .host = std::string(host),
                               .note = static_cast<uint32_t>(notes_.size() - 1),
                               .fields = {}});
  return static_cast<uint32_t>(events_.size() - 1);
}

void Truth::placed(uint32_t mark, uint64_t line, uint64_t record, std::string_view text) {
  TruthEvent& event = events_[mark];
  event.line = line;
  event.record = record;
  switch (event.file) {
    case LogFile::kConn: event.fields = tsv_facts(text, kConn); break;
    case LogFile::kDns: event.fields = tsv_facts(text, kDns); break;
    case LogFile::kHttp: event.fields = tsv_facts(text, kHttp); break;
    case LogFile::kSyslog:
    case LogFile::kAudit: event.fields = {{"text", json_string(text)}}; break;
    default: event.fields = json_facts(text);
  }
}

void Truth::add(std::string_view list, Facts row) {
  auto found = std::find_if(lists_.begin(), lists_.end(), [&](const TruthList& l) { return l.name == list; });
  if (std::find(found->rows.begin(), found->rows.end(), row) == found->rows.end())
    found->rows.push_back(std::move(row));
}

}  // namespace huntbook::scenario
