// scan: a state machine over the rows in their order, run by a procedure. What does not look at the state is
// computed with the rows; the rest is evaluated row by row.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "kql/bind.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

// Whether an expression reads one of these columns.
bool reads(const plan::Expr& expr, const std::set<int>& ids) {
  bool found = false;
  for_each_column(expr, [&](int id) { found = found || ids.contains(id); });
  return found;
}

}  // namespace

std::optional<BoundTable> Binder::bind_scan(const Operator& op, const ScanOp& scan, BoundTable table,
                                            const EnvPtr& env) {
  Scope outer;
  outer.env = env;
  if (!scan.order.empty()) {
    std::vector<plan::SortKey> keys;
    if (!bind_keys(scan.order, table, env, keys)) return std::nullopt;
    table.rel = make_rel(table.rel->columns, plan::Sort{table.rel, std::move(keys)});
    table.ordered = true;
  }
  if (!table.ordered && !scan.partition.empty()) table.ordered = true;
  if (!table.ordered) {
    Diagnostic unordered = diagnose(Error::kNeedsOrder, op.name_span, "scan");
    unordered.hint = "put `sort by` or `serialize` before it";
    return fail(std::move(unordered)), std::nullopt;
  }

  // Inside mv-apply and partition each part has states of its own.
  const bool grouped = table.group.id != 0;
  const size_t place_of_group = table.columns.size();
  if (grouped) table.columns.push_back({table.group.id, "$group", table.group.type});
  // Declared columns; their defaults are constants.
  struct Declared {
    plan::ColumnDef column;
    plan::ExprPtr value;
  };
  std::vector<Declared> declared;
  for (const auto& column : scan.declare) {
    if (table.find(column.name.text)) {
      return fail(diagnose(Error::kDuplicateColumn, column.name.span, column.name.text)), std::nullopt;
    }
    auto value = column.default_value
                     ? convert(bind_expr(*column.default_value, outer), column.type, column.name.span)
                     : make_null(column.type);
    if (!value) return std::nullopt;
    declared.push_back({new_column(column.name.text, column.type), value});
  }

  // The row that expressions see: the input's columns and the declared ones.
  BoundTable row = table;
  for (const auto& one : declared) row.columns.push_back(one.column);
  std::set<int> state_ids;
  std::vector<std::pair<std::string, BoundTable>> steps;
  for (const auto& step : scan.steps) {
    for (const auto& [name, state] : steps) {
      if (name == step.name.text)
        return fail(diagnose(Error::kDuplicateColumn, step.name.span, step.name.text)), std::nullopt;
    }
    if (step.optional) return fail(unsupported("`optional` step of scan", step.name.span)), std::nullopt;
    if (!step.output.empty() && step.output != "all" && step.output != "last" && step.output != "none")
      return fail(diagnose(Error::kBadValue, step.name.span, step.output,
                           "an output of a step: all, last or none")),
             std::nullopt;
    BoundTable state;
    state.open = table.open;
    for (const auto& column : row.columns) {
      state.columns.push_back(new_column(column.name, column.type));
      state_ids.insert(state.columns.back().id);
    }
    steps.emplace_back(step.name.text, std::move(state));
  }
  Scope scope;
  scope.env = env;
  scope.row = &row;
  scope.steps = &steps;

  plan::Procedure node;
  node.name = "scan";
  // The input: its columns, the defaults, the partition, then what can be computed with the rows.
  std::vector<plan::Item> input;
  for (const auto& column : table.columns) input.push_back({column, make_column(column)});
  for (const auto& one : declared) input.push_back({new_column("", one.column.type), one.value});
  const size_t width = input.size();
  std::string partition;
  if (grouped) partition = std::to_string(place_of_group);
  for (const auto& key : scan.partition) {
    Scope plain;
    plain.env = env;
    plain.row = &table;
    auto value = bind_expr(*key, plain);
    if (!value) return std::nullopt;
    partition += fmt::format("{}{}", partition.empty() ? "" : ",", input.size());
    input.push_back({new_column("", value->type), value});
  }
  // Declared columns start from their defaults in each row: conditions see the default.
  std::set<int> by_row = state_ids;
  for (const auto& one : declared) by_row.insert(one.column.id);
  // Where a value comes from: a column of the input, or an expression of the row.
  const auto place = [&](plan::ExprPtr value) {
    if (!reads(*value, by_row)) {
      input.push_back({new_column("", value->type), std::move(value)});
      return fmt::format("{{\"column\":{}}}", input.size() - 1);
    }
    node.row_values.push_back({new_column("", value->type), std::move(value)});
    return fmt::format("{{\"value\":{}}}", node.row_values.size() - 1);
  };
  std::string written;
  for (const auto& step : scan.steps) {
    auto condition = bind_bool(*step.condition, scope);
    if (!condition) return std::nullopt;
    std::string assigned;
    for (const auto& [target, expr] : step.assignments) {
      // The row's columns are the input's and then the declared ones; either kind may be set.
      const auto* column = row.find(target.text);
      if (!column) return fail(column_not_found(target.text, target.span, &row)), std::nullopt;
      auto value = convert(bind_expr(*expr, scope), column->type, target.span);
      if (!value) return std::nullopt;
      assigned += fmt::format("{}{{\"to\":{},\"from\":{}}}", assigned.empty() ? "" : ",",
                              column - row.columns.data(), place(value));
    }
    written +=
        fmt::format("{}{{\"output\":\"{}\",\"condition\":{},\"set\":[{}]}}", written.empty() ? "" : ",",
                    step.output.empty() ? "all" : step.output, place(condition), assigned);
  }
  // The parameters of the row's expressions: columns of the row, then of each step's state, where they are
  // read.
  std::string given;
  const auto parameters = [&](const std::vector<plan::ColumnDef>& columns, int step) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::set<int> one{columns[i].id};
      if (std::none_of(node.row_values.begin(), node.row_values.end(),
                       [&](const auto& item) { return reads(*item.value, one); }))
        continue;
      node.row_columns.push_back(columns[i]);
      given += fmt::format("{}[{},{}]", given.empty() ? "" : ",", step, i);
    }
  };
  parameters(row.columns, -1);
  for (size_t i = 0; i < steps.size(); ++i) parameters(steps[i].second.columns, static_cast<int>(i));

  const std::string match_id = property_word(scan.properties, "with_match_id");
  node.options = fmt::format(
      "{{\"width\":{},\"declared_from\":{},\"match_id\":{},\"partition\":[{}],\"parameters\":[{}],\"steps\":["
      "{}]}}",
      width, table.columns.size(), !match_id.empty(), partition, given, written);
  BoundTable fed = table;
  fed.group = {};
  if (fed.number) {
    plan::ColumnDef number{fed.number, "", Type::kLong};
    fed.rel = make_rel(fed.rel->columns, plan::Sort{fed.rel, {{make_column(number), true, false}}});
    fed.number = 0;
  }
  node.inputs.push_back(project(fed, std::move(input)).rel);

  BoundTable made;
  made.open = table.open;
  made.ordered = true;
  for (const auto& column : row.columns) made.columns.push_back(new_column(column.name, column.type));
  if (!match_id.empty()) {
    std::set<std::string> taken;
    for (const auto& column : made.columns) taken.insert(column.name);
    made.columns.push_back(new_column(unique_name(match_id, taken), Type::kLong));
  }
  made.rel = make_rel(made.columns, std::move(node));
  if (grouped) {
    made.group = made.columns[place_of_group];
    made.groups = table.groups;
    made.columns.erase(made.columns.begin() + static_cast<std::ptrdiff_t>(place_of_group));
  }
  return made;
}

}  // namespace huntbook::kql
