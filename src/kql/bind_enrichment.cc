// evaluate of the project's own plugins: `<entity>_<pivot>`, which add what is known about a value.
#include "kql/bind.h"

namespace huntbook::kql {

std::optional<BoundTable> Binder::bind_enrichment(const Operator& op, const Call& call,
                                                  const PivotInfo& pivot, BoundTable table,
                                                  const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  scope.row = &table;
  plan::Pivot node;
  node.input = table.rel;
  node.pivot = pivot.name;
  plan::ExprPtr value;
  for (const auto& arg : call.args) {
    if (const auto* named = std::get_if<NamedExpr>(&arg->node)) {
      if (named->names[0].text != "join") {
        return fail(diagnose(Error::kUnknownParameter, arg->span, call.name.text, named->names[0].text)),
               std::nullopt;
      }
      auto kind = constant_text(*named->value, scope);
      if (!kind) return std::nullopt;
      if (*kind != "left" && *kind != "inner" && *kind != "none") {
        return fail(diagnose(Error::kBadValue, arg->span, *kind, "a join of a pivot: left, inner or none")),
               std::nullopt;
      }
      node.inner = *kind == "inner";
      node.joined = *kind != "none";
      continue;
    }
    if (value)
      return fail(diagnose(Error::kArgumentCount, op.span, call.name.text,
                           "1 column and join=", call.args.size())),
             std::nullopt;
    value = convert(bind_expr(*arg, scope), Type::kString, arg->span);
    if (!value) return std::nullopt;
  }
  if (!value)
    return fail(diagnose(Error::kArgumentCount, op.span, call.name.text, "1 column", 0)), std::nullopt;
  plan::ColumnDef key = new_column("", Type::kString);
  std::vector<plan::Item> below;
  std::vector<plan::ColumnDef> all = table.rel->columns;
  for (const auto& column : all) below.push_back({column, make_column(column)});
  below.push_back({key, value});
  all.push_back(key);
  node.input = make_rel(all, plan::Project{table.rel, std::move(below)});
  node.column = key.id;
  std::set<std::string> taken;
  BoundTable made;
  made.open = table.open;
  std::vector<plan::ColumnDef> out;
  if (node.joined) {
    out = table.columns;
    for (const auto& column : table.columns) taken.insert(column.name);
  } else {
    plan::ColumnDef input = new_column("Value", Type::kString);
    taken.insert("Value");
    out.push_back(input);
    node.added.push_back(input);
  }
  for (const auto& field : pivot.output.fields) {
    plan::ColumnDef column = new_column(unique_name(field.name, taken), field.type);
    node.added.push_back(column);
    out.push_back(column);
  }
  made.columns = out;
  made.rel = make_rel(out, std::move(node));
  return made;
}

}  // namespace huntbook::kql
