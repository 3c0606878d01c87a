// Plugins that count ids over steps of time.
#include <algorithm>

#include "kql/bind_plugin.h"

namespace huntbook::kql {

// ------------------------------------------------------------ arguments and small relations

std::optional<Timeline> PluginBinder::timeline(size_t time, size_t start, size_t end, size_t step) {
  Timeline line;
  auto of_row = column(*given_[time]);
  if (!of_row) return std::nullopt;
  line.name = of_row->name;
  line.type = of_row->value->type == Type::kDynamic ? Type::kDatetime : of_row->value->type;
  if (line.type != Type::kDatetime && line.type != Type::kTimespan && line.type != Type::kLong &&
      line.type != Type::kInt && line.type != Type::kReal)
    return wrong_type(time, "a datetime, a timespan or a number", line.type);
  const Type inner = line.type == Type::kInt ? Type::kLong : line.type;
  line.time = binder_.convert(of_row->value, inner, span_of(time));
  if (!line.time) return std::nullopt;
  const auto bound = [&](size_t param, ExprPtr& out) {
    if (!given(param)) return true;
    auto value = binder_.bind_expr(*given_[param], constants_);
    if (!value) return false;
    const bool fits = value->type == inner || value->type == Type::kDynamic ||
                      (value->type == Type::kInt && inner == Type::kLong) ||
                      (value->type != Type::kString && line.real());
    if (!fits) return wrong_type(param, type_name(inner), value->type), false;
    out = binder_.convert(std::move(value), inner, span_of(param));
    return out != nullptr;
  };
  if (!bound(start, line.start) || !bound(end, line.end)) return std::nullopt;
  auto value = binder_.bind_expr(*given_[step], constants_);
  if (!value) return std::nullopt;
  if (value->type == Type::kString && line.type == Type::kDatetime) {
    const Literal* unit = constant_of(value);
    const std::string word = unit ? unit->text : "";
    line.unit = word == "week" ? 'w' : word == "month" ? 'm' : word == "year" ? 'y' : '\0';
    if (!line.unit)
      return fail(
          diagnose(Error::kBadValue, span_of(step), word, "a step: a timespan, or 'week', 'month', 'year'"));
    return line;
  }
  line.step = length(line, step);
  if (!line.step) return std::nullopt;
  return line;
}

// A length along a timeline, and more than nothing.
plan::ExprPtr PluginBinder::length(const Timeline& line, size_t param) {
  const Type wanted = line.type == Type::kDatetime ? Type::kTimespan
                      : line.type == Type::kInt    ? Type::kLong
                                                   : line.type;
  auto value = binder_.bind_expr(*given_[param], constants_);
  if (!value) return nullptr;
  const bool number = value->type == Type::kInt || value->type == Type::kLong;
  if (value->type != wanted && value->type != Type::kDynamic &&
      !(number && (wanted == Type::kLong || wanted == Type::kReal))) {
    wrong_type(param, type_name(wanted), value->type);
    return nullptr;
  }
  value = binder_.convert(std::move(value), wanted, span_of(param));
  const Literal* literal = constant_of(value);
  if (literal && !literal->null &&
      !(literal->type == Type::kReal ? literal->real > 0 : literal->integer > 0)) {
    const Function* function = find_function(call_.name.text, FunctionKind::kPlugin);
    binder_.fail(diagnose(Error::kBadValue, span_of(param), function->signatures.front().params[param].name,
                          "more than 0"));
    return nullptr;
  }
  return value;
}

// Start and end (parameters 2 and 3) may be left out together: what stands in their place is then taken for
// the parameters from 4 to `last`, and for dimensions.
bool PluginBinder::with_range(size_t last) {
  std::vector<const Expr*> all;
  for (size_t i = 2; i <= last && given(i); ++i) all.push_back(given_[i]);
  all.insert(all.end(), rest_.begin(), rest_.end());
  const auto constant = [&](const Expr* expr) {
    const auto* name = std::get_if<NameRef>(&expr->node);
    return !name || (!input_.find(name->name) && binder_.find(env_, name->name));
  };
  const size_t wanted = last - 1;  // with start and end
  if (all.size() >= wanted &&
      std::all_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted), constant))
    return true;
  if (all.size() < wanted - 2) {
    binder_.fail(diagnose(Error::kArgumentCount, op_.span, call_.name.text,
                          fmt::format("at least {} arguments", wanted), call_.args.size()));
    return false;
  }
  given_[2] = given_[3] = nullptr;
  for (size_t i = 4; i <= last; ++i) given_[i] = all[i - 4];
  rest_.assign(all.begin() + static_cast<std::ptrdiff_t>(wanted - 2), all.end());
  return true;
}

