// A sketch of the distinct values of a group, as dynamic values carry it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kql/runtime/value.h"

namespace huntbook::kql::runtime {

class Hll {
 public:
  /// `bits`: the logarithm of how many registers it has once it is large, 4 to 18.
  explicit Hll(int bits) : bits_(bits) {}
  /// Nothing when the value is no sketch.
  static std::optional<Hll> read(const Value& value);

  void add(uint64_t hash);
  /// The coarser of the two decides how coarse the result is.
  void merge(Hll other);
  double count();
  std::string text();  ///< JSON

 private:
  void settle();  ///< each hash once, in order; registers when there are many
  void coarsen(int bits);

  int bits_;
  std::vector<uint64_t> hashes_;    ///< of a small one
  std::vector<uint8_t> registers_;  ///< of a large one
};

}  // namespace huntbook::kql::runtime
