// A search in breadth over states: a node, a place in the pattern, and which of the pattern's any() hold so
// far. A shortest way in states may come to a node twice; one that does not is a shortest path.
#include "kql/procedures/graph_walks.h"

#include <algorithm>
#include <unordered_map>

namespace huntbook::kql {
namespace {

using Direction = PatternEdge::Direction;

constexpr size_t kMaxPlaces = 4096;        // places in a pattern
constexpr size_t kMaxStates = 20'000'000;  // from one start
constexpr size_t kMaxTries = 10'000;       // ways back that are looked at for one pair of ends

bool fits(const std::vector<uint8_t>& flags, uint32_t place) { return flags.empty() || flags[place]; }

// So many edges of a pattern's edge have been laid.
struct Place {
  uint32_t edge = 0, count = 0;
};

class Walks {
 public:
  Walks(Matcher& matcher, const CancelToken* cancel,
        const std::function<Status(uint32_t, uint32_t, size_t)>& unsolved)
      : matcher_(matcher),
        graph_(matcher.graph()),
        pattern_(matcher.pattern()),
        cancel_(cancel),
        unsolved_(unsolved),
        full_((uint32_t{1} << matcher.musts().size()) - 1) {
    for (size_t i = 0; i < pattern_.edges.size(); ++i) {
      first_.push_back(static_cast<uint32_t>(places_.size()));
      longest_ += pattern_.edges[i].high;
      const size_t counts = last_count(i);
      for (uint32_t n = 0; n <= counts; ++n) places_.push_back({static_cast<uint32_t>(i), n});
    }
    longest_ = std::min(longest_, graph_.nodes);
  }

  Status run() {
    const auto& starts = pattern_.nodes[pattern_.edges.front().from].allowed;
    const auto& ends = pattern_.nodes[pattern_.edges.back().to].allowed;
    const size_t all_ends =
        ends.empty() ? graph_.nodes : static_cast<size_t>(std::count(ends.begin(), ends.end(), 1));
    for (uint32_t start = 0; start < graph_.nodes; ++start) {
      if (!fits(starts, start)) continue;
      if (auto status = from(start, all_ends); !status.ok()) return status;
    }
    return {};
  }

 private:
  struct State {
    uint32_t node = 0, place = 0, mask = 0, level = 0;
    std::vector<std::pair<uint32_t, uint32_t>> before;  ///< edges (kNoNode: none) and states
  };

  // Of one single path only the least number matters; the level counts the rest.
  size_t last_count(size_t edge) const {
    return pattern_.edges.size() == 1 ? std::max<size_t>(pattern_.edges[edge].low, 1)
                                      : pattern_.edges[edge].high;
  }

  Status from(uint32_t start, size_t all_ends) {
    states_.clear();
    numbers_.clear();
    solved_.clear();
    std::vector<uint32_t> level, next;
    reach({start, 0, 0, 0, {}}, kNoNode, kNoNode, level);
    for (uint32_t steps = 0; !level.empty(); ++steps) {
      // Ways on without an edge stay on the level, which grows while it is gone through.
      for (size_t i = 0; i < level.size(); ++i) skip(level[i], level);
      ends_.clear();
      for (uint32_t at : level) {
        if (accepts(states_[at]) && !solved_.contains(states_[at].node))
          ends_[states_[at].node].push_back(at);
      }
      for (uint32_t at : level) {  // in the order in which they were reached
        const auto found = ends_.find(states_[at].node);
        if (found == ends_.end()) continue;
        const uint32_t end = found->first;
        solved_[end] = 1;
        if (auto status = give(start, end, found->second); !status.ok()) return status;
        ends_.erase(end);
      }
      if (solved_.size() == all_ends || steps >= longest_) return {};
      if (states_.size() > kMaxStates) return too_many_matches();
      next.clear();
      for (uint32_t at : level) {
        if (++turns_ % 1024 == 0 && cancel_ && cancel_->cancelled()) return interrupted();
        extend(at, next);
      }
      std::swap(level, next);
    }
    return {};
  }

  void reach(const State& state, uint32_t edge, uint32_t before, std::vector<uint32_t>& level) {
    const uint64_t key = (uint64_t{state.node} * places_.size() + state.place) * (full_ + 1) + state.mask;
    const auto [it, fresh] = numbers_.emplace(key, static_cast<uint32_t>(states_.size()));
    if (fresh) {
      states_.push_back(state);
      level.push_back(it->second);
    } else if (states_[it->second].level != state.level) {
      return;
    }
    if (before != kNoNode) states_[it->second].before.emplace_back(edge, before);
  }

  void skip(uint32_t at, std::vector<uint32_t>& level) {
    const State state = {states_[at].node, states_[at].place, states_[at].mask, states_[at].level, {}};
    const Place place = places_[state.place];
    const PatternEdge& edge = pattern_.edges[place.edge];
    if (place.edge + 1 >= pattern_.edges.size() || place.count < edge.low) return;
    if (!fits(pattern_.nodes[edge.to].allowed, state.node)) return;
    reach({state.node, first_[place.edge + 1], state.mask, state.level, {}}, kNoNode, at, level);
  }

  bool accepts(const State& state) const {
    const Place place = places_[state.place];
    const PatternEdge& edge = pattern_.edges[place.edge];
    return place.edge + 1 == pattern_.edges.size() && place.count >= edge.low && state.mask == full_ &&
           fits(pattern_.nodes[edge.to].allowed, state.node);
  }

