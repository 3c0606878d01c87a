// What names and calls mean in the where and project of a pattern: `n.x`, `e.x`, all(), any(), map(),
// node_id(), node_degree_in(), node_degree_out(), labels().
#include <algorithm>

#include "kql/bind_graph.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

// Holds a value and puts the old one back.
template <typename T>
class Held {
 public:
  Held(T& place, T value) : place_(place), old_(place) { place_ = value; }
  ~Held() { place_ = old_; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  T& place_;
  T old_;
};

const std::string* name_of(const Expr& expr) {
  const auto* name = std::get_if<NameRef>(&expr.node);
  return name ? &name->name : nullptr;
}

plan::ExprPtr no_labels() {
  Literal none;
  none.type = Type::kDynamic;
  none.text = "[]";
  return make_constant(std::move(none));
}

}  // namespace

// `element.property`; `known` when the name is one of the pattern's.
plan::ExprPtr Binder::bind_graph_property(const Expr& expr, std::string_view element,
                                          const std::string& property, GraphScope& scope, bool& known) {
  const auto place = scope.find(element);
  if (!place) return nullptr;
  known = true;
  const GraphElement& found = scope.elements[*place];
  const BoundTable& row = found.kind == GraphElement::Kind::kNode ? found.nodes.table : found.edges.table;
  const auto* column = row.find(property);
  if (!column && !row.open) return fail(column_not_found(property, expr.span, &row));
  plan::ExprPtr value = column ? make_column(*column) : assumed_column();
  if (found.kind != GraphElement::Kind::kPath) return value;
  if (scope.each) {
    scope.each_used.push_back(*place);
    return value;
  }
  value = convert(std::move(value), Type::kDynamic, expr.span);
  if (!value) return nullptr;
  GraphScope::Need need{*place, GraphScope::Fold::kMap, false, value, new_column("", Type::kDynamic)};
  scope.needs.push_back(need);
  return make_column(need.column);
}

// all(e, condition), any(inner_nodes(e), condition), map(e, value).
plan::ExprPtr Binder::bind_graph_each(const Expr& expr, const Call& call, const Scope& scope) {
  GraphScope& graph = *scope.graph;
  const std::string& name = call.name.text;
  if (call.args.size() != 2)
    return fail(diagnose(Error::kArgumentCount, expr.span, name, "2 arguments", call.args.size()));
  if (graph.inside) return fail(unsupported("`" + name + "` inside all(), any() or map()", call.name.span));
  const Expr* path = call.args[0].get();
  bool inner = false;
  if (const auto* nodes = std::get_if<Call>(&path->node);
      nodes && nodes->name.text == "inner_nodes" && nodes->args.size() == 1) {
    inner = true;
    path = nodes->args[0].get();
  }
  const std::string* path_name = name_of(*path);
  const auto place = path_name ? graph.find(*path_name) : std::nullopt;
  if (!place || graph.elements[*place].kind != GraphElement::Kind::kPath) {
    Diagnostic wrong = diagnose(Error::kGraphElement, call.args[0]->span, name, "a path of the pattern");
    wrong.hint = "give it e of -[e*1..5]->, or inner_nodes(e)";
    return fail(std::move(wrong));
  }
  const GraphElement element = graph.elements[*place];  // a copy: the scope may grow
  Scope row;
  row.env = scope.env;
  row.row = inner ? &element.nodes.table : &element.edges.table;
  row.graph = &graph;
  Held inside(graph.inside, true);
  Held inside_nodes(graph.inside_nodes, inner ? &element.nodes : nullptr);
  Held each(graph.each, false);
  const bool map = name == "map";
  plan::ExprPtr value = map ? bind_expr(*call.args[1], row) : bind_bool(*call.args[1], row);
  if (!value) return nullptr;
  if (map) value = convert(std::move(value), Type::kDynamic, expr.span);
  if (!value) return nullptr;
  // Only what stands on the edge or the node itself can be had before the search.
  bool foreign = false;
  const GraphNodes& nodes = element.nodes;
  for_each_column(*value, [&](int id) {
    const auto own = [&](const plan::ColumnDef& column) { return column.id == id; };
    const bool hidden = inner && (own(nodes.id) || own(nodes.in_degree) || own(nodes.out_degree));
    foreign = foreign || !(hidden || std::any_of(row.row->columns.begin(), row.row->columns.end(), own));
  });
  if (foreign)
    return fail(unsupported("`" + name + "` that reads other parts of the pattern", call.args[1]->span));
  GraphScope::Need need;
  need.element = *place;
  need.fold = map ? GraphScope::Fold::kMap : name == "all" ? GraphScope::Fold::kAll : GraphScope::Fold::kAny;
  need.inner = inner;
  need.value = std::move(value);
  need.column = new_column("", map ? Type::kDynamic : Type::kBool);
  graph.needs.push_back(need);
  return make_column(need.column);
}

plan::ExprPtr Binder::bind_graph_call(const Expr& expr, const Call& call, const Scope& scope, bool& known) {
  GraphScope& graph = *scope.graph;
  const std::string& name = call.name.text;
  known = true;
  if (name == "all" || name == "any" || name == "map") return bind_graph_each(expr, call, scope);
  if (name == "inner_nodes") {
    Diagnostic alone = diagnose(Error::kGraphElement, expr.span, name, "to stand in all(), any() or map()");
    alone.message = "`inner_nodes` can only be the first argument of all(), any() or map()";
    return fail(std::move(alone));
  }
  const bool labels = name == "labels";
  if (!labels && name != "node_id" && name != "node_degree_in" && name != "node_degree_out") {
    known = false;
    return nullptr;
  }
  if (call.args.size() > 1)
    return fail(diagnose(Error::kArgumentCount, expr.span, name, "0 to 1 arguments", call.args.size()));
  const GraphNodes* nodes = call.args.empty() ? graph.inside_nodes : nullptr;
  if (!call.args.empty()) {
    const std::string* element = name_of(*call.args[0]);
    const auto place = element ? graph.find(*element) : std::nullopt;
    const bool fits = place && (labels || graph.elements[*place].kind == GraphElement::Kind::kNode);
    if (!fits) {
      return fail(diagnose(Error::kGraphElement, call.args[0]->span, name,
                           labels ? "a part of the pattern" : "a node of the pattern"));
    }
    if (labels) return no_labels();
    nodes = &graph.elements[*place].nodes;
  }
  if (labels && graph.inside) return no_labels();
  if (!nodes) {
    Diagnostic none = diagnose(Error::kGraphElement, expr.span, name,
                               labels ? "a part of the pattern" : "a node of the pattern");
    none.hint = "write " + name + "(n), or use it in all(), any() or map() over inner_nodes()";
    return fail(std::move(none));
  }
  if (name == "node_id") return convert(make_column(nodes->id), Type::kString, expr.span);
  graph.degrees = true;
  return make_column(name == "node_degree_in" ? nodes->in_degree : nodes->out_degree);
}

}  // namespace huntbook::kql
