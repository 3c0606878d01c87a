// top-nested, top-hitters and reduce.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "kql/bind.h"

namespace huntbook::kql {
namespace {

std::string join_numbers(size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += fmt::format("{}{{{}}}", i ? ", " : "", i);
  return out;
}

}  // namespace

std::optional<BoundTable> Binder::bind_top_hitters(const TopHittersOp& op, BoundTable table,
                                                   const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  auto count = convert(bind_expr(*op.count, scope), Type::kLong, op.count->span);
  scope.row = &table;
  auto value = bind_expr(*op.column, scope);
  if (!count || !value) return std::nullopt;
  std::string name = implicit_name(*op.column);
  if (name.empty()) name = "Column1";
  plan::ColumnDef key = new_column(name, value->type);
  std::vector<plan::Item> below{{key, value}};
  plan::Item hits{new_column("approximate_count_" + name, Type::kLong), make_sql(Type::kLong, "count(*)")};
  if (op.weight) {
    auto weight = bind_expr(*op.weight, scope);
    if (!weight) return std::nullopt;
    const std::string weight_name = implicit_name(*op.weight);
    plan::ColumnDef column = new_column("", weight->type);
    below.push_back({column, weight});
    auto sum = apply("sum", FunctionKind::kAggregate, op.weight->span, {make_column(column)});
    if (!sum) return std::nullopt;
    hits = {new_column("approximate_sum_" + weight_name, sum->type), sum};
  }
  BoundTable made = project(table, std::move(below));
  made.columns = {key, hits.column};
  made.rel = make_rel(made.columns, plan::Aggregate{made.rel, {key.id}, {hits}});
  made.rel = make_rel(
      made.columns,
      plan::Sort{made.rel, {{make_column(hits.column), false, false}, {make_column(key), false, false}}});
  made.rel = make_rel(made.columns, plan::Limit{made.rel, count});
  made.number = 0;
  made.ordered = false;
  made.open = false;
  return made;
}

std::optional<BoundTable> Binder::bind_reduce(const ReduceOp& op, BoundTable table, const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  double threshold = 0.1;
  std::string characters;
  for (const auto& [name, value] : op.properties) {
    if (name.text != "threshold" && name.text != "characters") continue;
    auto bound = value ? bind_expr(*value, scope) : nullptr;
    if (!bound) return std::nullopt;
    const Literal* literal = constant_of(bound);
    if (!literal || literal->null)
      return fail(diagnose(Error::kNotConstant, value->span, name.text)), std::nullopt;
    if (name.text == "characters" && literal->type == Type::kString) {
      characters = literal->text;
    } else if (name.text == "threshold" && literal->type != Type::kString) {
      threshold = literal->type == Type::kReal ? literal->real : static_cast<double>(literal->integer);
    }
    if (!(threshold > 0 && threshold <= 1))
      return fail(diagnose(Error::kBadValue, value->span, name.text, "between 0 and 1")), std::nullopt;
  }
  scope.row = &table;
  auto text = convert(bind_expr(*op.column, scope), Type::kString, op.column->span);
  if (!text) return std::nullopt;
  plan::Procedure node;
  node.name = "reduce";
  node.options =
      Json::object({{"threshold", Json::number(threshold)}, {"characters", Json::string(characters)}}).text();
  table.number = 0;
  node.inputs.push_back(project(table, {{new_column("", Type::kString), text}}).rel);
  BoundTable made;
  made.columns = {new_column("Pattern", Type::kString), new_column("Count", Type::kLong),
                  new_column("Representative", Type::kString)};
  made.rel = make_rel(made.columns, std::move(node));
  return made;
}

// Each level groups by its own key and those above it, over the rows whose keys above were kept, and keeps
// its best groups. Levels are joined from the first down; what a level leaves out becomes one row where it
// has `with others`.
std::optional<BoundTable> Binder::bind_top_nested(const TopNestedOp& top, BoundTable table,
                                                  const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  Scope row = scope;
  row.row = &table;
  struct Level {
    plan::ColumnDef key;
    std::string key_name, value_name;
    plan::ExprPtr count, others;
    bool ascending = false;
  };
  std::vector<Level> levels;
  std::vector<plan::Item> below;
  for (const auto& column : table.columns) below.push_back({column, make_column(column)});
  std::set<std::string> taken;
  for (const auto& written : top.levels) {
    Level level;
    const Expr* expr = written.column.get();
    const auto* named = std::get_if<NamedExpr>(&expr->node);
    if (named) expr = named->value.get();
    auto value = bind_expr(*expr, row);
    if (!value) return std::nullopt;
    std::string name = named ? named->names[0].text : implicit_name(*expr);
    if (name.empty()) name = "Column" + std::to_string(levels.size() + 1);
    const auto* named_value = std::get_if<NamedExpr>(&written.aggregate->node);
    level.key_name = unique_name(name, taken);
    level.value_name = unique_name(named_value ? named_value->names[0].text : "aggregated_" + name, taken);
    level.key = new_column("", value->type);
    below.push_back({level.key, value});
    level.ascending = written.ascending.value_or(false);
    if (written.count) {
      level.count = convert(bind_expr(*written.count, scope), Type::kLong, written.count->span);
      if (!level.count) return std::nullopt;
    }
    if (written.others) {
      level.others = convert(bind_expr(*written.others, scope), value->type, written.others->span);
      if (!level.others) return std::nullopt;
    }
    levels.push_back(std::move(level));
  }
  BoundTable rows = project(table, std::move(below));
  rows.rel = make_rel(rows.rel->columns, plan::Shared{++last_shared_, rows.rel});
  rows.columns = table.columns;
  rows.number = 0;

  // The kept paths down to some level: key, value, key, value ...
  using Columns = std::vector<plan::ColumnDef>;
  const auto shared = [&](plan::RelPtr rel) {
    return make_rel(rel->columns, plan::Shared{++last_shared_, rel});
  };
  // The same rows under new ids.
  const auto renewed = [&](const plan::RelPtr& rel) {
    BoundTable bound;
    bound.rel = rel;
    bound.columns = rel->columns;
    return reuse(bound);
  };
  std::vector<BoundTable> grouped;  // by the keys down to each level
  Columns keys;
  for (size_t depth = 0; depth < levels.size(); ++depth) {
    keys.push_back(levels[depth].key);
    auto made = bind_summarize({top.levels[depth].aggregate.get()}, {}, rows, env, keys);
    if (!made) return std::nullopt;
    grouped.push_back(std::move(*made));
  }
  struct Part {
    plan::RelPtr rel;
    std::vector<plan::ExprPtr> values;  ///< key, value, key, value ...
  };
  std::vector<Part> parts;
  plan::RelPtr kept;
  for (size_t depth = 0; depth < levels.size(); ++depth) {
    const Level& level = levels[depth];
    const plan::ColumnDef value = grouped[depth].columns.back();
    // Under the paths kept so far.
    plan::RelPtr rel = grouped[depth].rel;
    Columns path;
    if (kept) {
      const BoundTable above = renewed(kept);
      std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> on;
      for (size_t i = 0; i < depth; ++i)
        on.emplace_back(make_column(above.columns[2 * i]), make_column(grouped[depth].columns[i]));
      path = above.columns;
      Columns joined = path;
      joined.push_back(grouped[depth].columns[depth]);
      joined.push_back(value);
      rel = make_rel(joined, plan::Join{plan::JoinKind::kInner, above.rel, rel, std::move(on)});
    }
    path.push_back(grouped[depth].columns[depth]);
    path.push_back(value);
    if (level.count) {
      std::vector<plan::ExprPtr> args;
      for (size_t i = 0; i < depth; ++i) args.push_back(make_column(path[2 * i]));
      std::string over = "row_number() OVER (";
      if (depth > 0) over += "PARTITION BY " + join_numbers(depth);
      over += fmt::format(" ORDER BY {{{}}} {} NULLS LAST, {{{}}})", depth, level.ascending ? "ASC" : "DESC",
                          depth + 1);
      args.push_back(make_column(value));
      args.push_back(make_column(path[2 * depth]));
      plan::ColumnDef rank = new_column("", Type::kLong);
      Columns ranked = path;
      ranked.push_back(rank);
      rel = make_rel(ranked, plan::Window{rel, {{rank, make_sql(Type::kLong, over, std::move(args))}}});
      rel = make_rel(
          ranked, plan::Filter{rel, make_sql(Type::kBool, "({0} <= {1})", {make_column(rank), level.count})});
      BoundTable cut;
      cut.rel = rel;
      cut.columns = path;
      std::vector<plan::Item> items;
      for (const auto& column : path) items.push_back({column, make_column(column)});
      rel = project(cut, std::move(items)).rel;
    }
    const plan::RelPtr above = kept;
    kept = shared(rel);
    if (!level.others) continue;

    // One row for the rest of each path above: rows under it that no kept path of this level covers.
    BoundTable rest = rows;
    const BoundTable covered = renewed(kept);
    std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> on;
    for (size_t i = 0; i <= depth; ++i)
      on.emplace_back(make_column(levels[i].key), make_column(covered.columns[2 * i]));
    rest.rel = make_rel(rows.rel->columns,
                        plan::Join{plan::JoinKind::kLeftAnti, rows.rel, covered.rel, std::move(on)});
    const Columns prefix(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(depth));
    Exprs wanted;
    for (size_t i = depth; i < levels.size(); ++i) {
      if (i == depth || levels[i].others) wanted.push_back(top.levels[i].aggregate.get());
    }
    auto summed = bind_summarize(wanted, {}, rest, env, prefix);
    if (!summed) return std::nullopt;
    BoundTable joined = *summed;
    Columns front;
    if (above) {
      const BoundTable paths = renewed(above);
      std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> same;
      for (size_t i = 0; i < depth; ++i)
        same.emplace_back(make_column(paths.columns[2 * i]), make_column(summed->columns[i]));
      front = paths.columns;
      Columns all = front;
      for (size_t i = depth; i < summed->columns.size(); ++i) all.push_back(summed->columns[i]);
      joined.rel = make_rel(all, plan::Join{plan::JoinKind::kInner, paths.rel, summed->rel, std::move(same)});
    } else {  // nothing is left over: no row
      const plan::ColumnDef some = new_column("", Type::kLong);
      auto counted =
          make_rel({some}, plan::Aggregate{rest.rel, {}, {{some, make_sql(Type::kLong, "count(*)")}}});
      auto left = make_scalar_query(Type::kLong, counted);
      joined.rel = make_rel(joined.rel->columns,
                            plan::Filter{joined.rel, make_sql(Type::kBool, "({0} > 0)", {std::move(left)})});
    }
    Part part{joined.rel, {}};
    for (const auto& column : front) part.values.push_back(make_column(column));
    size_t next = depth;
    for (size_t i = depth; i < levels.size(); ++i) {
      const bool told = i == depth || levels[i].others;
      part.values.push_back(told ? levels[i].others : make_null(levels[i].key.type));
      part.values.push_back(told ? make_column(summed->columns[next++])
                                 : make_null(grouped[i].columns.back().type));
    }
    parts.push_back(std::move(part));
  }

  // All paths and the rests, best first on each level.
  Part paths{kept, {}};
  for (const auto& column : kept->columns) paths.values.push_back(make_column(column));
  parts.insert(parts.begin(), std::move(paths));
  BoundTable made;
  made.open = false;
  plan::Union all;
  for (size_t i = 0; i < levels.size(); ++i) {
    made.columns.push_back(new_column(levels[i].key_name, levels[i].key.type));
    made.columns.push_back(new_column(levels[i].value_name, grouped[i].columns.back().type));
  }
  for (auto& part : parts) {
    all.inputs.push_back(std::move(part.rel));
    all.sources.push_back(std::move(part.values));
  }
  made.rel = make_rel(made.columns, std::move(all));
  std::vector<plan::SortKey> order;
  for (size_t i = 0; i < levels.size(); ++i) {
    order.push_back({make_column(made.columns[2 * i + 1]), levels[i].ascending, false});
    order.push_back({make_column(made.columns[2 * i]), true, false});
  }
  made.rel = make_rel(made.columns, plan::Sort{made.rel, std::move(order)});
  return made;
}

}  // namespace huntbook::kql
