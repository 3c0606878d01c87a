// Digests of the distribution of numbers and times: tdigest(), its merges, and what is asked of them. A small
// one holds every value, so that its answers are exact; a large one centroids.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kql/runtime/dynamic.h"
#include "kql/runtime/ranks.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr size_t kMostValues = 4096;   // held one by one
constexpr double kCompression = 1000;  // about as many centroids are left

struct Centroid {
  JsonNumber mean;
  double weight = 1;
};

bool before(const Centroid& a, const Centroid& b) { return is_less(a.mean, b.mean); }

struct Digest {
  Type type = Type::kReal;  // long, real, datetime or timespan
  std::vector<Centroid> centroids;

  double weight() const {
    double sum = 0;
    for (const auto& one : centroids) sum += one.weight;
    return sum;
  }

  // Equal values become one; then, while there are too many, neighbours: fine at the ends, coarse in the
  // middle.
  void settle() {
    std::stable_sort(centroids.begin(), centroids.end(), before);
    std::vector<Centroid> merged;
    for (const auto& one : centroids) {
      if (!merged.empty() && !before(merged.back(), one)) merged.back().weight += one.weight;
      else merged.push_back(one);
    }
    centroids = std::move(merged);
    if (centroids.size() > kMostValues) compress();
  }

  void compress() {
    const double total = weight();
    const auto scale = [](double q) {
      return kCompression * (std::asin(2 * std::clamp(q, 0.0, 1.0) - 1) / M_PI + 0.5);
    };
    std::vector<Centroid> merged{centroids[0]};
    double done = 0;
    for (size_t i = 1; i < centroids.size(); ++i) {
      Centroid& last = merged.back();
      const Centroid& one = centroids[i];
      if (scale((done + last.weight + one.weight) / total) - scale(done / total) <= 1) {
        const double weight = last.weight + one.weight;
        const double mean = last.mean.real + (one.mean.real - last.mean.real) * one.weight / weight;
        last.mean = {type != Type::kReal, type == Type::kReal ? 0 : static_cast<int64_t>(std::llround(mean)),
                     mean};
        last.weight = weight;
      } else {
        done += last.weight;
        merged.push_back(one);
      }
    }
    centroids = std::move(merged);
  }

  std::string text() const {
    std::string out = "{\"tdigest\":\"" + std::string(type_name(type)) + "\",\"centroids\":[";
    for (const auto& one : centroids) {
      if (out.back() != '[') out += ',';
      out += '[';
      if (one.mean.whole) out += std::to_string(one.mean.integer);
      else append_json_real(out, one.mean.real);
      out += ',';
      if (one.weight == std::trunc(one.weight) && one.weight < 1e15)
        out += std::to_string(static_cast<int64_t>(one.weight));
      else append_json_real(out, one.weight);
      out += ']';
    }
    return out + "]}";
  }
};

// Adds pairs [value, weight] (or values) out of an array.
void read_pairs(std::string_view array, Digest& digest) {
  for (JsonElements it(array); it.next();) {
    Centroid one;
    std::string_view raw = it.value;
    if (json_kind(raw) == JsonKind::kArray) {
      JsonElements pair(it.value);
      if (!pair.next()) continue;
      raw = pair.value;
      if (!pair.next()) continue;
      const auto weight = json_number(pair.value);
      if (!weight || !(weight->real > 0) || !std::isfinite(weight->real)) continue;
      one.weight = weight->real;
    }
    const auto mean = json_number(raw);
    if (!mean || !std::isfinite(mean->real)) continue;
    one.mean = *mean;
    digest.centroids.push_back(one);
  }
}

std::optional<Digest> read_digest(const Value& value) {
  if (value.null || json_kind(value.text) != JsonKind::kObject) return std::nullopt;
  const auto type = json_member(value.text, "tdigest"), centroids = json_member(value.text, "centroids");
  if (!type || !centroids) return std::nullopt;
  const auto known = type_from_name(text_of(*type));
  if (!known || (*known != Type::kReal && *known != Type::kLong && *known != Type::kDatetime &&
                 *known != Type::kTimespan))
    return std::nullopt;
  Digest digest;
  digest.type = *known;
  read_pairs(*centroids, digest);
  std::stable_sort(digest.centroids.begin(), digest.centroids.end(), before);
  return digest.centroids.empty() ? std::nullopt : std::optional(std::move(digest));
}