bool PluginBinder::dimensions(std::vector<plan::Item>& dims) {
  for (const Expr* expr : rest_) {
    auto one = column(*expr);
    if (!one) return false;
    dims.push_back({binder_.new_column(one->name, one->value->type), one->value});
  }
  return true;
}

plan::RelPtr PluginBinder::select(const plan::RelPtr& rel, std::vector<plan::Item> items) {
  std::vector<plan::ColumnDef> columns;
  for (const auto& item : items) columns.push_back(item.column);
  return make_rel(std::move(columns), plan::Project{rel, std::move(items)});
}

plan::RelPtr PluginBinder::where(const plan::RelPtr& rel, ExprPtr predicate) {
  return make_rel(rel->columns, plan::Filter{rel, std::move(predicate)});
}

// Grouped by all of `keys`.
plan::RelPtr PluginBinder::grouped(const plan::RelPtr& rel, const std::vector<plan::ColumnDef>& keys,
                                   std::vector<plan::Item> aggregates) {
  std::vector<plan::ColumnDef> columns = keys;
  std::vector<int> ids;
  for (const auto& key : keys) ids.push_back(key.id);
  for (const auto& item : aggregates) columns.push_back(item.column);
  return make_rel(std::move(columns), plan::Aggregate{rel, std::move(ids), std::move(aggregates)});
}

// `function OVER (PARTITION BY ... ORDER BY order rest)` as a further column.
plan::ColumnDef PluginBinder::windowed(plan::RelPtr& rel, Type type, const std::string& function,
                                       const ExprPtr& argument, const std::vector<plan::ColumnDef>& partition,
                                       const ExprPtr& order, const std::string& rest) {
  std::vector<ExprPtr> args{argument};
  std::string over;
  for (const auto& one : partition) {
    over += fmt::format("{}{{{}}}", over.empty() ? "PARTITION BY " : ", ", args.size());
    args.push_back(make_column(one));
  }
  if (order) {
    over += fmt::format(" ORDER BY {{{}}}", args.size());
    args.push_back(order);
  }
  plan::ColumnDef column = binder_.new_column("", type);
  std::vector<plan::ColumnDef> all = rel->columns;
  all.push_back(column);
  rel = make_rel(std::move(all),
                 plan::Window{rel,
                              {{column, make_sql(type,
                                                 fmt::format("CAST({} OVER ({}{}) AS {})", function, over,
                                                             rest, type == Type::kReal ? "DOUBLE" : "BIGINT"),
                                                 std::move(args))}}});
  return column;
}

plan::RelPtr PluginBinder::sorted(const plan::RelPtr& rel, const std::vector<plan::ColumnDef>& keys) {
  if (keys.empty()) return rel;
  std::vector<plan::SortKey> order;
  for (const auto& key : keys) order.push_back({make_column(key), true, true});
  return make_rel(rel->columns, plan::Sort{rel, std::move(order)});
}

plan::RelPtr PluginBinder::procedure(std::string name, std::vector<plan::RelPtr> inputs, size_t keys,
                                     std::vector<plan::ColumnDef> output) {
  plan::Procedure node;
  node.name = std::move(name);
  node.options = std::to_string(keys);
  node.inputs = std::move(inputs);
  node.span = op_.span;
  return make_rel(std::move(output), std::move(node));
}

