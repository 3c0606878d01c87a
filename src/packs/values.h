// Values of parameters in the text of a query, as each service's language writes them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "packs/environments.h"

namespace huntbook {

/// A time: ISO 8601 with Z; quoted "YYYY-MM-DD HH:MM:SS.ffffff" for SPL and ES|QL; without zone for Sumo
/// Logic; milliseconds since 1970 for Cybereason.
std::string write_time(Dialect dialect, int64_t ticks);
/// The items of a list value: a JSON array, or text with commas between them.
std::vector<Json> list_items(std::string_view value);
/// A list: 'a', 'b', 3; "a","b" for SPL and ES|QL.
std::string write_list(Dialect dialect, std::string_view value);

/// Follows a query's text and knows whether a place is inside a string literal.
class LiteralTracker {
 public:
  explicit LiteralTracker(Dialect dialect) : dialect_(dialect) {}
  /// Reads on to the next character of the text.
  void step(std::string_view text, size_t at);
  bool inside() const { return quote_ != 0; }
  /// The value as the literal that is open takes it, so that it cannot end it.
  std::string escape(std::string_view value) const;

 private:
  Dialect dialect_;
  char quote_ = 0;         // of the literal that is open
  bool verbatim_ = false;  // no escapes, a doubled quote stands for itself
  bool comment_ = false;
  bool inner_ = false;  // an RQL literal inside a JSON string
  size_t skip_ = 0;     // up to here the text was read
};

}  // namespace huntbook
