// The binder: syntax tree → typed plan. Private to src/kql; one class over several files by subject.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "kql/ast.h"
#include "kql/catalog.h"
#include "kql/diagnose.h"
#include "kql/function_table.h"
#include "kql/plan.h"

namespace huntbook::kql {

struct BoundGraph;
struct GraphScope;
struct MatchPlan;

/// A table while it is being built. `columns` are the visible ones, in order; `rel` may carry more.
struct BoundTable {
  plan::RelPtr rel;
  std::vector<plan::ColumnDef> columns;
  bool open = false;     ///< unknown columns are assumed to exist
  bool ordered = false;  ///< sorted or serialized: window functions may look at neighbours
  int number = 0;        ///< id of a hidden column that numbers the rows, 0 when there is none yet
  std::string label;     ///< the table's name, for union withsource=
  std::shared_ptr<const BoundGraph> graph;  ///< what the pipe carries is a graph and no table
  /// Inside mv-apply and partition: the hidden column that tells the parts apart (id 0 outside), and its
  /// values.
  plan::ColumnDef group;
  plan::RelPtr groups;

  const plan::ColumnDef* find(std::string_view name) const {
    for (const auto& column : columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }
};

/// What a let, a parameter or `as` gives a name to.
struct Env;
using EnvPtr = std::shared_ptr<const Env>;
struct Env {
  EnvPtr parent;
  std::string name;
  plan::ExprPtr scalar;
  std::shared_ptr<const BoundTable> table;
  const FunctionBody* function = nullptr;  ///< bound in `parent`
  const PatternStatement* pattern = nullptr;
  const RestrictStatement* restricted = nullptr;  ///< no name: hides tables from here on
  const AliasStatement* alias = nullptr;          ///< the name is "database:" and the alias
  bool view = false;
};

/// Where an expression stands: what its names mean and what it may call.
struct Scope {
  EnvPtr env;
  const BoundTable* row = nullptr;
  const BoundTable* left = nullptr;       ///< $left in a join condition
  const BoundTable* right = nullptr;      ///< $right
  const BoundTable* elsewhere = nullptr;  ///< columns of the other tables that are searched: null in this one
  std::set<std::string>* used = nullptr;  ///< where the names of columns are collected
  std::vector<plan::Item>* aggregates = nullptr;  ///< where aggregate calls are collected; null: not allowed
  const std::vector<std::pair<std::string, BoundTable>>* steps = nullptr;  ///< states of a scan's steps
  GraphScope* graph = nullptr;     ///< the elements of a graph pattern
  BoundTable* windowed = nullptr;  ///< the table that window calls extend; null: not allowed
};

/// Whether a pipe has an operator that ends it in several tables (fork, facet).
bool gives_several(const Query& query);

class Binder {
 public:
  /// `text` is what the script was parsed from: parts of it may go to a service as they are written.
  Binder(const Catalog& catalog, Diagnostics& diagnostics, std::string_view text = {})
      : catalog_(catalog), diagnostics_(diagnostics), text_(text), now_(catalog.now) {}
  /// The plans of the script's results, in their order and at least one; none when there were diagnostics.
  std::vector<plan::Plan> bind(const Script& script);
  /// The columns of the script's last query, if that much can be bound; mistakes elsewhere do not matter.
  std::optional<Schema> columns(const Script& script);

 private:
  friend class PluginBinder;
  using ExprPtr = plan::ExprPtr;
  using Table = std::optional<BoundTable>;

