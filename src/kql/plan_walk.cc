// Walking a plan.
#include "kql/rewrite.h"

namespace huntbook::kql {

void for_each_subquery(const plan::Expr& expr, const std::function<void(const plan::RelPtr&)>& visit) {
  if (const auto* call = std::get_if<plan::SqlCall>(&expr.node)) {
    for (const auto& arg : call->args) for_each_subquery(*arg, visit);
  } else if (const auto* body = std::get_if<plan::BodyCall>(&expr.node)) {
    for (const auto& arg : body->args) for_each_subquery(*arg, visit);
  } else if (const auto* scalar = std::get_if<plan::ScalarQuery>(&expr.node)) {
    visit(scalar->rel);
  } else if (const auto* in = std::get_if<plan::InQuery>(&expr.node)) {
    for_each_subquery(*in->operand, visit);
    visit(in->rel);
  }
}

void for_each_column(const plan::Expr& expr, const std::function<void(int)>& visit) {
  if (const auto* use = std::get_if<plan::ColumnUse>(&expr.node)) {
    visit(use->id);
  } else if (const auto* call = std::get_if<plan::SqlCall>(&expr.node)) {
    for (const auto& arg : call->args) for_each_column(*arg, visit);
  } else if (const auto* body = std::get_if<plan::BodyCall>(&expr.node)) {
    for (const auto& arg : body->args) for_each_column(*arg, visit);
  } else if (const auto* in = std::get_if<plan::InQuery>(&expr.node)) {
    for_each_column(*in->operand, visit);
  }
}

void for_each_expr(const plan::Rel& rel, const std::function<void(const plan::ExprPtr&)>& visit) {
  const auto maybe = [&](const plan::ExprPtr& expr) {
    if (expr) visit(expr);
  };
  const auto keys = [&](const std::vector<plan::SortKey>& list) {
    for (const auto& key : list) visit(key.value);
  };
  const auto items = [&](const std::vector<plan::Item>& list) {
    for (const auto& item : list) visit(item.value);
  };
  if (const auto* n = std::get_if<plan::Values>(&rel.node)) {
    for (const auto& row : n->rows) {
      for (const auto& cell : row) visit(cell);
    }
  } else if (const auto* n2 = std::get_if<plan::Range>(&rel.node)) {
    maybe(n2->from), maybe(n2->to), maybe(n2->step);
  } else if (const auto* n3 = std::get_if<plan::Filter>(&rel.node)) {
    visit(n3->predicate);
  } else if (const auto* n4 = std::get_if<plan::Project>(&rel.node)) {
    items(n4->items);
  } else if (const auto* n5 = std::get_if<plan::Aggregate>(&rel.node)) {
    items(n5->aggregates);
  } else if (const auto* n7 = std::get_if<plan::Sort>(&rel.node)) {
    keys(n7->keys);
  } else if (const auto* n8 = std::get_if<plan::Limit>(&rel.node)) {
    maybe(n8->count);
  } else if (const auto* n9 = std::get_if<plan::Sample>(&rel.node)) {
    maybe(n9->count);
  } else if (const auto* n10 = std::get_if<plan::Union>(&rel.node)) {
    for (const auto& list : n10->sources) {
      for (const auto& source : list) visit(source);
    }
  } else if (const auto* n11 = std::get_if<plan::Join>(&rel.node)) {
    for (const auto& [left, right] : n11->keys) visit(left), visit(right);
  } else if (const auto* n12 = std::get_if<plan::Expand>(&rel.node)) {
    for (const auto& element : n12->elements) visit(element.array);
    maybe(n12->limit);
  } else if (const auto* n13 = std::get_if<plan::Window>(&rel.node)) {
    items(n13->items);
  } else if (const auto* n14 = std::get_if<plan::Number>(&rel.node)) {
    keys(n14->order);
  } else if (const auto* n15 = std::get_if<plan::Procedure>(&rel.node)) {
    items(n15->row_values);
  }
}

void for_each_direct_input(const plan::Rel& rel, const std::function<void(const plan::RelPtr&)>& visit) {
  if (const auto* set = std::get_if<plan::Union>(&rel.node)) {
    for (const auto& input : set->inputs) visit(input);
  } else if (const auto* procedure = std::get_if<plan::Procedure>(&rel.node)) {
    for (const auto& input : procedure->inputs) visit(input);
  } else if (const auto* join = std::get_if<plan::Join>(&rel.node)) {
    visit(join->left), visit(join->right);
  } else {
    std::visit(
        [&](const auto& node) {
          if constexpr (requires { node.input; }) visit(node.input);
        },
        rel.node);
  }
}

void for_each_input(const plan::Rel& rel, const std::function<void(const plan::RelPtr&)>& visit) {
  for_each_direct_input(rel, visit);
  for_each_expr(rel, [&](const plan::ExprPtr& expr) { for_each_subquery(*expr, visit); });
}

}  // namespace huntbook::kql
