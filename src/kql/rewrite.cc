// The passes that run on every plan.
#include "kql/rewrite.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace huntbook::kql {
namespace {

using plan::ExprPtr;
using plan::Rel;
using plan::RelPtr;

// Rebuilds a plan bottom-up, each shared part once.
class Rebuilder {
 public:
  explicit Rebuilder(std::function<RelPtr(Rel)> finish) : finish_(std::move(finish)) {}

  RelPtr rel(const RelPtr& old) {
    if (auto it = done_.find(old.get()); it != done_.end()) return it->second;
    Rel made = *old;
    if (auto* set = std::get_if<plan::Union>(&made.node)) {
      for (auto& input : set->inputs) input = rel(input);
      for (auto& list : set->sources) exprs(list);
    } else if (auto* join = std::get_if<plan::Join>(&made.node)) {
      join->left = rel(join->left);
      join->right = rel(join->right);
      for (auto& [left, right] : join->keys) left = expr(left), right = expr(right);
    } else if (auto* procedure = std::get_if<plan::Procedure>(&made.node)) {
      for (auto& input : procedure->inputs) input = rel(input);
      items(procedure->row_values);
    } else {
      std::visit(
          [&](auto& node) {
            if constexpr (requires { node.input; }) node.input = rel(node.input);
            if constexpr (requires { node.items; }) items(node.items);
            if constexpr (requires { node.aggregates; }) items(node.aggregates);
            if constexpr (requires { node.predicate; }) node.predicate = expr(node.predicate);
            if constexpr (requires { node.order; }) keys(node.order);
            if constexpr (requires { node.count; }) node.count = expr(node.count);
            if constexpr (requires { node.limit; }) node.limit = expr(node.limit);
            if constexpr (requires { node.elements; }) {
              for (auto& element : node.elements) element.array = expr(element.array);
            }
            if constexpr (requires { node.rows; }) {
              for (auto& row : node.rows) exprs(row);
            }
            if constexpr (requires { node.step; })
              node.from = expr(node.from), node.to = expr(node.to), node.step = expr(node.step);
          },
          made.node);
      if (auto* sort = std::get_if<plan::Sort>(&made.node)) keys(sort->keys);
    }
    RelPtr result = finish_(std::move(made));
    done_[old.get()] = result;
    kept_.push_back(old);
    return result;
  }

 private:
  void keys(std::vector<plan::SortKey>& list) {
    for (auto& key : list) key.value = expr(key.value);
  }
  void items(std::vector<plan::Item>& list) {
    for (auto& item : list) item.value = expr(item.value);
  }
  void exprs(std::vector<ExprPtr>& list) {
    for (auto& one : list) one = expr(one);
  }
  // Only subqueries change inside expressions; everything else stays shared.
  ExprPtr expr(const ExprPtr& old) {
    if (!old) return old;
    if (const auto* scalar = std::get_if<plan::ScalarQuery>(&old->node)) {
      return std::make_shared<const plan::Expr>(plan::Expr{old->type, plan::ScalarQuery{rel(scalar->rel)}});
    }
    if (const auto* in = std::get_if<plan::InQuery>(&old->node)) {
      return std::make_shared<const plan::Expr>(
          plan::Expr{old->type, plan::InQuery{expr(in->operand), rel(in->rel)}});
    }
    const std::vector<ExprPtr>* args = nullptr;
    if (const auto* call = std::get_if<plan::SqlCall>(&old->node)) args = &call->args;
    if (const auto* body = std::get_if<plan::BodyCall>(&old->node)) args = &body->args;
    if (!args) return old;
    std::vector<ExprPtr> made;
    bool changed = false;
    for (const auto& arg : *args) {
      made.push_back(expr(arg));
      changed = changed || made.back() != arg;
    }
    if (!changed) return old;
    plan::Expr copy = *old;
    if (auto* call = std::get_if<plan::SqlCall>(&copy.node)) call->args = std::move(made);
    else std::get<plan::BodyCall>(copy.node).args = std::move(made);
    return std::make_shared<const plan::Expr>(std::move(copy));
  }

