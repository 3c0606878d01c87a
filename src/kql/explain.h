// Every stage of a query in print.
#pragma once
#include <string>
#include <string_view>

#include "kql/catalog.h"

namespace huntbook::kql {

/// Tokens, tree, plan and SQL, as far as the query gets; then its diagnostics.
std::string explain(std::string_view text, const Catalog& catalog);

}  // namespace huntbook::kql
