// Joins process starts to a tree: in time order, a parent is the latest holder of the parent's id.
#include "analysis/process_tree.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/process_events.h"
#include "base/text.h"
#include "base/time.h"
#include "table/builder.h"

namespace huntbook {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
/// How far two records of one start may lie apart.
constexpr int64_t kSameStart = 2 * kTicksPerSecond;

/// A node: an event, or a parent that only its children name.
struct Node {
  const ProcessEvent* event = nullptr;  ///< of a placeholder: the child that names it
  uint32_t parent = kNone;
  bool placeholder = false;
};

std::string base_name(std::string_view path) {
  const size_t slash = path.find_last_of("\\/");
  return fold_case(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string key_of(const ProcessEvent& child, char kind, std::string_view id) {
  std::string key = std::to_string(child.shape);
  key += kind;
  key += fold_case(child.host);
  key += '\0';
  key += id;
  return key;
}

int64_t time_of(const ProcessEvent& event) {
  return event.time.value_or(std::numeric_limits<int64_t>::min());
}

/// Puts the events in time order. Equal times keep the table's order, or its reverse when it runs backwards.
std::vector<uint32_t> time_order(const std::vector<ProcessEvent>& events) {
  std::vector<uint32_t> order(events.size());
  std::iota(order.begin(), order.end(), 0);
  if (!events.empty() && time_of(events.front()) > time_of(events.back()))
    std::reverse(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return time_of(events[a]) < time_of(events[b]); });
  return order;
}

class TreeBuilder {
 public:
  explicit TreeBuilder(const std::vector<ProcessEvent>& events) {
    nodes_.reserve(events.size());
    for (uint32_t index : time_order(events)) add(events[index]);
  }

  Table finish() {
    std::vector<uint32_t> roots;
    const std::vector<std::vector<uint32_t>> children = collect_children(roots);
    return write(children, roots);
  }

 private:
  /// Adds the next event in time order: its parent can only be one of those before it.
  void add(const ProcessEvent& event) {
    const uint32_t self = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({.event = &event});
    const uint32_t parent = find_parent(event);
    nodes_[self].parent = parent != kNone ? parent : make_placeholder(event);
    if (!event.guid.empty()) by_id_[key_of(event, 'g', event.guid)] = self;
    if (!event.id.empty()) by_id_[key_of(event, 'p', event.id)] = self;
  }

  uint32_t find_parent(const ProcessEvent& event) const {
    if (!event.parent_guid.empty()) {
      const auto found = by_id_.find(key_of(event, 'g', event.parent_guid));
      if (found != by_id_.end()) return found->second;
      if (!event.guid.empty()) return kNone;
    }
    if (event.parent_id.empty()) return kNone;
    const auto found = by_id_.find(key_of(event, 'p', event.parent_id));
    return found != by_id_.end() && agrees(event, *nodes_[found->second].event) ? found->second : kNone;
  }

  /// Whether what the child says of its parent fits the candidate; if not, its id was taken over unseen.
  static bool agrees(const ProcessEvent& child, const ProcessEvent& parent) {
    if (!child.parent_name.empty() && !parent.name.empty() &&
        base_name(child.parent_name) != base_name(parent.name)) {
      return false;
    }
    if (!child.parent_time || !parent.time) return true;
    const int64_t apart = *child.parent_time - *parent.time;
    return apart <= kSameStart && apart >= -kSameStart;
  }

  /// The stand-in for a parent that no row shows; kNone when the child does not name one.
  uint32_t make_placeholder(const ProcessEvent& child) {
    const bool idle = child.parent_id.empty() || child.parent_id == "0";
    if (idle && child.parent_name.empty() && child.parent_guid.empty()) return kNone;
    std::string key = key_of(child, 'm', child.parent_guid.empty() ? child.parent_id : child.parent_guid);
    key += '\0';
    key += base_name(child.parent_name);
    if (child.parent_time) key += '\0' + std::to_string(*child.parent_time);
    const auto [slot, fresh] =
        placeholders_.try_emplace(std::move(key), static_cast<uint32_t>(nodes_.size()));
    if (fresh) nodes_.push_back({.event = &child, .placeholder = true});
    return slot->second;
  }

  /// Children of each node by time; roots by host, then time.
  std::vector<std::vector<uint32_t>> collect_children(std::vector<uint32_t>& roots) const {
    std::vector<std::vector<uint32_t>> children(nodes_.size());
    std::vector<std::string> hosts(nodes_.size());
    for (uint32_t node = 0; node < nodes_.size(); ++node) {
      if (nodes_[node].parent == kNone) {
        roots.push_back(node);
        hosts[node] = fold_case(nodes_[node].event->host);
      } else {
        children[nodes_[node].parent].push_back(node);
      }
    }
    std::stable_sort(roots.begin(), roots.end(), [&](uint32_t a, uint32_t b) { return hosts[a] < hosts[b]; });
    return children;
  }

  Table write(const std::vector<std::vector<uint32_t>>& children, const std::vector<uint32_t>& roots) const {
    Schema schema{{{"NodeId", Type::kLong, "number of the node, in drawing order"},
                   {"ParentId", Type::kLong, "the parent's NodeId, null at roots"},
                   {"Depth", Type::kInt, "0 at roots"},
                   {"TimeGenerated", Type::kDatetime, "when the process started, null at placeholders"},
                   {"Computer", Type::kString, ""},
                   {"ProcessName", Type::kString, "path of the image, as the log has it"},
                   {"ProcessId", Type::kString, ""},
                   {"CommandLine", Type::kString, ""},
                   {"Account", Type::kString, ""},
                   {"Row", Type::kLong, "row of the input table, null at placeholders"}}};
    std::vector<ColumnBuilder> out;
    for (const Field& field : schema.fields) out.emplace_back(field.type);
    std::vector<std::pair<uint32_t, int32_t>> open;  // node, depth; the next one last
    for (auto root = roots.rbegin(); root != roots.rend(); ++root) open.emplace_back(*root, 0);
    std::vector<int64_t> number(nodes_.size(), 0);
    int64_t next = 0;
    while (!open.empty()) {
      const auto [node, depth] = open.back();
      open.pop_back();
      number[node] = next;
      write_node(nodes_[node], next++, number, depth, out);
      const std::vector<uint32_t>& below = children[node];
      for (auto child = below.rbegin(); child != below.rend(); ++child) open.emplace_back(*child, depth + 1);
    }
    return make_table(std::move(schema), std::move(out));
  }

  static void write_node(const Node& node, int64_t id, const std::vector<int64_t>& number, int32_t depth,
                         std::vector<ColumnBuilder>& out) {
    const ProcessEvent& event = *node.event;
    out[0].append_long(id);
    if (node.parent == kNone) {
      out[1].append_null();
    } else {
      out[1].append_long(number[node.parent]);
    }
    out[2].append_int(depth);
    if (node.placeholder || !event.time) {
      out[3].append_null();
    } else {
      out[3].append_long(*event.time);
    }
    out[4].append_text(event.host);
    out[5].append_text(node.placeholder ? event.parent_name : event.name);
    out[6].append_text(node.placeholder ? event.parent_process_id : event.process_id);
    out[7].append_text(node.placeholder ? "" : event.command_line);
    out[8].append_text(node.placeholder ? "" : event.account);
    if (node.placeholder) {
      out[9].append_null();
    } else {
      out[9].append_long(event.row);
    }
  }

  std::vector<Node> nodes_;
  std::unordered_map<std::string, uint32_t> by_id_;  ///< the latest holder so far
  std::unordered_map<std::string, uint32_t> placeholders_;
};

}  // namespace

Result<Table> process_tree(const Table& events) {
  auto read = read_process_events(events);
  if (!read.ok()) return read.error();
  Table tree = TreeBuilder(*read).finish();
  tree.completeness = events.completeness;
  tree.reasons = events.reasons;
  tree.provenance = events.provenance;
  tree.rejected = events.rejected;
  return tree;
}

}  // namespace huntbook
