// Literals: those with a type name, datetime(...) and the like, and the units of timespans.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "kql/ast.h"

namespace huntbook::kql {

/// Blanks of any kind, those that come with pasted text too.
bool is_blank(char32_t code);
/// The literal `type(body)`, or nothing when the body is no literal of that type. Not for dynamic.
std::optional<Literal> make_typed_literal(Type type, std::string_view body);
/// Whether `word(...)` is a literal of a scalar type; dynamic(...) is read by the parser.
bool is_literal_type(std::string_view word);
/// What to write instead of a wrong literal of the type.
std::string literal_hint(std::string_view type);
/// The ticks in one unit of a timespan literal (`d`, `min`, `tick` ...), 0 when it is no unit.
double ticks_of_unit(std::string_view unit);
/// Whether a word that begins with a digit is a slip for a number or a timespan (`1L`, `100ns`), and what to
/// write.
bool is_bad_number(std::string_view word);
std::string number_hint(std::string_view word);

/// A literal as print shows it, null and type told.
std::string literal_text(const Literal& literal);

}  // namespace huntbook::kql
