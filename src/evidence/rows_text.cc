// Rows of line formats: CSV, Zeek's tab-separated logs, syslog, auditd.
#include <array>
#include <charconv>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "evidence/rows.h"

namespace huntbook::evidence {
namespace {

// Calls `line(text, offset)` for every line that is not blank, without its line end.
template <typename Line>
void for_each_line(const Chunk& chunk, Line line) {
  const std::string_view bytes(chunk.bytes.data(), chunk.size);
  for (size_t at = 0; at < bytes.size();) {
    size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) end = bytes.size();
    std::string_view text = bytes.substr(at, end - at);
    while (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (!trim(text).empty()) line(text, chunk.offset + at);
    at = end + 1;
  }
}

bool is_long_text(std::string_view text) {
  if (text.empty() || text.size() > 19) return false;
  const size_t first = text[0] == '-';
  if (first == text.size() || (text[first] == '0' && text.size() > first + 1) || text == "-0") return false;
  for (size_t i = first; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// A decimal number that a double keeps: at most 15 digits, no superfluous zeros in front.
bool is_real_text(std::string_view text) {
  size_t i = !text.empty() && text[0] == '-', digits = 0;
  const size_t first = i;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point && i > first && i + 1 < text.size()) point = true;
    else if (text[i] >= '0' && text[i] <= '9') ++digits;
    else break;
  }
  if (!point || digits < 2 || digits > 15) return false;
  if (text[first] == '0' && text[first + 1] != '.') return false;
  return i == text.size();
}

// A cell whose type the text tells; everything else stays text.
Field guess(std::string_view key, std::string_view text) {
  Field field;
  field.key = key;
  field.text = text;
  if (text.empty()) field.kind = FieldKind::kNull;
  else if (is_long_text(text) || is_real_text(text)) field.kind = FieldKind::kNumber;
  else if (text == "true" || text == "false") field.kind = FieldKind::kBool;
  else field.kind = FieldKind::kString;
  return field;
}

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// "Mar  2 08:15:01" with the latest year that is not after the file.
std::optional<int64_t> bsd_time(std::string_view text, int64_t file_time, size_t& used) {
  if (text.size() < 15 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':')
    return std::nullopt;
  Civil civil;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (text.substr(0, 3) == kMonths[i]) civil.month = static_cast<int>(i) + 1;
  }
  if (text.substr(0, 3) != kMonths[static_cast<size_t>(civil.month - 1)]) return std::nullopt;
  const auto number = [&](size_t at, int& value) {
    const std::string_view digits = trim(text.substr(at, 2));
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (!number(4, civil.day) || !number(7, civil.hour) || !number(10, civil.minute) ||
      !number(13, civil.second))
    return std::nullopt;
  used = 15;
  if (used < text.size() && text[used] == '.') {  // a fraction, as some senders write
    int64_t unit = kTicksPerSecond / 10;
    for (++used; used < text.size() && text[used] >= '0' && text[used] <= '9'; ++used, unit /= 10)
      civil.fraction += (text[used] - '0') * unit;
  }
  civil.year = civil_from_ticks(file_time).year;
  for (int tries = 0; tries < 9; ++tries, --civil.year) {  // 29 February needs its year
    auto ticks = ticks_from_civil(civil);
    if (ticks && *ticks <= file_time + kTicksPerDay) return ticks;
  }
  return std::nullopt;
}

std::string_view severity_name(int severity) {
  static constexpr std::array<std::string_view, 8> kNames = {"emerg",   "alert",  "crit", "err",
                                                             "warning", "notice", "info", "debug"};
  return kNames[static_cast<size_t>(severity & 7)];
}

std::string_view facility_name(int facility) {
  static constexpr std::array<std::string_view, 24> kNames = {
      "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
      "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
      "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
  return facility >= 0 && facility < 24 ? kNames[static_cast<size_t>(facility)] : std::string_view();
}

}  // namespace

std::optional<int64_t> ticks_from_unix(std::string_view text) {
  double seconds = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && seconds < 2e11))
    return std::nullopt;
  return kUnixEpochTicks + static_cast<int64_t>(seconds * 1e6 + 0.5) * kTicksPerMicrosecond;
}

