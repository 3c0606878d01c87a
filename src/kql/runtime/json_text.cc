#include "kql/runtime/json_text.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"

namespace huntbook::kql::runtime {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

size_t skip_blanks(std::string_view text, size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

// The place after the string that starts at `at`.
size_t skip_string(std::string_view text, size_t at) {
  for (size_t i = at + 1; i < text.size();) {
    const void* quote = std::memchr(text.data() + i, '"', text.size() - i);
    if (!quote) return kNowhere;
    const size_t end = static_cast<size_t>(static_cast<const char*>(quote) - text.data());
    size_t slashes = 0;
    while (end - slashes > at + 1 && text[end - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return end + 1;
    i = end + 1;
  }
  return kNowhere;
}

// The place after the value that starts at `at`.
size_t skip_value(std::string_view text, size_t at) {
  if (at >= text.size()) return kNowhere;
  const char first = text[at];
  if (first == '"') return skip_string(text, at);
  if (first != '{' && first != '[') {
    size_t i = at;
    while (i < text.size() && text[i] != ',' && text[i] != ']' && text[i] != '}' && !is_blank(text[i])) ++i;
    return i == at ? kNowhere : i;
  }
  size_t depth = 0;
  for (size_t i = at; i < text.size();) {
    switch (text[i]) {
      case '"':
        i = skip_string(text, i);
        if (i == kNowhere) return kNowhere;
        break;
      case '{':
      case '[':
        ++depth;
        ++i;
        break;
      case '}':
      case ']':
        ++i;
        if (--depth == 0) return i;
        break;
      default: ++i;
    }
  }
  return kNowhere;
}

// One pass that checks and compacts. `repeated` is set when an object names a key twice.
class Compactor {
 public:
  explicit Compactor(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  bool run() {
    at_ = skip_blanks(text_, 0);
    if (!value(0)) return false;
    return skip_blanks(text_, at_) == text_.size();
  }
  std::string& out() { return out_; }
  bool repeated() const { return repeated_; }

 private:
  static constexpr int kMaxDepth = 1000;

  bool take(char c) {
    at_ = skip_blanks(text_, at_);
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    out_ += c;
    return true;
  }

  bool value(int depth) {
    if (depth > kMaxDepth) return false;
    at_ = skip_blanks(text_, at_);
    if (at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '{': return object(depth);
      case '[': return array(depth);
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool word(std::string_view w) {
    if (text_.substr(at_, w.size()) != w) return false;
    at_ += w.size();
    out_ += w;
    return true;
  }

  bool array(int depth) {
    take('[');
    if (take(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  bool object(int depth) {
    take('{');
    if (take('}')) return true;
    const size_t first_key = keys_.size();
    do {
      at_ = skip_blanks(text_, at_);
      const size_t from = out_.size();
      if (at_ >= text_.size() || text_[at_] != '"' || !string()) return false;
      remember(first_key, from);
      if (!take(':') || !value(depth + 1)) return false;
    } while (take(','));
    keys_.resize(first_key);
    return take('}');
  }

  void remember(size_t first_key, size_t from) {
    const std::pair<size_t, size_t> key{from, out_.size() - from};
    const std::string_view written(out_);
    if (keys_.size() - first_key > 64) {
      repeated_ = true;  // too many to compare one by one; the slow way sorts it out
    } else {
      for (size_t i = first_key; i < keys_.size(); ++i) {
        if (keys_[i].second == key.second &&
            written.substr(keys_[i].first, key.second) == written.substr(from, key.second)) {
          repeated_ = true;
        }
      }
      keys_.push_back(key);
    }
  }

  bool string() {
    const size_t end = skip_string(text_, at_);
    if (end == kNowhere) return false;
    const std::string_view raw = text_.substr(at_, end - at_);
    bool escapes = false;
    for (const char c : raw) {
      if (static_cast<unsigned char>(c) < 0x20) return false;
      escapes = escapes || c == '\\';
    }
    at_ = end;
    if (!escapes) {
      out_ += raw;
      return true;
    }
    std::string buffer;
    if (!decode(raw, buffer)) return false;
    append_json_string(out_, buffer);
    return true;
  }

  bool number() {
    const size_t begin = at_;
    const auto digits = [&] {
      const size_t from = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      return at_ - from;
    };
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    const size_t whole_begin = at_;
    const size_t whole = digits();
    if (whole == 0 || (whole > 1 && text_[whole_begin] == '0')) return false;
    bool real = false;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      real = true;
      if (digits() == 0) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      real = true;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (digits() == 0) return false;
    }
    const std::string_view raw = text_.substr(begin, at_ - begin);
    int64_t integer = 0;
    if (!real && std::from_chars(raw.data(), raw.data() + raw.size(), integer).ec == std::errc()) {
      out_ += raw == "-0" ? "0" : raw;
      return true;
    }
    double number = 0;
    if (std::from_chars(raw.data(), raw.data() + raw.size(), number).ec == std::errc::result_out_of_range) {
      const bool tiny = raw.find("e-") != kNowhere || raw.find("E-") != kNowhere || raw.find("0.") < 2;
      number = tiny            ? 0
               : raw[0] == '-' ? -std::numeric_limits<double>::max()
                               : std::numeric_limits<double>::max();
    }
    append_real(out_, number);
    return true;
  }

 public:
  // The text of a raw string with escapes; false when an escape is wrong.
  static bool decode(std::string_view raw, std::string& out) {
    out.clear();
    if (raw.size() < 2) return false;
    for (size_t i = 1; i + 1 < raw.size(); ++i) {
      if (raw[i] != '\\') {
        out += raw[i];
        continue;
      }
      if (++i + 1 >= raw.size()) return false;
      switch (raw[i]) {
        case '"':
        case '\\':
        case '/': out += raw[i]; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u': {
          uint32_t code = 0;
          if (!hex4(raw, i + 1, code)) return false;
          i += 4;
          if (code >= 0xD800 && code < 0xDC00) {
            uint32_t low = 0;
            if (raw.substr(i + 1, 2) == "\\u" && hex4(raw, i + 3, low) && low >= 0xDC00 && low < 0xE000) {
              code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
              i += 6;
            } else {
              code = 0xFFFD;
            }
          } else if (code >= 0xDC00 && code < 0xE000) {
            code = 0xFFFD;
          }
          append_utf8(out, static_cast<char32_t>(code));
          break;
        }
        default: return false;
      }
    }
    return true;
  }

 private:
  static bool hex4(std::string_view raw, size_t at, uint32_t& code) {
    if (at + 4 >= raw.size()) return false;
    const auto [end, error] = std::from_chars(raw.data() + at, raw.data() + at + 4, code, 16);
    return error == std::errc() && end == raw.data() + at + 4;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
  std::vector<std::pair<size_t, size_t>> keys_;  // of the open objects: place and size in out_
  bool repeated_ = false;
};

}  // namespace

JsonKind json_kind(std::string_view raw) {
  if (raw.empty()) return JsonKind::kNone;
  switch (raw[0]) {
    case '{': return JsonKind::kObject;
    case '[': return JsonKind::kArray;
    case '"': return JsonKind::kString;
    case 't':
    case 'f': return JsonKind::kBool;
    case 'n': return JsonKind::kNull;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return JsonKind::kNumber;
    default: return JsonKind::kNone;
  }
}

JsonElements::JsonElements(std::string_view array) : text_(array) {
  at_ = !array.empty() && array[0] == '[' ? 1 : array.size();
}

bool JsonElements::next() {
  at_ = skip_blanks(text_, at_);
  if (at_ < text_.size() && text_[at_] == ',') at_ = skip_blanks(text_, at_ + 1);
  if (at_ >= text_.size() || text_[at_] == ']') return false;
  const size_t end = skip_value(text_, at_);
  if (end == kNowhere) {
    at_ = text_.size();
    return false;
  }
  value = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

JsonMembers::JsonMembers(std::string_view object) : text_(object) {
  at_ = !object.empty() && object[0] == '{' ? 1 : object.size();
}

bool JsonMembers::next() {
  at_ = skip_blanks(text_, at_);
  if (at_ < text_.size() && text_[at_] == ',') at_ = skip_blanks(text_, at_ + 1);
  if (at_ >= text_.size() || text_[at_] != '"') return false;
  const size_t key_end = skip_string(text_, at_);
  const size_t colon = key_end == kNowhere ? kNowhere : skip_blanks(text_, key_end);
  if (colon == kNowhere || colon >= text_.size() || text_[colon] != ':') {
    at_ = text_.size();
    return false;
  }
  key = text_.substr(at_, key_end - at_);
  const size_t begin = skip_blanks(text_, colon + 1);
  const size_t end = skip_value(text_, begin);
  if (end == kNowhere) {
    at_ = text_.size();
    return false;
  }
  value = text_.substr(begin, end - begin);
  at_ = end;
  return true;
}

std::string_view json_text_of(std::string_view raw, std::string& buffer) {
  if (raw.size() < 2) return {};
  if (raw.find('\\') == kNowhere) return raw.substr(1, raw.size() - 2);
  if (!Compactor::decode(raw, buffer)) buffer = raw.substr(1, raw.size() - 2);
  return buffer;
}

bool json_string_is(std::string_view raw, std::string_view text) {
  if (raw.size() == text.size() + 2 && raw.substr(1, text.size()) == text) return text.find('\\') == kNowhere;
  if (raw.find('\\') == kNowhere) return false;
  std::string buffer;
  return json_text_of(raw, buffer) == text;
}

std::optional<std::string_view> json_member(std::string_view object, std::string_view key) {
  JsonMembers members(object);
  while (members.next()) {
    if (json_string_is(members.key, key)) return members.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> json_element(std::string_view array, int64_t index) {
  if (index < 0) index += static_cast<int64_t>(json_array_length(array));
  if (index < 0) return std::nullopt;
  JsonElements elements(array);
  for (int64_t i = 0; elements.next(); ++i) {
    if (i == index) return elements.value;
  }
  return std::nullopt;
}

size_t json_array_length(std::string_view array) {
  size_t count = 0;
  for (JsonElements elements(array); elements.next();) ++count;
  return count;
}

std::optional<JsonNumber> json_number(std::string_view raw) {
  if (json_kind(raw) != JsonKind::kNumber) return std::nullopt;
  JsonNumber number;
  const char* end = raw.data() + raw.size();
  if (const auto got = std::from_chars(raw.data(), end, number.integer);
      got.ec == std::errc() && got.ptr == end) {
    number.whole = true;
    number.real = static_cast<double>(number.integer);
    return number;
  }
  const auto got = std::from_chars(raw.data(), end, number.real);
  if (got.ec != std::errc() || got.ptr != end) return std::nullopt;
  return number;
}

std::optional<std::string> compact_json(std::string_view text) {
  Compactor compactor(text);
  if (!compactor.run()) return std::nullopt;
  if (compactor.repeated()) {
    if (auto tree = parse_json(compactor.out())) return tree->text();
  }
  return std::move(compactor.out());
}

}  // namespace huntbook::kql::runtime
