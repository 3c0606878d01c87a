// has, contains, startswith ... and their lists.
#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "kql/runtime/dynamic.h"
#include "kql/runtime/terms.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// The needle of the row before: mostly the same one.
struct LastNeedle {
  explicit LastNeedle(std::string_view) {}
  std::string text;
  std::optional<Needle> needle;

  const Needle& of(std::string_view wanted, bool fold) {
    if (!needle || text != wanted) {
      text = wanted;
      needle.emplace(wanted, fold);
    }
    return *needle;
  }
};

enum class How : uint8_t { kTerm, kPrefix, kSuffix, kAnywhere, kBegins, kEnds, kEquals };

template <How how, bool fold, bool negated>
void match(Args args, Value& out, Context& context) {
  const Needle& needle = context.cached<LastNeedle>("").of(args[1].text, fold);
  const std::string_view text = args[0].text;
  bool hit = false;
  if constexpr (how == How::kTerm) hit = needle.in(text, Edges::kBoth);
  else if constexpr (how == How::kPrefix) hit = needle.in(text, Edges::kLeft);
  else if constexpr (how == How::kSuffix) hit = needle.in(text, Edges::kRight);
  else if constexpr (how == How::kAnywhere) hit = needle.in(text, Edges::kNone);
  else if constexpr (how == How::kBegins) hit = needle.begins(text);
  else if constexpr (how == How::kEnds) hit = needle.ends(text);
  else hit = needle.equals(text);
  set_bool(out, hit != negated);
}

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// ASCII text in lower case, in a buffer that is long enough.
std::string_view fold_ascii(std::string_view text, char* buffer) {
  for (size_t i = 0; i < text.size(); ++i)
    buffer[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
  return {buffer, text.size()};
}

constexpr std::array<bool, 256> kTermBytes = [] {
  std::array<bool, 256> term{};
  for (size_t c = '0'; c <= '9'; ++c) term[c] = true;
  for (size_t c = 'a'; c <= 'z'; ++c) term[c] = term[c - 32] = true;
  return term;
}();

// From so many terms on, one walk over the words of a text is quicker than a search for each.
constexpr size_t kManyTerms = 6;

// The terms of has_any and has_all; pure terms are looked up in one pass over the text when there are many.
struct TermList {
  explicit TermList(std::string_view) {}
  std::string list;
  std::string_view seen;  // where the list stood in this round
  uint64_t round = 0;
  bool ready = false;
  std::vector<Needle> needles;
  std::unordered_set<std::string, TextHash, std::equal_to<>> words;  // folded, nothing but term characters
  std::bitset<64> lengths;                                           // of the words
  std::bitset<256> firsts;  // their first bytes, with the case bit set
  std::vector<Needle> others;

  void set(std::string_view json, uint64_t now) {
    if (ready && now == round && json.data() == seen.data() && json.size() == seen.size()) return;
    seen = json;
    round = now;
    if (ready && list == json) return;
    std::vector<std::string> items;
    const Value value = Value::of_text(json, Type::kDynamic);
    if (const auto elements = elements_of(value)) {
      for (const auto element : *elements) items.push_back(text_of(element));
    } else {
      items.push_back(text_of(json));
    }
    list = json;
    fill(items);
  }
  void fill(const std::vector<std::string>& items) {
    ready = true;
    needles.clear();
    words.clear();
    lengths.reset();
    firsts.reset();
    others.clear();
    for (const auto& item : items) {
      needles.emplace_back(item, true);
      bool pure = !item.empty();
      for (size_t pos = 0; pure && pos < item.size();) pure = is_term_character(next_code_point(item, pos));
      if (pure) {
        const std::string& word = needles.back().text();
        words.insert(word);
        lengths.set(std::min<size_t>(word.size(), 63));
        firsts.set(static_cast<uint8_t>(word[0]) | 0x20);
      } else {
        others.push_back(needles.back());
      }
    }
  }
  bool any(std::string_view text) const {
    if (needles.size() < kManyTerms) {
      for (const auto& needle : needles) {
        if (needle.in(text, Edges::kBoth)) return true;
      }
      return false;
    }
    for (const auto& needle : others) {
      if (needle.in(text, Edges::kBoth)) return true;
    }
    return has_word(text);
  }
  bool has_word(std::string_view text) const {
    if (words.empty()) return false;
    for (size_t pos = 0; pos < text.size();) {
      const size_t start = pos;
      bool ascii = true;
      while (pos < text.size()) {  // one term
        const auto byte = static_cast<uint8_t>(text[pos]);
        if (byte < 0x80) {
          if (!is_ascii_term(byte)) break;
          ++pos;
          continue;
        }
        size_t next = pos;
        if (!is_term_character(next_code_point(text, next))) break;
        ascii = false;
        pos = next;
      }
      const std::string_view term = text.substr(start, pos - start);
      if (!term.empty() && (!ascii || may_be_word(term)) && is_word(term, ascii)) return true;
      if (pos < text.size() && term.empty()) next_code_point(text, pos);
    }
    return false;
  }
  bool is_word(std::string_view term, bool ascii) const {
    char folded[64];
    if (!ascii || term.size() > sizeof folded) return words.contains(fold_case(term));
    return words.contains(fold_ascii(term, folded));
  }
  static bool is_ascii_term(uint8_t c) { return kTermBytes[c]; }
  // By length and first letter.
  bool may_be_word(std::string_view term) const {
    return lengths[std::min<size_t>(term.size(), 63)] && firsts[static_cast<uint8_t>(term[0]) | 0x20];
  }
  bool all(std::string_view text) const {
    for (const auto& needle : needles) {
      if (!needle.in(text, Edges::kBoth)) return false;
    }
    return true;
  }
};

const TermList& terms_of(Args args, Context& context) {
  auto& terms = context.cached<TermList>("");
  if (args.size() == 2 && args[1].type == Type::kDynamic) {
    terms.set(args[1].text, context.rounds());
    return terms;
  }
  std::string key;
  for (const auto& arg : args.subspan(1)) key.append(arg.text).push_back('\0');
  if (terms.ready && terms.list == key) return terms;
  std::vector<std::string> items;
  for (const auto& arg : args.subspan(1)) items.emplace_back(arg.text);
  terms.list = key;
  terms.fill(items);
  return terms;
}

void has_any(Args args, Value& out, Context& context) {
  set_bool(out, terms_of(args, context).any(args[0].text));
}
void has_all(Args args, Value& out, Context& context) {
  set_bool(out, terms_of(args, context).all(args[0].text));
}

void has_any_index(Args args, Value& out, Context& context) {
  const auto& needles = terms_of(args, context).needles;
  for (size_t i = 0; i < needles.size(); ++i) {
    if (needles[i].in(args[0].text, Edges::kBoth)) return set_long(out, static_cast<int64_t>(i));
  }
  set_long(out, -1);
}

struct FoldedSet {
  explicit FoldedSet(std::string_view) {}
  std::string list;
  bool ready = false;
  size_t longest = 0;
  std::unordered_set<std::string, TextHash, std::equal_to<>> items;
  std::bitset<64> lengths;  // of the items; longer ones count as 63

  void add(std::string_view item) {
    const auto added = items.insert(fold_case(item)).first;
    longest = std::max(longest, added->size());
    lengths.set(std::min<size_t>(added->size(), 63));
  }
  bool has(std::string_view text) const {
    char folded[128];
    if (text.size() <= sizeof folded && is_ascii(text)) {
      if (!lengths.test(std::min<size_t>(text.size(), 63))) return false;
      return items.contains(fold_ascii(text, folded));
    }
    // Folding leaves at least a third of the bytes.
    return text.size() / 3 <= longest && items.contains(fold_case(text));
  }
};

void in_fold(Args args, Value& out, Context& context) {
  auto& set = context.cached<FoldedSet>("");
  if (!set.ready || set.list != args[1].text) {
    set.ready = true;
    set.list = args[1].text;
    set.items.clear();
    set.lengths.reset();
    set.longest = 0;
    if (const auto elements = elements_of(args[1])) {
      for (const auto element : *elements) set.add(text_of(element));
    } else {
      set.add(text_of(args[1].text));
    }
  }
  set_bool(out, set.has(args[0].text));
}

constexpr BodyEntry kBodies[] = {
    {"equal_fold", match<How::kEquals, true, false>},
    {"not_equal_fold", match<How::kEquals, true, true>},
    {"has", match<How::kTerm, true, false>},
    {"not_has", match<How::kTerm, true, true>},
    {"has_cs", match<How::kTerm, false, false>},
    {"not_has_cs", match<How::kTerm, false, true>},
    {"hasprefix", match<How::kPrefix, true, false>},
    {"not_hasprefix", match<How::kPrefix, true, true>},
    {"hasprefix_cs", match<How::kPrefix, false, false>},
    {"not_hasprefix_cs", match<How::kPrefix, false, true>},
    {"hassuffix", match<How::kSuffix, true, false>},
    {"not_hassuffix", match<How::kSuffix, true, true>},
    {"hassuffix_cs", match<How::kSuffix, false, false>},
    {"not_hassuffix_cs", match<How::kSuffix, false, true>},
    {"contains", match<How::kAnywhere, true, false>},
    {"not_contains", match<How::kAnywhere, true, true>},
    {"contains_cs", match<How::kAnywhere, false, false>},
    {"not_contains_cs", match<How::kAnywhere, false, true>},
    {"startswith", match<How::kBegins, true, false>},
    {"not_startswith", match<How::kBegins, true, true>},
    {"startswith_cs", match<How::kBegins, false, false>},
    {"not_startswith_cs", match<How::kBegins, false, true>},
    {"endswith", match<How::kEnds, true, false>},
    {"not_endswith", match<How::kEnds, true, true>},
    {"endswith_cs", match<How::kEnds, false, false>},
    {"not_endswith_cs", match<How::kEnds, false, true>},
    {"has_any", has_any},
    {"has_all", has_all},
    {"has_any_index", has_any_index},
    {"in_fold", in_fold},
};

}  // namespace

std::span<const BodyEntry> term_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
