// Small makers of plan nodes, and names.
#include <algorithm>

#include "kql/bind.h"
#include "kql/rewrite.h"

namespace huntbook::kql {

namespace {

plan::ExprPtr make_expr(Type type, decltype(plan::Expr::node) node) {
  auto made = std::make_shared<plan::Expr>(plan::Expr{type, std::move(node)});
  made->depth = 1 + depth_below(*made);
  return made;
}

}  // namespace

uint32_t depth_below(const plan::Expr& expr) {
  uint32_t below = 0;
  const auto add = [&](const auto& part) { below = std::max(below, part->depth); };
  if (const auto* call = std::get_if<plan::SqlCall>(&expr.node)) {
    for (const auto& arg : call->args) add(arg);
  } else if (const auto* body = std::get_if<plan::BodyCall>(&expr.node)) {
    for (const auto& arg : body->args) add(arg);
  } else if (const auto* scalar = std::get_if<plan::ScalarQuery>(&expr.node)) {
    add(scalar->rel);
  } else if (const auto* in = std::get_if<plan::InQuery>(&expr.node)) {
    add(in->operand);
    add(in->rel);
  }
  return below;
}

uint32_t depth_below(const plan::Rel& rel) {
  uint32_t below = 0;
  for_each_direct_input(rel, [&](const plan::RelPtr& input) {
    if (input) below = std::max(below, input->depth);
  });
  for_each_expr(rel, [&](const plan::ExprPtr& expr) { below = std::max(below, expr->depth); });
  return below;
}

plan::ExprPtr make_column(const plan::ColumnDef& column) {
  return make_expr(column.type, plan::ColumnUse{column.id});
}

plan::ExprPtr make_sql(Type type, std::string sql, std::vector<plan::ExprPtr> args) {
  return make_expr(type, plan::SqlCall{std::move(sql), std::move(args)});
}

plan::ExprPtr make_body(Type type, std::string body, std::vector<plan::ExprPtr> args, bool own_nulls) {
  return make_expr(type, plan::BodyCall{std::move(body), own_nulls, std::move(args)});
}

plan::ExprPtr make_scalar_query(Type type, plan::RelPtr rel) {
  return make_expr(type, plan::ScalarQuery{std::move(rel)});
}

plan::ExprPtr make_in_query(plan::ExprPtr operand, plan::RelPtr rel) {
  return make_expr(Type::kBool, plan::InQuery{std::move(operand), std::move(rel)});
}

plan::ExprPtr make_constant(Literal literal) {
  const Type type = literal.type;
  return make_expr(type, plan::Constant{std::move(literal)});
}

plan::ExprPtr make_text(std::string text) {
  Literal literal;
  literal.text = std::move(text);
  return make_constant(std::move(literal));
}

plan::ExprPtr make_long(int64_t value) {
  Literal literal;
  literal.type = Type::kLong;
  literal.integer = value;
  return make_constant(std::move(literal));
}

plan::ExprPtr make_int(int64_t value) {
  Literal literal;
  literal.type = Type::kInt;
  literal.integer = value;
  return make_constant(std::move(literal));
}

plan::ExprPtr make_null(Type type) {
  Literal literal;
  literal.type = type;
  literal.null = type != Type::kString;
  return make_constant(std::move(literal));
}

std::string property_word(const Properties& properties, std::string_view name, Span* where) {
  for (const auto& [key, value] : properties) {
    if (key.text != name || !value) continue;
    if (where) *where = value->span;
    if (const auto* ref = std::get_if<NameRef>(&value->node)) return ref->name;
    if (const auto* literal = std::get_if<Literal>(&value->node)) {
      if (literal->type == Type::kBool) return literal->integer ? "true" : "false";
      return literal->type == Type::kLong ? std::to_string(literal->integer) : literal->text;
    }
  }
  return {};
}

std::vector<const Expr*> pointers(const std::vector<ExprPtr>& list) {
  std::vector<const Expr*> made;
  for (const auto& expr : list) made.push_back(expr.get());
  return made;
}

const Literal* constant_of(const plan::ExprPtr& expr) {
  if (!expr) return nullptr;
  const auto* constant = std::get_if<plan::Constant>(&expr->node);
  return constant ? &constant->value : nullptr;
}

std::string unique_name(std::string name, std::set<std::string>& taken) {
  std::string made = name;
  for (int n = 1; !taken.insert(made).second; ++n) made = name + std::to_string(n);
  return made;
}

bool matches_pattern(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace huntbook::kql
