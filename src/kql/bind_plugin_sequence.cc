// sequence_detect, funnel_sequence, funnel_sequence_completion: steps that follow one another in time.
#include <algorithm>

#include "base/escape.h"
#include "kql/bind_plugin.h"
#include "kql/runtime/json_text.h"

namespace huntbook::kql {
namespace {

constexpr size_t kMaxSteps = 60;

std::vector<plan::ColumnDef> joined(std::vector<plan::ColumnDef> columns,
                                    std::initializer_list<plan::ColumnDef> more) {
  columns.insert(columns.end(), more);
  return columns;
}

}  // namespace

std::optional<BoundTable> PluginBinder::sequence_detect() {
  const auto line = timeline(0, SIZE_MAX, SIZE_MAX, 1);
  if (!line) return std::nullopt;
  const auto span = length(*line, 2);
  if (!span || !line->step) {
    if (span) fail(diagnose(Error::kBadValue, span_of(1), "MaxSequenceStepWindow", "a length of time"));
    return std::nullopt;
  }
  // Conditions are steps, the rest are dimensions.
  Scope scope;
  scope.env = env_;
  scope.row = &input_;
  std::vector<plan::Item> items;
  std::vector<plan::ColumnDef> dims;
  std::vector<std::string> names;
  std::vector<ExprPtr> conditions;
  for (const Expr* expr : rest_) {
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    const Expr& inner = named ? *named->value : *expr;
    const auto* name = std::get_if<NameRef>(&inner.node);
    auto bound = binder_.bind_expr(inner, scope);
    if (!bound) return std::nullopt;
    if (!name && (bound->type == Type::kBool || named)) {
      if (bound->type == Type::kDynamic) bound = binder_.convert(bound, Type::kBool, inner.span);
      if (!bound) return std::nullopt;
      if (bound->type != Type::kBool)
        return fail(diagnose(Error::kNotBool, inner.span, type_name(bound->type)));
      names.push_back(named ? named->names[0].text : fmt::format("Step{}", conditions.size() + 1));
      conditions.push_back(std::move(bound));
      continue;
    }
    std::string label = named ? named->names[0].text : binder_.implicit_name(inner);
    if (label.empty()) label = "Column" + std::to_string(dims.size() + 1);
    dims.push_back(binder_.new_column(label, bound->type));
    items.push_back({dims.back(), std::move(bound)});
  }
  if (conditions.empty() || conditions.size() > kMaxSteps)
    return fail(diagnose(Error::kArgumentCount, op_.span, call_.name.text,
                         fmt::format("1 to {} conditions", kMaxSteps), conditions.size()));
  // A row's mask says which steps it can be.
  std::string sum;
  for (size_t i = 0; i < conditions.size(); ++i)
    sum += fmt::format("{}CASE WHEN {{{}}} THEN {} ELSE 0 END", i ? " + " : "", i, int64_t{1} << i);
  const auto time = binder_.new_column("", line->time->type), mask = binder_.new_column("", Type::kLong);
  items.push_back({time, line->time});
  items.push_back({mask, make_sql(Type::kLong, "CAST(" + sum + " AS BIGINT)", std::move(conditions))});
  auto rel = select(input_.rel, std::move(items));
  rel = where(
      rel, make_sql(Type::kBool, "({0} <> 0 AND {1} IS NOT NULL)", {make_column(mask), make_column(time)}));
  rel = make_rel(rel->columns, plan::Distinct{rel});
  rel = sorted(rel, joined(dims, {time}));
  std::vector<plan::ColumnDef> out;
  for (const auto& dim : dims) out.push_back(binder_.new_column(dim.name, dim.type));
  for (const auto& name : names) out.push_back(binder_.new_column(name + "_" + line->name, line->type));
  const Type duration = line->type == Type::kDatetime ? Type::kTimespan : line->type;
  out.push_back(binder_.new_column("Duration", duration));
  rel = procedure("sequences",
                  {rel, one_row({line->step, span, make_long(static_cast<int64_t>(names.size()))})},
                  dims.size(), out);
  return result(rel, same(out));
}

// The rows of the funnels: id, time, state, in their order.
std::optional<PluginBinder::Funnel> PluginBinder::funnel(const Timeline& line, size_t state_param,
                                                         size_t sequence_param) {
  auto who = column(*given_[0]), state = column(*given_[state_param]);
  if (!who || !state) return std::nullopt;
  state->value = binder_.convert(state->value, Type::kString, span_of(state_param));
  const Literal* sequence = constant(sequence_param);
  if (!state->value || !sequence) return std::nullopt;
  if (sequence->type != Type::kDynamic) return wrong_type(sequence_param, "dynamic", sequence->type);
  Funnel made;
  made.state_name = state->name;
  for (runtime::JsonElements it(sequence->text); it.next();) {
    std::string buffer;
    made.states.emplace_back(runtime::json_kind(it.value) == runtime::JsonKind::kString
                                 ? runtime::json_text_of(it.value, buffer)
                                 : it.value);
  }
  if (made.states.empty() || made.states.size() > kMaxSteps)
    return fail(diagnose(Error::kBadValue, span_of(sequence_param), sequence->text,
                         fmt::format("an array of 1 to {} states", kMaxSteps)));
  made.id = binder_.new_column(who->name, who->value->type);
  const auto time = binder_.new_column("", line.time->type), text = binder_.new_column("", Type::kString);
  auto rel = select(input_.rel, {{made.id, who->value}, {time, line.time}, {text, state->value}});
  rel = where(rel, within(line, make_column(time)));
  made.rel = sorted(rel, {made.id, time, text});
  return made;
}

std::string PluginBinder::json_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const auto& text : texts) {
    if (list.size() > 1) list += ',';
    append_json_string(list, text);
  }
  return list + "]";
}

