// search and find: rows of many tables by their texts.
#include <algorithm>

#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

plan::ExprPtr constant_bool(bool value) {
  Literal literal;
  literal.type = Type::kBool;
  literal.integer = value;
  return make_constant(literal);
}

// The operator that a term with stars asks for, and what is left of the term.
std::string term_operator(std::string& text) {
  const bool front = text.size() > 1 && text.front() == '*';
  const bool back = text.size() > 1 && text.back() == '*';
  if (front) text.erase(0, 1);
  if (back) text.pop_back();
  if (text.find('*') == std::string::npos) {
    return front && back ? "contains" : back ? "hasprefix" : front ? "hassuffix" : "has";
  }
  std::string pattern = front ? "" : "\\b";
  for (char c : text) {
    if (c == '*') {
      pattern += ".*";
    } else {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80 && !std::isalnum(byte) && c != '_' && c != '<' && c != '>') pattern += '\\';
      pattern += c;
    }
  }
  text = pattern + (back ? "" : "\\b");
  return "matches regex";
}

}  // namespace

// A text stands for `* has text`; stars in it choose another operator. Bools are combined, all else is an
// ordinary condition.
plan::ExprPtr Binder::bind_search_term(const Expr& expr, const Scope& scope) {
  if (!count_term(expr.span)) return nullptr;
  if (std::holds_alternative<Star>(expr.node)) return constant_bool(true);
  if (const auto* binary = std::get_if<Binary>(&expr.node)) {
    if (binary->op == "and" || binary->op == "or") {
      auto left = bind_search_term(*binary->left, scope);
      auto right = bind_search_term(*binary->right, scope);
      if (!left || !right) return nullptr;
      return make_sql(Type::kBool, binary->op == "and" ? "({0} AND {1})" : "({0} OR {1})", {left, right});
    }
    const auto* star = std::get_if<NameRef>(&binary->left->node);
    const auto* term = std::get_if<Literal>(&binary->right->node);
    if (binary->op == ":" && term && term->type == Type::kString) {
      std::string text = term->text;
      if (std::holds_alternative<Star>(binary->left->node) || (star && star->name == "*"))
        return bind_any_term(text, expr.span, scope);
      std::string op = term_operator(text);
      if (cased_ && op != "matches regex") op += "_cs";
      if (!cased_ && op == "matches regex") text = "(?i)" + text;
      return apply(op, FunctionKind::kOperator, expr.span,
                   {convert(bind_expr(*binary->left, scope), Type::kString, expr.span), make_text(text)});
    }
  }
  if (const auto* sub = std::get_if<SubQuery>(&expr.node)) {
    const auto* source = std::get_if<kql::ExprPtr>(&sub->query->source);
    if (source && sub->query->operators.empty()) return bind_search_term(**source, scope);
  }
  if (const auto* call = std::get_if<Call>(&expr.node);
      call && call->name.text == "not" && call->args.size() == 1) {
    auto inner = bind_search_term(*call->args[0], scope);
    return inner ? make_sql(Type::kBool, "(NOT {0})", {inner}) : nullptr;
  }
  auto value = bind_expr(expr, scope);
  const Literal* literal = constant_of(value);
  if (literal && literal->type == Type::kString) return bind_any_term(literal->text, expr.span, scope);
  if (literal && (literal->type == Type::kLong || literal->type == Type::kInt) && !literal->null)
    return bind_any_term(std::to_string(literal->integer), expr.span, scope);
  if (value && value->type == Type::kDynamic) return convert(value, Type::kBool, expr.span);
  if (value && value->type != Type::kBool)
    return fail(diagnose(Error::kNotBool, expr.span, type_name(value->type)));
  return value;
}

plan::ExprPtr Binder::bind_any_term(std::string text, Span span, const Scope& scope) {
  if (text.empty() || text.find_first_not_of('*') == std::string::npos) return constant_bool(true);
  std::string op = term_operator(text);
  if (cased_ && op != "matches regex") op += "_cs";
  if (!cased_ && op == "matches regex") text = "(?i)" + text;
  plan::ExprPtr all;
  for (const auto& column : scope.row->columns) {
    auto match = apply(op, FunctionKind::kOperator, span,
                       {convert(make_column(column), Type::kString, span), make_text(text)});
    if (!match) return nullptr;
    all = all ? make_sql(Type::kBool, "({0} OR {1})", {all, match}) : match;
  }
  return all ? all : constant_bool(scope.row->open);
}

