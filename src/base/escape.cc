#include "base/escape.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace huntbook {
namespace {

bool is_plain_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Characters that move or hide what a reader sees.
bool is_deceptive(char32_t c) {
  return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || c == 0x00ad || c == 0x061c || (c >= 0xe0000 && c <= 0xe007f);
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\0': out += "\xef\xbf\xbd"; break;
      default: out += c;
    }
  }
  return is_valid_utf8(out) ? out : repair_utf8(out);
}

std::string escape_csv(std::string_view text, bool raw) {
  std::string cell;
  if (!raw && !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
      !is_plain_number(text))
    cell += '\'';
  cell += text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string escape_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    const char32_t c = next_code_point(text, pos);
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (c < 0x20 || c == 0x7f) out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
    else if ((c >= 0x80 && c < 0xa0) || is_deceptive(c))
      out += fmt::format("\\u{{{:x}}}", static_cast<uint32_t>(c));
    else if (c == 0xfffd) out += "\xef\xbf\xbd";
    else out.append(text, start, pos - start);
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text, bool for_script) {
  out += '"';
  size_t done = 0;  // everything before is copied
  const auto flush = [&](size_t until) { out.append(text, done, until - done); };
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    const auto byte = static_cast<uint8_t>(text[pos]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\' &&
        !(for_script && (byte == '<' || byte == '>' || byte == '&'))) {
      ++pos;
      continue;
    }
    const char32_t c = next_code_point(text, pos);
    const bool invalid = c == 0xfffd && pos - start == 1;
    if (byte >= 0x80 && !invalid && !(for_script && (c == 0x2028 || c == 0x2029))) continue;
    flush(start);
    done = pos;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case 0xfffd: out += "\xef\xbf\xbd"; break;
      default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<uint32_t>(c));
    }
  }
  flush(text.size());
  out += '"';
}

std::string quote_sql_string(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    if (c == '\0') out += "' || chr(0) || '";
    else out += c;
  }
  out += '\'';
  return text.find('\0') == std::string_view::npos ? out : "(" + out + ")";
}

std::string quote_sql_name(std::string_view name) {
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out += '"';
    if (c != '\0') out += c;
  }
  return out + '"';
}

std::string quote_kql_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<uint8_t>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<uint8_t>(c));
        else out += c;
    }
  }
  return out + '"';
}

}  // namespace huntbook
