// Calls that give several columns: `extend series_stats(s)`, `print array_sort_asc(a, b)`.
#include <algorithm>

#include "kql/bind.h"

namespace huntbook::kql {
namespace {

bool sorts_arrays(std::string_view name) { return name == "array_sort_asc" || name == "array_sort_desc"; }

}  // namespace

bool Binder::gives_columns(const Expr& expr, const Scope& scope) const {
  const auto* call = std::get_if<Call>(&expr.node);
  if (!call || call->base) return false;
  if (const Env* bound = find(scope.env, call->name.text); bound && (bound->function || bound->scalar))
    return false;
  if (sorts_arrays(call->name.text)) return call->args.size() > 1;
  const Function* function = find_function(call->name.text, FunctionKind::kScalar);
  return function && !function->columns.empty();
}

std::optional<Binder::ManyColumns> Binder::bind_columns(const Expr& expr, const Scope& scope) {
  if (!gives_columns(expr, scope)) return std::nullopt;
  const auto& call = std::get<Call>(expr.node);
  const Function& function = *find_function(call.name.text, FunctionKind::kScalar);
  ManyColumns made;
  std::vector<plan::ExprPtr> args;
  std::vector<Span> spans;
  for (const auto& arg : call.args) {
    auto value = bind_expr(*arg, scope);
    if (!value) return made;
    if (sorts_arrays(function.name) && value->type == Type::kDynamic &&
        made.parts.size() == args.size()) {  // the arrays before the first argument that is none
      std::string name = implicit_name(*arg);
      if (name.empty()) name = "array" + std::to_string(args.size());
      made.parts.push_back({name + "_sorted", Type::kDynamic});
    }
    args.push_back(std::move(value));
    spans.push_back(arg->span);
  }
  if (!sorts_arrays(function.name)) {
    std::string name = call.args.empty() ? "" : implicit_name(*call.args[0]);
    if (name.empty()) name = function.signatures[0].params[0].name;
    for (const auto& column : function.columns)
      made.parts.push_back({fmt::format("{}_{}_{}", function.name, name, column.name), column.type});
  }
  made.whole = apply(function, expr.span, std::move(args), std::nullopt, spans);
  return made;
}

plan::ExprPtr Binder::part_of(const ManyColumns& columns, size_t i, Span span) {
  if (!columns.whole) return nullptr;
  // One sorted array stands by itself.
  if (columns.parts.size() == 1 && columns.parts[0].second == Type::kDynamic) return columns.whole;
  Literal place;
  place.type = Type::kDynamic;
  place.text = "[" + std::to_string(i) + "]";
  return convert(make_body(Type::kDynamic, "path", {columns.whole, make_constant(place)}),
                 columns.parts[i].second, span);
}

std::optional<std::vector<Binder::NamedPart>> Binder::named_parts(const ManyColumns& columns,
                                                                  const NamedExpr* named, Span span) {
  if (!columns.whole) return std::nullopt;
  const size_t given = named ? named->names.size() : columns.parts.size();
  if (given > columns.parts.size()) {
    return fail(
               diagnose(Error::kTooManyNames, named->names[columns.parts.size()].span, columns.parts.size())),
           std::nullopt;
  }
  std::vector<NamedPart> made;
  for (size_t i = 0; i < given; ++i) {
    auto value = part_of(columns, i, span);
    if (!value) return std::nullopt;
    made.push_back({named ? named->names[i].text : columns.parts[i].first, std::move(value),
                    named ? named->names[i].span : span});
  }
  return made;
}

}  // namespace huntbook::kql