// One row of constants.
plan::RelPtr PluginBinder::one_row(const std::vector<ExprPtr>& values) {
  std::vector<plan::ColumnDef> none{binder_.new_column("none", Type::kLong)};
  std::vector<plan::Item> items;
  for (const auto& value : values) items.push_back({binder_.new_column("", value->type), value});
  return select(make_rel(none, plan::Values{{{make_long(0)}}}), std::move(items));
}

BoundTable PluginBinder::result(const plan::RelPtr& rel, std::vector<plan::Item> items) {
  BoundTable table;
  table.rel = rel;
  std::set<std::string> taken;
  for (auto& item : items) item.column.name = unique_name(item.column.name, taken);
  return binder_.project(table, std::move(items));
}

// ------------------------------------------------------------ what the plugins share

// The rows of the input between start (less `before`) and end: dimensions, id as text, time, number of the
// step.
std::optional<PluginBinder::Visits> PluginBinder::visits(size_t id, const Timeline& line,
                                                         const ExprPtr& before) {
  Visits visits;
  auto who = column(*given_[id]);
  if (!who || !dimensions(visits.dim_items)) return std::nullopt;
  who->value = binder_.convert(who->value, Type::kString, span_of(id));
  if (!who->value) return std::nullopt;
  visits.id = binder_.new_column(who->name, Type::kString);
  visits.time = binder_.new_column("", line.time->type);
  visits.step = binder_.new_column("", Type::kLong);
  std::vector<plan::Item> items = visits.dim_items;
  for (const auto& item : items) visits.dims.push_back(item.column);
  items.push_back({visits.id, who->value});
  items.push_back({visits.time, line.time});
  visits.rel = where(select(input_.rel, std::move(items)), within(line, make_column(visits.time), before));
  items.clear();
  for (const auto& one : visits.rel->columns) items.push_back({one, make_column(one)});
  items.push_back({visits.step, step_of(line, make_column(visits.time))});
  visits.rel = select(visits.rel, std::move(items));
  visits.rel = where(visits.rel, make_sql(Type::kBool, "({0} IS NOT NULL)", {make_column(visits.step)}));
  return visits;
}

namespace {

std::vector<plan::ColumnDef> joined(std::vector<plan::ColumnDef> columns,
                                    std::initializer_list<plan::ColumnDef> more) {
  columns.insert(columns.end(), more);
  return columns;
}

}  // namespace

std::vector<plan::Item> PluginBinder::same(const std::vector<plan::ColumnDef>& columns) {
  std::vector<plan::Item> items;
  for (const auto& one : columns) items.push_back({one, make_column(one)});
  return items;
}

// ------------------------------------------------------------ the plugins

std::optional<BoundTable> PluginBinder::activity_counts_metrics() {
  const auto line = timeline(1, 2, 3, 4);
  if (!line) return std::nullopt;
  auto from = visits(0, *line);
  if (!from) return std::nullopt;
  const plan::ColumnDef n = binder_.new_column("", Type::kLong);
  auto rel = grouped(from->rel, joined(from->dims, {from->id, from->step}),
                     {{n, make_sql(Type::kLong, "count(*)")}});
  const auto first = windowed(rel, Type::kLong, "min({0})", make_column(from->step),
                              joined(from->dims, {from->id}), nullptr);
  const auto count = binder_.new_column("count", Type::kLong),
             ids = binder_.new_column("dcount", Type::kLong),
             fresh = binder_.new_column("new_dcount", Type::kLong);
  rel = grouped(rel, joined(from->dims, {from->step}),
                {{count, make_sql(Type::kLong, "CAST(sum({0}) AS BIGINT)", {make_column(n)})},
                 {ids, make_sql(Type::kLong, "count(*)")},
                 {fresh, make_sql(Type::kLong, "count(*) FILTER (WHERE {0} = {1})",
                                  {make_column(first), make_column(from->step)})}});
  auto all = windowed(rel, Type::kLong, "sum({0})", make_column(fresh), from->dims, make_column(from->step),
                      " ROWS UNBOUNDED PRECEDING");
  rel = sorted(rel, joined(from->dims, {from->step}));
  std::vector<plan::Item> items{
      {binder_.new_column(line->name, line->type), time_of(*line, make_column(from->step))}};
  for (auto& item : same(from->dims)) items.push_back(item);
  for (const auto& one : {count, ids, fresh}) items.push_back({one, make_column(one)});
  items.push_back({binder_.new_column("aggregated_dcount", Type::kLong), make_column(all)});
  return result(rel, std::move(items));
}

