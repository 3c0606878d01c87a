// Operators that make rows or columns out of values: mv-expand, mv-apply, parse, evaluate, invoke; window
// functions.
#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

std::string word(const Properties& properties, std::string_view name) {
  for (const auto& [key, value] : properties) {
    if (key.text != name || !value) continue;
    if (const auto* ref = std::get_if<NameRef>(&value->node)) return ref->name;
    if (const auto* literal = std::get_if<Literal>(&value->node)) {
      return literal->type == Type::kLong ? std::to_string(literal->integer) : literal->text;
    }
  }
  return {};
}

}  // namespace

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
  const std::string index_name = word(properties, "with_itemindex");
  if (!index_name.empty()) node.index = new_column(index_name, Type::kLong);
  const std::string kind =
      word(properties, "kind").empty() ? word(properties, "bagexpansion") : word(properties, "kind");
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
  if (index) out.push_back({*index, make_column(*index)});
  expanded.number = 0;
  BoundTable made = project(expanded, std::move(out));
  made.ordered = table.ordered;
  return made;
}

std::optional<BoundTable> Binder::bind_expand(const MvExpandOp& op, BoundTable table, const EnvPtr& env,
                                              Span span) {
  return expand(op.items, op.properties, op.limit.get(), std::move(table), env, span, nullptr);
}

// mv-apply: the rows are numbered, expanded, and the subquery runs over each input row's elements. What the
// subquery may do per row is where, extend, project, and top or summarize by the row's number.
std::optional<BoundTable> Binder::bind_mv_apply(const MvApplyOp& op, BoundTable table, const EnvPtr& env,
                                                Span span) {
  BoundTable plain = table;
  plain.number = 0;
  plan::ColumnDef row = new_column("$row", Type::kLong);
  std::vector<plan::ColumnDef> all = plain.rel->columns;
  all.push_back(row);
  auto numbered_rel = make_rel(std::move(all), plan::Number{plain.rel, {}, row});
  auto shared = make_rel(numbered_rel->columns, plan::Shared{++last_shared_, numbered_rel});
  BoundTable numbered = plain;
  numbered.rel = shared;
  numbered.columns.push_back(row);
  BoundTable left = reuse(numbered);
  std::vector<std::string> names;
  auto expanded = expand(op.items, op.properties, op.limit.get(), numbered, env, span, &names);
  if (!expanded) return std::nullopt;
  expanded->open = table.open;
  // Operators of the subquery that mix rows do so per input row.
  BoundTable current = *expanded;
  bool reduced = false;
  for (const auto& operation : op.query->operators) {
    const Operator* inner = &operation;
    Table next;
    const plan::ColumnDef* key = current.find("$row");
    if (!key) break;
    const int key_id = key->id;
    if (const auto* summarize = std::get_if<SummarizeOp>(&inner->node)) {
      per_row_ = key_id;
      next = bind_summarize(pointers(summarize->aggregates), pointers(summarize->keys), current, env);
      per_row_ = 0;
      reduced = true;
    } else if (const auto* top = std::get_if<TopOp>(&inner->node)) {
      std::vector<plan::SortKey> keys;
      Scope outer;
      outer.env = env;
      auto count = convert(bind_expr(*top->count, outer), Type::kLong, inner->span);
      if (!count || !bind_keys(top->keys, current, env, keys)) return std::nullopt;
      next = first_per_row(current, key_id, keys, count);
    } else if (const auto* take = std::get_if<TakeOp>(&inner->node)) {
      Scope outer;
      outer.env = env;
      auto count = convert(bind_expr(*take->count, outer), Type::kLong, inner->span);
      if (!count) return std::nullopt;
      next = first_per_row(current, key_id, {}, count);
    } else if (const auto* project_op = std::get_if<ProjectOp>(&inner->node)) {
      per_row_ = key_id;
      next = bind_project(project_op->columns, current, env);
      per_row_ = 0;
      reduced = true;
    } else if (std::holds_alternative<WhereOp>(inner->node) ||
               std::holds_alternative<ExtendOp>(inner->node) || std::holds_alternative<SortOp>(inner->node) ||
               std::holds_alternative<ParseOp>(inner->node) ||
               std::holds_alternative<MvExpandOp>(inner->node) ||
               std::holds_alternative<ProjectAwayOp>(inner->node) ||
               std::holds_alternative<ProjectRenameOp>(inner->node) ||
               std::holds_alternative<SerializeOp>(inner->node)) {
      next = bind_operator(*inner, current, env, nullptr);
    } else {
      return fail(unsupported(fmt::format("operator `{}` inside mv-apply", inner->name), inner->name_span)),
             std::nullopt;
    }
    if (!next) return std::nullopt;
    current = std::move(*next);
  }
  const plan::ColumnDef* key = current.find("$row");
  if (!key) return fail(unsupported("a subquery of mv-apply that drops its rows", span)), std::nullopt;
  // Join the subquery's columns back to the input rows.
  std::vector<plan::Item> items;
  std::set<std::string> taken;
  std::vector<plan::ColumnDef> joined = left.columns;
  for (const auto& column : left.columns) {
    if (column.name == "$row") continue;
    if (current.find(column.name) && (std::find(names.begin(), names.end(), column.name) != names.end()))
      continue;
    taken.insert(column.name);
    items.push_back({column, make_column(column)});
  }
  for (const auto& column : current.columns) {
    if (column.name == "$row") continue;
    const bool expanded_one = std::find(names.begin(), names.end(), column.name) != names.end();
    const bool from_left = !reduced && left.find(column.name) && !expanded_one;
    if (from_left) continue;
    joined.push_back(column);
    items.push_back({new_column(unique_name(column.name, taken), column.type), make_column(column)});
  }
  const plan::ColumnDef* left_row = left.find("$row");
  BoundTable made;
  made.open = table.open;
  made.rel = make_rel(
      joined,
      plan::Join{
          plan::JoinKind::kInner, left.rel, current.rel, {{make_column(*left_row), make_column(*key)}}});
  return project(made, std::move(items));
}

}  // namespace huntbook::kql
