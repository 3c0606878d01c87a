// make-series: rows are grouped by key and bin, the bins of a key become arrays, gaps get the default.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

// The most points of one series, Kusto's limit of an array.
constexpr int64_t kMaxPoints = 1'048'576;

plan::ExprPtr zero_of(Type type) {
  Literal literal;
  literal.type = type;
  return make_constant(literal);
}

// How often a step fits below a distance, rounded up.
plan::ExprPtr bins_below(const plan::ExprPtr& distance, const plan::ExprPtr& step) {
  if (step->type == Type::kReal)
    return make_sql(Type::kLong, "CAST(ceil({0} / {1}) AS BIGINT)", {distance, step});
  return make_sql(Type::kLong, "({0} // {1} + CASE WHEN {0} % {1} > 0 THEN 1 ELSE 0 END)", {distance, step});
}

// The bin in which a distance from the origin lies, rounded down.
plan::ExprPtr bin_of(const plan::ExprPtr& distance, const plan::ExprPtr& step) {
  if (step->type == Type::kReal)
    return make_sql(Type::kLong, "CAST(floor({0} / {1}) AS BIGINT)", {distance, step});
  return make_sql(Type::kLong, "({0} // {1} - CASE WHEN {0} % {1} < 0 THEN 1 ELSE 0 END)", {distance, step});
}

// A JSON array of the rows' values in the order of another column.
plan::ExprPtr list_of(plan::ExprPtr value, plan::ExprPtr order) {
  if (value->type != Type::kDynamic) value = make_body(Type::kDynamic, "to_json", {value}, true);
  return make_sql(Type::kDynamic, "('[' || string_agg(coalesce({0}, 'null'), ',' ORDER BY {1}) || ']')",
                  {std::move(value), std::move(order)});
}

}  // namespace