std::optional<BoundTable> PluginBinder::activity_metrics() {
  if (!with_range(4)) return std::nullopt;
  const auto line = timeline(1, 2, 3, 4);
  if (!line) return std::nullopt;
  auto from = visits(0, *line);
  if (!from) return std::nullopt;
  auto rel = grouped(from->rel, joined(from->dims, {from->id, from->step}), {});
  const auto before = windowed(rel, Type::kLong, "lag({0})", make_column(from->step),
                               joined(from->dims, {from->id}), make_column(from->step));
  const auto ids = binder_.new_column("dcount_values", Type::kLong),
             fresh = binder_.new_column("dcount_newvalues", Type::kLong);
  rel = grouped(rel, joined(from->dims, {from->step}),
                {{ids, make_sql(Type::kLong, "count(*)")},
                 {fresh, make_sql(Type::kLong, "count(*) FILTER (WHERE {0} IS DISTINCT FROM {1} - 1)",
                                  {make_column(before), make_column(from->step)})}});
  const auto last =
      windowed(rel, Type::kLong, "lag({0})", make_column(ids), from->dims, make_column(from->step));
  const auto last_step =
      windowed(rel, Type::kLong, "lag({0})", make_column(from->step), from->dims, make_column(from->step));
  rel = sorted(rel, joined(from->dims, {from->step}));
  const auto rate =
      make_sql(Type::kReal,
               "coalesce(CAST({0} - {1} AS DOUBLE) / CASE WHEN {2} = {3} - 1 THEN {4} END, 'nan'::DOUBLE)",
               {make_column(ids), make_column(fresh), make_column(last_step), make_column(from->step),
                make_column(last)});
  std::vector<plan::Item> items{
      {binder_.new_column(line->name, line->type), time_of(*line, make_column(from->step))},
      {ids, make_column(ids)},
      {fresh, make_column(fresh)},
      {binder_.new_column("retention_rate", Type::kReal), rate},
      {binder_.new_column("churn_rate", Type::kReal), make_sql(Type::kReal, "(1.0 - {0})", {rate})}};
  for (auto& item : same(from->dims)) items.push_back(item);
  return result(rel, std::move(items));
}

// Steps covered by each id's steps and `span` after them: the procedure "cover_steps".
std::optional<PluginBinder::Covered> PluginBinder::covered(const Timeline& line, const ExprPtr& span,
                                                           bool earlier) {
  auto from = visits(0, line, earlier ? span : nullptr);
  if (!from) return std::nullopt;
  const plan::ColumnDef n = binder_.new_column("", Type::kLong);
  auto rel = grouped(from->rel, joined(from->dims, {from->id, from->step}),
                     {{n, make_sql(Type::kLong, "count(*)")}});
  // No further than the analysis goes, or the data.
  ExprPtr last;
  if (line.end) last = step_of(line, line.end);
  else last = make_column(windowed(rel, Type::kLong, "max({0})", make_column(from->step), {}, nullptr));
  const auto low = binder_.new_column("", Type::kLong), high = binder_.new_column("", Type::kLong);
  auto items = same(joined(from->dims, {from->id}));
  items.push_back({low, line.start ? make_sql(Type::kLong, "greatest({0}, 0)", {make_column(from->step)})
                                   : make_column(from->step)});
  items.push_back({high, make_sql(Type::kLong, "least({0}, {1})",
                                  {reach_of(line, make_column(from->step), span), last})});
  items.push_back({n, make_column(n)});
  rel = where(select(rel, std::move(items)),
              make_sql(Type::kBool, "({0} <= {1})", {make_column(low), make_column(high)}));
  rel = sorted(rel, joined(from->dims, {from->id, low}));
  Covered made;
  for (const auto& dim : from->dims) made.dims.push_back(binder_.new_column(dim.name, dim.type));
  made.step = binder_.new_column("", Type::kLong);
  made.count = binder_.new_column("Count", Type::kLong);
  made.ids = binder_.new_column("Dcount", Type::kLong);
  made.begins = binder_.new_column("", Type::kLong);
  const size_t keys = made.dims.size();
  made.rel = procedure("cover_steps", {rel}, keys,
                       joined(made.dims, {made.step, made.count, made.ids, made.begins}));
  return made;
}