// The tables with only the rows that fit the predicate. A table that has none of the predicate's columns, or
// whose columns cannot be compared so, is left out when another one can.
std::optional<std::vector<BoundTable>> Binder::matching(const Expr& predicate, std::vector<BoundTable> tables,
                                                        const EnvPtr& env, std::set<std::string>& used) {
  BoundTable every;
  for (const auto& table : tables) {
    for (const auto& column : table.columns) {
      if (!every.find(column.name)) every.columns.push_back(column);
    }
  }
  std::vector<BoundTable> found;
  const size_t before = diagnostics_.size();
  Diagnostics failures;
  for (auto& table : tables) {
    std::set<std::string> names;
    Scope scope;
    scope.env = env;
    scope.row = &table;
    scope.used = &names;
    if (tables.size() > 1) scope.elsewhere = &every;
    auto value = bind_search_term(predicate, scope);
    if (!value) {
      if (failures.empty())
        failures.assign(diagnostics_.begin() + static_cast<std::ptrdiff_t>(before), diagnostics_.end());
      diagnostics_.resize(before);
      if (!failures.empty() && failures.front().code == error_code(Error::kUnsupported)) break;
      continue;
    }
    std::erase_if(names, [&](auto& name) { return !every.find(name); });
    used.insert(names.begin(), names.end());
    const bool concerned =
        names.empty() || table.open ||
        std::any_of(names.begin(), names.end(), [&](auto& name) { return table.find(name); });
    if (!concerned && tables.size() > 1) continue;
    table.rel = make_rel(table.rel->columns, plan::Filter{table.rel, value});
    found.push_back(std::move(table));
  }
  if (found.empty() || (!failures.empty() && failures.front().code == error_code(Error::kUnsupported))) {
    for (auto& failure : failures) fail(std::move(failure));
    if (failures.empty())
      fail(diagnose(Error::kExpected, predicate.span, "a table with these columns", "none"));
    return std::nullopt;
  }
  return found;
}

std::optional<BoundTable> Binder::bind_search(const Operator& op, const SearchOp& search,
                                              const BoundTable* table, const EnvPtr& env) {
  std::vector<BoundTable> tables;
  if (table) {
    tables.push_back(*table);
    tables.back().label = "search_arg0";
  } else if (search.tables.empty()) {
    for (auto& [label, found] : tables_matching("*", env)) tables.push_back(std::move(found));
  } else {
    if (!gather(search.tables, false, env, tables)) return std::nullopt;
    for (size_t i = 0; i < tables.size(); ++i) {
      if (tables[i].label.empty()) tables[i].label = "search_arg" + std::to_string(i);
    }
  }
  if (tables.empty() && catalog_.open) tables.push_back(*assumed_table("search"));
  if (tables.empty())
    return fail(diagnose(Error::kExpected, op.span, "at least one table", "none")), std::nullopt;
  const std::string kind = property_word(search.properties, "kind");
  if (!kind.empty() && kind != "default" && kind != "case_sensitive" && kind != "case_insensitive") {
    return fail(diagnose(Error::kBadValue, op.span, kind,
                         "a kind of search: default, case_insensitive or case_sensitive")),
           std::nullopt;
  }
  const bool outer = std::exchange(cased_, kind == "case_sensitive");
  std::set<std::string> used;
  auto found = matching(*search.predicate, std::move(tables), env, used);
  cased_ = outer;
  if (!found) return std::nullopt;
  return unite(std::move(*found), false, "$table", op.span);
}

// The columns as a property bag.
plan::ExprPtr Binder::pack_columns(const std::vector<plan::ColumnDef>& columns) {
  std::vector<plan::ExprPtr> args;
  for (const auto& column : columns) {
    args.push_back(make_body(Type::kDynamic, "to_json", {make_text(column.name)}));
    args.push_back(make_body(Type::kDynamic, "to_json", {make_column(column)}));
  }
  return make_body(Type::kDynamic, "bag_pack", std::move(args), true);
}

