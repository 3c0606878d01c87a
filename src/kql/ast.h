// The syntax tree of KQL: closed variants, a span in every node, no behaviour.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/schema.h"

namespace huntbook::kql {

struct Expr;
struct Query;
using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;

/// A name with where it stands.
struct Name {
  std::string text;
  Span span;
};

// ---------------------------------------------------------------- expressions

/// A literal. bool, int, long, datetime, timespan: `integer`; real: `real`; string, guid, decimal and dynamic
/// (JSON text): `text`. A typed null has `null` set.
struct Literal {
  Type type = Type::kString;
  bool null = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;
};

/// `x`, `['x y']`, `$left`, `$right`; `pattern` when it holds a wildcard (`a*`).
struct NameRef {
  std::string name;
  bool bracketed = false;
  bool pattern = false;
};

/// `*`: all columns.
struct Star {};

/// `base.member` or `base.['a b']`.
struct Path {
  ExprPtr base;
  Name member;
};

/// `base[index]`.
struct Index {
  ExprPtr base;
  ExprPtr index;
};

/// `name(args)`; an argument may be a NamedExpr (`c=7`). `base` is set for `cluster("c").database("d").f(x)`.
struct Call {
  Name name;
  std::vector<ExprPtr> args;
  ExprPtr base;
};

/// `-x`, `+x`.
struct Unary {
  std::string op;
  ExprPtr operand;
};

/// `a op b`: + - * / % == != =~ !~ < <= > >= <> and or has !has contains ... "matches regex" has_any has_all.
struct Binary {
  std::string op;
  ExprPtr left;
  ExprPtr right;
};

/// `x in (a, b)`, `!in`, `in~`, `!in~`, and `has_any (a, b)`, `has_all (a, b)` with a list.
struct InList {
  std::string op;
  ExprPtr operand;
  std::vector<ExprPtr> list;
};

/// `x between (a .. b)`, `!between`.
struct Between {
  bool negated = false;
  ExprPtr operand;
  ExprPtr low;
  ExprPtr high;
};

/// `name = x` or `(a, b) = x`.
struct NamedExpr {
  std::vector<Name> names;
  bool tuple = false;
  ExprPtr value;
};

/// A tabular expression used where an expression may stand: `(T | count)`, an argument of toscalar ...
struct SubQuery {
  QueryPtr query;
};

/// One column of a written schema: `x:long`; for `*` the name is "*".
struct ColumnDecl {
  Name name;
  Type type = Type::kDynamic;
  ExprPtr default_value;  ///< in function parameters and scan's declare
};

/// `datatable (x:long) [ 1, 2 ]`.
struct DataTable {
  std::vector<ColumnDecl> columns;
  std::vector<ExprPtr> values;  ///< row after row
};

using Properties = std::vector<std::pair<Name, ExprPtr>>;  ///< `kind=inner`, `hint.x=y`, `with (a=b)`; values
                                                           ///< are literals or names

/// `externaldata (x:long) [ "uri" ] with (format="csv")`.
struct ExternalData {
  std::vector<ColumnDecl> columns;
  std::vector<ExprPtr> uris;
  Properties properties;
};

/// `typeof(long)`; inside a plugin's schema `typeof(x:long, ...)`.
struct TypeOf {
  std::vector<ColumnDecl> columns;  ///< one unnamed entry for a scalar type
};

struct Expr {
  Span span;
  std::variant<Literal, NameRef, Star, Path, Index, Call, Unary, Binary, InList, Between, NamedExpr, SubQuery,
               DataTable, ExternalData, TypeOf>
      node;
};

// ------------------------------------------------------------------ operators

struct SortKey {
  ExprPtr value;
  std::optional<bool> ascending;
  std::optional<bool> nulls_first;
};

struct WhereOp {
  ExprPtr predicate;
};  ///< also `filter`
struct ExtendOp {
  std::vector<ExprPtr> columns;
};
struct ProjectOp {
  std::vector<ExprPtr> columns;
};
struct ProjectAwayOp {
  std::vector<ExprPtr> columns;
};
struct ProjectKeepOp {
  std::vector<ExprPtr> columns;
};
struct ProjectRenameOp {
  std::vector<ExprPtr> columns;
};
struct ProjectReorderOp {
  std::vector<SortKey> columns;
  bool granny = false;
};  ///< keys with asc/desc (also "granny-asc")
struct ProjectByNamesOp {
  std::vector<ExprPtr> columns;
};
struct SummarizeOp {
  Properties properties;
  std::vector<ExprPtr> aggregates;
  std::vector<ExprPtr> keys;
  bool has_by = false;
};
struct DistinctOp {
  Properties properties;
  std::vector<ExprPtr> columns;
};
struct CountOp {
  std::optional<Name> name;
};
struct SortOp {
  Properties properties;
  std::vector<SortKey> keys;
};
struct TopOp {
  Properties properties;
  ExprPtr count;
  std::vector<SortKey> keys;
};
struct TakeOp {
  ExprPtr count;
};
struct SampleOp {
  ExprPtr count;
};
struct SampleDistinctOp {
  ExprPtr count;
  ExprPtr column;
};
struct TopHittersOp {
  ExprPtr count;
  ExprPtr column;
  ExprPtr weight;
};
struct TopNestedOp {
  struct Level {
    ExprPtr count;
    ExprPtr column;
    ExprPtr others;
    ExprPtr aggregate;
    std::optional<bool> ascending;
  };
  std::vector<Level> levels;
};
struct UnionOp {
  Properties properties;
  std::vector<ExprPtr> tables;
};
struct JoinOp {
  Properties properties;
  ExprPtr right;
  std::vector<ExprPtr> on;
  bool lookup = false;
};
struct MvItem {
  ExprPtr value;
  std::optional<Type> to_type;
};  ///< value may be a NamedExpr
struct MvExpandOp {
  Properties properties;
  std::vector<MvItem> items;
  ExprPtr limit;
  bool old_spelling = false;
};
struct MvApplyOp {
  Properties properties;
  std::vector<MvItem> items;
  ExprPtr limit;
  std::optional<Name> context_id;
  QueryPtr query;
};
struct ParseOp {
  /// `*`, a string literal, or a column to fill.
  struct Part {
    Span span;
    bool star = false;
    std::optional<std::string> text;
    Name column;
    std::optional<Type> type;
  };
  bool where = false;     ///< parse-where
  Properties properties;  ///< kind, flags
  ExprPtr source;
  std::vector<Part> parts;
};
struct ParseKvOp {
  ExprPtr source;
  std::vector<ColumnDecl> columns;
  Properties properties;
};
struct MakeSeriesOp {
  struct Series {
    ExprPtr aggregate;
    ExprPtr default_value;
  };
  Properties properties;
  std::vector<Series> series;
  ExprPtr axis, from, to, step;
  ExprPtr range_from, range_to;  ///< `in range(a, b, s)`; the step goes to `step`
  std::vector<ExprPtr> keys;
};
struct RenderOp {
  Name kind;
  Properties properties;
};
struct EvaluateOp {
  Properties properties;
  ExprPtr call;
  std::optional<std::vector<ColumnDecl>> schema;
};
struct SerializeOp {
  std::vector<ExprPtr> columns;
};
struct SearchOp {
  Properties properties;
  std::vector<ExprPtr> tables;
  ExprPtr predicate;
};  ///< `column : term` is Binary ":"
struct FindOp {
  Properties properties;
  std::vector<ExprPtr> tables;
  ExprPtr predicate;
  bool has_project = false;
  bool project_smart = false;
  std::vector<ExprPtr> columns;            ///< names, wildcards, pack_all()
  std::vector<std::optional<Type>> types;  ///< of the columns
  std::vector<ExprPtr> away;
};
struct AsOp {
  Name name;
  Properties properties;
};
struct InvokeOp {
  ExprPtr call;
};
struct GetSchemaOp {};
struct ConsumeOp {
  Properties properties;
};
struct ReduceOp {
  Properties properties;
  ExprPtr column;
};
struct FacetOp {
  std::vector<ExprPtr> columns;
  QueryPtr query;
};
struct ForkOp {
  std::vector<std::pair<std::optional<Name>, QueryPtr>> branches;
};
struct PartitionOp {
  Properties properties;
  ExprPtr column;
  QueryPtr query;
};
struct ScanOp {
  struct Step {
    Name name;
    bool optional = false;
    std::string output;
    ExprPtr condition;
    std::vector<std::pair<Name, ExprPtr>> assignments;
  };
  Properties properties;
  std::vector<SortKey> order;
  std::vector<ExprPtr> partition;
  std::vector<ColumnDecl> declare;
  std::vector<Step> steps;
};
struct MacroExpandOp {
  Properties properties;
  ExprPtr group;
  std::optional<Name> name;
  QueryPtr query;
};
/// `make-graph A --> B with N on id, M on id`, `with_node_id=x`, `partitioned-by c (graph operators)`.
struct MakeGraphOp {
  ExprPtr source, target;
  std::vector<std::pair<ExprPtr, ExprPtr>> nodes;  ///< tables and their key columns
  std::optional<Name> node_id;
  ExprPtr partition;
  QueryPtr query;  ///< what is done with each part, without a source
};
/// `(a)-[e]->(b)<--(c)`: one node more than edges; names may be missing.
struct GraphPattern {
  enum class Direction : uint8_t { kRight, kLeft, kAny };
  struct Node {
    Span span;
    std::optional<Name> name;
  };
  struct Edge {
    Span span;
    std::optional<Name> name;
    Direction direction = Direction::kRight;
    ExprPtr low, high;  ///< of a path `-[e*1..5]->`; both or none
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};
/// graph-match and graph-shortest-paths.
struct GraphMatchOp {
  bool shortest = false;
  Properties properties;
  std::vector<GraphPattern> patterns;
  ExprPtr predicate;  ///< may be missing
  std::vector<ExprPtr> columns;
};
struct GraphToTableOp {
  struct Part {
    bool nodes = true;
    Span span;
    std::optional<Name> name;  ///< `as N`
    Properties properties;     ///< with_node_id, with_source_id, with_target_id
  };
  std::vector<Part> parts;
};
struct GraphMarkComponentsOp {
  Properties properties;
};
struct GraphWhereOp {
  bool nodes = true;  ///< graph-where-nodes, else graph-where-edges
  ExprPtr predicate;
};
/// An operator whose words are kept as they stand: assert-schema, execute-and-cache ...
struct OtherOp {
  std::vector<ExprPtr> args;
};

struct Operator {
  Span span;         ///< the whole operator
  Span name_span;    ///< its keyword
  std::string name;  ///< as written: "where", "order by" is "order"
  std::variant<WhereOp, ExtendOp, ProjectOp, ProjectAwayOp, ProjectKeepOp, ProjectRenameOp, ProjectReorderOp,
               ProjectByNamesOp, SummarizeOp, DistinctOp, CountOp, SortOp, TopOp, TakeOp, SampleOp,
               SampleDistinctOp, TopHittersOp, TopNestedOp, UnionOp, JoinOp, MvExpandOp, MvApplyOp, ParseOp,
               ParseKvOp, MakeSeriesOp, RenderOp, EvaluateOp, SerializeOp, SearchOp, FindOp, AsOp, InvokeOp,
               GetSchemaOp, ConsumeOp, ReduceOp, FacetOp, ForkOp, PartitionOp, ScanOp, MacroExpandOp,
               MakeGraphOp, GraphMatchOp, GraphToTableOp, GraphMarkComponentsOp, GraphWhereOp, OtherOp>
      node;
};

/// `range x from a to b step s`, `print a, b`: sources that are no expression.
struct RangeSource {
  Name column;
  ExprPtr from, to, step;
};
struct PrintSource {
  std::vector<ExprPtr> columns;
};

/// A pipe. Its source is an expression (a name, call, parenthesised query, datatable), range, print, or one
/// of the operators that may begin a query (union, search, find, evaluate): those have an empty source and
/// stand first in `operators`. A subquery of mv-apply, partition, fork or facet has an empty source too.
struct Query {
  Span span;
  std::variant<std::monostate, ExprPtr, RangeSource, PrintSource> source;
  std::vector<Operator> operators;
};

// ----------------------------------------------------------------- statements

struct FunctionParam {
  Name name;
  bool tabular = false;
  bool any_columns = false;         ///< `T:(*)`
  std::vector<ColumnDecl> columns;  ///< of a tabular parameter
  Type type = Type::kDynamic;
  ExprPtr default_value;
};

struct Statement;

struct FunctionBody {
  std::vector<FunctionParam> params;
  bool view = false;
  std::vector<Statement> statements;  ///< lets before the body
  QueryPtr body;  ///< a scalar body is a Query whose source is the expression, without operators
};

struct LetStatement {
  Name name;
  std::variant<QueryPtr, std::unique_ptr<FunctionBody>> value;  ///< a scalar is a Query without operators
};
struct SetStatement {
  Name name;
  ExprPtr value;
};
struct QueryParametersStatement {
  std::vector<ColumnDecl> params;
};
struct QueryStatement {
  QueryPtr query;
};
/// `.show tables | ...`: the words up to the first pipe, then the operators of `query` (source empty).
struct ManagementStatement {
  std::vector<Name> words;
  QueryPtr query;
};
/// `declare pattern P = (a:string)[path:string] { ("x").["y"] = { query }; }`; without cases it is only a
/// name.
struct PatternStatement {
  struct Case {
    Span span;
    std::vector<ExprPtr> args;
    std::optional<std::string> path;
    std::unique_ptr<FunctionBody> body;
  };
  Name name;
  std::vector<ColumnDecl> params;
  std::optional<ColumnDecl> path;
  std::vector<Case> cases;
};
/// `restrict access to (V, database().T*)`.
struct RestrictStatement {
  std::vector<ExprPtr> entities;
};
/// `alias database D = cluster("c").database("d")`.
struct AliasStatement {
  Name name;
  ExprPtr target;
};
/// declare entity_group ...: parsed over, refused by name.
struct OtherStatement {
  std::string keyword;
};

struct Statement {
  Span span;
  std::variant<LetStatement, SetStatement, QueryParametersStatement, QueryStatement, ManagementStatement,
               PatternStatement, RestrictStatement, AliasStatement, OtherStatement>
      node;
};

struct Script {
  std::vector<Statement> statements;
};

}  // namespace huntbook::kql
