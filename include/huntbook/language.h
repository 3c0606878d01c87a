// What helps to write a query: what may stand at a place, and what stands there.
#pragma once
#include <string>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/schema.h"

namespace huntbook {

/// One mistake in a file, with its place; lines and columns count from 1, in characters.
struct Finding {
  Diagnostic diagnostic;
  std::string file;
  std::string query;  ///< its name, in files that name their queries
  uint32_t line = 1;
  uint32_t column = 1;
  uint32_t end_line = 1;
  uint32_t end_column = 1;
  bool exact = true;  ///< else the line is where the query begins
};

/// What checking files gave.
struct Checked {
  size_t files = 0;  ///< that hold queries, or should
  size_t queries = 0;
  std::vector<Finding> findings;  ///< by file and place
};

/// A kind of mistake: its stable code, a short name and its message with `...` for the user's words.
struct Rule {
  std::string code;
  std::string name;
  std::string message;
};

/// One thing that may stand at a place of a text.
struct Completion {
  std::string text;    ///< to write in place of `replace`
  std::string kind;    ///< operator keyword table view function aggregate window plugin column let parameter
                       ///< value property type statement command
  std::string detail;  ///< signature, type, syntax
  std::string doc;     ///< one sentence, may be empty
  Span replace;
  bool operator==(const Completion&) const = default;
};

/// What stands at a place of a text.
struct Inspection {
  std::string kind;  ///< as of a completion
  std::string name;
  std::string detail;   ///< signature, type and table, syntax
  std::string doc;      ///< may be empty
  std::string example;  ///< a query, may be empty
  Schema columns;       ///< of a table
  Span span;            ///< of the word
};

}  // namespace huntbook
