// A search in depth, without recursion: step after step a pattern's edge is laid into the graph, from a node
// that is already placed.
#include "kql/procedures/graph_search.h"

#include <algorithm>

namespace huntbook::kql {
namespace {

using Direction = PatternEdge::Direction;

bool fits(const std::vector<uint8_t>& flags, uint32_t place) { return flags.empty() || flags[place]; }

constexpr size_t kTurns = 4096;           // between two questions whether to stop
constexpr size_t kMaxDepth = 16'000'000;  // edges above one another; only cycles=all can come so far

struct Step {
  size_t edge = 0;
  bool turned = false;  ///< from `to` back to `from`
  size_t start = 0, end = 0;
  bool closes = false;  ///< the end is placed before
  Direction direction = Direction::kOut;
  std::vector<uint32_t> distance;  ///< to where the step may end; empty: not known
  size_t rest = 0;                 ///< the fewest edges of the steps after it
};

class Searcher {
 public:
  Searcher(const Graph& graph, const Pattern& pattern, std::optional<size_t> length,
           const CancelToken* cancel, const OnMatch& found)
      : graph_(graph), pattern_(pattern), length_(length), cancel_(cancel), found_(found) {}

  Status run() {
    order();
    if (pattern_.cycles == Cycles::kUniqueEdges) edge_used_.assign(graph_.source.size(), 0);
    if (pattern_.cycles == Cycles::kNone) node_used_.assign(graph_.nodes, 0);
    placed_.assign(pattern_.nodes.size(), kNoNode);
    paths_.resize(steps_.size());
    match_.nodes.resize(pattern_.nodes.size());
    match_.edges.resize(pattern_.edges.size());
    match_.inner.resize(pattern_.edges.size());
    for (uint32_t node = 0; node < graph_.nodes && !ended_; ++node) {
      if (!fits(pattern_.nodes[first_].allowed, node)) continue;
      placed_[first_] = node;
      if (!node_used_.empty()) node_used_[node] = 1;
      if (steps_.empty()) {
        if (auto status = give(); !status.ok()) return status;
      } else {
        frames_.push_back({0, node});
        if (auto status = walk(); !status.ok()) return status;
      }
      if (!node_used_.empty()) node_used_[node] = 0;
    }
    return {};
  }

 private:
  struct Frame {
    uint32_t step = 0;
    uint32_t node = 0;
    uint32_t length = 0;
    uint32_t cursor = 0;
    bool turned_list = false;  ///< the second list of an edge that goes both ways
    bool asked = false;        ///< whether the step may end here
    bool holds_end = false;    ///< it does, and the steps after it are being tried
    bool placed_end = false;   ///< and its end was placed by it
    bool marks_node = false;
    bool closed = false;  ///< reached the placed end: goes no further
  };
  struct Path {
    std::vector<uint32_t> edges, nodes;  ///< in the order of the walk; nodes without the start
  };

  static size_t count(const std::vector<uint8_t>& flags, size_t all) {
    return flags.empty() ? all : static_cast<size_t>(std::count(flags.begin(), flags.end(), 1));
  }

