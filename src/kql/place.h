// Where in a text, finished or not, a cursor stands: what came before it, and what could come next.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "kql/operator_table.h"

namespace huntbook::kql {

enum class PlaceKind : uint8_t {
  kNothing,       ///< in a comment, in a text, after a number
  kStatement,     ///< a statement or query begins
  kTable,         ///< a table
  kOperator,      ///< an operator, after a pipe
  kOperand,       ///< an expression
  kAfterOperand,  ///< what may follow an expression
  kChoice,        ///< the value of the property `property`; without one, what the operator takes
  kProperty,      ///< the name of a property, within with (...)
  kType,          ///< the name of a type
  kMember,        ///< after the dot that follows `member`
  kCommand,       ///< after the dot that begins a statement
  kPlugin         ///< after evaluate
};

/// A name that a let, or a parameter of the function around, gives.
struct LocalName {
  std::string name;
  std::string text;  ///< what it stands for, as written
  bool function = false;
  bool parameter = false;
};

struct Place {
  PlaceKind kind = PlaceKind::kNothing;
  std::string prefix;                ///< the part of a word before the cursor
  Span word;                         ///< that part
  const OperatorInfo* op = nullptr;  ///< the operator that the cursor stands in
  bool after_name = false;           ///< right after the operator's name and properties
  std::string clause;                ///< the last of its words: by, on, with ...
  std::string property;
  std::string member;
  std::string call;        ///< the function whose arguments these are
  bool aggregate = false;  ///< aggregates may be called
  bool tables = false;     ///< a table may stand for the operand
  std::vector<LocalName> locals;
  std::string lets;    ///< the statements before, to bind `source` with
  std::string source;  ///< the query whose columns are in scope; empty: none are
  std::string right;   ///< the right table of a join
};

/// The place at an offset. Never fails; costs a pass over the text.
Place find_place(std::string_view text, size_t offset);

}  // namespace huntbook::kql
