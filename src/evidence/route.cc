#include "evidence/route.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook::evidence {
namespace {

constexpr std::array<std::string_view, 46> kZeekLogs = {
    "conn",      "dns",      "http",   "files",  "ssl",       "x509",   "smb_mapping", "smb_files",      "kerberos",   "dce_rpc", "weird",  "notice",
    "pe",        "dpd",      "ntlm",   "rdp",    "smtp",      "ssh",    "ftp",         "dhcp",           "software",   "tunnel",  "stats",  "reporter",
    "analyzer",  "capture_loss", "packet_filter", "loaded_scripts", "known_hosts", "known_services", "known_certs", "ocsp", "syslog", "snmp", "socks", "sip",
    "radius",    "mysql",    "modbus", "dnp3",   "irc",       "mqtt_connect", "mqtt_publish", "telemetry", "rfb",     "intel"};

std::string identifier(std::string_view text) {
  std::string out;
  for (char c : text) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "_");
  return out;
}

std::string_view stem_of(std::string_view name) {
  static constexpr std::string_view kExtensions[] = {".gz", ".zst", ".bz2", ".xz", ".zip", ".tar", ".tgz", ".json", ".ndjson", ".jsonl", ".csv", ".tsv", ".log", ".txt", ".parquet"};
  for (bool cut = true; cut;) {
    cut = false;
    for (auto extension : kExtensions) {
      if (name.size() > extension.size() && to_lower(name).ends_with(extension)) {
        name.remove_suffix(extension.size());
        cut = true;
      }
    }
  }
  return name;
}

// "SCRANTON_conn" is Zeek's conn.
std::string_view zeek_log_of(std::string_view stem) {
  std::string_view best;
  for (auto log : kZeekLogs) {
    const bool whole = stem == log;
    const bool tail = stem.size() > log.size() && stem.ends_with(log) && !std::isalnum(static_cast<unsigned char>(stem[stem.size() - log.size() - 1]));
    const bool front = stem.size() > log.size() && stem.starts_with(log) && stem[log.size()] == '.';
    if ((whole || tail || front) && log.size() > best.size()) best = log;
  }
  return best;
}

std::optional<int64_t> to_long(const Field& field) {
  if (field.kind != FieldKind::kNumber && field.kind != FieldKind::kString) return std::nullopt;
  int64_t value = 0;
  auto [end, error] = std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
  if (error != std::errc() || end != field.text.data() + field.text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> to_time(const Field& field) {
  if (field.kind == FieldKind::kTime) return field.ticks;
  if (field.kind != FieldKind::kString) return std::nullopt;
  return parse_iso_datetime(field.text);
}

// Keys that become common columns, best first.
constexpr std::string_view kComputers[] = {"Computer", "Hostname", "HostName", "computer_name"};
constexpr std::string_view kProviders[] = {"Provider", "SourceName", "ProviderName", "provider_name"};
constexpr std::string_view kChannels[] = {"Channel", "channel", "log_name", "LogName"};
constexpr std::string_view kEventIds[] = {"EventID", "event_id", "EventId"};
constexpr std::string_view kRecordIds[] = {"EventRecordID", "RecordNumber", "record_id", "RecordId", "EventRecordId"};
constexpr std::string_view kTimes[] = {"TimeGenerated", "TimeCreated", "SystemTime", "@timestamp", "UtcTime", "EventTime", "Timestamp"};

template <size_t N>
Field* first_of(std::vector<Field>& fields, const std::string_view (&keys)[N]) {
  for (auto key : keys) {
    for (auto& field : fields) {
      if (field.key == key && field.kind != FieldKind::kNull) return &field;
    }
  }
  return nullptr;
}

}  // namespace

const Schema& windows_columns() {
  static const Schema kSchema{{{"TimeGenerated", Type::kDatetime, "When the event happened, UTC"},
                               {"Computer", Type::kString, "The host that logged the event"},
                               {"Channel", Type::kString, "The event log"},
                               {"Provider", Type::kString, "The event's source"},
                               {"EventID", Type::kLong, "The event's number"},
                               {"EventRecordID", Type::kLong, "The record's number in its log"},
                               {"Message", Type::kString, "The rendered text"}}};
  return kSchema;
}

std::string table_name(std::string_view member_name, const FormatContext& context) {
  if (context.format == Format::kSyslog) return "syslog";
  if (context.format == Format::kAuditd) return "auditd";
  const std::string_view stem = stem_of(member_name);
  if (context.format == Format::kZeek || context.unix_times) {
    const std::string_view log = zeek_log_of(stem);
    return "zeek_" + identifier(log.empty() ? stem : log);
  }
  std::string name = identifier(stem);
  return name == kWindowsTable ? name + "_" : name;
}

bool is_zeek_json(std::string_view head, std::string_view member_name) {
  const std::string_view line = head.substr(0, std::min(head.find('\n'), head.size()));
  const auto has = [&](std::string_view key) { return line.find(key) != std::string_view::npos; };
  const bool ts = has("\"ts\":");
  return ts && (has("\"uid\":") || has("\"_path\":") || has("\"id.orig_h\":") || !zeek_log_of(stem_of(member_name)).empty());
}

// The members of a nested event data object become fields, unless the row has such a field already.
void Router::spread(std::vector<Field>& fields, std::string_view json) {
  auto parsed = parse_json(json);
  if (!parsed.ok() || parsed->kind() != Json::Kind::kObject) return;
  const size_t own = fields.size();
  for (const auto& [key, value] : parsed->as_object()) {
    if (std::any_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(own), [&](auto& f) { return f.key == key; })) continue;
    Field field;
    kept_.push_back(std::make_unique<std::string>(key));
    field.key = *kept_.back();
    switch (value.kind()) {
      case Json::Kind::kNull: continue;
      case Json::Kind::kString: field.kind = FieldKind::kString; kept_.push_back(std::make_unique<std::string>(value.as_string())); break;
      case Json::Kind::kBool: field.kind = FieldKind::kBool; kept_.push_back(std::make_unique<std::string>(value.text())); break;
      case Json::Kind::kLong: case Json::Kind::kReal: field.kind = FieldKind::kNumber; kept_.push_back(std::make_unique<std::string>(value.text())); break;
      default: field.kind = FieldKind::kNested; kept_.push_back(std::make_unique<std::string>(value.text()));
    }
    field.text = *kept_.back();
    fields.push_back(field);
  }
}