std::optional<BoundTable> Binder::bind_make_series(const MakeSeriesOp& make, BoundTable table,
                                                   const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  Scope row = scope;
  row.row = &table;
  const Expr* axis_expr = make.axis.get();
  const auto* named = std::get_if<NamedExpr>(&axis_expr->node);
  if (named) axis_expr = named->value.get();
  auto axis = bind_expr(*axis_expr, row);
  if (!axis) return std::nullopt;
  Type type = axis->type;
  if (type == Type::kInt) type = Type::kLong;
  if (type == Type::kDynamic && catalog_.open) type = Type::kDatetime;
  if (type != Type::kLong && type != Type::kReal && type != Type::kDatetime && type != Type::kTimespan) {
    return fail(diagnose(Error::kArgumentType, axis_expr->span, 1, "make-series",
                         "a datetime, timespan or number to range over", type_name(axis->type))),
           std::nullopt;
  }
  axis = convert(axis, type, axis_expr->span);
  const Type step_type = type == Type::kDatetime ? Type::kTimespan : type;
  const auto bound = [&](const kql::ExprPtr& expr, Type wanted) -> plan::ExprPtr {
    return convert(bind_expr(*expr, scope), wanted, expr->span);
  };
  auto step = bound(make.step, step_type);
  plan::ExprPtr from, to;
  const bool closed = make.range_from != nullptr;  // in range(a, b, s)
  if (make.from || closed) from = bound(closed ? make.range_from : make.from, type);
  if (make.to || closed) to = bound(closed ? make.range_to : make.to, type);
  if (!axis || !step || ((make.from || closed) && !from) || ((make.to || closed) && !to)) return std::nullopt;
  if (const Literal* literal = constant_of(step);
      literal &&
      (literal->null || (step_type == Type::kReal ? !(literal->real > 0) : literal->integer <= 0))) {
    return fail(diagnose(Error::kBadValue, make.step->span, "step", "above 0")), std::nullopt;
  }
  if (closed) {  // aligned as by bin(), the last bin included
    from = apply("bin", FunctionKind::kScalar, make.step->span, {from, step});
    to = apply("bin", FunctionKind::kScalar, make.step->span, {to, step});
    if (!from || !to) return std::nullopt;
    to = make_sql(type, "({0} + {1})", {to, step});
  }
  const plan::ExprPtr origin = from ? from : zero_of(type);

  // The rows in range with the axis and their bin.
  std::string axis_name = named ? named->names[0].text : implicit_name(*axis_expr);
  if (axis_name.empty()) axis_name = "Column1";
  plan::ColumnDef at = new_column("", type), bin = new_column("$bin", Type::kLong);
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) items.push_back({column, make_column(column)});
  std::vector<plan::Item> with_axis = items;
  with_axis.push_back({at, axis});
  BoundTable ranged = project(table, std::move(with_axis));
  std::string condition = "({0} IS NOT NULL";
  std::vector<plan::ExprPtr> parts{make_column(at)};
  if (from) {
    condition += fmt::format(" AND {{0}} >= {{{}}}", parts.size());
    parts.push_back(from);
  }
  if (to) {
    condition += fmt::format(" AND {{0}} < {{{}}}", parts.size());
    parts.push_back(to);
  }
  ranged.rel = make_rel(ranged.rel->columns,
                        plan::Filter{ranged.rel, make_sql(Type::kBool, condition + ")", std::move(parts))});
  plan::ExprPtr distance = make_column(at);
  if (from) distance = make_sql(type, "({0} - {1})", {distance, from});
  items.push_back({bin, bin_of(distance, step)});
  BoundTable binned = project(ranged, std::move(items));
  binned.columns.pop_back();  // the bin is no column that a name reaches

  // One row per key and bin.
  Exprs aggregates;
  for (const auto& series : make.series) aggregates.push_back(series.aggregate.get());
  auto grouped = bind_summarize(aggregates, pointers(make.keys), binned, env, {bin});
  if (!grouped) return std::nullopt;
  const size_t key_count = grouped->columns.size() - 1 - make.series.size();

  // One row per key: the bins and their values as arrays.
  std::vector<int> keys;
  std::vector<plan::ColumnDef> all;
  for (size_t i = 1; i <= key_count; ++i) {
    keys.push_back(grouped->columns[i].id);
    all.push_back(grouped->columns[i]);
  }
  const auto place = make_column(grouped->columns[0]);
  std::vector<plan::Item> arrays{{new_column("", Type::kLong), make_sql(Type::kLong, "min({0})", {place})},
                                 {new_column("", Type::kLong), make_sql(Type::kLong, "max({0})", {place})},
                                 {new_column("", Type::kDynamic), list_of(place, place)}};
  for (size_t i = 0; i < make.series.size(); ++i)
    arrays.push_back(
        {new_column("", Type::kDynamic), list_of(make_column(grouped->columns[1 + key_count + i]), place)});
  for (const auto& item : arrays) all.push_back(item.column);
  BoundTable whole;
  whole.rel = make_rel(all, plan::Aggregate{grouped->rel, keys, arrays});
  whole.columns = all;
  const bool nonempty = property_word(make.properties, "kind") == "nonempty";
  const auto lowest = make_column(arrays[0].column), highest = make_column(arrays[1].column);
  if (keys.empty() && !nonempty) {
    whole.rel = make_rel(all, plan::Filter{whole.rel, make_sql(Type::kBool, "({0} IS NOT NULL)", {lowest})});
  }

  // Gaps are filled.
  const plan::ExprPtr first = from ? make_long(0) : lowest;
  const plan::ExprPtr end = to ? bins_below(from ? make_sql(type, "({0} - {1})", {to, from}) : to, step)
                               : make_sql(Type::kLong, "({0} + 1)", {highest});
  const plan::ExprPtr count = make_sql(Type::kLong,
                                       fmt::format("CASE WHEN {{0}} <= 0 THEN CAST(error('make-series needs "
                                                   "a step above 0') AS BIGINT) WHEN {{1}} - {{2}} > {0} "
                                                   "THEN CAST(error('make-series would make more than {0} "
                                                   "points') AS BIGINT) ELSE greatest({{1}} - {{2}}, 0) END",
                                                   kMaxPoints),
                                       {step, end, first});
  std::vector<plan::Item> out;
  std::set<std::string> taken;
  for (size_t i = 0; i < key_count; ++i) {
    out.push_back({all[i], make_column(all[i])});
    taken.insert(all[i].name);
  }
  for (size_t i = 0; i < make.series.size(); ++i) {
    const plan::ColumnDef& made = grouped->columns[1 + key_count + i];
    const auto& written = make.series[i].default_value;
    plan::ExprPtr filler = written ? bind_expr(*written, scope) : nullptr;
    if (written && !filler) return std::nullopt;
    if (filler) {
      const bool number = made.type == Type::kInt || made.type == Type::kLong || made.type == Type::kReal;
      if (number && filler->type != Type::kDynamic &&
          (filler->type != Type::kReal || made.type == Type::kReal))
        filler = convert(filler, made.type, written->span);
      if (!filler) return std::nullopt;
      if (filler->type != Type::kDynamic) filler = make_body(Type::kDynamic, "to_json", {filler}, true);
    } else {
      Literal zero;
      zero.type = Type::kDynamic;
      zero.text = made.type == Type::kReal       ? "0.0"
                  : made.type == Type::kString   ? "\"\""
                  : made.type == Type::kBool     ? "false"
                  : made.type == Type::kTimespan ? "\"00:00:00\""
                                                 : "0";
      filler = make_constant(zero);
    }
    out.push_back(
        {new_column(made.name, Type::kDynamic),
         make_body(Type::kDynamic, "series_fill",
                   {make_column(arrays[2].column), make_column(arrays[3 + i].column), first, count, filler},
                   true)});
    taken.insert(made.name);
  }
  out.push_back({new_column(unique_name(axis_name, taken), Type::kDynamic),
                 make_body(Type::kDynamic, "series_axis", {origin, step, first, count}, true)});
  return project(whole, std::move(out));
}

}  // namespace huntbook::kql
