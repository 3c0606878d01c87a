// where, extend, project and its kin, distinct, sort, top; the implicit names of columns.
#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

// Functions whose result keeps the name of an argument (that argument's place).
struct KeepsName {
  std::string_view function;
  size_t argument;
};
constexpr KeepsName kKeepsName[] = {
    {"tostring", 0},     {"toint", 0},           {"tolong", 0},          {"todouble", 0},
    {"toreal", 0},       {"tobool", 0},          {"toboolean", 0},       {"todatetime", 0},
    {"totimespan", 0},   {"toguid", 0},          {"todecimal", 0},       {"todynamic", 0},
    {"toobject", 0},     {"parse_json", 0},      {"parsejson", 0},       {"parse_xml", 0},
    {"bin", 0},          {"floor", 0},           {"bin_at", 0},          {"bin_auto", 0},
    {"round", 0},        {"split", 0},           {"format_datetime", 0}, {"format_timespan", 0},
    {"extract", 2},      {"extractall", 2},      {"extract_all", 2},     {"extractjson", 1},
    {"extract_json", 1}, {"column_ifexists", 0}, {"columnifexists", 0},  {"totime", 0},
    {"todate", 0}};

}  // namespace

// The name that Kusto gives an unnamed expression; empty when it is ColumnN.
std::string Binder::implicit_name(const Expr& expr) const {
  if (const auto* name = std::get_if<NameRef>(&expr.node)) return name->name;
  if (const auto* named = std::get_if<NamedExpr>(&expr.node); named && named->names.size() == 1)
    return named->names[0].text;  // bin(Hour = Timestamp, 1h)
  if (const auto* path = std::get_if<Path>(&expr.node)) {
    std::string base = implicit_name(*path->base);
    if (base == "$left" || base == "$right") return path->member.text;
    return base.empty() ? path->member.text : base + "_" + path->member.text;
  }
  if (const auto* index = std::get_if<Index>(&expr.node)) {
    const auto* literal = std::get_if<Literal>(&index->index->node);
    std::string base = implicit_name(*index->base);
    if (!literal || base.empty()) return {};
    if (literal->type == Type::kString) return base + "_" + literal->text;
    return literal->type == Type::kLong ? base + "_" + std::to_string(literal->integer) : std::string();
  }
  if (const auto* call = std::get_if<Call>(&expr.node)) {
    if (call->name.text.starts_with("node_degree_")) return call->name.text;
    for (const auto& keeps : kKeepsName) {
      if (keeps.function != call->name.text) continue;
      if (keeps.argument == 2 && call->args.size() == 2) return implicit_name(*call->args[1]);
      if (keeps.argument >= call->args.size()) return {};
      if (call->name.text.starts_with("column")) {
        const auto* literal = std::get_if<Literal>(&call->args[0]->node);
        return literal ? literal->text : std::string();
      }
      // An aggregate inside gives its own implicit name.
      if (const auto* inner = std::get_if<Call>(&call->args[keeps.argument]->node)) {
        if (const Function* aggregate = find_function(inner->name.text, FunctionKind::kAggregate);
            aggregate && !find_function(inner->name.text, FunctionKind::kScalar)) {
          std::string arg = inner->args.empty() ? "" : implicit_name(*inner->args[0]);
          return std::string(aggregate->result_name) + "_" + arg;
        }
      }
      return implicit_name(*call->args[keeps.argument]);
    }
    const Function* function = find_function(call->name.text, FunctionKind::kScalar);
    if (function && function->name_from < call->args.size()) {
      const std::string arg = implicit_name(*call->args[function->name_from]);
      return function->result_name.empty() ? arg : fmt::format("{}_{}", function->result_name, arg);
    }
    return {};
  }
  if (const auto* sub = std::get_if<SubQuery>(&expr.node)) {
    const auto* source = std::get_if<kql::ExprPtr>(&sub->query->source);
    if (sub->query->operators.empty() && source) return implicit_name(**source);
  }
  return {};
}

