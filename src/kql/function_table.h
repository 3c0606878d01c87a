// Functions, aggregates, operators and plugins as data, generated from functions/*.yaml.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "huntbook/schema.h"

namespace huntbook::kql {

/// What a parameter accepts: one type, or a class of types.
enum class Accepts : uint8_t {
  kBool,
  kInt,
  kLong,
  kReal,
  kString,
  kDatetime,
  kTimespan,
  kDynamic,
  kGuid,
  kDecimal,
  kAny,          ///< every scalar type
  kNumber,       ///< int long real decimal
  kInteger,      ///< int long
  kSummable,     ///< kNumber, timespan
  kOrderable,    ///< everything but dynamic
  kTime,         ///< datetime timespan
  kText,         ///< any scalar, converted with tostring() before the call
  kJson,         ///< any scalar, converted to JSON text (a dynamic) before the call
  kTypeLiteral,  ///< typeof(x); not passed on, gives the result type with returns `typeof`
  kTable         ///< plugins: a table
};

enum class Returns : uint8_t {
  kType,    ///< `type`
  kSame,    ///< the type of argument `argument`
  kWiden,   ///< the same with int become long
  kCommon,  ///< the common type of all arguments of parameters marked any/number/orderable/summable, which
            ///< are converted to it
  kTypeOf   ///< what the typeof() argument says, `type` when it is missing
};

struct Param {
  std::string_view name;
  Accepts accepts = Accepts::kAny;
  bool optional = false;
  bool repeated = false;  ///< the last one, any number of times (at least once unless optional)
  bool constant = false;  ///< must be a constant expression
};

struct Signature {
  std::span<const Param> params;
  Returns returns = Returns::kType;
  Type type = Type::kString;
  uint8_t argument = 0;
  bool own_nulls = false;  ///< the body is called with nulls too; else a null argument gives null
  std::string_view sql;    ///< DuckDB SQL with {0} {1} ... and {*} (all, comma separated); empty: see body
  std::string_view body;   ///< name of a runtime body
  std::string_view post;   ///< aggregates: a runtime body applied to the aggregate's value (type `sql_type`)
                           ///< and the arguments from `post_from` on
  uint8_t post_from = 255;
  Type sql_type = Type::kDynamic;
};

/// One of the columns of a function that gives several.
struct ResultColumn {
  std::string_view name;
  Type type = Type::kDynamic;
};

enum class FunctionKind : uint8_t { kScalar, kAggregate, kWindow, kOperator, kPlugin };

struct Function {
  std::string_view name;
  FunctionKind kind = FunctionKind::kScalar;
  std::string_view doc;
  std::string_view alias_of;     ///< an old or other spelling
  std::string_view result_name;  ///< prefix of the implicit column name ("sum" gives sum_x)
  uint8_t name_from = 255;       ///< scalars: the argument whose name the implicit column name is made of
  std::span<const ResultColumn> columns;  ///< scalars whose value is an array of these columns' values
  std::span<const Signature> signatures;
  std::string_view example;  ///< a query
  std::string_view result;   ///< the text of its first cell
};

/// All functions, sorted by name.
std::span<const Function> functions();
/// The function of that name and kind (aliases resolved), or nullptr. Names are case-sensitive.
const Function* find_function(std::string_view name, FunctionKind kind);

}  // namespace huntbook::kql
