// Graphs in memory, for the procedures that search them.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.h"
#include "kql/procedures/procedure.h"

namespace huntbook::kql {

constexpr uint32_t kNoNode = UINT32_MAX;

/// Nodes and edges are numbered by their rows. An edge whose ends are no nodes stands in no list.
struct Graph {
  size_t nodes = 0;
  std::vector<uint32_t> source, target;  ///< by edge
  std::vector<uint32_t> out_begin, out_edges, in_begin, in_edges;

  std::span<const uint32_t> out(uint32_t node) const {
    return {out_edges.data() + out_begin[node], out_begin[node + 1] - out_begin[node]};
  }
  std::span<const uint32_t> in(uint32_t node) const {
    return {in_edges.data() + in_begin[node], in_begin[node + 1] - in_begin[node]};
  }
};

/// From ends as numbers of nodes.
Graph make_graph(size_t nodes, std::vector<uint32_t> source, std::vector<uint32_t> target);

/// The rows of a table by their number.
class Rows {
 public:
  explicit Rows(const Table& table);
  size_t size() const { return batch_.size(); }
  const Column& column(size_t place, size_t row, size_t& at) const;
  Cell cell(size_t place, size_t row) const;
  /// A bool column as bytes; null is false.
  std::vector<uint8_t> flags(size_t place) const;

 private:
  const Table& table_;
  std::vector<uint32_t> batch_;
  std::vector<size_t> begin_;
};

/// The first column of `nodes` is the key; the first two of `edges` are the keys of their ends.
Result<Graph> read_graph(const Rows& nodes, const Rows& edges);

/// What is told when a search would find more than fits into memory.
Diagnostic too_many_matches();

size_t size_at(const Json& json, std::string_view name);

}  // namespace huntbook::kql
