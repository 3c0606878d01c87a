// The plugins of `evaluate`: one call while it is bound, over several files by subject. Private to src/kql.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kql/bind.h"
#include "kql/bind_plugin_time.h"

namespace huntbook::kql {

class PluginBinder {
 public:
  using Table = std::optional<BoundTable>;
  PluginBinder(Binder& binder, const Operator& op, const EvaluateOp& evaluate, const Call& call,
               const BoundTable& input, const EnvPtr& env);
  /// The call's table, or nothing when there were diagnostics.
  Table bind();

 private:
  using ExprPtr = plan::ExprPtr;
  using Handler = Table (PluginBinder::*)();
  struct Entry {
    std::string_view name;
    Handler handler;
  };
  static const Entry kEntries[];

  // ---- arguments, by the places of the parameters in the function data (bind_plugin.cc)
  bool read_arguments(const Function& function);
  bool given(size_t param) const { return param < given_.size() && given_[param]; }
  /// An argument that names a column of the input, or of `of`.
  struct ColumnArg {
    std::string name;
    ExprPtr value;
  };
  std::optional<ColumnArg> column(const Expr& expr, const BoundTable* of = nullptr);
  ExprPtr value(size_t param, Type type);  ///< of the input's row, converted
  /// Constants; `otherwise` when they are not given.
  std::optional<std::string> text(size_t param, std::string otherwise);
  std::optional<bool> flag(size_t param, bool otherwise);
  std::optional<double> number(size_t param, double otherwise);
  const Literal* constant(size_t param);
  Table table(size_t param);  ///< an argument that is a table
  std::nullopt_t fail(Diagnostic diagnostic);
  std::nullopt_t wrong_type(size_t param, std::string_view wanted, Type found);
  Span span_of(size_t param) const;

  // ---- making tables
  /// All of the input's columns, and the extra ones.
  BoundTable with(const BoundTable& from, std::vector<plan::Item> extra);
  /// One of several columns of a written schema (`: (a:long, *)`), `*` replaced by these columns.
  std::vector<ColumnDecl> written(const std::vector<plan::ColumnDef>& star) const;

  // ---- bind_plugin_columns.cc: columns that depend on the data
  struct Slot {
    std::string key;
    Type type = Type::kDynamic;
  };
  std::optional<std::vector<Slot>> slots(const plan::ColumnDef& bag);
  Table bag_unpack();
  Table pivot();

  // ---- bind_plugin_lookup.cc: rows of another table
  BoundTable shared(const BoundTable& table);
  Table lookup(const BoundTable& source, const BoundTable& matches, const BoundTable& right,
               const std::vector<std::pair<ExprPtr, ExprPtr>>& keys, const std::set<int>& left_out,
               bool outer);
  bool is_flag(size_t param) const;
  Table geo_lookup();
  Table ip_lookup();

  // ---- bind_plugin_time.cc: ids over steps of time
  struct Visits {
    plan::RelPtr rel;  ///< dims, id, time, step
    std::vector<plan::Item> dim_items;
    std::vector<plan::ColumnDef> dims;
    plan::ColumnDef id, time, step;
  };
  struct Covered {
    plan::RelPtr rel;
    std::vector<plan::ColumnDef> dims;
    plan::ColumnDef step, count, ids, begins;
  };
  std::optional<Timeline> timeline(size_t time, size_t start, size_t end, size_t step);
  ExprPtr length(const Timeline& line, size_t param);
  bool with_range(size_t last);
  bool dimensions(std::vector<plan::Item>& dims);
  std::optional<Visits> visits(size_t id, const Timeline& line, const ExprPtr& before = nullptr);
  std::optional<Covered> covered(const Timeline& line, const ExprPtr& span, bool earlier);
  plan::RelPtr select(const plan::RelPtr& rel, std::vector<plan::Item> items);
  plan::RelPtr where(const plan::RelPtr& rel, ExprPtr predicate);
  plan::RelPtr grouped(const plan::RelPtr& rel, const std::vector<plan::ColumnDef>& keys,
                       std::vector<plan::Item> aggregates);
  plan::ColumnDef windowed(plan::RelPtr& rel, Type type, const std::string& function, const ExprPtr& argument,
                           const std::vector<plan::ColumnDef>& partition, const ExprPtr& order,
                           const std::string& rest = "");
  plan::RelPtr sorted(const plan::RelPtr& rel, const std::vector<plan::ColumnDef>& keys);
  plan::RelPtr procedure(std::string name, std::vector<plan::RelPtr> inputs, size_t keys,
                         std::vector<plan::ColumnDef> output);
  plan::RelPtr one_row(const std::vector<ExprPtr>& values);
  BoundTable result(const plan::RelPtr& rel, std::vector<plan::Item> items);
  static std::vector<plan::Item> same(const std::vector<plan::ColumnDef>& columns);
  Table activity_counts_metrics();
  Table activity_engagement();
  Table activity_metrics();
  Table active_users_count();
  Table new_activity_metrics();
  Table rolling_percentile();
  Table session_count();
  Table sliding_window_counts();

  // ---- bind_plugin_rows.cc
  Table dcount_intersect();
  Table narrow();
  Table preview();
  Table rows_near();
  Table schema_merge();

  // ---- bind_plugin_patterns.cc: values that rows have in common
  bool defaulted(size_t param) const;
  std::optional<double> between(size_t param, double low, double high, double otherwise);
  Table patterns(const std::string& options, size_t weight_param, const std::vector<plan::ColumnDef>& leading,
                 const ExprPtr& in_a, const ExprPtr& in_b, const std::string& split);
  std::vector<plan::ColumnDef> columns(std::initializer_list<std::pair<const char*, Type>> list);
  Table autocluster();
  Table basket();
  Table diffpatterns();

  // ---- bind_plugin_sequence.cc: what follows what
  struct Funnel {
    plan::RelPtr rel;  ///< id, time, state
    plan::ColumnDef id;
    std::string state_name;
    std::vector<std::string> states;
  };
  std::optional<Funnel> funnel(const Timeline& line, size_t state_param, size_t sequence_param);
  static std::string json_list(const std::vector<std::string>& texts);
  Table funnel_sequence();
  Table funnel_sequence_completion();
  Table sequence_detect();

  Binder& binder_;
  const Catalog& catalog_;
  const Operator& op_;
  const EvaluateOp& evaluate_;
  const Call& call_;
  const BoundTable& input_;
  const EnvPtr& env_;
  Scope constants_;
  std::vector<const Expr*> given_;  ///< by parameter, null where it is missing
  std::deque<Literal> kept_;
  std::vector<const Expr*> rest_;  ///< of the repeated parameter
};

}  // namespace huntbook::kql
