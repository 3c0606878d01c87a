// What helps to write a query: what may stand at a place, and what stands there.
#pragma once
#include <string>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/schema.h"

namespace huntbook {

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
