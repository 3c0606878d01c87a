#include "kql/runtime/regex.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.h"
#include "base/unicode_set.h"
#include "kql/runtime/regex_boundary.h"

namespace huntbook::kql::runtime {
namespace {

// Rust's Unicode classes as the inside of an RE2 class.
constexpr std::string_view kWord =
    "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{24b6}-\\x{24e9}\\x{1f130}-\\x{1f149}\\x{1f150}-\\x{1f169}\\x{1f170}"
    "-\\x{1f189}\\x{200c}\\x{200d}";
constexpr std::string_view kSpace =
    "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";

CodePointSet property(std::string_view name) { return unicode_property(name).value_or(CodePointSet{}); }

// Constant after the first call.
const CodePointSet& word_set() {
  static const CodePointSet words = [] {
    CodePointSet set = property("Alphabetic");
    for (const auto* name : {"M", "Nd", "Pc"}) set = set_union(std::move(set), property(name));
    return set_union(std::move(set), {{0x200c, 0x200d}});
  }();
  return words;
}
const CodePointSet& digit_set() {
  static const CodePointSet digits = property("Nd");
  return digits;
}
const CodePointSet& space_set() {
  static const CodePointSet spaces = property("White_Space");
  return spaces;
}

CodePointSet posix_set(std::string_view name) {
  if (name == "alnum") return {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}};
  if (name == "alpha") return {{'A', 'Z'}, {'a', 'z'}};
  if (name == "ascii") return {{0, 0x7f}};
  if (name == "blank") return {{'\t', '\t'}, {' ', ' '}};
  if (name == "cntrl") return {{0, 0x1f}, {0x7f, 0x7f}};
  if (name == "digit") return {{'0', '9'}};
  if (name == "graph") return {{'!', '~'}};
  if (name == "lower") return {{'a', 'z'}};
  if (name == "print") return {{' ', '~'}};
  if (name == "punct") return {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}};
  if (name == "space") return {{'\t', '\r'}, {' ', ' '}};
  if (name == "upper") return {{'A', 'Z'}};
  if (name == "word") return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  if (name == "xdigit") return {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
  return {};
}

std::string escaped(char32_t c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
    return std::string(1, static_cast<char>(c));
  return fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(c));
}

// A part of a class: what RE2 may read as it stands, or ranges when only they can say it.
struct ClassPart {
  std::string text;     // inside of a class
  bool as_text = true;  // `text` says it all
  CodePointSet set;     // filled when as_text is false, or on demand
};

class Rewriter {
 public:
  Rewriter(std::string_view pattern, bool nested_classes) : in_(pattern), nested_classes_(nested_classes) {}
  bool class_unclosed() const { return class_unclosed_; }
  /// The pattern asserts a word boundary.
  bool has_boundary() const { return has_boundary_; }

  Result<std::string> run() {
    alternation(0);
    if (!failed() && at_ < in_.size()) fail("unopened group", at_);
    if (failed()) return failure_;
    return out_;
  }

 private:
  struct Flags {
    bool verbose = false, unicode = true, multi_line = false;
  };
  struct Item {  // of a class: one code point, or several
    bool single = false;
    char32_t c = 0;
    ClassPart part;
  };

  bool failed() const { return !failure_.message.empty(); }
  void fail(std::string message, size_t from, bool unsupported = false) {
    if (failed()) return;
    failure_.code = unsupported ? "unsupported" : "HB-A003";
    failure_.construct = unsupported ? "regex " + message : "";
    failure_.message = unsupported ? fmt::format("regex {} is not supported yet", message)
                                   : fmt::format("regular expression cannot be used: {}", message);
    failure_.span = {static_cast<uint32_t>(from), static_cast<uint32_t>(std::min(at_ + 1, in_.size()))};
    at_ = in_.size();
  }
  bool next_is(std::string_view what) const { return in_.substr(at_).starts_with(what); }
  bool take(std::string_view what) {
    if (!next_is(what)) return false;
    at_ += what.size();
    return true;
  }

