// Makes random well-typed KQL over the table `T`.
#pragma once
#include <cstdint>
#include <random>
#include <string>

#include "huntbook/schema.h"

namespace huntbook {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t below(uint64_t n) { return engine_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::mt19937_64 engine_;
};

/// One column of each type.
Schema random_schema();
std::string random_word(Random& random);
std::string random_json(Random& random);

struct RandomQuery {
  std::string text;
  bool comparable = true;  ///< its rows do not depend on the order in which others come
};
/// The same query for the same seed.
RandomQuery random_query(uint64_t seed);

}  // namespace huntbook
