// Literals with a type name.
#include <algorithm>
#include <charconv>
#include <limits>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/lex.h"

namespace huntbook::kql {
namespace {

std::string_view unquote(std::string_view text) {
  text = trim(text);
  if (text.starts_with("h\"") || text.starts_with("h'") || text.starts_with("@")) text.remove_prefix(1);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) return trim(text.substr(1, text.size() - 2));
  return text;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  text = trim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
    text = trim(text);
  }
  uint64_t value = 0;
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (hex ? 2 : 0);
  auto [end, error] = std::from_chars(begin, text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || begin == end) return std::nullopt;
  if (!hex && value > static_cast<uint64_t>(INT64_MAX) + negative) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

// JSON that KQL writes: single quotes, verbatim texts, literals such as datetime(...) inside.
class DynamicReader {
 public:
  explicit DynamicReader(std::string_view text) : text_(text) {}

  std::optional<std::string> read() {
    std::string out;
    if (!value(out, 0)) return std::nullopt;
    blanks();
    if (at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (at_ < text_.size()) {
      if (static_cast<unsigned char>(text_[at_]) <= ' ') {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        break;
      }
    }
  }

  bool string(std::string& raw) {
    const bool verbatim = peek() == '@';
    if (verbatim) ++at_;
    const char quote = peek();
    if (quote != '"' && quote != '\'') return false;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == quote) {
        if (verbatim && at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
          raw += quote;
          ++at_;
          continue;
        }
        ++at_;
        return true;
      }
      if (c != '\\' || verbatim || at_ + 1 >= text_.size()) {
        raw += c;
        continue;
      }
      c = text_[++at_];
      switch (c) {
        case 'n': raw += '\n'; break;
        case 't': raw += '\t'; break;
        case 'r': raw += '\r'; break;
        case 'b': raw += '\b'; break;
        case 'f': raw += '\f'; break;
        case 'u': {
          uint32_t code = 0;
          auto [end, error] = std::from_chars(text_.data() + at_ + 1, text_.data() + std::min(text_.size(), at_ + 5), code, 16);
          if (error != std::errc()) return false;
          at_ = static_cast<size_t>(end - text_.data()) - 1;
          if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_ + 1).starts_with("\\u")) {
            uint32_t low = 0;
            auto [stop, failed] = std::from_chars(text_.data() + at_ + 3, text_.data() + std::min(text_.size(), at_ + 7), low, 16);
            if (failed != std::errc()) return false;
            code = 0x10000 + ((code - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
            at_ = static_cast<size_t>(stop - text_.data()) - 1;
          }
          append_utf8(raw, code);
          break;
        }
        default: raw += c;
      }
    }
    return false;
  }

  bool value(std::string& out, int depth) {
    if (depth > 200) return false;
    blanks();
    const char c = peek();
    if (c == '[') return sequence(out, depth, '[', ']');
    if (c == '{') return sequence(out, depth, '{', '}');
    if (c == '"' || c == '\'' || c == '@') {
      std::string raw;
      if (!string(raw)) return false;
      append_json_string(out, raw);
      return true;
    }
    return word(out);
  }

  bool sequence(std::string& out, int depth, char open, char close) {
    out += open;
    ++at_;
    bool first = true;
    while (true) {
      blanks();
      if (peek() == close) {
        ++at_;
        out += close;
        return true;
      }
      if (!first) {
        if (peek() != ',') return false;
        ++at_;
        blanks();
        if (peek() == close) continue;  // a trailing comma
        out += ',';
      }
      first = false;
      if (open == '{') {
        std::string key;
        if (peek() == '"' || peek() == '\'' || peek() == '@') {
          if (!string(key)) return false;
        } else {
          while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_') key += text_[at_++];
          if (key.empty()) return false;
        }
        append_json_string(out, key);
        blanks();
        if (peek() != ':') return false;
        ++at_;
        out += ':';
      }
      if (!value(out, depth + 1)) return false;
    }
  }

