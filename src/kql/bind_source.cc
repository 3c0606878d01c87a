// Where rows come from: tables, lets, functions, datatable, print, range.
#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/bind.h"
#include "kql/parse.h"

namespace huntbook::kql {

std::optional<BoundTable> Binder::scan(const TableInfo& info) {
  BoundTable made;
  made.open = catalog_.open;
  made.label = info.name;
  plan::Scan scan{info.name, {}};
  for (size_t i = 0; i < info.schema.size(); ++i) {
    made.columns.push_back(new_column(info.schema.fields[i].name, info.schema.fields[i].type));
    scan.sources.push_back(i);
  }
  made.rel = make_rel(made.columns, std::move(scan));
  return made;
}

// A table that check --open takes for granted: no rows, every column.
std::optional<BoundTable> Binder::assumed_table(std::string name) {
  BoundTable made;
  made.open = true;
  made.label = std::move(name);
  std::vector<plan::ColumnDef> none{new_column("none", Type::kLong)};
  made.rel = make_rel(none, plan::Values{});
  return made;
}

// The same rows under new column ids, so that a table can meet itself in a join.
BoundTable Binder::reuse(const BoundTable& table) {
  if (table.graph) return table;
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) {
    items.push_back({new_column(column.name, column.type), make_column(column)});
  }
  BoundTable plain = table;
  plain.number = 0;
  if (items.empty()) {
    items.push_back({new_column("none", Type::kLong), make_long(0)});
    BoundTable made = project(plain, std::move(items));
    made.columns.clear();
    made.ordered = false;
    return made;
  }
  return project(plain, std::move(items));
}

std::optional<BoundTable> Binder::bind_source(const Expr& expr, const Scope& scope) {
  auto table = bind_any_source(expr, scope);
  if (!table || !table->graph) return table;
  Diagnostic graph = diagnose(Error::kTableNeeded, expr.span, "this place");
  graph.hint = "make a table of it with graph-match or graph-to-table";
  return fail(std::move(graph)), std::nullopt;
}

std::optional<BoundTable> Binder::bind_any_source(const Expr& expr, const Scope& scope) {
  if (const auto* name = std::get_if<NameRef>(&expr.node)) return bind_name(expr, *name, scope.env);
  if (const auto* data = std::get_if<DataTable>(&expr.node)) return bind_datatable(expr, *data, scope);
  if (const auto* call = std::get_if<Call>(&expr.node)) return bind_table_call(expr, *call, scope);
  if (const auto* sub = std::get_if<SubQuery>(&expr.node)) return bind_query(*sub->query, scope);
  if (std::holds_alternative<Path>(expr.node) || std::holds_alternative<Index>(expr.node))
    return bind_qualified(expr, scope.env);
  if (const auto* external = std::get_if<ExternalData>(&expr.node))
    return bind_external(expr, *external, scope);
  if (const auto* named = std::get_if<NamedExpr>(&expr.node)) return bind_any_source(*named->value, scope);
  return fail(diagnose(Error::kExpected, expr.span, "a table", "a value")), std::nullopt;
}

std::optional<BoundTable> Binder::bind_name(const Expr& expr, const NameRef& name, const EnvPtr& env) {
  if (const Env* bound = find(env, name.name)) {
    if (bound->table) return reuse(*bound->table);
    if (bound->function) {
      Call call;
      call.name = {name.name, expr.span};
      Scope scope;
      scope.env = env;
      return call_function(expr, call, *bound, scope);
    }
    if (catalog_.open) return assumed_table(name.name);
    return fail(diagnose(Error::kNotTabular, expr.span, name.name)), std::nullopt;
  }
  return bind_stored_name(expr, name, env);
}

