// Bodies of bags: dynamic values with named members.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// A bag in the making: raw keys (with quotes) and raw values, in the order of the first mention.
class Bag {
 public:
  void put(std::string_view key, std::string_view value, bool replace) {
    const auto [it, fresh] = places_.emplace(std::string(key), values_.size());
    if (fresh) {
      keys_.push_back(it->first);
      values_.emplace_back(value);
    } else if (replace) {
      values_[it->second] = value;
    }
  }
  std::string text() const {
    std::string out = "{";
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (i) out += ',';
      out += keys_[i];
      out += ':';
      out += values_[i];
    }
    return out + "}";
  }

 private:
  std::unordered_map<std::string, size_t> places_;
  std::vector<std::string> keys_, values_;
};

bool is_bag(const Value& value) { return !value.null && json_kind(value.text) == JsonKind::kObject; }

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void bag_pack(Args args, Value& out, Context& context) {
  Bag bag;
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    const std::string_view raw = raw_or_null(args[i]);
    bag.put(json_kind(raw) == JsonKind::kString ? std::string(raw) : quoted(text_of(raw)),
            raw_or_null(args[i + 1]), true);
  }
  set_dynamic(out, bag.text(), context);
}

void pack_array(Args args, Value& out, Context& context) {
  std::string array = "[";
  for (size_t i = 0; i < args.size(); ++i) {
    if (i) array += ',';
    array += raw_or_null(args[i]);
  }
  set_dynamic(out, array + "]", context);
}

void bag_keys(Args args, Value& out, Context& context) {
  if (!is_bag(args[0])) return;
  std::string keys = "[";
  for (JsonMembers it(args[0].text); it.next();) {
    if (keys.size() > 1) keys += ',';
    keys += it.key;
  }
  set_dynamic(out, keys + "]", context);
}

// The leftmost value of a key wins.
void bag_merge(Args args, Value& out, Context& context) {
  Bag bag;
  bool any = false;
  for (const Value& arg : args) {
    if (!is_bag(arg)) continue;
    any = true;
    for (JsonMembers it(arg.text); it.next();) bag.put(it.key, it.value, false);
  }
  if (any) set_dynamic(out, bag.text(), context);
}

// "$.a.b" as steps; any other text is one key.
std::vector<std::string> steps_of(std::string_view key) {
  std::vector<std::string> steps;
  if (!key.starts_with("$.") && !key.starts_with("$[")) return {std::string(key)};
  for (size_t i = 1; i < key.size();) {
    if (key[i] == '.') {
      const size_t end = std::min(key.find_first_of(".[", i + 1), key.size());
      steps.emplace_back(key.substr(i + 1, end - i - 1));
      i = end;
    } else if (key[i] == '[') {
      const size_t end = key.find(']', i);
      if (end == std::string_view::npos) return {std::string(key)};
      std::string_view inner = key.substr(i + 1, end - i - 1);
      if (inner.size() >= 2 && (inner[0] == '\'' || inner[0] == '"'))
        inner = inner.substr(1, inner.size() - 2);
      steps.emplace_back(inner);
      i = end + 1;
    } else {
      return {std::string(key)};
    }
  }
  return steps;
}

std::string without(std::string_view bag, const std::vector<std::vector<std::string>>& paths) {
  std::string out = "{";
  for (JsonMembers it(bag); it.next();) {
    bool gone = false;
    std::vector<std::vector<std::string>> deeper;
    for (const auto& path : paths) {
      if (path.empty() || !json_string_is(it.key, path[0])) continue;
      if (path.size() == 1) gone = true;
      else deeper.emplace_back(path.begin() + 1, path.end());
    }
    if (gone) continue;
    if (out.size() > 1) out += ',';
    out += it.key;
    out += ':';
    if (!deeper.empty() && json_kind(it.value) == JsonKind::kObject) out += without(it.value, deeper);
    else out += it.value;
  }
  return out + "}";
}

void bag_remove_keys(Args args, Value& out, Context& context) {
  const auto keys = elements_of(args[1]);
  if (!is_bag(args[0]) || !keys) return;
  std::vector<std::vector<std::string>> paths;
  for (const auto raw : *keys) {
    auto steps = steps_of(text_of(raw));
    if (steps.size() < 100) paths.push_back(std::move(steps));
  }
  set_dynamic(out, without(args[0].text, paths), context);
}