  // bind.cc: statements, names, functions
  /// A table that the script gives, and how it is to be drawn.
  struct Given {
    BoundTable table;
    std::optional<plan::Chart> chart;
  };
  Table bind_statements(const std::vector<Statement>& statements, EnvPtr env,
                        std::vector<Given>* results = nullptr);
  // bind_several.cc
  bool bind_several(const Query& query, const Scope& scope, std::vector<Given>& results);
  plan::Plan plan_of(const Given& given);
  bool bind_let(const LetStatement& let, EnvPtr& env);
  Table bind_query(const Query& query, const Scope& scope, const BoundTable* input = nullptr);
  Table bind_operators(Table table, const std::vector<Operator>& operators, size_t from, const EnvPtr& env);
  Table bind_management(const ManagementStatement& statement, const EnvPtr& env);
  // bind_statement.cc: names that statements decide
  const Env* find(const EnvPtr& env, std::string_view name) const;
  bool is_visible(const EnvPtr& env, std::string_view name) const;
  const TableInfo* find_table(const EnvPtr& env, std::string_view name) const;
  const StoredFunction* find_stored(const EnvPtr& env, std::string_view name) const;
  bool is_qualified(const Expr& expr, const EnvPtr& env) const;
  bool is_here(const Call& place, const EnvPtr& env);
  Table bind_qualified(const Expr& expr, const EnvPtr& env);
  Table bind_pattern(const Expr& expr, const Call& call, const std::optional<std::string>& path,
                     const Env& binding);
  void bind_parameters(const QueryParametersStatement& declared, EnvPtr& env);
  void bind_set(const SetStatement& set, const EnvPtr& env);
  bool is_tabular(const Query& query, const EnvPtr& env) const;
  bool is_tabular(const Expr& expr, const EnvPtr& env) const;

  // bind_source.cc: where rows come from
  Table bind_source(const Expr& expr, const Scope& scope);
  Table bind_any_source(const Expr& expr, const Scope& scope);  ///< a table or a graph
  Table bind_name(const Expr& expr, const NameRef& name, const EnvPtr& env);
  Table bind_stored_name(const Expr& expr, const NameRef& name, const EnvPtr& env);
  Table bind_table_call(const Expr& expr, const Call& call, const Scope& scope);
  Table bind_stored(const Expr& expr, const StoredFunction& function, const Call* call, const Scope& scope);
  std::optional<std::string> argument_text(const Expr& value, const Scope& scope);
  // bind_remote.cc: rows of connections
  struct RemotePlace {
    const Expr* expr = nullptr;
    std::string cluster, database, name;
    const Call* call = nullptr;  ///< of a function
  };
  /// The table or function of a `cluster("...")`, or nothing when the expression names none.
  std::optional<RemotePlace> remote_place(const Expr& expr, const EnvPtr& env);
  /// `taken` counts the operators that the service ran.
  Table bind_remote(const RemotePlace& place, const std::vector<Operator>& operators, size_t& taken,
                    const Scope& scope);
  Table bind_source_request(const Operator& op, const Call& call, const EnvPtr& env);
  Table ask_remote(const RemoteRequest& request, Span span, size_t& taken);
  bool may_push(const Operator& op, std::string_view text, const EnvPtr& env) const;
  Table bind_external(const Expr& expr, const ExternalData& external, const Scope& scope);
  Table bind_datatable(const Expr& expr, const DataTable& data, const Scope& scope);
  Table bind_print(const PrintSource& print, const Scope& scope);
  Table bind_range(const RangeSource& range, const Scope& scope);
  Table scan(const TableInfo& info);
  Table assumed_table(std::string name);
  BoundTable reuse(const BoundTable& table);
  std::vector<std::pair<std::string, BoundTable>> tables_matching(std::string_view pattern,
                                                                  const EnvPtr& env);
  Table bind_body(const Expr& expr, const StoredFunction& function, Diagnostics inner,
                  const std::function<Table()>& bind);
  Table bind_lambda(const Expr& expr, const StoredFunction& function, const Call* call, const Scope& scope);
  std::optional<EnvPtr> bind_arguments(const Expr& expr, const Call& call, const FunctionBody& function,
                                       const EnvPtr& function_env, const Scope& scope,
                                       const BoundTable* piped);
  Table call_function(const Expr& expr, const Call& call, const Env& binding, const Scope& scope,
                      const BoundTable* piped = nullptr);
  ExprPtr call_scalar_function(const Expr& expr, const Call& call, const Env& binding, const Scope& scope);

