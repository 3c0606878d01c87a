// What can be told of a relation from its plan.
#pragma once
#include <set>
#include <unordered_map>

#include "kql/plan.h"

namespace huntbook::kql {

/// Whether the rows come in an order that the query asked for.
bool ordered(const plan::Rel& rel);
/// Whether no two rows are equal in these columns.
bool unique_in(const plan::Rel& rel, const std::set<int>& ids);
/// Whether all rows below are written in the query, and no more than these at any place; `known` is what was
/// found.
bool few_rows(const plan::Rel& rel, size_t most, std::unordered_map<const plan::Rel*, bool>& known);
/// The shared relations, by name, that more than one statement reads: the query's own and its steps'.
std::set<int> shared_by_statements(const plan::RelPtr& root);

}  // namespace huntbook::kql
