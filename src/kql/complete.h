// Completion and inspection: what may stand at a place of a text, finished or not, and what stands there.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "huntbook/language.h"
#include "kql/catalog.h"

namespace huntbook::kql {

/// What may stand at the offset in place of the word there, the likeliest first: those that begin with the
/// word, then those that have its letters in order. Any text, any offset.
std::vector<Completion> complete(std::string_view text, size_t offset, const Catalog& catalog);

/// What the word at the offset, or the one that ends there, means.
std::optional<Inspection> inspect(std::string_view text, size_t offset, const Catalog& catalog);

}  // namespace huntbook::kql
