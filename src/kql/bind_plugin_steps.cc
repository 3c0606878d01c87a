// Steps of time as engine expressions.
#include "kql/bind.h"
#include "kql/bind_plugin_time.h"

namespace huntbook::kql {
namespace {

constexpr std::string_view kDay = "864000000000";

// Weeks (from Sundays), months or years since the year 1.
plan::ExprPtr calendar_number(char unit, const plan::ExprPtr& time) {
  if (unit == 'w') return make_sql(Type::kLong, fmt::format("(({{0}} // {} + 1) // 7)", kDay), {time});
  auto year = make_body(Type::kLong, "getyear", {time});
  if (unit == 'y') return year;
  return make_sql(Type::kLong, "({0} * 12 + {1} - 1)", {year, make_body(Type::kLong, "monthofyear", {time})});
}

}  // namespace

plan::ExprPtr step_of(const Timeline& line, const plan::ExprPtr& time) {
  if (line.unit) {
    auto number = calendar_number(line.unit, time);
    if (!line.start) return number;
    return make_sql(Type::kLong, "({0} - {1})", {number, calendar_number(line.unit, line.start)});
  }
  auto start = line.start    ? line.start
               : line.real() ? make_sql(Type::kReal, "CAST(0 AS DOUBLE)")
                             : make_long(0);
  if (line.real())
    return make_sql(Type::kLong, "TRY_CAST(floor(({0} - {1}) / nullif(greatest({2}, 0), 0)) AS BIGINT)",
                    {time, start, line.step});
  return make_sql(
      Type::kLong,
      "TRY_CAST((CASE WHEN {0} >= {1} THEN (CAST({0} AS HUGEINT) - {1}) // nullif(greatest({2}, 0), 0) "
      "ELSE -((CAST({2} AS HUGEINT) - 1 - {0} + {1}) // nullif(greatest({2}, 0), 0)) END) AS BIGINT)",
      {time, start, line.step});
}

plan::ExprPtr time_of(const Timeline& line, const plan::ExprPtr& step) {
  plan::ExprPtr made;
  if (line.unit) {
    auto number = line.start
                      ? make_sql(Type::kLong, "({0} + {1})", {step, calendar_number(line.unit, line.start)})
                      : step;
    if (line.unit == 'w')
      return make_sql(line.type, fmt::format("CAST(greatest({{0}} * 7 - 1, 0) * {} AS BIGINT)", kDay),
                      {number});
    auto year = make_sql(Type::kLong, line.unit == 'y' ? "{0}" : "({0} // 12)", {number});
    auto month = line.unit == 'y' ? make_long(1) : make_sql(Type::kLong, "({0} % 12 + 1)", {number});
    return make_body(line.type, "make_datetime", {year, month, make_long(1)});
  }
  auto start = line.start    ? line.start
               : line.real() ? make_sql(Type::kReal, "CAST(0 AS DOUBLE)")
                             : make_long(0);
  if (line.real()) return make_sql(line.type, "({1} + {0} * {2})", {step, start, line.step});
  if (line.type == Type::kInt)
    return make_sql(line.type, "TRY_CAST(CAST({1} AS HUGEINT) + CAST({0} AS HUGEINT) * {2} AS INTEGER)",
                    {step, start, line.step});
  return make_sql(line.type, "TRY_CAST(CAST({1} AS HUGEINT) + CAST({0} AS HUGEINT) * {2} AS BIGINT)",
                  {step, start, line.step});
}

plan::ExprPtr reach_of(const Timeline& line, const plan::ExprPtr& step, const plan::ExprPtr& span) {
  if (line.unit)
    return step_of(line, make_sql(Type::kDatetime, "({0} + {1} - 1)", {time_of(line, step), span}));
  if (line.real())
    return make_sql(Type::kLong, "TRY_CAST({0} + ceil({1} / nullif(greatest({2}, 0), 0)) - 1 AS BIGINT)",
                    {step, span, line.step});
  return make_sql(
      Type::kLong,
      "TRY_CAST({0} + (CAST({1} AS HUGEINT) + {2} - 1) // nullif(greatest({2}, 0), 0) - 1 AS BIGINT)",
      {step, span, line.step});
}

plan::ExprPtr within(const Timeline& line, const plan::ExprPtr& time, const plan::ExprPtr& before) {
  std::string sql = "({0} IS NOT NULL";
  std::vector<plan::ExprPtr> args{time};
  const auto add = [&](std::string_view text, const plan::ExprPtr& arg) {
    args.push_back(arg);
    sql += fmt::format(fmt::runtime(text), args.size() - 1);
  };
  if (line.start && before) {
    add(line.real() ? " AND {{0}} - {{{}}}" : " AND CAST({{0}} AS HUGEINT) - {{{}}}", line.start);
    add(" >= -{{{}}}", before);
  } else if (line.start) {
    add(" AND {{0}} >= {{{}}}", line.start);
  }
  if (line.end) add(" AND {{0}} <= {{{}}}", line.end);
  return make_sql(Type::kBool, sql + ")", std::move(args));
}

}  // namespace huntbook::kql
