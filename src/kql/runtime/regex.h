// Regular expressions as KQL writes them (the Rust dialect), run by RE2: the pattern is rewritten, because
// RE2's \d, \w and \s know ASCII only and its classes have no set operations. A pattern with \b on a text
// beyond ASCII is matched by ICU, for RE2's \b knows ASCII only too; when that takes too long, RE2's answer
// stands.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "kql/runtime/terms.h"

namespace re2 {
class RE2;
}

namespace huntbook {
class UnicodeRegex;
}

namespace huntbook::kql::runtime {

struct RewrittenRegex {
  std::string pattern;
  bool has_boundary = false;  ///< it asserts a word boundary
};

/// The pattern in RE2's dialect. The failure says what is wrong and where in the pattern; `construct` is set
/// when it is right but not supported (look-around, back-references ...).
Result<RewrittenRegex> rewrite_regex(std::string_view pattern);
/// Success when the pattern can be run.
Status check_regex(std::string_view pattern);

/// A compiled pattern; one that is wrong never matches.
class Regex {
 public:
  enum class Use : uint8_t { kMatch, kCheck };  ///< to check alone costs less
  explicit Regex(std::string_view pattern, Use use = Use::kMatch);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  bool ok() const { return failure_.message.empty(); }
  const Diagnostic& failure() const { return failure_; }
  size_t groups() const { return groups_; }
  /// The number of a named group, or nothing.
  std::optional<size_t> group(std::string_view name) const;
  bool matches(std::string_view text) const;
  /// The leftmost match from byte `from` on: group 0 and the others; one that took no part has a null data().
  bool find(std::string_view text, size_t from, std::vector<std::string_view>& found) const;

 private:
  bool may_match(std::string_view text) const;

  std::unique_ptr<re2::RE2> regex_;
  /// Texts of which all (or one, when `any_`) stand in whatever the pattern matches; may be none.
  std::vector<Needle> literals_;
  bool any_ = false;
  std::unique_ptr<UnicodeRegex> boundaries_;  // for texts beyond ASCII when the pattern has \b
  size_t groups_ = 0;
  Diagnostic failure_;
};

/// Calls visit(groups) for every match that does not overlap the one before, until it gives false. An empty
/// match right behind another one does not count.
template <typename Visit>
void each_match(const Regex& regex, std::string_view text, Visit visit) {
  if (text.data() == nullptr) return each_match(regex, std::string_view(""), visit);
  std::vector<std::string_view> found;
  size_t last_end = std::string_view::npos;
  for (size_t from = 0; from <= text.size() && regex.find(text, from, found);) {
    const size_t end = static_cast<size_t>(found[0].data() - text.data()) + found[0].size();
    const bool empty = found[0].empty();
    if (!(empty && end == last_end) && !visit(found)) return;
    last_end = from = end;
    if (empty) {  // step over one code point
      do ++from;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80);
    }
  }
}

}  // namespace huntbook::kql::runtime
