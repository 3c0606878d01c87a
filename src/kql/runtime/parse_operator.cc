// The bodies behind the operators parse, parse-where and parse-kv.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/runtime/dynamic.h"
#include "kql/runtime/regex.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// One part of a pattern: a text, a `*` or a column with its type.
struct Part {
  enum class Kind : uint8_t { kText, kStar, kColumn };
  Kind kind = Kind::kStar;
  std::string text;  // of a text; the type's name of a column
};

std::vector<Part> read_parts(std::string_view json) {
  std::vector<Part> parts;
  for (JsonElements it(json); it.next();) {
    Part part;
    if (const auto text = json_member(it.value, "text")) {
      part.kind = Part::Kind::kText;
      part.text = text_of(*text);
      if (part.text.empty()) continue;
    } else if (json_member(it.value, "column")) {
      part.kind = Part::Kind::kColumn;
      if (const auto type = json_member(it.value, "type")) part.text = text_of(*type);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

bool is_integer(const std::string& type) { return type == "long" || type == "int"; }
bool is_number(const std::string& type) { return is_integer(type) || type == "real" || type == "decimal"; }

// Whether a captured text is a value of the type; strings always are.
bool converts(std::string_view text, const std::string& type) {
  text = trim(text);
  if (is_integer(type)) {
    if (text.starts_with('+')) text.remove_prefix(1);
    int64_t value = 0;
    const auto got = std::from_chars(text.data(), text.data() + text.size(), value);
    if (got.ec != std::errc() || got.ptr != text.data() + text.size()) return false;
    return type == "long" || (value >= INT32_MIN && value <= INT32_MAX);
  }
  if (type == "real" || type == "decimal") {
    double value = 0;
    const auto got = std::from_chars(text.data(), text.data() + text.size(), value);
    return got.ec == std::errc() && got.ptr == text.data() + text.size();
  }
  if (type == "datetime") return parse_datetime(text).has_value();
  if (type == "timespan") return parse_timespan(text).has_value();
  if (type == "bool") {
    const std::string word = to_lower(text);
    return word == "true" || word == "false" || word == "1" || word == "0";
  }
  if (type == "guid") {
    size_t digits = 0;
    for (const char c : text) digits += std::isxdigit(static_cast<unsigned char>(c)) != 0;
    return digits == 32;
  }
  return true;
}

// How far a number reaches from the beginning of the text.
size_t number_length(std::string_view text, const std::string& type) {
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t first = at;
  while (at < text.size() && (std::isdigit(static_cast<unsigned char>(text[at])) ||
                              (!is_integer(type) && text[at] == '.' && at > first))) {
    ++at;
  }
  return at > first ? at : 0;
}

// Finds the pattern in one text, each text at its first place that lets the rest match.
class Matcher {
 public:
  Matcher(const std::vector<Part>& parts, std::string_view text, bool relaxed)
      : parts_(parts), text_(text), relaxed_(relaxed) {}

  bool run(std::vector<std::string_view>& captures) {
    captures_.clear();
    if (!match(0, 0)) return false;
    captures = captures_;
    return true;
  }

 private:
  static constexpr int kMaxSteps = 20'000;  // hostile texts must not take forever

  bool match(size_t part, size_t at) {
    if (++steps_ > kMaxSteps) return false;
    if (part == parts_.size()) return at == text_.size();
    const Part& here = parts_[part];
    if (here.kind == Part::Kind::kText) {
      return text_.substr(at).starts_with(here.text) && match(part + 1, at + here.text.size());
    }
    // What ends the capture or the star: the next text, the next column, or the end.
    size_t next = part + 1;
    if (here.kind == Part::Kind::kColumn && next < parts_.size() && parts_[next].kind != Part::Kind::kText) {
      return take(
          part, at,
          at + (is_number(here.text) ? number_length(text_.substr(at), here.text) : text_.size() - at));
    }
    if (next == parts_.size()) return take(part, at, text_.size());
    if (parts_[next].kind != Part::Kind::kText) return take(part, at, at);
    const std::string& delimiter = parts_[next].text;
    const bool last = next + 1 == parts_.size();
    if (last) {
      if (text_.size() < at + delimiter.size() || !text_.ends_with(delimiter)) return false;
      return take(part, at, text_.size() - delimiter.size());
    }
    for (size_t end = text_.find(delimiter, at); end != std::string_view::npos;
         end = text_.find(delimiter, end + 1)) {
      if (take(part, at, end)) return true;
      if (steps_ > kMaxSteps) return false;
    }
    return false;
  }

  bool take(size_t part, size_t at, size_t end) {
    const Part& here = parts_[part];
    if (here.kind == Part::Kind::kStar) return match(part + 1, end);
    const std::string_view captured = text_.substr(at, end - at);
    if (!relaxed_ && !converts(captured, here.text)) return false;
    captures_.push_back(captured);
    if (match(part + 1, end)) return true;
    captures_.pop_back();
    return false;
  }

  const std::vector<Part>& parts_;
  std::string_view text_;
  bool relaxed_;
  std::vector<std::string_view> captures_;
  int steps_ = 0;
};

// A pattern made ready; the key is the mode, a NUL and the JSON.
struct Pattern {
  explicit Pattern(std::string_view key) {
    const size_t nul = key.find('\0');
    std::string_view mode = key.substr(0, nul);
    parts = read_parts(key.substr(nul + 1));
    const size_t colon = std::min(mode.find(':'), mode.size());
    relaxed = mode.substr(0, colon) == "relaxed";
    if (mode.substr(0, colon) != "regex") return;
    std::string pattern;
    if (colon < mode.size()) pattern = "(?" + std::string(mode.substr(colon + 1)) + ")";
    int column = 0;
    for (const auto& part : parts) {
      if (part.kind == Part::Kind::kText) {
        pattern += "(?:" + part.text + ")";
      } else if (part.kind == Part::Kind::kStar) {
        pattern += ".*?";
      } else {
        pattern += "(?P<hb" + std::to_string(column++) + ">" +
                   (is_integer(part.text)  ? "-?\\d+"
                    : is_number(part.text) ? "-?\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?"
                                           : ".*") +
                   ")";
      }
    }
    regex = std::make_unique<Regex>(pattern);
    for (int i = 0; i < column; ++i) groups.push_back(regex->group("hb" + std::to_string(i)).value_or(0));
  }

  bool match(std::string_view text, std::vector<std::string_view>& captures) const {
    if (!regex) return Matcher(parts, text, relaxed).run(captures);
    std::vector<std::string_view> found;
    if (!regex->ok() || !regex->find(text, 0, found)) return false;
    captures.clear();
    for (const size_t group : groups) captures.push_back(found[group]);
    size_t column = 0;
    for (const auto& part : parts) {
      if (part.kind == Part::Kind::kColumn && !converts(captures[column++], part.text)) return false;
    }
    return true;
  }

  std::vector<Part> parts;
  bool relaxed = false;
  std::unique_ptr<Regex> regex;
  std::vector<size_t> groups;
};

void parse_pattern(Args args, Value& out, Context& context) {
  const std::string key = std::string(args[1].text) + '\0' + std::string(args[2].text);
  const Pattern& pattern = context.cached<Pattern>(key);
  std::vector<std::string_view> captures;
  if (!pattern.match(args[0].text, captures)) return;
  std::string array = "[";
  for (const auto text : captures) {
    if (array.size() > 1) array += ',';
    append_json_string(array, text);
  }
  set_dynamic(out, array + "]", context);
}

// ------------------------------------------------------------------- parse-kv

struct KeyValueOptions {
  explicit KeyValueOptions(std::string_view json) {
    const auto text = [&](std::string_view name) {
      const auto raw = json_member(json, name);
      return raw ? text_of(*raw) : std::string();
    };
    pair = text("pair_delimiter");
    delimiter = text("kv_delimiter");
    quote = text("quote");
    escape = text("escape");
    greedy = text("greedy") == "true";
    if (const std::string pattern = text("regex"); !pattern.empty()) regex = std::make_unique<Regex>(pattern);
  }
  std::string pair, delimiter, quote, escape;
  bool greedy = false;
  std::unique_ptr<Regex> regex;
};

// Reads pairs from left to right; of a repeated key the first value stays.
class KeyValueReader {
 public:
  KeyValueReader(std::string_view text, const KeyValueOptions& options) : text_(text), options_(options) {}

  std::string run() {
    if (options_.regex) {
      by_regex();
    } else if (!options_.delimiter.empty()) {
      by_delimiters();
    }
    std::string bag = "{";
    for (const auto& [key, value] : pairs_) {
      if (bag.size() > 1) bag += ',';
      append_json_string(bag, key);
      bag += ':';
      append_json_string(bag, value);
    }
    return bag + "}";
  }

 private:
  void by_regex() {
    if (!options_.regex->ok() || options_.regex->groups() < 2) return;
    each_match(*options_.regex, text_, [&](const std::vector<std::string_view>& found) {
      add(std::string(found[1]), std::string(found[2]));
      return true;
    });
  }

  void by_delimiters() {
    while (at_ < text_.size()) {
      skip_blanks();
      while (!options_.pair.empty() && rest().starts_with(options_.pair)) {
        at_ += options_.pair.size();
        skip_blanks();
      }
      std::string key;
      if (!read_key(key)) continue;
      at_ += options_.delimiter.size();
      skip_blanks();
      add(std::move(key), read_value());
    }
  }

  // False when what stands here is no key; then at_ is behind it.
  bool read_key(std::string& key) {
    if (at_quote()) {
      key = read_quoted();
      skip_blanks();
      return rest().starts_with(options_.delimiter);
    }
    const size_t equal = text_.find(options_.delimiter, at_);
    if (equal == std::string_view::npos) {
      at_ = text_.size();
      return false;
    }
    const size_t pair = options_.pair.empty() ? std::string_view::npos : text_.find(options_.pair, at_);
    if (pair < equal && !trim(text_.substr(pair, equal - pair)).empty()) {
      at_ = pair + options_.pair.size();
      return false;
    }
    key = trim(text_.substr(at_, equal - at_));
    at_ = equal;
    return true;
  }

  std::string read_value() {
    if (at_quote()) return read_quoted();
    size_t end =
        options_.pair.empty() ? text_.size() : std::min(text_.find(options_.pair, at_), text_.size());
    if (options_.greedy) {
      const size_t next = text_.find(options_.delimiter, at_);
      end = text_.size();
      if (next != std::string_view::npos && !options_.pair.empty()) {
        const size_t last = text_.substr(0, next).rfind(options_.pair);
        if (last != std::string_view::npos && last >= at_) end = last;
      }
    }
    const std::string_view value = text_.substr(at_, end - at_);
    at_ = end;
    return std::string(trim(value));
  }

  bool at_quote() const {
    return !options_.quote.empty() && at_ < text_.size() && text_[at_] == options_.quote.front();
  }

  std::string read_quoted() {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (!options_.escape.empty() && text_[at_] == options_.escape.front() && at_ + 1 < text_.size()) {
        out += text_[++at_];
      } else if (text_[at_] == options_.quote.back()) {
        ++at_;
        break;
      } else {
        out += text_[at_];
      }
    }
    return out;
  }

  std::string_view rest() const { return text_.substr(at_); }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  void add(std::string key, std::string value) {
    if (pairs_.size() < 10'000) pairs_.emplace(std::move(key), std::move(value));
  }

  std::string_view text_;
  const KeyValueOptions& options_;
  size_t at_ = 0;
  std::map<std::string, std::string> pairs_;
};

void parse_kv(Args args, Value& out, Context& context) {
  const auto& options = context.cached<KeyValueOptions>(args[1].text);
  set_dynamic(out, KeyValueReader(args[0].text, options).run(), context);
}

constexpr BodyEntry kBodies[] = {
    {"parse_pattern", parse_pattern},
    {"parse_kv", parse_kv},
};

}  // namespace

std::span<const BodyEntry> parse_operator_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
