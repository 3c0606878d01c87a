#include "evidence/route.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"

namespace huntbook::evidence {
namespace {

constexpr std::array<std::string_view, 46> kZeekLogs = {"conn",
                                                        "dns",
                                                        "http",
                                                        "files",
                                                        "ssl",
                                                        "x509",
                                                        "smb_mapping",
                                                        "smb_files",
                                                        "kerberos",
                                                        "dce_rpc",
                                                        "weird",
                                                        "notice",
                                                        "pe",
                                                        "dpd",
                                                        "ntlm",
                                                        "rdp",
                                                        "smtp",
                                                        "ssh",
                                                        "ftp",
                                                        "dhcp",
                                                        "software",
                                                        "tunnel",
                                                        "stats",
                                                        "reporter",
                                                        "analyzer",
                                                        "capture_loss",
                                                        "packet_filter",
                                                        "loaded_scripts",
                                                        "known_hosts",
                                                        "known_services",
                                                        "known_certs",
                                                        "ocsp",
                                                        "syslog",
                                                        "snmp",
                                                        "socks",
                                                        "sip",
                                                        "radius",
                                                        "mysql",
                                                        "modbus",
                                                        "dnp3",
                                                        "irc",
                                                        "mqtt_connect",
                                                        "mqtt_publish",
                                                        "telemetry",
                                                        "rfb",
                                                        "intel"};

std::string identifier(std::string_view text) {
  std::string out;
  for (char c : text) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "_");
  return out;
}

std::string_view stem_of(std::string_view name) {
  static constexpr std::string_view kExtensions[] = {".gz",  ".zst", ".bz2",  ".xz",     ".zip",
                                                     ".tar", ".tgz", ".json", ".ndjson", ".jsonl",
                                                     ".csv", ".tsv", ".log",  ".txt",    ".parquet"};
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
    const bool tail = stem.size() > log.size() && stem.ends_with(log) &&
                      !std::isalnum(static_cast<unsigned char>(stem[stem.size() - log.size() - 1]));
    const bool front = stem.size() > log.size() && stem.starts_with(log) && stem[log.size()] == '.';
    if ((whole || tail || front) && log.size() > best.size()) best = log;
  }
  return best;
}

}  // namespace

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
  return ts && (has("\"uid\":") || has("\"_path\":") || has("\"id.orig_h\":") ||
                !zeek_log_of(stem_of(member_name)).empty());
}

std::string_view Router::route(std::vector<Field>& fields) {
  time_.reset();
  if (context_.format == Format::kNdjson || context_.format == Format::kJson ||
      context_.format == Format::kCsv) {
    if (windows_.shape(fields, context_)) {
      time_ = windows_.time();
      return kWindowsTable;
    }
  }
  find_time(fields);
  if (context_.unix_times) {
    for (const auto& field : fields) {
      if (field.key == "_path" && field.kind == FieldKind::kString && !field.text.empty() &&
          field.text.size() < 64) {
        named_ = "zeek_" + identifier(field.text);
        return named_;
      }
    }
  }
  return default_;
}

// The best of a row's usual keys for its time.
void Router::find_time(const std::vector<Field>& fields) {
  static constexpr std::string_view kKeys[] = {"TimeGenerated", "ts",        "Timestamp", "timestamp",
                                               "@timestamp",    "EventTime", "time"};
  size_t best = std::size(kKeys);
  for (const auto& field : fields) {
    if (field.key.empty() ||
        (field.key[0] != 'T' && field.key[0] != 't' && field.key[0] != '@' && field.key[0] != 'E'))
      continue;
    for (size_t i = 0; i < best; ++i) {
      if (field.key != kKeys[i]) continue;
      std::optional<int64_t> ticks;
      if (field.kind == FieldKind::kTime) ticks = field.ticks;
      else if (field.kind == FieldKind::kString) ticks = parse_iso_datetime(field.text);
      if (!ticks) break;
      time_ = ticks;
      best = i;
    }
  }
}

}  // namespace huntbook::evidence
