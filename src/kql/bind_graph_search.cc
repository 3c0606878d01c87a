// How a pattern is found: joins of edges and nodes, or a procedure that searches.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kql/bind_graph_match.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

using Kind = GraphElement::Kind;
using Direction = GraphPattern::Direction;

plan::RelPtr project_to(const plan::RelPtr& input, std::vector<plan::Item> items) {
  std::vector<plan::ColumnDef> columns;
  for (const auto& item : items) columns.push_back(item.column);
  return make_rel(std::move(columns), plan::Project{input, std::move(items)});
}

// The element's columns out of a graph's.
void name_nodes(const GraphNodes& from, const GraphNodes& to, std::vector<plan::Item>& items) {
  items.push_back({to.id, make_column(from.id)});
  if (from.in_degree.id) {
    items.push_back({to.in_degree, make_column(from.in_degree)});
    items.push_back({to.out_degree, make_column(from.out_degree)});
  }
  for (size_t i = 0; i < to.table.columns.size(); ++i)
    items.push_back({to.table.columns[i], make_column(from.table.columns[i])});
}

void name_edges(const GraphEdges& from, const GraphEdges& to, std::vector<plan::Item>& items) {
  for (size_t i = 0; i < to.table.columns.size(); ++i)
    items.push_back({to.table.columns[i], make_column(from.table.columns[i])});
}

plan::ExprPtr differ(const plan::ColumnDef& a, const plan::ColumnDef& b) {
  return make_sql(Type::kBool, "({0} <> {1})", {make_column(a), make_column(b)});
}

bool reads(const std::set<int>& used, const GraphNodes& nodes) {
  const auto in = [&](const plan::ColumnDef& column) { return used.contains(column.id); };
  return in(nodes.id) || in(nodes.in_degree) || in(nodes.out_degree) ||
         std::any_of(nodes.table.columns.begin(), nodes.table.columns.end(), in);
}

// The places of a list in JSON.
std::string place_of(std::string_view name, const std::map<size_t, size_t>& places, size_t element) {
  const auto it = places.find(element);
  return it == places.end() ? std::string() : fmt::format(",\"{}\":{}", name, it->second);
}

}  // namespace

plan::RelPtr Binder::joined_rel(const BoundGraph& graph, MatchPlan& made) {
  const auto& elements = made.scope.elements;
  const auto nodes_of = [&](const GraphElement& element) {
    const BoundGraph copy = reuse(graph);
    std::vector<plan::Item> items{{element.nodes.key, make_column(copy.nodes.key)}};
    name_nodes(copy.nodes, element.nodes, items);
    return project_to(copy.nodes.table.rel, std::move(items));
  };
  // Edges from `source` to `target`, as the pattern goes.
  const auto edges_of = [&](const MatchEdge& edge) {
    const GraphElement& element = elements[edge.element];
    const auto one = [&](bool turned) {
      const BoundGraph copy = reuse(graph);
      const auto& from = turned ? copy.edges.target : copy.edges.source;
      const auto& to = turned ? copy.edges.source : copy.edges.target;
      std::vector<plan::Item> items{{element.edges.number, make_column(copy.edges.number)},
                                    {element.edges.source, make_column(from)},
                                    {element.edges.target, make_column(to)}};
      name_edges(copy.edges, element.edges, items);
      return project_to(copy.edges.table.rel, std::move(items));
    };
    if (edge.direction != Direction::kAny) return one(edge.direction == Direction::kLeft);
    // Both ways; an edge from a node to itself has but one.
    plan::Union set;
    plan::RelPtr there = one(false), back = one(true);
    back = make_rel(back->columns, plan::Filter{back, differ(element.edges.source, element.edges.target)});
    set.inputs = {there, back};
    std::vector<plan::ColumnDef> columns;
    std::vector<plan::ExprPtr> sources;
    for (const auto& column : there->columns) {
      columns.push_back(new_column(column.name, column.type));
      sources.push_back(make_column(column));
    }
    set.sources = {sources, sources};
    plan::RelPtr all = make_rel(columns, std::move(set));
    std::vector<plan::Item> items;
    for (size_t i = 0; i < columns.size(); ++i) items.push_back({there->columns[i], make_column(columns[i])});
    return project_to(all, std::move(items));
  };

  std::map<size_t, plan::ColumnDef> bound;  // nodes of the pattern and their keys
  plan::RelPtr rel;
  std::vector<plan::ColumnDef> columns;
  std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> keys;
  plan::ExprPtr condition;
  const auto require = [&](plan::ExprPtr more) {
    condition = condition ? make_sql(Type::kBool, "({0} AND {1})", {condition, more}) : more;
  };
  const auto join = [&](const plan::RelPtr& right) {
    if (!rel) {
      rel = right;
      columns = right->columns;
      return;
    }
    columns.insert(columns.end(), right->columns.begin(), right->columns.end());
    rel = make_rel(columns, plan::Join{plan::JoinKind::kInner, rel, right, std::move(keys)});
    keys.clear();
  };
  std::vector<bool> done(made.edges.size(), false);
  for (size_t count = 0; count < made.edges.size(); ++count) {
    size_t next = 0;
    while (done[next] ||
           (count && !bound.contains(made.edges[next].from) && !bound.contains(made.edges[next].to)))
      ++next;
    done[next] = true;
    const MatchEdge& edge = made.edges[next];
    const GraphElement& element = elements[edge.element];
    const auto meet = [&](size_t node, const plan::ColumnDef& end) {
      if (const auto it = bound.find(node); it != bound.end())
        keys.emplace_back(make_column(it->second), make_column(end));
    };
    meet(edge.from, element.edges.source);
    meet(edge.to, element.edges.target);
    join(edges_of(edge));
    if (edge.from == edge.to && !bound.contains(edge.from))
      require(make_sql(Type::kBool, "({0} = {1})",
                       {make_column(element.edges.source), make_column(element.edges.target)}));
    bound.emplace(edge.from, element.edges.source);
    bound.emplace(edge.to, element.edges.target);
    for (size_t i = 0; i < made.edges.size() && made.cycles == "unique_edges"; ++i) {
      if (done[i] && i != next)
        require(differ(elements[made.edges[i].element].edges.number, element.edges.number));
    }
  }
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].kind != Kind::kNode || (rel && !reads(made.used, elements[i].nodes))) continue;
    if (rel) keys.emplace_back(make_column(bound.at(i)), make_column(elements[i].nodes.key));
    join(nodes_of(elements[i]));
  }
  if (made.cycles == "none") {
    for (auto a = bound.begin(); a != bound.end(); ++a) {
      for (auto b = bound.begin(); b != a; ++b) require(differ(a->second, b->second));
    }
    Literal no;
    no.type = Type::kBool;
    if (made.returns) require(make_constant(no));
  }
  return condition ? make_rel(columns, plan::Filter{rel, condition}) : rel;
}