std::optional<BoundTable> Binder::bind_where(const Expr& predicate, BoundTable table, const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  BoundTable windowed = table;
  scope.row = &windowed;
  scope.windowed = &windowed;
  auto value = bind_expr(predicate, scope);
  if (!value) return std::nullopt;
  if (value->type == Type::kDynamic) value = convert(value, Type::kBool, predicate.span);
  if (!value) return std::nullopt;
  if (value->type != Type::kBool)
    return fail(diagnose(Error::kNotBool, predicate.span, type_name(value->type))), std::nullopt;
  windowed.rel = make_rel(windowed.rel->columns, plan::Filter{windowed.rel, value});
  return windowed;
}

std::optional<BoundTable> Binder::bind_extend(const std::vector<kql::ExprPtr>& columns, BoundTable table,
                                              const EnvPtr& env, bool ordered) {
  Scope scope;
  scope.env = env;
  BoundTable windowed = table;
  if (ordered) windowed.ordered = true;
  scope.row = &windowed;
  scope.windowed = &windowed;
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) items.push_back({column, make_column(column)});
  const size_t own = items.size();
  std::set<std::string> written;
  int unnamed = 0;
  bool good = true;
  const auto put = [&](const std::string& name, plan::ExprPtr value, Span span, bool implicit) {
    if (!implicit && !written.insert(name).second) {
      fail(diagnose(Error::kDuplicateColumn, span, name));
      good = false;
      return;
    }
    for (size_t i = 0; i < items.size(); ++i) {
      if (items[i].column.name == name && (i < own || implicit)) {
        items[i] = {new_column(name, value->type), value};
        return;
      }
    }
    items.push_back({new_column(name, value->type), value});
  };
  for (const auto& column : columns) {
    const Expr* expr = column.get();
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    if (named) expr = named->value.get();
    if (!named || named->tuple) {
      if (const auto many = bind_columns(*expr, scope)) {
        const auto parts = named_parts(*many, named, column->span);
        good = good && parts;
        for (const auto& part : parts ? *parts : std::vector<NamedPart>())
          put(part.name, part.value, part.span, !named);
        continue;
      }
    }
    auto value = bind_expr(*expr, scope);
    if (!value) {
      good = false;
      // The name is known all the same, so that one mistake is told once.
      if (named && !named->names.empty())
        put(named->names[0].text, make_null(Type::kDynamic), column->span, true);
      continue;
    }
    if (named && named->tuple) {  // (a, b) = f(): the elements of an array
      for (size_t i = 0; i < named->names.size(); ++i) {
        Literal place;
        place.type = Type::kDynamic;
        place.text = "[" + std::to_string(i) + "]";
        auto part = value->type == Type::kDynamic
                        ? make_body(Type::kDynamic, "path", {value, make_constant(place)})
                        : value;
        put(named->names[i].text, part, named->names[i].span, false);
      }
    } else if (named) {
      put(named->names[0].text, value, named->names[0].span, false);
    } else {
      std::string name = implicit_name(*expr);
      if (name.empty()) {
        do {
          name = "Column" + std::to_string(++unnamed);
        } while (table.find(name));
      }
      // A bare column of the table stays as it is.
      if (std::holds_alternative<NameRef>(expr->node) && table.find(name)) continue;
      put(name, value, column->span, true);
    }
  }
  if (!good) {
    if (!catalog_.open) return std::nullopt;
    return std::nullopt;
  }
  return project(windowed, std::move(items));
}

