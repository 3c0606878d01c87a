// Graph operators: make-graph, patterns of nodes and edges, graph-to-table.
#include "kql/parser.h"

namespace huntbook::kql {

void Parser::make_graph_op(Operator& op) {
  MakeGraphOp graph;
  graph.source = postfix_chain(primary());
  if (!panic_ && is("-") && is("-", 1) && is(">", 2)) at_ += 3;
  else if (!panic_) fail_expected("`-->`", "write make-graph Source --> Target");
  if (!panic_) graph.target = postfix_chain(primary());
  while (!panic_) {
    if (is_word("with")) {
      ++at_;
      do {
        ExprPtr table = table_expression();
        if (panic_ || !expect_word("on")) break;
        graph.nodes.emplace_back(std::move(table), postfix_chain(primary()));
      } while (!panic_ && take(","));
    } else if (is_word("with_node_id") && is("=", 1)) {
      at_ += 2;
      graph.node_id = new_name("a column");
    } else if (is_word("partitioned") && is("-", 1) && is_word("by", 2)) {
      at_ += 3;
      const Name column = name("a column");  // no call: the bracket after it holds the operators
      NameRef ref;
      ref.name = column.text;
      graph.partition = make(column.span, std::move(ref));
      if (!panic_ && expect("(")) graph.query = subquery(")");
    } else {
      break;
    }
  }
  if (!graph.target) graph.target = missing();
  op.node = std::move(graph);
}

GraphPattern::Node Parser::graph_node() {
  GraphPattern::Node node;
  node.span = peek().span;
  if (!is("(")) {
    fail_expected("a node", "write nodes as (n), edges as -[e]-> or -->");
    return node;
  }
  const Span open = peek().span;
  ++at_;
  if (!is(")")) node.name = name("a node's name or `)`");
  close(")", open);
  node.span.end = last_end();
  return node;
}

// `-->`, `<--`, `--`, `-[e]->`, `<-[e]-`, `-[e]-`, and `*low..high` in the brackets.
GraphPattern::Edge Parser::graph_edge() {
  GraphPattern::Edge edge;
  edge.span = peek().span;
  const bool left = take("<");
  if (!expect("-")) return edge;
  if (is("[")) {
    const Span open = peek().span;
    ++at_;
    if (is_name()) edge.name = name("an edge");
    if (!panic_ && take("*")) {
      edge.low = postfix_chain(primary());
      if (!panic_) expect("..");
      edge.high = panic_ ? missing() : postfix_chain(primary());
    } else if (!panic_ && !edge.name && !is("]")) {
      fail_expected("an edge's name, `*` or `]`");
    }
    close("]", open);
  }
  if (panic_ || !expect("-")) return edge;
  const bool right = is(">");
  if (right && left) fail_expected("one direction", "an edge has at most one arrow head: -[e]-> or <-[e]-");
  else if (right) ++at_;
  edge.direction = left    ? GraphPattern::Direction::kLeft
                   : right ? GraphPattern::Direction::kRight
                           : GraphPattern::Direction::kAny;
  edge.span.end = last_end();
  return edge;
}

GraphPattern Parser::graph_pattern() {
  GraphPattern pattern;
  pattern.nodes.push_back(graph_node());
  while (!panic_ && (is("-") || is("<"))) {
    pattern.edges.push_back(graph_edge());
    pattern.nodes.push_back(panic_ ? GraphPattern::Node() : graph_node());
  }
  return pattern;
}

void Parser::graph_match_op(Operator& op) {
  GraphMatchOp match;
  match.shortest = op.name == "graph-shortest-paths";
  match.properties = properties({"cycles", "output"});
  do match.patterns.push_back(graph_pattern());
  while (!panic_ && take(","));
  if (!panic_ && take_word("where")) match.predicate = expression();
  if (!panic_) {
    expect_word("project");
    if (!panic_) match.columns = named_list();
  }
  op.node = std::move(match);
}

void Parser::graph_to_table_op(Operator& op) {
  GraphToTableOp table;
  do {
    GraphToTableOp::Part part;
    part.span = peek().span;
    part.nodes = is_word("nodes");
    if (!part.nodes && !is_word("edges")) {
      fail_expected("`nodes` or `edges`");
      break;
    }
    ++at_;
    const auto options = [&] {
      Properties more = properties({"with_node_id", "with_source_id", "with_target_id"});
      for (auto& one : more) part.properties.push_back(std::move(one));
    };
    options();
    if (!panic_ && take_word("as")) part.name = new_name("a name");
    options();
    part.span.end = last_end();
    table.parts.push_back(std::move(part));
  } while (!panic_ && take(","));
  op.node = std::move(table);
}

void Parser::graph_mark_components_op(Operator& op) {
  op.node = GraphMarkComponentsOp{properties({"kind", "with_component_id"})};
}

void Parser::graph_where_op(Operator& op) {
  GraphWhereOp where;
  where.nodes = op.name == "graph-where-nodes";
  where.predicate = expression();
  op.node = std::move(where);
}

}  // namespace huntbook::kql
