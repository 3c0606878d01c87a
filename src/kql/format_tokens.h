// What the formatter knows of a query: its tokens, their brackets, and the comments between them.
#pragma once
#include <string_view>
#include <vector>

#include "kql/parse.h"

namespace huntbook::kql {

struct Comment {
  std::string_view text;
  bool own_line = false;
  bool after_empty_line = false;
};

struct FormatTokens {
  std::vector<Token> tokens;                   ///< the last is the end
  std::vector<size_t> match;                   ///< of a bracket, the other one
  std::vector<std::vector<Comment>> comments;  ///< before each token
  std::vector<bool> after_empty_line;          ///< whether an empty line stands right before the token
  bool balanced = true;                        ///< brackets match and are not nested too deep

  explicit FormatTokens(std::string_view text);
  bool is(size_t i, std::string_view text) const {
    return tokens[i].kind == TokenKind::kPunctuation && tokens[i].text == text;
  }
  bool is_word(size_t i, std::string_view word) const {
    return tokens[i].kind == TokenKind::kName && tokens[i].text == word;
  }
  bool is_open(size_t i) const { return is(i, "(") || is(i, "[") || is(i, "{"); }
  bool is_close(size_t i) const { return is(i, ")") || is(i, "]") || is(i, "}"); }
  bool touches(size_t i) const { return i > 0 && tokens[i - 1].span.end == tokens[i].span.begin; }
  /// The token after the one at `i`, or after the bracket that opens there.
  size_t next(size_t i) const { return is_open(i) ? match[i] + 1 : i + 1; }
  /// How many columns the `datatable` whose values open at `i` has; 0 when it is none.
  size_t datatable_columns(size_t i) const;
};

}  // namespace huntbook::kql
