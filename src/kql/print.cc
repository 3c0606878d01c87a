// The compiler's stages in print: tokens, tree, plan.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"
#include "kql/compile.h"
#include "kql/diagnose.h"
#include "kql/explain.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

std::string literal_text(const Literal& literal) {
  if (literal.null) return fmt::format("{}(null)", type_name(literal.type));
  switch (literal.type) {
    case Type::kBool: return literal.integer ? "true" : "false";
    case Type::kInt: return fmt::format("int({})", literal.integer);
    case Type::kLong: return std::to_string(literal.integer);
    case Type::kReal: return Json::number(literal.real).text();
    case Type::kDatetime: return "datetime(" + format_datetime(literal.integer) + ")";
    case Type::kTimespan: return "timespan(" + format_timespan(literal.integer) + ")";
    case Type::kString: return quote_kql_string(literal.text);
    default: return fmt::format("{}({})", type_name(literal.type), literal.text);
  }
}

// The tree as one nested line per statement and operator: names, then parts in brackets.
struct TreePrinter {
  std::string expr(const Expr& e) {
    return std::visit([&](const auto& node) { return print(node); }, e.node);
  }
  std::string maybe(const ExprPtr& e) { return e ? expr(*e) : "-"; }
  std::string list(const std::vector<ExprPtr>& items) {
    std::string out;
    for (const auto& item : items) out += (out.empty() ? "" : ", ") + expr(*item);
    return out;
  }
  std::string print(const Literal& n) { return literal_text(n); }
  std::string print(const NameRef& n) { return n.pattern ? "pattern(" + n.name + ")" : n.bracketed ? "['" + n.name + "']" : n.name; }
  std::string print(const Star&) { return "*"; }
  std::string print(const Path& n) { return "path(" + expr(*n.base) + ", " + n.member.text + ")"; }
  std::string print(const Index& n) { return "index(" + expr(*n.base) + ", " + expr(*n.index) + ")"; }
  std::string print(const Call& n) { return (n.base ? expr(*n.base) + "." : "") + n.name.text + "(" + list(n.args) + ")"; }
  std::string print(const Unary& n) { return "(" + n.op + " " + expr(*n.operand) + ")"; }
  std::string print(const Binary& n) { return "(" + expr(*n.left) + " " + n.op + " " + expr(*n.right) + ")"; }
  std::string print(const InList& n) { return "(" + expr(*n.operand) + " " + n.op + " [" + list(n.list) + "])"; }
  std::string print(const Between& n) {
    return "(" + expr(*n.operand) + (n.negated ? " !between " : " between ") + expr(*n.low) + " .. " + expr(*n.high) + ")";
  }
  std::string print(const NamedExpr& n) {
    std::string names;
    for (const auto& name : n.names) names += (names.empty() ? "" : ", ") + name.text;
    return (n.tuple ? "(" + names + ")" : names) + " = " + expr(*n.value);
  }
  std::string print(const SubQuery& n) { return "{" + query(*n.query) + "}"; }
  std::string print(const DataTable& n) { return "datatable(" + columns(n.columns) + ")[" + list(n.values) + "]"; }
  std::string print(const ExternalData& n) { return "externaldata(" + columns(n.columns) + ")[" + list(n.uris) + "]" + properties(n.properties); }
  std::string print(const TypeOf& n) { return "typeof(" + columns(n.columns) + ")"; }

  std::string columns(const std::vector<ColumnDecl>& decls) {
    std::string out;
    for (const auto& decl : decls) {
      out += (out.empty() ? "" : ", ") + decl.name.text + ":" + std::string(type_name(decl.type));
      if (decl.default_value) out += "=" + expr(*decl.default_value);
    }
    return out;
  }
  std::string properties(const Properties& list) {
    std::string out;
    for (const auto& [name, value] : list) out += " <" + name.text + "=" + maybe(value) + ">";
    return out;
  }
  std::string keys(const std::vector<SortKey>& list) {
    std::string out;
    for (const auto& key : list) {
      out += (out.empty() ? "" : ", ") + expr(*key.value);
      if (key.ascending) out += *key.ascending ? " asc" : " desc";
      if (key.nulls_first) out += *key.nulls_first ? " nulls first" : " nulls last";
    }
    return out;
  }
  std::string items(const std::vector<MvItem>& list) {
    std::string out;
    for (const auto& item : list) {
      out += (out.empty() ? "" : ", ") + expr(*item.value);
      if (item.to_type) out += " to " + std::string(type_name(*item.to_type));
    }
    return out;
  }

