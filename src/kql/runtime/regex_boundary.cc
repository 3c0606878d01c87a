#include "kql/runtime/regex_boundary.h"

#include <vector>

namespace huntbook::kql::runtime {
namespace {

enum class Side { kWord, kOther, kUnknown };

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

Side merged(Side a, Side b) { return a == b ? a : Side::kUnknown; }

// The escape at `at`, and the place behind it.
Side escape_at(std::string_view p, size_t& at) {
  const char c = at + 1 < p.size() ? p[at + 1] : '\0';
  at += 2;
  if (c == 'w' || c == 'd' || c == '_') return Side::kWord;
  if (c == 'W' || c == 's' || c == 'n' || c == 't' || c == 'r' || c == 'f' || c == 'v') return Side::kOther;
  if ((c == 'x' || c == 'u' || c == 'U' || c == 'p' || c == 'P' || c == 'b') && at < p.size() &&
      p[at] == '{') {
    const size_t close = p.find('}', at);
    at = close == std::string_view::npos ? p.size() : close + 1;
  }
  if (c == '<' || c == '>' || c == '\0' || is_word(c) || !is_ascii(c)) return Side::kUnknown;
  return Side::kOther;
}

// The class at `at`, and the place behind it. Nested and negated ones are not looked into.
Side class_at(std::string_view p, size_t& at) {
  ++at;
  const bool negated = at < p.size() && p[at] == '^';
  std::optional<Side> side;
  int level = 1;
  for (bool first = true; at < p.size() && level > 0; first = false) {
    Side item = Side::kUnknown;
    if (p[at] == '\\') {
      item = escape_at(p, at);
    } else if (p[at] == '[') {
      ++level;
      ++at;
    } else if (p[at] == ']' && !first) {
      --level;
      ++at;
      continue;
    } else {
      const char c = p[at++];
      // A range is of words when both ends are digits, or letters of one case.
      if (c == '-' && side && at < p.size() && p[at] != ']') {
        const char low = p[at - 2], high = p[at];
        const bool same = (low >= '0' && high <= '9') || (low >= 'a' && high <= 'z') ||
                          (low >= 'A' && high <= 'Z' && high >= 'A');
        item = same && is_word(low) && is_word(high) ? Side::kWord : Side::kUnknown;
      } else {
        item = is_word(c) ? Side::kWord : is_ascii(c) ? Side::kOther : Side::kUnknown;
      }
    }
    side = side ? merged(*side, item) : item;
  }
  return negated ? Side::kUnknown : side.value_or(Side::kUnknown);
}

// Whether the quantifiers at `at` allow nothing at all; steps behind them.
bool optional_at(std::string_view p, size_t& at) {
  bool optional = false;
  while (at < p.size() && (p[at] == '*' || p[at] == '+' || p[at] == '?' || p[at] == '{')) {
    if (p[at] == '*' || p[at] == '?') optional = true;
    if (p[at] == '{') {
      if (at + 1 < p.size() && (p[at + 1] == '0' || p[at + 1] == ',')) optional = true;
      const size_t close = p.find('}', at);
      if (close == std::string_view::npos) return true;
      at = close;
    } else if (p[at] == '+' && at + 1 < p.size() && p[at + 1] == '?') {
      ++at;  // lazy
    }
    ++at;
  }
  return optional;
}

// One atom that is no group, and the place behind it and its quantifiers.
Side atom_at(std::string_view p, size_t& at) {
  Side side = Side::kUnknown;
  const char c = p[at];
  if (c == '\\') {
    side = escape_at(p, at);
  } else if (c == '[') {
    side = class_at(p, at);
  } else {
    ++at;
    if (c != '.' && c != '^' && c != '$' && is_ascii(c)) side = is_word(c) ? Side::kWord : Side::kOther;
  }
  return optional_at(p, at) ? Side::kUnknown : side;
}

// Steps behind the head of the group at `at`.
void skip_head(std::string_view p, size_t& at) {
  if (!p.substr(++at).starts_with("?")) return;
  while (at < p.size() && p[at] != ':' && p[at] != '>' && p[at] != ')') ++at;
  if (at < p.size() && p[at] != ')') ++at;
}

// What the characters before `end` end in. A group ends as its last atom does, unless it has several
// branches.
Side side_before(std::string_view p, size_t end) {
  Side side = Side::kUnknown;
  std::vector<bool> branched{false};
  for (size_t at = 0; at < end;) {
    if (p[at] == '(') {
      skip_head(p, at);
      branched.push_back(false);
      side = Side::kUnknown;
    } else if (p[at] == ')') {
      if (branched.back()) side = Side::kUnknown;
      if (branched.size() > 1) branched.pop_back();
      if (optional_at(p, ++at)) side = Side::kUnknown;
    } else if (p[at] == '|') {
      ++at;
      branched.back() = true;
      side = Side::kUnknown;
    } else {
      side = atom_at(p, at);
    }
    if (at > end) return Side::kUnknown;
  }
  return side;
}

// What the characters from `at` on begin with. Groups are looked into when they have one branch and must be
// there.
Side side_after(std::string_view p, size_t at) {
  while (at < p.size() && p[at] == '(') {
    size_t from = at;
    skip_head(p, at);
    int level = 0;
    for (skip_head(p, from); from < p.size() && !(level == 0 && p[from] == ')');) {
      if (level == 0 && p[from] == '|') return Side::kUnknown;
      if (p[from] == '(') ++level;
      if (p[from] == ')') --level;
      if (p[from] == '(' || p[from] == ')' || p[from] == '|') ++from;
      else atom_at(p, from);
    }
    if (from < p.size() && optional_at(p, ++from)) return Side::kUnknown;
  }
  if (at >= p.size() || p[at] == ')' || p[at] == '|') return Side::kUnknown;
  return atom_at(p, at);
}

}  // namespace

std::optional<std::string_view> one_sided_boundary(std::string_view pattern, size_t begin, size_t end,
                                                   bool start) {
  constexpr std::string_view kBoundary = "\\b";
  constexpr std::string_view kNothing = "[^\\x{0}-\\x{10ffff}]";
  if (pattern.find("(?") != std::string_view::npos && pattern.find('x') != std::string_view::npos) {
    // Blanks may mean nothing: look for the flag.
    for (size_t at = pattern.find("(?"); at != std::string_view::npos; at = pattern.find("(?", at + 1)) {
      const size_t close = pattern.find_first_of(":)<", at);
      if (pattern.substr(at, close - at).find('x') != std::string_view::npos) return std::nullopt;
    }
  }
  const Side before = side_before(pattern, begin), after = side_after(pattern, end);
  const Side inside = start ? after : before, outside = start ? before : after;
  if (inside == Side::kOther || outside == Side::kWord) return kNothing;
  if (inside == Side::kWord || outside == Side::kOther) return kBoundary;
  return std::nullopt;
}

}  // namespace huntbook::kql::runtime
