// Keys to places, found faster than by hashing since rows repeat each other.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace huntbook::evidence {

/// Columns by name.
class KeyIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t find(std::string_view key) const {
    const auto it = places_.find(key);
    return it == places_.end() ? kNone : it->second;
  }
  uint32_t add(std::string_view key) {
    const auto place = static_cast<uint32_t>(names_.size());
    names_.push_back(&places_.emplace(std::string(key), place).first->first);
    return place;
  }
  const std::string& name(uint32_t place) const { return *names_[place]; }
  size_t size() const { return names_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> places_;
  std::vector<const std::string*> names_;  // the map's keys, which do not move
};

/// Finds columns by guessing that they follow each other as in the rows before.
class KeyGuess {
 public:
  void start_row() { last_ = 0; }
  uint32_t find(const KeyIndex& index, std::string_view key) {
    if (last_ >= next_.size()) next_.resize(index.size() + 1, KeyIndex::kNone);
    uint32_t& guess = next_[last_];
    if (guess == KeyIndex::kNone || index.name(guess) != key) {
      const uint32_t found = index.find(key);
      if (found == KeyIndex::kNone) return found;
      guess = found;
    }
    last_ = guess + 1;
    return last_ - 1;
  }

 private:
  std::vector<uint32_t> next_;  // of the row's start, and of every column
  uint32_t last_ = 0;
};

/// The keys whose values a load reads. What is not wanted is skipped unread, which is right for rows that the
/// scan has read in full.
struct WantedKeys {
  KeyIndex index;            ///< every key that is known
  std::vector<bool> wanted;  ///< by place in `index`

  void add(std::string_view key, bool want) {
    uint32_t place = index.find(key);
    if (place == KeyIndex::kNone) {
      place = index.add(key);
      wanted.push_back(false);
    }
    if (want) wanted[place] = true;
  }
};

}  // namespace huntbook::evidence
