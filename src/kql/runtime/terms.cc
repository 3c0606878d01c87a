#include "kql/runtime/terms.h"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/text.h"

namespace huntbook::kql::runtime {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Whether the ASCII text `lowered` stands at `text`, whatever the case.
bool same_lowered(const char* text, std::string_view lowered) {
  for (size_t i = 0; i < lowered.size(); ++i) {
    if (lower(text[i]) != lowered[i]) return false;
  }
  return true;
}

bool is_term_byte(uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool term_before(std::string_view text, size_t pos) {
  if (pos == 0) return false;
  const auto byte = static_cast<uint8_t>(text[pos - 1]);
  if (byte < 0x80) return is_term_byte(byte);
  size_t start = pos - 1;
  while (start > 0 && pos - start < 4 && (static_cast<uint8_t>(text[start]) & 0xc0) == 0x80) --start;
  return is_term_character(next_code_point(text, start));
}

bool term_after(std::string_view text, size_t pos) {
  if (pos >= text.size()) return false;
  const auto byte = static_cast<uint8_t>(text[pos]);
  return byte < 0x80 ? is_term_byte(byte) : is_term_character(next_code_point(text, pos));
}

// The first place of a lowered ASCII needle, whatever the case: first and last byte are compared 16 places at
// once.
size_t find_lowered(std::string_view text, std::string_view needle, size_t from) {
  const size_t n = needle.size();
  if (n > text.size()) return std::string_view::npos;
  const size_t last_start = text.size() - n;
  size_t i = from;
#if defined(__SSE2__)
  const auto case_bit = [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? 0x20 : 0); };
  const __m128i first = _mm_set1_epi8(needle.front()), last = _mm_set1_epi8(needle.back());
  const __m128i first_bit = _mm_set1_epi8(case_bit(needle.front())),
                last_bit = _mm_set1_epi8(case_bit(needle.back()));
  for (; i + n - 1 + 16 <= text.size(); i += 16) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i + n - 1));
    const __m128i hit = _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(a, first_bit), first),
                                      _mm_cmpeq_epi8(_mm_or_si128(b, last_bit), last));
    for (auto mask = static_cast<uint32_t>(_mm_movemask_epi8(hit)); mask != 0; mask &= mask - 1) {
      const size_t at = i + static_cast<size_t>(__builtin_ctz(mask));
      if (same_lowered(text.data() + at, needle)) return at;
    }
  }
#endif
  for (; i <= last_start; ++i) {
    if (lower(text[i]) == needle.front() && same_lowered(text.data() + i, needle)) return i;
  }
  return std::string_view::npos;
}

}  // namespace

Needle::Needle(std::string_view text, bool fold)
    : text_(fold ? fold_case(text) : std::string(text)), fold_(fold), ascii_(is_ascii(text_)) {
  left_term_ = term_after(text_, 0);
  right_term_ = term_before(text_, text_.size());
}

size_t Needle::find(std::string_view text, size_t from) const {
  return fold_ ? find_lowered(text, text_, from) : text.find(text_, from);
}

bool Needle::in_plain(std::string_view text, Edges edges) const {
  const bool left = left_term_ && (edges == Edges::kLeft || edges == Edges::kBoth);
  const bool right = right_term_ && (edges == Edges::kRight || edges == Edges::kBoth);
  for (size_t at = find(text, 0); at != std::string_view::npos; at = find(text, at + 1)) {
    if (!(left && term_before(text, at)) && !(right && term_after(text, at + text_.size()))) return true;
  }
  return false;
}

bool Needle::in(std::string_view text, Edges edges) const {
  if (text_.empty()) return true;
  if (ascii_ || !fold_) return in_plain(text, edges);
  if (is_ascii(text)) return false;
  Needle plain = *this;  // the folded text is searched byte by byte
  plain.fold_ = false;
  return plain.in_plain(fold_case(text), edges);
}

bool Needle::begins(std::string_view text) const {
  if (!fold_) return text.starts_with(text_);
  if (ascii_) return text.size() >= text_.size() && same_lowered(text.data(), text_);
  return fold_case(text).starts_with(text_);
}

bool Needle::ends(std::string_view text) const {
  if (!fold_) return text.ends_with(text_);
  if (ascii_)
    return text.size() >= text_.size() && same_lowered(text.data() + text.size() - text_.size(), text_);
  return fold_case(text).ends_with(text_);
}

bool Needle::equals(std::string_view text) const {
  if (!fold_) return text == text_;
  if (ascii_) return text.size() == text_.size() && same_lowered(text.data(), text_);
  return fold_case(text) == text_;
}

bool equal_fold(std::string_view a, std::string_view b) {
  for (size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i >= a.size() || j >= b.size()) return false;
    const auto x = static_cast<uint8_t>(a[i]), y = static_cast<uint8_t>(b[j]);
    if (x < 0x80 && y < 0x80) {
      if (lower(a[i++]) != lower(b[j++])) return false;
    } else if (fold_case(next_code_point(a, i)) != fold_case(next_code_point(b, j))) {
      return false;
    }
  }
  return true;
}

}  // namespace huntbook::kql::runtime