// What find gives: with `project` the columns named; else those of the predicate and those that every table
// has. The rest may come in a bag, pack_.
std::optional<BoundTable> Binder::found_columns(const FindOp& find, std::vector<BoundTable> tables,
                                                const std::set<std::string>& used,
                                                const std::string& source_column, Span span) {
  struct Wanted {
    std::string name;
    std::optional<Type> type;
  };
  std::vector<Wanted> wanted;
  bool pack = !find.has_project;
  const auto want = [&](const std::string& name, std::optional<Type> type) {
    if (std::none_of(wanted.begin(), wanted.end(), [&](auto& w) { return w.name == name; }))
      wanted.push_back({name, type});
  };
  if (find.has_project) {
    for (size_t i = 0; i < find.columns.size(); ++i) {
      const auto* name = std::get_if<NameRef>(&find.columns[i]->node);
      const auto* call = std::get_if<Call>(&find.columns[i]->node);
      const bool star = std::holds_alternative<Star>(find.columns[i]->node);
      if (call && (call->name.text == "pack_all" || call->name.text == "pack")) {
        pack = true;
        continue;
      }
      if (!name && !star) {
        return fail(diagnose(Error::kExpected, find.columns[i]->span, "a column name or pack_all()",
                             "an expression")),
               std::nullopt;
      }
      bool known = false;
      for (const auto& table : tables) {
        for (const auto& column : table.columns) {
          if (star ||
              (name->pattern ? matches_pattern(column.name, name->name) : column.name == name->name)) {
            want(column.name, find.types[i]);
            known = true;
          }
        }
        known = known || table.open;
      }
      if (known || star || name->pattern) continue;
      return fail(column_not_found(name->name, find.columns[i]->span, &tables[0])), std::nullopt;
    }
  } else {
    for (const auto& table : tables) {
      for (const auto& column : table.columns) {
        const bool common =
            std::all_of(tables.begin(), tables.end(), [&](auto& other) { return other.find(column.name); });
        if (common || used.contains(column.name)) want(column.name, std::nullopt);
      }
    }
  }
  for (const auto& away : find.away) {
    const auto* name = std::get_if<NameRef>(&away->node);
    if (!name)
      return fail(diagnose(Error::kExpected, away->span, "a column name", "an expression")), std::nullopt;
    std::erase_if(wanted, [&](auto& w) {
      return name->pattern ? matches_pattern(w.name, name->name) : w.name == name->name;
    });
  }
  bool open = false;
  for (auto& table : tables) {
    open = open || table.open;
    std::vector<plan::Item> items;
    std::vector<plan::ColumnDef> rest;
    for (const auto& w : wanted) {
      const auto* column = table.find(w.name);
      if (!column) continue;
      auto value = w.type ? convert(make_column(*column), *w.type, span) : make_column(*column);
      if (!value) return std::nullopt;
      items.push_back({new_column(w.name, value->type), value});
    }
    for (const auto& column : table.columns) {
      if (std::none_of(wanted.begin(), wanted.end(), [&](auto& w) { return w.name == column.name; }))
        rest.push_back(column);
    }
    if (pack) items.push_back({new_column("pack_", Type::kDynamic), pack_columns(rest)});
    if (items.empty()) items.push_back({new_column("", Type::kLong), make_long(0)});
    const std::string label = table.label;
    table = project(table, std::move(items));
    std::erase_if(table.columns, [](auto& column) { return column.name.empty(); });
    table.label = label;
    table.open = false;
  }
  auto made = unite(std::move(tables), false, source_column, span);
  if (!made) return std::nullopt;
  made->open = open;
  // The bag stands last.
  const auto bag = std::find_if(made->columns.begin(), made->columns.end(),
                                [](auto& column) { return column.name == "pack_"; });
  if (pack && bag != made->columns.end()) std::rotate(bag, bag + 1, made->columns.end());
  return made;
}

std::optional<BoundTable> Binder::bind_find(const Operator& op, const FindOp& find, const BoundTable* table,
                                            const EnvPtr& env) {
  std::vector<BoundTable> tables;
  if (table) tables.push_back(*table);
  if (table || find.tables.empty()) {
    if (!table) {
      for (auto& [label, found] : tables_matching("*", env)) tables.push_back(std::move(found));
    }
  } else if (!gather(find.tables, false, env, tables)) {
    return std::nullopt;
  }
  if (tables.empty() && catalog_.open) tables.push_back(*assumed_table("find"));
  if (tables.empty())
    return fail(diagnose(Error::kExpected, op.span, "at least one table", "none")), std::nullopt;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].label.empty()) tables[i].label = "find_arg" + std::to_string(i);
  }
  std::set<std::string> used;
  auto found = matching(*find.predicate, std::move(tables), env, used);
  if (!found) return std::nullopt;
  std::string source_column = property_word(find.properties, "withsource");
  if (source_column.empty()) source_column = property_word(find.properties, "with_source");
  return found_columns(find, std::move(*found), used, source_column.empty() ? "source_" : source_column,
                       op.span);
}

}  // namespace huntbook::kql
