// rows_near, narrow, schema_merge, preview, dcount_intersect.
#include <algorithm>

#include "base/escape.h"
#include "kql/bind_plugin.h"

namespace huntbook::kql {

std::optional<BoundTable> PluginBinder::rows_near() {
  if (!input_.ordered) {
    Diagnostic unordered = diagnose(Error::kNeedsOrder, call_.name.span, call_.name.text);
    unordered.hint = "put `sort by` or `serialize` before it";
    return fail(std::move(unordered));
  }
  BoundTable rows = input_;
  binder_.number(rows);
  Scope scope;
  scope.env = env_;
  scope.row = &rows;
  scope.windowed = &rows;
  auto condition = binder_.bind_bool(*given_[0], scope);
  const auto before = number(1, 0), after = number(2, before.value_or(0));
  if (!condition || !before || !after) return std::nullopt;
  for (size_t param = 1; param < 3; ++param) {
    const double value = param == 1 ? *before : *after;
    if (!(value >= 0 && value <= 1e9))
      return fail(diagnose(Error::kBadValue, span_of(param), fmt::format("{}", value), "a number of rows"));
  }
  const auto holds = binder_.new_column("", Type::kBool);
  BoundTable marked = with(rows, {{holds, condition}});
  // A row is near when the condition holds up to `after` rows before it, or up to `before` rows after it.
  const auto near = windowed(marked.rel, Type::kLong, "max(CAST({0} AS BIGINT))", make_column(holds), {},
                             make_column({rows.number, "", Type::kLong}),
                             fmt::format(" ROWS BETWEEN {} PRECEDING AND {} FOLLOWING",
                                         static_cast<int64_t>(*after), static_cast<int64_t>(*before)));
  marked.rel = where(marked.rel, make_sql(Type::kBool, "(coalesce({0}, 0) = 1)", {make_column(near)}));
  return binder_.project(marked, same(input_.columns));
}

std::optional<BoundTable> PluginBinder::narrow() {
  BoundTable rows = input_;
  binder_.number(rows);
  std::string names = "[";
  std::vector<ExprPtr> texts;
  for (const auto& one : input_.columns) {
    if (names.size() > 1) names += ',';
    append_json_string(names, one.name);
    auto as_text = binder_.convert(make_column(one), Type::kString, op_.span);
    if (!as_text) return std::nullopt;
    texts.push_back(make_body(Type::kDynamic, "to_json", {std::move(as_text)}));
  }
  Literal list;
  list.type = Type::kDynamic;
  list.text = names + "]";
  const plan::ColumnDef number{rows.number, "", Type::kLong};
  const auto name = binder_.new_column("", Type::kDynamic), text = binder_.new_column("", Type::kDynamic);
  std::vector<plan::ColumnDef> out{number, name, text};
  auto rel =
      select(rows.rel,
             {{number, make_column(number)},
              {binder_.new_column("", Type::kDynamic), make_constant(list)},
              {binder_.new_column("", Type::kDynamic),
               texts.empty() ? make_constant(list) : make_body(Type::kDynamic, "pack_array", texts, true)}});
  const auto names_column = rel->columns[1], texts_column = rel->columns[2];
  rel = make_rel(
      out, plan::Expand{
               rel, {{make_column(names_column), name}, {make_column(texts_column), text}}, {}, {}, false});
  auto made = result(rel, {{binder_.new_column("Row", Type::kLong),
                            make_sql(Type::kLong, "({0} - 1)", {make_column(number)})},
                           {binder_.new_column("Column", Type::kString),
                            binder_.convert(make_column(name), Type::kString, op_.span)},
                           {binder_.new_column("Value", Type::kString),
                            binder_.convert(make_column(text), Type::kString, op_.span)}});
  return made;
}

std::optional<BoundTable> PluginBinder::schema_merge() {
  const auto preserve = flag(0, true);
  if (!preserve) return std::nullopt;
  std::vector<plan::Item> items;
  for (const auto& [name, type] :
       {std::pair{"ColumnName", Type::kString}, std::pair{"ColumnOrdinal", Type::kLong},
        std::pair{"ColumnType", Type::kString}}) {
    const plan::ColumnDef* have = input_.find(name);
    if (!have && !input_.open) {
      Diagnostic missing = binder_.column_not_found(name, op_.span, &input_);
      missing.hint = "schema_merge takes what `getschema` gives";
      return fail(std::move(missing));
    }
    auto value = have ? binder_.convert(make_column(*have), type, op_.span) : make_null(type);
    if (!value) return std::nullopt;
    items.push_back({binder_.new_column(name, type), value});
  }
  BoundTable made;
  made.columns = columns({{"ColumnName", Type::kString},
                          {"ColumnOrdinal", Type::kLong},
                          {"DataType", Type::kString},
                          {"ColumnType", Type::kString}});
  plan::Procedure node;
  node.name = "schema_merge";
  node.options = *preserve ? "true" : "false";
  node.inputs = {select(input_.rel, std::move(items))};
  made.ordered = true;
  made.rel = make_rel(made.columns, std::move(node));
  return made;
}

std::optional<BoundTable> PluginBinder::preview() {
  const auto count = number(0, 0);
  if (!count) return std::nullopt;
  if (!(*count >= 0 && *count <= 1e15))
    return fail(diagnose(Error::kBadValue, span_of(0), fmt::format("{}", *count), "a number of rows"));
  BoundTable made = input_;
  made.rel = make_rel(input_.rel->columns, plan::Limit{input_.rel, make_long(static_cast<int64_t>(*count))});
  return made;
}

// Columns s0, s1 ...: how many values the first sketch holds, the first two have in common, and so on.
std::optional<BoundTable> PluginBinder::dcount_intersect() {
  constexpr size_t kMostSketches = 10;  // the work doubles with each
  std::vector<const Expr*> sketches(given_.begin(), given_.begin() + 1);
  sketches.insert(sketches.end(), rest_.begin(), rest_.end());
  if (sketches.size() > kMostSketches)
    return fail(diagnose(Error::kBadValue, sketches.back()->span, fmt::format("{}", sketches.size()),
                         fmt::format("a number of sketches up to {}", kMostSketches)));
  std::vector<ExprPtr> values;
  std::vector<plan::Item> counts;
  for (size_t i = 0; i < sketches.size(); ++i) {
    const auto sketch = column(*sketches[i]);
    if (!sketch) return std::nullopt;
    if (sketch->value->type != Type::kDynamic)
      return fail(diagnose(Error::kArgumentType, sketches[i]->span, i + 1, call_.name.text, "dynamic",
                           type_name(sketch->value->type)));
    values.push_back(sketch->value);
    counts.push_back({binder_.new_column(fmt::format("s{}", i), Type::kLong),
                      make_body(Type::kLong, "dcount_intersect", values)});
  }
  return binder_.project(input_, counts);
}

}  // namespace huntbook::kql
