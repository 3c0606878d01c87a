// Sketches that count distinct values: hll(), hll_merge(), dcount_hll(). A small one holds the hashes
// themselves and counts exactly, a large one HyperLogLog registers.
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kql/runtime/dynamic.h"
#include "kql/runtime/hll.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kMostHashes = 4096;

// The accuracies 0 to 4 that hll() and dcount() take.
int bits_of(int64_t accuracy) {
  constexpr int kBits[] = {12, 14, 16, 17, 18};
  return kBits[std::clamp<int64_t>(accuracy, 0, 4)];
}

uint8_t rank_of(uint64_t rest, int width) {  // places up to the first 1 among the `width` highest bits
  for (int i = 0; i < width; ++i) {
    if (rest & (uint64_t{1} << (63 - i))) return static_cast<uint8_t>(i + 1);
  }
  return static_cast<uint8_t>(width + 1);
}

}  // namespace

void Hll::add(uint64_t hash) {
  if (registers_.empty()) {
    hashes_.push_back(hash);
    if (hashes_.size() >= 2 * kMostHashes) settle();
    return;
  }
  const size_t place = static_cast<size_t>(hash >> (64 - bits_));
  registers_[place] = std::max(registers_[place], rank_of(hash << bits_, 64 - bits_));
}

void Hll::settle() {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  if (hashes_.size() <= kMostHashes) return;
  const std::vector<uint64_t> all = std::move(hashes_);
  hashes_.clear();
  registers_.assign(size_t{1} << bits_, 0);
  for (const uint64_t hash : all) add(hash);
}

void Hll::coarsen(int bits) {
  if (bits >= bits_) return;
  if (!registers_.empty()) {
    const int less = bits_ - bits;
    std::vector<uint8_t> folded(size_t{1} << bits, 0);
    for (size_t i = 0; i < registers_.size(); ++i) {
      if (!registers_[i]) continue;
      const uint64_t low = static_cast<uint64_t>(i) << (64 - less);  // the bits that are no place any more
      const uint8_t rank = low ? rank_of(low, less) : static_cast<uint8_t>(less + registers_[i]);
      folded[i >> less] = std::max(folded[i >> less], rank);
    }
    registers_ = std::move(folded);
  }
  bits_ = bits;
}

void Hll::merge(Hll other) {
  const int bits = std::min(bits_, other.bits_);
  coarsen(bits);
  other.coarsen(bits);
  if (registers_.empty() && !other.registers_.empty()) std::swap(*this, other);
  for (const uint64_t hash : other.hashes_) add(hash);
  for (size_t i = 0; i < other.registers_.size(); ++i)
    registers_[i] = std::max(registers_[i], other.registers_[i]);
}

// The estimate of Otmar Ertl ("New cardinality estimation algorithms for HyperLogLog sketches"), which needs
// no table of corrections.
double Hll::count() {
  settle();
  if (registers_.empty()) return static_cast<double>(hashes_.size());
  const int most = 64 - bits_;
  const double m = static_cast<double>(registers_.size());
  std::vector<double> counts(static_cast<size_t>(most) + 2, 0.0);
  for (const uint8_t value : registers_) counts[std::min<size_t>(value, counts.size() - 1)] += 1;
  const auto sigma = [](double x) {
    if (x == 1) return std::numeric_limits<double>::infinity();
    double y = 1, z = x, before = -1;
    while (z != before) {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    }
    return z;
  };
  const auto tau = [](double x) {
    if (x == 0 || x == 1) return 0.0;
    double y = 1, z = 1 - x, before = -1;
    while (z != before) {
      x = std::sqrt(x);
      before = z;
      y /= 2;
      z -= (1 - x) * (1 - x) * y;
    }
    return z / 3;
  };
  double z = m * tau(1 - counts[static_cast<size_t>(most) + 1] / m);
  for (size_t k = static_cast<size_t>(most); k >= 1; --k) z = (z + counts[k]) / 2;
  z += m * sigma(counts[0] / m);
  return m * m / (2 * std::log(2.0) * z);
}

