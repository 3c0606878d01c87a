// Text → tokens → syntax tree.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "kql/ast.h"

namespace huntbook::kql {

enum class TokenKind : uint8_t { kEnd, kName, kBracketedName, kLiteral, kPunctuation, kBad };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string_view text;  ///< the token as written, into the query text
  std::string name;       ///< of a bracketed name, unescaped
  Literal literal;        ///< of a literal
};

/// The tokens of a query, comments and blanks dropped, an kEnd token last. Bad input becomes kBad tokens and
/// diagnostics; nothing is thrown.
std::vector<Token> lex(std::string_view text, Diagnostics& diagnostics);

/// The tree of a query. Always gives a tree; where the text is wrong, diagnostics are added and the rest is
/// still parsed (recovery at `|`, `;` and closing brackets). Nesting deeper than 500 is a diagnostic.
Script parse(std::string_view text, Diagnostics& diagnostics);
/// The function that the first statement, a `let`, defines; null when it is another one.
const FunctionBody* function_of(const Script& script);

/// The names of the tabular operators, and of `print` and `range`, which begin a query.
std::vector<std::string_view> operator_names();

/// The stages in print, for explain and goldens.
std::string print_tokens(std::string_view text);
std::string print_tree(const Script& script);

}  // namespace huntbook::kql