  // bind_expr.cc, bind_call.cc: scalars. A null result means that a diagnostic was added.
  ExprPtr bind_expr(const Expr& expr, const Scope& scope);
  /// Counts one more term; false (and a diagnostic) when there are too many.
  bool count_term(Span span);
  ExprPtr bind_literal(const Literal& literal);
  ExprPtr bind_name_ref(const Expr& expr, const NameRef& name, const Scope& scope);
  ExprPtr bind_path(const Expr& expr, const Scope& scope);
  ExprPtr bind_binary(const Expr& expr, const Binary& binary, const Scope& scope);
  ExprPtr bind_any_column(const Expr& expr, const Binary& binary, const Scope& scope);
  ExprPtr bind_in(const Expr& expr, const InList& in, const Scope& scope);
  ExprPtr bind_between(const Expr& expr, const Between& between, const Scope& scope);
  ExprPtr bind_call(const Expr& expr, const Call& call, const Scope& scope);
  ExprPtr bind_special(const Expr& expr, const Call& call, const Scope& scope, bool& known);
  ExprPtr bind_aggregate(const Expr& expr, const Call& call, const Function& function, const Scope& scope);
  ExprPtr bind_window(const Expr& expr, const Call& call, const Scope& scope);
  ExprPtr bind_session(const Expr& expr, std::vector<ExprPtr> args, BoundTable& table, ExprPtr place);
  ExprPtr bind_data_size(const Expr& expr, const Call& call, const Scope& scope);
  ExprPtr bind_bin_auto(const Expr& expr, const Call& call, const Scope& scope);
  ExprPtr bind_pack_all(const Call& call, const Scope& scope);
  ExprPtr bind_choice(const Expr& expr, const Call& call, const Scope& scope);
  ExprPtr apply(const Function& function, Span span, std::vector<ExprPtr> args,
                std::optional<Type> type_literal, const std::vector<Span>& spans,
                const Signature** chosen = nullptr);
  ExprPtr apply(std::string_view name, FunctionKind kind, Span span, std::vector<ExprPtr> args);
  ExprPtr convert(ExprPtr value, Type to, Span span);
  ExprPtr fit(ExprPtr value, Accepts accepts, Type common, Span span);
  std::optional<Type> common_type(const std::vector<ExprPtr>& values) const;
  bool bind_exprs(const std::vector<kql::ExprPtr>& exprs, const Scope& scope, std::vector<ExprPtr>& out);
  ExprPtr bind_bool(const Expr& expr, const Scope& scope);
  std::optional<std::string> constant_text(const Expr& expr, const Scope& scope);
  std::optional<int64_t> constant_long(const Expr& expr, const Scope& scope);

  // bind_columns.cc: calls that give several columns
  struct ManyColumns {
    ExprPtr whole;  ///< an array with the columns' values; null after a diagnostic
    std::vector<std::pair<std::string, Type>> parts;
  };
  bool gives_columns(const Expr& expr, const Scope& scope) const;
  /// Nothing when the expression is no such call.
  std::optional<ManyColumns> bind_columns(const Expr& expr, const Scope& scope);
  ExprPtr part_of(const ManyColumns& columns, size_t i, Span span);
  struct NamedPart {
    std::string name;
    ExprPtr value;
    Span span;
  };
  /// The columns under the names written, or under their own; nothing after a diagnostic.
  std::optional<std::vector<NamedPart>> named_parts(const ManyColumns& columns, const NamedExpr* named,
                                                    Span span);