// The weight of the values that are not above a value.
double rank_of(const Digest& digest, const JsonNumber& value) {
  Centroid limit;
  limit.mean = value;
  double sum = 0;
  for (const auto& one : digest.centroids) {
    if (before(limit, one)) break;
    sum += one.weight;
  }
  return sum;
}

void append_mean(std::string& out, const Digest& digest, const Centroid& one) {
  Value value = digest.type == Type::kReal
                    ? Value::of_real(one.mean.real)
                    : Value::of_long(one.mean.whole ? one.mean.integer : 0, digest.type);
  append_json(out, value);
}

// ---------------------------------------------------------------------- bodies

// args[0]: the values, or pairs [value, weight], with commas between.
template <Type type>
void tdigest(Args args, Value& out, Context& context) {
  if (args[0].text.empty()) return;
  Digest digest;
  digest.type = type;
  read_pairs("[" + std::string(args[0].text) + "]", digest);
  if (digest.centroids.empty()) return;
  digest.settle();
  set_dynamic(out, digest.text(), context);
}

void give_merged(std::span<const Value> digests, Value& out, Context& context) {
  std::optional<Digest> merged;
  for (const Value& value : digests) {
    auto one = read_digest(value);
    if (!one) continue;
    if (!merged) {
      merged = std::move(one);
      continue;
    }
    if (merged->type != one->type) merged->type = Type::kReal;
    merged->centroids.insert(merged->centroids.end(), one->centroids.begin(), one->centroids.end());
  }
  if (!merged) return;
  merged->settle();
  set_dynamic(out, merged->text(), context);
}

void tdigest_merge(Args args, Value& out, Context& context) { give_merged(args, out, context); }

// args[0]: digests with commas between.
void tdigest_merge_all(Args args, Value& out, Context& context) {
  const std::string all = "[" + std::string(args[0].text) + "]";
  std::vector<Value> digests;
  for (JsonElements it(all); it.next();) digests.push_back(Value::of_text(it.value, Type::kDynamic));
  give_merged(digests, out, context);
}

// args: digest, percent.
void percentile_tdigest(Args args, Value& out, Context& context) {
  const auto digest = read_digest(args[0]);
  if (!digest || std::isnan(args[1].real)) return;
  std::string json;
  append_mean(json, *digest, *nearest_rank(digest->centroids, args[1].real));
  set_dynamic(out, std::move(json), context);
}

// args: digest, percents as numbers or arrays of numbers.
void percentiles_array_tdigest(Args args, Value& out, Context& context) {
  const auto digest = read_digest(args[0]);
  if (!digest) return;
  std::string array = "[";
  const auto add = [&](std::string_view raw) {
    const auto percent = json_number(raw);
    if (array.size() > 1) array += ',';
    if (percent) append_mean(array, *digest, *nearest_rank(digest->centroids, percent->real));
    else array += "null";
  };
  for_each_percent(args.subspan(1), add);
  set_dynamic(out, array + "]", context);
}

// args: digest, value. The weight of the values up to it, or that in percent of all.
template <bool percent>
void rank_tdigest(Args args, Value& out, Context&) {
  const auto digest = read_digest(args[0]);
  if (!digest) return;
  const Value& value = args[1];
  JsonNumber number;
  if (value.type == Type::kReal) {
    number = {false, 0, value.real};
  } else if (value.type == Type::kDynamic) {
    const auto read = json_number(value.text);
    if (!read) return;
    number = *read;
  } else {
    number = {true, value.integer, static_cast<double>(value.integer)};
  }
  const double rank = rank_of(*digest, number);
  set_real(out, percent ? rank / digest->weight() * 100 : rank);
}

constexpr BodyEntry kBodies[] = {
    {"tdigest_real", tdigest<Type::kReal>},
    {"tdigest_long", tdigest<Type::kLong>},
    {"tdigest_datetime", tdigest<Type::kDatetime>},
    {"tdigest_timespan", tdigest<Type::kTimespan>},
    {"tdigest_merge", tdigest_merge},
    {"tdigest_merge_all", tdigest_merge_all},
    {"percentile_tdigest", percentile_tdigest},
    {"percentiles_array_tdigest", percentiles_array_tdigest},
    {"rank_tdigest", rank_tdigest<false>},
    {"percentrank_tdigest", rank_tdigest<true>},
};

}  // namespace

std::span<const BodyEntry> tdigest_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
