// mv-apply and partition: operators that work on each part of a table by itself. A hidden column tells the
// parts apart; operators that mix rows take it for one more key.
#include <algorithm>

#include "kql/bind.h"

namespace huntbook::kql {

// The first `count` rows of each part, in the parts' order where they have one; `by` divides the parts
// further.
BoundTable Binder::first_per_group(BoundTable table, std::vector<plan::ExprPtr> by, plan::ExprPtr count,
                                   bool random) {
  if (table.ordered && !random) number(table);
  by.push_back(make_column(table.group));
  std::string over = "row_number() OVER (PARTITION BY ";
  for (size_t i = 0; i < by.size(); ++i) over += fmt::format("{}{{{}}}", i ? ", " : "", i);
  if (random) {
    over += " ORDER BY random()";
  } else if (table.ordered) {
    over += fmt::format(" ORDER BY {{{}}}", by.size());
    by.push_back(make_column({table.number, "", Type::kLong}));
  }
  plan::ColumnDef rank = new_column("", Type::kLong);
  std::vector<plan::ColumnDef> all = table.rel->columns;
  all.push_back(rank);
  table.rel =
      make_rel(all, plan::Window{table.rel, {{rank, make_sql(Type::kLong, over + ")", std::move(by))}}});
  table.rel = make_rel(all, plan::Filter{table.rel, make_sql(Type::kBool, "({0} <= {1})",
                                                             {make_column(rank), std::move(count)})});
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) items.push_back({column, make_column(column)});
  return project(table, std::move(items));
}

// All rows of a table that has no parts, once for each part.
BoundTable Binder::in_every_group(const BoundTable& table, const BoundTable& grouped) {
  BoundTable made = table;
  made.group = new_column("", grouped.group.type);
  made.groups = grouped.groups;
  const plan::RelPtr groups = make_rel(
      {made.group}, plan::Project{grouped.groups, {{made.group, make_column(grouped.groups->columns[0])}}});
  std::vector<plan::ColumnDef> all = table.columns;
  all.push_back(made.group);
  made.number = 0;
  made.ordered = false;
  made.rel = make_rel(all, plan::Join{plan::JoinKind::kCross, table.rel, groups, {}});
  return made;
}

std::optional<BoundTable> Binder::bind_count(const CountOp& op, const BoundTable& table) {
  plan::Item item{new_column(op.name ? op.name->text : "Count", Type::kLong),
                  make_sql(Type::kLong, "count(*)")};
  BoundTable counted;
  counted.columns = {item.column};
  std::vector<plan::ColumnDef> all = counted.columns;
  std::vector<int> keys;
  if (table.group.id) {
    keys.push_back(table.group.id);
    all.insert(all.begin(), table.group);
    counted.group = table.group;
    counted.groups = table.groups;
  }
  counted.rel = make_rel(std::move(all), plan::Aggregate{table.rel, std::move(keys), {item}});
  return counted;
}

std::optional<BoundTable> Binder::bind_sample_distinct(const Operator& op, const SampleDistinctOp& sample,
                                                       BoundTable table, const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  auto count = convert(bind_expr(*sample.count, scope), Type::kLong, op.span);
  scope.row = &table;
  auto value = bind_expr(*sample.column, scope);
  if (!count || !value) return std::nullopt;
  std::string name = implicit_name(*sample.column);
  table.number = 0;
  BoundTable one = project(table, {{new_column(name.empty() ? "Column1" : name, value->type), value}});
  one.ordered = false;
  one.open = false;
  one.rel = make_rel(one.rel->columns, plan::Distinct{one.rel});
  if (one.group.id) return first_per_group(std::move(one), {}, std::move(count));
  one.rel = make_rel(one.rel->columns, plan::Limit{one.rel, count});
  return one;
}

// One operator inside of mv-apply or partition.
std::optional<BoundTable> Binder::bind_grouped(const Operator& op, BoundTable table, const EnvPtr& env) {
  Scope outer;
  outer.env = env;
  if (const auto* top = std::get_if<TopOp>(&op.node)) {
    std::vector<plan::SortKey> keys;
    auto count = convert(bind_expr(*top->count, outer), Type::kLong, op.span);
    if (!bind_keys(top->keys, table, env, keys) || !count) return std::nullopt;
    table.number = 0;
    table.rel = make_rel(table.rel->columns, plan::Sort{table.rel, std::move(keys)});
    table.ordered = true;
    return first_per_group(std::move(table), {}, std::move(count));
  }
  const auto* take = std::get_if<TakeOp>(&op.node);
  const auto* sample = std::get_if<SampleOp>(&op.node);
  if (take || sample) {
    auto count = convert(bind_expr(take ? *take->count : *sample->count, outer), Type::kLong, op.span);
    if (!count) return std::nullopt;
    return first_per_group(std::move(table), {}, std::move(count), sample != nullptr);
  }
  if (std::holds_alternative<PartitionOp>(op.node))
    return fail(unsupported("operator `partition` inside mv-apply or partition", op.name_span)), std::nullopt;
  auto made = bind_operator(op, std::move(table), env);
  if (!made) return std::nullopt;
  const auto& all = made->rel->columns;
  if (!made->group.id ||
      std::none_of(all.begin(), all.end(), [&](auto& column) { return column.id == made->group.id; })) {
    return fail(
               unsupported(fmt::format("operator `{}` inside mv-apply or partition", op.name), op.name_span)),
           std::nullopt;
  }
  return made;
}