  // bind_project.cc, bind_summarize.cc, bind_join.cc, bind_rows.cc: one function per operator
  Table bind_operator(const Operator& op, BoundTable table, const EnvPtr& env);
  Table bind_where(const Expr& predicate, BoundTable table, const EnvPtr& env);
  Table bind_extend(const std::vector<kql::ExprPtr>& columns, BoundTable table, const EnvPtr& env,
                    bool ordered);
  Table bind_project(const std::vector<kql::ExprPtr>& columns, BoundTable table, const EnvPtr& env,
                     GraphScope* graph = nullptr);
  Table bind_project_pick(const std::vector<kql::ExprPtr>& columns, BoundTable table, bool keep, Span span);
  Table bind_project_by_names(const ProjectByNamesOp& op, BoundTable table, const EnvPtr& env);
  Table bind_rename(const ProjectRenameOp& op, BoundTable table, const EnvPtr& env);
  Table bind_reorder(const ProjectReorderOp& op, BoundTable table);
  Table bind_distinct(const DistinctOp& op, BoundTable table, const EnvPtr& env);
  using Exprs = std::vector<const Expr*>;
  /// Groups by `keys` and, before them, by the columns `groups` of the table's relation.
  Table bind_summarize(const Exprs& aggregates, const Exprs& keys, BoundTable table, const EnvPtr& env,
                       const std::vector<plan::ColumnDef>& groups = {});
  bool bind_pick(const Expr& expr, const Call& call, const std::vector<Name>& names, const BoundTable& table,
                 const Scope& scope, std::vector<plan::Item>& aggregates,
                 std::vector<std::pair<std::string, ExprPtr>>& out, std::set<std::string>& skip);
  Table bind_sort(const SortOp& op, BoundTable table, const EnvPtr& env);
  Table bind_top(const TopOp& op, BoundTable table, const EnvPtr& env);
  bool bind_keys(const std::vector<SortKey>& keys, const BoundTable& table, const EnvPtr& env,
                 std::vector<plan::SortKey>& out);
  Table bind_union(const Operator& op, const UnionOp& set, const BoundTable* table, const EnvPtr& env);
  Table unite(std::vector<BoundTable> tables, bool inner, const std::string& source_column, Span span);
  bool gather(const std::vector<kql::ExprPtr>& sources, bool fuzzy, const EnvPtr& env,
              std::vector<BoundTable>& tables);
  std::optional<std::vector<BoundTable>> matching(const Expr& predicate, std::vector<BoundTable> tables,
                                                  const EnvPtr& env, std::set<std::string>& used);
  ExprPtr bind_search_term(const Expr& expr, const Scope& scope);
  ExprPtr bind_any_term(std::string text, Span span, const Scope& scope);
  Table bind_find(const Operator& op, const FindOp& find, const BoundTable* table, const EnvPtr& env);
  Table found_columns(const FindOp& find, std::vector<BoundTable> tables, const std::set<std::string>& used,
                      const std::string& source_column, Span span);
  Table bind_join(const Operator& op, const JoinOp& join, BoundTable table, const EnvPtr& env);
  bool bind_condition(const Expr& on, const Scope& scope, std::vector<std::pair<ExprPtr, ExprPtr>>& keys,
                      std::vector<std::string>& right_keys);
  Table bind_expand(const MvExpandOp& op, BoundTable table, const EnvPtr& env, Span span);
  Table bind_mv_apply(const MvApplyOp& op, BoundTable table, const EnvPtr& env, Span span);
  Table expand(const std::vector<MvItem>& items, const Properties& properties, const Expr* limit,
               BoundTable table, const EnvPtr& env, Span span, std::vector<std::string>* names);
  // bind_group.cc: operators that work on each part of a table
  Table bind_partition(const Operator& op, const PartitionOp& partition, BoundTable table, const EnvPtr& env);
  Table bind_grouped(const Operator& op, BoundTable table, const EnvPtr& env);
  BoundTable first_per_group(BoundTable table, std::vector<ExprPtr> by, ExprPtr count, bool random = false);
  BoundTable in_every_group(const BoundTable& table, const BoundTable& grouped);
  Table bind_count(const CountOp& op, const BoundTable& table);
  Table bind_sample_distinct(const Operator& op, const SampleDistinctOp& sample, BoundTable table,
                             const EnvPtr& env);
  Table bind_parse(const ParseOp& op, BoundTable table, const EnvPtr& env);
  Table bind_parse_kv(const ParseKvOp& op, BoundTable table, const EnvPtr& env);
  Table bind_evaluate(const Operator& op, const EvaluateOp& evaluate, BoundTable table, const EnvPtr& env);
  Table bind_enrichment(const Operator& op, const Call& call, const PivotInfo& pivot, BoundTable table,
                        const EnvPtr& env);
  Table bind_invoke(const Operator& op, const InvokeOp& invoke, BoundTable table, const EnvPtr& env);
  Table bind_getschema(BoundTable table);
  Table bind_search(const Operator& op, const SearchOp& search, const BoundTable* table, const EnvPtr& env);
  static plan::ExprPtr pack_columns(const std::vector<plan::ColumnDef>& columns);
  Table bind_render(const RenderOp& render, BoundTable table, const EnvPtr& env);
  void number(BoundTable& table);
  /// The rows of a part of the query now, or nothing: with a diagnostic when they could not be had, without
  /// one when this is no time to run anything.
  std::optional<huntbook::Table> run_now(plan::RelPtr rel);

