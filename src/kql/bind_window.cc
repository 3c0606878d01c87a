// Functions over the rows in their order.
#include <algorithm>

#include "kql/bind.h"

namespace huntbook::kql {

plan::ExprPtr Binder::bind_window(const Expr& expr, const Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  if (!scope.windowed || !scope.row) return fail(diagnose(Error::kNeedsOrder, expr.span, name));
  if (!scope.windowed->ordered) {
    Diagnostic failure = diagnose(Error::kNeedsOrder, expr.span, name);
    failure.hint = "put `| serialize` or `| sort by ...` before it";
    return fail(std::move(failure));
  }
  std::vector<plan::ExprPtr> args;
  for (const auto& arg : call.args) {
    auto value = bind_expr(*arg, scope);
    if (!value) return nullptr;
    args.push_back(std::move(value));
  }
  BoundTable& table = *scope.windowed;
  number(table);
  const plan::ExprPtr order = make_column({table.number, "", Type::kLong});
  // Adds one window column to the table and gives it.
  const auto add = [&](Type type, std::string sql, std::vector<plan::ExprPtr> values) {
    if (const size_t over = sql.find("OVER ("); table.group.id && over != std::string::npos) {
      const bool divided = sql.substr(over + 6).starts_with("PARTITION BY ");
      sql.insert(over + 6 + (divided ? 13 : 0), fmt::format("{}{{{}}}{} ", divided ? "" : "PARTITION BY ",
                                                            values.size(), divided ? "," : ""));
      values.push_back(make_column(table.group));
    }
    plan::ColumnDef column = new_column("", type);
    std::vector<plan::ColumnDef> all = table.rel->columns;
    all.push_back(column);
    table.rel =
        make_rel(std::move(all), plan::Window{table.rel, {{column, make_sql(type, sql, std::move(values))}}});
    return make_column(column);
  };
  const auto wrong_count = [&](std::string_view words) {
    return fail(diagnose(Error::kArgumentCount, expr.span, name, words, call.args.size()));
  };
  // A restart predicate becomes the number of restarts so far: the partition.
  const auto partition = [&](const plan::ExprPtr& restart) {
    return add(Type::kLong, "count(*) FILTER (WHERE {0}) OVER (ORDER BY {1} ROWS UNBOUNDED PRECEDING)",
               {convert(restart, Type::kBool, expr.span), order});
  };
  if (name == "prev" || name == "next") {
    if (args.empty() || args.size() > 3) return wrong_count("1 to 3 arguments");
    int64_t offset = 1;
    if (args.size() > 1) {
      const Literal* literal = constant_of(args[1]);
      if (!literal || literal->null || literal->integer < 1) {
        return fail(diagnose(Error::kBadValue, call.args[1]->span, "offset", "a constant of at least 1"));
      }
      offset = literal->integer;
    }
    const std::string function = fmt::format("{}({{0}}, {})", name == "prev" ? "lag" : "lead", offset);
    if (args.size() > 2) {
      if (!constant_of(args[2]))
        return fail(diagnose(Error::kNotConstant, call.args[2]->span, "the default"));
      auto fallback = convert(args[2], args[0]->type, call.args[2]->span);
      if (!fallback) return nullptr;
      // The neighbour may be null itself, so the row's place decides whether there is one.
      auto total = name == "prev" ? make_long(0) : add(Type::kLong, "count(*) OVER ()", {});
      auto neighbour = add(args[0]->type, function + " OVER (ORDER BY {1})", {args[0], order});
      auto place = add(Type::kLong, "row_number() OVER (ORDER BY {0})", {order});
      return make_sql(args[0]->type,
                      name == "prev"
                          ? fmt::format("CASE WHEN {{1}} <= {} THEN {{2}} ELSE {{0}} END", offset)
                          : fmt::format("CASE WHEN {{1}} > {{3}} - {} THEN {{2}} ELSE {{0}} END", offset),
                      {neighbour, place, fallback, total});
    }
    auto value = add(args[0]->type, function + " OVER (ORDER BY {1})", {args[0], order});
    return args[0]->type == Type::kString ? make_sql(Type::kString, "coalesce({0}, '')", {value}) : value;
  }
  if (name == "row_number") {
    if (args.size() > 2) return wrong_count("0 to 2 arguments");
    auto start = args.empty() ? make_long(1) : convert(args[0], Type::kLong, expr.span);
    if (!start) return nullptr;
    if (args.size() == 2) {
      auto group = partition(args[1]);
      auto place = add(Type::kLong, "row_number() OVER (PARTITION BY {0} ORDER BY {1})", {group, order});
      return make_sql(Type::kLong, "({0} + {1} - 1)", {place, start});
    }
    auto place = add(Type::kLong, "row_number() OVER (ORDER BY {0})", {order});
    return make_sql(Type::kLong, "({0} + {1} - 1)", {place, start});
  }
  if (name == "row_cumsum") {
    if (args.empty() || args.size() > 2) return wrong_count("1 to 2 arguments");
    Type type = args[0]->type == Type::kInt ? Type::kLong : args[0]->type;
    auto value = convert(args[0], type, expr.span);
    auto group = args.size() == 2 ? partition(args[1]) : make_long(0);
    const std::string sum = "sum({0}) OVER (PARTITION BY {1} ORDER BY {2} ROWS UNBOUNDED PRECEDING)";
    return add(type, type == Type::kReal ? sum : "CAST(" + sum + " AS BIGINT)", {value, group, order});
  }
  if (name == "row_rank_min" || name == "row_rank_dense" || name == "row_rank") {
    if (args.empty() || args.size() > 2) return wrong_count("1 to 2 arguments");
    auto group = args.size() == 2 ? partition(args[1]) : make_long(0);
    auto before =
        add(args[0]->type, "lag({0}) OVER (PARTITION BY {1} ORDER BY {2})", {args[0], group, order});
    auto place = add(Type::kLong, "row_number() OVER (PARTITION BY {0} ORDER BY {1})", {group, order});
    auto changed = make_sql(Type::kLong, "CASE WHEN {1} = 1 OR {0} IS DISTINCT FROM {2} THEN {1} END",
                            {args[0], place, before});
    if (name == "row_rank_dense") {
      return add(Type::kLong, "count({0}) OVER (PARTITION BY {1} ORDER BY {2} ROWS UNBOUNDED PRECEDING)",
                 {changed, group, order});
    }
    return add(Type::kLong, "max({0}) OVER (PARTITION BY {1} ORDER BY {2} ROWS UNBOUNDED PRECEDING)",
               {changed, group, order});
  }
  if (name == "row_window_session") {
    if (args.size() < 3 || args.size() > 4) return wrong_count("3 to 4 arguments");
    auto place = add(Type::kLong, "row_number() OVER (ORDER BY {0})", {order});
    return bind_session(expr, std::move(args), table, std::move(place));
  }
  return fail(unsupported(fmt::format("function `{}`", name), call.name.span));
}

// Whether a row starts a session depends on where the session before it started, so all rows are gathered in
// one text that a body walks through; its answers are joined back by the rows' places.
plan::ExprPtr Binder::bind_session(const Expr& expr, std::vector<plan::ExprPtr> args, BoundTable& table,
                                   plan::ExprPtr place) {
  constexpr Type kTypes[] = {Type::kDatetime, Type::kTimespan, Type::kTimespan, Type::kBool};
  if (args.size() == 3) {
    Literal no;
    no.type = Type::kBool;
    args.push_back(make_constant(no));
  }
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i]->type != kTypes[i] && args[i]->type != Type::kDynamic)
      return fail(diagnose(Error::kArgumentType, expr.span, i + 1, "row_window_session", type_name(kTypes[i]),
                           type_name(args[i]->type)));
    args[i] = convert(args[i], kTypes[i], expr.span);
    if (!args[i]) return nullptr;
  }
  const plan::RelPtr shared = make_rel(table.rel->columns, plan::Shared{++last_shared_, table.rel});
  args.push_back(place);
  plan::ColumnDef gathered = new_column("", Type::kString), starts = new_column("", Type::kDynamic),
                  element = new_column("", Type::kDynamic), index = new_column("", Type::kLong),
                  start = new_column("", Type::kDatetime), at = new_column("", Type::kLong);
  auto text =
      make_sql(Type::kString,
               "coalesce(string_agg('[' || coalesce(CAST({0} AS VARCHAR), 'null') || ',' || "
               "coalesce(CAST({1} AS VARCHAR), 'null') || ',' || coalesce(CAST({2} AS VARCHAR), 'null') || "
               "CASE WHEN {3} THEN ',1]' ELSE ',0]' END, ',' ORDER BY {4}), '')",
               std::move(args));
  // Inside a table's parts each part has sessions of its own: its column goes along as a key.
  std::vector<plan::ColumnDef> part;
  std::vector<int> keys;
  std::vector<plan::Item> kept, renamed;
  std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> matches;
  if (table.group.id) {
    part.push_back(table.group);
    keys.push_back(table.group.id);
    kept.push_back({table.group, make_column(table.group)});
    renamed.push_back({new_column("", table.group.type), make_column(table.group)});
    matches.emplace_back(make_column(table.group), make_column(renamed[0].column));
  }
  const auto with_part = [&](std::vector<plan::ColumnDef> columns) {
    columns.insert(columns.begin(), part.begin(), part.end());
    return columns;
  };
  auto rel = make_rel(with_part({gathered}), plan::Aggregate{shared, keys, {{gathered, std::move(text)}}});
  kept.push_back({starts, make_body(Type::kDynamic, "session_starts", {make_column(gathered)}, true)});
  rel = make_rel(with_part({starts}), plan::Project{rel, std::move(kept)});
  plan::Expand expand;
  expand.input = rel;
  expand.elements.push_back({make_column(starts), element});
  expand.index = index;
  rel = make_rel(with_part({starts, element, index}), std::move(expand));
  renamed.push_back({at, make_sql(Type::kLong, "({0} + 1)", {make_column(index)})});
  renamed.push_back({start, make_sql(Type::kDatetime, "TRY_CAST({0} AS BIGINT)", {make_column(element)})});
  std::vector<plan::ColumnDef> answers;
  for (const auto& item : renamed) answers.push_back(item.column);
  rel = make_rel(std::move(answers), plan::Project{rel, std::move(renamed)});
  matches.emplace_back(place, make_column(at));
  std::vector<plan::ColumnDef> all = shared->columns;
  all.push_back(start);
  table.rel = make_rel(all, plan::Join{plan::JoinKind::kLeftOuter, shared, rel, std::move(matches)});
  table.rel = make_rel(std::move(all),
                       plan::Sort{table.rel, {{make_column({table.number, "", Type::kLong}), true, true}}});
  return make_column(start);
}

}  // namespace huntbook::kql
