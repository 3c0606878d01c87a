// A query's stages in print; the tree's own printer is in print_tree.cc.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"
#include "kql/compile.h"
#include "kql/diagnose.h"
#include "kql/explain.h"
#include "kql/lex.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

struct PlanPrinter {
  std::string out;
  std::vector<int> shown;

  std::string expr(const plan::Expr& e) {
    if (const auto* use = std::get_if<plan::ColumnUse>(&e.node)) return "c" + std::to_string(use->id);
    if (const auto* constant = std::get_if<plan::Constant>(&e.node)) return literal_text(constant->value);
    if (const auto* call = std::get_if<plan::SqlCall>(&e.node))
      return quote_kql_string(call->sql) + args(call->args);
    if (const auto* body = std::get_if<plan::BodyCall>(&e.node)) return body->body + args(body->args);
    if (std::holds_alternative<plan::ScalarQuery>(e.node)) return "scalar-query";
    return expr(*std::get<plan::InQuery>(e.node).operand) + " in query";
  }
  std::string args(const std::vector<plan::ExprPtr>& list) {
    std::string text = "(";
    for (const auto& arg : list) text += (text.size() > 1 ? ", " : "") + expr(*arg);
    return text + ")";
  }
  std::string items(const std::vector<plan::Item>& list) {
    std::string text;
    for (const auto& item : list)
      text += fmt::format("{}c{} {}:{} = {}", text.empty() ? "" : ", ", item.column.id, item.column.name,
                          type_name(item.column.type), expr(*item.value));
    return text;
  }
  std::string keys(const std::vector<plan::SortKey>& list) {
    std::string text;
    for (const auto& key : list)
      text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", expr(*key.value),
                          key.ascending ? "asc" : "desc", key.nulls_first ? " nulls first" : "");
    return text;
  }

  void line(int depth, const std::string& text) {
    out += std::string(static_cast<size_t>(depth) * 2, ' ') + text + "\n";
  }

  void rel(const plan::Rel& r, int depth) {
    std::visit(
        [&](const auto& n) {
          using Node = std::decay_t<decltype(n)>;
          if constexpr (std::is_same_v<Node, plan::Scan>) {
            std::string columns;
            for (const auto& c : r.columns) columns += (columns.empty() ? "" : ", ") + c.name;
            line(depth, "scan " + n.table + " [" + columns + "]");
          } else if constexpr (std::is_same_v<Node, plan::Values>) {
            line(depth, fmt::format("values {} rows", n.rows.size()));
          } else if constexpr (std::is_same_v<Node, plan::Range>) {
            line(depth, "range " + expr(*n.from) + " to " + expr(*n.to) + " step " + expr(*n.step));
          } else if constexpr (std::is_same_v<Node, plan::Filter>) {
            line(depth, "filter " + expr(*n.predicate));
          } else if constexpr (std::is_same_v<Node, plan::Project>) {
            line(depth, "project " + items(n.items));
          } else if constexpr (std::is_same_v<Node, plan::Aggregate>) {
            std::string by;
            for (int key : n.keys) by += (by.empty() ? "c" : ", c") + std::to_string(key);
            line(depth, "aggregate " + items(n.aggregates) + " by [" + by + "]");
          } else if constexpr (std::is_same_v<Node, plan::Distinct>) {
            line(depth, "distinct");
          } else if constexpr (std::is_same_v<Node, plan::Sort>) {
            line(depth, "sort " + keys(n.keys));
          } else if constexpr (std::is_same_v<Node, plan::Limit>) {
            line(depth, "limit " + expr(*n.count));
          } else if constexpr (std::is_same_v<Node, plan::Sample>) {
            line(depth, "sample " + expr(*n.count));
          } else if constexpr (std::is_same_v<Node, plan::Union>) {
            line(depth, "union");
          } else if constexpr (std::is_same_v<Node, plan::Join>) {
            static constexpr std::string_view kKinds[] = {
                "innerunique", "inner",    "leftouter", "rightouter", "fullouter",
                "leftsemi",    "leftanti", "rightsemi", "rightanti",  "cross"};
            std::string on;
            for (const auto& [left, right] : n.keys)
              on += (on.empty() ? "" : ", ") + expr(*left) + " == " + expr(*right);
            line(depth, fmt::format("join {} on {}", kKinds[static_cast<size_t>(n.kind)], on));
            rel(*n.left, depth + 1);
            rel(*n.right, depth + 1);
          } else if constexpr (std::is_same_v<Node, plan::Expand>) {
            std::string text = "expand";
            for (const auto& element : n.elements)
              text += fmt::format(" c{} = {}", element.column.id, expr(*element.array));
            line(depth, text);
          } else if constexpr (std::is_same_v<Node, plan::Window>) {
            line(depth, "window " + items(n.items));
          } else if constexpr (std::is_same_v<Node, plan::Number>) {
            line(depth, fmt::format("number c{} {}", n.number.id, keys(n.order)));
          } else if constexpr (std::is_same_v<Node, plan::Shared>) {
            const bool again = std::find(shown.begin(), shown.end(), n.name) != shown.end();
            line(depth, fmt::format("shared s{}{}", n.name, again ? " (above)" : ""));
            if (again) return;
            shown.push_back(n.name);
          } else if constexpr (std::is_same_v<Node, plan::Procedure>) {
            line(depth, "procedure " + n.name + " " + n.options);
          } else {
            line(depth, "pivot " + n.pivot);
          }
          if constexpr (requires { n.input; }) rel(*n.input, depth + 1);
          if constexpr (requires { n.inputs; }) {
            for (const auto& input : n.inputs) rel(*input, depth + 1);
          }
        },
        r.node);
  }
};

}  // namespace

std::string print_plan(const plan::Plan& plan) {
  PlanPrinter printer;
  printer.rel(*plan.root, 0);
  return printer.out;
}

std::string explain(std::string_view text, const Catalog& catalog) {
  Diagnostics ignored;
  std::string out = "tokens\n" + print_tokens(text) + "\ntree\n" + print_tree(parse(text, ignored));
  auto result = compile(text, catalog);
  if (result.compiled) {
    out += "\nplan\n" + print_plan(result.compiled->plan) + "\nsql\n" + result.compiled->sql.text +
           "\n\ntimes\n";
    for (const auto& time : result.compiled->times)
      out += fmt::format("{} {:.0f} us\n", time.stage, time.microseconds);
  }
  for (const auto& diagnostic : result.diagnostics) out += "\n" + render_diagnostic(diagnostic, text);
  return out;
}

}  // namespace huntbook::kql
