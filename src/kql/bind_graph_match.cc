// graph-match and graph-shortest-paths. A pattern of single edges becomes joins; one with paths, and every
// search for shortest paths, is a procedure that is given each element's conditions beforehand.
#include <fmt/format.h>

#include <algorithm>

#include "kql/bind_graph.h"
#include "kql/bind_graph_match.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

using Kind = GraphElement::Kind;

// The parts of a condition that `and` joins.
void split(const Expr& expr, std::vector<const Expr*>& out) {
  if (const auto* binary = std::get_if<Binary>(&expr.node); binary && binary->op == "and") {
    split(*binary->left, out);
    split(*binary->right, out);
    return;
  }
  if (const auto* sub = std::get_if<SubQuery>(&expr.node)) {
    const auto* source = std::get_if<kql::ExprPtr>(&sub->query->source);
    if (source && sub->query->operators.empty()) return split(**source, out);
  }
  out.push_back(&expr);
}

plan::ExprPtr both(plan::ExprPtr left, plan::ExprPtr right) {
  return left ? make_sql(Type::kBool, "({0} AND {1})", {std::move(left), std::move(right)}) : right;
}

bool owns(const GraphElement& element, bool nodes, int id) {
  const auto own = [&](const plan::ColumnDef& column) { return column.id == id; };
  if (!nodes) return std::any_of(element.edges.table.columns.begin(), element.edges.table.columns.end(), own);
  return own(element.nodes.id) || own(element.nodes.in_degree) || own(element.nodes.out_degree) ||
         std::any_of(element.nodes.table.columns.begin(), element.nodes.table.columns.end(), own);
}

}  // namespace

std::set<int> columns_of(const plan::Expr& expr) {
  std::set<int> found;
  for_each_column(expr, [&](int id) { found.insert(id); });
  return found;
}

// The pattern's elements, each with columns of its own.
bool Binder::bind_pattern(const Operator& op, const GraphMatchOp& match, const BoundGraph& graph,
                          const EnvPtr& env, MatchPlan& made) {
  const auto refuse = [&](Span span, std::string why, std::string hint = {}) {
    Diagnostic wrong = diagnose(Error::kGraphPattern, span, why);
    wrong.hint = std::move(hint);
    fail(std::move(wrong));
    return false;
  };
  const auto columns = [&](const BoundTable& from) {
    BoundTable row;
    row.open = from.open;
    for (const auto& column : from.columns) row.columns.push_back(new_column(column.name, column.type));
    return row;
  };
  const auto new_nodes = [&](GraphElement& element) {
    element.nodes.table = columns(graph.nodes.table);
    element.nodes.key = new_column("", Type::kString);
    element.nodes.id = new_column("", graph.nodes.id.type);
    element.nodes.in_degree = new_column("", Type::kLong);
    element.nodes.out_degree = new_column("", Type::kLong);
  };
  const auto new_edges = [&](GraphElement& element) {
    element.edges.table = columns(graph.edges.table);
    element.edges.number = new_column("", Type::kLong);
    element.edges.source = new_column("", Type::kString);
    element.edges.target = new_column("", Type::kString);
  };
  auto& elements = made.scope.elements;
  for (const auto& pattern : match.patterns) {
    std::vector<size_t> nodes;
    for (const auto& node : pattern.nodes) {
      auto place = node.name ? made.scope.find(node.name->text) : std::nullopt;
      if (place && elements[*place].kind != Kind::kNode)
        return refuse(node.span, fmt::format("`{}` is an edge and a node", node.name->text));
      if (place && std::find(nodes.begin(), nodes.end(), *place) != nodes.end()) made.returns = true;
      if (!place) {
        place = elements.size();
        GraphElement element;
        element.name = node.name ? node.name->text : std::string();
        element.span = node.span;
        new_nodes(element);
        elements.push_back(std::move(element));
      }
      nodes.push_back(*place);
    }
    for (size_t i = 0; i < pattern.edges.size(); ++i) {
      const auto& edge = pattern.edges[i];
      if (edge.name && made.scope.find(edge.name->text))
        return refuse(edge.span, fmt::format("`{}` stands in it twice", edge.name->text),
                      "give each edge a name of its own; only nodes may return");
      GraphElement element;
      element.name = edge.name ? edge.name->text : std::string();
      element.span = edge.span;
      element.kind = edge.low ? Kind::kPath : Kind::kEdge;
      new_edges(element);
      MatchEdge way{elements.size(), nodes[i], nodes[i + 1], edge.direction, 1, 1};
      if (edge.low) {
        new_nodes(element);
        Scope scope;
        scope.env = env;
        const auto low = constant_long(*edge.low, scope), high = constant_long(*edge.high, scope);
        if (!low || !high) {
          if (diagnostics_.empty()) fail(diagnose(Error::kNotConstant, edge.span, "the length of a path"));
          return false;
        }
        if (*low < 0 || *high < *low)
          return refuse(edge.span, fmt::format("a path of {} to {} edges has no length", *low, *high),
                        "write the least and the greatest number of edges, as in *1..5");
        way.low = *low;
        way.high = *high;
        made.paths = true;
      }
      elements.push_back(std::move(element));
      made.edges.push_back(way);
    }
  }
  // All in one piece.
  std::set<size_t> reached{0};
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& edge : made.edges) {
      if (reached.contains(edge.from) == reached.contains(edge.to)) continue;
      reached.insert(edge.from);
      reached.insert(edge.to);
      grown = true;
    }
  }
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].kind == Kind::kNode && !reached.contains(i))
      return refuse(elements[i].span, "its sequences share no node", "name one node in both of them");
  }
  if (made.shortest && (match.patterns.size() > 1 || !made.paths)) {
    return refuse(op.name_span, match.patterns.size() > 1 ? "it has several sequences" : "it has no path",
                  "graph-shortest-paths takes one sequence with a path such as -[e*1..5]->");
  }
  return true;
}