  void extend(uint32_t at, std::vector<uint32_t>& next) {
    const State state = {states_[at].node, states_[at].place, states_[at].mask, states_[at].level, {}};
    const Place place = places_[state.place];
    const PatternEdge& edge = pattern_.edges[place.edge];
    const bool single = pattern_.edges.size() == 1;
    if (!single && place.count >= edge.high) return;
    uint32_t mask = state.mask;
    if (place.count > 0) {
      if (!fits(edge.inner, state.node)) return;
      mask |= met(place.edge, true, state.node);
    }
    const uint32_t onward =
        first_[place.edge] + static_cast<uint32_t>(std::min<size_t>(place.count + 1, last_count(place.edge)));
    const auto visit = [&](uint32_t taken, uint32_t other) {
      if (other == state.node || !fits(edge.edges, taken)) return;
      reach({other, onward, mask | met(place.edge, false, taken), state.level + 1, {}}, taken, at, next);
    };
    if (edge.direction != Direction::kIn)
      for (uint32_t taken : graph_.out(state.node)) visit(taken, graph_.target[taken]);
    if (edge.direction != Direction::kOut)
      for (uint32_t taken : graph_.in(state.node)) visit(taken, graph_.source[taken]);
  }

  // The any() that an edge, or a node within a path, makes true.
  uint32_t met(uint32_t edge, bool inner, uint32_t place) const {
    uint32_t mask = 0;
    for (size_t i = 0; i < matcher_.musts().size(); ++i) {
      const auto& must = matcher_.musts()[i];
      if (must.edge == edge && must.inner == inner && must.flags[place]) mask |= uint32_t{1} << i;
    }
    return mask;
  }

  // The ways back from the accepted states that come to no node twice.
  Status give(uint32_t start, uint32_t end, const std::vector<uint32_t>& accepted) {
    struct Frame {
      uint32_t state;
      size_t cursor = 0;
    };
    size_t tries = 0;
    bool given = false;
    const size_t length = states_[accepted.front()].level;
    for (uint32_t last : accepted) {
      std::vector<Frame> frames{{last}};
      while (!frames.empty()) {
        Frame& frame = frames.back();
        const State& state = states_[frame.state];
        if (frame.cursor >= state.before.size()) {
          if (state.before.empty()) {
            if (++tries > kMaxTries && !given) return unsolved_(start, end, length);
            if (turns_++ % 1024 == 0 && cancel_ && cancel_->cancelled()) return interrupted();
            std::vector<std::pair<uint32_t, uint32_t>> way;  // edges and the states after them
            for (size_t i = frames.size() - 1; i-- > 0;)
              way.emplace_back(states_[frames[i].state].before[frames[i].cursor - 1].first, frames[i].state);
            auto written = write(start, way);
            if (!written.ok()) return written.error();
            given = given || *written;
            if (given && !matcher_.all_shortest()) return {};
          }
          frames.pop_back();
          continue;
        }
        frames.push_back({state.before[frame.cursor++].second});
      }
    }
    return given ? Status() : unsolved_(start, end, length);
  }

  // Writes the way when it comes to no node twice.
  Result<bool> write(uint32_t start, const std::vector<std::pair<uint32_t, uint32_t>>& way) {
    std::vector<uint32_t> seen{start};
    Match match;
    match.nodes.assign(pattern_.nodes.size(), start);
    match.edges.resize(pattern_.edges.size());
    match.inner.resize(pattern_.edges.size());
    uint32_t node = start;
    size_t step = 0;
    for (const auto& [taken, at] : way) {
      if (taken == kNoNode) {
        match.nodes[pattern_.edges[step].to] = node;
        ++step;
        continue;
      }
      if (!match.edges[step].empty()) match.inner[step].push_back(node);
      node = states_[at].node;
      match.edges[step].push_back(taken);
      seen.push_back(node);
    }
    match.nodes[pattern_.edges.back().to] = node;
    std::sort(seen.begin(), seen.end());
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) return false;
    if (auto status = matcher_.give(match); !status.ok()) return status.error();
    return true;
  }

  Matcher& matcher_;
  const Graph& graph_;
  const Pattern& pattern_;
  const CancelToken* cancel_;
  const std::function<Status(uint32_t, uint32_t, size_t)>& unsolved_;
  const uint32_t full_;
  std::vector<Place> places_;
  std::vector<uint32_t> first_;  ///< the first place of each of the pattern's edges
  size_t longest_ = 0;
  std::vector<State> states_;
  std::unordered_map<uint64_t, uint32_t> numbers_;  ///< of states
  std::unordered_map<uint32_t, uint8_t> solved_;    ///< ends
  std::unordered_map<uint32_t, std::vector<uint32_t>> ends_;
  size_t turns_ = 0;
};

}  // namespace

bool may_walk(const Matcher& matcher) {
  size_t places = 0;
  for (const auto& edge : matcher.pattern().edges) {
    if (edge.high > kMaxPlaces && matcher.pattern().edges.size() > 1) return false;
    places += (matcher.pattern().edges.size() > 1 ? edge.high : edge.low) + 2;
  }
  return !matcher.has_condition() && places <= kMaxPlaces && matcher.musts().size() <= 8;
}

Status shortest_walks(Matcher& matcher, const CancelToken* cancel,
                      const std::function<Status(uint32_t, uint32_t, size_t)>& unsolved) {
  return Walks(matcher, cancel, unsolved).run();
}

}  // namespace huntbook::kql
