// join and lookup.
#include <algorithm>

#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

std::optional<plan::JoinKind> join_kind(std::string_view name) {
  using plan::JoinKind;
  if (name.empty() || name == "innerunique") return JoinKind::kInnerUnique;
  if (name == "inner") return JoinKind::kInner;
  if (name == "leftouter") return JoinKind::kLeftOuter;
  if (name == "rightouter") return JoinKind::kRightOuter;
  if (name == "fullouter") return JoinKind::kFullOuter;
  if (name == "leftsemi") return JoinKind::kLeftSemi;
  if (name == "rightsemi") return JoinKind::kRightSemi;
  if (name == "anti" || name == "leftanti" || name == "leftantisemi") return JoinKind::kLeftAnti;
  if (name == "rightanti" || name == "rightantisemi") return JoinKind::kRightAnti;
  return std::nullopt;
}

bool left_only(plan::JoinKind kind) {
  return kind == plan::JoinKind::kLeftSemi || kind == plan::JoinKind::kLeftAnti;
}
bool right_only(plan::JoinKind kind) {
  return kind == plan::JoinKind::kRightSemi || kind == plan::JoinKind::kRightAnti;
}

}  // namespace

// One condition of `on`: a name, an equality of $left and $right, or several joined by and.
bool Binder::bind_condition(const Expr& on, const Scope& scope,
                            std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>>& keys,
                            std::vector<std::string>& right_keys) {
  const auto side_of = [](const Expr& expr) -> std::string {
    const Expr* at = &expr;
    while (true) {
      if (const auto* path = std::get_if<Path>(&at->node)) at = path->base.get();
      else if (const auto* index = std::get_if<Index>(&at->node)) at = index->base.get();
      else break;
    }
    const auto* name = std::get_if<NameRef>(&at->node);
    return name ? name->name : std::string();
  };
  const auto add = [&](plan::ExprPtr left, plan::ExprPtr right, Span span, const std::string& name) {
    if (!left || !right) return false;
    if (left->type != right->type) {
      const bool dynamic = left->type == Type::kDynamic || right->type == Type::kDynamic;
      std::optional<Type> common = common_type({left, right});
      if (!common || (dynamic && !catalog_.open)) {
        fail(diagnose(Error::kJoinKeyTypes, span, name, type_name(left->type), type_name(right->type)));
        return false;
      }
      left = convert(left, *common, span);
      right = convert(right, *common, span);
    } else if (left->type == Type::kDynamic && !catalog_.open) {
      fail(diagnose(Error::kDynamicKey, span, "join on"));
      return false;
    }
    keys.emplace_back(std::move(left), std::move(right));
    return true;
  };
  if (const auto* sub = std::get_if<SubQuery>(&on.node)) {
    const auto* source = std::get_if<kql::ExprPtr>(&sub->query->source);
    if (source && sub->query->operators.empty()) return bind_condition(**source, scope, keys, right_keys);
  }
  if (const auto* name = std::get_if<NameRef>(&on.node)) {
    const auto* left = scope.left->find(name->name);
    const auto* right = scope.right->find(name->name);
    if (!left && !scope.left->open) return fail(column_not_found(name->name, on.span, scope.left)), false;
    if (!right && !scope.right->open) return fail(column_not_found(name->name, on.span, scope.right)), false;
    right_keys.push_back(name->name);
    return add(left ? make_column(*left) : assumed_column(), right ? make_column(*right) : assumed_column(),
               on.span, name->name);
  }
  if (const auto* binary = std::get_if<Binary>(&on.node)) {
    if (binary->op == "and") {
      const bool first = bind_condition(*binary->left, scope, keys, right_keys);
      return bind_condition(*binary->right, scope, keys, right_keys) && first;
    }
    if (binary->op == "==") {
      std::string a = side_of(*binary->left), b = side_of(*binary->right);
      const Expr* left = binary->left.get();
      const Expr* right = binary->right.get();
      if (a == "$right" && b == "$left") std::swap(left, right), std::swap(a, b);
      if (a == "$left" && b == "$right") {
        right_keys.push_back(implicit_name(*right));
        return add(bind_expr(*left, scope), bind_expr(*right, scope), on.span, implicit_name(*left));
      }
    }
  }
  Diagnostic failure = diagnose(Error::kJoinCondition, on.span);
  failure.hint = "write `on Key` or `on $left.A == $right.B`";
  return fail(std::move(failure)), false;
}

