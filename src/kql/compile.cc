// The pipeline on one page: lex and parse → bind → rewrite → SQL.
#include "kql/compile.h"

#include "kql/bind.h"
#include "kql/parse.h"
#include "kql/rewrite.h"

namespace huntbook::kql {

CompileResult compile(std::string_view text, const Catalog& catalog) {
  CompileResult result;
  const Script script = parse(text, result.diagnostics);
  if (!result.diagnostics.empty()) return result;
  Binder binder(catalog, result.diagnostics);
  auto plan = binder.bind(script);
  if (!plan) return result;
  // A long query may be as large as it is; a short one must not explode.
  if (written_terms(plan->root) > static_cast<double>(30'000 + text.size())) {
    result.diagnostics.push_back(too_large({0, static_cast<uint32_t>(text.size())}));
    return result;
  }
  result.compiled = finish(std::move(*plan));
  return result;
}

Compiled finish(plan::Plan plan) {
  plan.root = rewrite(plan.root);
  Compiled compiled;
  for (const auto& column : plan.root->columns)
    compiled.schema.fields.push_back({column.name, column.type, ""});
  compiled.sql = write_duckdb(plan);
  compiled.plan = std::move(plan);
  return compiled;
}

}  // namespace huntbook::kql