  // A number, true, false, null, or a KQL literal.
  bool word(std::string& out) {
    const size_t begin = at_;
    while (at_ < text_.size() && std::string_view(",]}([{:\"' \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    std::string_view token = text_.substr(begin, at_ - begin);
    if (token.empty()) return false;
    const size_t resume = at_;
    blanks();
    if (peek() == '(') {
      const size_t open = ++at_;
      int level = 1;
      for (; at_ < text_.size() && level; ++at_) level += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
      if (level) return false;
      auto type = type_from_name(token);
      if (!type) return false;
      auto literal = make_typed_literal(*type, text_.substr(open, at_ - open - 1));
      return literal && append(out, *literal);
    }
    at_ = resume;
    if (token == "true" || token == "false" || token == "null") {
      out += token;
      return true;
    }
    if (auto integer = parse_integer(token)) {
      out += std::to_string(*integer);
      return true;
    }
    double real = 0;
    auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), real);
    if (error == std::errc() && end == token.data() + token.size()) {
      append_real(out, real);
      return true;
    }
    if (auto ticks = std::isdigit(static_cast<unsigned char>(token[0])) ? parse_timespan(token) : std::nullopt) {
      append_json_string(out, format_timespan(*ticks));
      return true;
    }
    return false;
  }

  static bool append(std::string& out, const Literal& literal) {
    if (literal.null) {
      out += "null";
      return true;
    }
    switch (literal.type) {
      case Type::kBool: out += literal.integer ? "true" : "false"; break;
      case Type::kInt: case Type::kLong: out += std::to_string(literal.integer); break;
      case Type::kReal: out += Json::number(literal.real).text(); break;
      case Type::kDatetime: append_json_string(out, format_datetime(literal.integer)); break;
      case Type::kTimespan: append_json_string(out, format_timespan(literal.integer)); break;
      case Type::kDynamic: out += literal.text; break;
      default: append_json_string(out, literal.text);
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// 32 hex digits with their dashes put in.
std::string fmt_guid(std::string_view digits) {
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += digits[i];
  }
  return out;
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> dynamic_text(std::string_view body) { return DynamicReader(body).read(); }

std::optional<Literal> make_typed_literal(Type type, std::string_view body) {
  Literal literal;
  literal.type = type;
  body = trim(body);
  const std::string_view text = unquote(body);
  if (body == "null") {
    literal.null = true;
    return literal;
  }
  switch (type) {
    case Type::kDatetime: {
      auto ticks = parse_datetime(text);
      if (!ticks) {  // 2017 - 08 - 01 and 2017, 8, 1
        std::string packed;
        for (char c : text) {
          if (c != ' ') packed += c == ',' ? '-' : c;
        }
        ticks = parse_datetime(packed);
      }
      if (!ticks) return std::nullopt;
      literal.integer = *ticks;
      return literal;
    }
    case Type::kTimespan:
      if (auto ticks = parse_timespan(text)) {
        literal.integer = *ticks;
        return literal;
      }
      return std::nullopt;
    case Type::kInt: case Type::kLong:
      if (auto value = parse_integer(text)) {
        if (type == Type::kInt && (*value > INT32_MAX || *value < INT32_MIN)) return std::nullopt;
        literal.integer = *value;
        return literal;
      }
      return std::nullopt;
    case Type::kReal: {
      const std::string lower = to_lower(text);
      if (lower == "nan") literal.real = std::numeric_limits<double>::quiet_NaN();
      else if (lower == "+inf" || lower == "inf") literal.real = std::numeric_limits<double>::infinity();
      else if (lower == "-inf") literal.real = -std::numeric_limits<double>::infinity();
      else {
        std::string_view digits = text;
        if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), literal.real);
        if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
      }
      return literal;
    }
    case Type::kBool: {
      const std::string lower = to_lower(text);
      if (lower == "true" || lower == "1") literal.integer = 1;
      else if (lower != "false" && lower != "0") return std::nullopt;
      return literal;
    }
    case Type::kGuid: {
      std::string_view digits = text;
      if (digits.size() == 38 && digits.front() == '{' && digits.back() == '}') digits = digits.substr(1, 36);
      std::string dashed(digits);
      if (digits.size() == 32) dashed = fmt_guid(digits);
      if (!is_guid(dashed)) return std::nullopt;
      literal.text = to_lower(dashed);
      return literal;
    }
    case Type::kDecimal: {
      double ignored = 0;
      std::string_view digits = text;
      if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
      auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ignored);
      if (digits.empty() || end != digits.data() + digits.size() || error == std::errc::invalid_argument) return std::nullopt;
      literal.text = digits;
      return literal;
    }
    case Type::kDynamic: {
      auto json = dynamic_text(body);
      if (!json) return std::nullopt;
      literal.text = std::move(*json);
      literal.null = literal.text == "null";
      return literal;
    }
    case Type::kString: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace huntbook::kql