  std::string op(const Operator& operation) {
    std::string out = operation.name;
    std::visit(
        [&](const auto& n) {
          if constexpr (requires { n.properties; }) out += properties(n.properties);
          if constexpr (requires { n.predicate; }) out += " " + maybe(n.predicate);
          if constexpr (requires { n.count->node; }) out += " " + maybe(n.count);
          if constexpr (requires { n.aggregates; }) out += " [" + list(n.aggregates) + "]";
          if constexpr (requires { n.columns.front()->node; }) out += " [" + list(n.columns) + "]";
          if constexpr (requires { n.columns.front().value; }) out += " [" + keys(n.columns) + "]";
          if constexpr (requires { n.keys.front()->node; }) out += " by [" + list(n.keys) + "]";
          if constexpr (requires { n.keys.front().value; }) out += " by [" + keys(n.keys) + "]";
          if constexpr (requires { n.tables; }) out += " tables [" + list(n.tables) + "]";
          if constexpr (requires { n.right; }) out += " " + maybe(n.right) + " on [" + list(n.on) + "]";
          if constexpr (requires { n.items; }) out += " [" + items(n.items) + "]";
          if constexpr (requires { n.limit; }) out += n.limit ? " limit " + expr(*n.limit) : "";
          if constexpr (requires { n.call; }) out += " " + maybe(n.call);
          if constexpr (requires { n.kind.text; }) out += " " + n.kind.text;
          if constexpr (requires { n.name.text; }) out += " " + n.name.text;
          if constexpr (requires { n.column->node; }) out += " " + maybe(n.column);
          if constexpr (requires { n.source->node; }) out += " " + maybe(n.source);
          if constexpr (requires { n.query->operators; }) out += n.query ? " {" + query(*n.query) + "}" : "";
        },
        operation.node);
    if (const auto* parse = std::get_if<ParseOp>(&operation.node)) {
      for (const auto& part : parse->parts) {
        if (part.star) out += " *";
        else if (part.text) out += " " + quote_kql_string(*part.text);
        else out += " " + part.column.text + ":" + std::string(type_name(part.type.value_or(Type::kString)));
      }
    }
    if (const auto* make = std::get_if<MakeSeriesOp>(&operation.node)) {
      for (const auto& series : make->series) out += " " + expr(*series.aggregate) + (series.default_value ? " default " + expr(*series.default_value) : "");
      out += " on " + maybe(make->axis) + " from " + maybe(make->from) + " to " + maybe(make->to) + " step " + maybe(make->step);
    }
    if (const auto* scan = std::get_if<ScanOp>(&operation.node)) {
      out += " declare (" + columns(scan->declare) + ")";
      for (const auto& step : scan->steps) {
        out += " step " + step.name.text + ": " + expr(*step.condition);
        for (const auto& [name, value] : step.assignments) out += ", " + name.text + " = " + expr(*value);
      }
    }
    if (const auto* top = std::get_if<TopNestedOp>(&operation.node)) {
      for (const auto& level : top->levels) out += " " + maybe(level.count) + " of " + expr(*level.column) + " by " + expr(*level.aggregate);
    }
    return out;
  }

  std::string query(const Query& q) {
    std::string out;
    if (const auto* source = std::get_if<ExprPtr>(&q.source)) out = expr(**source);
    else if (const auto* print_source = std::get_if<PrintSource>(&q.source)) out = "print [" + list(print_source->columns) + "]";
    else if (const auto* range = std::get_if<RangeSource>(&q.source))
      out = "range " + range->column.text + " " + maybe(range->from) + " to " + maybe(range->to) + " step " + maybe(range->step);
    for (const auto& operation : q.operators) out += (out.empty() ? "" : " | ") + op(operation);
    return out;
  }

