// mv-expand.
#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {
// The shared part of mv-expand and mv-apply: the elements as new or replaced columns.
std::optional<BoundTable> Binder::expand(const std::vector<MvItem>& items, const Properties& properties,
                                         const Expr* limit, BoundTable table, const EnvPtr& env, Span span,
                                         std::vector<std::string>* names) {
  Scope scope;
  scope.env = env;
  scope.row = &table;
  plan::Expand node;
  struct Target {
    std::string name;
    plan::ColumnDef element;
    std::optional<Type> type;
  };
  std::vector<Target> targets;
  bool good = true;
  for (const auto& item : items) {
    const Expr* expr = item.value.get();
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    if (named) expr = named->value.get();
    auto value = bind_expr(*expr, scope);
    if (!value) {
      good = false;
      continue;
    }
    if (value->type != Type::kDynamic) {
      Diagnostic failure = diagnose(Error::kNotDynamic, expr->span, type_name(value->type));
      if (value->type == Type::kString) failure.hint = "turn the text into a dynamic with todynamic()";
      fail(std::move(failure));
      good = false;
      continue;
    }
    std::string name = named ? named->names[0].text : implicit_name(*expr);
    if (name.empty()) name = "Column" + std::to_string(targets.size() + 1);
    Target target{name, new_column(name, Type::kDynamic), item.to_type};
    node.elements.push_back({value, target.element});
    targets.push_back(std::move(target));
    if (names) names->push_back(name);
  }
  if (!good) return std::nullopt;
  const std::string index_name = property_word(properties, "with_itemindex");
  if (!index_name.empty() || names) node.index = new_column(index_name, Type::kLong);
  const std::string kind = property_word(properties, "kind").empty()
                               ? property_word(properties, "bagexpansion")
                               : property_word(properties, "kind");
  node.bags_as_pairs = kind == "array";
  if (limit) {
    Scope outer;
    outer.env = env;
    node.limit = convert(bind_expr(*limit, outer), Type::kLong, span);
    if (!node.limit) return std::nullopt;
  }
  node.input = table.rel;
  std::vector<plan::ColumnDef> all = table.rel->columns;
  for (const auto& target : targets) all.push_back(target.element);
  if (node.index) all.push_back(*node.index);
  const auto index = node.index;
  BoundTable expanded = table;
  expanded.rel = make_rel(std::move(all), std::move(node));
  std::vector<plan::Item> out;
  std::vector<bool> placed(targets.size(), false);
  const auto value_of = [&](const Target& target) -> plan::ExprPtr {
    plan::ExprPtr element = make_column(target.element);
    if (!target.type || *target.type == Type::kDynamic) return element;
    return convert(element, *target.type, span);
  };
  for (const auto& column : table.columns) {
    bool replaced = false;
    for (size_t i = 0; i < targets.size(); ++i) {
      if (targets[i].name != column.name || placed[i]) continue;
      auto value = value_of(targets[i]);
      if (!value) return std::nullopt;
      out.push_back({new_column(column.name, value->type), value});
      placed[i] = replaced = true;
      break;
    }
    if (!replaced) out.push_back({column, make_column(column)});
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (placed[i]) continue;
    auto value = value_of(targets[i]);
    if (!value) return std::nullopt;
    out.push_back({new_column(targets[i].name, value->type), value});
  }
  if (!index_name.empty()) out.push_back({*index, make_column(*index)});
  expanded.number = names ? index->id : 0;  // mv-apply: in the order of the elements
  BoundTable made = project(expanded, std::move(out));
  made.ordered = table.ordered || names;
  return made;
}

std::optional<BoundTable> Binder::bind_expand(const MvExpandOp& op, BoundTable table, const EnvPtr& env,
                                              Span span) {
  return expand(op.items, op.properties, op.limit.get(), std::move(table), env, span, nullptr);
}

}  // namespace huntbook::kql
