// What every plan must hold to.
#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

class Checker {
 public:
  std::optional<std::string> check(const plan::RelPtr& rel) {
    if (!rel) return "a relation is missing";
    if (!done_.insert(rel.get()).second) return std::nullopt;
    std::unordered_set<int> below;
    std::optional<std::string> wrong;
    for_each_input(*rel, [&](const plan::RelPtr& input) {
      if (!wrong) wrong = check(input);
      for (const auto& column : input->columns) below.insert(column.id);
    });
    if (wrong) return wrong;
    std::unordered_set<int> own;
    for (const auto& column : rel->columns) {
      if (!own.insert(column.id).second)
        return fmt::format("column c{} stands twice in a relation", column.id);
    }
    if (const auto* procedure = std::get_if<plan::Procedure>(&rel->node)) {
      for (const auto& column : procedure->row_columns) below.insert(column.id);
    }
    for_each_expr(*rel, [&](const plan::ExprPtr& expr) {
      if (!wrong && !expr) wrong = "an expression is missing";
      if (wrong) return;
      for_each_column(*expr, [&](int id) {
        if (!below.contains(id)) wrong = fmt::format("column c{} is read but not there", id);
      });
    });
    if (wrong) return wrong;
    return passed_on(*rel, below);
  }

 private:
  // Columns that a relation neither makes nor has below.
  static std::optional<std::string> passed_on(const plan::Rel& rel, const std::unordered_set<int>& below) {
    const bool keeps =
        std::holds_alternative<plan::Filter>(rel.node) || std::holds_alternative<plan::Sort>(rel.node) ||
        std::holds_alternative<plan::Limit>(rel.node) || std::holds_alternative<plan::Sample>(rel.node) ||
        std::holds_alternative<plan::Distinct>(rel.node) || std::holds_alternative<plan::Shared>(rel.node) ||
        std::holds_alternative<plan::Join>(rel.node);
    if (!keeps) return std::nullopt;
    for (const auto& column : rel.columns) {
      if (!below.contains(column.id)) return fmt::format("column c{} comes from nowhere", column.id);
    }
    return std::nullopt;
  }

  std::unordered_set<const plan::Rel*> done_;
};

}  // namespace

std::optional<std::string> check_plan(const plan::RelPtr& root) { return Checker().check(root); }

}  // namespace huntbook::kql
