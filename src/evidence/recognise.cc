// Recognising a format by its first bytes.
#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "base/time.h"
#include "evidence/cut.h"

namespace huntbook::evidence {
namespace {

std::string_view first_line(std::string_view head) {
  std::string_view line = head.substr(0, head.find('\n'));
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool has_extension(std::string_view name, std::string_view extension) {
  return to_lower(name).ends_with(extension);
}

bool looks_like_text(std::string_view head) {
  const auto control = std::count_if(head.begin(), head.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 32 && u != '\n' && u != '\r' && u != '\t' && u != 0x1d;
  });
  return control * 50 <= static_cast<std::ptrdiff_t>(head.size());
}

// Whether a line is one JSON object from brace to brace.
bool is_whole_object(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.front() != '{') return false;
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (in_string) {
      if (line[i] == '\\') ++i;
      else if (line[i] == '"') in_string = false;
    } else if (line[i] == '"') {
      in_string = true;
    } else if (line[i] == '{' || line[i] == '[') {
      ++depth;
    } else if (line[i] == '}' || line[i] == ']') {
      if (--depth == 0) return i + 1 == line.size();
    }
  }
  return false;
}

bool is_syslog_line(std::string_view line) {
  static constexpr std::string_view kMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
  if (line.starts_with('<')) {
    const size_t close = line.find('>');
    if (close == std::string_view::npos || close < 2 || close > 4) return false;
    line.remove_prefix(close + 1);
    if (line.starts_with("1 ")) return true;
  }
  if (line.size() > 16 && kMonths.find(line.substr(0, 3)) != std::string_view::npos && line[3] == ' ' &&
      line[6] == ' ' && line[9] == ':' && line[12] == ':')
    return true;
  // ISO time, host, process: as newer rsyslog writes
  const size_t blank = line.find(' ');
  return blank != std::string_view::npos && parse_iso_datetime(line.substr(0, blank)) &&
         line.find(": ", blank) != std::string_view::npos;
}

// A header of a comma, semicolon, tab or bar separated file, agreed on by the lines below it.
char csv_delimiter(std::string_view head, bool whole, bool named) {
  char best = 0;
  size_t best_count = 0;
  for (char delimiter : {',', '\t', ';', '|'}) {
    std::vector<std::string> cells;
    size_t lines = 0, agree = 0, width = 0;
    for (size_t at = 0; at < head.size() && lines < 20;) {
      size_t end = end_of_csv_record(head, at, delimiter);
      if (end == std::string_view::npos)
        end = head.find('\n', at) == std::string_view::npos ? end : head.find('\n', at) + 1;
      if (end == std::string_view::npos && !whole) break;
      std::string_view line = head.substr(at, std::min(end, head.size()) - at);
      at += line.size();
      while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
      if (line.empty()) continue;
      const bool closed = split_csv(line, delimiter, cells);
      if (lines++ == 0) width = cells.size();
      agree += closed && cells.size() == width;
    }
    if (width >= 2 && agree * 10 >= lines * (named ? 5 : 8) && width > best_count) {
      best = delimiter;
      best_count = width;
    }
  }
  return best;
}

bool is_header(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) {
    return cell.size() < 200 && cell.find('\n') == std::string::npos &&
           (cell.empty() || !std::isdigit(static_cast<unsigned char>(cell[0])));
  });
}

// Every column gets a name of its own.
void name_columns(std::vector<std::string>& columns) {
  std::unordered_set<std::string> taken;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string name = repair_utf8(trim(columns[i]));
    if (name.empty()) name = "Column" + std::to_string(i + 1);
    const std::string wish = name;
    for (size_t n = i + 1; !taken.insert(name).second; ++n) name = wish + "_" + std::to_string(n);
    columns[i] = std::move(name);
  }
}

std::string escaped(std::string_view text) {  // "\x09" in a Zeek header
  if (text.size() == 4 && text.starts_with("\\x"))
    return std::string(1, static_cast<char>(std::stoi(std::string(text.substr(2)), nullptr, 16)));
  return std::string(text);
}

