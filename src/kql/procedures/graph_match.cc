#include "kql/procedures/graph_match.h"

#include <algorithm>
#include <map>

namespace huntbook::kql {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 30;  // of the rows that a search may find

MatchOutput::Kind kind_of(std::string_view name) {
  using Kind = MatchOutput::Kind;
  return name == "node"   ? Kind::kNode
         : name == "edge" ? Kind::kEdge
         : name == "map"  ? Kind::kMap
         : name == "all"  ? Kind::kAll
         : name == "any"  ? Kind::kAny
                          : Kind::kNone;
}

}  // namespace

Result<std::unique_ptr<Matcher>> Matcher::open(const ProcedureCall& call) {
  auto options = parse_json(call.options);
  if (!options || call.inputs.size() != 2)
    return Diagnostic{"HB-E001", "a graph's procedure got options that are no JSON", {}, "", "", ""};
  std::unique_ptr<Matcher> made(new Matcher(call));
  auto graph = read_graph(made->nodes_, made->edges_);
  if (!graph.ok()) return graph.error();
  made->graph_ = std::move(*graph);
  std::map<size_t, size_t> node_places, edge_places;  // of the binder's elements
  Pattern& pattern = made->pattern_;
  for (const auto& node : options->find("nodes")->as_array()) {
    node_places[size_at(node, "element")] = pattern.nodes.size();
    PatternNode& read = pattern.nodes.emplace_back();
    if (node.find("filter")) read.allowed = made->nodes_.flags(size_at(node, "filter"));
  }
  for (const auto& edge : options->find("edges")->as_array()) {
    edge_places[size_at(edge, "element")] = pattern.edges.size();
    PatternEdge& read = pattern.edges.emplace_back();
    read.from = node_places[size_at(edge, "from")];
    read.to = node_places[size_at(edge, "to")];
    const std::string_view direction = edge.find("direction")->as_string();
    read.direction = direction == "out"  ? PatternEdge::Direction::kOut
                     : direction == "in" ? PatternEdge::Direction::kIn
                                         : PatternEdge::Direction::kAny;
    constexpr size_t kLongest = kNoNode - 1;
    read.low = std::min(size_at(edge, "low"), kLongest);
    read.high = std::min(size_at(edge, "high"), kLongest);
    if (edge.find("filter")) read.edges = made->edges_.flags(size_at(edge, "filter"));
    if (edge.find("inner")) read.inner = made->nodes_.flags(size_at(edge, "inner"));
  }
  const std::string_view cycles = options->find("cycles")->as_string();
  pattern.cycles = cycles == "all" ? Cycles::kAll : cycles == "none" ? Cycles::kNone : Cycles::kUniqueEdges;
  made->impossible_ = pattern.cycles == Cycles::kNone && options->find("returns")->as_bool();
  made->all_ = options->find("all")->as_bool();
  for (const auto& output : options->find("outputs")->as_array()) {
    MatchOutput read;
    read.kind = kind_of(output.find("kind")->as_string());
    const size_t element = size_at(output, "element");
    read.element = read.kind == MatchOutput::Kind::kNode ? node_places[element] : edge_places[element];
    read.column = size_at(output, "column");
    read.inner = output.find("inner")->as_bool();
    made->outputs_.push_back(read);
  }
  for (const auto& must : options->find("musts")->as_array()) {
    MatchMust read;
    read.edge = edge_places[size_at(must, "element")];
    read.inner = must.find("inner")->as_bool();
    read.flags = (read.inner ? made->nodes_ : made->edges_).flags(size_at(must, "column"));
    made->musts_.push_back(std::move(read));
  }
  for (const auto& place : options->find("given")->as_array())
    made->given_.push_back(static_cast<size_t>(place.as_long()));
  made->builders_ = builders_of(call);
  return made;
}

Cell Matcher::value(const MatchOutput& output, const Match& match) const {
  using Kind = MatchOutput::Kind;
  if (output.kind == Kind::kNone) return Cell::of_long(0);
  if (output.kind == Kind::kNode) return nodes_.cell(output.column, match.nodes[output.element]);
  if (output.kind == Kind::kEdge) return edges_.cell(output.column, match.edges[output.element].front());
  const Rows& rows = output.inner ? nodes_ : edges_;
  const auto& places = output.inner ? match.inner[output.element] : match.edges[output.element];
  if (output.kind == Kind::kMap) {
    std::string list = "[";
    for (uint32_t place : places) {
      size_t at = 0;
      const Column& column = rows.column(output.column, place, at);
      if (list.size() > 1) list += ',';
      if (column.is_null(at)) list += "null";
      else list += column.text_at(at);
    }
    return Cell::of_text(list + "]");
  }
  const auto holds = [&](uint32_t place) {
    size_t at = 0;
    const Column& column = rows.column(output.column, place, at);
    return !column.is_null(at) && column.bool_at(at);
  };
  return Cell::of_long(output.kind == Kind::kAll ? std::all_of(places.begin(), places.end(), holds)
                                                 : std::any_of(places.begin(), places.end(), holds));
}

Result<bool> Matcher::holds(const Match& match) {
  for (const auto& must : musts_) {
    const auto& places = must.inner ? match.inner[must.edge] : match.edges[must.edge];
    if (std::none_of(places.begin(), places.end(), [&](uint32_t place) { return must.flags[place]; }))
      return false;
  }
  if (!call_.rows) return true;
  in_.clear();
  for (size_t place : given_) in_.push_back(value(outputs_[place], match));
  if (auto status = call_.rows->evaluate(in_, out_); !status.ok()) return status.error();
  return !out_[0].null && out_[0].integer != 0;
}

Status Matcher::give(const Match& match) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const Cell cell = value(outputs_[i], match);
    bytes_ += 16 + cell.text.size();
    append_cell(builders_[i], cell);
  }
  if (bytes_ > kMaxBytes) return too_many_matches();
  return {};
}

namespace {

Result<Table> graph_match(const ProcedureCall& call) {
  auto matcher = Matcher::open(call);
  if (!matcher.ok()) return matcher.error();
  Matcher& found = **matcher;
  if (found.impossible()) return found.finish();
  const Status status = search(found.graph(), found.pattern(), std::nullopt, call.cancel,
                               [&](const Match& match) -> Result<bool> {
                                 if (auto given = found.give(match); !given.ok()) return given.error();
                                 return true;
                               });
  if (!status.ok()) return status.error();
  return found.finish();
}

constexpr ProcedureEntry kEntries[] = {{"graph_match", graph_match}};

}  // namespace

std::span<const ProcedureEntry> graph_match_procedures() { return kEntries; }

}  // namespace huntbook::kql