  // bind_top.cc
  Table bind_top_nested(const TopNestedOp& top, BoundTable table, const EnvPtr& env);
  Table bind_reduce(const ReduceOp& op, BoundTable table, const EnvPtr& env);
  Table bind_top_hitters(const TopHittersOp& op, BoundTable table, const EnvPtr& env);

  // bind_series.cc
  Table bind_make_series(const MakeSeriesOp& make, BoundTable table, const EnvPtr& env);

  // bind_scan.cc
  Table bind_scan(const Operator& op, const ScanOp& scan, BoundTable table, const EnvPtr& env);

  // bind_graph.cc, bind_graph_names.cc, bind_graph_match.cc
  Table bind_graph_operator(const Operator& op, BoundTable table, const EnvPtr& env);
  Table bind_make_graph(const Operator& op, const MakeGraphOp& make, BoundTable table, const EnvPtr& env);
  Table bind_graph_to_table(const GraphToTableOp& to_table, const BoundGraph& graph);
  Table bind_mark_components(const Operator& op, const GraphMarkComponentsOp& mark, const BoundGraph& graph);
  Table bind_graph_where(const GraphWhereOp& where, const BoundGraph& graph, const EnvPtr& env);
  Table bind_graph_match(const Operator& op, const GraphMatchOp& match, const BoundGraph& graph,
                         const EnvPtr& env);
  ExprPtr bind_graph_property(const Expr& expr, std::string_view element, const std::string& property,
                              GraphScope& scope, bool& known);
  ExprPtr bind_graph_call(const Expr& expr, const Call& call, const Scope& scope, bool& known);
  ExprPtr bind_graph_each(const Expr& expr, const Call& call, const Scope& scope);
  bool bind_pattern(const Operator& op, const GraphMatchOp& match, const BoundGraph& graph, const EnvPtr& env,
                    MatchPlan& made);
  bool bind_match_where(const Expr& predicate, const EnvPtr& env, MatchPlan& made);
  plan::RelPtr joined_rel(const BoundGraph& graph, MatchPlan& made);
  plan::RelPtr search_rel(const BoundGraph& graph, MatchPlan& made);
  Table table_of(BoundGraph graph);
  BoundGraph reuse(const BoundGraph& graph);
  BoundGraph with_degrees(BoundGraph graph);

  // naming
  std::string implicit_name(const Expr& expr) const;