std::optional<BoundTable> Binder::bind_project(const std::vector<kql::ExprPtr>& columns, BoundTable table,
                                               const EnvPtr& env, GraphScope* graph) {
  Scope scope;
  scope.graph = graph;
  scope.env = env;
  BoundTable windowed = table;
  scope.row = &windowed;
  scope.windowed = &windowed;
  std::vector<plan::Item> items;
  std::set<std::string> taken, explicit_names;
  bool good = true;
  int unnamed = 0;
  // Written names are taken first, so that implicit ones step aside.
  for (const auto& column : columns) {
    if (const auto* named = std::get_if<NamedExpr>(&column->node)) {
      for (const auto& name : named->names) explicit_names.insert(name.text);
    }
  }
  for (const auto& column : columns) {
    const Expr* expr = column.get();
    if (std::holds_alternative<Star>(expr->node)) {
      for (const auto& own : table.columns) {
        if (taken.insert(own.name).second) items.push_back({own, make_column(own)});
      }
      continue;
    }
    if (const auto* pattern = std::get_if<NameRef>(&expr->node); pattern && pattern->pattern) {
      for (const auto& own : table.columns) {
        if (matches_pattern(own.name, pattern->name) && taken.insert(own.name).second)
          items.push_back({own, make_column(own)});
      }
      continue;
    }
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    if (named) expr = named->value.get();
    if (!named || named->tuple) {
      if (const auto many = bind_columns(*expr, scope)) {
        const auto parts = named_parts(*many, named, column->span);
        good = good && parts;
        for (const auto& part : parts ? *parts : std::vector<NamedPart>()) {
          if (named && taken.contains(part.name)) {
            fail(diagnose(Error::kDuplicateColumn, part.span, part.name));
            good = false;
            continue;
          }
          items.push_back({new_column(unique_name(part.name, taken), part.value->type), part.value});
        }
        continue;
      }
    }
    auto value = bind_expr(*expr, scope);
    if (!value) {
      good = false;
      continue;
    }
    if (named && named->tuple) {
      for (size_t i = 0; i < named->names.size(); ++i) {
        Literal place;
        place.type = Type::kDynamic;
        place.text = "[" + std::to_string(i) + "]";
        auto part = value->type == Type::kDynamic
                        ? make_body(Type::kDynamic, "path", {value, make_constant(place)})
                        : value;
        if (!taken.insert(named->names[i].text).second) {
          fail(diagnose(Error::kDuplicateColumn, named->names[i].span, named->names[i].text));
          good = false;
          continue;
        }
        items.push_back({new_column(named->names[i].text, part->type), part});
      }
      continue;
    }
    std::string name;
    if (named) {
      name = named->names[0].text;
      if (!taken.insert(name).second) {
        fail(diagnose(Error::kDuplicateColumn, named->names[0].span, name));
        good = false;
        continue;
      }
    } else {
      name = implicit_name(*expr);
      if (name.empty()) name = "Column" + std::to_string(++unnamed);
      if (std::holds_alternative<NameRef>(expr->node) && taken.contains(name)) {
        fail(diagnose(Error::kDuplicateColumn, column->span, name));
        good = false;
        continue;
      }
      std::string made = name;
      for (int n = 1; taken.contains(made) || (explicit_names.contains(made) && made != name); ++n)
        made = name + std::to_string(n);
      taken.insert(made);
      name = made;
    }
    items.push_back({new_column(name, value->type), value});
  }
  if (!good) return std::nullopt;
  BoundTable made = project(windowed, std::move(items));
  made.open = table.open && std::any_of(columns.begin(), columns.end(), [](const auto& column) {
                return std::holds_alternative<Star>(column->node);
              });
  return made;
}

// project-away and project-keep: names and wildcards.
std::optional<BoundTable> Binder::bind_project_pick(const std::vector<kql::ExprPtr>& columns,
                                                    BoundTable table, bool keep, Span span) {
  std::vector<bool> picked(table.columns.size(), false);
  bool good = true;
  for (const auto& column : columns) {
    const auto* name = std::get_if<NameRef>(&column->node);
    if (std::holds_alternative<Star>(column->node)) {
      picked.assign(picked.size(), true);
      continue;
    }
    if (!name) {
      fail(diagnose(Error::kExpected, column->span, "a column name", "an expression"));
      good = false;
      continue;
    }
    bool found = false;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const bool match = name->pattern ? matches_pattern(table.columns[i].name, name->name)
                                       : table.columns[i].name == name->name;
      if (match) picked[i] = found = true;
    }
    if (!found && !name->pattern && !table.open) {
      fail(column_not_found(name->name, column->span, &table));
      good = false;
    }
  }
  if (!good) return std::nullopt;
  std::vector<plan::Item> items;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (picked[i] == keep) items.push_back({table.columns[i], make_column(table.columns[i])});
  }
  if (items.empty()) {
    if (table.open) return table;
    return fail(diagnose(Error::kExpected, span, "at least one column", "none")), std::nullopt;
  }
  return project(table, std::move(items));
}

