// UTF-8 text: validation, case, nearest names.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace huntbook {

bool is_valid_utf8(std::string_view text);
/// The text with every invalid byte replaced by U+FFFD.
std::string repair_utf8(std::string_view text);
/// The code point at `pos` (valid UTF-8), moving `pos` past it.
char32_t next_code_point(std::string_view text, size_t& pos);
void append_utf8(std::string& out, char32_t code_point);
size_t count_code_points(std::string_view text);

/// Letters and digits of any script: what Kusto's terms are made of.
bool is_term_character(char32_t code_point);
/// Ordinal case folding, one code point to one (so that "ß" stays and "É" equals "é").
char32_t fold_case(char32_t code_point);
std::string fold_case(std::string_view text);
/// Full lower and upper case, invariant locale.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

/// The candidate nearest to `name` when it is near enough to be a slip of the pen, else nothing.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

/// Whether all bytes are below 0x80.
bool is_ascii(std::string_view text);

}  // namespace huntbook
