// Random numbers that are the same on every machine: xoshiro256** with integer-only helpers.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace huntbook::scenario {

/// A well-mixed 64-bit value of one or two inputs.
uint64_t mix(uint64_t a, uint64_t b = 0);
/// FNV-1a of a text, for values that must depend on a name only.
uint64_t hash_text(std::string_view text);

class Prng {
 public:
  explicit Prng(uint64_t seed);
  uint64_t next();
  /// 0 .. n-1; 0 when n is 0.
  uint64_t below(uint64_t n);
  /// lo .. hi, both included.
  int64_t between(int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(below(static_cast<uint64_t>(hi - lo + 1)));
  }
  bool chance(uint32_t permille) { return below(1000) < permille; }
  template <typename Range>
  const auto& pick(const Range& range) {
    return range[static_cast<size_t>(below(std::size(range)))];
  }

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace huntbook::scenario