bool recognise_zeek(std::string_view head, Recognised& out) {
  FormatContext& context = out.context;
  context.format = Format::kZeek;
  context.delimiter = '\t';
  std::vector<std::string> types;
  for (size_t at = 0; at < head.size() && head[at] == '#';) {
    size_t end = std::min(head.find('\n', at), head.size());
    std::string_view line = first_line(head.substr(at, end - at));
    if (line.starts_with("#separator ")) {
      const std::string_view value = trim(line.substr(11));
      if (value.size() == 4 && !(std::isxdigit(static_cast<unsigned char>(value[2])) &&
                                 std::isxdigit(static_cast<unsigned char>(value[3]))))
        return false;
      const std::string separator = escaped(value);
      if (separator.size() == 1) context.delimiter = separator[0];
    }
    const auto rest = [&](std::string_view key) -> std::optional<std::string_view> {
      if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != context.delimiter)
        return std::nullopt;
      return line.substr(key.size() + 1);
    };
    if (auto value = rest("#unset_field")) context.unset = *value;
    if (auto value = rest("#empty_field")) context.empty = *value;
    if (auto value = rest("#fields")) {
      context.columns.clear();
      for (auto name : split(*value, context.delimiter)) context.columns.emplace_back(name);
      name_columns(context.columns);
    }
    if (auto value = rest("#types")) {
      for (auto name : split(*value, context.delimiter)) types.emplace_back(name);
    }
    at = end + 1;
  }
  if (context.columns.empty()) return false;
  types.resize(context.columns.size(), "string");
  for (const auto& type : types) {
    context.kinds.push_back(type == "time"                                       ? CellKind::kTime
                            : type == "bool"                                     ? CellKind::kBool
                            : type == "count" || type == "int" || type == "port" ? CellKind::kLong
                            : type == "interval" || type == "double"             ? CellKind::kReal
                                                                                 : CellKind::kText);
  }
  return true;
}