std::optional<BoundTable> PluginBinder::sliding_window_counts() {
  const auto line = timeline(1, 2, 3, 5);
  if (!line) return std::nullopt;
  const auto span = length(*line, 4);
  if (!span) return std::nullopt;
  auto made = covered(*line, span, true);
  if (!made) return std::nullopt;
  std::vector<plan::Item> items{
      {binder_.new_column(line->name, line->type), time_of(*line, make_column(made->step))}};
  for (auto& item : same(made->dims)) items.push_back(item);
  for (auto& item : same({made->count, made->ids})) items.push_back(item);
  return result(made->rel, std::move(items));
}

std::optional<BoundTable> PluginBinder::activity_engagement() {
  if (!with_range(5)) return std::nullopt;
  const auto line = timeline(1, 2, 3, 4);
  if (!line) return std::nullopt;
  const auto span = length(*line, 5);
  if (!span) return std::nullopt;
  auto made = covered(*line, span, false);
  if (!made) return std::nullopt;
  std::vector<plan::Item> items{
      {binder_.new_column(line->name, line->type), time_of(*line, make_column(made->step))},
      {binder_.new_column("dcount_activities_inner", Type::kLong), make_column(made->begins)},
      {binder_.new_column("dcount_activities_outer", Type::kLong), make_column(made->ids)},
      {binder_.new_column("activity_ratio", Type::kReal),
       make_sql(Type::kReal, "(CAST({0} AS DOUBLE) / {1})",
                {make_column(made->begins), make_column(made->ids)})}};
  for (auto& item : same(made->dims)) items.push_back(item);
  return result(made->rel, std::move(items));
}

std::optional<BoundTable> PluginBinder::active_users_count() {
  auto line = timeline(1, 2, 3, 7);
  if (!line) return std::nullopt;
  const auto span = length(*line, 4), period = length(*line, 5);
  if (!span || !period) return std::nullopt;
  auto least = binder_.convert(binder_.bind_expr(*given_[6], constants_), Type::kLong, span_of(6));
  if (!least) return std::nullopt;
  auto from = visits(0, *line, span);
  if (!from) return std::nullopt;
  Timeline periods = *line;
  periods.step = period;
  periods.unit = 0;
  const auto number = binder_.new_column("", Type::kLong);
  auto items = same(joined(from->dims, {from->id, from->time}));
  items.push_back({number, step_of(periods, make_column(from->time))});
  items.push_back({from->step, make_column(from->step)});
  auto rel = select(from->rel, std::move(items));
  rel = make_rel(rel->columns, plan::Distinct{rel});
  rel = sorted(rel, joined(from->dims, {from->id, from->time}));
  std::vector<plan::ColumnDef> dims;
  for (const auto& dim : from->dims) dims.push_back(binder_.new_column(dim.name, dim.type));
  const auto step = binder_.new_column("", Type::kLong), ids = binder_.new_column("dcount", Type::kLong);
  rel = procedure("active_ids", {rel, one_row({span, least})}, dims.size(), joined(dims, {step, ids}));
  items = {{binder_.new_column(line->name, line->type), time_of(*line, make_column(step))}};
  for (auto& item : same(joined(dims, {ids}))) items.push_back(item);
  return result(rel, std::move(items));
}