std::optional<BoundTable> Binder::bind_join(const Operator& op, const JoinOp& join, BoundTable table,
                                            const EnvPtr& env) {
  const std::string kind_word = property_word(join.properties, "kind");
  auto kind = join_kind(join.lookup && kind_word.empty() ? "leftouter" : kind_word);
  if (!kind || (join.lookup && *kind != plan::JoinKind::kLeftOuter && *kind != plan::JoinKind::kInner)) {
    Diagnostic failure =
        diagnose(Error::kBadValue, op.span, kind_word, join.lookup ? "a kind of lookup" : "a kind of join");
    failure.hint = join.lookup ? "leftouter or inner"
                               : "innerunique, inner, leftouter, rightouter, fullouter, leftsemi, leftanti, "
                                 "rightsemi or rightanti";
    return fail(std::move(failure)), std::nullopt;
  }
  Scope outer;
  outer.env = env;
  auto right = bind_source(*join.right, outer);
  if (!right) return std::nullopt;
  Scope scope;
  scope.env = env;
  scope.left = &table;
  scope.right = &*right;
  std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> keys;
  std::vector<std::string> right_keys;
  bool good = true;
  for (const auto& on : join.on) good = bind_condition(*on, scope, keys, right_keys) && good;
  if (!good) return std::nullopt;
  if (join.on.empty()) {
    return fail(diagnose(Error::kExpected, op.span, "`on` and the key columns", "none")), std::nullopt;
  }

  if (right->group.id ||
      (table.group.id && *kind != plan::JoinKind::kInnerUnique && *kind != plan::JoinKind::kInner &&
       *kind != plan::JoinKind::kLeftOuter && !left_only(*kind))) {
    return fail(unsupported(fmt::format("`{} kind={}` inside mv-apply or partition", op.name, kind_word),
                            op.span)),
           std::nullopt;
  }
  if (table.group.id && *kind == plan::JoinKind::kInnerUnique) {  // one row per key in each part
    std::vector<plan::ExprPtr> by;
    for (const auto& key : keys) by.push_back(key.first);
    table = first_per_group(std::move(table), std::move(by), make_long(1));
    kind = plan::JoinKind::kInner;
  }

  // Keys that are assumed columns are given to the sides, so that SQL finds them.
  BoundTable made;
  made.open = table.open || right->open;
  std::set<std::string> taken;
  std::vector<plan::Item> items;
  std::vector<plan::ColumnDef> joined;
  if (!right_only(*kind)) {
    for (const auto& column : table.columns) {
      taken.insert(column.name);
      joined.push_back(column);
      items.push_back({column, make_column(column)});
    }
  }
  if (!left_only(*kind)) {
    for (const auto& column : right->columns) {
      const bool is_key = std::find(right_keys.begin(), right_keys.end(), column.name) != right_keys.end();
      if (join.lookup && is_key) continue;
      joined.push_back(column);
      plan::ColumnDef named = new_column(unique_name(column.name, taken), column.type);
      items.push_back({named, make_column(column)});
    }
  }
  made.group = table.group;
  made.groups = table.groups;
  if (table.group.id) joined.push_back(table.group);
  if (joined.empty()) {  // both sides assumed
    auto empty = assumed_table("");
    return empty;
  }
  made.rel = make_rel(joined, plan::Join{*kind, table.rel, right->rel, std::move(keys)});
  return project(made, std::move(items));
}

}  // namespace huntbook::kql