// project-by-names: texts and arrays of texts, in their order; what is not there is passed over.
std::optional<BoundTable> Binder::bind_project_by_names(const ProjectByNamesOp& op, BoundTable table,
                                                        const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  std::vector<plan::Item> items;
  std::set<int> placed;
  const auto pick = [&](std::string_view pattern) {
    for (const auto& column : table.columns) {
      if (matches_pattern(column.name, pattern) && placed.insert(column.id).second)
        items.push_back({column, make_column(column)});
    }
  };
  for (const auto& expr : op.columns) {
    auto value = bind_expr(*expr, scope);
    if (!value) return std::nullopt;
    const Literal* literal = constant_of(value);
    if (!literal && is_assumed(*value)) continue;
    if (!literal || (literal->type != Type::kString && literal->type != Type::kDynamic)) {
      return fail(diagnose(Error::kNotConstant, expr->span, "a column name or an array of them")),
             std::nullopt;
    }
    if (literal->type == Type::kString) {
      pick(literal->text);
      continue;
    }
    const auto json = parse_json(literal->text);
    if (!json || json->kind() == Json::Kind::kNull) continue;
    if (json->kind() == Json::Kind::kString) pick(json->as_string());
    if (json->kind() != Json::Kind::kArray) continue;
    for (const auto& element : json->as_array()) {
      if (element.kind() == Json::Kind::kString) pick(element.as_string());
    }
  }
  if (items.empty()) {
    if (table.open) return table;
    return fail(diagnose(Error::kExpected, op.columns[0]->span, "at least one column", "none")), std::nullopt;
  }
  return project(table, std::move(items));
}

std::optional<BoundTable> Binder::bind_rename(const ProjectRenameOp& op, BoundTable table, const EnvPtr&) {
  bool good = true;
  std::vector<plan::ColumnDef> renamed = table.columns;
  for (const auto& column : op.columns) {
    const auto* named = std::get_if<NamedExpr>(&column->node);
    const auto* old = named ? std::get_if<NameRef>(&named->value->node) : nullptr;
    if (!old) {
      fail(diagnose(Error::kExpected, column->span, "`new = old`", "an expression"));
      good = false;
      continue;
    }
    bool found = false;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name == old->name) {
        renamed[i].name = named->names[0].text;
        found = true;
      }
    }
    if (!found && table.open) {
      renamed.push_back(new_column(named->names[0].text, Type::kDynamic));
    } else if (!found) {
      fail(column_not_found(old->name, column->span, &table));
      good = false;
    }
  }
  std::set<std::string> taken;
  for (const auto& column : renamed) {
    if (!taken.insert(column.name).second) {
      fail(diagnose(Error::kDuplicateColumn, op.columns[0]->span, column.name));
      good = false;
    }
  }
  if (!good) return std::nullopt;
  std::vector<plan::Item> items;
  for (size_t i = 0; i < renamed.size(); ++i) {
    items.push_back(
        {renamed[i], i < table.columns.size() ? make_column(table.columns[i]) : assumed_column()});
  }
  return project(table, std::move(items));
}