std::optional<BoundTable> PluginBinder::funnel_sequence() {
  auto line = timeline(1, 2, 3, 5);
  if (!line) return std::nullopt;
  const auto window = length(*line, 4);
  if (!window) return std::nullopt;
  auto from = funnel(*line, 6, 7);
  if (!from) return std::nullopt;
  const auto id = binder_.new_column(from->id.name, from->id.type),
             time = binder_.new_column("", line->time->type),
             prev = binder_.new_column("prev", Type::kString),
             next = binder_.new_column("next", Type::kString);
  auto rel = procedure("funnel_around", {from->rel, one_row({window, make_text(json_list(from->states))})}, 1,
                       {id, time, prev, next});
  const auto step = binder_.new_column("", Type::kLong), count = binder_.new_column("dcount", Type::kLong),
             list = binder_.new_column("", Type::kString);
  rel = select(rel, {{step, step_of(*line, make_column(time))},
                     {prev, make_column(prev)},
                     {next, make_column(next)},
                     {id, make_column(id)}});
  rel = make_rel(rel->columns, plan::Distinct{rel});
  rel = sorted(rel, {step, prev, next, id});
  const auto ids =
      id.type == Type::kDynamic ? make_column(id) : make_body(Type::kDynamic, "to_json", {make_column(id)});
  rel = grouped(rel, {step, prev, next},
                {{count, make_sql(Type::kLong, "count(*)")},
                 {list, make_sql(Type::kString, "coalesce(string_agg({0}, ','{order}), '')", {ids})}});
  rel = make_rel(rel->columns, plan::Sort{rel,
                                          {{make_column(step), true, true},
                                           {make_column(count), false, false},
                                           {make_column(prev), true, true},
                                           {make_column(next), true, true}}});
  return result(rel, {{binder_.new_column(line->name, line->type), time_of(*line, make_column(step))},
                      {prev, make_column(prev)},
                      {next, make_column(next)},
                      {count, make_column(count)},
                      {binder_.new_column("samples", Type::kDynamic),
                       make_body(Type::kDynamic, "make_list_128", {make_column(list)}, true)}});
}

std::optional<BoundTable> PluginBinder::funnel_sequence_completion() {
  auto line = timeline(1, 2, 3, 4);
  if (!line) return std::nullopt;
  auto from = funnel(*line, 5, 6);
  if (!from) return std::nullopt;
  // The windows, as lengths along the timeline.
  const Type length_type = line->type == Type::kDatetime ? Type::kTimespan
                           : line->type == Type::kInt    ? Type::kLong
                                                         : line->type;
  const Literal* windows = constant(7);
  if (!windows) return std::nullopt;
  if (windows->type != Type::kDynamic) return wrong_type(7, "dynamic", windows->type);
  std::vector<ExprPtr> periods;
  std::vector<plan::SortKey> keys;
  for (runtime::JsonElements it(windows->text); it.next();) {
    Literal raw;
    raw.type = Type::kDynamic;
    raw.text = it.value;
    auto value = binder_.convert(make_constant(raw), length_type, span_of(7));
    if (!value) return std::nullopt;
    periods.push_back(std::move(value));
  }
  if (periods.empty() || periods.size() > kMaxSteps)
    return fail(diagnose(Error::kBadValue, span_of(7), windows->text,
                         fmt::format("an array of 1 to {} windows", kMaxSteps)));
  const auto id = binder_.new_column("", from->id.type), time = binder_.new_column("", line->time->type),
             period = binder_.new_column("", Type::kLong), place = binder_.new_column("", Type::kLong);
  std::vector<ExprPtr> constants{make_text(json_list(from->states))};
  constants.insert(constants.end(), periods.begin(), periods.end());
  auto rel = procedure("funnel_completion", {from->rel, one_row(constants)}, 1, {id, time, period, place});
  const auto step = binder_.new_column("", Type::kLong), count = binder_.new_column("dcount", Type::kLong);
  rel = select(rel, {{step, step_of(*line, make_column(time))},
                     {period, make_column(period)},
                     {place, make_column(place)},
                     {id, make_column(id)}});
  rel = grouped(rel, {step, period, place},
                {{count, make_sql(Type::kLong, "count(DISTINCT {0})", {make_column(id)})}});
  rel = sorted(rel, {step, period, place});
  const auto pick = [&](Type type, const plan::ColumnDef& of, const std::vector<ExprPtr>& values) {
    std::string sql = "(CASE {0}";
    std::vector<ExprPtr> args{make_column(of)};
    for (size_t i = 0; i < values.size(); ++i) {
      sql += fmt::format(" WHEN {} THEN {{{}}}", i, args.size());
      args.push_back(values[i]);
    }
    return make_sql(type, sql + " END)", std::move(args));
  };
  std::vector<ExprPtr> states;
  for (const auto& state : from->states) states.push_back(make_text(state));
  return result(rel,
                {{binder_.new_column(line->name, line->type), time_of(*line, make_column(step))},
                 {binder_.new_column(from->state_name, Type::kString), pick(Type::kString, place, states)},
                 {binder_.new_column("Period", length_type), pick(length_type, period, periods)},
                 {count, make_column(count)}});
}

}  // namespace huntbook::kql
