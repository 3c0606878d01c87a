// join, lookup, union and search: operators over several tables.
#include <algorithm>
#include <functional>

#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

const kql::ExprPtr* property(const Properties& properties, std::string_view name) {
  for (const auto& [key, value] : properties) {
    if (key.text == name) return &value;
  }
  return nullptr;
}

// A property's value as a word: a name or a literal.
std::string word(const kql::ExprPtr* value) {
  if (!value || !*value) return {};
  if (const auto* name = std::get_if<NameRef>(&(*value)->node)) return name->name;
  if (const auto* literal = std::get_if<Literal>(&(*value)->node)) {
    if (literal->type == Type::kBool) return literal->integer ? "true" : "false";
    return literal->text;
  }
  return {};
}

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
  const std::string kind_word = word(property(join.properties, "kind"));
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
  if (joined.empty()) {  // both sides assumed
    auto empty = assumed_table("");
    return empty;
  }
  made.rel = make_rel(joined, plan::Join{*kind, table.rel, right->rel, std::move(keys)});
  return project(made, std::move(items));
}

// Tables one below the other: columns by name; a name with several types becomes one column per type.
std::optional<BoundTable> Binder::unite(std::vector<BoundTable> tables, bool inner,
                                        const std::string& source_column, Span span) {
  std::vector<plan::ColumnDef> columns;
  std::vector<std::string> from_names;  // the column's name in the inputs
  const auto has = [](const BoundTable& table, const std::string& name, Type type) {
    const auto* column = table.find(name);
    return column && column->type == type;
  };
  std::vector<std::pair<std::string, std::vector<Type>>> seen;
  for (const auto& table : tables) {
    for (const auto& column : table.columns) {
      auto it = std::find_if(seen.begin(), seen.end(), [&](auto& s) { return s.first == column.name; });
      if (it == seen.end()) seen.push_back({column.name, {column.type}});
      else if (std::find(it->second.begin(), it->second.end(), column.type) == it->second.end())
        it->second.push_back(column.type);
    }
  }
  std::set<std::string> taken;
  if (!source_column.empty()) {
    taken.insert(source_column);
    columns.push_back(new_column(source_column, Type::kString));
    from_names.push_back("");
  }
  for (const auto& entry : seen) {
    const std::string& name = entry.first;
    const std::vector<Type>& types = entry.second;
    for (Type type : types) {
      if (inner && !std::all_of(tables.begin(), tables.end(), [&](auto& t) { return has(t, name, type); }))
        continue;
      std::string made = types.size() > 1 ? name + "_" + std::string(type_name(type)) : name;
      columns.push_back(new_column(unique_name(made, taken), type));
      from_names.push_back(name);
    }
  }
  plan::Union set;
  bool open = false;
  for (size_t t = 0; t < tables.size(); ++t) {
    open = open || tables[t].open;
    std::vector<plan::ExprPtr> sources;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (from_names[i].empty()) {
        sources.push_back(
            make_text(tables[t].label.empty() ? "union_arg" + std::to_string(t) : tables[t].label));
      } else if (has(tables[t], from_names[i], columns[i].type)) {
        sources.push_back(make_column(*tables[t].find(from_names[i])));
      } else {
        sources.push_back(make_null(columns[i].type));
      }
    }
    set.inputs.push_back(tables[t].rel);
    set.sources.push_back(std::move(sources));
  }
  if (columns.empty()) {
    if (open) return assumed_table("");
    return fail(diagnose(Error::kExpected, span, "a common column", "none")), std::nullopt;
  }
  BoundTable made;
  made.columns = columns;
  made.open = open;
  made.rel = make_rel(columns, std::move(set));
  return made;
}

std::optional<BoundTable> Binder::bind_union(const Operator& op, const UnionOp& set, const BoundTable* table,
                                             const EnvPtr& env) {
  std::vector<BoundTable> tables;
  const bool fuzzy = word(property(set.properties, "isfuzzy")) == "true";
  const std::string kind = word(property(set.properties, "kind"));
  if (!kind.empty() && kind != "outer" && kind != "inner") {
    return fail(diagnose(Error::kBadValue, op.span, kind, "a kind of union")), std::nullopt;
  }
  if (table) tables.push_back(*table);
  bool good = true;
  for (const auto& source : set.tables) {
    const auto* name = std::get_if<NameRef>(&source->node);
    const bool star = std::holds_alternative<Star>(source->node);
    if ((name && name->pattern) || star) {
      auto matching = tables_matching(star ? "*" : name->name, env);
      for (auto& [label, found] : matching) tables.push_back(std::move(found));
      if (matching.empty() && !fuzzy && !catalog_.open && !star) {
        fail(diagnose(Error::kTableNotFound, source->span, name->name));
        good = false;
      }
      if (matching.empty() && catalog_.open) tables.push_back(*assumed_table("assumed"));
      continue;
    }
    if (fuzzy) {  // sources that cannot be resolved are left out
      const size_t before = diagnostics_.size();
      Scope scope;
      scope.env = env;
      auto found = bind_source(*source, scope);
      if (found) tables.push_back(std::move(*found));
      else diagnostics_.resize(before);
      continue;
    }
    Scope scope;
    scope.env = env;
    auto found = bind_source(*source, scope);
    if (!found) {
      good = false;
      continue;
    }
    if (const Env* bound = name ? find(env, name->name) : nullptr; bound && !bound->view)
      found->label.clear();
    tables.push_back(std::move(*found));
  }
  if (!good) return std::nullopt;
  if (tables.empty()) {
    Diagnostic failure = diagnose(Error::kExpected, op.span, "at least one table", "none");
    failure.hint = "point -d at evidence";
    return fail(std::move(failure)), std::nullopt;
  }
  std::string source_column = word(property(set.properties, "withsource"));
  if (source_column.empty()) source_column = word(property(set.properties, "with_source"));
  return unite(std::move(tables), kind == "inner", source_column, op.span);
}

