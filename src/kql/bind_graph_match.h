// A pattern while it is bound. Private to the binder.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "kql/bind_graph.h"

namespace huntbook::kql {

/// An edge or a path of the pattern: places in GraphScope::elements.
struct MatchEdge {
  size_t element = 0;
  size_t from = 0, to = 0;
  GraphPattern::Direction direction = GraphPattern::Direction::kRight;
  int64_t low = 1, high = 1;
};

struct MatchPlan {
  GraphScope scope;
  std::vector<MatchEdge> edges;
  std::string cycles;                                     ///< unique_edges, none, all
  bool shortest = false;                                  ///< graph-shortest-paths
  bool all = false;                                       ///< with output=all
  bool paths = false;                                     ///< there is a path
  bool returns = false;                                   ///< a sequence comes back to one of its nodes
  std::vector<plan::ExprPtr> node_filters, edge_filters;  ///< by element; of a path: inner nodes, each edge
  std::vector<GraphScope::Need> musts;                    ///< any() that a shortest path must meet
  std::vector<plan::ExprPtr> rest;                        ///< conditions on what was found
  std::set<int> used;                                     ///< columns that project and `rest` read

  bool searched() const { return paths || shortest; }
};

std::set<int> columns_of(const plan::Expr& expr);

}  // namespace huntbook::kql
