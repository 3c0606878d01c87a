#include "base/unicode_set.h"

#include <unicode/uset.h>
#include <unicode/ustring.h>

#include <algorithm>

namespace huntbook {

std::optional<CodePointSet> unicode_property(std::string_view name) {
  std::u16string pattern = u"[\\p{";
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '_' || c == '=' || c == ' ' || c == '-';
    if (!plain) return std::nullopt;
    pattern += static_cast<char16_t>(c);
  }
  pattern += u"}]";
  UErrorCode status = U_ZERO_ERROR;
  USet* set = uset_openPattern(pattern.data(), static_cast<int32_t>(pattern.size()), &status);
  if (U_FAILURE(status)) {
    uset_close(set);
    return std::nullopt;
  }
  CodePointSet ranges;
  for (int32_t i = 0; i < uset_getItemCount(set); ++i) {
    UChar32 first = 0, last = 0;
    UErrorCode item_status = U_ZERO_ERROR;
    if (uset_getItem(set, i, &first, &last, nullptr, 0, &item_status) != 0)
      break;  // strings follow the ranges
    ranges.push_back({static_cast<char32_t>(first), static_cast<char32_t>(last)});
  }
  uset_close(set);
  return ranges;
}

CodePointSet normalized(CodePointSet ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const CodePointRange& a, const CodePointRange& b) { return a.first < b.first; });
  CodePointSet joined;
  for (const auto& range : ranges) {
    if (!joined.empty() && range.first <= joined.back().last + 1)
      joined.back().last = std::max(joined.back().last, range.last);
    else joined.push_back(range);
  }
  return joined;
}

CodePointSet complement(const CodePointSet& set) {
  CodePointSet rest;
  char32_t next = 0;
  for (const auto& range : set) {
    if (range.first > next) rest.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLastCodePoint) rest.push_back({next, kLastCodePoint});
  return rest;
}

CodePointSet set_union(CodePointSet a, const CodePointSet& b) {
  a.insert(a.end(), b.begin(), b.end());
  return normalized(std::move(a));
}

CodePointSet set_intersection(const CodePointSet& a, const CodePointSet& b) {
  CodePointSet both;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const char32_t first = std::max(a[i].first, b[j].first), last = std::min(a[i].last, b[j].last);
    if (first <= last) both.push_back({first, last});
    if (a[i].last < b[j].last) ++i;
    else ++j;
  }
  return both;
}

}  // namespace huntbook
