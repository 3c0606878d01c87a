#include "kql/plan_facts.h"

#include <algorithm>
#include <map>

#include "kql/rewrite.h"

namespace huntbook::kql {

bool ordered(const plan::Rel& rel) {
  return std::visit(
      [](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        constexpr bool sorts = std::is_same_v<Node, plan::Sort> || std::is_same_v<Node, plan::Range>;
        constexpr bool keeps = std::is_same_v<Node, plan::Filter> || std::is_same_v<Node, plan::Project> ||
                               std::is_same_v<Node, plan::Limit> || std::is_same_v<Node, plan::Expand> ||
                               std::is_same_v<Node, plan::Window> || std::is_same_v<Node, plan::Number> ||
                               std::is_same_v<Node, plan::Shared>;
        if constexpr (keeps) return ordered(*node.input);
        return sorts;
      },
      rel.node);
}

bool unique_in(const plan::Rel& rel, const std::set<int>& ids) {
  const auto holds = [&](int id) { return ids.contains(id); };
  if (const auto* aggregate = std::get_if<plan::Aggregate>(&rel.node))
    return std::all_of(aggregate->keys.begin(), aggregate->keys.end(), holds);
  if (std::holds_alternative<plan::Distinct>(rel.node)) {
    return std::all_of(rel.columns.begin(), rel.columns.end(), [&](const auto& c) { return holds(c.id); });
  }
  if (const auto* filter = std::get_if<plan::Filter>(&rel.node)) return unique_in(*filter->input, ids);
  if (const auto* sort = std::get_if<plan::Sort>(&rel.node)) return unique_in(*sort->input, ids);
  if (const auto* limit = std::get_if<plan::Limit>(&rel.node)) return unique_in(*limit->input, ids);
  if (const auto* project = std::get_if<plan::Project>(&rel.node)) {
    std::set<int> below;
    for (const auto& item : project->items) {
      const auto* use = std::get_if<plan::ColumnUse>(&item.value->node);
      if (use && holds(item.column.id)) below.insert(use->id);
    }
    return unique_in(*project->input, below);
  }
  return false;
}

bool few_rows(const plan::Rel& rel, size_t most, std::unordered_map<const plan::Rel*, bool>& known) {
  if (const auto found = known.find(&rel); found != known.end()) return found->second;
  bool all = !std::holds_alternative<plan::Scan>(rel.node) && !std::holds_alternative<plan::Range>(rel.node);
  if (const auto* values = std::get_if<plan::Values>(&rel.node)) all = values->rows.size() <= most;
  for_each_input(rel, [&](const plan::RelPtr& input) { all = all && few_rows(*input, most, known); });
  return known[&rel] = all;
}

std::set<int> shared_by_statements(const plan::RelPtr& root) {
  using Reader = const void*;  // the query's own is null
  std::set<std::pair<const plan::Rel*, Reader>> seen;
  std::map<int, std::set<Reader>> readers;
  std::vector<std::pair<plan::RelPtr, Reader>> todo{{root, nullptr}};
  while (!todo.empty()) {
    const auto rel = todo.back().first;
    const auto reader = todo.back().second;
    todo.pop_back();
    if (!seen.insert({rel.get(), reader}).second) continue;
    if (const auto* shared = std::get_if<plan::Shared>(&rel->node)) readers[shared->name].insert(reader);
    if (const auto* procedure = std::get_if<plan::Procedure>(&rel->node)) {
      for (const auto& input : procedure->inputs) todo.emplace_back(input, &input);
      for_each_expr(*rel, [&](const plan::ExprPtr& expr) {
        for_each_subquery(
            *expr, [&](const plan::RelPtr& input) { todo.emplace_back(input, &procedure->row_values); });
      });
      continue;
    }
    const bool pivot = std::holds_alternative<plan::Pivot>(rel->node);
    for_each_input(*rel, [&](const plan::RelPtr& input) {
      todo.emplace_back(input, reader);
      if (pivot) todo.emplace_back(input, rel.get());
    });
  }
  std::set<int> made;
  for (const auto& [name, by] : readers) {
    if (by.size() > 1) made.insert(name);
  }
  return made;
}

}  // namespace huntbook::kql
