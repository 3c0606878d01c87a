// JSON as Huntbook uses it: an immutable tree over simdjson for reading, and compact text for keeping.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/result.h"

namespace huntbook {

/// A JSON value. Numbers keep their kind: integers that fit are kLong, all others kReal. Objects keep the
/// order of their keys; of a repeated key the last one wins.
class Json {
 public:
  enum class Kind : uint8_t { kNull, kBool, kLong, kReal, kString, kArray, kObject };
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  static Json boolean(bool value);
  static Json number(int64_t value);
  static Json number(double value);
  static Json string(std::string value);
  static Json array(Array value);
  static Json object(Object value);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool as_bool() const { return long_ != 0; }
  int64_t as_long() const { return long_; }
  double as_real() const { return kind_ == Kind::kLong ? static_cast<double>(long_) : real_; }
  const std::string& as_string() const { return string_; }
  const Array& as_array() const { return *array_; }
  const Object& as_object() const { return *object_; }
  /// A member of an object, or nullptr.
  const Json* find(std::string_view key) const;

  /// Compact text; reals always with a fraction or exponent ("1.0"), NaN and infinities as strings.
  std::string text() const;
  void append_to(std::string& out) const;
  /// Structural equality; 1 equals 1.0, the order of keys does not matter.
  friend bool operator==(const Json& a, const Json& b);

 private:
  Kind kind_ = Kind::kNull;
  int64_t long_ = 0;
  double real_ = 0;
  std::string string_;
  std::shared_ptr<const Array> array_;
  std::shared_ptr<const Object> object_;
};

/// Parses one JSON text (depth at most 1000). The failure's code is "HB-J001" and its span is the offset.
Result<Json> parse_json(std::string_view text);

/// The shortest text that reads back as the same double, always with a fraction or exponent ("42.0",
/// "1e+300").
void append_real(std::string& out, double value);

}  // namespace huntbook
