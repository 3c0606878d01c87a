// externaldata: files that the query names, as a table.
#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {

// Columns come as texts and are converted as KQL converts texts; a dynamic column holds JSON.
std::optional<BoundTable> Binder::bind_external(const Expr& expr, const ExternalData& external,
                                                const Scope& scope) {
  ExternalRequest request;
  std::set<std::string> taken;
  for (const auto& column : external.columns) {
    if (!taken.insert(column.name.text).second)
      return fail(diagnose(Error::kDuplicateColumn, column.name.span, column.name.text)), std::nullopt;
    request.columns.push_back({column.name.text, column.type == Type::kDynamic});
  }
  if (external.columns.empty())
    return fail(diagnose(Error::kExpected, expr.span, "columns", "none")), std::nullopt;
  Scope outer;
  outer.env = scope.env;
  const bool reads = catalog_.external && !catalog_.open;
  for (const auto& uri : external.uris) {
    auto value = bind_expr(*uri, outer);
    if (!value) return std::nullopt;
    const Literal* literal = constant_of(value);
    if (literal && literal->type == Type::kString) request.uris.push_back(literal->text);
    else if (reads)
      return fail(diagnose(Error::kNotConstant, uri->span, "a file of externaldata")), std::nullopt;
  }
  for (const auto& [name, value] : external.properties) {
    const std::string folded = to_lower(name.text);
    const auto* ref = value ? std::get_if<NameRef>(&value->node) : nullptr;
    const auto* literal = value ? std::get_if<Literal>(&value->node) : nullptr;
    if (folded == "format") {
      request.format = ref ? ref->name : literal ? literal->text : std::string();
    } else if (folded == "ignorefirstrecord") {
      request.skip_first = literal && (literal->type == Type::kString ? to_lower(literal->text) == "true"
                                                                      : literal->integer != 0);
    } else if (reads) {
      return fail(unsupported(fmt::format("property `{}` of externaldata", name.text), name.span)),
             std::nullopt;
    }
  }
  BoundTable made;
  if (!reads) {
    for (const auto& column : external.columns)
      made.columns.push_back(new_column(column.name.text, column.type));
    made.rel = make_rel(made.columns, plan::Values{});
    return made;
  }
  auto table = catalog_.external(request);
  if (!table.ok()) {
    Diagnostic failure = table.error();
    failure.span = external.uris.empty() ? expr.span : external.uris[0]->span;
    return fail(std::move(failure)), std::nullopt;
  }
  plan::Scan scan{*table, {}};
  std::vector<plan::Item> items;
  for (size_t i = 0; i < external.columns.size(); ++i) {
    const auto& column = external.columns[i];
    scan.sources.push_back(i);
    made.columns.push_back(new_column(column.name.text, Type::kString));
    auto value = make_column(made.columns.back());
    if (column.type == Type::kDynamic) value = make_body(Type::kDynamic, "parse_json", {value});
    else value = convert(value, column.type, column.name.span);
    if (!value) return std::nullopt;
    items.push_back({new_column(column.name.text, column.type), value});
  }
  made.rel = make_rel(made.columns, std::move(scan));
  return project(made, std::move(items));
}

}  // namespace huntbook::kql
