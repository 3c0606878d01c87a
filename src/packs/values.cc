#include "packs/values.h"

#include <fmt/format.h>

#include <charconv>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook {
namespace {

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && text.find_first_of("nN") == text.npos;
}

std::string doubled(std::string_view value, char quote) {
  std::string out;
  for (char c : value) {
    if (c == quote) out += c;
    out += c;
  }
  return out;
}

std::string with_backslashes(std::string_view value, char quote) {
  std::string out;
  for (char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\r') {
      out += "\\r";
      continue;
    }
    if (c == '\\' || c == quote) out += '\\';
    out += c;
  }
  return out;
}

// What would begin another part of a URL is written as its code.
std::string for_url(std::string_view value) {
  std::string out;
  for (char c : value) {
    if (c == '%' || c == '&' || c == '#' || c == '+' || static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out;
}

std::string for_json(std::string_view value) {
  std::string out;
  append_json_string(out, value);
  return out.substr(1, out.size() - 2);
}

// Whether a backslash escapes in the dialect's literals.
bool has_backslashes(Dialect dialect) { return dialect != Dialect::kSql && dialect != Dialect::kOdata; }

}  // namespace

std::string write_time(Dialect dialect, int64_t ticks) {
  const Civil c = civil_from_ticks(ticks);
  switch (dialect) {
    case Dialect::kSpl:
    case Dialect::kEsql:
      return fmt::format("\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}\"", c.year, c.month, c.day, c.hour,
                         c.minute, c.second, c.fraction / kTicksPerMicrosecond);
    case Dialect::kSumo:
      return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute,
                         c.second);
    case Dialect::kCybereason: {
      const int64_t since = ticks - kUnixEpochTicks;
      return std::to_string(since / kTicksPerMillisecond - (since % kTicksPerMillisecond < 0 ? 1 : 0));
    }
    default: {
      std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour,
                                    c.minute, c.second);
      if (c.fraction % kTicksPerMicrosecond) out += fmt::format(".{:07}", c.fraction);
      else if (c.fraction) out += fmt::format(".{:06}", c.fraction / kTicksPerMicrosecond);
      return out + "Z";
    }
  }
}

std::vector<Json> list_items(std::string_view value) {
  value = trim(value);
  if (value.starts_with('[')) {
    if (auto parsed = parse_json(value); parsed.ok() && parsed->kind() == Json::Kind::kArray)
      return parsed->as_array();
    if (value.ends_with(']')) value = value.substr(1, value.size() - 2);
  }
  std::vector<Json> items;
  for (auto item : split(value, ',')) {
    item = trim(item);
    const bool quoted =
        item.size() > 1 && (item.front() == '"' || item.front() == '\'') && item.back() == item.front();
    if (quoted) item = item.substr(1, item.size() - 2);
    if (item.empty()) continue;
    if (!quoted && is_number(item)) {
      if (auto number = parse_json(item); number.ok() && number->text() == item) {
        items.push_back(std::move(*number));
        continue;
      }
    }
    items.push_back(Json::string(std::string(item)));
  }
  return items;
}

std::string write_list(Dialect dialect, std::string_view value) {
  const auto items = list_items(value);
  if (dialect == Dialect::kCybereason) return Json::array(items).text();
  const bool all_quoted = dialect == Dialect::kSpl || dialect == Dialect::kEsql;
  const char quote = all_quoted ? '"' : '\'';
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += all_quoted ? "," : ", ";
    const bool text = item.kind() == Json::Kind::kString;
    if (!text && !all_quoted && item.kind() != Json::Kind::kArray && item.kind() != Json::Kind::kObject) {
      out += item.text();
      continue;
    }
    const std::string plain = text ? item.as_string() : item.text();
    out += quote;
    if (!has_backslashes(dialect)) out += doubled(dialect == Dialect::kOdata ? for_url(plain) : plain, quote);
    else out += with_backslashes(plain, quote);
    out += quote;
  }
  return out;
}

void LiteralTracker::step(std::string_view text, size_t at) {
  if (at < skip_) return;
  const char c = text[at];
  const char next = at + 1 < text.size() ? text[at + 1] : 0;
  skip_ = at + 1;
  if (comment_) {
    comment_ = c != '\n';
    return;
  }
  if (!quote_) {
    if ((dialect_ == Dialect::kKql || dialect_ == Dialect::kEsql) && c == '/' && next == '/') {
      comment_ = true;
      return;
    }
    const bool opens = c == '"' || (c == '\'' && dialect_ != Dialect::kCybereason);
    if (!opens) return;
    quote_ = c;
    verbatim_ = !has_backslashes(dialect_) || (dialect_ == Dialect::kKql && at > 0 && text[at - 1] == '@');
    inner_ = false;
    return;
  }
  if (verbatim_) {
    if (c != quote_) return;
    if (next == quote_) skip_ = at + 2;
    else quote_ = 0;
    return;
  }
  if (c == '\\') {
    skip_ = at + 2;
    return;
  }
  if (c == quote_) {
    quote_ = 0;
  } else if (dialect_ == Dialect::kRql && quote_ == '"' && c == '\'') {
    inner_ = !inner_;
  }
}

std::string LiteralTracker::escape(std::string_view value) const {
  switch (dialect_) {
    case Dialect::kSql: return doubled(value, quote_);
    case Dialect::kOdata: return doubled(for_url(value), quote_);
    case Dialect::kRql:
      if (quote_ == '"') return for_json(inner_ ? with_backslashes(value, '\'') : std::string(value));
      return with_backslashes(value, quote_);
    case Dialect::kCybereason: return for_json(value);
    default: return verbatim_ ? doubled(value, quote_) : with_backslashes(value, quote_);
  }
}

}  // namespace huntbook
