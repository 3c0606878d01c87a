// summarize: keys, aggregates, and the aggregates that give several columns.
#include <algorithm>

#include "kql/bind.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

// Aggregates that pick a row: SQL makes a struct of its columns, which is taken apart above.
constexpr std::string_view kPicks[] = {"arg_max", "arg_min", "argmax", "argmin", "take_any", "any"};

bool is_pick(const Call& call) {
  if (std::find(std::begin(kPicks), std::end(kPicks), call.name.text) == std::end(kPicks)) return false;
  if (call.name.text.starts_with("arg")) return true;
  return call.args.size() > 1 || (call.args.size() == 1 && std::holds_alternative<Star>(call.args[0]->node));
}

bool reads_columns(const plan::ExprPtr& expr) {
  bool reads = false;
  for_each_column(*expr, [&](int) { reads = true; });
  return reads;
}

std::string percent_name(const Literal& literal) {
  std::string text =
      literal.type == Type::kReal ? fmt::format("{}", literal.real) : std::to_string(literal.integer);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

}  // namespace

plan::ExprPtr Binder::bind_aggregate(const Expr& expr, const Call& call, const Function& function,
                                     const Scope& scope) {
  Scope inner = scope;
  inner.aggregates = nullptr;
  std::vector<plan::ExprPtr> args;
  std::vector<Span> spans;
  for (const auto& arg : call.args) {
    if (function.name == "count") break;  // count(x) counts rows, nulls included
    auto value = bind_expr(*arg, inner);
    if (!value) return nullptr;
    args.push_back(std::move(value));
    spans.push_back(arg->span);
  }
  // A condition may be dynamic where a column is assumed.
  const Signature* signature = nullptr;
  auto aggregate = apply(function, expr.span, args, std::nullopt, spans, &signature);
  if (!aggregate) return nullptr;
  plan::Item item{new_column("", aggregate->type), aggregate};
  scope.aggregates->push_back(item);
  auto value = make_column(item.column);
  if (signature && !signature->post.empty()) {
    std::vector<plan::ExprPtr> rest{value};
    for (size_t i = signature->post_from; i < args.size(); ++i) {
      if (reads_columns(args[i])) {
        const size_t place = std::min(i, signature->params.size() - 1);
        return fail(
            diagnose(Error::kNotConstant, spans[i], fmt::format("`{}`", signature->params[place].name)));
      }
      rest.push_back(fit(args[i], signature->params[std::min(i, signature->params.size() - 1)].accepts,
                         args[i]->type, expr.span));
    }
    Type type = signature->type;
    if (signature->returns == Returns::kSame && signature->argument < args.size())
      type = args[signature->argument]->type;
    value = make_body(type, std::string(signature->post), std::move(rest), true);
  }
  return value;
}

// arg_max(x, ...), take_any(*): one struct aggregate, taken apart into `out`.
bool Binder::bind_pick(const Expr& expr, const Call& call, const std::vector<Name>& names,
                       const BoundTable& table, const Scope& scope, std::vector<plan::Item>& aggregates,
                       std::vector<std::pair<std::string, plan::ExprPtr>>& out, std::set<std::string>& skip) {
  Scope inner = scope;
  inner.aggregates = nullptr;
  const bool by = call.name.text.starts_with("arg");
  const bool largest = call.name.text == "arg_max" || call.name.text == "argmax";
  if (call.args.empty()) {
    fail(diagnose(Error::kArgumentCount, expr.span, call.name.text, "at least 1 argument", 0));
    return false;
  }
  std::vector<plan::ExprPtr> values;
  std::vector<std::string> value_names;
  std::set<std::string> mine;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const auto* named = std::get_if<NamedExpr>(&call.args[i]->node);
    const Expr& arg = named ? *named->value : *call.args[i];
    if (std::holds_alternative<Star>(arg.node)) {
      for (const auto& column : table.columns) {
        if (skip.contains(column.name) || mine.contains(column.name)) continue;
        values.push_back(make_column(column));
        value_names.push_back(column.name);
      }
      continue;
    }
    auto value = bind_expr(arg, inner);
    if (!value) return false;
    if (i == 0 && by && value->type == Type::kDynamic && !catalog_.open) {
      fail(diagnose(Error::kDynamicKey, arg.span, call.name.text));
      return false;
    }
    std::string name = named ? named->names[0].text : implicit_name(arg);
    const bool simple = std::holds_alternative<NameRef>(arg.node);
    if (name.empty() || (i == 0 && by && !named && !simple && !std::holds_alternative<Path>(arg.node))) {
      name = i == 0 && by ? (largest ? "max_" : "min_") : name.empty() ? "Column1" : name;
    }
    mine.insert(name);
    values.push_back(std::move(value));
    value_names.push_back(name);
  }
  if (values.empty()) return true;
  for (size_t i = 0; i < names.size() && i < value_names.size(); ++i) value_names[i] = names[i].text;
  std::string row = "struct_pack(";
  for (size_t i = 0; i < values.size(); ++i) row += fmt::format("{}c{} := {{{}}}", i ? ", " : "", i, i);
  row += ")";
  std::string sql =
      by ? fmt::format("coalesce({}({}, {{0}}), first({}))", largest ? "arg_max" : "arg_min", row, row)
         : fmt::format("first({})", row);
  if (by && values[0]->type == Type::kString)
    sql = fmt::format("{}({}, {{0}})", largest ? "arg_max" : "arg_min", row);
  plan::Item item{new_column("", Type::kDynamic), make_sql(Type::kDynamic, sql, values)};
  aggregates.push_back(item);
  for (size_t i = 0; i < values.size(); ++i) {
    out.emplace_back(value_names[i], make_sql(values[i]->type, fmt::format("struct_extract({{0}}, 'c{}')", i),
                                              {make_column(item.column)}));
  }
  return true;
}

