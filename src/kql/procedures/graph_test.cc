// Searches in graphs, beside a plain search that tries everything.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "kql/procedures/graph_search.h"

namespace huntbook::kql {
namespace {

using Direction = PatternEdge::Direction;
using Way = std::vector<uint32_t>;  // edges

struct Sample {
  size_t nodes = 0;
  std::vector<uint32_t> source, target;
  std::vector<uint8_t> edge_flags, node_flags, starts, ends;
};

Sample random_graph(std::mt19937& random, size_t nodes, size_t edges) {
  Sample made;
  made.nodes = nodes;
  const auto flags = [&](size_t size, unsigned of) {
    std::vector<uint8_t> list(size);
    for (auto& flag : list) flag = random() % of != 0;
    return list;
  };
  for (size_t e = 0; e < edges; ++e) {
    made.source.push_back(static_cast<uint32_t>(random() % nodes));
    made.target.push_back(static_cast<uint32_t>(random() % nodes));
  }
  made.edge_flags = flags(edges, 5);
  made.node_flags = flags(nodes, 4);
  made.starts = flags(nodes, 2);
  made.ends = flags(nodes, 2);
  return made;
}

// Every walk of `low` to `high` edges that the flags and the way of taking cycles allow, by recursion.
class Plain {
 public:
  Plain(const Sample& sample, const PatternEdge& edge, Cycles cycles)
      : sample_(sample), edge_(edge), cycles_(cycles) {}

  std::multiset<std::pair<uint32_t, Way>> run() {
    for (uint32_t node = 0; node < sample_.nodes; ++node) {
      if (!sample_.starts[node]) continue;
      start_ = node;
      seen_ = {node};
      go(node);
    }
    return found_;
  }

 private:
  void go(uint32_t node) {
    if (way_.size() >= edge_.low && sample_.ends[node]) found_.insert({start_, way_});
    if (way_.size() == edge_.high || (!way_.empty() && !edge_.inner[node])) return;
    for (uint32_t e = 0; e < sample_.source.size(); ++e) {
      if (!edge_.edges[e]) continue;
      if (cycles_ == Cycles::kUniqueEdges && std::count(way_.begin(), way_.end(), e)) continue;
      const bool out = edge_.direction != Direction::kIn && sample_.source[e] == node;
      const bool in = edge_.direction != Direction::kOut && sample_.target[e] == node;
      if (out) step(e, sample_.target[e]);
      if (in && !(out && sample_.source[e] == sample_.target[e])) step(e, sample_.source[e]);
    }
  }
  void step(uint32_t e, uint32_t node) {
    if (cycles_ == Cycles::kNone && std::count(seen_.begin(), seen_.end(), node)) return;
    way_.push_back(e);
    seen_.push_back(node);
    go(node);
    seen_.pop_back();
    way_.pop_back();
  }

