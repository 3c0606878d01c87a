// Shortest paths: in breadth where that can be, else by searching for matches of ever more edges.
#include <algorithm>
#include <set>

#include "kql/procedures/graph_match.h"
#include "kql/procedures/graph_walks.h"

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

size_t count(const std::vector<uint8_t>& flags, size_t all) {
  return flags.empty() ? all : static_cast<size_t>(std::count(flags.begin(), flags.end(), 1));
}

// Matches of `length` edges, of one more ..., each pair of ends until it is found.
Status deepen(Matcher& matcher, Pattern pattern, size_t length, const CancelToken* cancel) {
  const size_t first = pattern.edges.front().from, last = pattern.edges.back().to;
  const size_t nodes = matcher.graph().nodes;
  size_t low = 0, high = 0;
  for (const auto& edge : pattern.edges) low += edge.low, high += edge.high;
  const size_t starts = count(pattern.nodes[first].allowed, nodes);
  auto& ends = pattern.nodes[last].allowed;
  const size_t pairs = starts * count(ends, nodes);
  std::set<std::pair<uint32_t, uint32_t>> found;
  // No node comes twice: no path is longer than there are nodes.
  for (length = std::max(length, low); length <= std::min(high, nodes) && found.size() < pairs; ++length) {
    std::set<std::pair<uint32_t, uint32_t>> fresh;
    const Status status =
        search(matcher.graph(), pattern, length, cancel, [&](const Match& match) -> Result<bool> {
          const std::pair at{match.nodes[first], match.nodes[last]};
          if (found.contains(at) || (!matcher.all_shortest() && fresh.contains(at))) return true;
          auto holds = matcher.holds(match);
          if (!holds.ok()) return holds.error();
          if (!*holds) return true;
          fresh.insert(at);
          if (auto given = matcher.give(match); !given.ok()) return given.error();
          return true;
        });
    if (!status.ok()) return status;
    if (starts == 1 && !fresh.empty()) {  // ends that were found need no more search
      if (ends.empty()) ends.assign(nodes, 1);
      for (const auto& pair : fresh) ends[pair.second] = 0;
    }
    found.merge(fresh);
  }
  return {};
}

// The pattern between these two nodes only; without an end, from the start.
Pattern narrowed(const Pattern& pattern, size_t nodes, uint32_t start, std::optional<uint32_t> end) {
  Pattern made = pattern;
  const auto only = [&](size_t place, uint32_t node) {
    made.nodes[place].allowed.assign(nodes, 0);
    made.nodes[place].allowed[node] = 1;
  };
  only(pattern.edges.front().from, start);
  if (end) only(pattern.edges.back().to, *end);
  return made;
}

// Starts one by one while they are few: then ends that were found drop out of the search.
Status deepen_all(Matcher& matcher, const CancelToken* cancel) {
  constexpr size_t kFewStarts = 1000;
  const Pattern& pattern = matcher.pattern();
  const auto& starts = pattern.nodes[pattern.edges.front().from].allowed;
  const size_t nodes = matcher.graph().nodes;
  if (count(starts, nodes) > kFewStarts) return deepen(matcher, pattern, 0, cancel);
  for (uint32_t start = 0; start < nodes; ++start) {
    if (!fits(starts, start)) continue;
    if (auto status = deepen(matcher, narrowed(pattern, nodes, start, std::nullopt), 0, cancel); !status.ok())
      return status;
  }
  return {};
}

Result<Table> graph_shortest_paths(const ProcedureCall& call) {
  auto matcher = Matcher::open(call);
  if (!matcher.ok()) return matcher.error();
  Matcher& found = **matcher;
  const auto& edges = found.pattern().edges;
  const bool plain =
      edges.size() == 1 && edges[0].low <= 1 && !found.has_condition() && found.musts().empty();
  Status status;
  if (!plain && found.impossible()) return found.finish();
  if (plain) {
    status = Breadth(found, call.cancel).run();
  } else if (may_walk(found)) {
    status = shortest_walks(found, call.cancel, [&](uint32_t start, uint32_t end, size_t length) {
      return deepen(found, narrowed(found.pattern(), found.graph().nodes, start, end), length, call.cancel);
    });
  } else {
    status = deepen_all(found, call.cancel);
  }
  if (!status.ok()) return status.error();
  return found.finish();
}

constexpr ProcedureEntry kEntries[] = {{"graph_shortest_paths", graph_shortest_paths}};

}  // namespace

std::span<const ProcedureEntry> graph_shortest_procedures() { return kEntries; }

}  // namespace huntbook::kql
