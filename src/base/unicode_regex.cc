#include "base/unicode_regex.h"

#include <unicode/uregex.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>

#include <string>

namespace huntbook {

struct UnicodeRegex::State {
  URegularExpression* regex = nullptr;
  int32_t groups = 0;
  ~State() { uregex_close(regex); }
};

UnicodeRegex::UnicodeRegex(std::string_view pattern) {
  UErrorCode status = U_ZERO_ERROR;
  UText* text = utext_openUTF8(nullptr, pattern.data(), static_cast<int64_t>(pattern.size()), &status);
  auto state = std::make_unique<State>();
  state->regex = uregex_openUText(text, UREGEX_UNIX_LINES, nullptr, &status);
  utext_close(text);
  if (U_FAILURE(status)) return;
  uregex_setTimeLimit(state->regex, 100, &status);
  uregex_setStackLimit(state->regex, 4 << 20, &status);
  state->groups = uregex_groupCount(state->regex, &status);
  if (U_SUCCESS(status)) state_ = std::move(state);
}

UnicodeRegex::~UnicodeRegex() = default;

UnicodeRegex::Outcome UnicodeRegex::find(std::string_view text, size_t from,
                                         std::vector<std::string_view>& groups) const {
  if (!state_) return Outcome::kGaveUp;
  UErrorCode status = U_ZERO_ERROR;
  UText* input = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status);
  uregex_setUText(state_->regex, input, &status);
  const bool found = uregex_find64(state_->regex, static_cast<int64_t>(from), &status);
  Outcome outcome = U_FAILURE(status) ? Outcome::kGaveUp : found ? Outcome::kMatch : Outcome::kNone;
  if (outcome == Outcome::kMatch) {
    groups.assign(static_cast<size_t>(state_->groups) + 1, {});
    for (int32_t i = 0; i <= state_->groups; ++i) {
      const int64_t begin = uregex_start64(state_->regex, i, &status),
                    end = uregex_end64(state_->regex, i, &status);
      if (begin >= 0 && end >= begin && end <= static_cast<int64_t>(text.size())) {
        groups[static_cast<size_t>(i)] =
            text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
      }
    }
    if (U_FAILURE(status)) outcome = Outcome::kGaveUp;
  }
  utext_close(input);
  return outcome;
}

}  // namespace huntbook
