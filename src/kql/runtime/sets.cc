// Bodies of arrays that are taken as sets: order of the first mention, each value once.
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
using Keys = std::unordered_set<std::string>;

// Equal values have equal keys: 1 and 1.0 are one value.
std::string key_of(std::string_view raw) {
  const auto number = json_number(raw);
  if (!number || number->whole) return std::string(raw);
  constexpr double kExact = 9007199254740992.0;
  if (number->real != std::trunc(number->real) || std::fabs(number->real) > kExact) return std::string(raw);
  return std::to_string(static_cast<int64_t>(number->real));
}

Keys keys_of(const std::vector<std::string_view>& elements) {
  Keys keys;
  for (const auto raw : elements) keys.insert(key_of(raw));
  return keys;
}

// The elements of `elements` that `keep` wants, each once.
template <typename Keep>
std::string chosen(std::span<const std::string_view> elements, Keep keep) {
  Keys seen;
  std::string out = "[";
  for (const auto raw : elements) {
    std::string key = key_of(raw);
    if (!keep(key) || !seen.insert(std::move(key)).second) continue;
    if (out.size() > 1) out += ',';
    out += raw;
  }
  return out + "]";
}

void set_union(Args args, Value& out, Context& context) {
  std::vector<std::string_view> all;
  for (const Value& arg : args) {
    const auto elements = elements_of(arg);
    if (!elements) return;
    all.insert(all.end(), elements->begin(), elements->end());
  }
  set_dynamic(out, chosen(all, [](const std::string&) { return true; }), context);
}

void set_intersect(Args args, Value& out, Context& context) {
  const auto first = elements_of(args[0]);
  if (!first) return;
  std::vector<Keys> others;
  for (const Value& arg : args.subspan(1)) {
    const auto elements = elements_of(arg);
    if (!elements) return;
    others.push_back(keys_of(*elements));
  }
  set_dynamic(out,
              chosen(*first,
                     [&](const std::string& key) {
                       for (const Keys& keys : others) {
                         if (!keys.count(key)) return false;
                       }
                       return true;
                     }),
              context);
}

void set_difference(Args args, Value& out, Context& context) {
  const auto first = elements_of(args[0]);
  if (!first) return;
  Keys gone;
  for (const Value& arg : args.subspan(1)) {
    const auto elements = elements_of(arg);
    if (!elements) return;
    gone.merge(keys_of(*elements));
  }
  set_dynamic(out, chosen(*first, [&](const std::string& key) { return !gone.count(key); }), context);
}

void set_has_element(Args args, Value& out, Context&) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  bool found = false;
  for (const auto raw : *elements) found = found || equal_json(raw, raw_or_null(args[1]));
  set_bool(out, found);
}

void jaccard_index(Args args, Value& out, Context& context) {
  const auto a = elements_of(args[0]), b = elements_of(args[1]);
  if (!a || !b) return;
  const Keys x = keys_of(*a), y = keys_of(*b);
  size_t common = 0;
  for (const auto& key : x) common += y.count(key);
  const size_t all = x.size() + y.size() - common;
  std::string json;
  append_json_real(json, static_cast<double>(common) / static_cast<double>(all));
  set_dynamic(out, std::move(json), context);
}

constexpr BodyEntry kBodies[] = {
    {"set_union", set_union},           {"set_intersect", set_intersect},
    {"set_difference", set_difference}, {"set_has_element", set_has_element},
    {"jaccard_index", jaccard_index},
};

}  // namespace

std::span<const BodyEntry> set_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
