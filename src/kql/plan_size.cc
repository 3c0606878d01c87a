// How large a plan becomes as SQL.
#include <charconv>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

class Sizes {
 public:
  double of(const plan::ExprPtr& expr) {
    const auto known = known_.find(expr.get());
    if (known != known_.end()) return known->second;
    double size = 1;
    if (const auto* call = std::get_if<plan::SqlCall>(&expr->node)) {
      const auto uses = template_uses(call->sql, call->args.size());
      const double doubled =
          call->sql.find("nullif(") != std::string::npos ? 2 : 1;  // as the engine writes it
      for (size_t i = 0; i < call->args.size(); ++i)
        size += doubled * static_cast<double>(uses[i]) * of(call->args[i]);
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
  for_each_direct_input(*rel, [&](const plan::RelPtr& input) { walk(input, seen, sizes, total); });
  for_each_expr(*rel, [&](const plan::ExprPtr& expr) {
    total += sizes.of(expr);
    walk_subqueries(expr, seen, sizes, total);
  });
}

}  // namespace

std::vector<size_t> template_uses(std::string_view sql, size_t count) {
  std::vector<size_t> uses(count, 0);
  for (size_t at = sql.find('{'); at != std::string_view::npos; at = sql.find('{', at + 1)) {
    const size_t end = sql.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string_view place = sql.substr(at + 1, end - at - 1);
    if (place == "*") {
      for (auto& times : uses) ++times;
      continue;
    }
    size_t index = 0;
    const auto [stop, error] = std::from_chars(place.data(), place.data() + place.size(), index);
    if (error == std::errc() && stop == place.data() + place.size() && index < count) ++uses[index];
  }
  return uses;
}

double written_terms(const plan::RelPtr& root) {
  std::unordered_set<const void*> seen;
  Sizes sizes;
  double total = 0;
  walk(root, seen, sizes, total);
  return total;
}

}  // namespace huntbook::kql
