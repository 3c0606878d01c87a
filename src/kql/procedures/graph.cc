#include "kql/procedures/graph.h"

#include <algorithm>

namespace huntbook::kql {

Graph make_graph(size_t nodes, std::vector<uint32_t> source, std::vector<uint32_t> target) {
  Graph made;
  made.nodes = nodes;
  made.source = std::move(source);
  made.target = std::move(target);
  const auto list = [&](const std::vector<uint32_t>& ends, std::vector<uint32_t>& begin,
                        std::vector<uint32_t>& edges) {
    begin.assign(nodes + 1, 0);
    const auto stands = [&](size_t e) { return made.source[e] != kNoNode && made.target[e] != kNoNode; };
    for (size_t e = 0; e < ends.size(); ++e) {
      if (stands(e)) ++begin[ends[e] + 1];
    }
    for (size_t n = 0; n < nodes; ++n) begin[n + 1] += begin[n];
    edges.resize(begin[nodes]);
    std::vector<uint32_t> at(begin.begin(), begin.end() - 1);
    for (size_t e = 0; e < ends.size(); ++e) {
      if (stands(e)) edges[at[ends[e]]++] = static_cast<uint32_t>(e);
    }
  };
  list(made.source, made.out_begin, made.out_edges);
  list(made.target, made.in_begin, made.in_edges);
  return made;
}

Rows::Rows(const Table& table) : table_(table) {
  for (size_t b = 0; b < table.batches.size(); ++b) {
    begin_.push_back(batch_.size());
    batch_.insert(batch_.end(), table.batches[b]->rows, static_cast<uint32_t>(b));
  }
}

const Column& Rows::column(size_t place, size_t row, size_t& at) const {
  at = row - begin_[batch_[row]];
  return table_.batches[batch_[row]]->columns[place];
}

Cell Rows::cell(size_t place, size_t row) const {
  size_t at = 0;
  const Column& found = column(place, row, at);
  return cell_at(found, at);
}

std::vector<uint8_t> Rows::flags(size_t place) const {
  std::vector<uint8_t> made(size(), 0);
  for (size_t row = 0; row < made.size(); ++row) {
    size_t at = 0;
    const Column& found = column(place, row, at);
    made[row] = !found.is_null(at) && found.bool_at(at);
  }
  return made;
}

Result<Graph> read_graph(const Rows& nodes, const Rows& edges) {
  if (nodes.size() >= kNoNode || edges.size() >= kNoNode) return too_many_matches();
  const auto text = [](const Rows& rows, size_t place, size_t row) {
    size_t at = 0;
    const Column& found = rows.column(place, row, at);
    return std::string_view(found.text_at(at));
  };
  // Sorted and not hashed: keys come from logs, and nobody shall choose them so that they collide.
  std::vector<std::pair<std::string_view, uint32_t>> keys(nodes.size());
  for (uint32_t n = 0; n < keys.size(); ++n) keys[n] = {text(nodes, 0, n), n};
  std::sort(keys.begin(), keys.end());
  const auto ends = [&](size_t place) {
    std::vector<uint32_t> made(edges.size(), kNoNode);
    for (size_t e = 0; e < made.size(); ++e) {
      const std::pair<std::string_view, uint32_t> wanted{text(edges, place, e), 0};
      const auto found = std::lower_bound(keys.begin(), keys.end(), wanted);
      if (found != keys.end() && found->first == wanted.first) made[e] = found->second;
    }
    return made;
  };
  return make_graph(nodes.size(), ends(0), ends(1));
}

Diagnostic too_many_matches() {
  return {"HB-E003", "the graph has more matches than fit into memory",    {},
          "",        "ask for shorter paths, or narrow them with `where`", ""};
}

size_t size_at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found ? static_cast<size_t>(found->as_long()) : 0;
}

}  // namespace huntbook::kql
