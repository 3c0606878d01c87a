// Graphs while they are bound: two relations that belong together. Private to the binder.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kql/bind.h"

namespace huntbook::kql {

/// One row a node; the table's visible columns are the properties, its relation has the others too.
struct GraphNodes {
  BoundTable table;
  plan::ColumnDef key;                    ///< a string that no other node has
  plan::ColumnDef id;                     ///< the id as the query gave it
  plan::ColumnDef in_degree, out_degree;  ///< id 0 until they are asked for
  plan::ColumnDef part;                   ///< the part of a partitioned graph, else id 0
};

/// One row an edge.
struct GraphEdges {
  BoundTable table;
  plan::ColumnDef number;
  plan::ColumnDef source, target;  ///< keys of nodes
};

struct BoundGraph {
  GraphNodes nodes;
  GraphEdges edges;
};

/// A named or unnamed part of a pattern: a node, an edge, or a path of edges with the nodes between them.
struct GraphElement {
  enum class Kind : uint8_t { kNode, kEdge, kPath };
  Kind kind = Kind::kNode;
  std::string name;  ///< empty when it has none
  Span span;
  GraphNodes nodes;  ///< of a node, or of the nodes inside a path: columns only
  GraphEdges edges;  ///< of an edge, or of each edge of a path: columns only
};

/// The elements that an expression may name, and what it asks of paths.
struct GraphScope {
  enum class Fold : uint8_t { kAll, kAny, kMap };
  /// A value over the edges of a path (or the nodes inside it): all(), any() or map().
  struct Need {
    size_t element = 0;
    Fold fold = Fold::kMap;
    bool inner = false;
    plan::ExprPtr value;
    plan::ColumnDef column;
  };
  std::vector<GraphElement> elements;
  std::vector<Need> needs;
  bool degrees = false;                      ///< node_degree_in() or node_degree_out() was called
  const GraphNodes* inside_nodes = nullptr;  ///< within all(inner_nodes(e), ...): what node_id() means
  bool inside = false;                       ///< within all(), any() or map()
  bool each = false;                         ///< `e.x` of a path means each edge's x, not the list of them
  std::vector<size_t> each_used;             ///< the paths that were named so

  std::optional<size_t> find(std::string_view name) const {
    for (size_t i = 0; i < elements.size(); ++i) {
      if (!name.empty() && elements[i].name == name) return i;
    }
    return std::nullopt;
  }
};

bool is_graph_operator(const Operator& op);

}  // namespace huntbook::kql
