// The formatter: the same query in a layout that everybody's queries have.
#pragma once
#include <string>
#include <string_view>

#include "huntbook/result.h"

namespace huntbook::kql {

/// The text laid out: one pipe operator per line, brackets indented, lists that are too long for 100 columns
/// one item per line, comments at their place, at most one empty line in a row. The tokens stay what they
/// are, and formatting twice changes nothing more. Fails with the first mistake of a text that cannot be
/// parsed.
Result<std::string> format(std::string_view text);

}  // namespace huntbook::kql
