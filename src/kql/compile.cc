// The pipeline on one page: lex and parse → bind → rewrite → SQL.
#include "kql/compile.h"

#include <cassert>
#include <chrono>

#include "kql/bind.h"
#include "kql/parse.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

class Watch {
 public:
  /// Microseconds since the call before, or since the beginning.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::micro> took = now - std::exchange(start_, now);
    return took.count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

CompileResult compile(std::string_view text, const Catalog& catalog) {
  CompileResult result;
  Watch watch;
  const Script script = parse(text, result.diagnostics);
  if (!result.diagnostics.empty()) return result;
  const double parsed = watch.lap();
  Binder binder(catalog, result.diagnostics, text);
  auto plans = binder.bind(script);
  // A long query may be as large as it is; a short one must not explode.
  double terms = 0;
  for (const auto& plan : plans) {
    assert(!check_plan(plan.root));
    terms += written_terms(plan.root);
  }
  if (terms > static_cast<double>(30'000 + text.size())) {
    result.diagnostics.push_back(too_large({0, static_cast<uint32_t>(text.size())}));
    return result;
  }
  const double bound = watch.lap();
  for (auto& plan : plans) {
    auto compiled = finish(std::move(plan), catalog);
    compiled.times.insert(compiled.times.begin(), {{"parse", parsed}, {"bind", bound}});
    if (&plan == &plans.back()) result.compiled = std::move(compiled);
    else result.earlier.push_back(std::move(compiled));
  }
  return result;
}

Compiled finish(plan::Plan plan, const Catalog& catalog) {
  Compiled compiled;
  std::vector<PassTime> passes;
  plan.root = rewrite(plan.root, catalog.skipped_passes, &passes);
  for (const auto& pass : passes) compiled.times.push_back({pass.name, pass.microseconds});
  for (const auto& column : plan.root->columns)
    compiled.schema.fields.push_back({column.name, column.type, ""});
  Watch watch;
  compiled.sql = write_duckdb(plan);
  compiled.times.push_back({"sql", watch.lap()});
  compiled.plan = std::move(plan);
  return compiled;
}

}  // namespace huntbook::kql
