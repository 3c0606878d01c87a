// Shortest paths: in breadth where the pattern is one path that conditions can prune, else by searching for
// matches of ever more edges.
#include <algorithm>
#include <set>

#include "kql/procedures/graph_match.h"

namespace huntbook::kql {
namespace {

using Direction = PatternEdge::Direction;

bool fits(const std::vector<uint8_t>& flags, uint32_t place) { return flags.empty() || flags[place]; }

// One path of at least 0 or 1 edges: level after level from each start.
class Breadth {
 public:
  Breadth(Matcher& matcher, const CancelToken* cancel)
      : matcher_(matcher),
        graph_(matcher.graph()),
        edge_(matcher.pattern().edges[0]),
        cancel_(cancel),
        level_(graph_.nodes, kNoNode),
        before_(graph_.nodes) {}

  Status run() {
    const auto& starts = matcher_.pattern().nodes[edge_.from].allowed;
    const auto& ends = matcher_.pattern().nodes[edge_.to].allowed;
    const std::vector<uint32_t> distance =
        ends.empty() ? std::vector<uint32_t>() : distances(graph_, edge_, false, ends);
    for (uint32_t start = 0; start < graph_.nodes; ++start) {
      if (!fits(starts, start)) continue;
      if (!distance.empty() && distance[start] == kNoNode) continue;
      if (edge_.from == edge_.to) {  // comes back: only the path without edges does not repeat a node
        if (edge_.low == 0) {
          if (auto status = give(start, start); !status.ok()) return status;
        }
        continue;
      }
      if (auto status = from(start, ends, distance); !status.ok()) return status;
    }
    return {};
  }

 private:
  Status from(uint32_t start, const std::vector<uint8_t>& ends, const std::vector<uint32_t>& distance) {
    std::vector<uint32_t> level{start}, next, reached{start};
    level_[start] = 0;
    Status status;
    if (edge_.low == 0 && fits(ends, start)) status = give(start, start);
    for (uint32_t steps = 1; steps <= edge_.high && !level.empty() && status.ok(); ++steps) {
      next.clear();
      for (uint32_t node : level) {
        if (++turns_ % 1024 == 0 && cancel_ && cancel_->cancelled()) status = interrupted();
        if (steps > 1 && !fits(edge_.inner, node)) continue;
        const auto visit = [&](uint32_t taken, uint32_t other) {
          if (!fits(edge_.edges, taken)) return;
          if (!distance.empty() &&
              (distance[other] == kNoNode || size_t{steps} + distance[other] > edge_.high))
            return;
          if (level_[other] == kNoNode) {
            level_[other] = steps;
            next.push_back(other);
            reached.push_back(other);
          } else if (level_[other] != steps || !matcher_.all_shortest()) {
            return;
          }
          before_[other].push_back({taken, node});
        };
        if (edge_.direction != Direction::kIn)
          for (uint32_t taken : graph_.out(node)) visit(taken, graph_.target[taken]);
        if (edge_.direction != Direction::kOut)
          for (uint32_t taken : graph_.in(node)) visit(taken, graph_.source[taken]);
      }
      for (size_t i = 0; i < next.size() && status.ok(); ++i) {
        if (fits(ends, next[i])) status = give(start, next[i]);
      }
      std::swap(level, next);
    }
    for (uint32_t node : reached) {
      level_[node] = kNoNode;
      before_[node].clear();
    }
    return status;
  }

  // Every way back from the end to the start, without recursion.
  Status give(uint32_t start, uint32_t end) {
    Match match;
    match.nodes.resize(matcher_.pattern().nodes.size());
    match.nodes[edge_.from] = start;
    match.nodes[edge_.to] = end;
    match.edges.resize(1);
    match.inner.resize(1);
    struct Frame {
      uint32_t node;
      size_t cursor = 0;
    };
    std::vector<Frame> frames{{end}};
    std::vector<uint32_t> edges;
    while (!frames.empty()) {
      if (++turns_ % 1024 == 0 && cancel_ && cancel_->cancelled()) return interrupted();
      Frame& frame = frames.back();
      if (frame.node == start) {
        match.edges[0].assign(edges.rbegin(), edges.rend());
        match.inner[0].clear();
        for (size_t i = frames.size() - 1; i-- > 1;) match.inner[0].push_back(frames[i].node);
        if (auto status = matcher_.give(match); !status.ok()) return status;
      } else if (frame.cursor < before_[frame.node].size()) {
        const auto [taken, node] = before_[frame.node][frame.cursor++];
        edges.push_back(taken);
        frames.push_back({node});
        continue;
      }
      frames.pop_back();
      if (!edges.empty()) edges.pop_back();
    }
    return {};
  }

  Matcher& matcher_;
  const Graph& graph_;
  const PatternEdge& edge_;
  const CancelToken* cancel_;
  std::vector<uint32_t> level_;
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> before_;  ///< edges and the nodes they come from
  size_t turns_ = 0;
};

// Matches of one edge, of two ..., each pair of ends until it is found.
Status deepen(Matcher& matcher, const CancelToken* cancel) {
  const Pattern& pattern = matcher.pattern();
  const size_t first = pattern.edges.front().from, last = pattern.edges.back().to;
  size_t low = 0, high = 0;
  for (const auto& edge : pattern.edges) low += edge.low, high += edge.high;
  // No node comes twice: no path is longer than there are nodes.
  high = std::min(high, matcher.graph().nodes);
  std::set<std::pair<uint32_t, uint32_t>> found;
  for (size_t length = low; length <= high; ++length) {
    std::set<std::pair<uint32_t, uint32_t>> fresh;
    const Status status =
        search(matcher.graph(), pattern, length, cancel, [&](const Match& match) -> Result<bool> {
          const std::pair ends{match.nodes[first], match.nodes[last]};
          if (found.contains(ends) || (!matcher.all_shortest() && fresh.contains(ends))) return true;
          auto holds = matcher.holds(match);
          if (!holds.ok()) return holds.error();
          if (!*holds) return true;
          fresh.insert(ends);
          if (auto given = matcher.give(match); !given.ok()) return given.error();
          return true;
        });
    if (!status.ok()) return status;
    found.merge(fresh);
  }
  return {};
}

Result<Table> graph_shortest_paths(const ProcedureCall& call) {
  auto matcher = Matcher::open(call);
  if (!matcher.ok()) return matcher.error();
  Matcher& found = **matcher;
  const auto& edges = found.pattern().edges;
  Status status;
  if (edges.size() == 1 && edges[0].low <= 1 && !found.has_condition())
    status = Breadth(found, call.cancel).run();
  else if (!found.impossible()) status = deepen(found, call.cancel);
  if (!status.ok()) return status.error();
  return found.finish();
}

constexpr ProcedureEntry kEntries[] = {{"graph_shortest_paths", graph_shortest_paths}};

}  // namespace

std::span<const ProcedureEntry> graph_shortest_procedures() { return kEntries; }

}  // namespace huntbook::kql
