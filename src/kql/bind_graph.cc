// Graphs: make-graph and the operators that give a graph or its tables back. A graph is two relations, nodes
// and edges; a node is known by a key, the text of its id (behind the text of its part, when partitioned).
#include "kql/bind_graph.h"

#include <algorithm>

namespace huntbook::kql {
namespace {

void add(std::vector<plan::Item>& items, const plan::ColumnDef& column) {
  items.push_back({column, make_column(column)});
}

plan::RelPtr project_to(const plan::RelPtr& input, std::vector<plan::Item> items) {
  std::vector<plan::ColumnDef> columns;
  for (const auto& item : items) columns.push_back(item.column);
  return make_rel(std::move(columns), plan::Project{input, std::move(items)});
}

}  // namespace

bool is_graph_operator(const Operator& op) {
  return std::holds_alternative<MakeGraphOp>(op.node) || std::holds_alternative<GraphMatchOp>(op.node) ||
         std::holds_alternative<GraphToTableOp>(op.node) ||
         std::holds_alternative<GraphMarkComponentsOp>(op.node) ||
         std::holds_alternative<GraphWhereOp>(op.node);
}

std::optional<BoundTable> Binder::bind_graph_operator(const Operator& op, BoundTable table,
                                                      const EnvPtr& env) {
  if (const auto* make = std::get_if<MakeGraphOp>(&op.node); make && !table.graph)
    return bind_make_graph(op, *make, std::move(table), env);
  if (!is_graph_operator(op) || std::holds_alternative<MakeGraphOp>(op.node)) {
    Diagnostic graph = diagnose(Error::kTableNeeded, op.name_span, "`" + op.name + "`");
    graph.hint = "make a table of the graph with graph-match or graph-to-table";
    return fail(std::move(graph)), std::nullopt;
  }
  if (!table.graph) {
    if (catalog_.open && table.open) return assumed_table("graph");
    Diagnostic none = diagnose(Error::kGraphNeeded, op.name_span, op.name);
    none.hint = "put `make-graph Source --> Target` before it";
    return fail(std::move(none)), std::nullopt;
  }
  const BoundGraph& graph = *table.graph;
  if (const auto* o = std::get_if<GraphMatchOp>(&op.node)) return bind_graph_match(op, *o, graph, env);
  if (const auto* o = std::get_if<GraphToTableOp>(&op.node)) return bind_graph_to_table(*o, graph);
  if (const auto* o = std::get_if<GraphMarkComponentsOp>(&op.node))
    return bind_mark_components(op, *o, graph);
  return bind_graph_where(std::get<GraphWhereOp>(op.node), graph, env);
}

// A pipe that carries a graph. Its relation is empty: whoever takes it for a table gets a diagnostic.
std::optional<BoundTable> Binder::table_of(BoundGraph graph) {
  BoundTable made;
  std::vector<plan::ColumnDef> none{new_column("none", Type::kLong)};
  made.rel = make_rel(none, plan::Values{});
  made.graph = std::make_shared<const BoundGraph>(std::move(graph));
  return made;
}

// The same graph under new column ids.
BoundGraph Binder::reuse(const BoundGraph& graph) {
  BoundGraph made;
  const auto copy = [&](const plan::ColumnDef& column, std::vector<plan::Item>& items) {
    if (!column.id) return column;
    items.push_back({new_column(column.name, column.type), make_column(column)});
    return items.back().column;
  };
  std::vector<plan::Item> items;
  made.nodes.key = copy(graph.nodes.key, items);
  made.nodes.id = copy(graph.nodes.id, items);
  made.nodes.part = copy(graph.nodes.part, items);
  made.nodes.in_degree = copy(graph.nodes.in_degree, items);
  made.nodes.out_degree = copy(graph.nodes.out_degree, items);
  for (const auto& column : graph.nodes.table.columns)
    made.nodes.table.columns.push_back(copy(column, items));
  made.nodes.table.open = graph.nodes.table.open;
  made.nodes.table.rel = project_to(graph.nodes.table.rel, std::move(items));
  items.clear();
  made.edges.number = copy(graph.edges.number, items);
  made.edges.source = copy(graph.edges.source, items);
  made.edges.target = copy(graph.edges.target, items);
  for (const auto& column : graph.edges.table.columns)
    made.edges.table.columns.push_back(copy(column, items));
  made.edges.table.open = graph.edges.table.open;
  made.edges.table.rel = project_to(graph.edges.table.rel, std::move(items));
  return made;
}

std::optional<BoundTable> Binder::bind_make_graph(const Operator& op, const MakeGraphOp& make,
                                                  BoundTable table, const EnvPtr& env) {
  struct Side {
    BoundTable table;
    plan::ExprPtr id, part;
    std::string id_name;  ///< of a table of nodes: its id's column
    Span span;
  };
  const auto bind_id = [&](const Expr& expr, BoundTable& row) -> plan::ExprPtr {
    Scope scope;
    scope.env = env;
    scope.row = &row;
    auto id = bind_expr(expr, scope);
    if (id && id->type == Type::kDynamic && !catalog_.open)
      return fail(diagnose(Error::kDynamicKey, expr.span, "make-graph"));
    return id;
  };
  if (make.node_id && !make.nodes.empty()) {
    Diagnostic both =
        diagnose(Error::kExpected, make.node_id->span, "either with_node_id= or tables of nodes", "both");
    both.hint = "tables of nodes name their ids with `on`";
    return fail(std::move(both)), std::nullopt;
  }
  auto source = bind_id(*make.source, table);
  auto target = bind_id(*make.target, table);
  plan::ExprPtr part = make.partition ? bind_id(*make.partition, table) : nullptr;
  if (!source || !target || (make.partition && !part)) return std::nullopt;
  std::vector<Side> sides;
  for (const auto& [expr, key] : make.nodes) {
    Scope scope;
    scope.env = env;
    auto nodes = bind_source(*expr, scope);
    if (!nodes) return std::nullopt;
    auto id = bind_id(*key, *nodes);
    if (!id) return std::nullopt;
    plan::ExprPtr of_part = make.partition ? bind_id(*make.partition, *nodes) : nullptr;
    if (make.partition && !of_part) return std::nullopt;
    if (of_part && of_part->type != part->type) {
      return fail(diagnose(Error::kNodeTypes, make.partition->span, type_name(part->type),
                           type_name(of_part->type))),
             std::nullopt;
    }
    sides.push_back({std::move(*nodes), id, of_part, implicit_name(*key), key->span});
  }
  // Ids of one type.
  std::vector<plan::ExprPtr> ids{source, target};
  for (const auto& side : sides) ids.push_back(side.id);
  const auto type = common_type(ids);
  if (!type) {
    for (size_t i = 1; i < ids.size(); ++i) {
      if (ids[i]->type == ids[0]->type) continue;
      Diagnostic types = diagnose(Error::kNodeTypes, i == 1 ? make.target->span : sides[i - 2].span,
                                  type_name(ids[0]->type), type_name(ids[i]->type));
      types.hint = "convert one of them, with extend and tostring() or tolong()";
      return fail(std::move(types)), std::nullopt;
    }
  }
  const auto key_of = [&](const plan::ExprPtr& id, const plan::ExprPtr& of_part) -> plan::ExprPtr {
    auto text = convert(id, Type::kString, op.span);
    if (!of_part || !text) return text;
    auto before = convert(of_part, Type::kString, op.span);
    if (!before) return nullptr;
    return make_sql(Type::kString, "(strlen({0}) || ':' || {0} || {1})", {before, text});
  };

  // Edges: the rows, numbered.
  BoundGraph graph;
  graph.edges.number = new_column("", Type::kLong);
  graph.edges.source = new_column("", Type::kString);
  graph.edges.target = new_column("", Type::kString);
  const plan::ColumnDef source_id = new_column("", *type), target_id = new_column("", *type);
  plan::ColumnDef edge_part;
  std::vector<plan::Item> items;
  source = convert(source, *type, make.source->span);
  target = convert(target, *type, make.target->span);
  items.push_back({graph.edges.source, key_of(source, part)});
  items.push_back({graph.edges.target, key_of(target, part)});
  items.push_back({source_id, source});
  items.push_back({target_id, target});
  if (part) {
    edge_part = new_column("", Type::kString);
    items.push_back({edge_part, convert(part, Type::kString, op.span)});
  }
  for (const auto& item : items) {
    if (!item.value) return std::nullopt;
  }
  for (const auto& column : table.columns) {
    graph.edges.table.columns.push_back(new_column(column.name, column.type));
    items.push_back({graph.edges.table.columns.back(), make_column(column)});
  }
  graph.edges.table.open = table.open;
  plan::RelPtr edges = project_to(table.rel, std::move(items));
  std::vector<plan::ColumnDef> numbered = edges->columns;
  numbered.push_back(graph.edges.number);
  edges = make_rel(numbered, plan::Number{edges, {}, graph.edges.number});
  edges = make_rel(numbered, plan::Shared{++last_shared_, edges});
  graph.edges.table.rel = edges;

  // Nodes: the rows of the tables, then the ids of the edges, merged by key.
  std::vector<BoundTable> parts;
  bool open = false;
  const auto begin_part = [&](BoundTable& made, std::vector<plan::Item>& list, plan::ExprPtr key,
                              plan::ExprPtr id, plan::ExprPtr of_part) {
    const auto put = [&](const char* name, plan::ExprPtr value) {
      list.push_back({new_column(name, value->type), std::move(value)});
      made.columns.push_back(list.back().column);
    };
    put("\x01key", std::move(key));
    put("\x01id", std::move(id));
    if (of_part) put("\x01part", std::move(of_part));
  };
  for (auto& side : sides) {
    BoundTable made;
    std::vector<plan::Item> list;
    auto id = convert(side.id, *type, side.span);
    auto of_part = side.part ? convert(side.part, Type::kString, op.span) : nullptr;
    auto key = key_of(id, side.part);
    if (!id || !key || (side.part && !of_part)) return std::nullopt;
    begin_part(made, list, std::move(key), std::move(id), std::move(of_part));
    for (const auto& column : side.table.columns) {
      list.push_back({new_column(column.name, column.type), make_column(column)});
      made.columns.push_back(list.back().column);
    }
    open = open || side.table.open;
    made.rel = project_to(side.table.rel, std::move(list));
    parts.push_back(std::move(made));
  }
  const auto from_edges = [&](const plan::ColumnDef& key, const plan::ColumnDef& id) {
    BoundTable made;
    std::vector<plan::Item> list;
    begin_part(made, list, make_column(key), make_column(id), part ? make_column(edge_part) : nullptr);
    std::set<std::string> named;
    const auto put = [&](const std::string& name, plan::ExprPtr value) {
      if (name.empty() || !value || !named.insert(name).second) return;
      list.push_back({new_column(name, value->type), std::move(value)});
      made.columns.push_back(list.back().column);
    };
    if (make.node_id) put(make.node_id->text, make_column(id));
    for (const auto& side : sides) put(side.id_name, convert(make_column(id), side.id->type, side.span));
    const std::string part_name = make.partition ? implicit_name(*make.partition) : std::string();
    if (part && !sides.empty()) {
      const auto* column = table.find(part_name);
      if (column && column->type == Type::kString) put(part_name, make_column(edge_part));
    }
    made.rel = project_to(edges, std::move(list));
    parts.push_back(std::move(made));
  };
  from_edges(graph.edges.source, source_id);
  from_edges(graph.edges.target, target_id);
  auto all = unite(std::move(parts), false, "", op.span);
  if (!all) return std::nullopt;
  plan::Aggregate merge;
  merge.input = all->rel;
  std::vector<plan::ColumnDef> merged;
  for (const auto& column : all->columns) {
    if (column.name == "\x01key") {
      graph.nodes.key = column;
      merge.keys.push_back(column.id);
      merged.insert(merged.begin(), column);
      continue;
    }
    plan::Item item{new_column(column.name, column.type), nullptr};
    item.value =
        make_sql(column.type, column.type == Type::kString ? "any_value(nullif({0}, ''))" : "any_value({0})",
                 {make_column(column)});
    merge.aggregates.push_back(item);
    merged.push_back(item.column);
    if (column.name == "\x01id") graph.nodes.id = item.column;
    else if (column.name == "\x01part") graph.nodes.part = item.column;
    else graph.nodes.table.columns.push_back(item.column);
  }
  plan::RelPtr nodes = make_rel(merged, std::move(merge));
  graph.nodes.table.rel = make_rel(merged, plan::Shared{++last_shared_, nodes});
  graph.nodes.table.open = open;
  auto made = table_of(std::move(graph));
  if (!make.query) return made;
  return bind_operators(std::move(made), make.query->operators, 0, env);
}

// Adds the numbers of edges that come in and go out.
BoundGraph Binder::with_degrees(BoundGraph graph) {
  if (graph.nodes.in_degree.id) return graph;
  const BoundGraph counted = reuse(graph);
  const auto join = [&](const plan::ColumnDef& end, plan::ColumnDef& degree) {
    plan::ColumnDef key = new_column("", Type::kString), count = new_column("", Type::kLong);
    auto keys = project_to(counted.edges.table.rel, {{key, make_column(end)}});
    auto counts =
        make_rel({key, count}, plan::Aggregate{keys, {key.id}, {{count, make_sql(Type::kLong, "count(*)")}}});
    std::vector<plan::ColumnDef> both = graph.nodes.table.rel->columns;
    std::vector<plan::Item> items;
    for (const auto& column : both) add(items, column);
    both.push_back(count);
    degree = new_column("", Type::kLong);
    items.push_back({degree, make_sql(Type::kLong, "coalesce({0}, 0)", {make_column(count)})});
    auto joined = make_rel(both, plan::Join{plan::JoinKind::kLeftOuter,
                                            graph.nodes.table.rel,
                                            counts,
                                            {{make_column(graph.nodes.key), make_column(key)}}});
    graph.nodes.table.rel = project_to(joined, std::move(items));
  };
  join(counted.edges.target, graph.nodes.in_degree);
  join(counted.edges.source, graph.nodes.out_degree);
  const auto columns = graph.nodes.table.rel->columns;
  graph.nodes.table.rel = make_rel(columns, plan::Shared{++last_shared_, graph.nodes.table.rel});
  return graph;
}

std::optional<BoundTable> Binder::bind_graph_to_table(const GraphToTableOp& to_table,
                                                      const BoundGraph& graph) {
  std::vector<BoundTable> tables;
  for (const auto& part : to_table.parts) {
    const BoundGraph copy = reuse(graph);
    BoundTable made;
    std::vector<plan::Item> items;
    std::set<std::string> taken;
    const auto hash = [&](std::string_view property, const plan::ColumnDef& id) {
      const std::string name = property_word(part.properties, property);
      if (name.empty()) return true;
      auto value = apply("hash", FunctionKind::kScalar, part.span, {make_column(id)});
      if (!value) return false;
      items.push_back({new_column(unique_name(name, taken), Type::kLong), value});
      return true;
    };
    for (const auto& [name, value] : part.properties) {
      const bool fits = part.nodes ? name.text == "with_node_id" : name.text != "with_node_id";
      if (fits) continue;
      return fail(diagnose(Error::kUnknownParameter, name.span,
                           std::string("graph-to-table ") + (part.nodes ? "nodes" : "edges"), name.text)),
             std::nullopt;
    }
    plan::RelPtr rel = part.nodes ? copy.nodes.table.rel : copy.edges.table.rel;
    if (part.nodes) {
      if (!hash("with_node_id", copy.nodes.id)) return std::nullopt;
    } else {
      // An edge's ends are keys; the ids stand with the nodes.
      const auto end = [&](std::string_view property, const plan::ColumnDef& key) {
        if (property_word(part.properties, property).empty()) return true;
        const BoundGraph ends = reuse(graph);
        std::vector<plan::ColumnDef> both = rel->columns;
        both.push_back(ends.nodes.id);
        rel = make_rel(both, plan::Join{plan::JoinKind::kInner,
                                        rel,
                                        ends.nodes.table.rel,
                                        {{make_column(key), make_column(ends.nodes.key)}}});
        return hash(property, ends.nodes.id);
      };
      if (!end("with_source_id", copy.edges.source) || !end("with_target_id", copy.edges.target))
        return std::nullopt;
    }
    const BoundTable& from = part.nodes ? copy.nodes.table : copy.edges.table;
    for (const auto& column : from.columns)
      items.push_back({new_column(unique_name(column.name, taken), column.type), make_column(column)});
    BoundTable input;
    input.rel = rel;
    made = project(input, std::move(items));
    made.open = from.open;
    if (part.name) {
      auto named = std::make_shared<Env>();
      named->name = part.name->text;
      auto shared = std::make_shared<BoundTable>(made);
      shared->rel = make_rel(made.rel->columns, plan::Shared{++last_shared_, made.rel});
      named->table = shared;
      exported_.push_back(named);
      made = reuse(*shared);
    }
    tables.push_back(std::move(made));
  }
  BoundTable first = std::move(tables.front());
  tables.erase(tables.begin());
  also_given_ = std::move(tables);
  return first;
}

std::optional<BoundTable> Binder::bind_mark_components(const Operator& op, const GraphMarkComponentsOp& mark,
                                                       const BoundGraph& graph) {
  const std::string kind = property_word(mark.properties, "kind");
  if (!kind.empty() && kind != "weak" && kind != "strong") {
    Diagnostic wrong = diagnose(Error::kBadValue, op.span, kind, "a kind of component");
    wrong.hint = "weak or strong";
    return fail(std::move(wrong)), std::nullopt;
  }
  std::string name = property_word(mark.properties, "with_component_id");
  if (name.empty()) name = "ComponentId";
  if (graph.nodes.table.find(name))
    return fail(diagnose(Error::kDuplicateColumn, op.span, name)), std::nullopt;
  const BoundGraph copy = reuse(graph);
  plan::Procedure node;
  node.name = "graph_components";
  node.options = kind == "strong" ? "{\"strong\":true}" : "{\"strong\":false}";
  std::vector<plan::Item> items;
  add(items, copy.nodes.key);
  if (copy.nodes.part.id) add(items, copy.nodes.part);
  node.inputs.push_back(project_to(copy.nodes.table.rel, std::move(items)));
  items.clear();
  add(items, copy.edges.source);
  add(items, copy.edges.target);
  node.inputs.push_back(project_to(copy.edges.table.rel, std::move(items)));
  plan::ColumnDef key = new_column("", Type::kString), component = new_column(name, Type::kLong);
  plan::RelPtr marked = make_rel({key, component}, std::move(node));

  BoundGraph made = graph;
  std::vector<plan::ColumnDef> both = graph.nodes.table.rel->columns;
  both.push_back(component);
  plan::RelPtr joined = make_rel(both, plan::Join{plan::JoinKind::kInner,
                                                  graph.nodes.table.rel,
                                                  marked,
                                                  {{make_column(graph.nodes.key), make_column(key)}}});
  made.nodes.table.columns.push_back(component);
  made.nodes.table.rel = make_rel(both, plan::Shared{++last_shared_, joined});
  return table_of(std::move(made));
}

std::optional<BoundTable> Binder::bind_graph_where(const GraphWhereOp& where, const BoundGraph& graph,
                                                   const EnvPtr& env) {
  BoundGraph made = with_degrees(graph);
  GraphScope elements;
  elements.inside = true;
  if (where.nodes) elements.inside_nodes = &made.nodes;
  Scope scope;
  scope.env = env;
  scope.graph = &elements;
  scope.row = where.nodes ? &made.nodes.table : &made.edges.table;
  auto predicate = bind_bool(*where.predicate, scope);
  if (!predicate) return std::nullopt;
  if (!elements.degrees) made = graph;
  const auto share = [&](plan::RelPtr rel) {
    const auto columns = rel->columns;
    return make_rel(columns, plan::Shared{++last_shared_, std::move(rel)});
  };
  if (!where.nodes) {
    made.edges.table.rel =
        share(make_rel(made.edges.table.rel->columns, plan::Filter{made.edges.table.rel, predicate}));
  } else {
    made.nodes.table.rel =
        share(make_rel(made.nodes.table.rel->columns, plan::Filter{made.nodes.table.rel, predicate}));
    plan::RelPtr edges = made.edges.table.rel;
    for (const auto& end : {made.edges.source, made.edges.target}) {
      const BoundGraph kept = reuse(made);
      edges = make_rel(edges->columns, plan::Join{plan::JoinKind::kLeftSemi,
                                                  edges,
                                                  kept.nodes.table.rel,
                                                  {{make_column(end), make_column(kept.nodes.key)}}});
    }
    made.edges.table.rel = share(edges);
  }
  // The numbers of edges are others now.
  made.nodes.in_degree = made.nodes.out_degree = {};
  return table_of(std::move(made));
}

}  // namespace huntbook::kql
