// What the bodies of scalar functions take and give. Pure: no engine, no clock, no global state.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "huntbook/schema.h"

namespace huntbook::kql::runtime {

/// One scalar. bool, int, long and ticks are in `integer`, real in `real`; string, guid (36 characters, lower
/// case), decimal (digits) and dynamic (compact JSON text) in `text`. A string is never null.
struct Value {
  Type type = Type::kString;
  bool null = false;
  int64_t integer = 0;
  double real = 0;
  std::string_view text;

  static Value null_of(Type type) {
    Value v;
    v.type = type;
    v.null = type != Type::kString;
    return v;
  }
  static Value of_bool(bool b) {
    Value v;
    v.type = Type::kBool;
    v.integer = b;
    return v;
  }
  static Value of_long(int64_t i, Type type = Type::kLong) {
    Value v;
    v.type = type;
    v.integer = i;
    return v;
  }
  static Value of_real(double r) {
    Value v;
    v.type = Type::kReal;
    v.real = r;
    return v;
  }
  static Value of_text(std::string_view s, Type type = Type::kString) {
    Value v;
    v.type = type;
    v.text = s;
    return v;
  }
};

/// Memory and caches of one call site on one thread: results live until clear(), caches until the end.
class Context {
 public:
  /// Keeps a text alive until clear() and gives the view to put in a Value.
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }
  void clear() {
    kept_.clear();
    ++rounds_;
  }
  /// Counts the clears: between two of them, the same place in memory holds the same text.
  uint64_t rounds() const { return rounds_; }
  /// State that is made once per key (a compiled pattern, a parsed list): T(std::string_view key).
  template <typename T>
  T& cached(std::string_view key) {
    if (last_ && last_key_ == key) return *static_cast<T*>(last_);
    auto it = cache_.find(std::string(key));
    if (it == cache_.end()) {
      if (cache_.size() >= 256) cache_.clear();  // patterns that come from rows must not grow without bound
      it = cache_.emplace(std::string(key), std::make_shared<T>(key)).first;
    }
    last_key_ = it->first;
    last_ = it->second.get();
    return *static_cast<T*>(last_);
  }

 private:
  std::deque<std::string> kept_;
  uint64_t rounds_ = 0;
  std::unordered_map<std::string, std::shared_ptr<void>> cache_;
  std::string_view last_key_;  ///< of the entry that was asked for last
  void* last_ = nullptr;
};

/// A body. `out` comes as a null of the result type and may be set. Unless the signature says `nulls: own`,
/// no argument is null. An optional argument that was not given is not in `args`.
using Body = void (*)(std::span<const Value> args, Value& out, Context& context);

struct BodyEntry {
  std::string_view name;
  Body body;
};

/// The bodies of one subject; each runtime file has such a list (see runtime/bodies.cc, which joins them).
std::span<const BodyEntry> operator_bodies();
std::span<const BodyEntry> term_bodies();
std::span<const BodyEntry> string_bodies();
std::span<const BodyEntry> regex_bodies();
std::span<const BodyEntry> conversion_bodies();
std::span<const BodyEntry> datetime_bodies();
std::span<const BodyEntry> time_format_bodies();
std::span<const BodyEntry> math_bodies();
std::span<const BodyEntry> unit_bodies();
std::span<const BodyEntry> dynamic_bodies();
std::span<const BodyEntry> bag_bodies();
std::span<const BodyEntry> array_bodies();
std::span<const BodyEntry> set_bodies();
std::span<const BodyEntry> aggregate_bodies();
std::span<const BodyEntry> percentile_bodies();
std::span<const BodyEntry> parse_operator_bodies();
std::span<const BodyEntry> network_bodies();
std::span<const BodyEntry> encoding_bodies();
std::span<const BodyEntry> punycode_bodies();
std::span<const BodyEntry> parsing_bodies();
std::span<const BodyEntry> xml_bodies();
std::span<const BodyEntry> plugin_bodies();
std::span<const BodyEntry> series_bodies();
std::span<const BodyEntry> geohash_bodies();
std::span<const BodyEntry> geo_point_bodies();
std::span<const BodyEntry> s2cell_bodies();
std::span<const BodyEntry> make_series_bodies();
std::span<const BodyEntry> geo_line_bodies();
std::span<const BodyEntry> geo_polygon_bodies();
std::span<const BodyEntry> geo_overlay_bodies();
std::span<const BodyEntry> geo_reshape_bodies();
std::span<const BodyEntry> geo_wkt_bodies();
std::span<const BodyEntry> h3cell_bodies();
std::span<const BodyEntry> series_fit_bodies();
std::span<const BodyEntry> series_fourier_bodies();
std::span<const BodyEntry> series_decompose_bodies();
std::span<const BodyEntry> session_bodies();
std::span<const BodyEntry> user_agent_bodies();
std::span<const BodyEntry> hll_bodies();
std::span<const BodyEntry> tdigest_bodies();
std::span<const BodyEntry> geo_info_bodies();

/// The body of that name, or nullptr.
Body find_body(std::string_view name);

}  // namespace huntbook::kql::runtime
