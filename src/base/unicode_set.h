// Sets of code points as sorted ranges.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace huntbook {

struct CodePointRange {
  char32_t first = 0, last = 0;  ///< both included
  bool operator==(const CodePointRange&) const = default;
};

/// Sorted, without overlaps and without touching ranges.
using CodePointSet = std::vector<CodePointRange>;

constexpr char32_t kLastCodePoint = 0x10ffff;

/// The code points of a Unicode property as UTS #18 names it ("L", "Lu", "Greek", "Script=Greek",
/// "Alphabetic"), or nothing when there is no such property.
std::optional<CodePointSet> unicode_property(std::string_view name);
/// Sorts and joins ranges in any order.
CodePointSet normalized(CodePointSet ranges);
CodePointSet complement(const CodePointSet& set);
CodePointSet set_union(CodePointSet a, const CodePointSet& b);
CodePointSet set_intersection(const CodePointSet& a, const CodePointSet& b);

}  // namespace huntbook
