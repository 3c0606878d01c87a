// The columns that are in scope at a place of a text.
#pragma once
#include <optional>
#include <string>

#include "huntbook/schema.h"
#include "kql/catalog.h"

namespace huntbook::kql {

/// The columns that the query gives, which `lets` stand before. When the query is wrong, those of as many of
/// its first operators as can be understood; nothing when not even its source can. Nothing is run.
std::optional<Schema> columns_of(const std::string& lets, std::string query, const Catalog& catalog);

}  // namespace huntbook::kql
