#include "kql/plan_facts.h"

#include <algorithm>

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

}  // namespace huntbook::kql
