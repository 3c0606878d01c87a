// A long JSON text read piece by piece: what the reader wants comes as a whole value, the rest passes by.
// Memory is bounded by the longest value that is wanted.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"

namespace huntbook {

/// Where a value stands: the keys of the objects around it; "*" for a place in an array. `tables/*/rows/*` is
/// a row.
using JsonPath = std::vector<std::string>;

class JsonStream {
 public:
  /// `wants` is asked once for each value that is not inside a wanted one; `take` gets the text of each
  /// wanted value, when it is complete. A failure of `take` ends the reading.
  using Wants = std::function<bool(const JsonPath& path)>;
  using Take = std::function<Status(const JsonPath& path, std::string_view value)>;
  JsonStream(Wants wants, Take take, size_t max_value = 64ull << 20);

  /// The next piece, cut anywhere. Fails with HB-J001 (no JSON here), HB-J002 (a value too long or too deep).
  Status push(std::string_view piece);
  /// The end: fails with HB-J003 when the text is not complete.
  Status finish();
  /// Several texts one after the other (lines of JSON) instead of one; the path of each begins anew.
  void allow_many() { many_ = true; }

 private:
  enum class Expect : uint8_t { kValue, kValueOrEnd, kKey, kKeyOrEnd, kColon, kCommaOrEnd, kNothing };
  struct Level {
    bool object = false;
  };
  Status step(char c);
  Status begin_value(char c);
  Status end_value();
  Status fail(std::string_view what) const;

  Wants wants_;
  Take take_;
  size_t max_value_;
  bool many_ = false;
  std::vector<Level> levels_;
  JsonPath path_;
  Expect expect_ = Expect::kValue;
  bool in_string_ = false, escaped_ = false, in_scalar_ = false, is_key_ = false;
  bool collecting_ = false;
  size_t collect_depth_ = 0;  ///< how many levels were open when the wanted value began
  std::string value_;         ///< of a wanted value
  std::string key_;           ///< of a member, as written
  std::string scalar_;        ///< of a value that nobody wants, to see that it is one
  uint64_t offset_ = 0;
};

}  // namespace huntbook