// mv-apply: the rows are numbered and expanded, the subquery runs over each row's elements, and what it gives
// is joined back to the row.
std::optional<BoundTable> Binder::bind_mv_apply(const MvApplyOp& op, BoundTable table, const EnvPtr& env,
                                                Span span) {
  if (table.number) {  // numbers that are unique in the whole table
    const plan::ColumnDef number{std::exchange(table.number, 0), "", Type::kLong};
    table.rel = make_rel(table.rel->columns, plan::Sort{table.rel, {{make_column(number), true, false}}});
  }
  number(table);
  const plan::ColumnDef row{table.number, "", Type::kLong};
  table.number = 0;
  table.rel = make_rel(table.rel->columns, plan::Shared{++last_shared_, table.rel});
  // The left side: the same rows under new ids.
  plan::ColumnDef left_row = new_column("", Type::kLong);
  std::vector<plan::Item> renamed;
  for (const auto& column : table.columns)
    renamed.push_back({new_column(column.name, column.type), make_column(column)});
  renamed.push_back({left_row, make_column(row)});
  BoundTable left = project(table, std::move(renamed));
  left.columns.pop_back();
  // The elements.
  BoundTable parts = table;
  parts.group = row;
  parts.groups = make_rel({row}, plan::Project{table.rel, {{row, make_column(row)}}});
  std::vector<std::string> names;
  auto expanded = expand(op.items, op.properties, op.limit.get(), std::move(parts), env, span, &names);
  if (!expanded) return std::nullopt;
  expanded->open = table.open;
  auto current = bind_operators(std::move(*expanded), op.query->operators, 0, env);
  if (!current) return std::nullopt;
  // Columns that came through the subquery as they were are there already.
  std::vector<plan::Item> items, given;
  std::set<std::string> taken;
  const auto is_element = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<plan::ColumnDef> joined = left.columns;
  if (left.group.id) joined.push_back(left.group);
  for (const auto& column : left.columns) {
    if (is_element(column.name)) continue;  // its elements took its place
    taken.insert(column.name);
    items.push_back({column, make_column(column)});
  }
  for (const auto& column : current->columns) {
    const bool untouched = std::any_of(table.columns.begin(), table.columns.end(), [&](auto& own) {
      return own.id == column.id && !is_element(own.name);
    });
    if (untouched) continue;
    given.push_back({column, make_column(column)});
    joined.push_back(column);
    items.push_back({new_column(unique_name(column.name, taken), column.type), make_column(column)});
  }
  current->number = 0;
  const plan::ExprPtr part = make_column(current->group);
  const BoundTable right = project(*current, std::move(given));
  BoundTable made;
  made.open = table.open;
  made.group = table.group;
  made.groups = table.groups;
  made.rel = make_rel(
      joined, plan::Join{plan::JoinKind::kInner, left.rel, right.rel, {{make_column(left_row), part}}});
  return project(made, std::move(items));
}

std::optional<BoundTable> Binder::bind_partition(const Operator& op, const PartitionOp& partition,
                                                 BoundTable table, const EnvPtr& env) {
  if (!std::holds_alternative<std::monostate>(partition.query->source)) {
    if (catalog_.open) return bind_query(*partition.query, Scope{.env = env});
    return fail(unsupported("`partition` with a query of its own in braces", op.name_span)), std::nullopt;
  }
  Scope scope;
  scope.env = env;
  scope.row = &table;
  auto key = bind_expr(*partition.column, scope);
  if (!key) return std::nullopt;
  if (key->type == Type::kDynamic && !catalog_.open)
    return fail(diagnose(Error::kDynamicKey, partition.column->span, "partition by")), std::nullopt;
  plan::ColumnDef group = new_column("", key->type);
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) items.push_back({column, make_column(column)});
  items.push_back({group, key});
  table = project(table, std::move(items));
  table.columns.pop_back();
  table.rel = make_rel(table.rel->columns, plan::Shared{++last_shared_, table.rel});
  table.group = group;
  table.groups = make_rel(
      {group}, plan::Distinct{make_rel({group}, plan::Project{table.rel, {{group, make_column(group)}}})});
  auto made = bind_operators(std::move(table), partition.query->operators, 0, env);
  if (!made) return std::nullopt;
  made->group = {};
  made->groups = nullptr;
  made->number = 0;
  made->ordered = false;
  return made;
}

}  // namespace huntbook::kql