  // Begins where fewest nodes are allowed; then edges between placed nodes, then those to the fewest.
  void order() {
    std::vector<size_t> counts;
    for (const auto& node : pattern_.nodes) counts.push_back(count(node.allowed, graph_.nodes));
    for (size_t i = 1; i < counts.size(); ++i) {
      if (counts[i] < counts[first_]) first_ = i;
    }
    std::vector<bool> placed(pattern_.nodes.size(), false), done(pattern_.edges.size(), false);
    placed[first_] = true;
    for (size_t n = 0; n < pattern_.edges.size(); ++n) {
      size_t best = SIZE_MAX, best_count = SIZE_MAX;
      for (size_t i = 0; i < pattern_.edges.size(); ++i) {
        const PatternEdge& edge = pattern_.edges[i];
        if (done[i] || (!placed[edge.from] && !placed[edge.to])) continue;
        const size_t reached = placed[edge.from] && placed[edge.to] ? 0
                               : placed[edge.from]                  ? counts[edge.to] + 1
                                                                    : counts[edge.from] + 1;
        if (best == SIZE_MAX || reached < best_count) best = i, best_count = reached;
      }
      if (best == SIZE_MAX) break;  // not connected: the binder refuses that
      const PatternEdge& edge = pattern_.edges[best];
      Step step;
      step.edge = best;
      step.turned = !placed[edge.from];
      step.start = step.turned ? edge.to : edge.from;
      step.end = step.turned ? edge.from : edge.to;
      step.closes = placed[step.end];
      step.direction = step.turned ? turn(edge.direction) : edge.direction;
      const auto& allowed = pattern_.nodes[step.end].allowed;
      if (!step.closes && edge.high > 1 && !allowed.empty())
        step.distance = distances(graph_, edge, step.turned, allowed);
      placed[step.end] = done[best] = true;
      steps_.push_back(std::move(step));
    }
    for (size_t i = steps_.size(); i-- > 1;)
      steps_[i - 1].rest = steps_[i].rest + pattern_.edges[steps_[i].edge].low;
  }

  Status walk() {
    while (!frames_.empty() && !ended_) {
      if (++turns_ >= kTurns) {
        turns_ = 0;
        if (cancel_ && cancel_->cancelled()) return interrupted();
      }
      if (frames_.size() > kMaxDepth) return too_many_matches();
      Frame& frame = frames_.back();
      if (frame.holds_end) {
        if (frame.placed_end) placed_[steps_[frame.step].end] = kNoNode;
        frame.holds_end = frame.placed_end = false;
      } else if (!frame.asked) {
        frame.asked = true;
        if (end_here(frame)) {
          frame.holds_end = true;
          if (frame.step + 1u == steps_.size()) {
            if (auto status = give(); !status.ok()) return status;
          } else {
            const uint32_t next = frame.step + 1;
            frames_.push_back({next, placed_[steps_[next].start]});
          }
          continue;
        }
      }
      if (!extend(frame)) leave();
    }
    frames_.clear();
    return {};
  }

  bool end_here(Frame& frame) {
    const Step& step = steps_[frame.step];
    if (frame.length < pattern_.edges[step.edge].low) return false;
    if (length_ && frame.step + 1u == steps_.size() && total_ != *length_) return false;
    uint32_t& end = placed_[step.end];
    if (end != kNoNode) return end == frame.node;
    if (!fits(pattern_.nodes[step.end].allowed, frame.node)) return false;
    end = frame.node;
    frame.placed_end = true;
    return true;
  }

  // One edge further, if there is another to try.
  bool extend(Frame& frame) {
    const Step& step = steps_[frame.step];
    const PatternEdge& edge = pattern_.edges[step.edge];
    if (frame.length >= edge.high || frame.closed) return false;
    if (frame.length > 0 && !fits(edge.inner, frame.node)) return false;
    if (length_ && total_ + 1 + step.rest > *length_) return false;
    while (true) {
      const bool out =
          step.direction == Direction::kOut || (step.direction == Direction::kAny && !frame.turned_list);
      const auto list = out ? graph_.out(frame.node) : graph_.in(frame.node);
      if (frame.cursor >= list.size()) {
        if (step.direction != Direction::kAny || frame.turned_list) return false;
        frame.turned_list = true;
        frame.cursor = 0;
        continue;
      }
      ++turns_;
      const uint32_t taken = list[frame.cursor++];
      const uint32_t node = out ? graph_.target[taken] : graph_.source[taken];
      if (frame.turned_list && node == frame.node) continue;  // from a node to itself: seen already
      if (!fits(edge.edges, taken)) continue;
      if (!edge_used_.empty() && edge_used_[taken]) continue;
      if (!step.distance.empty()) {
        const size_t whole = frame.length + 1 + size_t{step.distance[node]};
        if (whole > edge.high || (length_ && total_ + 1 + step.distance[node] + step.rest > *length_))
          continue;
      }
      Frame next{frame.step, node, frame.length + 1};
      if (!node_used_.empty()) {
        if (!node_used_[node]) {
          next.marks_node = true;
        } else if (step.closes && placed_[step.end] == node && step.start != step.end) {
          next.closed = true;
        } else {
          continue;
        }
      }
      if (next.marks_node) node_used_[node] = 1;
      if (!edge_used_.empty()) edge_used_[taken] = 1;
      paths_[frame.step].edges.push_back(taken);
      paths_[frame.step].nodes.push_back(node);
      ++total_;
      frames_.push_back(next);
      return true;
    }
  }