std::optional<BoundTable> PluginBinder::session_count() {
  const auto line = timeline(1, 2, 3, 4);
  if (!line) return std::nullopt;
  const auto span = length(*line, 5);
  if (!span) return std::nullopt;
  auto from = visits(0, *line, span);
  if (!from) return std::nullopt;
  auto rel = from->rel;
  const Type type = from->time.type;
  const auto before = windowed(rel, type, "lag({0})", make_column(from->time), joined(from->dims, {from->id}),
                               make_column(from->time));
  rel = where(
      rel, make_sql(Type::kBool,
                    type == Type::kReal ? "({0} >= 0 AND coalesce({1} - {2} > {3}, true))"
                                        : "({0} >= 0 AND coalesce(CAST({1} AS HUGEINT) - {2} > {3}, true))",
                    {make_column(from->step), make_column(from->time), make_column(before), span}));
  const auto sessions = binder_.new_column("count_sessions", Type::kLong);
  rel = grouped(rel, joined(from->dims, {from->step}), {{sessions, make_sql(Type::kLong, "count(*)")}});
  rel = sorted(rel, joined(from->dims, {from->step}));
  std::vector<plan::Item> items{
      {binder_.new_column(line->name, line->type), time_of(*line, make_column(from->step))}};
  for (auto& item : same(joined(from->dims, {sessions}))) items.push_back(item);
  return result(rel, std::move(items));
}

std::optional<BoundTable> PluginBinder::new_activity_metrics() {
  const auto line = timeline(1, 2, 3, 4);
  if (!line) return std::nullopt;
  // What follows the step: a cohort, dimensions, a table of ids that are not new.
  ExprPtr cohort;
  Table lookback;
  std::vector<const Expr*> dims;
  for (const Expr* expr : rest_) {
    const auto* name = std::get_if<NameRef>(&expr->node);
    if (name && input_.find(name->name)) {
      dims.push_back(expr);
    } else if (binder_.is_tabular(*expr, env_)) {
      lookback = binder_.bind_source(*expr, constants_);
      if (!lookback) return std::nullopt;
    } else if (name && input_.open && !binder_.find(env_, name->name)) {
      dims.push_back(expr);
    } else {
      cohort = binder_.convert(binder_.bind_expr(*expr, constants_), line->time->type, expr->span);
      if (!cohort) return std::nullopt;
    }
  }
  rest_ = std::move(dims);
  auto from = visits(0, *line);
  if (!from) return std::nullopt;
  auto rel = grouped(from->rel, joined(from->dims, {from->id, from->step}), {});
  if (lookback) {
    const plan::ColumnDef* old = lookback->find(from->id.name);
    if (!old && lookback->columns.size() == 1) old = &lookback->columns[0];
    if (!old && !lookback->open) return fail(binder_.column_not_found(from->id.name, op_.span, &*lookback));
    if (old) {
      const auto text = binder_.convert(make_column(*old), Type::kString, op_.span);
      if (!text) return std::nullopt;
      rel = make_rel(
          rel->columns,
          plan::Join{plan::JoinKind::kLeftAnti, rel, lookback->rel, {{make_column(from->id), text}}});
    }
  }
  rel = sorted(rel, joined(from->dims, {from->id, from->step}));
  auto constants =
      one_row({step_of(*line, line->end), cohort ? step_of(*line, cohort) : make_null(Type::kLong)});
  std::vector<plan::ColumnDef> keys;
  for (const auto& dim : from->dims) keys.push_back(binder_.new_column(dim.name, dim.type));
  const auto begin = binder_.new_column("", Type::kLong), to = binder_.new_column("", Type::kLong),
             fresh = binder_.new_column("dcount_new_values", Type::kLong),
             kept = binder_.new_column("dcount_retained_values", Type::kLong),
             size = binder_.new_column("", Type::kLong);
  rel = procedure("cohorts", {rel, constants}, keys.size(), joined(keys, {begin, to, fresh, kept, size}));
  const auto share = [&](const char* sql) {
    return make_sql(Type::kReal, sql, {make_column(kept), make_column(size)});
  };
  std::vector<plan::Item> items{
      {binder_.new_column("from_" + line->name, line->type), time_of(*line, make_column(begin))},
      {binder_.new_column("to_" + line->name, line->type), time_of(*line, make_column(to))},
      {fresh, make_column(fresh)},
      {kept, make_column(kept)},
      {binder_.new_column("dcount_churn_values", Type::kLong),
       make_sql(Type::kLong, "({0} - {1})", {make_column(size), make_column(kept)})},
      {binder_.new_column("retention_rate", Type::kReal), share("(CAST({0} AS DOUBLE) / {1})")},
      {binder_.new_column("churn_rate", Type::kReal), share("(CAST({1} - {0} AS DOUBLE) / {1})")}};
  for (auto& item : same(keys)) items.push_back(item);
  return result(rel, std::move(items));
}