// A table, view or function of the evidence and the packs.
std::optional<BoundTable> Binder::bind_stored_name(const Expr& expr, const NameRef& name, const EnvPtr& env) {
  if (name.pattern) {
    std::vector<BoundTable> tables;
    for (auto& [label, table] : tables_matching(name.name, env)) tables.push_back(std::move(table));
    if (tables.empty()) {
      if (catalog_.open) return assumed_table(name.name);
      return fail(diagnose(Error::kTableNotFound, expr.span, name.name)), std::nullopt;
    }
    return unite(std::move(tables), false, "", expr.span);
  }
  if (const auto* function = find_stored(env, name.name)) {
    Scope scope;
    scope.env = env;
    return bind_stored(expr, *function, nullptr, scope);
  }
  if (const auto* info = find_table(env, name.name)) return scan(*info);
  if (catalog_.open) return assumed_table(name.name);
  Diagnostic missing = diagnose(Error::kTableNotFound, expr.span, name.name);
  std::vector<std::string> names;
  for (const auto& info : catalog_.tables) names.push_back(info.name);
  for (const auto& function : catalog_.functions) names.push_back(function.name);
  if (auto near = nearest_name(name.name, names)) missing.hint = "did you mean `" + *near + "`?";
  else if (catalog_.tables.empty()) missing.hint = "point -d at evidence, or write the rows with datatable";
  return fail(std::move(missing)), std::nullopt;
}

std::vector<std::pair<std::string, BoundTable>> Binder::tables_matching(std::string_view pattern,
                                                                        const EnvPtr& env) {
  std::vector<std::pair<std::string, BoundTable>> found;
  for (const auto& info : catalog_.tables) {
    if (info.kind == "table" && matches_pattern(info.name, pattern) && is_visible(env, info.name)) {
      if (auto table = scan(info)) found.emplace_back(info.name, std::move(*table));
    }
  }
  std::vector<const Env*> views;
  for (const Env* at = env.get(); at; at = at->parent.get()) {
    if (at->view && matches_pattern(at->name, pattern) && find(env, at->name) == at) views.push_back(at);
  }
  std::reverse(views.begin(), views.end());  // as they are written
  for (const Env* at : views) {
    Expr expr;
    Call call;
    call.name.text = at->name;
    Scope scope;
    scope.env = env;
    if (auto table = call_function(expr, call, *at, scope)) {
      table->label = at->name;
      found.emplace_back(at->name, std::move(*table));
    }
  }
  return found;
}

std::optional<BoundTable> Binder::bind_table_call(const Expr& expr, const Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  if (const Env* bound = find(scope.env, name)) {
    if (bound->function) return call_function(expr, call, *bound, scope);
    if (bound->table) return reuse(*bound->table);
    if (bound->pattern) return bind_pattern(expr, call, std::nullopt, *bound);
  }
  if (name == "materialize" && call.args.size() == 1) {
    auto table = bind_source(*call.args[0], scope);
    if (!table) return std::nullopt;
    table->rel = make_rel(table->rel->columns, plan::Shared{++last_shared_, table->rel});
    return table;
  }
  if (name == "graph" && !catalog_.open)
    return fail(unsupported("`graph()`: a stored graph", call.name.span)), std::nullopt;
  if (name == "table" && !call.args.empty()) {
    auto text = constant_text(*call.args[0], scope);
    if (!text) return std::nullopt;
    if (const auto* info = find_table(scope.env, *text)) return scan(*info);
    NameRef ref;
    ref.name = *text;
    return bind_name(expr, ref, scope.env);
  }
  if (call.base) {
    if (catalog_.open) return assumed_table(name);
    if (const auto remote = remote_place(expr, scope.env)) {
      size_t taken = 0;
      return bind_remote(*remote, {}, taken, scope);
    }
    const auto* place = std::get_if<Call>(&call.base->node);
    if (!place) return fail(diagnose(Error::kExpected, expr.span, "a table", "a value")), std::nullopt;
    if (!is_here(*place, scope.env)) return std::nullopt;
    if (name == "table" && !call.args.empty()) {
      auto text = constant_text(*call.args[0], scope);
      if (!text) return std::nullopt;
      NameRef ref;
      ref.name = *text;
      return bind_stored_name(expr, ref, scope.env);
    }
  }
  if (name == "evidence" || name == "rejects") {
    if (const auto* info = find_table(scope.env, name + "()")) return scan(*info);
  }
  if (const auto* function = find_stored(scope.env, name)) return bind_stored(expr, *function, &call, scope);
  if (catalog_.open) {
    Scope inner = scope;
    std::vector<plan::ExprPtr> ignored;
    for (const auto& arg : call.args) {
      if (!is_tabular(*arg, scope.env)) ignored.push_back(bind_expr(*arg, inner));
    }
    return assumed_table(name);
  }
  Diagnostic missing = diagnose(Error::kFunctionNotFound, call.name.span, name);
  std::vector<std::string> names;
  for (const auto& function : catalog_.functions) names.push_back(function.name);
  if (auto near = nearest_name(name, names)) missing.hint = "did you mean `" + *near + "`?";
  return fail(std::move(missing)), std::nullopt;
}

