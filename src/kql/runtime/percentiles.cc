// What is done to the joined values of percentile aggregates and of buildschema.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/escape.h"
#include "kql/runtime/dynamic.h"
#include "kql/runtime/ranks.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

struct Weighted {
  std::string_view raw;
  JsonNumber value;
  double weight = 1;
};

// args[0] is numbers, or pairs [number, weight], with commas between them; sorted by the number.
std::vector<Weighted> read_values(std::string_view all) {
  std::vector<Weighted> values;
  for (JsonElements it(all); it.next();) {
    Weighted one;
    one.raw = it.value;
    if (json_kind(it.value) == JsonKind::kArray) {
      JsonElements pair(it.value);
      if (!pair.next()) continue;
      one.raw = pair.value;
      const auto weight = pair.next() ? json_number(pair.value) : std::nullopt;
      if (!weight || !(weight->real > 0)) continue;
      one.weight = weight->real;
    }
    const auto number = json_number(one.raw);
    if (!number) continue;
    one.value = *number;
    values.push_back(one);
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const Weighted& a, const Weighted& b) { return is_less(a.value, b.value); });
  return values;
}

// args: the values, then percents as numbers or arrays of numbers.
void percentiles_array(Args args, Value& out, Context& context) {
  const std::string all = "[" + std::string(args[0].text) + "]";
  const auto values = read_values(all);
  if (values.empty()) return;
  std::string array = "[";
  const auto add = [&](std::string_view raw) {
    const auto percent = json_number(raw);
    if (array.size() > 1) array += ',';
    array += percent ? nearest_rank(values, percent->real)->raw : "null";
  };
  for_each_percent(args.subspan(1), add);
  set_dynamic(out, array + "]", context);
}

void percentilew(Args args, Value& out, Context&) {
  const std::string all = "[" + std::string(args[0].text) + "]";
  const auto values = read_values(all);
  const Weighted* found = args[1].null ? nullptr : nearest_rank(values, args[1].real);
  if (!found) return;
  if (out.type == Type::kReal) set_real(out, found->value.real);
  else set_long(out, found->value.integer);
}

// ---------------------------------------------------------------- buildschema

// Everything that was seen at one place.
struct Shape {
  std::set<std::string> scalars;
  std::map<std::string, std::unique_ptr<Shape>> members;
  std::unique_ptr<Shape> element;
  bool bag = false;
};

void learn(Shape& shape, std::string_view raw, int depth) {
  if (depth > 100) return;
  switch (json_kind(raw)) {
    case JsonKind::kObject:
      shape.bag = true;
      for (JsonMembers it(raw); it.next();) {
        auto& member = shape.members[text_of(it.key)];
        if (!member) member = std::make_unique<Shape>();
        learn(*member, it.value, depth + 1);
      }
      break;
    case JsonKind::kArray:
      if (!shape.element) shape.element = std::make_unique<Shape>();
      for (JsonElements it(raw); it.next();) learn(*shape.element, it.value, depth + 1);
      break;
    case JsonKind::kBool: shape.scalars.insert("bool"); break;
    case JsonKind::kString: shape.scalars.insert("string"); break;
    case JsonKind::kNumber: {
      const auto number = json_number(raw);
      shape.scalars.insert(number && number->whole ? "long" : "double");
      break;
    }
    default: break;
  }
}

void write(std::string& out, const Shape& shape) {
  const size_t kinds = shape.scalars.size() + shape.bag + (shape.element != nullptr);
  if (kinds == 0) {
    out += "null";
    return;
  }
  std::string all;
  const auto separate = [&] {
    if (!all.empty()) all += ',';
  };
  if (shape.bag) {
    all += '{';
    for (const auto& [name, member] : shape.members) {
      if (all.back() != '{') all += ',';
      append_json_string(all, name);
      all += ':';
      write(all, *member);
    }
    all += '}';
  }
  if (shape.element) {
    separate();
    all += "{\"`indexer`\":";
    write(all, *shape.element);
    all += '}';
  }
  for (const auto& scalar : shape.scalars) {
    separate();
    all += '"' + scalar + '"';
  }
  out += kinds > 1 ? "[" + all + "]" : all;
}

void buildschema(Args args, Value& out, Context& context) {
  const std::string all = "[" + std::string(args[0].text) + "]";
  Shape shape;
  for (JsonElements it(all); it.next();) learn(shape, it.value, 0);
  std::string json;
  write(json, shape);
  set_dynamic(out, std::move(json), context);
}

constexpr BodyEntry kBodies[] = {
    {"percentiles_array", percentiles_array},
    {"percentilew", percentilew},
    {"buildschema", buildschema},
};

}  // namespace

std::span<const BodyEntry> percentile_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