  std::function<RelPtr(Rel)> finish_;
  std::unordered_map<const Rel*, RelPtr> done_;
  std::vector<RelPtr> kept_;
};

void walk(const RelPtr& root, const std::function<void(const RelPtr&)>& visit) {
  std::unordered_set<const Rel*> seen;
  std::vector<RelPtr> todo{root};
  while (!todo.empty()) {
    RelPtr at = todo.back();
    todo.pop_back();
    if (!seen.insert(at.get()).second) continue;
    visit(at);
    for_each_input(*at, [&](const RelPtr& input) { todo.push_back(input); });
  }
}

// A named relation that is read once needs no name.
RelPtr inline_shared(const RelPtr& root) {
  std::unordered_map<const Rel*, int> uses;
  walk(root, [&](const RelPtr& rel) {
    for_each_input(*rel, [&](const RelPtr& input) {
      if (std::holds_alternative<plan::Shared>(input->node)) ++uses[input.get()];
    });
  });
  std::set<int> once;
  for (const auto& [rel, count] : uses) {
    if (count == 1) once.insert(std::get<plan::Shared>(rel->node).name);
  }
  Rebuilder rebuilder([&](Rel rel) -> RelPtr {
    if (const auto* shared = std::get_if<plan::Shared>(&rel.node); shared && once.contains(shared->name))
      return shared->input;
    return std::make_shared<const Rel>(std::move(rel));
  });
  return rebuilder.rel(root);
}

// Window functions that do not read each other stand side by side: the engine takes exponential time to look
// for filters below a long chain of them.
RelPtr merge_windows(const RelPtr& root) {
  Rebuilder rebuilder([&](Rel rel) -> RelPtr {
    auto* window = std::get_if<plan::Window>(&rel.node);
    const auto* below = window ? std::get_if<plan::Window>(&window->input->node) : nullptr;
    if (!below) return std::make_shared<const Rel>(std::move(rel));
    std::unordered_set<int> made;
    for (const auto& item : below->items) made.insert(item.column.id);
    bool reads = false;
    for (const auto& item : window->items) {
      for_each_column(*item.value, [&](int id) { reads = reads || made.contains(id); });
    }
    if (reads) return std::make_shared<const Rel>(std::move(rel));
    std::vector<plan::Item> items = below->items;
    items.insert(items.end(), window->items.begin(), window->items.end());
    plan::Window merged{below->input, std::move(items)};
    return std::make_shared<const Rel>(Rel{std::move(rel.columns), std::move(merged)});
  });
  return rebuilder.rel(root);
}

// Columns that nothing reads are not computed and not loaded.
RelPtr prune_columns(const RelPtr& root) {
  std::vector<RelPtr> rels;
  walk(root, [&](const RelPtr& rel) { rels.push_back(rel); });
  std::unordered_map<int, std::vector<ExprPtr>> definitions;
  std::unordered_set<int> used;
  std::vector<int> todo;
  const auto mark = [&](int id) {
    if (used.insert(id).second) todo.push_back(id);
  };
  const auto mark_expr = [&](const ExprPtr& expr) {
    if (expr) for_each_column(*expr, mark);
  };
  const auto define = [&](const std::vector<plan::Item>& items) {
    for (const auto& item : items) definitions[item.column.id].push_back(item.value);
  };
  for (const auto& rel : rels) {
    if (const auto* project = std::get_if<plan::Project>(&rel->node)) {
      define(project->items);
    } else if (const auto* aggregate = std::get_if<plan::Aggregate>(&rel->node)) {
      define(aggregate->aggregates);
      for (int key : aggregate->keys) mark(key);
    } else if (const auto* window = std::get_if<plan::Window>(&rel->node)) {
      define(window->items);
    } else if (const auto* set = std::get_if<plan::Union>(&rel->node)) {
      for (const auto& sources : set->sources) {
        for (size_t i = 0; i < sources.size(); ++i) definitions[rel->columns[i].id].push_back(sources[i]);
      }
    } else {
      for_each_expr(*rel, mark_expr);
      if (std::holds_alternative<plan::Distinct>(rel->node)) {
        for (const auto& column : rel->columns) mark(column.id);
      }
      if (const auto* pivot = std::get_if<plan::Pivot>(&rel->node)) mark(pivot->column);
      if (const auto* procedure = std::get_if<plan::Procedure>(&rel->node)) {
        for (const auto& input : procedure->inputs) {
          for (const auto& column : input->columns) mark(column.id);
        }
      }
    }
    // A subquery gives its first column.
    for_each_expr(*rel, [&](const ExprPtr& expr) {
      std::function<void(const plan::Expr&)> inside = [&](const plan::Expr& e) {
        if (const auto* scalar = std::get_if<plan::ScalarQuery>(&e.node)) mark(scalar->rel->columns[0].id);
        if (const auto* in = std::get_if<plan::InQuery>(&e.node)) {
          mark(in->rel->columns[0].id);
          inside(*in->operand);
        }
        if (const auto* call = std::get_if<plan::SqlCall>(&e.node))
          for (const auto& arg : call->args) inside(*arg);
        if (const auto* body = std::get_if<plan::BodyCall>(&e.node))
          for (const auto& arg : body->args) inside(*arg);
      };
      inside(*expr);
    });
  }
  for (const auto& column : root->columns) mark(column.id);
  const auto spread = [&] {
    while (!todo.empty()) {
      const int id = todo.back();
      todo.pop_back();
      if (auto it = definitions.find(id); it != definitions.end()) {
        for (const auto& expr : it->second) mark_expr(expr);
      }
    }
  };
  spread();
  // Every relation keeps a column, so that it has rows to count.
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& rel : rels) {
      if (rel->columns.empty()) continue;
      if (std::any_of(rel->columns.begin(), rel->columns.end(), [&](auto& c) { return used.contains(c.id); }))
        continue;
      auto cheap = std::find_if(rel->columns.begin(), rel->columns.end(), [](auto& c) {
        return c.type == Type::kLong || c.type == Type::kDatetime || c.type == Type::kBool;
      });
      mark(cheap == rel->columns.end() ? rel->columns[0].id : cheap->id);
      spread();
      changed = true;
    }
  }
  const auto is_unused = [&](const plan::ColumnDef& column) { return !used.contains(column.id); };
  Rebuilder rebuilder([&](Rel rel) -> RelPtr {
    if (auto* scan = std::get_if<plan::Scan>(&rel.node)) {
      std::vector<size_t> sources;
      for (size_t i = 0; i < rel.columns.size(); ++i) {
        if (!is_unused(rel.columns[i])) sources.push_back(scan->sources[i]);
      }
      scan->sources = std::move(sources);
    } else if (auto* values = std::get_if<plan::Values>(&rel.node)) {
      for (auto& row : values->rows) {
        std::vector<ExprPtr> kept;
        for (size_t i = 0; i < rel.columns.size(); ++i) {
          if (!is_unused(rel.columns[i])) kept.push_back(row[i]);
        }
        row = std::move(kept);
      }
    } else if (auto* project = std::get_if<plan::Project>(&rel.node)) {
      std::erase_if(project->items, [&](auto& item) { return is_unused(item.column); });
    } else if (auto* aggregate = std::get_if<plan::Aggregate>(&rel.node)) {
      std::erase_if(aggregate->aggregates, [&](auto& item) { return is_unused(item.column); });
    } else if (auto* window = std::get_if<plan::Window>(&rel.node)) {
      std::erase_if(window->items, [&](auto& item) { return is_unused(item.column); });
      if (window->items.empty()) return window->input;
    } else if (auto* set = std::get_if<plan::Union>(&rel.node)) {
      for (auto& sources : set->sources) {
        std::vector<ExprPtr> kept;
        for (size_t i = 0; i < rel.columns.size(); ++i) {
          if (!is_unused(rel.columns[i])) kept.push_back(sources[i]);
        }
        sources = std::move(kept);
      }
    }
    std::set<int> own;  // columns that a relation makes whether or not they are read
    if (const auto* expand = std::get_if<plan::Expand>(&rel.node)) {
      for (const auto& element : expand->elements) own.insert(element.column.id);
      if (expand->index) own.insert(expand->index->id);
    } else if (const auto* pivot = std::get_if<plan::Pivot>(&rel.node)) {
      for (const auto& column : pivot->added) own.insert(column.id);
    } else if (std::holds_alternative<plan::Procedure>(rel.node)) {
      for (const auto& column : rel.columns) own.insert(column.id);
    } else if (const auto* numbered = std::get_if<plan::Number>(&rel.node)) {
      own.insert(numbered->number.id);
    }
    std::erase_if(rel.columns, [&](auto& column) { return is_unused(column) && !own.contains(column.id); });
    return std::make_shared<const Rel>(std::move(rel));
  });
  return rebuilder.rel(root);
}

constexpr Pass kPasses[] = {
    {"inline_shared", inline_shared}, {"merge_windows", merge_windows}, {"prune_columns", prune_columns}};

}  // namespace

std::span<const Pass> passes() { return kPasses; }

RelPtr rewrite(const RelPtr& root, const std::set<std::string, std::less<>>& skipped,
               std::vector<PassTime>* times) {
  RelPtr made = root;
  for (const auto& pass : kPasses) {
    if (skipped.contains(pass.name)) continue;
    const auto start = std::chrono::steady_clock::now();
    made = pass.run(made);
    assert(!check_plan(made));
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    if (times) times->push_back({pass.name, took.count()});
  }
  return made;
}

}  // namespace huntbook::kql
