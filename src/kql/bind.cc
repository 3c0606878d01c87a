// The binder's frame: statements, names, pipes. The other bind_*.cc files hold one subject each.
#include "kql/bind.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "kql/bind_graph.h"
#include "kql/lex.h"

namespace huntbook::kql {

// Whether an expression in a place where both may stand is a table.
bool Binder::is_tabular(const Expr& expr, const EnvPtr& env) const {
  if (std::holds_alternative<DataTable>(expr.node) || std::holds_alternative<ExternalData>(expr.node))
    return true;
  if (const auto* sub = std::get_if<SubQuery>(&expr.node)) return is_tabular(*sub->query, env);
  if (const auto* name = std::get_if<NameRef>(&expr.node)) {
    if (const Env* bound = find(env, name->name)) {
      if (bound->function)
        return bound->function->params.empty() && is_tabular(*bound->function->body, bound->parent);
      return bound->table != nullptr;
    }
    return name->pattern || find_table(env, name->name) || find_stored(env, name->name);
  }
  if (const auto* call = std::get_if<Call>(&expr.node)) {
    if (call->base) return true;
    const std::string& name = call->name.text;
    if (const Env* bound = find(env, name)) {
      if (bound->table || bound->pattern) return true;
      return bound->function && is_tabular(*bound->function->body, bound->parent);
    }
    if (name == "table" || name == "database" || name == "cluster" || name == "view" || name == "app" ||
        name == "workspace" || name == "arg" || name == "adx" || name == "resource" ||
        name == "external_table" || name == "evidence" || name == "rejects" || name == "materialized_view") {
      return true;
    }
    if (name == "materialize") return !call->args.empty() && is_tabular(*call->args[0], env);
    if (find_function(name, FunctionKind::kScalar) || find_function(name, FunctionKind::kAggregate))
      return false;
    return find_stored(env, name) != nullptr;
  }
  return is_qualified(expr, env);
}

bool Binder::is_tabular(const Query& query, const EnvPtr& env) const {
  if (!query.operators.empty()) return true;
  if (const auto* source = std::get_if<kql::ExprPtr>(&query.source)) return is_tabular(**source, env);
  return !std::holds_alternative<std::monostate>(query.source);
}

bool Binder::bind_let(const LetStatement& let, EnvPtr& env) {
  auto made = std::make_shared<Env>();
  made->parent = env;
  made->name = let.name.text;
  if (const auto* function = std::get_if<std::unique_ptr<FunctionBody>>(&let.value)) {
    made->function = function->get();
    made->view = function->get()->view;
    env = made;
    return true;
  }
  const Query& query = *std::get<QueryPtr>(let.value);
  Scope scope;
  scope.env = env;
  bool tabular = is_tabular(query, env);
  const auto* source = std::get_if<kql::ExprPtr>(&query.source);
  if (!tabular && catalog_.open && source) {  // an unknown name is assumed to be a table
    if (const auto* name = std::get_if<NameRef>(&(*source)->node)) tabular = !find(env, name->name);
    if (const auto* call = std::get_if<Call>(&(*source)->node)) {
      tabular =
          !find(env, call->name.text) && !find_function(call->name.text, FunctionKind::kScalar) &&
          (call->name.text.starts_with("_") || std::isupper(static_cast<unsigned char>(call->name.text[0])));
    }
  }
  if (!tabular && source) {
    made->scalar = bind_expr(**source, scope);
    if (made->scalar && made->scalar->depth > kMaxDepth) made->scalar = fail(too_deep((*source)->span));
    if (!made->scalar) {  // the name is known all the same, so that one mistake is told once
      made->scalar = make_null(Type::kDynamic);
      env = made;
      return false;
    }
  } else {
    auto table = bind_query(query, scope);
    if (!table) {
      auto unknown = assumed_table(let.name.text);
      if (unknown) {
        unknown->open = true;
        made->table = std::make_shared<BoundTable>(std::move(*unknown));
      }
      env = made;
      return false;
    }
    // The rows are computed once however often the name is used; a name used once is inlined again later.
    auto shared = std::make_shared<BoundTable>(*table);
    if (!table->graph) shared->rel = make_rel(table->rel->columns, plan::Shared{++last_shared_, table->rel});
    shared->label.clear();
    made->table = shared;
  }
  env = made;
  return true;
}

std::optional<BoundTable> Binder::bind_statements(const std::vector<Statement>& statements, EnvPtr env,
                                                  std::vector<Given>* results) {
  Table result;
  const auto give = [&] {
    if (!results || !result) return;
    results->push_back({*result, chart_});
    for (auto& table : std::exchange(also_given_, {})) results->push_back({std::move(table), std::nullopt});
  };
  for (const auto& statement : statements) {
    if (const auto* let = std::get_if<LetStatement>(&statement.node)) {
      bind_let(*let, env);
    } else if (const auto* query = std::get_if<QueryStatement>(&statement.node)) {
      chart_.reset();
      Scope scope;
      scope.env = env;
      // A lone scalar expression is printed.
      if (query->query->operators.empty() && !is_tabular(*query->query, env)) {
        if (const auto* source = std::get_if<kql::ExprPtr>(&query->query->source)) {
          const auto* name = std::get_if<NameRef>(&(*source)->node);
          const Env* bound = name ? find(env, name->name) : nullptr;
          if (!name || (bound && bound->scalar)) {
            const auto* call = std::get_if<Call>(&(*source)->node);
            if (!(call && catalog_.open)) {
              auto value = bind_expr(**source, scope);
              if (!value) return std::nullopt;
              std::vector<plan::ColumnDef> none{new_column("none", Type::kLong)};
              BoundTable one;
              one.rel = make_rel(none, plan::Values{{{make_long(0)}}});
              result = project(one, {{new_column("print_0", value->type), value}});
              give();
              continue;
            }
          }
        }
      }
      also_given_.clear();
      if (results && gives_several(*query->query)) {
        if (!bind_several(*query->query, scope, *results)) return std::nullopt;
        result = results->back().table;
        continue;
      }
      result = bind_query(*query->query, scope);
      const bool named = !exported_.empty() && &statement != &statements.back();
      for (const auto& exported : std::exchange(exported_, {})) {
        auto made = std::make_shared<Env>(*exported);
        made->parent = env;
        env = made;
      }
      if (!named) give();  // what got a name is given where the name is used
    } else if (const auto* management = std::get_if<ManagementStatement>(&statement.node)) {
      if (std::any_of(statements.begin(), statements.end(), [](const auto& other) {
            return std::holds_alternative<RestrictStatement>(other.node);
          })) {
        fail(unsupported("a command beside `restrict access`", statement.span));
        continue;
      }
      result = bind_management(*management, env);
      give();
    } else if (const auto* declared = std::get_if<QueryParametersStatement>(&statement.node)) {
      bind_parameters(*declared, env);
    } else if (const auto* pattern = std::get_if<PatternStatement>(&statement.node)) {
      auto made = std::make_shared<Env>();
      made->parent = env;
      made->name = pattern->name.text;
      made->pattern = pattern;
      env = made;
    } else if (const auto* restricted = std::get_if<RestrictStatement>(&statement.node)) {
      auto made = std::make_shared<Env>();
      made->parent = env;
      made->restricted = restricted;
      env = made;
    } else if (const auto* alias = std::get_if<AliasStatement>(&statement.node)) {
      auto made = std::make_shared<Env>();
      made->parent = env;
      made->name = "database:" + alias->name.text;  // no name of a let
      made->alias = alias;
      env = made;
    } else if (const auto* set = std::get_if<SetStatement>(&statement.node)) {
      settings_[set->name.text] = set->value.get();
      bind_set(*set, env);
    } else if (const auto* other = std::get_if<OtherStatement>(&statement.node)) {
      fail(unsupported(fmt::format("statement `{}`", other->keyword), statement.span));
    }
  }
  return result;
}

std::optional<Schema> Binder::columns(const Script& script) {
  only_columns_ = true;
  const auto table = bind_statements(script.statements, nullptr);
  if (!table) return std::nullopt;
  Schema schema;
  for (const auto& column : table->columns) schema.fields.push_back({column.name, column.type, ""});
  return schema;
}

std::vector<plan::Plan> Binder::bind(const Script& script) {
  std::vector<Given> results;
  const auto table = bind_statements(script.statements, nullptr, &results);
  for (const auto& [name, text] : catalog_.parameters) {
    if (given_.contains(name)) continue;
    Diagnostic failure = diagnose(Error::kUnknownParameter, {}, "declare query_parameters", name);
    failure.hint = "begin the query with `declare query_parameters(" + name + ":string);`";
    fail(std::move(failure));
  }
  if ((!table || results.empty()) && diagnostics_.empty()) fail(diagnose(Error::kEmptyQuery, {}));
  for (const auto& given : results) {
    if (!given.table.graph) continue;
    Diagnostic graph = diagnose(Error::kTableNeeded, {}, "the end of a query");
    graph.hint = "end it with graph-match or graph-to-table";
    fail(std::move(graph));
    break;
  }
  std::vector<plan::Plan> plans;
  if (!diagnostics_.empty()) return plans;
  for (const auto& given : results) plans.push_back(plan_of(given));
  return plans;
}

// The result has exactly the visible columns, in the order of the numbered rows when there is one.
plan::Plan Binder::plan_of(const Given& given) {
  const BoundTable& table = given.table;
  plan::Plan plan;
  plan.chart = given.chart;
  plan.sorted = table.ordered;
  plan.label = table.label;
  plan::RelPtr rel = table.rel;
  if (table.number && table.ordered) {
    plan::ColumnDef number{table.number, "", Type::kLong};
    rel = make_rel(rel->columns, plan::Sort{rel, {{make_column(number), true, false}}});
  }
  if (take_) rel = make_rel(rel->columns, plan::Limit{rel, make_long(*take_)});
  bool same = rel->columns.size() == table.columns.size();
  for (size_t i = 0; same && i < rel->columns.size(); ++i) {
    same = rel->columns[i].id == table.columns[i].id && rel->columns[i].name == table.columns[i].name;
  }
  if (!same) {
    std::vector<plan::Item> items;
    for (const auto& column : table.columns) items.push_back({column, make_column(column)});
    rel = make_rel(table.columns, plan::Project{rel, std::move(items)});
  }
  plan.root = rel;
  return plan;
}

std::optional<BoundTable> Binder::bind_query(const Query& query, const Scope& scope,
                                             const BoundTable* input) {
  Table table;
  size_t from = 0;
  if (const auto* source = std::get_if<kql::ExprPtr>(&query.source)) {
    Scope outer;
    outer.env = scope.env;
    const auto remote = catalog_.open ? std::nullopt : remote_place(**source, scope.env);
    table = remote ? bind_remote(*remote, query.operators, from, outer) : bind_any_source(**source, outer);
  } else if (const auto* print = std::get_if<PrintSource>(&query.source)) {
    table = bind_print(*print, scope);
  } else if (const auto* range = std::get_if<RangeSource>(&query.source)) {
    table = bind_range(*range, scope);
  } else if (input) {
    table = *input;
  } else if (!query.operators.empty()) {
    const Operator& first = query.operators[0];
    from = 1;
    if (const auto* set = std::get_if<UnionOp>(&first.node)) {
      table = bind_union(first, *set, nullptr, scope.env);
    } else if (const auto* search = std::get_if<SearchOp>(&first.node)) {
      table = bind_search(first, *search, nullptr, scope.env);
    } else if (const auto* find = std::get_if<FindOp>(&first.node)) {
      table = bind_find(first, *find, nullptr, scope.env);
    } else if (const Call* request = source_request(first)) {
      table = bind_source_request(first, *request, scope.env);
    } else {
      return fail(unsupported(fmt::format("operator `{}`", first.name), first.name_span)), std::nullopt;
    }
  } else {
    return fail(diagnose(Error::kEmptyQuery, query.span)), std::nullopt;
  }
  return bind_operators(std::move(table), query.operators, from, scope.env);
}

std::optional<BoundTable> Binder::bind_operators(Table table, const std::vector<Operator>& operators,
                                                 size_t from, const EnvPtr& env) {
  EnvPtr named = env;
  for (size_t i = from; i < operators.size(); ++i) {
    const Operator& op = operators[i];
    if (!table || &op == stop_) return table;
    if (const auto* as = std::get_if<AsOp>(&op.node)) {  // the rest of the pipe may use the name
      auto made = std::make_shared<Env>();
      made->parent = named;
      made->name = as->name.text;
      auto shared = std::make_shared<BoundTable>(*table);
      if (!table->graph)
        shared->rel = make_rel(table->rel->columns, plan::Shared{++last_shared_, table->rel});
      shared->label = as->name.text;
      made->table = shared;
      named = made;
      table = *shared;
      continue;
    }
    if (table->graph || is_graph_operator(op)) {
      table = bind_graph_operator(op, std::move(*table), named);
      continue;
    }
    table = table->group.id ? bind_grouped(op, std::move(*table), named)
                            : bind_operator(op, std::move(*table), named);
    also_given_.clear();  // by a query inside
    if (table && table->rel->depth > kMaxDepth) return fail(too_deep(op.name_span)), std::nullopt;
  }
  return table;
}

BoundTable Binder::project(const BoundTable& from, std::vector<plan::Item> items) {
  BoundTable made;
  for (const auto& item : items) made.columns.push_back(item.column);
  std::vector<plan::ColumnDef> all = made.columns;
  if (from.number) {
    const bool kept = std::any_of(all.begin(), all.end(), [&](auto& c) { return c.id == from.number; });
    if (!kept) {
      plan::ColumnDef number{from.number, "", Type::kLong};
      items.push_back({number, make_column(number)});
      all.push_back(number);
    }
  }
  if (from.group.id) {
    items.push_back({from.group, make_column(from.group)});
    all.push_back(from.group);
  }
  made.rel = make_rel(std::move(all), plan::Project{from.rel, std::move(items)});
  made.ordered = from.ordered;
  made.number = from.number;
  made.group = from.group;
  made.groups = from.groups;
  made.open = from.open;
  made.label = from.label;
  return made;
}

std::optional<huntbook::Table> Binder::run_now(plan::RelPtr rel) {
  if (!catalog_.run || !diagnostics_.empty()) return std::nullopt;
  plan::Plan part;
  part.root = std::move(rel);
  auto table = catalog_.run(part);
  if (!table.ok()) return fail(table.error()), std::nullopt;
  return std::move(*table);
}

void Binder::number(BoundTable& table) {
  if (table.number) return;
  plan::ColumnDef column = new_column("", Type::kLong);
  std::vector<plan::ColumnDef> all = table.rel->columns;
  all.push_back(column);
  std::vector<plan::SortKey> order;
  plan::RelPtr input = table.rel;
  if (const auto* sort = std::get_if<plan::Sort>(&table.rel->node)) {
    order = sort->keys;
    input = sort->input;
  }
  table.rel = make_rel(std::move(all), plan::Number{input, std::move(order), column});
  table.number = column.id;
}

std::optional<BoundTable> Binder::bind_operator(const Operator& op, BoundTable table, const EnvPtr& env) {
  if (const auto* o = std::get_if<WhereOp>(&op.node)) return bind_where(*o->predicate, std::move(table), env);
  if (const auto* o = std::get_if<ExtendOp>(&op.node))
    return bind_extend(o->columns, std::move(table), env, false);
  if (const auto* o = std::get_if<SerializeOp>(&op.node))
    return bind_extend(o->columns, std::move(table), env, true);
  if (const auto* o = std::get_if<ProjectOp>(&op.node))
    return bind_project(o->columns, std::move(table), env);
  if (const auto* o = std::get_if<ProjectAwayOp>(&op.node))
    return bind_project_pick(o->columns, std::move(table), false, op.span);
  if (const auto* o = std::get_if<ProjectKeepOp>(&op.node))
    return bind_project_pick(o->columns, std::move(table), true, op.span);
  if (const auto* o = std::get_if<ProjectByNamesOp>(&op.node))
    return bind_project_by_names(*o, std::move(table), env);
  if (const auto* o = std::get_if<ProjectRenameOp>(&op.node)) return bind_rename(*o, std::move(table), env);
  if (const auto* o = std::get_if<ProjectReorderOp>(&op.node)) return bind_reorder(*o, std::move(table));
  if (const auto* o = std::get_if<SummarizeOp>(&op.node))
    return bind_summarize(pointers(o->aggregates), pointers(o->keys), std::move(table), env);
  if (const auto* o = std::get_if<DistinctOp>(&op.node)) return bind_distinct(*o, std::move(table), env);
  if (const auto* o = std::get_if<CountOp>(&op.node)) return bind_count(*o, table);
  if (const auto* o = std::get_if<SortOp>(&op.node)) return bind_sort(*o, std::move(table), env);
  if (const auto* o = std::get_if<TopOp>(&op.node)) return bind_top(*o, std::move(table), env);
  if (std::holds_alternative<TakeOp>(op.node) || std::holds_alternative<SampleOp>(op.node)) {
    const bool sample = std::holds_alternative<SampleOp>(op.node);
    Scope scope;
    scope.env = env;
    auto count =
        bind_expr(sample ? *std::get<SampleOp>(op.node).count : *std::get<TakeOp>(op.node).count, scope);
    count = convert(count, Type::kLong, op.span);
    if (!count) return std::nullopt;
    if (sample) table.rel = make_rel(table.rel->columns, plan::Sample{table.rel, count});
    else table.rel = make_rel(table.rel->columns, plan::Limit{table.rel, count});
    return table;
  }
  if (const auto* o = std::get_if<SampleDistinctOp>(&op.node))
    return bind_sample_distinct(op, *o, std::move(table), env);
  if (const auto* o = std::get_if<PartitionOp>(&op.node))
    return bind_partition(op, *o, std::move(table), env);
  if (const auto* o = std::get_if<UnionOp>(&op.node)) return bind_union(op, *o, &table, env);
  if (const auto* o = std::get_if<JoinOp>(&op.node)) return bind_join(op, *o, std::move(table), env);
  if (const auto* o = std::get_if<MvExpandOp>(&op.node))
    return bind_expand(*o, std::move(table), env, op.span);
  if (const auto* o = std::get_if<MvApplyOp>(&op.node))
    return bind_mv_apply(*o, std::move(table), env, op.span);
  if (const auto* o = std::get_if<ParseOp>(&op.node)) return bind_parse(*o, std::move(table), env);
  if (const auto* o = std::get_if<ParseKvOp>(&op.node)) return bind_parse_kv(*o, std::move(table), env);
  if (const auto* o = std::get_if<RenderOp>(&op.node)) return bind_render(*o, std::move(table), env);
  if (const auto* o = std::get_if<EvaluateOp>(&op.node)) return bind_evaluate(op, *o, std::move(table), env);
  if (const auto* o = std::get_if<InvokeOp>(&op.node)) return bind_invoke(op, *o, std::move(table), env);
  if (const auto* o = std::get_if<SearchOp>(&op.node)) return bind_search(op, *o, &table, env);
  if (const auto* o = std::get_if<FindOp>(&op.node)) return bind_find(op, *o, &table, env);
  if (std::holds_alternative<GetSchemaOp>(op.node)) return bind_getschema(std::move(table));
  if (std::holds_alternative<ConsumeOp>(op.node)) return table;
  if (const auto* o = std::get_if<TopNestedOp>(&op.node)) return bind_top_nested(*o, std::move(table), env);
  if (const auto* o = std::get_if<ReduceOp>(&op.node)) return bind_reduce(*o, std::move(table), env);
  if (const auto* o = std::get_if<TopHittersOp>(&op.node)) return bind_top_hitters(*o, std::move(table), env);
  if (const auto* o = std::get_if<MakeSeriesOp>(&op.node)) return bind_make_series(*o, std::move(table), env);
  if (const auto* o = std::get_if<ScanOp>(&op.node)) return bind_scan(op, *o, std::move(table), env);
  return fail(unsupported(fmt::format("operator `{}`", op.name), op.name_span)), std::nullopt;
}

}  // namespace huntbook::kql