// The condition's parts: what concerns one element is asked before the search, the rest after it.
bool Binder::bind_match_where(const Expr& predicate, const EnvPtr& env, MatchPlan& made) {
  std::vector<const Expr*> conditions;
  split(predicate, conditions);
  GraphScope& graph = made.scope;
  Scope scope;
  scope.env = env;
  scope.graph = &graph;
  for (const Expr* condition : conditions) {
    graph.each = true;
    graph.each_used.clear();
    const size_t needs = graph.needs.size();
    auto value = bind_bool(*condition, scope);
    graph.each = false;
    if (!value) return false;
    const auto read = columns_of(*value);
    if (!graph.each_used.empty()) {  // `e.x == 1`: for each edge of the path
      const size_t path = graph.each_used.front();
      if (!std::all_of(read.begin(), read.end(),
                       [&](int id) { return owns(graph.elements[path], false, id); })) {
        Diagnostic mixed =
            unsupported("a condition on a path's edges and on other parts of the pattern", condition->span);
        mixed.hint = "use all(), any() or map() for the path";
        return fail(std::move(mixed)), false;
      }
      made.edge_filters[path] = both(made.edge_filters[path], value);
      continue;
    }
    // all(e, ...) or any(e, ...) by itself.
    const auto* use = std::get_if<plan::ColumnUse>(&value->node);
    if (use && graph.needs.size() == needs + 1 && graph.needs.back().column.id == use->id) {
      const auto need = graph.needs.back();
      if (need.fold == GraphScope::Fold::kAll) {
        graph.needs.pop_back();
        auto& filter = need.inner ? made.node_filters[need.element] : made.edge_filters[need.element];
        filter = both(filter, need.value);
        continue;
      }
      if (need.fold == GraphScope::Fold::kAny && made.shortest) {
        graph.needs.pop_back();
        made.musts.push_back(need);
        continue;
      }
    }
    bool placed = false;
    for (size_t i = 0; i < graph.elements.size() && !placed && made.searched() && !read.empty(); ++i) {
      const Kind kind = graph.elements[i].kind;
      if (kind == Kind::kPath) continue;
      const bool nodes = kind == Kind::kNode;
      if (!std::all_of(read.begin(), read.end(), [&](int id) { return owns(graph.elements[i], nodes, id); }))
        continue;
      auto& filter = nodes ? made.node_filters[i] : made.edge_filters[i];
      filter = both(filter, value);
      placed = true;
    }
    if (!placed) made.rest.push_back(value);
  }
  return true;
}

std::optional<BoundTable> Binder::bind_graph_match(const Operator& op, const GraphMatchOp& match,
                                                   const BoundGraph& graph, const EnvPtr& env) {
  MatchPlan made;
  made.shortest = match.shortest;
  Span span = op.span;
  const std::string cycles = property_word(match.properties, "cycles", &span);
  const std::string output = property_word(match.properties, "output", &span);
  if (match.shortest) {
    if (!cycles.empty())
      return fail(diagnose(Error::kUnknownParameter, span, op.name, "cycles")), std::nullopt;
    if (!output.empty() && output != "any" && output != "all") {
      Diagnostic wrong = diagnose(Error::kBadValue, span, output, "an output of graph-shortest-paths");
      wrong.hint = "any or all";
      return fail(std::move(wrong)), std::nullopt;
    }
    made.all = output == "all";
    made.cycles = "none";
  } else {
    if (!output.empty())
      return fail(diagnose(Error::kUnknownParameter, span, op.name, "output")), std::nullopt;
    if (!cycles.empty() && cycles != "all" && cycles != "none" && cycles != "unique_edges") {
      Diagnostic wrong = diagnose(Error::kBadValue, span, cycles, "a way to take cycles");
      wrong.hint = "unique_edges, none or all";
      return fail(std::move(wrong)), std::nullopt;
    }
    made.cycles = cycles.empty() ? "unique_edges" : cycles;
  }
  if (!bind_pattern(op, match, graph, env, made)) return std::nullopt;
  made.node_filters.resize(made.scope.elements.size());
  made.edge_filters.resize(made.scope.elements.size());
  if (match.predicate && !bind_match_where(*match.predicate, env, made)) return std::nullopt;
  BoundTable row;
  std::vector<plan::ColumnDef> none{new_column("none", Type::kLong)};
  row.rel = make_rel(none, plan::Values{});
  auto bound = bind_project(match.columns, row, env, &made.scope);
  if (!bound) return std::nullopt;
  const auto items = std::get<plan::Project>(bound->rel->node).items;
  for (const auto& item : items) {
    for (int id : columns_of(*item.value)) made.used.insert(id);
  }
  for (const auto& rest : made.rest) {
    for (int id : columns_of(*rest)) made.used.insert(id);
  }
  const BoundGraph fed = made.scope.degrees ? with_degrees(graph) : graph;
  BoundTable input;
  input.rel = made.searched() ? search_rel(fed, made) : joined_rel(fed, made);
  input.open = graph.nodes.table.open || graph.edges.table.open;
  for (const auto& rest : made.rest) input.rel = make_rel(input.rel->columns, plan::Filter{input.rel, rest});
  return project(input, items);
}

}  // namespace huntbook::kql