// search "x": every table, every column, by its text.
std::optional<BoundTable> Binder::bind_search(const Operator& op, const SearchOp& search,
                                              const BoundTable* table, const EnvPtr& env) {
  std::vector<BoundTable> tables;
  if (table) {
    tables.push_back(*table);
    tables.back().label = "search_arg0";
  } else {
    std::vector<std::string> patterns;
    for (const auto& source : search.tables) {
      if (const auto* name = std::get_if<NameRef>(&source->node)) {
        if (!name->pattern) {
          Scope scope;
          scope.env = env;
          auto found = bind_source(*source, scope);
          if (!found) return std::nullopt;
          if (found->label.empty()) found->label = name->name;
          tables.push_back(std::move(*found));
          continue;
        }
        patterns.push_back(name->name);
      } else {
        patterns.push_back("*");
      }
    }
    if (search.tables.empty()) patterns.push_back("*");
    for (const auto& pattern : patterns) {
      for (auto& [label, found] : tables_matching(pattern, env)) tables.push_back(std::move(found));
    }
  }
  if (tables.empty() && catalog_.open) return assumed_table("search");
  if (tables.empty())
    return fail(diagnose(Error::kExpected, op.span, "at least one table", "none")), std::nullopt;
  const bool cased = word(property(search.properties, "kind")) == "case_sensitive";
  std::vector<BoundTable> found;
  for (auto& one : tables) {
    Scope scope;
    scope.env = env;
    scope.row = &one;
    // A text stands for `* has text`; wildcards choose another operator.
    std::function<plan::ExprPtr(const Expr&)> bind = [&](const Expr& expr) -> plan::ExprPtr {
      if (const auto* binary = std::get_if<Binary>(&expr.node)) {
        if (binary->op == "and" || binary->op == "or") {
          auto left = bind(*binary->left);
          auto right = bind(*binary->right);
          if (!left || !right) return nullptr;
          return make_sql(Type::kBool, binary->op == "and" ? "({0} AND {1})" : "({0} OR {1})", {left, right});
        }
      }
      if (const auto* sub = std::get_if<SubQuery>(&expr.node)) {
        const auto* source = std::get_if<kql::ExprPtr>(&sub->query->source);
        if (source && sub->query->operators.empty()) return bind(**source);
      }
      if (const auto* call = std::get_if<Call>(&expr.node);
          call && call->name.text == "not" && call->args.size() == 1) {
        auto inner = bind(*call->args[0]);
        return inner ? make_sql(Type::kBool, "(NOT {0})", {inner}) : nullptr;
      }
      auto value = bind_expr(expr, scope);
      const Literal* literal = constant_of(value);
      if (!value || !literal || literal->type != Type::kString) return value;
      std::string text = literal->text;
      const bool front = text.size() > 1 && text.front() == '*';
      const bool back = text.size() > 1 && text.back() == '*';
      if (front) text.erase(0, 1);
      if (back) text.pop_back();
      std::string word_op = front && back ? "contains" : back ? "hasprefix" : front ? "hassuffix" : "has";
      if (text == "*" || text.empty()) {
        Literal yes;
        yes.type = Type::kBool;
        yes.integer = 1;
        return make_constant(yes);
      }
      if (cased) word_op += "_cs";
      plan::ExprPtr all;
      for (const auto& column : one.columns) {
        auto match = apply(word_op, FunctionKind::kOperator, expr.span,
                           {convert(make_column(column), Type::kString, expr.span), make_text(text)});
        if (!match) return nullptr;
        all = all ? make_sql(Type::kBool, "({0} OR {1})", {all, match}) : match;
      }
      Literal no;
      no.type = Type::kBool;
      no.integer = one.open;
      return all ? all : make_constant(no);
    };
    auto predicate = bind(*search.predicate);
    if (!predicate) return std::nullopt;
    if (predicate->type == Type::kDynamic) predicate = convert(predicate, Type::kBool, op.span);
    if (!predicate) return std::nullopt;
    one.rel = make_rel(one.rel->columns, plan::Filter{one.rel, predicate});
    found.push_back(one);
  }
  return unite(std::move(found), false, "$table", op.span);
}

}  // namespace huntbook::kql