  const Sample& sample_;
  const PatternEdge& edge_;
  const Cycles cycles_;
  uint32_t start_ = 0;
  Way way_, seen_;
  std::multiset<std::pair<uint32_t, Way>> found_;
};

TEST(Graph, ListsAndKeys) {
  const Graph graph = make_graph(3, {0, 0, kNoNode, 2}, {1, 0, 1, kNoNode});
  EXPECT_EQ(std::vector<uint32_t>(graph.out(0).begin(), graph.out(0).end()), (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(std::vector<uint32_t>(graph.in(0).begin(), graph.in(0).end()), (std::vector<uint32_t>{1}));
  EXPECT_TRUE(graph.out(2).empty());
}

TEST(GraphSearch, FindsWhatTryingEverythingFinds) {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    const Sample sample = random_graph(random, 2 + random() % 6, random() % 12);
    Pattern pattern;
    pattern.nodes = {{sample.starts}, {sample.ends}};
    PatternEdge edge;
    edge.to = 1;
    edge.direction = static_cast<Direction>(random() % 3);
    edge.low = random() % 3;
    edge.high = edge.low + random() % 4;
    edge.edges = sample.edge_flags;
    edge.inner = sample.node_flags;
    pattern.edges = {edge};
    pattern.cycles = static_cast<Cycles>(random() % 3);
    const Graph graph = make_graph(sample.nodes, sample.source, sample.target);
    std::multiset<std::pair<uint32_t, Way>> found;
    const Status status =
        search(graph, pattern, std::nullopt, nullptr, [&](const Match& match) -> Result<bool> {
          EXPECT_EQ(match.inner[0].size() + 1, std::max<size_t>(match.edges[0].size(), 1));
          found.insert({match.nodes[0], match.edges[0]});
          return true;
        });
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(found, Plain(sample, edge, pattern.cycles).run()) << round;
  }
}

TEST(GraphSearch, SeveralEdgesAndNodesThatReturn) {
  // A triangle 0-1-2 and a tail 2-3.
  const Graph graph = make_graph(4, {0, 1, 2, 2}, {1, 2, 0, 3});
  Pattern pattern;
  pattern.nodes.resize(3);
  pattern.edges.resize(3);
  pattern.edges[0].to = 1;
  pattern.edges[1].from = 1;
  pattern.edges[1].to = 2;
  pattern.edges[2].from = 2;
  pattern.edges[2].to = 0;
  std::set<std::vector<uint32_t>> found;
  const auto note = [&](const Match& match) -> Result<bool> {
    found.insert(match.nodes);
    return true;
  };
  ASSERT_TRUE(search(graph, pattern, std::nullopt, nullptr, note).ok());
  EXPECT_EQ(found, (std::set<std::vector<uint32_t>>{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}}));
  pattern.edges.pop_back();
  pattern.nodes[2].allowed = {0, 0, 0, 1};
  found.clear();
  ASSERT_TRUE(search(graph, pattern, std::nullopt, nullptr, note).ok());
  EXPECT_EQ(found, (std::set<std::vector<uint32_t>>{{1, 2, 3}}));
}

TEST(GraphSearch, EndsAtTheFirstMatchAndWhenInterrupted) {
  const Graph graph = make_graph(2, {0, 1, 0, 1}, {1, 0, 1, 0});
  Pattern pattern;
  pattern.nodes.resize(2);
  pattern.edges.resize(1);
  pattern.edges[0].to = 1;
  pattern.edges[0].high = 1'000'000'000;
  pattern.cycles = Cycles::kAll;
  size_t count = 0;
  ASSERT_TRUE(search(graph, pattern, std::nullopt, nullptr, [&](const Match&) -> Result<bool> {
                return ++count < 3;
              }).ok());
  EXPECT_EQ(count, 3u);
  CancelToken cancel;
  cancel.cancel();
  const Status status =
      search(graph, pattern, std::nullopt, &cancel, [](const Match&) -> Result<bool> { return true; });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, "HB-E130");
}

// ------------------------------------------------------------- shortest paths

Table table_of(const std::vector<std::vector<std::string>>& texts,
               const std::vector<std::vector<uint8_t>>& flags) {
  Schema schema;
  std::vector<ColumnBuilder> builders;
  for (const auto& column : texts) {
    schema.fields.push_back({"", Type::kString, ""});
    ColumnBuilder& builder = builders.emplace_back(Type::kString);
    for (const auto& text : column) builder.append_text(text);
  }
  for (const auto& column : flags) {
    schema.fields.push_back({"", Type::kBool, ""});
    ColumnBuilder& builder = builders.emplace_back(Type::kBool);
    for (uint8_t flag : column) builder.append_bool(flag != 0);
  }
  return make_table(schema, std::move(builders));
}

// Paths of one pattern's edge as "start>end:edges", out of the procedure.
std::multiset<std::string> shortest(const Sample& sample, const PatternEdge& edge, bool all,
                                    const std::vector<uint8_t>& must) {
  std::vector<std::string> keys, sources, targets;
  std::vector<std::vector<uint8_t>> node_flags{sample.starts, sample.ends, edge.inner};
  for (size_t n = 0; n < sample.nodes; ++n) keys.push_back("n" + std::to_string(n));
  ColumnBuilder names(Type::kDynamic);
  for (size_t e = 0; e < sample.source.size(); ++e) {
    sources.push_back(keys[sample.source[e]]);
    targets.push_back(keys[sample.target[e]]);
    names.append_text(std::to_string(e));
  }
  Table edges = table_of({sources, targets}, {edge.edges, must.empty() ? edge.edges : must});
  auto batch = std::make_shared<Batch>(*edges.batches[0]);
  batch->columns.push_back(names.finish());
  edges.batches[0] = batch;
  edges.schema.fields.push_back({"", Type::kDynamic, ""});
  const std::vector<Table> inputs{table_of({keys}, node_flags), edges};
  const char* direction = edge.direction == Direction::kOut  ? "out"
                          : edge.direction == Direction::kIn ? "in"
                                                             : "any";
  const std::string options =
      std::string("{\"cycles\":\"none\",\"all\":") + (all ? "true" : "false") +
      ",\"returns\":false,\"nodes\":[{\"element\":0,\"filter\":1},{\"element\":1,\"filter\":2}],"
      "\"edges\":[{\"element\":2,\"from\":0,\"to\":1,\"direction\":\"" +
      direction + "\",\"low\":" + std::to_string(edge.low) + ",\"high\":" + std::to_string(edge.high) +
      ",\"filter\":2,\"inner\":3}],\"outputs\":[{\"kind\":\"node\",\"element\":0,\"column\":0,\"inner\":"
      "false},"
      "{\"kind\":\"node\",\"element\":1,\"column\":0,\"inner\":false},"
      "{\"kind\":\"map\",\"element\":2,\"column\":4,\"inner\":false}],\"given\":[],\"musts\":[" +
      (must.empty() ? "" : "{\"element\":2,\"column\":3,\"inner\":false}") + "]}";
  const Schema output{{{"", Type::kString, ""}, {"", Type::kString, ""}, {"", Type::kDynamic, ""}}};
  auto table = find_procedure("graph_shortest_paths")({inputs, options, output});
  std::multiset<std::string> made;
  if (!table.ok()) return {table.error().message};
  for (const auto& part : table->batches) {
    for (size_t i = 0; i < part->rows; ++i) {
      made.insert(std::string(part->columns[0].text_at(i)) + ">" + std::string(part->columns[1].text_at(i)) +
                  ":" + std::string(part->columns[2].text_at(i)));
    }
  }
  return made;
}

TEST(GraphShortest, FindsWhatTryingEverythingFinds) {
  std::mt19937 random(11);
  for (int round = 0; round < 400; ++round) {
    const Sample sample = random_graph(random, 2 + random() % 6, random() % 14);
    PatternEdge edge;
    edge.direction = static_cast<Direction>(random() % 3);
    edge.low = random() % 4;
    edge.high = edge.low + random() % 4;
    edge.edges = sample.edge_flags;
    edge.inner = sample.node_flags;
    std::vector<uint8_t> must;
    if (random() % 2) {
      for (size_t e = 0; e < sample.source.size(); ++e) must.push_back(random() % 3 == 0);
    }
    // The shortest of all paths, by their ends.
    std::map<std::string, std::set<std::pair<size_t, std::string>>> best;
    for (const auto& [start, way] : Plain(sample, edge, Cycles::kNone).run()) {
      uint32_t end = start;
      std::string text = "[";
      bool met = must.empty();
      for (uint32_t e : way) {
        const bool out = edge.direction != Direction::kIn && sample.source[e] == end;
        end = out ? sample.target[e] : sample.source[e];
        text += (text.size() > 1 ? "," : "") + std::to_string(e);
        met = met || must[e];
      }
      if (met)
        best["n" + std::to_string(start) + ">n" + std::to_string(end)].insert({way.size(), text + "]"});
    }
    std::multiset<std::string> expected;
    for (const auto& [ends, ways] : best) {
      for (const auto& [length, text] : ways) {
        if (length == ways.begin()->first) expected.insert(ends + ":" + text);
      }
    }
    EXPECT_EQ(shortest(sample, edge, true, must), expected) << round;
    const auto any = shortest(sample, edge, false, must);
    EXPECT_EQ(any.size(), best.size()) << round;
    EXPECT_TRUE(std::includes(expected.begin(), expected.end(), any.begin(), any.end())) << round;
  }
}

}  // namespace
}  // namespace huntbook::kql