// What an argument of a stored function says, as a user would write it.
std::optional<std::string> Binder::argument_text(const Expr& value, const Scope& scope) {
  Scope outer;
  outer.env = scope.env;
  auto bound = bind_expr(value, outer);
  if (!bound) return std::nullopt;
  const Literal* literal = constant_of(bound);
  std::string text;
  if (literal) {
    switch (literal->type) {
      case Type::kBool: text = literal->integer ? "true" : "false"; break;
      case Type::kInt:
      case Type::kLong: text = std::to_string(literal->integer); break;
      case Type::kReal: text = fmt::format("{}", literal->real); break;
      case Type::kDatetime: text = format_datetime(literal->integer); break;
      case Type::kTimespan: text = format_timespan(literal->integer); break;
      default: text = literal->text;
    }
  } else if (const auto* time = std::get_if<Call>(&value.node);
             time &&
             (time->name.text == "ago" || time->name.text == "now" || time->name.text == "datetime")) {
    // ago(2d): the instant, from the constants of the expression
    const auto* sum = std::get_if<plan::SqlCall>(&bound->node);
    const auto* body = std::get_if<plan::BodyCall>(&bound->node);
    const auto& parts = sum ? sum->args : body ? body->args : std::vector<plan::ExprPtr>{};
    const Literal* at = parts.size() == 2 ? constant_of(parts[0]) : nullptr;
    const Literal* by = parts.size() == 2 ? constant_of(parts[1]) : nullptr;
    if (!at || !by)
      return fail(diagnose(Error::kNotConstant, value.span, "an argument of a stored function")),
             std::nullopt;
    text = format_datetime(time->name.text == "ago" ? at->integer - by->integer : at->integer + by->integer);
  } else {
    return fail(diagnose(Error::kNotConstant, value.span, "an argument of a stored function")), std::nullopt;
  }
  return text;
}

// A pack query or view: its text for these arguments is parsed and bound like a let.
std::optional<BoundTable> Binder::bind_stored(const Expr& expr, const StoredFunction& function,
                                              const Call* call, const Scope& scope) {
  if (std::find(expanding_.begin(), expanding_.end(), function.name) != expanding_.end() ||
      expanding_.size() > 32) {
    return fail(diagnose(Error::kRecursion, expr.span, function.name)), std::nullopt;
  }
  if (function.lambda) return bind_lambda(expr, function, call, scope);
  std::vector<std::pair<std::string, std::string>> args;
  for (size_t i = 0; call && i < call->args.size(); ++i) {
    const Expr* value = call->args[i].get();
    std::string name = i < function.params.size() ? function.params[i].name : "";
    if (const auto* named = std::get_if<NamedExpr>(&value->node); named && named->names.size() == 1) {
      name = named->names[0].text;
      value = named->value.get();
    }
    const auto* param = [&]() -> const StoredFunction::Param* {
      for (const auto& p : function.params) {
        if (p.name == name || std::find(p.aliases.begin(), p.aliases.end(), name) != p.aliases.end())
          return &p;
      }
      return nullptr;
    }();
    if (!param) {
      Diagnostic unknown =
          name.empty()
              ? diagnose(Error::kArgumentCount, expr.span, function.name,
                         fmt::format("at most {} arguments", function.params.size()), call->args.size())
              : diagnose(Error::kUnknownParameter, call->args[i]->span, function.name, name);
      std::vector<std::string> names;
      for (const auto& p : function.params) names.push_back(p.name);
      if (auto near = nearest_name(name, names)) unknown.hint = "did you mean `" + *near + "`?";
      return fail(std::move(unknown)), std::nullopt;
    }
    auto text = argument_text(*value, scope);
    if (!text) return std::nullopt;
    args.emplace_back(param->name, std::move(*text));
  }
  auto text = function.expand(args);
  if (!text) {
    Diagnostic failure = text.error();
    failure.span = expr.span;
    return fail(std::move(failure)), std::nullopt;
  }
  Diagnostics inner;
  scripts_.push_back(parse(*text, inner));
  return bind_body(expr, function, std::move(inner),
                   [&] { return bind_statements(scripts_.back().statements, nullptr); });
}