bool Router::route_windows(std::vector<Field>& fields) {
  Field* id = first_of(fields, kEventIds);
  if (!id || !to_long(*id)) return false;
  Field* channel = first_of(fields, kChannels);
  Field* provider = first_of(fields, kProviders);
  if (!channel && !provider) return false;
  // Renames keep the cell; a second key of the same meaning stays under its own name.
  id->key = "EventID";
  if (id->kind == FieldKind::kString) id->kind = FieldKind::kNumber;
  if (channel) channel->key = "Channel";
  if (provider) provider->key = "Provider";
  if (Field* computer = first_of(fields, kComputers)) computer->key = "Computer";
  if (Field* record = first_of(fields, kRecordIds)) {
    if (to_long(*record)) {
      record->key = "EventRecordID";
      record->kind = FieldKind::kNumber;
    } else if (record->key == "EventRecordID") {
      record->key = "_EventRecordID";
    }
  }
  Field time;
  time.key = "TimeGenerated";
  bool renamed = false;
  for (auto key : kTimes) {
    for (auto& field : fields) {
      if (field.key != key || time.kind == FieldKind::kTime) continue;
      auto ticks = to_time(field);
      if (!ticks) continue;
      time.kind = FieldKind::kTime;
      time.ticks = *ticks;
      if (key == "TimeGenerated") {
        field = time;
        renamed = true;
      }
    }
  }
  for (auto& field : fields) {
    if (field.key == "TimeGenerated" && field.kind != FieldKind::kTime) field.key = "_TimeGenerated";
  }
  if (!renamed && time.kind == FieldKind::kTime) fields.push_back(time);
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field field = fields[i];
    if (field.key != "EventData" && field.key != "event_data" && field.key != "winlog") continue;
    if (field.kind == FieldKind::kNested || (field.kind == FieldKind::kString && field.text.starts_with('{'))) spread(fields, field.text);
  }
  return true;
}

std::string_view Router::route(std::vector<Field>& fields) {
  kept_.clear();
  if (context_.format != Format::kNdjson && context_.format != Format::kJson && context_.format != Format::kCsv) return default_;
  if (route_windows(fields)) return kWindowsTable;
  if (context_.unix_times) {
    for (const auto& field : fields) {
      if (field.key == "_path" && field.kind == FieldKind::kString && !field.text.empty() && field.text.size() < 64) {
        named_ = "zeek_" + identifier(field.text);
        return named_;
      }
    }
  }
  return default_;
}

std::optional<int64_t> row_time(const std::vector<Field>& fields) {
  static constexpr std::string_view kKeys[] = {"TimeGenerated", "ts", "Timestamp", "timestamp", "@timestamp", "EventTime", "time"};
  for (auto key : kKeys) {
    for (const auto& field : fields) {
      if (field.key != key) continue;
      if (auto ticks = to_time(field)) return ticks;
    }
  }
  return std::nullopt;
}

}  // namespace huntbook::evidence