std::optional<BoundTable> Binder::bind_summarize(const Exprs& wanted, const Exprs& by, BoundTable table,
                                                 const EnvPtr& env,
                                                 const std::vector<plan::ColumnDef>& groups) {
  Scope scope;
  scope.env = env;
  scope.row = &table;
  std::set<std::string> taken;
  bool good = true;
  int unnamed = 0;

  // The keys are projected first, beside the input's columns, so that grouping is by plain columns.
  std::vector<plan::Item> below;
  for (const auto& column : table.columns) below.push_back({column, make_column(column)});
  std::vector<plan::ColumnDef> keys;
  std::set<std::string> key_names;
  for (const auto& group : groups) {
    below.push_back({group, make_column(group)});
    keys.push_back(group);
    key_names.insert(group.name);
    taken.insert(group.name);
  }
  for (const Expr* key : by) {
    const Expr* expr = key;
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    if (named) expr = named->value.get();
    if (const auto* pattern = std::get_if<NameRef>(&expr->node); pattern && pattern->pattern) {
      for (const auto& column : table.columns) {
        if (!matches_pattern(column.name, pattern->name) || !taken.insert(column.name).second) continue;
        plan::ColumnDef made = new_column(column.name, column.type);
        below.push_back({made, make_column(column)});
        keys.push_back(made);
        key_names.insert(column.name);
      }
      continue;
    }
    auto value = bind_expr(*expr, scope);
    if (!value) {
      good = false;
      continue;
    }
    if (value->type == Type::kDynamic && !catalog_.open) {
      fail(diagnose(Error::kDynamicKey, key->span, "summarize by"));
      good = false;
      continue;
    }
    std::string name = named ? named->names[0].text : implicit_name(*expr);
    if (name.empty()) name = "Column" + std::to_string(++unnamed);
    plan::ColumnDef made = new_column(unique_name(name, taken), value->type);
    below.push_back({made, value});
    keys.push_back(made);
    key_names.insert(made.name);
    if (std::holds_alternative<NameRef>(expr->node)) key_names.insert(std::get<NameRef>(expr->node).name);
  }

  std::vector<plan::Item> aggregates;
  std::vector<std::pair<std::string, plan::ExprPtr>> results;
  scope.aggregates = &aggregates;
  for (const Expr* aggregate : wanted) {
    const Expr* expr = aggregate;
    std::vector<Name> names;
    if (const auto* named = std::get_if<NamedExpr>(&expr->node)) {
      names = named->names;
      expr = named->value.get();
    }
    const auto* call = std::get_if<Call>(&expr->node);
    if (call && is_pick(*call)) {
      const size_t first = results.size();
      if (!bind_pick(*expr, *call, names, table, scope, aggregates, results, key_names)) {
        good = false;
        continue;
      }
      for (size_t i = first; i < results.size(); ++i) results[i].first = unique_name(results[i].first, taken);
      continue;
    }
    if (call && (call->name.text == "percentiles" || call->name.text == "percentilesw") &&
        call->args.size() >= 2) {
      const bool weighted = call->name.text == "percentilesw";
      const Function* percentile =
          find_function(weighted ? "percentilew" : "percentile", FunctionKind::kAggregate);
      Scope inner = scope;
      inner.aggregates = nullptr;
      std::string base = implicit_name(*call->args[0]);
      const size_t first = weighted ? 2 : 1;
      for (size_t i = first; percentile && i < call->args.size(); ++i) {
        std::vector<plan::ExprPtr> args{bind_expr(*call->args[0], inner)};
        if (weighted) args.push_back(bind_expr(*call->args[1], inner));
        auto rank = bind_expr(*call->args[i], inner);
        const Literal* literal = constant_of(rank);
        if (!args[0] || !args.back() || !literal) {
          if (args[0] && args.back() && rank)
            fail(diagnose(Error::kNotConstant, call->args[i]->span, "a percentile"));
          good = false;
          break;
        }
        args.push_back(rank);
        std::string name = i - first < names.size()
                               ? names[i - first].text
                               : fmt::format("percentile_{}_{}", base, percent_name(*literal));
        const Signature* signature = nullptr;
        auto made = apply(*percentile, expr->span, std::move(args), std::nullopt, {}, &signature);
        if (!made) {
          good = false;
          break;
        }
        plan::Item item{new_column("", made->type), made};
        aggregates.push_back(item);
        auto value = make_column(item.column);
        if (!signature->post.empty()) {
          value = make_body(signature->type, std::string(signature->post),
                            {value, convert(rank, Type::kReal, expr->span)}, true);
        }
        results.emplace_back(unique_name(name, taken), value);
      }
      continue;
    }
    auto value = bind_expr(*expr, scope);
    if (!value) {
      good = false;
      continue;
    }
    std::string name;
    if (!names.empty()) {
      name = names[0].text;
    } else if (call) {
      const Function* function = find_function(call->name.text, FunctionKind::kAggregate);
      const bool scalar_too =
          function && !call->args.empty() && find_function(call->name.text, FunctionKind::kScalar);
      if (function && !scalar_too) {
        // An expression inside gives no name: sum(x+1) is sum_, countif(x > 1) is countif_.
        const Expr* first = call->args.empty() ? nullptr : call->args[0].get();
        std::string arg;
        if (first &&
            (std::holds_alternative<NameRef>(first->node) || std::holds_alternative<Path>(first->node) ||
             std::holds_alternative<Index>(first->node) || std::holds_alternative<Call>(first->node))) {
          arg = implicit_name(*first);
        }
        const std::string prefix(function->result_name);
        if (call->name.text == "percentile" && call->args.size() == 2) {
          const Literal* rank = std::get_if<Literal>(&call->args[1]->node);
          name = fmt::format("percentile_{}_{}", arg, rank ? percent_name(*rank) : "");
        } else if (call->args.size() > 1 && prefix.starts_with("covariance")) {
          name = prefix + "_" + arg + "_" + implicit_name(*call->args[1]);
        } else {
          name = prefix.empty() ? (arg.empty() ? prefix : arg) : prefix + "_" + arg;
        }
      } else {
        name = implicit_name(*expr);
      }
    }
    if (name.empty()) name = "Column" + std::to_string(++unnamed);
    results.emplace_back(unique_name(name, taken), value);
  }
  if (!good) return std::nullopt;

  BoundTable prepared = project(table, std::move(below));
  std::vector<int> key_ids;
  std::vector<plan::ColumnDef> grouped = keys;
  for (const auto& key : keys) key_ids.push_back(key.id);
  if (table.group.id) {
    key_ids.push_back(table.group.id);
    grouped.push_back(table.group);
  }
  for (const auto& item : aggregates) grouped.push_back(item.column);
  BoundTable made;
  made.group = table.group;
  made.groups = table.groups;
  if (grouped.empty()) {  // summarize without anything
    return fail(diagnose(Error::kExpected, {}, "an aggregate or a key", "nothing")), std::nullopt;
  }
  made.rel = make_rel(grouped, plan::Aggregate{prepared.rel, key_ids, aggregates});
  // arg_max(x, *) over assumed columns gives assumed columns.
  made.open = table.open && std::any_of(wanted.begin(), wanted.end(), [](const Expr* aggregate) {
                const Expr* expr = aggregate;
                if (const auto* named = std::get_if<NamedExpr>(&expr->node)) expr = named->value.get();
                const auto* call = std::get_if<Call>(&expr->node);
                return call && std::any_of(call->args.begin(), call->args.end(), [](const auto& arg) {
                         return std::holds_alternative<Star>(arg->node);
                       });
              });
  std::vector<plan::Item> items;
  for (const auto& key : keys) items.push_back({key, make_column(key)});
  for (const auto& [name, value] : results) items.push_back({new_column(name, value->type), value});
  return project(made, std::move(items));
}

}  // namespace huntbook::kql