plan::RelPtr Binder::search_rel(const BoundGraph& graph, MatchPlan& made) {
  const auto& elements = made.scope.elements;
  const BoundGraph copy = reuse(graph);
  std::set<int> asked;  // columns that conditions and values before the search read
  const auto ask = [&](const plan::ExprPtr& value) {
    for (int id : value ? columns_of(*value) : std::set<int>()) asked.insert(id);
  };
  for (const auto& filter : made.node_filters) ask(filter);
  for (const auto& filter : made.edge_filters) ask(filter);
  for (const auto& need : made.scope.needs) ask(need.value);
  for (const auto& must : made.musts) ask(must.value);

  // The graph's columns under the names of each element that asks for them, then the values.
  std::vector<plan::Item> node_names, edge_names;
  for (const auto& column : copy.nodes.table.rel->columns)
    node_names.push_back({column, make_column(column)});
  for (const auto& column : copy.edges.table.rel->columns)
    edge_names.push_back({column, make_column(column)});
  for (const auto& element : elements) {
    if (element.kind != Kind::kEdge && reads(asked, element.nodes))
      name_nodes(copy.nodes, element.nodes, node_names);
    if (element.kind != Kind::kNode) name_edges(copy.edges, element.edges, edge_names);
  }
  std::vector<plan::Item> node_values{{copy.nodes.key, make_column(copy.nodes.key)}};
  std::vector<plan::Item> edge_values{{copy.edges.source, make_column(copy.edges.source)},
                                      {copy.edges.target, make_column(copy.edges.target)}};
  const auto add = [&](std::vector<plan::Item>& values, const plan::ExprPtr& value) {
    values.push_back({new_column("", value->type), value});
    return values.size() - 1;
  };
  std::map<size_t, size_t> node_filters, edge_filters;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (made.node_filters[i]) node_filters[i] = add(node_values, made.node_filters[i]);
    if (made.edge_filters[i]) edge_filters[i] = add(edge_values, made.edge_filters[i]);
  }

  // Of a shortest path only conditions on its two ends may be asked after the search.
  plan::Procedure node;
  if (made.shortest) {
    const GraphElement& first = elements[made.edges.front().from];
    const GraphElement& last = elements[made.edges.back().to];
    plan::ExprPtr inside;
    std::erase_if(made.rest, [&](const plan::ExprPtr& rest) {
      auto read = columns_of(*rest);
      std::erase_if(read, [&](int id) { return reads({id}, first.nodes) || reads({id}, last.nodes); });
      if (read.empty()) return false;
      inside = inside ? make_sql(Type::kBool, "({0} AND {1})", {inside, rest}) : rest;
      return true;
    });
    if (inside) node.row_values.push_back({new_column("", Type::kBool), inside});
  }

  std::string outputs, given;
  std::vector<plan::ColumnDef> columns;
  std::map<int, size_t> copied;
  const auto output = [&](std::string_view kind, size_t element, size_t column, bool inner,
                          const plan::ColumnDef& made_column) {
    outputs += fmt::format("{}{{\"kind\":\"{}\",\"element\":{},\"column\":{},\"inner\":{}}}",
                           outputs.empty() ? "" : ",", kind, element, column, inner);
    if (!node.row_values.empty() && columns_of(*node.row_values[0].value).contains(made_column.id)) {
      given += fmt::format("{}{}", given.empty() ? "" : ",", columns.size());
      node.row_columns.push_back(made_column);
    }
    columns.push_back(made_column);
  };
  const auto property = [&](std::string_view kind, size_t element, const plan::ColumnDef& own,
                            const plan::ColumnDef& from, std::vector<plan::Item>& values) {
    if (!made.used.contains(own.id)) return;
    const auto [it, fresh] = copied.emplace(from.id, 0);
    if (fresh) it->second = add(values, make_column(from));
    output(kind, element, it->second, false, own);
  };
  for (size_t i = 0; i < elements.size(); ++i) {
    const GraphElement& element = elements[i];
    if (element.kind == Kind::kNode) {
      property("node", i, element.nodes.id, copy.nodes.id, node_values);
      if (copy.nodes.in_degree.id) {
        property("node", i, element.nodes.in_degree, copy.nodes.in_degree, node_values);
        property("node", i, element.nodes.out_degree, copy.nodes.out_degree, node_values);
      }
      for (size_t k = 0; k < element.nodes.table.columns.size(); ++k)
        property("node", i, element.nodes.table.columns[k], copy.nodes.table.columns[k], node_values);
    } else if (element.kind == Kind::kEdge) {
      for (size_t k = 0; k < element.edges.table.columns.size(); ++k)
        property("edge", i, element.edges.table.columns[k], copy.edges.table.columns[k], edge_values);
    }
  }
  for (const auto& need : made.scope.needs) {
    if (!made.used.contains(need.column.id)) continue;
    const char* fold = need.fold == GraphScope::Fold::kMap   ? "map"
                       : need.fold == GraphScope::Fold::kAll ? "all"
                                                             : "any";
    output(fold, need.element, add(need.inner ? node_values : edge_values, need.value), need.inner,
           need.column);
  }
  std::string musts;
  for (const auto& must : made.musts) {
    musts += fmt::format("{}{{\"element\":{},\"column\":{},\"inner\":{}}}", musts.empty() ? "" : ",",
                         must.element, add(must.inner ? node_values : edge_values, must.value), must.inner);
  }
  if (columns.empty()) output("none", 0, 0, false, new_column("", Type::kLong));

  std::string nodes_text, edges_text;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].kind != Kind::kNode) continue;
    nodes_text += fmt::format("{}{{\"element\":{}{}}}", nodes_text.empty() ? "" : ",", i,
                              place_of("filter", node_filters, i));
  }
  for (const auto& edge : made.edges) {
    const char* direction = edge.direction == Direction::kRight  ? "out"
                            : edge.direction == Direction::kLeft ? "in"
                                                                 : "any";
    edges_text += fmt::format(
        "{}{{\"element\":{},\"from\":{},\"to\":{},\"direction\":\"{}\",\"low\":{},\"high\":{}{}{}}}",
        edges_text.empty() ? "" : ",", edge.element, edge.from, edge.to, direction, edge.low, edge.high,
        place_of("filter", edge_filters, edge.element), place_of("inner", node_filters, edge.element));
  }
  node.name = made.shortest ? "graph_shortest_paths" : "graph_match";
  node.options = fmt::format(
      "{{\"cycles\":\"{}\",\"all\":{},\"returns\":{},\"nodes\":[{}],\"edges\":[{}],\"outputs\":[{}],"
      "\"given\":[{}],\"musts\":[{}]}}",
      made.cycles, made.all, made.returns, nodes_text, edges_text, outputs, given, musts);
  node.inputs.push_back(project_to(project_to(copy.nodes.table.rel, std::move(node_names)), node_values));
  node.inputs.push_back(project_to(project_to(copy.edges.table.rel, std::move(edge_names)), edge_values));
  return make_rel(columns, std::move(node));
}

}  // namespace huntbook::kql
