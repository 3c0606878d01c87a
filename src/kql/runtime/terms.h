// Finding one text in another: whole terms, parts of terms, whatever the case. Text is valid UTF-8 or is read
// as if.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace huntbook::kql::runtime {

/// Which sides of a match must be term boundaries. A boundary is asked for only where the needle's own edge
/// is a letter or digit.
enum class Edges : uint8_t { kNone, kLeft, kRight, kBoth };

/// Something to look for, prepared once for many texts.
class Needle {
 public:
  Needle(std::string_view text, bool fold);
  /// Whether `text` has the needle with these boundaries. The empty needle is in every text.
  bool in(std::string_view text, Edges edges) const;
  bool begins(std::string_view text) const;
  bool ends(std::string_view text) const;
  bool equals(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  size_t find(std::string_view text, size_t from) const;
  bool in_plain(std::string_view text, Edges edges) const;

  std::string text_;  // folded when fold_
  bool fold_ = false;
  bool ascii_ = true;
  bool left_term_ = false, right_term_ = false;
};

/// Equality whatever the case, code point by code point.
bool equal_fold(std::string_view a, std::string_view b);

}  // namespace huntbook::kql::runtime