  void skip_blanks() {
    while (flags_.verbose && at_ < in_.size()) {
      if (std::string_view(" \t\n\r\f\v").find(in_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (in_[at_] == '#') {
        while (at_ < in_.size() && in_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  void alternation(int depth) {
    if (depth > 200) return fail("groups too deep", at_);
    const Flags before = flags_;
    while (at_ < in_.size() && !failed()) {
      skip_blanks();
      if (at_ >= in_.size()) break;
      if (in_[at_] == ')') {
        if (depth == 0) return;
        break;
      }
      if (in_[at_] == '|') {
        out_ += '|';
        ++at_;
        continue;
      }
      const size_t start = out_.size();
      if (atom(depth)) quantifiers(start);
    }
    flags_ = before;
  }

  // One atom; gives whether it may be repeated.
  bool atom(int depth) {
    const size_t from = at_;
    switch (in_[at_]) {
      case '(': return group(depth);
      case '[': {
        ++at_;
        std::string text;
        character_class(from, text, nullptr);
        out_ += text;
        return true;
      }
      case '\\': return escape();
      case '*':
      case '+':
      case '?': return fail("nothing to repeat", from), false;
      case '$':
        out_ += flags_.multi_line ? "$" : "\\z";
        ++at_;
        return true;
      case '.':
      case '^': out_ += in_[at_++]; return true;
      default: {
        const char32_t c = next_code_point(in_, at_);
        out_ += c < 0x80 ? escaped(c) : std::string(in_.substr(from, at_ - from));
        return true;
      }
    }
  }

  // {n} {n,} {n,m} {,m} at `at_`; gives its RE2 form.
  std::optional<std::string> counted() {
    size_t pos = at_ + 1;
    const auto number = [&] {
      const size_t begin = pos;
      while (pos < in_.size() && in_[pos] >= '0' && in_[pos] <= '9') ++pos;
      return std::string(in_.substr(begin, pos - begin));
    };
    const std::string low = number();
    std::string text = "{" + (low.empty() ? "0" : low);
    bool comma = false;
    if (pos < in_.size() && in_[pos] == ',') {
      comma = true;
      ++pos;
      text += "," + number();
    }
    if (pos >= in_.size() || in_[pos] != '}' || (low.empty() && (!comma || text.ends_with(','))))
      return std::nullopt;
    at_ = pos + 1;
    return text + "}";
  }

  void quantifiers(size_t start) {
    for (int count = 0; at_ < in_.size(); ++count) {
      skip_blanks();
      if (at_ >= in_.size()) return;
      std::string text;
      if (in_[at_] == '*' || in_[at_] == '+' || in_[at_] == '?') {
        text = in_[at_++];
      } else if (in_[at_] == '{') {
        auto range = counted();
        if (!range) return;
        text = std::move(*range);
      } else {
        return;
      }
      if (count > 0) {  // RE2 takes one at a time
        out_.insert(start, "(?:");
        out_ += ')';
      }
      out_ += text;
      if (at_ < in_.size() && in_[at_] == '?') {
        out_ += '?';
        ++at_;
      }
    }
  }

  bool group(int depth) {
    const size_t from = at_++;
    if (take("?")) {
      if (take("=") || take("!") || take("<=") || take("<!")) return fail("look-around", from, true), false;
      if (take(">")) return fail("atomic group", from, true), false;
      if (take("P=")) return fail("back-reference", from, true), false;
      if (take("P<") || take("<")) {
        const size_t end = in_.find('>', at_);
        if (end == std::string_view::npos) return fail("the name of a group has no `>`", from), false;
        out_ += "(?P<" + std::string(in_.substr(at_, end - at_)) + ">";
        at_ = end + 1;
      } else {
        return flag_group(from, depth);
      }
    } else {
      out_ += '(';
    }
    return close_group(from, depth);
  }

  bool close_group(size_t from, int depth) {
    alternation(depth + 1);
    if (failed()) return false;
    if (!take(")")) return fail("unclosed group", from), false;
    out_ += ')';
    return true;
  }

  // (?flags) and (?flags:...), behind `(?`
  bool flag_group(size_t from, int depth) {
    Flags flags = flags_;
    std::string on, off;
    bool negated = false;
    for (; at_ < in_.size() && in_[at_] != ':' && in_[at_] != ')'; ++at_) {
      const char c = in_[at_];
      if (c == '-' && !negated) negated = true;
      else if (c == 'x') flags.verbose = !negated;
      else if (c == 'u') flags.unicode = !negated;
      else if (c == 'm') flags.multi_line = !negated, (negated ? off : on) += c;
      else if (c == 'i' || c == 's' || c == 'U') (negated ? off : on) += c;
      else if (c == 'R') return fail("flag `R`", from, true), false;
      else return fail(fmt::format("unknown flag `{}`", in_.substr(at_, 1)), from), false;
    }
    if (at_ >= in_.size()) return fail("unclosed group", from), false;
    const std::string text = on + (off.empty() ? "" : "-" + off);
    if (take(")")) {  // until the end of the group around
      if (!text.empty()) out_ += "(?" + text + ")";
      flags_ = flags;
      return false;
    }
    ++at_;
    out_ += "(?" + text + ":";
    const Flags outer = flags_;
    flags_ = flags;
    const bool done = close_group(from, depth);
    flags_ = outer;
    return done;
  }

  // Outside of a class.
  bool escape() {
    const size_t from = at_;
    const char c = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
    if (c == '\0') return fail("it ends in a backslash", from), false;
    if (c >= '1' && c <= '9') return fail("back-reference", from, true), false;
    if (c == '<' || c == '>' || in_.substr(at_).starts_with("\\b{")) {
      at_ += 2;
      const bool start = c == '<' || take("{start}");
      if (c != 'b' || start || take("{end}")) {
        const auto boundary = one_sided_boundary(in_, from, at_, start);
        if (!boundary)
          return fail(fmt::format("word boundary `{}`", in_.substr(from, at_ - from)), from, true), false;
        has_boundary_ = true;
        out_ += *boundary;
        return true;
      }
      if (next_is("{start-half}") || next_is("{end-half}"))
        return fail("word boundary `\\b{...}`", from, true), false;
      at_ = from;
    }
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') {
      at_ += 2;
      has_boundary_ = has_boundary_ || c == 'b' || c == 'B';
      out_ += std::string("\\") + c;
      return true;
    }
    Item item = escape_item();
    if (failed()) return false;
    if (item.single) out_ += escaped(item.c);
    else out_ += "[" + item_text(item) + "]";
    return true;
  }

  static std::string ranges_text(const CodePointSet& set) {
    std::string text;
    for (const auto& range : set)
      text +=
          range.first == range.last ? escaped(range.first) : escaped(range.first) + "-" + escaped(range.last);
    return text.empty() ? "^\\x{0}-\\x{10ffff}" : text;
  }
  static std::string item_text(const Item& item) {
    return item.part.as_text ? item.part.text : ranges_text(item.part.set);
  }

  static Item one(char32_t c) {
    Item item;
    item.single = true;
    item.c = c;
    return item;
  }
  static Item many(std::string text, CodePointSet set, bool negated = false) {
    Item item;
    item.part.as_text = !negated && !text.empty();
    item.part.text = std::move(text);
    item.part.set = negated ? complement(set) : std::move(set);
    return item;
  }

  // An escape that stands for characters, at its backslash.
  Item escape_item() {
    const size_t from = at_;
    ++at_;
    if (at_ >= in_.size()) return fail("it ends in a backslash", from), Item{};
    const char c = in_[at_];
    const bool unicode = flags_.unicode;
    switch (c) {
      case 'd': ++at_; return unicode ? many("\\p{Nd}", digit_set()) : many("0-9", posix_set("digit"));
      case 'D':
        ++at_;
        return unicode ? many("\\P{Nd}", complement(digit_set())) : many("", posix_set("digit"), true);
      case 'w':
        ++at_;
        return unicode ? many(std::string(kWord), word_set()) : many("0-9A-Za-z_", posix_set("word"));
      case 'W': ++at_; return unicode ? many("", word_set(), true) : many("", posix_set("word"), true);
      case 's':
        ++at_;
        return unicode ? many(std::string(kSpace), space_set()) : many("\\t-\\r ", posix_set("space"));
      case 'S': ++at_; return unicode ? many("", space_set(), true) : many("", posix_set("space"), true);
      case 'p':
      case 'P': return property_item(from);
      case 'a': ++at_; return one(7);
      case 'f': ++at_; return one('\f');
      case 't': ++at_; return one('\t');
      case 'n': ++at_; return one('\n');
      case 'r': ++at_; return one('\r');
      case 'v': ++at_; return one('\v');
      case 'x': return hex_item(from, 2);
      case 'u': return hex_item(from, 4);
      case 'U': return hex_item(from, 8);
      default: break;
    }
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      if (c == '0') return octal_item();
      return fail(fmt::format("unknown escape `\\{}`", c), from), Item{};
    }
    return one(next_code_point(in_, at_));
  }

  // \0, \012: as RE2 reads them, for the Rust dialect refuses them.
  Item octal_item() {
    uint32_t value = 0;
    for (int i = 0; i < 3 && at_ < in_.size() && in_[at_] >= '0' && in_[at_] <= '7'; ++i)
      value = value * 8 + static_cast<uint32_t>(in_[at_++] - '0');
    return one(value);
  }

  Item hex_item(size_t from, size_t digits) {
    ++at_;
    std::string_view hex;
    if (take("{")) {
      const size_t end = in_.find('}', at_);
      if (end == std::string_view::npos) return fail("an escape has no `}`", from), Item{};
      hex = in_.substr(at_, end - at_);
      at_ = end + 1;
    } else {
      hex = in_.substr(at_, digits);
      at_ = std::min(at_ + digits, in_.size());
      if (hex.size() < digits) hex = {};
    }
    uint32_t value = 0;
    for (const char c : hex) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0 || value > kLastCodePoint) return fail("wrong hexadecimal escape", from), Item{};
      value = value * 16 + static_cast<uint32_t>(digit);
    }
    if (hex.empty() || value > kLastCodePoint || (value >= 0xd800 && value < 0xe000))
      return fail("wrong hexadecimal escape", from), Item{};
    return one(value);
  }

  Item property_item(size_t from) {
    bool negated = in_[at_++] == 'P';
    std::string name;
    if (take("{")) {
      const size_t end = in_.find('}', at_);
      if (end == std::string_view::npos) return fail("a property has no `}`", from), Item{};
      name = in_.substr(at_, end - at_);
      at_ = end + 1;
    } else if (at_ < in_.size()) {
      name = in_[at_++];
    }
    if (name.starts_with('^')) {
      negated = !negated;
      name.erase(0, 1);
    }
    const auto set = unicode_property(name);
    if (!set) return fail(fmt::format("unknown Unicode property `{}`", name), from), Item{};
    return many("", *set, negated);
  }

  // [:name:] at `at_`
  std::optional<Item> posix_item() {
    const size_t end = in_.find(":]", at_ + 2);
    if (!next_is("[:") || end == std::string_view::npos) return std::nullopt;
    std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    const CodePointSet set = posix_set(name);
    if (set.empty()) return std::nullopt;
    at_ = end + 2;
    return many(negated ? "" : ranges_text(set), set, negated);
  }

  // A class behind its `[`. Gives RE2 text in `text`, or the set in `set` when it is inside of another class.
  void character_class(size_t from, std::string& text, CodePointSet* set) {
    if (++class_depth_ > 50) return fail("classes too deep", from);
    const bool negated = take("^");
    ClassPart all;   // what was combined so far
    ClassPart part;  // the operand that is being read
    char operation = '\0';
    bool first = true;
    const auto combine = [&] {
      part.set = normalized(std::move(part.set));
      if (operation == '\0') {
        all = std::move(part);
      } else {
        all.as_text = false;
        if (operation == '&') all.set = set_intersection(all.set, part.set);
        else if (operation == '-') all.set = set_intersection(all.set, complement(part.set));
        else
          all.set = set_union(set_intersection(all.set, complement(part.set)),
                              set_intersection(part.set, complement(all.set)));
      }
      part = ClassPart{};
    };
    const auto add = [&](const Item& item) {
      if (item.single) {
        part.set.push_back({item.c, item.c});
        part.text += escaped(item.c);
        return;
      }
      part.set.insert(part.set.end(), item.part.set.begin(), item.part.set.end());
      part.as_text = part.as_text && item.part.as_text;
      part.text += item.part.text;
    };
    while (true) {
      skip_blanks();
      if (failed()) return;
      if (at_ >= in_.size()) {
        class_unclosed_ = true;
        return fail("unclosed class", from);
      }
      if (in_[at_] == ']' && !first) break;
      if (!first && (next_is("&&") || next_is("--") || next_is("~~")) && !next_is("--]")) {
        combine();
        operation = in_[at_];
        at_ += 2;
        continue;
      }
      first = false;
      if (in_[at_] == '[') {
        if (auto posix = posix_item()) {
          add(*posix);
          continue;
        }
        if (!nested_classes_) {
          ++at_;
          add(one('['));
          continue;
        }
        const size_t inner_from = at_++;
        std::string unused;
        Item inner;
        inner.part.as_text = false;
        character_class(inner_from, unused, &inner.part.set);
        add(inner);
        continue;
      }
      Item low = class_item();
      if (failed()) return;
      const bool range =
          low.single && at_ + 1 < in_.size() && in_[at_] == '-' && in_[at_ + 1] != ']' && in_[at_ + 1] != '-';
      if (!range) {
        add(low);
        continue;
      }
      const size_t dash = at_++;
      if (in_[at_] == '[') {  // the dash is a plain one
        at_ = dash;
        add(low);
        add(one('-'));
        ++at_;
        continue;
      }
      const Item high = class_item();
      if (failed()) return;
      if (!high.single) {
        add(low);
        add(one('-'));
        add(high);
        continue;
      }
      if (high.c < low.c) return fail("a range of a class runs backwards", from);
      part.set.push_back({low.c, high.c});
      part.text += escaped(low.c) + "-" + escaped(high.c);
    }
    ++at_;
    combine();
    --class_depth_;
    if (set) {
      *set = negated ? complement(all.set) : std::move(all.set);
    } else if (all.as_text) {
      text = (negated ? "[^" : "[") + all.text + "]";
    } else if (all.set.empty()) {
      text = negated ? "[\\x{0}-\\x{10ffff}]" : "[^\\x{0}-\\x{10ffff}]";
    } else {
      text = (negated ? "[^" : "[") + ranges_text(all.set) + "]";
    }
  }

  Item class_item() {
    if (in_[at_] != '\\') return one(next_code_point(in_, at_));
    if (next_is("\\b")) {
      fail("`\\b` in a class", at_);
      return {};
    }
    return escape_item();
  }

  std::string_view in_;
  size_t at_ = 0;
  std::string out_;
  Flags flags_;
  bool nested_classes_ = true, class_unclosed_ = false, has_boundary_ = false;
  int class_depth_ = 0;
  Diagnostic failure_;
};

}  // namespace

Result<RewrittenRegex> rewrite_regex(std::string_view pattern) {
  Rewriter rewriter(pattern, true);
  auto made = rewriter.run();
  if (made) return RewrittenRegex{std::move(*made), rewriter.has_boundary()};
  // `[[]`: no nested class after all, as other dialects read it.
  if (rewriter.class_unclosed()) {
    Rewriter plain(pattern, false);
    if (auto again = plain.run()) return RewrittenRegex{std::move(*again), plain.has_boundary()};
  }
  return made.error();
}

}  // namespace huntbook::kql::runtime
