// What can be told of a relation from its plan.
#pragma once
#include <set>

#include "kql/plan.h"

namespace huntbook::kql {

/// Whether the rows come in an order that the query asked for.
bool ordered(const plan::Rel& rel);
/// Whether no two rows are equal in these columns.
bool unique_in(const plan::Rel& rel, const std::set<int>& ids);
/// The shared relations, by name, that more than one statement reads: the query's own and its steps'.
std::set<int> shared_by_statements(const plan::RelPtr& root);

}  // namespace huntbook::kql
