// bag_unpack, pivot: the columns depend on the data, so a part of the query runs first to find them.
#include <algorithm>
#include <map>

#include "kql/bind_plugin.h"
#include "kql/rewrite.h"
#include "kql/runtime/json_text.h"

namespace huntbook::kql {
namespace {

// More columns than these make no table.
constexpr size_t kMaxColumns = 2000;

// The types of a bag's slot, by the marks of the body "bag_slots".
Type slot_type(char mark) {
  switch (mark) {
    case 'b': return Type::kBool;
    case 'l': return Type::kLong;
    case 'r': return Type::kReal;
    case 's': return Type::kString;
    default: return Type::kDynamic;
  }
}

}  // namespace

std::optional<std::vector<PluginBinder::Slot>> PluginBinder::slots(const plan::ColumnDef& bag) {
  // Distinct shapes first: they are few where bags are many.
  plan::ColumnDef shape = binder_.new_column("", Type::kDynamic);
  plan::ColumnDef slot = binder_.new_column("", Type::kDynamic);
  auto rel = make_rel(
      {shape},
      plan::Project{input_.rel, {{shape, make_body(Type::kDynamic, "bag_slots", {make_column(bag)})}}});
  rel =
      make_rel({shape}, plan::Filter{rel, make_sql(Type::kBool, "({0} IS NOT NULL)", {make_column(shape)})});
  rel = make_rel({shape}, plan::Distinct{rel});
  rel = make_rel({slot}, plan::Expand{rel, {{make_column(shape), slot}}, {}, {}, false});
  rel = make_rel({slot}, plan::Distinct{rel});
  rel = make_rel({slot}, plan::Limit{rel, make_long(2 * kMaxColumns)});
  auto found = binder_.run_now(rel);
  if (!found) return std::nullopt;
  std::map<std::string, std::optional<Type>> types;  // no type: only nulls so far
  for (const auto& batch : found->batches) {
    for (size_t r = 0; r < batch->rows; ++r) {
      std::string buffer;
      const std::string_view text = runtime::json_text_of(batch->columns[0].text_at(r), buffer);
      if (text.empty()) continue;
      auto& type = types[std::string(text.substr(1))];
      if (text[0] == 'n') continue;
      const Type mine = slot_type(text[0]);
      type = !type || *type == mine ? mine : Type::kDynamic;
    }
  }
  if (types.size() > kMaxColumns)
    return fail(diagnose(Error::kTooManyColumns, op_.span, call_.name.text, kMaxColumns));
  std::vector<Slot> slots;
  for (const auto& [key, type] : types) slots.push_back({key, type.value_or(Type::kDynamic)});
  return slots;
}

std::optional<BoundTable> PluginBinder::bag_unpack() {
  const auto bag = column(*given_[0]);
  if (!bag) return std::nullopt;
  const plan::ColumnDef* source = input_.find(bag->name);
  if (source && source->type != Type::kDynamic) {
    Diagnostic wrong =
        diagnose(Error::kArgumentType, span_of(0), 1, call_.name.text, "dynamic", type_name(source->type));
    if (source->type == Type::kString)
      wrong.hint = "put `| extend " + bag->name + " = parse_json(" + bag->name + ")` before it";
    return fail(std::move(wrong));
  }
  const auto prefix = text(1, "");
  const auto conflict = text(2, "error");
  if (!prefix || !conflict) return std::nullopt;
  if (*conflict != "error" && *conflict != "replace_source" && *conflict != "keep_source")
    return fail(diagnose(Error::kBadValue, span_of(2), *conflict,
                         "a columnsConflict: error, replace_source or keep_source"));
  std::set<std::string> ignored;
  if (given(3)) {
    const Literal* list = constant(3);
    if (!list) return std::nullopt;
    if (list->type != Type::kDynamic) return wrong_type(3, "dynamic", list->type);
    for (runtime::JsonElements it(list->text); it.next();) {
      std::string buffer;
      if (runtime::json_kind(it.value) == runtime::JsonKind::kString)
        ignored.emplace(runtime::json_text_of(it.value, buffer));
    }
  }
  // Columns of an assumed table are not there, and nothing is known of its bags.
  const auto member = [&](const std::string& key, Type type) {
    return binder_.convert(make_body(Type::kDynamic, "path_member", {bag->value, make_text(key)}), type,
                           span_of(0));
  };
  const auto conflicts = [&](const std::string& name) {
    Diagnostic twice = diagnose(Error::kDuplicateColumn, span_of(0), name);
    twice.hint = "add columnsConflict='replace_source' or 'keep_source', or a prefix";
    return fail(std::move(twice));
  };
  std::vector<plan::Item> items;

  if (evaluate_.schema) {
    // What the data has matters only where a written name is one of the input, too.
    std::set<std::string> mine;
    bool overlaps = false;
    for (const auto& decl : *evaluate_.schema) {
      mine.insert(decl.name.text);
      overlaps = overlaps || (decl.name.text != bag->name && input_.find(decl.name.text));
    }
    std::set<std::string> keys;
    bool known = false;
    if (overlaps && source && *conflict != "keep_source") {
      if (auto found = slots(*source)) {
        known = true;
        for (const auto& slot : *found) keys.insert(*prefix + slot.key);
      }
    }
    for (const auto& decl : *evaluate_.schema) {
      const std::string& name = decl.name.text;
      if (name == "*") {
        for (const auto& one : input_.columns) {
          if (one.name != bag->name && !mine.contains(one.name)) items.push_back({one, make_column(one)});
        }
        continue;
      }
      const plan::ColumnDef* have = name == bag->name ? nullptr : input_.find(name);
      if (have && *conflict == "error" && keys.contains(name)) return conflicts(name);
      const bool replaced = *conflict == "replace_source" && (!known || keys.contains(name));
      ExprPtr made;
      if (have && !replaced) {
        made = binder_.convert(make_column(*have), decl.type, decl.name.span);
      } else if (!name.starts_with(*prefix)) {
        Diagnostic wrong =
            diagnose(Error::kBadValue, decl.name.span, name, "a column that bag_unpack can give");
        wrong.hint = "its columns begin with `" + *prefix + "`";
        return fail(std::move(wrong));
      } else {
        const std::string key = name.substr(prefix->size());
        made = ignored.contains(key) ? make_null(decl.type) : member(key, decl.type);
      }
      if (!made) return std::nullopt;
      items.push_back({binder_.new_column(name, decl.type), made});
    }
    BoundTable result = binder_.project(input_, std::move(items));
    result.open = input_.open && mine.contains("*");
    return result;
  }

  std::optional<std::vector<Slot>> found;
  if (source) found = slots(*source);
  if (!binder_.diagnostics_.empty() && !found && catalog_.run) return std::nullopt;
  std::map<std::string, Slot> unpacked;  // by the column's name
  if (found) {
    for (const auto& slot : *found) {
      if (!ignored.contains(slot.key)) unpacked.emplace(*prefix + slot.key, slot);
    }
  }
  std::set<std::string> taken;
  const auto put = [&](const std::string& name, const Slot& slot) {
    auto value = member(slot.key, slot.type);
    if (value)
      items.push_back(
          {binder_.new_column(unique_name(name.empty() ? "Column1" : name, taken), slot.type), value});
    return value != nullptr;
  };
  for (const auto& one : input_.columns) {
    const auto same = unpacked.find(one.name);
    const bool is_bag = one.name == bag->name;
    if (same != unpacked.end() && !is_bag && *conflict == "error") return conflicts(one.name);
    if (same != unpacked.end() && (is_bag || *conflict == "replace_source")) {
      if (!put(same->first, same->second)) return std::nullopt;
    } else if (!is_bag) {
      taken.insert(one.name);
      items.push_back({one, make_column(one)});
    }
    if (same != unpacked.end()) unpacked.erase(same);
  }
  for (const auto& [name, slot] : unpacked) {
    if (!put(name, slot)) return std::nullopt;
  }
  if (items.empty() && !found) return binder_.assumed_table("");
  BoundTable result = binder_.project(input_, std::move(items));
  result.open = input_.open || !found;
  return result;
}

std::optional<BoundTable> PluginBinder::pivot() {
  auto turned = column(*given_[0]);
  if (!turned) return std::nullopt;
  turned->value = binder_.convert(turned->value, Type::kString, span_of(0));
  if (!turned->value) return std::nullopt;

  // The aggregate, count() when there is none; what is no call is a row column already.
  std::vector<const Expr*> row_exprs = rest_;
  std::vector<plan::Item> aggregates;
  ExprPtr value;
  Scope scope;
  scope.env = env_;
  scope.row = &input_;
  scope.aggregates = &aggregates;
  if (given(1) && std::holds_alternative<Call>(given_[1]->node)) {
    value = binder_.bind_expr(*given_[1], scope);
    if (!value) return std::nullopt;
    if (aggregates.empty())
      return fail(diagnose(Error::kExpected, given_[1]->span, "an aggregate", "a scalar function"));
  } else {
    if (given(1)) row_exprs.insert(row_exprs.begin(), given_[1]);
    plan::Item count{binder_.new_column("", Type::kLong), make_sql(Type::kLong, "count(*)")};
    value = make_column(count.column);
    aggregates.push_back(std::move(count));
  }
  std::set<int> used;
  for (const auto& item : aggregates) for_each_column(*item.value, [&](int id) { used.insert(id); });

  // The columns that stay: those named, or all that have no part in it.
  std::vector<plan::ColumnDef> rows;
  std::vector<plan::Item> below;
  const auto keep = [&](const std::string& name, const ExprPtr& from) {
    rows.push_back(binder_.new_column(name, from->type));
    below.push_back({rows.back(), from});
  };
  for (const Expr* expr : row_exprs) {
    auto one = column(*expr);
    if (!one) return std::nullopt;
    keep(one->name, one->value);
  }
  if (row_exprs.empty()) {
    for (const auto& one : input_.columns) {
      if (one.name != turned->name && !used.contains(one.id)) keep(one.name, make_column(one));
    }
  }
  plan::ColumnDef key = binder_.new_column("", Type::kString);
  below.push_back({key, turned->value});
  BoundTable fed = with(input_, std::move(below));

  // The values that become columns: those of the data, or those written.
  struct Made {
    std::string name;
    std::string value;
    std::optional<Type> type;
    const plan::ColumnDef* row = nullptr;
  };
  std::vector<Made> made;
  std::set<std::string> taken;
  bool known = true;
  if (evaluate_.schema) {
    std::set<std::string> mine;
    for (const auto& decl : *evaluate_.schema) mine.insert(decl.name.text);
    for (const auto& decl : *evaluate_.schema) {
      const auto row =
          std::find_if(rows.begin(), rows.end(), [&](auto& r) { return r.name == decl.name.text; });
      if (decl.name.text == "*") {
        for (const auto& one : rows) {
          if (!mine.contains(one.name)) made.push_back({one.name, "", one.type, &one});
        }
      } else if (row != rows.end()) {
        made.push_back({decl.name.text, "", decl.type, &*row});
      } else {
        made.push_back({decl.name.text, decl.name.text, decl.type, nullptr});
      }
    }
  } else {
    for (const auto& one : rows) made.push_back({unique_name(one.name, taken), "", one.type, &one});
    auto rel = make_rel({key}, plan::Project{fed.rel, {{key, make_column(key)}}});
    rel = make_rel({key}, plan::Distinct{rel});
    rel = make_rel({key}, plan::Limit{rel, make_long(kMaxColumns + 1)});
    auto found = binder_.run_now(rel);
    known = found.has_value();
    if (!known && catalog_.run) return std::nullopt;
    std::set<std::string> values;
    if (found) {
      for (const auto& batch : found->batches)
        for (size_t r = 0; r < batch->rows; ++r) values.emplace(batch->columns[0].text_at(r));
    }
    if (values.size() > kMaxColumns)
      return fail(diagnose(Error::kTooManyColumns, op_.span, call_.name.text, kMaxColumns));
    for (const auto& one : values)
      made.push_back({unique_name(one.empty() ? "Column1" : one, taken), one, value->type, nullptr});
  }

  // One row per row columns and value, then one row per row columns.
  std::vector<int> row_ids, inner_ids;
  for (const auto& one : rows) row_ids.push_back(one.id);
  inner_ids = row_ids;
  inner_ids.push_back(key.id);
  std::vector<plan::ColumnDef> grouped = rows;
  grouped.push_back(key);
  for (const auto& item : aggregates) grouped.push_back(item.column);
  plan::ColumnDef cell = binder_.new_column("", value->type);
  std::vector<plan::Item> inner;
  for (const auto& one : rows) inner.push_back({one, make_column(one)});
  inner.push_back({key, make_column(key)});
  inner.push_back({cell, value});
  std::vector<plan::ColumnDef> inner_columns = rows;
  inner_columns.push_back(key);
  inner_columns.push_back(cell);
  auto rel = make_rel(grouped, plan::Aggregate{fed.rel, inner_ids, aggregates});
  rel = make_rel(inner_columns, plan::Project{rel, std::move(inner)});
  // A row without that value has what the aggregate gives for no rows.
  std::vector<plan::ColumnDef> only;
  for (const auto& item : aggregates) only.push_back(item.column);
  auto nothing = make_rel(only, plan::Aggregate{make_rel(fed.rel->columns, plan::Values{}), {}, aggregates});
  nothing = make_rel({cell}, plan::Project{nothing, {{cell, value}}});
  auto missing = make_scalar_query(cell.type, nothing);

  std::vector<plan::Item> cells, items;
  std::vector<plan::ColumnDef> outer = rows;
  for (const auto& one : made) {
    ExprPtr result;
    if (one.row) {
      result = make_column(*one.row);
    } else {
      plan::Item item{binder_.new_column("", cell.type),
                      make_sql(cell.type, "any_value({0}) FILTER (WHERE {1} = {2})",
                               {make_column(cell), make_column(key), make_text(one.value)})};
      outer.push_back(item.column);
      result = make_column(item.column);
      if (cell.type != Type::kString) result = make_sql(cell.type, "coalesce({0}, {1})", {result, missing});
      cells.push_back(std::move(item));
    }
    if (one.type) result = binder_.convert(result, *one.type, op_.span);
    if (!result) return std::nullopt;
    items.push_back({binder_.new_column(one.name, result->type), result});
  }
  BoundTable table;
  table.open = !known || (input_.open && row_exprs.empty() && !evaluate_.schema);
  if (outer.empty()) return binder_.assumed_table("");
  table.rel = make_rel(outer, plan::Aggregate{rel, row_ids, std::move(cells)});
  return binder_.project(table, std::move(items));
}

}  // namespace huntbook::kql