  std::string statement(const Statement& s) {
    if (const auto* let = std::get_if<LetStatement>(&s.node)) {
      if (const auto* value = std::get_if<QueryPtr>(&let->value)) return "let " + let->name.text + " = " + query(**value);
      const auto& function = *std::get<std::unique_ptr<FunctionBody>>(let->value);
      std::string out = "let " + let->name.text + " = " + (function.view ? "view" : "function") + "(";
      for (size_t i = 0; i < function.params.size(); ++i) {
        const auto& param = function.params[i];
        out += (i ? ", " : "") + param.name.text + ":";
        out += param.tabular ? (param.any_columns ? "(*)" : "(" + columns(param.columns) + ")") : std::string(type_name(param.type));
        if (param.default_value) out += "=" + expr(*param.default_value);
      }
      out += ") {";
      for (const auto& inner : function.statements) out += statement(inner) + "; ";
      return out + query(*function.body) + "}";
    }
    if (const auto* q = std::get_if<QueryStatement>(&s.node)) return query(*q->query);
    if (const auto* set = std::get_if<SetStatement>(&s.node)) return "set " + set->name.text + (set->value ? " = " + expr(*set->value) : "");
    if (const auto* declared = std::get_if<QueryParametersStatement>(&s.node)) return "declare query_parameters(" + columns(declared->params) + ")";
    if (const auto* management = std::get_if<ManagementStatement>(&s.node)) {
      std::string out = "command";
      for (const auto& word : management->words) out += " " + word.text;
      return management->query ? out + " | " + query(*management->query) : out;
    }
    return "other " + std::get<OtherStatement>(s.node).keyword;
  }
};

struct PlanPrinter {
  std::string out;
  std::vector<int> shown;

  std::string expr(const plan::Expr& e) {
    if (const auto* use = std::get_if<plan::ColumnUse>(&e.node)) return "c" + std::to_string(use->id);
    if (const auto* constant = std::get_if<plan::Constant>(&e.node)) return literal_text(constant->value);
    if (const auto* call = std::get_if<plan::SqlCall>(&e.node)) return quote_kql_string(call->sql) + args(call->args);
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
    for (const auto& item : list) text += fmt::format("{}c{} {}:{} = {}", text.empty() ? "" : ", ", item.column.id, item.column.name, type_name(item.column.type), expr(*item.value));
    return text;
  }
  std::string keys(const std::vector<plan::SortKey>& list) {
    std::string text;
    for (const auto& key : list) text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", expr(*key.value), key.ascending ? "asc" : "desc", key.nulls_first ? " nulls first" : "");
    return text;
  }

  void line(int depth, const std::string& text) { out += std::string(static_cast<size_t>(depth) * 2, ' ') + text + "\n"; }

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
            static constexpr std::string_view kKinds[] = {"innerunique", "inner", "leftouter", "rightouter", "fullouter",
                                                          "leftsemi", "leftanti", "rightsemi", "rightanti", "cross"};
            std::string on;
            for (const auto& [left, right] : n.keys) on += (on.empty() ? "" : ", ") + expr(*left) + " == " + expr(*right);
            line(depth, fmt::format("join {} on {}", kKinds[static_cast<size_t>(n.kind)], on));
            rel(*n.left, depth + 1);
            rel(*n.right, depth + 1);
          } else if constexpr (std::is_same_v<Node, plan::Expand>) {
            std::string text = "expand";
            for (const auto& element : n.elements) text += fmt::format(" c{} = {}", element.column.id, expr(*element.array));
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

std::string print_tokens(std::string_view text) {
  Diagnostics ignored;
  std::string out;
  for (const auto& token : lex(text, ignored)) {
    static constexpr std::string_view kKinds[] = {"end", "name", "bracketed", "literal", "punctuation", "bad"};
    out += fmt::format("{}-{} {} {}\n", token.span.begin, token.span.end, kKinds[static_cast<size_t>(token.kind)],
                       token.kind == TokenKind::kLiteral ? literal_text(token.literal) : escape_terminal(token.text));
  }
  return out;
}

std::string print_tree(const Script& script) {
  std::string out;
  for (const auto& statement : script.statements) out += TreePrinter().statement(statement) + "\n";
  return out;
}

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
    out += "\nplan\n" + print_plan(result.compiled->plan) + "\nsql\n" + result.compiled->sql.text + "\n";
  }
  for (const auto& diagnostic : result.diagnostics) out += "\n" + render_diagnostic(diagnostic, text);
  return out;
}

}  // namespace huntbook::kql
