// What graph-match and graph-shortest-paths share: reading what the binder wrote, and writing what was found.
#pragma once
#include "kql/procedures/graph_search.h"

namespace huntbook::kql {

/// Where a column of the answer comes from.
struct MatchOutput {
  enum class Kind : uint8_t { kNone, kNode, kEdge, kMap, kAll, kAny } kind = Kind::kNone;
  size_t element = 0;  ///< of Match::nodes or Match::edges
  size_t column = 0;   ///< of the input
  bool inner = false;  ///< over the nodes within a path, not over its edges
};

/// An any() that must hold: one of the path's edges (or nodes within it) has its flag.
struct MatchMust {
  size_t edge = 0;
  bool inner = false;
  std::vector<uint8_t> flags;
};

class Matcher {
 public:
  /// Reads the graph and the pattern.
  static Result<std::unique_ptr<Matcher>> open(const ProcedureCall& call);

  const Graph& graph() const { return graph_; }
  const Pattern& pattern() const { return pattern_; }
  bool all_shortest() const { return all_; }
  bool impossible() const { return impossible_; }
  bool has_condition() const { return call_.rows != nullptr; }

  const std::vector<MatchMust>& musts() const { return musts_; }

  /// Whether the any()s and the row's expression hold for what was found; true without any.
  Result<bool> holds(const Match& match);
  /// Writes a row.
  Status give(const Match& match);
  Table finish() { return make_table(call_.output, std::move(builders_)); }

 private:
  Matcher(const ProcedureCall& call) : call_(call), nodes_(call.inputs[0]), edges_(call.inputs[1]) {}
  Cell value(const MatchOutput& output, const Match& match) const;

  const ProcedureCall& call_;
  Rows nodes_, edges_;
  Graph graph_;
  Pattern pattern_;
  bool all_ = false;
  bool impossible_ = false;
  std::vector<MatchOutput> outputs_;
  std::vector<size_t> given_;
  std::vector<MatchMust> musts_;
  std::vector<ColumnBuilder> builders_;
  std::vector<Cell> in_, out_;
  size_t bytes_ = 0;
};

}  // namespace huntbook::kql