// What `bind` makes of a stored function's text; its mistakes are told at the call.
std::optional<BoundTable> Binder::bind_body(const Expr& expr, const StoredFunction& function,
                                            Diagnostics inner, const std::function<Table()>& bind) {
  const size_t before = diagnostics_.size();
  for (auto& diagnostic : inner) fail(std::move(diagnostic));
  expanding_.push_back(function.name);
  Table table = bind();
  expanding_.pop_back();
  for (size_t i = before; i < diagnostics_.size(); ++i) {
    if (diagnostics_[i].place.empty()) {
      diagnostics_[i].place = function.name;
      diagnostics_[i].span = expr.span;
    }
  }
  chart_.reset();
  if (!table || diagnostics_.size() > before) return std::nullopt;
  table->label = function.name;
  table->ordered = false;
  if (catalog_.open) table->open = true;
  return table;
}

// A stored function with parameters of its own: called as one that a `let` defines.
std::optional<BoundTable> Binder::bind_lambda(const Expr& expr, const StoredFunction& function,
                                              const Call* call, const Scope& scope) {
  const auto text = function.expand({});
  if (!text) {
    Diagnostic failure = text.error();
    failure.span = expr.span;
    return fail(std::move(failure)), std::nullopt;
  }
  Diagnostics inner;
  texts_.push_back("let f = " + *text + ";");
  scripts_.push_back(parse(texts_.back(), inner));
  const FunctionBody* body = function_of(scripts_.back());
  Call bare;
  bare.name = {function.name, expr.span};
  std::optional<EnvPtr> env;
  if (body && inner.empty()) {
    env = bind_arguments(expr, call ? *call : bare, *body, nullptr, scope, nullptr);
    if (!env) return std::nullopt;
  }
  return bind_body(expr, function, std::move(inner), [&]() -> Table {
    if (!env) return std::nullopt;
    for (const auto& statement : body->statements) {
      if (const auto* let = std::get_if<LetStatement>(&statement.node)) bind_let(*let, *env);
    }
    Scope inside;
    inside.env = *env;
    return bind_query(*body->body, inside);
  });
}

