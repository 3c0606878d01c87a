#include "kql/catalog.h"

#include <algorithm>

#include "kql/parse.h"

namespace huntbook::kql {
namespace {

template <typename List>
auto* find_named(List& list, std::string_view name) {
  auto it = std::find_if(list.begin(), list.end(), [&](auto& entry) { return entry.name == name; });
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

std::vector<StoredFunction::Param> lambda_params(std::string_view text) {
  const std::string let = "let f = " + std::string(text) + ";";
  Diagnostics ignored;
  const Script script = parse(let, ignored);
  std::vector<StoredFunction::Param> params;
  const FunctionBody* function = function_of(script);
  for (size_t i = 0; function && i < function->params.size(); ++i) {
    const FunctionParam& param = function->params[i];
    StoredFunction::Param made;
    made.name = param.name.text;
    made.type = param.tabular ? "table" : type_name(param.type);
    if (param.default_value) {
      const Span span = param.default_value->span;
      made.default_value = let.substr(span.begin, span.end - span.begin);
    }
    params.push_back(std::move(made));
  }
  return params;
}

const FunctionBody* function_of(const Script& script) {
  const auto* let =
      script.statements.empty() ? nullptr : std::get_if<LetStatement>(&script.statements[0].node);
  const auto* function = let ? std::get_if<std::unique_ptr<FunctionBody>>(&let->value) : nullptr;
  return function ? function->get() : nullptr;
}

const TableInfo* Catalog::find_table(std::string_view name) const { return find_named(tables, name); }
const StoredFunction* Catalog::find_function(std::string_view name) const {
  return find_named(functions, name);
}
const PivotInfo* Catalog::find_pivot(std::string_view name) const { return find_named(pivots, name); }

}  // namespace huntbook::kql