  void leave() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.length == 0) return;
    Path& path = paths_[frame.step];
    if (!edge_used_.empty()) edge_used_[path.edges.back()] = 0;
    if (frame.marks_node) node_used_[frame.node] = 0;
    path.edges.pop_back();
    path.nodes.pop_back();
    --total_;
  }

  Status give() {
    match_.nodes = placed_;
    for (size_t i = 0; i < steps_.size(); ++i) {
      auto& edges = match_.edges[steps_[i].edge];
      auto& inner = match_.inner[steps_[i].edge];
      edges = paths_[i].edges;
      inner = paths_[i].nodes;
      if (!inner.empty()) inner.pop_back();
      if (!steps_[i].turned) continue;
      std::reverse(edges.begin(), edges.end());
      std::reverse(inner.begin(), inner.end());
    }
    auto more = found_(match_);
    if (!more.ok()) return more.error();
    ended_ = !*more;
    return {};
  }

  const Graph& graph_;
  const Pattern& pattern_;
  std::optional<size_t> length_;
  const CancelToken* cancel_;
  const OnMatch& found_;
  size_t first_ = 0;
  std::vector<Step> steps_;
  std::vector<Frame> frames_;
  std::vector<Path> paths_;       ///< by step
  std::vector<uint32_t> placed_;  ///< by node of the pattern
  std::vector<uint8_t> edge_used_, node_used_;
  size_t total_ = 0;
  size_t turns_ = 0;
  bool ended_ = false;
  Match match_;
};

}  // namespace

PatternEdge::Direction turn(PatternEdge::Direction direction) {
  return direction == Direction::kOut  ? Direction::kIn
         : direction == Direction::kIn ? Direction::kOut
                                       : Direction::kAny;
}

std::vector<uint32_t> distances(const Graph& graph, const PatternEdge& edge, bool turned,
                                const std::vector<uint8_t>& ends) {
  std::vector<uint32_t> made(graph.nodes, kNoNode);
  std::vector<uint32_t> level, next;
  for (uint32_t node = 0; node < graph.nodes; ++node) {
    if (!fits(ends, node)) continue;
    made[node] = 0;
    level.push_back(node);
  }
  // Backwards from the ends.
  const Direction direction = turned ? edge.direction : turn(edge.direction);
  for (uint32_t steps = 1; !level.empty() && steps <= edge.high; ++steps) {
    next.clear();
    for (uint32_t node : level) {
      if (made[node] > 0 && !fits(edge.inner, node)) continue;
      const auto visit = [&](uint32_t taken, uint32_t other) {
        if (!fits(edge.edges, taken) || made[other] != kNoNode) return;
        made[other] = steps;
        next.push_back(other);
      };
      if (direction != Direction::kIn)
        for (uint32_t taken : graph.out(node)) visit(taken, graph.target[taken]);
      if (direction != Direction::kOut)
        for (uint32_t taken : graph.in(node)) visit(taken, graph.source[taken]);
    }
    std::swap(level, next);
  }
  return made;
}

Status search(const Graph& graph, const Pattern& pattern, std::optional<size_t> length,
              const CancelToken* cancel, const OnMatch& found) {
  return Searcher(graph, pattern, length, cancel, found).run();
}

}  // namespace huntbook::kql