std::string_view format_name(Format format) {
  switch (format) {
    case Format::kNdjson: return "ndjson";
    case Format::kJson: return "json";
    case Format::kCsv: return "csv";
    case Format::kZeek: return "zeek";
    case Format::kSyslog: return "syslog";
    case Format::kAuditd: return "auditd";
    case Format::kParquet: return "parquet";
    case Format::kUnknown: return "";
  }
  return "";
}

size_t end_of_csv_record(std::string_view text, size_t at, char delimiter) {
  enum class State : uint8_t { kStart, kPlain, kQuoted, kClosed };
  State state = State::kStart;
  for (size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (state == State::kQuoted) {
      if (c == '"') state = State::kClosed;
    } else if (c == '"' && state != State::kPlain) {
      state = State::kQuoted;  // the start of a cell, or a doubled quote in it
    } else if (c == '\n') {
      return i + 1;
    } else {
      state = c == delimiter ? State::kStart : State::kPlain;
    }
  }
  return std::string_view::npos;
}

bool split_csv(std::string_view record, char delimiter, std::vector<std::string>& cells) {
  cells.clear();
  size_t i = 0;
  while (true) {
    std::string cell;
    if (i < record.size() && record[i] == '"') {
      ++i;
      while (true) {
        if (i >= record.size()) return false;
        if (record[i] == '"') {
          if (i + 1 < record.size() && record[i + 1] == '"') {
            cell += '"';
            i += 2;
            continue;
          }
          ++i;
          break;
        }
        cell += record[i++];
      }
      while (i < record.size() && record[i] != delimiter)
        cell += record[i++];  // text after the closing quote is kept
    } else {
      const size_t end = std::min(record.find(delimiter, i), record.size());
      cell.assign(record.substr(i, end - i));
      i = end;
    }
    cells.push_back(std::move(cell));
    if (i >= record.size()) return true;
    ++i;  // the delimiter
    if (i == record.size()) {
      cells.emplace_back();
      return true;
    }
  }
}

void read_csv_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink) {
  const std::string_view bytes(chunk.bytes.data(), chunk.size);
  std::vector<std::string> cells;
  std::vector<Field> fields;
  for (const auto& [begin, end] : chunk.records) {
    std::string_view record = bytes.substr(begin, end - begin);
    while (!record.empty() && (record.back() == '\n' || record.back() == '\r')) record.remove_suffix(1);
    if (record.empty()) continue;
    std::string repaired;
    if (!is_valid_utf8(record)) {
      repaired = repair_utf8(record);
      record = repaired;
      sink.remark("invalid UTF-8 replaced by U+FFFD");
    }
    if (!split_csv(record, context.delimiter, cells)) {
      sink.reject(chunk.offset + begin, "a quoted cell is not closed", record);
      continue;
    }
    if (cells.size() != context.columns.size()) {
      sink.reject(chunk.offset + begin,
                  "the row has " + std::to_string(cells.size()) + " cells, the header " +
                      std::to_string(context.columns.size()),
                  record);
      continue;
    }
    fields.clear();
    for (size_t i = 0; i < cells.size(); ++i) fields.push_back(guess(context.columns[i], cells[i]));
    sink.row(fields);
  }
}