void bag_has_key(Args args, Value& out, Context&) {
  if (!is_bag(args[0])) return;
  std::optional<std::string_view> at = args[0].text;
  for (const auto& key : steps_of(args[1].text)) {
    if (at) at = json_member(*at, key);
  }
  set_bool(out, at.has_value());
}

std::string with(std::string_view bag, std::span<const std::string> steps, std::string_view value) {
  if (steps.empty()) return std::string(value);
  std::string out = "{";
  bool found = false;
  for (JsonMembers it(bag); it.next();) {
    if (out.size() > 1) out += ',';
    out += it.key;
    out += ':';
    if (json_string_is(it.key, steps[0])) {
      found = true;
      out += with(it.value, steps.subspan(1), value);
    } else {
      out += it.value;
    }
  }
  if (!found) {
    if (out.size() > 1) out += ',';
    out += quoted(steps[0]) + ":" + with("{}", steps.subspan(1), value);
  }
  return out + "}";
}

void bag_set_key(Args args, Value& out, Context& context) {
  if (!is_bag(args[0]) || args[1].null) return;
  const auto steps = steps_of(args[1].text);
  if (steps.empty() || steps.size() > 100) return;
  set_dynamic(out, with(args[0].text, steps, raw_or_null(args[2])), context);
}

// Keys that are no strings are skipped together with their values; missing values are null.
void bag_zip(Args args, Value& out, Context& context) {
  const auto keys = elements_of(args[0]);
  if (!keys) return;
  const auto values = elements_of(args[1]).value_or(std::vector<std::string_view>());
  Bag bag;
  for (size_t i = 0; i < keys->size(); ++i) {
    if (json_kind((*keys)[i]) == JsonKind::kString)
      bag.put((*keys)[i], i < values.size() ? values[i] : "null", true);
  }
  set_dynamic(out, bag.text(), context);
}

void append_paths(std::string& out, std::string_view value, const std::string& prefix, int depth) {
  if (depth > 100) return;
  const auto add = [&](const std::string& path, std::string_view inner) {
    if (out.size() > 1) out += ',';
    append_json_string(out, path);
    append_paths(out, inner, path, depth + 1);
  };
  if (json_kind(value) == JsonKind::kObject) {
    for (JsonMembers it(value); it.next();) add(prefix + "['" + text_of(it.key) + "']", it.value);
  } else if (json_kind(value) == JsonKind::kArray) {
    size_t i = 0;
    for (JsonElements it(value); it.next();) add(prefix + "[" + std::to_string(i++) + "]", it.value);
  }
}

void treepath(Args args, Value& out, Context& context) {
  const JsonKind kind = json_kind(args[0].text);
  if (kind != JsonKind::kObject && kind != JsonKind::kArray) return;
  std::string paths = "[";
  append_paths(paths, args[0].text, "", 0);
  set_dynamic(out, paths + "]", context);
}

// The array that mv-expand makes rows of: an array's elements, a bag's members, one row for anything else.
template <bool pairs>
void expand(Args args, Value& out, Context& context) {
  const Value& value = args[0];
  if (!value.null && json_kind(value.text) == JsonKind::kArray) {
    out = value;
    return;
  }
  std::string array = "[";
  if (is_bag(value)) {
    for (JsonMembers it(value.text); it.next();) {
      if (array.size() > 1) array += ',';
      array += pairs ? "[" : "{";
      array += it.key;
      array += pairs ? ',' : ':';
      array += it.value;
      array += pairs ? ']' : '}';
    }
  } else {
    array += raw_or_null(value);
  }
  set_dynamic(out, array + "]", context);
}

constexpr BodyEntry kBodies[] = {
    {"bag_pack", bag_pack},
    {"pack_array", pack_array},
    {"bag_keys", bag_keys},
    {"bag_merge", bag_merge},
    {"bag_remove_keys", bag_remove_keys},
    {"bag_has_key", bag_has_key},
    {"bag_set_key", bag_set_key},
    {"bag_zip", bag_zip},
    {"treepath", treepath},
    {"expand_elements", expand<false>},
    {"expand_pairs", expand<true>},
};

}  // namespace

std::span<const BodyEntry> bag_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
