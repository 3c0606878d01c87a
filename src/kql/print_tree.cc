// The lexer's and the parser's results in print: one token or one operator a line, expressions in prefix
// form.
#include <fmt/format.h>

#include <cmath>

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"
#include "kql/lex.h"
#include "kql/parse.h"

namespace huntbook::kql {

std::string literal_text(const Literal& literal) {
  if (literal.null) return fmt::format("{}(null)", type_name(literal.type));
  switch (literal.type) {
    case Type::kBool: return literal.integer ? "true" : "false";
    case Type::kInt: return fmt::format("int({})", literal.integer);
    case Type::kLong: return fmt::to_string(literal.integer);
    case Type::kReal:
      return std::isfinite(literal.real) ? Json::number(literal.real).text()
                                         : fmt::format("real({})", literal.real);
    case Type::kDatetime: return "datetime(" + format_datetime(literal.integer) + ")";
    case Type::kTimespan: return "timespan(" + format_timespan(literal.integer) + ")";
    case Type::kString: return quote_kql_string(literal.text);
    default: return fmt::format("{}({})", type_name(literal.type), literal.text);
  }
}

namespace {

class TreePrinter {
 public:
  std::string script(const Script& script) {
    for (const Statement& each : script.statements) {
      statement(each);
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  // ------------------------------------------------------------ layout
  void line() {
    out_ += '\n';
    out_.append(indent_ * 2, ' ');
  }
  void word(std::string_view text) {
    if (!out_.empty() && !glued_ && std::string_view(" \n([{").find(out_.back()) == std::string_view::npos)
      out_ += ' ';
    glued_ = false;
    out_ += text;
  }
  void put_equals() {
    out_ += '=';
    glued_ = true;
  }
  void words() {}
  template <typename First, typename... Rest>
  void words(const First& first, const Rest&... rest) {
    if constexpr (std::is_convertible_v<First, std::string_view>) word(first);
    else item(first);
    words(rest...);
  }
  template <typename... Parts>
  void group(std::string_view head, const Parts&... parts) {
    word("(");
    out_ += head;
    words(parts...);
    out_ += ')';
  }
  static std::string quoted(std::string_view name) {
    static constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$*.-/~";
    if (!name.empty() && name.find_first_not_of(kPlain) == std::string_view::npos) return std::string(name);
    return "[" + quote_kql_string(name) + "]";
  }

  // ------------------------------------------------------------- parts
  void item(const Name& name) { word(quoted(name.text)); }
  void item(const std::optional<Name>& name) {
    if (name) item(*name);
  }
  void item(const ExprPtr& expr) {
    if (!expr) return word("?");
    std::visit([&](const auto& node) { print(node); }, expr->node);
  }
  template <typename Part>
  void item(const std::vector<Part>& list) {
    for (const Part& each : list) item(each);
  }
  void item(const Properties& list) {
    for (const auto& [key, value] : list) {
      item(key);
      put_equals();
      item(value);
    }
  }
  void item(const std::vector<ColumnDecl>& decls) {
    word("[");
    for (const ColumnDecl& decl : decls) {
      if (&decl != decls.data()) out_ += ',';
      item(decl.name);
      if (decl.name.text != "*") out_ += fmt::format(":{}", type_name(decl.type));
      if (!decl.default_value) continue;
      put_equals();
      item(decl.default_value);
    }
    out_ += ']';
  }
  void item(const SortKey& key) {
    item(key.value);
    direction(key.ascending);
    if (key.nulls_first) word(*key.nulls_first ? "nulls-first" : "nulls-last");
  }
  void item(const MvItem& mv) {
    item(mv.value);
    if (mv.to_type) words("to", type_name(*mv.to_type));
  }
  void item(const QueryPtr& query) {
    if (!query) return;
    word("{");
    inside(*query);
    out_ += '}';
  }
  void direction(const std::optional<bool>& ascending) {
    if (ascending) word(*ascending ? "asc" : "desc");
  }
  void optional(std::string_view label, const ExprPtr& value) {
    if (value) words(label, value);
  }
  template <typename List>
  void listed(std::string_view label, const List& list) {
    if (!list.empty()) words(label, list);
  }

  // ------------------------------------------------------- expressions
  void print(const Literal& literal) { word(literal_text(literal)); }
  void print(const NameRef& ref) { word(ref.pattern ? "pattern:" + ref.name : quoted(ref.name)); }
  void print(const Star&) { word("*"); }
  void print(const Path& path) { group(".", path.base, path.member); }
  void print(const Index& index) { group("at", index.base, index.index); }
  void print(const Call& call) {
    if (call.base) group("call", call.base, call.name, call.args);
    else group("call", call.name, call.args);
  }
  void print(const Unary& unary) { group(unary.op, unary.operand); }
  void print(const Binary& binary) { group(binary.op, binary.left, binary.right); }
  void print(const InList& in) { group(in.op, in.operand, "of", in.list); }
  void print(const Between& between) {
    group(between.negated ? "!between" : "between", between.operand, between.low, between.high);
  }
  void print(const NamedExpr& named) { group(named.tuple ? "tuple" : "name", named.names, named.value); }
  void print(const SubQuery& sub) { item(sub.query); }
  void print(const DataTable& table) { group("datatable", table.columns, table.values); }
  void print(const ExternalData& data) { group("externaldata", data.columns, data.uris, data.properties); }
  void print(const TypeOf& type) {
    if (type.columns.size() == 1 && type.columns[0].name.text.empty())
      group("typeof", type_name(type.columns[0].type));
    else group("typeof", type.columns);
  }

  // ------------------------------------------------------------ queries
  void source(const Query& query) {
    if (const auto* expr = std::get_if<ExprPtr>(&query.source)) item(*expr);
    if (const auto* print = std::get_if<PrintSource>(&query.source)) words("print", print->columns);
    if (const auto* range = std::get_if<RangeSource>(&query.source)) {
      words("range", range->column, "from", range->from, "to", range->to, "step", range->step);
    }
  }
  void inside(const Query& query) {
    source(query);
    bool first = std::holds_alternative<std::monostate>(query.source);
    for (const Operator& op : query.operators) {
      if (!first) word("|");
      first = false;
      operation(op);
    }
  }
  void lines(const Query& query) {
    word("query");
    ++indent_;
    if (!std::holds_alternative<std::monostate>(query.source)) {
      line();
      source(query);
    }
    for (const Operator& op : query.operators) {
      line();
      operation(op);
    }
    --indent_;
  }

  // --------------------------------------------------------- statements
  void statement(const Statement& statement) {
    std::visit([&](const auto& node) { print(node); }, statement.node);
  }
  void print(const LetStatement& let) {
    words("let", let.name);
    const auto* value = std::get_if<QueryPtr>(&let.value);
    if (value && *value) lines(**value);
    if (!value) function(*std::get<std::unique_ptr<FunctionBody>>(let.value));
  }
  void function(const FunctionBody& body) {
    word(body.view ? "view (" : "function (");
    for (const FunctionParam& param : body.params) {
      if (&param != body.params.data()) out_ += ',';
      item(param.name);
      out_ += ':';
      if (!param.tabular) out_ += type_name(param.type);
      else if (param.any_columns) out_ += "[*]";
      else item(param.columns);
      if (!param.default_value) continue;
      put_equals();
      item(param.default_value);
    }
    out_ += ')';
    block(body);
  }
  void block(const FunctionBody& body) {
    ++indent_;
    for (const Statement& each : body.statements) {
      line();
      statement(each);
    }
    line();
    if (body.body) lines(*body.body);
    --indent_;
  }
  void print(const SetStatement& set) {
    words("set", set.name);
    if (set.value) item(set.value);
  }
  void print(const QueryParametersStatement& declare) { words("query_parameters", declare.params); }
  void print(const QueryStatement& statement) {
    if (statement.query) lines(*statement.query);
  }
  void print(const ManagementStatement& statement) {
    words("command", statement.words);
    if (statement.query) lines(*statement.query);
  }
  void print(const PatternStatement& pattern) {
    words("pattern", pattern.name, pattern.params);
    if (pattern.path) words("path", pattern.path->name);
    ++indent_;
    for (const auto& one : pattern.cases) {
      line();
      words("case", one.args);
      if (one.path) words("path", quoted(*one.path));
      block(*one.body);
    }
    --indent_;
  }
  void print(const RestrictStatement& statement) { words("restrict", statement.entities); }
  void print(const AliasStatement& statement) { words("alias", statement.name, statement.target); }
  void print(const OtherStatement& statement) { words("other", statement.keyword); }

  // ---------------------------------------------------------- operators
  void operation(const Operator& operation) {
    word(operation.name.empty() ? "?" : operation.name);
    std::visit([&](const auto& node) { print(node); }, operation.node);
  }
  void print(const WhereOp& op) { item(op.predicate); }
  void print(const ExtendOp& op) { item(op.columns); }
  void print(const ProjectOp& op) { item(op.columns); }
  void print(const ProjectAwayOp& op) { item(op.columns); }
  void print(const ProjectKeepOp& op) { item(op.columns); }
  void print(const ProjectRenameOp& op) { item(op.columns); }
  void print(const ProjectByNamesOp& op) { item(op.columns); }
  void print(const ProjectReorderOp& op) {
    item(op.columns);
    if (op.granny) word("granny");
  }
  void print(const SummarizeOp& op) {
    words(op.properties, op.aggregates);
    if (op.has_by) words("by", op.keys);
  }
  void print(const DistinctOp& op) { words(op.properties, op.columns); }
  void print(const CountOp& op) { item(op.name); }
  void print(const SortOp& op) { words(op.properties, "by", op.keys); }
  void print(const TopOp& op) { words(op.properties, op.count, "by", op.keys); }
  void print(const TakeOp& op) { item(op.count); }
  void print(const SampleOp& op) { item(op.count); }
  void print(const SampleDistinctOp& op) { words(op.count, "of", op.column); }
  void print(const TopHittersOp& op) {
    words(op.count, "of", op.column);
    optional("by", op.weight);
  }
  void print(const TopNestedOp& op) {
    for (const auto& level : op.levels) {
      word("[");
      if (level.count) item(level.count);
      words("of", level.column);
      optional("others", level.others);
      words("by", level.aggregate);
      direction(level.ascending);
      out_ += ']';
    }
  }
  void print(const UnionOp& op) { words(op.properties, op.tables); }
  void print(const JoinOp& op) {
    words(op.properties, op.right);
    listed("on", op.on);
  }
  void print(const MvExpandOp& op) {
    words(op.properties, op.items);
    optional("limit", op.limit);
  }
  void print(const MvApplyOp& op) {
    words(op.properties, op.items);
    optional("limit", op.limit);
    words("on", op.query);
  }
  void print(const ParseOp& op) {
    words(op.properties, op.source, "with");
    for (const auto& part : op.parts) {
      if (part.star) word("*");
      else if (part.text) word(quote_kql_string(*part.text));
      else item(part.column);
      if (part.type) out_ += fmt::format(":{}", type_name(*part.type));
    }
  }
  void print(const ParseKvOp& op) { words(op.source, "as", op.columns, op.properties); }
  void print(const MakeSeriesOp& op) {
    item(op.properties);
    for (const auto& series : op.series) {
      item(series.aggregate);
      optional("default", series.default_value);
    }
    words("on", op.axis);
    optional("from", op.from);
    optional("to", op.to);
    optional("in-range", op.range_from);
    optional("..", op.range_to);
    optional("step", op.step);
    listed("by", op.keys);
  }
  void print(const RenderOp& op) { words(op.kind, op.properties); }
  void print(const EvaluateOp& op) {
    words(op.properties, op.call);
    if (op.schema) words(":", *op.schema);
  }
  void print(const SerializeOp& op) { item(op.columns); }
  void print(const SearchOp& op) {
    item(op.properties);
    listed("in", op.tables);
    words("for", op.predicate);
  }
  void print(const FindOp& op) {
    item(op.properties);
    listed("in", op.tables);
    words("where", op.predicate);
    if (op.project_smart) word("project-smart");
    listed("project", op.columns);
    listed("project-away", op.away);
  }
  void print(const AsOp& op) { words(op.properties, op.name); }
  void print(const InvokeOp& op) { item(op.call); }
  void print(const GetSchemaOp&) {}
  void print(const ConsumeOp& op) { item(op.properties); }
  void print(const ReduceOp& op) { words("by", op.column, op.properties); }
  void print(const FacetOp& op) { words("by", op.columns, op.query); }
  void print(const ForkOp& op) {
    for (const auto& [name, query] : op.branches) words(name, query);
  }
  void print(const PartitionOp& op) { words(op.properties, "by", op.column, op.query); }
  void print(const ScanOp& op) {
    item(op.properties);
    listed("order", op.order);
    listed("partition", op.partition);
    if (!op.declare.empty()) words("declare", op.declare);
    for (const auto& step : op.steps) {
      words("[step", step.name);
      if (step.optional) word("optional");
      if (!step.output.empty()) word("output=" + step.output);
      item(step.condition);
      for (const auto& [target, value] : step.assignments) group("name", target, value);
      out_ += ']';
    }
  }
  void print(const MacroExpandOp& op) { words(op.properties, op.group, "as", op.name, op.query); }
  void print(const MakeGraphOp& op) {
    words(op.source, "-->", op.target);
    for (const auto& [table, key] : op.nodes) words("with", table, "on", key);
    if (op.node_id) words("with_node_id", op.node_id);
    optional("partitioned-by", op.partition);
    item(op.query);
  }
  void item(const GraphPattern::Node& node) {
    word("(node");
    item(node.name);
    out_ += ')';
  }
  void item(const GraphPattern& pattern) {
    for (size_t i = 0; i < pattern.nodes.size(); ++i) {
      item(pattern.nodes[i]);
      if (i >= pattern.edges.size()) continue;
      const auto& edge = pattern.edges[i];
      word(edge.direction == GraphPattern::Direction::kLeft ? "<-" : "-");
      word("[");
      item(edge.name);
      if (edge.low) words("from", edge.low, "to", edge.high);
      out_ += ']';
      word(edge.direction == GraphPattern::Direction::kRight ? "->" : "-");
    }
  }
  void print(const GraphMatchOp& op) {
    item(op.properties);
    for (const auto& pattern : op.patterns) {
      if (&pattern != op.patterns.data()) word(",");
      item(pattern);
    }
    optional("where", op.predicate);
    listed("project", op.columns);
  }
  void print(const GraphToTableOp& op) {
    for (const auto& part : op.parts) {
      if (&part != op.parts.data()) word(",");
      word(part.nodes ? "nodes" : "edges");
      if (part.name) words("as", part.name);
      item(part.properties);
    }
  }
  void print(const GraphMarkComponentsOp& op) { item(op.properties); }
  void print(const GraphWhereOp& op) { item(op.predicate); }
  void print(const OtherOp& op) { item(op.args); }

  std::string out_;
  size_t indent_ = 0;
  bool glued_ = false;  ///< the next word follows without a blank
};

constexpr std::string_view kKinds[] = {"end", "name", "bracketed", "literal", "punctuation", "bad"};

}  // namespace

std::string print_tree(const Script& script) { return TreePrinter().script(script); }

std::string print_tokens(std::string_view text) {
  Diagnostics ignored;
  std::string out;
  for (const Token& token : lex(text, ignored)) {
    out += fmt::format("{}-{} {}", token.span.begin, token.span.end, kKinds[static_cast<size_t>(token.kind)]);
    if (token.kind == TokenKind::kLiteral) out += " " + literal_text(token.literal);
    else if (token.kind != TokenKind::kEnd) out += " " + escape_terminal(token.text);
    out += '\n';
  }
  return out;
}

}  // namespace huntbook::kql