Recognised recognise_content(std::string_view head, std::string_view name, bool whole) {
  Recognised out;
  FormatContext& context = out.context;
  const auto starts = [&](std::string_view magic) { return head.substr(0, magic.size()) == magic; };
  if (head.empty()) {
    out.note = "empty file";
    return out;
  }
  if (starts("PAR1")) {
    context.format = Format::kParquet;
    return out;
  }
  static const std::pair<std::string_view, std::string_view> kMagics[] = {
      {std::string_view("ElfFile\0", 8), "a Windows event log (EVTX)"},
      {std::string_view("\xd4\xc3\xb2\xa1", 4), "a packet capture (pcap)"},
      {std::string_view("\xa1\xb2\xc3\xd4", 4), "a packet capture (pcap)"},
      {std::string_view("\x4d\x3c\xb2\xa1", 4), "a packet capture (pcap)"},
      {std::string_view("\x0a\x0d\x0d\x0a", 4), "a packet capture (pcapng)"},
      {std::string_view("\x00\x05\x16\x07", 4), "an AppleDouble file"},
      {"\xff\xfe", "UTF-16 text"},
      {"\xfe\xff", "UTF-16 text"},
      {"PK\x03\x04", "an archive inside an archive"},
      {"\x1f\x8b", "a compressed file inside an archive"},
      {"SQLite format 3", "an SQLite database"},
      {"%PDF", "a PDF document"},
      {"MZ", "a Windows program"},
      {"\x7f"
       "ELF",
       "a Linux program"},
      {"regf", "a registry hive"}};
  for (const auto& [magic, what] : kMagics) {
    if (!starts(magic)) continue;
    out.note = "not yet readable: " + std::string(what);
    return out;
  }
  const size_t mark = starts("\xef\xbb\xbf") ? 3 : 0;
  std::string_view text = head.substr(mark);
  std::string_view body = text;
  while (!body.empty() && static_cast<unsigned char>(body[0]) <= ' ') body.remove_prefix(1);
  out.skip = mark;
  if (!looks_like_text(head.substr(0, 4096))) {
    out.note = "not yet readable: binary data";
    return out;
  }
  if (body.starts_with('{')) {
    const std::string_view line = first_line(body);
    const bool one_line = line.size() < body.size() || whole;
    if (const size_t array = wrapped_array(body); array != std::string_view::npos) {
      context.format = Format::kJson;
      out.wrapped = true;
      out.skip = static_cast<size_t>(body.data() - head.data()) + array;
      return out;
    }
    const bool pretty = trim(line) == "{";
    context.format =
        !pretty && (!one_line || is_whole_object(line) ||
                    body.substr(line.size()).find("\n{") != std::string_view::npos || line.size() > 200)
            ? Format::kNdjson
            : Format::kJson;
    return out;
  }
  if (body.starts_with('[')) {
    std::string_view rest = body.substr(1);
    while (!rest.empty() && static_cast<unsigned char>(rest[0]) <= ' ') rest.remove_prefix(1);
    if (rest.starts_with('{') || rest.starts_with(']')) {
      context.format = Format::kJson;
      return out;
    }
  }
  if (body.starts_with("#separator") && recognise_zeek(body, out)) return out;
  const std::string_view line = first_line(body);
  if (line.find("type=") != std::string_view::npos && line.find("msg=audit(") != std::string_view::npos) {
    context.format = Format::kAuditd;
    return out;
  }
  if (is_syslog_line(line)) {
    context.format = Format::kSyslog;
    return out;
  }
  const bool named = has_extension(name, ".csv") || has_extension(name, ".tsv");
  const char delimiter = csv_delimiter(text, whole, named);
  if (delimiter) {
    const size_t end = std::min(end_of_csv_record(text, 0, delimiter), text.size());
    std::string_view header = text.substr(0, end);
    while (!header.empty() && (header.back() == '\r' || header.back() == '\n')) header.remove_suffix(1);
    split_csv(header, delimiter, context.columns);
    if (is_header(context.columns) && (named || context.columns.size() >= 3)) {
      context.format = Format::kCsv;
      context.delimiter = delimiter;
      name_columns(context.columns);
      out.skip = mark + end;
      return out;
    }
    context.columns.clear();
  }
  if (has_extension(name, ".csv") && line.find(',') == std::string_view::npos && !line.empty() &&
      line.size() < 200) {  // one column
    context.format = Format::kCsv;
    if (!split_csv(trim(line), ',', context.columns) || context.columns.size() != 1)
      context.columns = {repair_utf8(trim(line))};
    name_columns(context.columns);
    out.skip = mark + static_cast<size_t>(line.data() - text.data()) + line.size();
    return out;
  }
  out.note = body.empty() ? "only blanks" : "not yet readable: text of an unknown form";
  return out;
}

}  // namespace

size_t wrapped_array(std::string_view text) {
  std::string packed;
  for (size_t i = 0; i < std::min(text.size(), kWrapperBytes); ++i) {
    if (static_cast<unsigned char>(text[i]) > ' ') packed += text[i];
    if (text[i] != '[') continue;
    for (std::string_view wrapper :
         {"{\"value\":[", "{\"Records\":[", "{\"records\":[", "{\"events\":[", "{\"Events\":["}) {
      if (packed == wrapper) return i;
    }
    break;
  }
  return std::string_view::npos;
}

Recognised recognise(std::string_view head, std::string_view name, bool whole) {
  Recognised out = recognise_content(head, name, whole);
  const bool named_json =
      has_extension(name, ".json") || has_extension(name, ".ndjson") || has_extension(name, ".jsonl");
  if (out.context.format == Format::kUnknown && named_json && !head.empty()) {
    // What calls itself JSON and is none is read line by line: every line is a reject with its reason.
    out.context.format = Format::kNdjson;
    out.skip = head.starts_with("\xef\xbb\xbf") ? 3 : 0;
    out.note.replace(0, out.note.find(": ") == std::string::npos ? 0 : out.note.find(": ") + 2,
                     "named like JSON, but ");
  }
  return out;
}

}  // namespace huntbook::evidence