std::optional<BoundTable> PluginBinder::rolling_percentile() {
  const auto line = timeline(2, SIZE_MAX, SIZE_MAX, 3);
  if (!line) return std::nullopt;
  auto value = column(*given_[0]);
  std::vector<plan::Item> dims;
  if (!value || !dimensions(dims)) return std::nullopt;
  if (value->value->type == Type::kDynamic)
    value->value = binder_.convert(value->value, Type::kReal, span_of(0));
  const Type type = value->value->type;
  if (type == Type::kString || type == Type::kBool || type == Type::kGuid || type == Type::kDecimal)
    return wrong_type(0, "a number, a datetime or a timespan", type);
  const auto percent = number(1, 50), bins = number(4, 1);
  if (!percent || !bins) return std::nullopt;
  if (*percent < 0 || *percent > 100)
    return fail(
        diagnose(Error::kBadValue, span_of(1), fmt::format("{}", *percent), "a percentile from 0 to 100"));
  if (!(*bins >= 1) || *bins > 1e15)
    return fail(
        diagnose(Error::kBadValue, span_of(4), fmt::format("{}", *bins), "a number of bins from 1 on"));
  std::vector<plan::ColumnDef> keys, out;
  for (const auto& item : dims) {
    keys.push_back(item.column);
    out.push_back(binder_.new_column(item.column.name, item.column.type));
  }
  const auto one = binder_.new_column("", type), step = binder_.new_column("", Type::kLong);
  auto items = dims;
  items.push_back({one, value->value});
  items.push_back({step, step_of(*line, line->time)});
  auto rel = select(input_.rel, std::move(items));
  rel = where(rel, make_sql(Type::kBool, "({0} IS NOT NULL)", {make_column(one)}));
  if (type == Type::kReal) rel = where(rel, make_sql(Type::kBool, "(NOT isnan({0}))", {make_column(one)}));
  rel = sorted(rel, joined(keys, {one}));
  Literal share;
  share.type = Type::kReal;
  share.real = *percent;
  std::string text = fmt::format("{}", *percent);
  std::replace(text.begin(), text.end(), '.', '_');
  const auto made_step = binder_.new_column("", Type::kLong),
             made = binder_.new_column(
                 fmt::format("rolling_{}_percentile_{}_{}", static_cast<int64_t>(*bins), value->name, text),
                 type);
  rel = procedure("rolling_percentile",
                  {rel, one_row({make_constant(share), make_long(static_cast<int64_t>(*bins))})}, keys.size(),
                  joined(out, {made_step, made}));
  items = {{binder_.new_column(line->name, line->type), time_of(*line, make_column(made_step))}};
  for (auto& item : same(joined(out, {made}))) items.push_back(item);
  return result(rel, std::move(items));
}

}  // namespace huntbook::kql
