// JSON as text: what dynamic values are made of, read in place. Raw values are slices of the text.
// Everything here takes any bytes; iteration over text that is no JSON ends early.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huntbook::kql::runtime {

enum class JsonKind : uint8_t { kNone, kNull, kBool, kNumber, kString, kArray, kObject };

/// By the first character; `raw` has no blanks before it.
JsonKind json_kind(std::string_view raw);

/// The elements of an array: JsonElements it(text); while (it.next()) use(it.value).
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  bool next();
  std::string_view value;  ///< raw

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// The members of an object, in order.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  bool next();
  std::string_view key;    ///< raw, with its quotes
  std::string_view value;  ///< raw

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// The text of a raw string. `buffer` is used only when there are escapes.
std::string_view json_text_of(std::string_view raw, std::string& buffer);
bool json_string_is(std::string_view raw, std::string_view text);
std::optional<std::string_view> json_member(std::string_view object, std::string_view key);
/// `index` may be negative: from the end.
std::optional<std::string_view> json_element(std::string_view array, int64_t index);
size_t json_array_length(std::string_view array);

/// A number as JSON has it: `whole` when it is an integer that fits an int64 (then `real` is set too).
struct JsonNumber {
  bool whole = false;
  int64_t integer = 0;
  double real = 0;
};
std::optional<JsonNumber> json_number(std::string_view raw);

/// The compact form: no blanks, plain escapes, reals with a fraction or exponent, of repeated keys the last.
/// Nothing when the text is no JSON.
std::optional<std::string> compact_json(std::string_view text);

}  // namespace huntbook::kql::runtime
