// The typed plan of a query: what the binder makes, rewrites change and dialects read. No behaviour.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "huntbook/schema.h"
#include "kql/ast.h"

namespace huntbook::kql::plan {

struct Expr;
struct Rel;
using ExprPtr = std::shared_ptr<const Expr>;  // immutable, so that rewrites may share parts
using RelPtr = std::shared_ptr<const Rel>;

/// A column of a relation. `id` is unique in the whole plan and is its name in SQL ("c17").
struct ColumnDef {
  int id = 0;
  std::string name;
  Type type = Type::kString;
};

// ---------------------------------------------------------------- expressions

/// A column of the input (either side, in a join condition).
struct ColumnUse {
  int id = 0;
};

/// A constant.
struct Constant {
  Literal value;
};

/// Engine SQL over the arguments: {0}, {1} ..., {*}; in an aggregate, {order} is the order of the rows where
/// they have one. The template comes from the function data.
struct SqlCall {
  std::string sql;
  std::vector<ExprPtr> args;
};

/// A runtime body, called by its name with exactly these argument types.
struct BodyCall {
  std::string body;
  bool own_nulls = false;
  std::vector<ExprPtr> args;
};

/// The first column of the first row of a relation without outer columns; null (or "") when it is empty.
struct ScalarQuery {
  RelPtr rel;
};

/// operand in (the first column of a relation); null-safe and never null.
struct InQuery {
  ExprPtr operand;
  RelPtr rel;
};

struct Expr {
  Type type = Type::kString;
  std::variant<ColumnUse, Constant, SqlCall, BodyCall, ScalarQuery, InQuery> node;
  uint32_t depth = 1;  ///< levels of nodes from here down, as the binder built it
};

// ------------------------------------------------------------------ relations

struct Item {
  ColumnDef column;
  ExprPtr value;
};

/// Columns of a stored table: `source` is the column's place in the table's schema.
struct Scan {
  std::string table;
  std::vector<size_t> sources;
};

/// Rows written in the query; each cell a constant expression.
struct Values {
  std::vector<std::vector<ExprPtr>> rows;
};

/// `range`: one column of long, real, datetime or timespan; both ends included.
struct Range {
  ExprPtr from, to, step;
};

struct Filter {
  RelPtr input;
  ExprPtr predicate;
};

/// The output is exactly `items`.
struct Project {
  RelPtr input;
  std::vector<Item> items;
};

/// `keys` are columns of the input. The output is the keys (same ids) and then the aggregates, each an
/// SqlCall whose template is an aggregate expression.
struct Aggregate {
  RelPtr input;
  std::vector<int> keys;
  std::vector<Item> aggregates;
};

struct Distinct {
  RelPtr input;
};

struct SortKey {
  ExprPtr value;
  bool ascending = false;
  bool nulls_first = false;
};
struct Sort {
  RelPtr input;
  std::vector<SortKey> keys;
};

/// At most `count` rows (a constant expression).
struct Limit {
  RelPtr input;
  ExprPtr count;
};

/// n random rows.
struct Sample {
  RelPtr input;
  ExprPtr count;
};

/// `columns[i]` of the output comes from `sources[input][i]`, an expression over that input.
struct Union {
  std::vector<RelPtr> inputs;
  std::vector<std::vector<ExprPtr>> sources;
};

enum class JoinKind : uint8_t {
  kInnerUnique,
  kInner,
  kLeftOuter,
  kRightOuter,
  kFullOuter,
  kLeftSemi,
  kLeftAnti,
  kRightSemi,
  kRightAnti,
  kCross
};
/// Keys are null-safe equal. The output is `columns`: ids of left and right columns (semi and anti: one
/// side).
struct Join {
  JoinKind kind;
  RelPtr left, right;
  std::vector<std::pair<ExprPtr, ExprPtr>> keys;
};

/// mv-expand: the dynamic `arrays` are expanded in parallel, padded with null; an input row whose arrays are
/// all empty gives none, null gives one null. The output is `kept` columns of the input and the `elements`
/// (dynamic), then the 0-based `index` when asked for. Body "expand_elements" turns a dynamic into an array
/// of its elements.
struct Expand {
  struct Element {
    ExprPtr array;
    ColumnDef column;
  };
  RelPtr input;
  std::vector<Element> elements;
  std::optional<ColumnDef> index;
  ExprPtr limit;
  bool bags_as_pairs = false;
};

/// Adds columns computed by SQL window expressions, each an SqlCall with its own OVER clause.
struct Window {
  RelPtr input;
  std::vector<Item> items;
};

/// Rows with their number in the current order (1-based), in `number`: the base of what needs order.
struct Number {
  RelPtr input;
  std::vector<SortKey> order;
  ColumnDef number;
};

/// A relation that is named: `materialized` ones are computed once.
struct Shared {
  int name = 0;
  RelPtr input;
};

/// The rows that a pivot gives for the distinct values of `column`, joined to the input: filled in by the
/// session before the query runs. Output: the input's columns (unless !joined), then `added`.
struct Pivot {
  RelPtr input;
  std::string pivot;
  int column = 0;
  bool joined = true;
  bool inner = false;
  std::vector<ColumnDef> added;
};

/// What a procedure (src/kql/procedures) makes of whole tables: the inputs are computed first, then the
/// procedure runs, then its rows are read. Output: the procedure's columns. `options` is JSON that the binder
/// wrote. A procedure that evaluates expressions row by row gets `row_values` over `row_columns`.
struct Procedure {
  std::string name;
  std::string options;
  std::vector<RelPtr> inputs;
  std::vector<ColumnDef> row_columns;
  std::vector<Item> row_values;
  Span span;  ///< of the text that a failure is told of
};

struct Rel {
  std::vector<ColumnDef> columns;
  std::variant<Scan, Values, Range, Filter, Project, Aggregate, Distinct, Sort, Limit, Sample, Union, Join,
               Expand, Window, Number, Shared, Pivot, Procedure>
      node;
  uint32_t depth = 1;  ///< levels of nodes from here down, as the binder built it
};

/// `render kind with (...)`.
struct Chart {
  std::string kind;
  std::vector<std::pair<std::string, std::string>> properties;
};

/// A bound query.
struct Plan {
  RelPtr root;
  std::optional<Chart> chart;
  bool sorted = false;  ///< the rows come in an order that the query asked for
  std::string label;    ///< the table's name, "" when it has none
};

}  // namespace huntbook::kql::plan
