// A backtracking regex matcher that knows Unicode word boundaries; bounded in time and memory.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

namespace huntbook {

/// ICU's matcher over UTF-8. One object serves one thread at a time.
class UnicodeRegex {
 public:
  explicit UnicodeRegex(std::string_view pattern);
  ~UnicodeRegex();
  UnicodeRegex(const UnicodeRegex&) = delete;
  UnicodeRegex& operator=(const UnicodeRegex&) = delete;
  bool ok() const { return state_ != nullptr; }
  enum class Outcome : unsigned char { kMatch, kNone, kGaveUp };
  /// The leftmost match from byte `from` on, with all groups; one that took no part has a null data().
  Outcome find(std::string_view text, size_t from, std::vector<std::string_view>& groups) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace huntbook
