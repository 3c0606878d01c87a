// Rewrites of a plan: a list of named passes, each a function from plan to plan.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kql/plan.h"

namespace huntbook::kql {

struct Pass {
  std::string_view name;
  plan::RelPtr (*run)(const plan::RelPtr& root);
};

/// The passes in their order: inline_shared, merge_windows, prune_columns.
std::span<const Pass> passes();
struct PassTime {
  std::string_view name;
  double microseconds = 0;
};

/// Runs the passes that are not in `skipped`; tells in `times` (may be null) how long each took.
plan::RelPtr rewrite(const plan::RelPtr& root, const std::set<std::string, std::less<>>& skipped = {},
                     std::vector<PassTime>* times = nullptr);

/// What is wrong with a plan, or nothing: a column that is read but not there, two columns of one id, a
/// result that lost a column. Holds after binding and after each pass.
std::optional<std::string> check_plan(const plan::RelPtr& root);

/// How often a template of engine SQL writes each of its `count` arguments, {0}, {1} ...; `{*}` writes every
/// one.
std::vector<size_t> template_uses(std::string_view sql, size_t count);
/// How many terms SQL would have: shared expressions count wherever they stand.
double written_terms(const plan::RelPtr& root);

/// Calls `visit` for every relation directly below, subqueries in expressions included.
void for_each_direct_input(const plan::Rel& rel, const std::function<void(const plan::RelPtr&)>& visit);
void for_each_input(const plan::Rel& rel, const std::function<void(const plan::RelPtr&)>& visit);
/// Calls `visit` for every relation of a subquery in the expression.
void for_each_subquery(const plan::Expr& expr, const std::function<void(const plan::RelPtr&)>& visit);
/// Calls `visit` for every expression that stands in this relation itself.
void for_each_expr(const plan::Rel& rel, const std::function<void(const plan::ExprPtr&)>& visit);
/// Calls `visit` for the column ids of an expression, not those inside subqueries.
void for_each_column(const plan::Expr& expr, const std::function<void(int)>& visit);

}  // namespace huntbook::kql
