// Connected components, numbered in the order of their first nodes, anew in each part of a graph.
#include <algorithm>
#include <map>

#include "kql/procedures/graph_match.h"

namespace huntbook::kql {
namespace {

std::vector<uint32_t> weak(const Graph& graph) {
  std::vector<uint32_t> made(graph.nodes, kNoNode), todo;
  for (uint32_t root = 0; root < graph.nodes; ++root) {
    if (made[root] != kNoNode) continue;
    made[root] = root;
    todo.push_back(root);
    while (!todo.empty()) {
      const uint32_t node = todo.back();
      todo.pop_back();
      const auto visit = [&](uint32_t other) {
        if (made[other] != kNoNode) return;
        made[other] = root;
        todo.push_back(other);
      };
      for (uint32_t edge : graph.out(node)) visit(graph.target[edge]);
      for (uint32_t edge : graph.in(node)) visit(graph.source[edge]);
    }
  }
  return made;
}

// Tarjan's algorithm, without recursion.
std::vector<uint32_t> strong(const Graph& graph) {
  struct Frame {
    uint32_t node;
    uint32_t cursor = 0;
  };
  std::vector<uint32_t> made(graph.nodes, kNoNode), index(graph.nodes, kNoNode), lowest(graph.nodes), stack;
  std::vector<Frame> frames;
  uint32_t next = 0;
  for (uint32_t root = 0; root < graph.nodes; ++root) {
    if (index[root] != kNoNode) continue;
    frames.push_back({root});
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const uint32_t node = frame.node;
      if (index[node] == kNoNode) {
        index[node] = lowest[node] = next++;
        stack.push_back(node);
      }
      const auto out = graph.out(node);
      if (frame.cursor < out.size()) {
        const uint32_t other = graph.target[out[frame.cursor++]];
        if (index[other] == kNoNode) frames.push_back({other});
        else if (made[other] == kNoNode) lowest[node] = std::min(lowest[node], index[other]);
        continue;
      }
      frames.pop_back();
      if (!frames.empty()) lowest[frames.back().node] = std::min(lowest[frames.back().node], lowest[node]);
      if (lowest[node] != index[node]) continue;
      uint32_t member = kNoNode;
      do {
        member = stack.back();
        stack.pop_back();
        made[member] = node;
      } while (member != node);
    }
  }
  return made;
}

Result<Table> graph_components(const ProcedureCall& call) {
  auto options = parse_json(call.options);
  if (!options || call.inputs.size() != 2)
    return Diagnostic{"HB-E001", "a graph's procedure got options that are no JSON", {}, "", "", ""};
  const Rows nodes(call.inputs[0]), edges(call.inputs[1]);
  auto graph = read_graph(nodes, edges);
  if (!graph.ok()) return graph.error();
  const auto roots = options->find("strong")->as_bool() ? strong(*graph) : weak(*graph);
  const bool parted = call.inputs[0].schema.size() > 1;
  std::map<std::string, int64_t> counts;  // components by part
  std::vector<int64_t> number(graph->nodes, -1);
  auto builders = builders_of(call);
  for (uint32_t node = 0; node < graph->nodes; ++node) {
    int64_t& component = number[roots[node]];
    if (component < 0) component = counts[parted ? nodes.cell(1, node).text : std::string()]++;
    append_cell(builders[0], nodes.cell(0, node));
    builders[1].append_long(component);
  }
  return make_table(call.output, std::move(builders));
}

constexpr ProcedureEntry kEntries[] = {{"graph_components", graph_components}};

}  // namespace

std::span<const ProcedureEntry> graph_components_procedures() { return kEntries; }

}  // namespace huntbook::kql
