// The start-of-word and end-of-word assertions of regular expressions, said with what RE2 has.
#pragma once
#include <optional>
#include <string_view>

namespace huntbook::kql::runtime {

/// What stands for `\<` (start) or `\>` of a pattern that stands at [begin, end): a plain word boundary where
/// the neighbours decide which side the word is on, a class that matches nothing where they rule it out,
/// nothing where they say neither.
std::optional<std::string_view> one_sided_boundary(std::string_view pattern, size_t begin, size_t end,
                                                   bool start);

}  // namespace huntbook::kql::runtime
