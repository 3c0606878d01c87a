// Between typed values and dynamic ones: what the bodies of several subjects share.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/runtime/json_text.h"
#include "kql/runtime/value.h"

namespace huntbook::kql::runtime {

/// Appends a value as JSON: null as null; datetime, timespan, guid and decimal as strings.
void append_json(std::string& out, const Value& value);
void append_json_real(std::string& out, double value);

/// Sets a dynamic result; the JSON null becomes null.
void set_dynamic(Value& out, std::string json, Context& context);
void set_text(Value& out, std::string text, Context& context);
void set_bool(Value& out, bool value);
void set_long(Value& out, int64_t value);
void set_real(Value& out, double value);

/// The number in a raw JSON value, a quoted one included.
std::optional<JsonNumber> number_of(std::string_view raw);
/// The text that tostring() gives for a raw JSON value ("" for null).
std::string text_of(std::string_view raw);
/// A raw value or `null` for an absent one.
inline std::string_view raw_or_null(const Value& value) { return value.null ? "null" : value.text; }
/// The raw elements of an array; nothing when it is none.
std::optional<std::vector<std::string_view>> elements_of(const Value& value);

enum class Order : uint8_t { kNone, kLess, kEqual, kGreater };
/// Compares two values by value; a dynamic or string one is read as the other one's type. kNone: not
/// comparable.
Order compare_scalars(const Value& a, const Value& b);
/// The same for equality; two dynamic arrays or bags by their contents.
bool equal_scalars(const Value& a, const Value& b);
/// Raw JSON values: numbers by value, everything else by its text; arrays and bags by their contents.
bool equal_json(std::string_view a, std::string_view b);
/// The order that array_sort uses: numbers, strings, others; nulls are left to the caller.
int order_json(std::string_view a, std::string_view b);

}  // namespace huntbook::kql::runtime
