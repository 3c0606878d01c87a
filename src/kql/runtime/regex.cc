#include "kql/runtime/regex.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/unicode_regex.h"

namespace huntbook::kql::runtime {
namespace {

// ICU's dialect of a rewritten pattern: it names groups without the P.
std::string for_icu(std::string pattern) {
  for (size_t at = pattern.find("(?P<"); at != std::string::npos; at = pattern.find("(?P<", at))
    pattern.erase(at + 2, 1);
  return pattern;
}

// What a text must hold for the pattern to match it: each of several literals, or one of a few.
struct Literals {
  std::vector<std::string> texts;
  bool any = false;
};

Literals literals_of(const std::string& pattern, const re2::RE2::Options& options) {
  constexpr int kShortest = 3;
  constexpr size_t kMostAlternatives = 4;
  constexpr size_t kMostLiterals = 32;  // each is tried against all others below
  re2::FilteredRE2 filter(kShortest);
  int id = 0;
  std::vector<std::string> atoms;
  if (filter.Add(pattern, options, &id) != re2::RE2::NoError) return {};
  filter.Compile(&atoms);
  const auto may_match = [&](const std::vector<int>& present) {
    std::vector<int> potentials;
    filter.AllPotentials(present, &potentials);
    return !potentials.empty();
  };
  if (atoms.empty() || atoms.size() > kMostLiterals || may_match({})) return {};
  Literals literals;
  for (size_t missing = 0; missing < atoms.size(); ++missing) {
    std::vector<int> present;
    for (size_t i = 0; i < atoms.size(); ++i) {
      if (i != missing) present.push_back(static_cast<int>(i));
    }
    if (!may_match(present)) literals.texts.push_back(atoms[missing]);
  }
  if (literals.texts.empty() && atoms.size() <= kMostAlternatives) {
    literals.any = true;
    literals.texts = atoms;
  }
  if (!std::all_of(literals.texts.begin(), literals.texts.end(), is_ascii)) return {};
  std::sort(literals.texts.begin(), literals.texts.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return literals;
}

}  // namespace

Status check_regex(std::string_view pattern) {
  const Regex regex(pattern, Regex::Use::kCheck);
  if (regex.ok()) return {};
  return regex.failure();
}

Regex::Regex(std::string_view pattern, Use use) {
  auto rewritten = rewrite_regex(pattern);
  if (!rewritten) {
    failure_ = rewritten.error();
    return;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(64 << 20);
  regex_ = std::make_unique<re2::RE2>(rewritten->pattern, options);
  if (!regex_->ok()) {
    failure_.code = "HB-A003";
    failure_.message = "regular expression cannot be used: " + regex_->error();
    failure_.span = {0, static_cast<uint32_t>(pattern.size())};
    return;
  }
  groups_ = static_cast<size_t>(regex_->NumberOfCapturingGroups());
  if (use == Use::kCheck) return;
  Literals literals = literals_of(rewritten->pattern, options);
  any_ = literals.any;
  for (const auto& text : literals.texts) literals_.emplace_back(text, true);
  if (rewritten->has_boundary)
    boundaries_ = std::make_unique<UnicodeRegex>(for_icu(std::move(rewritten->pattern)));
}

Regex::~Regex() = default;

std::optional<size_t> Regex::group(std::string_view name) const {
  if (!ok()) return std::nullopt;
  const auto& names = regex_->NamedCapturingGroups();
  const auto found = names.find(std::string(name));
  return found == names.end() ? std::nullopt : std::optional<size_t>(static_cast<size_t>(found->second));
}

// Whether the literals stand in the text, which is far quicker to see. Beyond ASCII, case has more forms than
// they know.
bool Regex::may_match(std::string_view text) const {
  if (literals_.empty()) return true;
  const auto stands = [&](const Needle& literal) { return literal.in(text, Edges::kNone); };
  const bool found = any_ ? std::any_of(literals_.begin(), literals_.end(), stands)
                          : std::all_of(literals_.begin(), literals_.end(), stands);
  return found || !is_ascii(text);
}

bool Regex::matches(std::string_view text) const {
  if (!may_match(text)) return false;
  if (boundaries_ && boundaries_->ok() && !is_ascii(text)) {
    std::vector<std::string_view> found;
    return find(text, 0, found);
  }
  return ok() && regex_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, size_t from, std::vector<std::string_view>& found) const {
  if (!ok() || from > text.size()) return false;
  if (from == 0 && !may_match(text)) return false;
  std::array<re2::StringPiece, 24> few;
  std::vector<re2::StringPiece> many;
  re2::StringPiece* pieces = few.data();
  if (groups_ + 1 > few.size()) {
    many.resize(groups_ + 1);
    pieces = many.data();
  }
  if (text.data() == nullptr) text = "";
  if (boundaries_ && boundaries_->ok() && !is_ascii(text)) {
    const auto outcome = boundaries_->find(text, from, found);
    if (outcome != UnicodeRegex::Outcome::kGaveUp) return outcome == UnicodeRegex::Outcome::kMatch;
  }
  if (!regex_->Match(text, from, text.size(), re2::RE2::UNANCHORED, pieces, static_cast<int>(groups_ + 1)))
    return false;
  found.resize(groups_ + 1);
  for (size_t i = 0; i <= groups_; ++i) found[i] = {pieces[i].data(), pieces[i].size()};
  return true;
}

}  // namespace huntbook::kql::runtime
