// Shortest paths of patterns that are more than one plain path.
#pragma once
#include "kql/procedures/graph_match.h"

namespace huntbook::kql {

/// Whether `shortest_walks` may be asked: the pattern is not too long, and no expression must be evaluated.
bool may_walk(const Matcher& matcher);

/// Gives the shortest matches from each start. Where the shortest ways to an end all come to a node twice,
/// the end is left to `unsolved`, with a length that no match of it is shorter than.
Status shortest_walks(Matcher& matcher, const CancelToken* cancel,
                      const std::function<Status(uint32_t start, uint32_t end, size_t length)>& unsolved);

}  // namespace huntbook::kql
