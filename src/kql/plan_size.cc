// How large a plan becomes as SQL.
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

// How often a template writes its argument; `{*}` writes each once, and the engine doubles what nullif gets.
double times_written(const std::string& sql, size_t index) {
  const std::string mark = "{" + std::to_string(index) + "}";
  double times = 0;
  for (size_t at = sql.find(mark); at != std::string::npos; at = sql.find(mark, at + 1)) ++times;
  if (sql.find("{*}") != std::string::npos) ++times;
  return sql.find("nullif(") != std::string::npos ? 2 * times : times;
}

class Sizes {
 public:
  double of(const plan::ExprPtr& expr) {
    const auto known = known_.find(expr.get());
    if (known != known_.end()) return known->second;
    double size = 1;
    if (const auto* call = std::get_if<plan::SqlCall>(&expr->node)) {
      for (size_t i = 0; i < call->args.size(); ++i) size += times_written(call->sql, i) * of(call->args[i]);
    } else if (const auto* body = std::get_if<plan::BodyCall>(&expr->node)) {
      for (const auto& arg : body->args) size += of(arg);
    } else if (const auto* in = std::get_if<plan::InQuery>(&expr->node)) {
      size += of(in->operand);
    }
    return known_[expr.get()] = size;
  }

 private:
  std::unordered_map<const plan::Expr*, double> known_;
};

// As for_each_input, but each shared expression is entered once.
void walk(const plan::RelPtr& rel, std::unordered_set<const void*>& seen, Sizes& sizes, double& total);

void walk_subqueries(const plan::ExprPtr& expr, std::unordered_set<const void*>& seen, Sizes& sizes,
                     double& total) {
  if (!seen.insert(expr.get()).second) return;
  if (const auto* call = std::get_if<plan::SqlCall>(&expr->node)) {
    for (const auto& arg : call->args) walk_subqueries(arg, seen, sizes, total);
  } else if (const auto* body = std::get_if<plan::BodyCall>(&expr->node)) {
    for (const auto& arg : body->args) walk_subqueries(arg, seen, sizes, total);
  } else if (const auto* scalar = std::get_if<plan::ScalarQuery>(&expr->node)) {
    walk(scalar->rel, seen, sizes, total);
  } else if (const auto* in = std::get_if<plan::InQuery>(&expr->node)) {
    walk_subqueries(in->operand, seen, sizes, total);
    walk(in->rel, seen, sizes, total);
  }
}

void walk(const plan::RelPtr& rel, std::unordered_set<const void*>& seen, Sizes& sizes, double& total) {
  if (!rel || !seen.insert(rel.get()).second) return;
  if (const auto* set = std::get_if<plan::Union>(&rel->node)) {
    for (const auto& input : set->inputs) walk(input, seen, sizes, total);
  } else if (const auto* procedure = std::get_if<plan::Procedure>(&rel->node)) {
    for (const auto& input : procedure->inputs) walk(input, seen, sizes, total);
  } else if (const auto* join = std::get_if<plan::Join>(&rel->node)) {
    walk(join->left, seen, sizes, total);
    walk(join->right, seen, sizes, total);
  } else {
    std::visit(
        [&](const auto& node) {
          if constexpr (requires { node.input; }) walk(node.input, seen, sizes, total);
        },
        rel->node);
  }
  for_each_expr(*rel, [&](const plan::ExprPtr& expr) {
    total += sizes.of(expr);
    walk_subqueries(expr, seen, sizes, total);
  });
}

}  // namespace

double written_terms(const plan::RelPtr& root) {
  std::unordered_set<const void*> seen;
  Sizes sizes;
  double total = 0;
  walk(root, seen, sizes, total);
  return total;
}

}  // namespace huntbook::kql
