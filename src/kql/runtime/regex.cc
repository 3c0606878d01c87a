#include "kql/runtime/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/unicode_regex.h"

namespace huntbook::kql::runtime {
namespace {

// ICU's dialect of a rewritten pattern: it names groups without the P.
std::string for_icu(std::string pattern) {
  for (size_t at = pattern.find("(?P<"); at != std::string::npos; at = pattern.find("(?P<", at))
    pattern.erase(at + 2, 1);
  return pattern;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

}  // namespace

Status check_regex(std::string_view pattern) {
  const Regex regex(pattern);
  if (regex.ok()) return {};
  return regex.failure();
}

Regex::Regex(std::string_view pattern) {
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

bool Regex::matches(std::string_view text) const {
  if (boundaries_ && boundaries_->ok() && !is_ascii(text)) {
    std::vector<std::string_view> found;
    return find(text, 0, found);
  }
  return ok() && regex_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, size_t from, std::vector<std::string_view>& found) const {
  if (!ok() || from > text.size()) return false;
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