std::optional<BoundTable> Binder::bind_reorder(const ProjectReorderOp& op, BoundTable table) {
  std::vector<plan::Item> items;
  std::set<int> placed;
  for (const auto& key : op.columns) {
    if (std::holds_alternative<Star>(key.value->node)) {
      for (const auto& column : table.columns) {
        if (placed.insert(column.id).second) items.push_back({column, make_column(column)});
      }
      continue;
    }
    const auto* name = std::get_if<NameRef>(&key.value->node);
    if (!name)
      return fail(diagnose(Error::kExpected, key.value->span, "a column name", "an expression")),
             std::nullopt;
    std::vector<plan::ColumnDef> matching;
    for (const auto& column : table.columns) {
      if (name->pattern ? matches_pattern(column.name, name->name) : column.name == name->name)
        matching.push_back(column);
    }
    if (matching.empty() && !name->pattern && !table.open) {
      return fail(column_not_found(name->name, key.value->span, &table)), std::nullopt;
    }
    if (key.ascending) {
      std::stable_sort(matching.begin(), matching.end(),
                       [&](auto& a, auto& b) { return *key.ascending ? a.name < b.name : b.name < a.name; });
    }
    for (const auto& column : matching) {
      if (placed.insert(column.id).second) items.push_back({column, make_column(column)});
    }
  }
  for (const auto& column : table.columns) {
    if (placed.insert(column.id).second) items.push_back({column, make_column(column)});
  }
  if (items.empty()) return table;
  return project(table, std::move(items));
}

std::optional<BoundTable> Binder::bind_distinct(const DistinctOp& op, BoundTable table, const EnvPtr& env) {
  if (op.columns.size() == 1 && std::holds_alternative<Star>(op.columns[0]->node)) {
    if (table.columns.empty()) return table;
  }
  auto made = bind_project(op.columns, std::move(table), env);
  if (!made) return std::nullopt;
  for (size_t i = 0; i < made->columns.size(); ++i) {
    if (made->columns[i].type == Type::kDynamic && !catalog_.open) {
      return fail(diagnose(Error::kDynamicKey, i < op.columns.size() ? op.columns[i]->span : Span{},
                           "distinct")),
             std::nullopt;
    }
  }
  made->number = 0;
  std::vector<plan::Item> items;
  for (const auto& column : made->columns) items.push_back({column, make_column(column)});
  BoundTable plain = project(*made, std::move(items));
  plain.rel = make_rel(plain.rel->columns, plan::Distinct{plain.rel});
  plain.ordered = false;
  return plain;
}

bool Binder::bind_keys(const std::vector<SortKey>& keys, const BoundTable& table, const EnvPtr& env,
                       std::vector<plan::SortKey>& out) {
  Scope scope;
  scope.env = env;
  scope.row = &table;
  bool good = true;
  for (const auto& key : keys) {
    auto value = bind_expr(*key.value, scope);
    if (!value) {
      good = false;
      continue;
    }
    if (value->type == Type::kDynamic) {
      if (!catalog_.open) {
        fail(diagnose(Error::kDynamicKey, key.value->span, "sort"));
        good = false;
        continue;
      }
    }
    const bool ascending = key.ascending.value_or(false);
    out.push_back({value, ascending, key.nulls_first.value_or(ascending)});
  }
  return good;
}

std::optional<BoundTable> Binder::bind_sort(const SortOp& op, BoundTable table, const EnvPtr& env) {
  std::vector<plan::SortKey> keys;
  if (!bind_keys(op.keys, table, env, keys)) return std::nullopt;
  table.number = 0;
  table.rel = make_rel(table.rel->columns, plan::Sort{table.rel, std::move(keys)});
  table.ordered = true;
  return table;
}

std::optional<BoundTable> Binder::bind_top(const TopOp& op, BoundTable table, const EnvPtr& env) {
  std::vector<plan::SortKey> keys;
  Scope scope;
  scope.env = env;
  auto count = convert(bind_expr(*op.count, scope), Type::kLong, op.count->span);
  if (!bind_keys(op.keys, table, env, keys) || !count) return std::nullopt;
  table.number = 0;
  table.rel = make_rel(table.rel->columns, plan::Sort{table.rel, std::move(keys)});
  table.rel = make_rel(table.rel->columns, plan::Limit{table.rel, count});
  table.ordered = true;
  return table;
}

}  // namespace huntbook::kql