void read_zeek_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink) {
  std::vector<Field> fields;
  std::string repaired;
  for_each_line(chunk, [&](std::string_view line, uint64_t offset) {
    if (line.starts_with('#')) return;  // headers and the closing line are no rows
    if (!is_valid_utf8(line)) {
      repaired = repair_utf8(line);
      line = repaired;
      sink.remark("invalid UTF-8 replaced by U+FFFD");
    }
    const auto cells = split(line, context.delimiter);
    if (cells.size() != context.columns.size()) {
      sink.reject(offset,
                  "the row has " + std::to_string(cells.size()) + " cells, the header " +
                      std::to_string(context.columns.size()),
                  line);
      return;
    }
    fields.clear();
    for (size_t i = 0; i < cells.size(); ++i) {
      Field field;
      field.key = context.columns[i];
      field.text = cells[i];
      const CellKind kind = context.kinds[i];
      field.kind = FieldKind::kString;  // what is not as declared stays text
      if (cells[i] == context.unset) {
        field.kind = FieldKind::kNull;
      } else if (kind == CellKind::kTime) {
        if (auto ticks = ticks_from_unix(cells[i])) {
          field.kind = FieldKind::kTime;
          field.ticks = *ticks;
        }
      } else if (kind == CellKind::kText) {
        if (field.text == context.empty) field.text = {};
      } else if (kind == CellKind::kBool) {
        if (cells[i] == "T" || cells[i] == "F") {
          field.kind = FieldKind::kBool;
          field.text = cells[i] == "T" ? "true" : "false";
        }
      } else if (is_json_number(cells[i])) {
        field.kind = FieldKind::kNumber;
      }
      fields.push_back(field);
    }
    sink.row(fields);
  });
}

void read_syslog_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink) {
  std::vector<Field> fields;
  std::string repaired;
  for_each_line(chunk, [&](std::string_view line, uint64_t offset) {
    if (!is_valid_utf8(line)) {
      repaired = repair_utf8(line);
      line = repaired;
      sink.remark("invalid UTF-8 replaced by U+FFFD");
    }
    const std::string_view whole = line;
    int priority = -1;
    if (line.starts_with('<')) {
      const size_t close = line.find('>');
      if (close != std::string_view::npos && close <= 4) {
        std::from_chars(line.data() + 1, line.data() + close, priority);
        line.remove_prefix(close + 1);
      }
    }
    size_t used = 0;
    std::optional<int64_t> time;
    const auto word = [&] {
      const size_t end = std::min(line.find(' '), line.size());
      std::string_view found = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      return found;
    };
    std::string_view host, process, pid, message_id;
    if (line.starts_with("1 ")) {  // RFC 5424
      line.remove_prefix(2);
      time = parse_datetime(word());
      host = word();
      process = word();
      pid = word();
      message_id = word();
      if (line.starts_with("- ")) line.remove_prefix(2);
      for (auto* part : {&host, &process, &pid, &message_id}) {
        if (*part == "-") *part = {};
      }
    } else {
      time = bsd_time(line, context.file_time, used);
      if (time) {
        line.remove_prefix(used);
        if (line.starts_with(' ')) line.remove_prefix(1);
      } else {
        time = parse_iso_datetime(line.substr(0, std::min(line.find(' '), line.size())));
        if (time) word();
      }
      if (time) host = word();
      const size_t colon = line.find(": ");
      std::string_view tag = colon == std::string_view::npos ? std::string_view() : line.substr(0, colon);
      if (!tag.empty() && tag.find(' ') == std::string_view::npos) {
        line.remove_prefix(colon + 2);
        const size_t open = tag.find('[');
        process = tag.substr(0, open);
        if (open != std::string_view::npos && tag.back() == ']')
          pid = tag.substr(open + 1, tag.size() - open - 2);
      }
    }
    if (!time) {
      sink.reject(offset, "no syslog time at the start of the line", whole);
      return;
    }
    fields.clear();
    fields.push_back({"TimeGenerated", FieldKind::kTime, {}, *time});
    fields.push_back({"Computer", FieldKind::kString, host, 0});
    fields.push_back(
        {"Facility", FieldKind::kString, priority < 0 ? std::string_view() : facility_name(priority / 8), 0});
    fields.push_back({"SeverityLevel", FieldKind::kString,
                      priority < 0 ? std::string_view() : severity_name(priority), 0});
    fields.push_back({"ProcessName", FieldKind::kString, process, 0});
    fields.push_back({"ProcessID",
                      pid.empty()         ? FieldKind::kNull
                      : is_long_text(pid) ? FieldKind::kNumber
                                          : FieldKind::kString,
                      pid, 0});
    fields.push_back({"SyslogMessage", FieldKind::kString, line, 0});
    if (!message_id.empty()) fields.push_back({"MessageID", FieldKind::kString, message_id, 0});
    sink.row(fields);
  });
}