std::string Hll::text() {
  settle();
  std::string out = "{\"hll\":" + std::to_string(bits_);
  if (registers_.empty()) {
    out += ",\"hashes\":[";
    for (const uint64_t hash : hashes_) {
      if (out.back() != '[') out += ',';
      out += std::to_string(static_cast<int64_t>(hash));
    }
    return out + "]}";
  }
  out += ",\"registers\":\"";
  for (const uint8_t value : registers_) out += kLetters[value & 63];
  return out + "\"}";
}

std::optional<Hll> Hll::read(const Value& value) {
  if (value.null || json_kind(value.text) != JsonKind::kObject) return std::nullopt;
  const auto bits = json_member(value.text, "hll");
  const auto number = bits ? json_number(*bits) : std::nullopt;
  if (!number || !number->whole || number->integer < 4 || number->integer > 18) return std::nullopt;
  Hll made(static_cast<int>(number->integer));
  if (const auto hashes = json_member(value.text, "hashes")) {
    for (JsonElements it(*hashes); it.next();) {
      const auto hash = json_number(it.value);
      if (!hash || !hash->whole) return std::nullopt;
      made.add(static_cast<uint64_t>(hash->integer));
    }
    return made;
  }
  const auto registers = json_member(value.text, "registers");
  if (!registers || json_kind(*registers) != JsonKind::kString) return std::nullopt;
  const std::string_view letters = registers->substr(1, registers->size() - 2);
  if (letters.size() != size_t{1} << made.bits_) return std::nullopt;
  made.registers_.reserve(letters.size());
  for (const char letter : letters) {
    const size_t place = kLetters.find(letter);
    if (place == std::string_view::npos || place > static_cast<size_t>(65 - made.bits_)) return std::nullopt;
    made.registers_.push_back(static_cast<uint8_t>(place));
  }
  return made;
}

namespace {

// args: the distinct values as JSON with commas between, accuracy.
void hll(Args args, Value& out, Context& context) {
  if (args[0].text.empty()) return;
  Hll made(bits_of(args.size() > 1 && !args[1].null ? args[1].integer : 1));
  const std::string all = "[" + std::string(args[0].text) + "]";
  for (JsonElements it(all); it.next();) made.add(XXH64(it.value.data(), it.value.size(), 0));
  set_dynamic(out, made.text(), context);
}

// args[0]: sketches with commas between.
void hll_merge_all(Args args, Value& out, Context& context) {
  std::optional<Hll> merged;
  const std::string all = "[" + std::string(args[0].text) + "]";
  for (JsonElements it(all); it.next();) {
    auto one = Hll::read(Value::of_text(it.value, Type::kDynamic));
    if (!one) continue;
    if (merged) merged->merge(std::move(*one));
    else merged = std::move(one);
  }
  if (merged) set_dynamic(out, merged->text(), context);
}

void hll_merge(Args args, Value& out, Context& context) {
  std::optional<Hll> merged;
  for (const Value& arg : args) {
    auto one = Hll::read(arg);
    if (!one) continue;
    if (merged) merged->merge(std::move(*one));
    else merged = std::move(one);
  }
  if (merged) set_dynamic(out, merged->text(), context);
}

void dcount_hll(Args args, Value& out, Context&) {
  if (auto sketch = Hll::read(args[0])) set_long(out, static_cast<int64_t>(std::llround(sketch->count())));
}

// args: sketches. How many values are in all of them, from the counts of their unions.
void dcount_intersect(Args args, Value& out, Context&) {
  std::vector<Hll> sketches;
  for (const Value& arg : args) {
    auto one = Hll::read(arg);
    if (!one) return;
    sketches.push_back(std::move(*one));
  }
  double sum = 0;
  for (size_t chosen = 1; chosen < size_t{1} << sketches.size(); ++chosen) {
    std::optional<Hll> together;
    for (size_t i = 0; i < sketches.size(); ++i) {
      if (!(chosen >> i & 1)) continue;
      if (together) together->merge(sketches[i]);
      else together = sketches[i];
    }
    sum += std::popcount(chosen) % 2 ? together->count() : -together->count();
  }
  set_long(out, std::llround(std::max(sum, 0.0)));
}

constexpr BodyEntry kBodies[] = {{"dcount_intersect", dcount_intersect},
                                 {"hll", hll},
                                 {"hll_merge_all", hll_merge_all},
                                 {"hll_merge", hll_merge},
                                 {"dcount_hll", dcount_hll}};

}  // namespace

std::span<const BodyEntry> hll_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
