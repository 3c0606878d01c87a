// Finding patterns in a graph.
#pragma once
#include <functional>

#include "kql/procedures/graph.h"

namespace huntbook::kql {

struct PatternNode {
  std::vector<uint8_t> allowed;  ///< by node of the graph; empty: all
};

/// An edge (one long) or a path of the pattern.
struct PatternEdge {
  enum class Direction : uint8_t { kOut, kIn, kAny };
  size_t from = 0, to = 0;
  Direction direction = Direction::kOut;
  size_t low = 1, high = 1;
  std::vector<uint8_t> edges, inner;  ///< what may stand on it and within it; empty: all
};

enum class Cycles : uint8_t { kUniqueEdges, kNone, kAll };

struct Pattern {
  std::vector<PatternNode> nodes;
  std::vector<PatternEdge> edges;  ///< connected
  Cycles cycles = Cycles::kUniqueEdges;
};

/// What was found: a node for each of the pattern's, a list of edges for each of its edges, and the nodes
/// between these.
struct Match {
  std::vector<uint32_t> nodes;
  std::vector<std::vector<uint32_t>> edges, inner;
};

/// False ends the search.
using OnMatch = std::function<Result<bool>(const Match&)>;

/// Gives every match, each once; with `length`, those with so many edges in all.
Status search(const Graph& graph, const Pattern& pattern, std::optional<size_t> length,
              const CancelToken* cancel, const OnMatch& found);

/// For each node the least number of edges from it to an allowed end of the pattern's edge, up to `high`;
/// more when there is no way. `turned`: the way goes against the pattern.
std::vector<uint32_t> distances(const Graph& graph, const PatternEdge& edge, bool turned,
                                const std::vector<uint8_t>& ends);

/// The direction when an edge is gone the other way.
PatternEdge::Direction turn(PatternEdge::Direction direction);

}  // namespace huntbook::kql