std::optional<EnvPtr> Binder::bind_arguments(const Expr& expr, const Call& call, const FunctionBody& function,
                                             const EnvPtr& function_env, const Scope& scope,
                                             const BoundTable* piped) {
  const auto& params = function.params;
  std::vector<const Expr*> values(params.size(), nullptr);
  size_t place = piped ? 1 : 0;
  for (const auto& arg : call.args) {
    const Expr* value = arg.get();
    size_t at = place;
    const auto* named = std::get_if<NamedExpr>(&arg->node);
    if (named && named->names.size() == 1) {
      value = named->value.get();
      for (at = 0; at < params.size() && params[at].name.text != named->names[0].text; ++at) {
      }
      if (at == params.size()) {
        auto unknown = diagnose(Error::kUnknownParameter, arg->span, call.name.text, named->names[0].text);
        std::vector<std::string> names;
        for (const auto& param : params) names.push_back(param.name.text);
        if (auto near = nearest_name(named->names[0].text, names))
          unknown.hint = "did you mean `" + *near + "`?";
        fail(std::move(unknown));
        return std::nullopt;
      }
    } else {
      ++place;
    }
    if (at >= params.size()) {
      fail(diagnose(Error::kArgumentCount, expr.span, call.name.text,
                    fmt::format("at most {} arguments", params.size()), call.args.size() + (piped ? 1 : 0)));
      return std::nullopt;
    }
    values[at] = value;
  }
  EnvPtr env = function_env;
  for (size_t i = 0; i < params.size(); ++i) {
    auto made = std::make_shared<Env>();
    made->parent = env;
    made->name = params[i].name.text;
    if (params[i].tabular) {
      Table table;
      if (i == 0 && piped) {
        table = *piped;
      } else if (values[i]) {
        Scope outer;
        outer.env = scope.env;
        table = bind_source(*values[i], outer);
      } else {
        fail(diagnose(Error::kMissingParameter, expr.span, made->name, call.name.text));
      }
      if (!table) return std::nullopt;
      for (const auto& column : params[i].columns) {
        if (table->find(column.name.text)) continue;
        if (table->open) {
          std::vector<plan::Item> items;
          for (const auto& c : table->columns) items.push_back({c, make_column(c)});
          items.push_back({new_column(column.name.text, column.type), make_null(column.type)});
          table = project(*table, std::move(items));
        } else {
          fail(column_not_found(column.name.text, expr.span, &*table));
          return std::nullopt;
        }
      }
      auto shared = std::make_shared<BoundTable>(*table);
      shared->rel = make_rel(table->rel->columns, plan::Shared{++last_shared_, table->rel});
      made->table = shared;
    } else {
      Scope inner;
      inner.env = function_env;
      const Expr* value = values[i] ? values[i] : params[i].default_value.get();
      if (!value) {
        fail(diagnose(Error::kMissingParameter, expr.span, made->name, call.name.text));
        return std::nullopt;
      }
      auto bound = bind_expr(*value, values[i] ? scope : inner);
      if (bound && bound->type != params[i].type) bound = convert(bound, params[i].type, value->span);
      if (!bound) return std::nullopt;
      made->scalar = std::move(bound);
    }
    env = made;
  }
  return env;
}

std::optional<BoundTable> Binder::call_function(const Expr& expr, const Call& call, const Env& binding,
                                                const Scope& scope, const BoundTable* piped) {
  if (expanding_.size() > 64)
    return fail(diagnose(Error::kRecursion, expr.span, call.name.text)), std::nullopt;
  if (!count_term(expr.span)) return std::nullopt;
  auto env = bind_arguments(expr, call, *binding.function, binding.parent, scope, piped);
  if (!env) return std::nullopt;
  expanding_.push_back(call.name.text);
  EnvPtr inner = *env;
  for (const auto& statement : binding.function->statements) {
    if (const auto* let = std::get_if<LetStatement>(&statement.node)) bind_let(*let, inner);
  }
  Scope body;
  body.env = inner;
  Table table = bind_query(*binding.function->body, body);
  expanding_.pop_back();
  if (table) table->label = binding.view ? binding.name : std::string();
  return table;
}

plan::ExprPtr Binder::call_scalar_function(const Expr& expr, const Call& call, const Env& binding,
                                           const Scope& scope) {
  if (expanding_.size() > 64) return fail(diagnose(Error::kRecursion, expr.span, call.name.text));
  auto env = bind_arguments(expr, call, *binding.function, binding.parent, scope, nullptr);
  if (!env) return nullptr;
  expanding_.push_back(call.name.text);
  EnvPtr inner = *env;
  for (const auto& statement : binding.function->statements) {
    if (const auto* let = std::get_if<LetStatement>(&statement.node)) bind_let(*let, inner);
  }
  Scope body;
  body.env = inner;
  plan::ExprPtr value;
  const Query& query = *binding.function->body;
  const auto* source = std::get_if<kql::ExprPtr>(&query.source);
  if (source && query.operators.empty()) value = bind_expr(**source, body);
  else fail(diagnose(Error::kNotScalar, expr.span));
  expanding_.pop_back();
  return value;
}

