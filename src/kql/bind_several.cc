// fork and facet: pipes that end in several tables.
#include <algorithm>

#include "kql/bind.h"

namespace huntbook::kql {
namespace {

bool splits(const Operator& op) {
  return std::holds_alternative<ForkOp>(op.node) || std::holds_alternative<FacetOp>(op.node);
}

}  // namespace

bool gives_several(const Query& query) {
  return std::any_of(query.operators.begin(), query.operators.end(), splits);
}

// The pipe up to the operator is bound once; each table starts from its rows. Only render may follow, which
// draws the last table.
bool Binder::bind_several(const Query& query, const Scope& scope, std::vector<Given>& results) {
  const auto at = std::find_if(query.operators.begin(), query.operators.end(), splits);
  const Operator& op = *at;
  for (auto rest = at + 1; rest != query.operators.end(); ++rest) {
    if (std::holds_alternative<RenderOp>(rest->node)) continue;
    Diagnostic behind =
        unsupported(fmt::format("operator `{}` after `{}`", rest->name, op.name), rest->name_span);
    behind.hint =
        fmt::format("`{}` gives several tables; put `{}` inside of its parentheses", op.name, rest->name);
    fail(std::move(behind));
    return false;
  }
  const Operator* stopped = std::exchange(stop_, &op);
  Table input = bind_query(query, scope);
  stop_ = stopped;
  if (!input) return false;
  if (input->graph) {
    fail(diagnose(Error::kTableNeeded, op.name_span, fmt::format("`{}`", op.name)));
    return false;
  }
  const size_t first = results.size();
  input->rel = make_rel(input->rel->columns, plan::Shared{++last_shared_, input->rel});
  const auto add = [&](Table table, std::string label) {
    if (!table) return false;
    table->label = std::move(label);
    results.push_back({std::move(*table), std::nullopt});
    return true;
  };
  if (const auto* fork = std::get_if<ForkOp>(&op.node)) {
    for (const auto& [name, branch] : fork->branches) {
      if (!add(bind_operators(reuse(*input), branch->operators, 0, scope.env), name ? name->text : ""))
        return false;
    }
  } else {
    const auto& facet = std::get<FacetOp>(op.node);
    if (facet.query && !add(bind_operators(reuse(*input), facet.query->operators, 0, scope.env), ""))
      return false;
    for (const auto& column : facet.columns) {
      const BoundTable rows = reuse(*input);
      Scope row;
      row.env = scope.env;
      row.row = &rows;
      auto value = bind_expr(*column, row);
      if (!value) return false;
      const std::string name = implicit_name(*column);
      const plan::ColumnDef key = new_column(name.empty() ? "Column1" : name, value->type),
                            count = new_column("count_" + key.name, Type::kLong);
      const plan::RelPtr keys = make_rel({key}, plan::Project{rows.rel, {{key, value}}});
      BoundTable counted;
      counted.columns = {key, count};
      counted.rel = make_rel(counted.columns,
                             plan::Aggregate{keys, {key.id}, {{count, make_sql(Type::kLong, "count(*)")}}});
      if (!add(std::move(counted), key.name)) return false;
    }
  }
  if (at + 1 != query.operators.end()) {
    if (!bind_operators(results.back().table, query.operators,
                        static_cast<size_t>(at + 1 - query.operators.begin()), scope.env))
      return false;
    results.back().chart = chart_;
  }
  return results.size() > first;
}

}  // namespace huntbook::kql
