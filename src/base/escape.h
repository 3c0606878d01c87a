// The one escaping writer per output language. Every byte of a log is hostile until it went through one of
// these.
#pragma once
#include <string>
#include <string_view>

namespace huntbook {

/// Text for HTML content and for double-quoted attributes.
std::string escape_html(std::string_view text);
/// A CSV cell (RFC 4180), quoted where needed. Unless `raw`, a cell that a spreadsheet would run as a formula
/// (starts with = + - @ TAB CR, and is no plain number) gets a leading apostrophe.
std::string escape_csv(std::string_view text, bool raw = false);
/// Text for a terminal: control characters, escape sequences, bidirectional and zero-width characters made
/// visible.
std::string escape_terminal(std::string_view text);
/// Appends `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. With `for_script`, also
/// safe inside an HTML script element (<, >, & and U+2028/9 as \u escapes).
void append_json_string(std::string& out, std::string_view text, bool for_script = false);
/// A string literal and an identifier for SQL.
std::string quote_sql_string(std::string_view text);
std::string quote_sql_name(std::string_view name);
/// A string literal for KQL.
std::string quote_kql_string(std::string_view text);

}  // namespace huntbook