std::optional<BoundTable> Binder::bind_datatable(const Expr& expr, const DataTable& data,
                                                 const Scope& scope) {
  BoundTable made;
  for (const auto& column : data.columns) {
    if (made.find(column.name.text))
      return fail(diagnose(Error::kDuplicateColumn, column.name.span, column.name.text)), std::nullopt;
    made.columns.push_back(new_column(column.name.text, column.type));
  }
  if (made.columns.empty())
    return fail(diagnose(Error::kExpected, expr.span, "columns", "none")), std::nullopt;
  if (data.values.size() % made.columns.size() != 0) {
    return fail(diagnose(Error::kValueCount, expr.span, data.values.size(), made.columns.size())),
           std::nullopt;
  }
  plan::Values values;
  std::vector<plan::ExprPtr> row;
  bool good = true;
  for (size_t i = 0; i < data.values.size(); ++i) {
    const Type type = made.columns[i % made.columns.size()].type;
    auto value = convert(bind_expr(*data.values[i], scope), type, data.values[i]->span);
    good = good && value;
    row.push_back(std::move(value));
    if (row.size() == made.columns.size()) {
      values.rows.push_back(std::move(row));
      row.clear();
    }
  }
  if (!good) return std::nullopt;
  made.rel = make_rel(made.columns, std::move(values));
  return made;
}

std::optional<BoundTable> Binder::bind_print(const PrintSource& print, const Scope& scope) {
  BoundTable one;
  std::vector<plan::ColumnDef> none{new_column("none", Type::kLong)};
  one.rel = make_rel(none, plan::Values{{{make_long(0)}}});
  one.ordered = true;
  std::vector<plan::Item> items;
  std::set<std::string> taken;
  bool good = true;
  for (size_t i = 0; i < print.columns.size(); ++i) {
    const Expr* expr = print.columns[i].get();
    std::string name = "print_" + std::to_string(i);
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    if (named) {
      if (!named->names.empty()) name = named->names[0].text;
      expr = named->value.get();
    }
    if (!named || named->tuple) {
      if (const auto many = bind_columns(*expr, scope)) {
        const auto parts = named_parts(*many, named, expr->span);
        good = good && parts;
        for (const auto& part : parts ? *parts : std::vector<NamedPart>())
          items.push_back({new_column(unique_name(part.name, taken), part.value->type), part.value});
        continue;
      }
    }
    auto value = bind_expr(*expr, scope);
    good = good && value;
    if (value) items.push_back({new_column(unique_name(name, taken), value->type), value});
  }
  if (!good) return std::nullopt;
  BoundTable made = project(one, std::move(items));
  return made;
}

std::optional<BoundTable> Binder::bind_range(const RangeSource& range, const Scope& scope) {
  auto from = bind_expr(*range.from, scope);
  auto to = bind_expr(*range.to, scope);
  auto step = range.step ? bind_expr(*range.step, scope) : nullptr;
  if (!from || !to || (range.step && !step)) return std::nullopt;
  if (!step) {  // the step is optional: one, or one day
    if (from->type == Type::kDatetime || from->type == Type::kTimespan) {
      Literal day;
      day.type = Type::kTimespan;
      day.integer = 864'000'000'000;
      step = make_constant(day);
    } else {
      step = make_long(1);
    }
  }
  Type type = from->type;
  if (type == Type::kInt) type = Type::kLong;
  if (type == Type::kDynamic) type = to->type == Type::kDynamic ? Type::kLong : to->type;
  if (type == Type::kLong && (to->type == Type::kReal || step->type == Type::kReal)) type = Type::kReal;
  if (type != Type::kLong && type != Type::kReal && type != Type::kDatetime && type != Type::kTimespan) {
    return fail(diagnose(Error::kArgumentType, range.from->span, 1, "range", "a number, datetime or timespan",
                         type_name(type))),
           std::nullopt;
  }
  from = convert(from, type, range.from->span);
  to = convert(to, type, range.to->span);
  step = convert(step, type == Type::kDatetime ? Type::kTimespan : type, range.from->span);
  if (!from || !to || !step) return std::nullopt;
  BoundTable made;
  made.columns = {new_column(range.column.text, type)};
  made.rel = make_rel(made.columns, plan::Range{from, to, step});
  made.ordered = true;
  return made;
}

}  // namespace huntbook::kql
