// What is done to an aggregate's value: lists, sets and bags from joined JSON texts, decimals.
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "kql/runtime/decimal.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr int64_t kMaxList = 1'048'576;

size_t limit_of(Args args, int64_t otherwise) {
  if (args.size() < 2 || args[1].null || args[1].integer < 0) return static_cast<size_t>(otherwise);
  return static_cast<size_t>(args[1].integer);
}

// args[0] is the elements as raw JSON with commas between them, args[1] the largest count.
template <bool flat, bool set, int64_t otherwise>
void list(Args args, Value& out, Context& context) {
  const size_t limit = limit_of(args, otherwise);
  const std::string all = "[" + std::string(args[0].text) + "]";
  if (!flat && !set && all.size() / 2 <= limit) return set_dynamic(out, all, context);
  std::string made = "[";
  std::unordered_set<std::string_view> seen;
  size_t count = 0;
  const auto add = [&](std::string_view raw) {
    if (count >= limit || (set && !seen.insert(raw).second)) return;
    if (count++) made += ',';
    made += raw;
  };
  for (JsonElements it(all); count < limit && it.next();) {
    if (flat && json_kind(it.value) == JsonKind::kArray) {
      for (JsonElements inner(it.value); inner.next();) add(inner.value);
    } else {
      add(it.value);
    }
  }
  set_dynamic(out, made + "]", context);
}

// The first value of a key stays.
void make_bag(Args args, Value& out, Context& context) {
  const size_t limit = limit_of(args, kMaxList);
  const std::string all = "[" + std::string(args[0].text) + "]";
  std::unordered_set<std::string_view> seen;
  std::string made = "{";
  for (JsonElements it(all); it.next();) {
    for (JsonMembers members(it.value); members.next();) {
      if (seen.size() >= limit || !seen.insert(members.key).second) continue;
      if (made.size() > 1) made += ',';
      made += members.key;
      made += ':';
      made += members.value;
    }
  }
  set_dynamic(out, made + "}", context);
}

enum class Fold : uint8_t { kSum, kAverage, kMin, kMax };

// args[0] is decimals with commas between them.
template <Fold fold>
void decimals(Args args, Value& out, Context& context) {
  std::string_view rest = args[0].text;
  std::string result = fold == Fold::kSum || fold == Fold::kAverage ? "0" : "";
  int64_t count = 0;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    ++count;
    if (fold == Fold::kSum || fold == Fold::kAverage) {
      const auto sum = decimal_op(DecimalOp::kAdd, result, one);
      if (!sum) return;
      result = *sum;
    } else if (const int sign = result.empty() ? 0 : compare_decimals(one, result);
               result.empty() || (fold == Fold::kMin ? sign < 0 : sign > 0)) {
      result = one;
    }
  }
  if (fold == Fold::kAverage) {
    const auto mean = decimal_op(DecimalOp::kDivide, result, decimal_from_long(count));
    if (!mean) return;
    result = *mean;
  }
  if (!result.empty()) out = Value::of_text(context.keep(std::move(result)), Type::kDecimal);
}

// args[0] is raw JSON values with commas between them: numbers come before strings, strings before the rest.
template <bool largest>
void extreme_dynamic(Args args, Value& out, Context& context) {
  const std::string all = "[" + std::string(args[0].text) + "]";
  std::string_view best;
  for (JsonElements it(all); it.next();) {
    const int sign = best.empty() ? 0 : order_json(it.value, best);
    if (best.empty() || (largest ? sign > 0 : sign < 0)) best = it.value;
  }
  set_dynamic(out, std::string(best), context);
}

constexpr BodyEntry kBodies[] = {
    {"make_list", list<false, false, kMaxList>},
    {"make_flat_list", list<true, false, kMaxList>},
    {"make_set", list<false, true, kMaxList>},
    {"make_flat_set", list<true, true, kMaxList>},
    {"make_list_128", list<false, false, 128>},
    {"make_flat_list_128", list<true, false, 128>},
    {"make_set_128", list<false, true, 128>},
    {"make_flat_set_128", list<true, true, 128>},
    {"make_bag", make_bag},
    {"min_dynamic", extreme_dynamic<false>},
    {"max_dynamic", extreme_dynamic<true>},
    {"sum_decimal", decimals<Fold::kSum>},
    {"avg_decimal", decimals<Fold::kAverage>},
    {"min_decimal", decimals<Fold::kMin>},
    {"max_decimal", decimals<Fold::kMax>},
};

}  // namespace

std::span<const BodyEntry> aggregate_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