void read_auditd_rows(const Chunk& chunk, const FormatContext&, RowSink& sink) {
  std::vector<Field> fields;
  std::string repaired, bag;
  for_each_line(chunk, [&](std::string_view line, uint64_t offset) {
    if (!is_valid_utf8(line)) {
      repaired = repair_utf8(line);
      line = repaired;
      sink.remark("invalid UTF-8 replaced by U+FFFD");
    }
    const std::string_view whole = line;
    std::string_view type, node, serial;
    std::optional<int64_t> time;
    bag = "{";
    while (!line.empty()) {
      while (!line.empty() && (line[0] == ' ' || line[0] == '\x1d')) line.remove_prefix(1);
      const size_t equal = line.find('=');
      if (equal == std::string_view::npos) break;
      std::string_view key = line.substr(0, equal);
      if (const size_t blank = key.rfind(' '); blank != std::string_view::npos) key.remove_prefix(blank + 1);
      line.remove_prefix(equal + 1);
      std::string_view value;
      if (!line.empty() && (line[0] == '"' || line[0] == '\'')) {
        const size_t close = line.find(line[0], 1);
        value = close == std::string_view::npos ? line.substr(1) : line.substr(1, close - 1);
        line.remove_prefix(close == std::string_view::npos ? line.size() : close + 1);
      } else {
        const size_t end = std::min(line.find_first_of(" \x1d"), line.size());
        value = line.substr(0, end);
        line.remove_prefix(end);
      }
      if (key == "type" && type.empty()) {
        type = value;
      } else if (key == "node" && node.empty()) {
        node = value;
      } else if (key == "msg" && value.starts_with("audit(") && !time) {
        const size_t colon = value.find(':');
        double seconds = 0;
        auto [end, error] = std::from_chars(value.data() + 6, value.data() + value.size(), seconds);
        (void)end;
        if (error == std::errc() && seconds > 0 && seconds < 2e11)
          time = kUnixEpochTicks + static_cast<int64_t>(seconds * 1e3 + 0.5) * kTicksPerMillisecond;
        if (colon != std::string_view::npos) serial = value.substr(colon + 1, value.find(')') - colon - 1);
      } else {
        if (bag.size() > 1) bag += ',';
        append_json_string(bag, key);
        bag += ':';
        append_json_string(bag, value);
      }
    }
    bag += '}';
    if (!time || type.empty()) {
      sink.reject(offset, "no audit record: type= and msg=audit(...) are missing", whole);
      return;
    }
    fields.clear();
    fields.push_back({"TimeGenerated", FieldKind::kTime, {}, *time});
    fields.push_back({"Computer", FieldKind::kString, node, 0});
    fields.push_back({"Type", FieldKind::kString, type, 0});
    fields.push_back({"Serial", is_long_text(serial) ? FieldKind::kNumber : FieldKind::kNull, serial, 0});
    fields.push_back({"Fields", FieldKind::kNested, bag, 0});
    fields.push_back({"RawData", FieldKind::kString, whole, 0});
    sink.row(fields);
  });
}

void read_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink) {
  if (chunk.too_long)
    return sink.reject(chunk.offset, "a record of more than 256 MB",
                       std::string_view(chunk.bytes).substr(0, chunk.size));
  switch (context.format) {
    case Format::kNdjson:
    case Format::kJson: return read_json_rows(chunk, context, sink);
    case Format::kCsv: return read_csv_rows(chunk, context, sink);
    case Format::kZeek: return read_zeek_rows(chunk, context, sink);
    case Format::kSyslog: return read_syslog_rows(chunk, context, sink);
    case Format::kAuditd: return read_auditd_rows(chunk, context, sink);
    default: return;
  }
}

}  // namespace huntbook::evidence