  // building
  int new_id() { return ++last_id_; }
  plan::ColumnDef new_column(std::string name, Type type) { return {new_id(), std::move(name), type}; }
  /// A table whose rel projects exactly these columns (and keeps the hidden number).
  BoundTable project(const BoundTable& from, std::vector<plan::Item> items);
  ExprPtr assumed_column() const;
  bool is_assumed(const plan::Expr& expr) const;
  std::nullptr_t fail(Diagnostic diagnostic);
  Diagnostic column_not_found(std::string_view name, Span span, const BoundTable* row);

  const Catalog& catalog_;
  Diagnostics& diagnostics_;
  std::string_view text_;
  int64_t now_;                  ///< ticks: what now() gives
  std::optional<int64_t> take_;  ///< at most so many rows are given
  bool only_columns_ = false;    ///< nothing is wanted but names and types: values are not checked
  int last_id_ = 0;
  int last_shared_ = 0;
  int depth_ = 0;
  size_t terms_ = 0;    ///< bound so far; functions are bound where they are called, so this can explode
  bool cased_ = false;  ///< inside search kind=case_sensitive
  std::optional<plan::Chart> chart_;
  std::deque<std::string> texts_;  ///< of stored functions that take values
  std::deque<Script> scripts_;     ///< trees of stored functions, which environments point into
  std::vector<std::string> expanding_;
  std::vector<EnvPtr> exported_;        ///< tables that a query names for the statements after it
  std::vector<BoundTable> also_given_;  ///< by the operator that stood last, after the table that it gave
  const Operator* stop_ = nullptr;      ///< the pipe is bound up to this operator
  std::set<std::string> given_;         ///< values of the catalog's parameters that were asked for
  std::map<std::string, const kql::Expr*> settings_;  ///< values of `set` statements
};

/// The call of `evaluate source_request(...)` that begins a pipe, or nullptr.
const Call* source_request(const Operator& op);

// Making plan nodes. A plan is walked by recursion, here and in the engine: the binder refuses one of more
// levels than kMaxDepth.
constexpr uint32_t kMaxDepth = 1500;
uint32_t depth_below(const plan::Expr& expr);
uint32_t depth_below(const plan::Rel& rel);
plan::ExprPtr make_column(const plan::ColumnDef& column);
plan::ExprPtr make_sql(Type type, std::string sql, std::vector<plan::ExprPtr> args = {});
plan::ExprPtr make_body(Type type, std::string body, std::vector<plan::ExprPtr> args, bool own_nulls = false);
plan::ExprPtr make_scalar_query(Type type, plan::RelPtr rel);
plan::ExprPtr make_in_query(plan::ExprPtr operand, plan::RelPtr rel);
plan::ExprPtr make_constant(Literal literal);
plan::ExprPtr make_text(std::string text);
plan::ExprPtr make_long(int64_t value);
plan::ExprPtr make_int(int64_t value);
plan::ExprPtr make_null(Type type);
template <typename Node>
plan::RelPtr make_rel(std::vector<plan::ColumnDef> columns, Node node) {
  auto made = std::make_shared<plan::Rel>(plan::Rel{std::move(columns), std::move(node)});
  made->depth = 1 + depth_below(*made);
  return made;
}
/// What is wrong with the constant arguments of a body beyond their types, or nothing (see bind_check.cc).
std::optional<Diagnostic> check_constants(std::string_view body, const std::vector<plan::ExprPtr>& args,
                                          Span span);
/// A property's value as a word, whether written as a name or as a literal; "" when it is not there. `where`
/// gets the value's place.
std::string property_word(const Properties& properties, std::string_view name, Span* where = nullptr);
/// The expressions of a list, for those who take them from several places.
std::vector<const Expr*> pointers(const std::vector<ExprPtr>& list);
/// The literal, when the expression is one.
const Literal* constant_of(const plan::ExprPtr& expr);
/// `name` made unique among `taken` by a number from 1 on, and added to it.
std::string unique_name(std::string name, std::set<std::string>& taken);
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace huntbook::kql
