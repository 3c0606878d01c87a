// evaluate: which plugin, its arguments, what is told when there is none.
#include "kql/bind_plugin.h"

#include <algorithm>

#include "base/text.h"
#include "kql/operator_table.h"

namespace huntbook::kql {
namespace {

std::string count_words(const Signature& signature) {
  size_t low = 0;
  for (const auto& param : signature.params) low += !param.optional;
  const size_t high = signature.params.size();
  if (!signature.params.empty() && signature.params.back().repeated)
    return fmt::format("at least {} argument{}", low, low == 1 ? "" : "s");
  if (high == 0) return "no arguments";
  if (low == high) return fmt::format("{} argument{}", low, low == 1 ? "" : "s");
  return fmt::format("{} to {} arguments", low, high);
}

}  // namespace

const PluginBinder::Entry PluginBinder::kEntries[] = {
    {"active_users_count", &PluginBinder::active_users_count},
    {"activity_counts_metrics", &PluginBinder::activity_counts_metrics},
    {"activity_engagement", &PluginBinder::activity_engagement},
    {"activity_metrics", &PluginBinder::activity_metrics},
    {"new_activity_metrics", &PluginBinder::new_activity_metrics},
    {"autocluster", &PluginBinder::autocluster},
    {"basket", &PluginBinder::basket},
    {"diffpatterns", &PluginBinder::diffpatterns},
    {"dcount_intersect", &PluginBinder::dcount_intersect},
    {"funnel_sequence", &PluginBinder::funnel_sequence},
    {"funnel_sequence_completion", &PluginBinder::funnel_sequence_completion},
    {"narrow", &PluginBinder::narrow},
    {"preview", &PluginBinder::preview},
    {"rows_near", &PluginBinder::rows_near},
    {"schema_merge", &PluginBinder::schema_merge},
    {"sequence_detect", &PluginBinder::sequence_detect},
    {"rolling_percentile", &PluginBinder::rolling_percentile},
    {"session_count", &PluginBinder::session_count},
    {"sliding_window_counts", &PluginBinder::sliding_window_counts},
    {"geo_line_lookup", &PluginBinder::geo_lookup},
    {"geo_polygon_lookup", &PluginBinder::geo_lookup},
    {"ipv4_lookup", &PluginBinder::ip_lookup},
    {"ipv6_lookup", &PluginBinder::ip_lookup},
    {"bag_unpack", &PluginBinder::bag_unpack},
    {"pivot", &PluginBinder::pivot},
};

PluginBinder::PluginBinder(Binder& binder, const Operator& op, const EvaluateOp& evaluate, const Call& call,
                           const BoundTable& input, const EnvPtr& env)
    : binder_(binder),
      catalog_(binder.catalog_),
      op_(op),
      evaluate_(evaluate),
      call_(call),
      input_(input),
      env_(env) {
  constants_.env = env;
}

std::nullopt_t PluginBinder::fail(Diagnostic diagnostic) {
  binder_.fail(std::move(diagnostic));
  return std::nullopt;
}

std::optional<BoundTable> PluginBinder::bind() {
  const std::string& name = call_.name.text;
  const Function* function = find_function(name, FunctionKind::kPlugin);
  const auto* entry =
      std::find_if(std::begin(kEntries), std::end(kEntries), [&](const Entry& e) { return e.name == name; });
  if (function && entry != std::end(kEntries)) {
    if (!read_arguments(*function)) return std::nullopt;
    return (this->*entry->handler)();
  }
  if (const RefusedName* refused = find_refused(name, FunctionKind::kPlugin))
    return fail(refuse(*refused, call_.name.span));
  Diagnostic missing = diagnose(Error::kPluginNotFound, call_.name.span, name);
  std::vector<std::string> names;
  for (const auto& known : kEntries) names.emplace_back(known.name);
  for (const auto& pivot : catalog_.pivots) names.push_back(pivot.name);
  if (auto near = nearest_name(name, names)) missing.hint = "did you mean `" + *near + "`?";
  return fail(std::move(missing));
}

bool PluginBinder::read_arguments(const Function& function) {
  const Signature& signature = function.signatures.front();
  const auto& params = signature.params;
  given_.assign(params.size(), nullptr);
  size_t next = 0;
  const auto wrong_count = [&] {
    fail(diagnose(Error::kArgumentCount, op_.span, function.name, count_words(signature), call_.args.size()));
    return false;
  };
  for (const auto& arg : call_.args) {
    if (const auto* named = std::get_if<NamedExpr>(&arg->node)) {
      const std::string& name = named->names[0].text;
      const auto it =
          std::find_if(params.begin(), params.end(), [&](const Param& p) { return p.name == name; });
      if (it == params.end() && function.name == "sequence_detect") {  // its steps have names
        rest_.push_back(arg.get());
        given_.back() = arg.get();
        continue;
      }
      if (it == params.end()) {
        Diagnostic unknown = diagnose(Error::kUnknownParameter, arg->span, function.name, name);
        std::vector<std::string> names;
        for (const auto& param : params) names.emplace_back(param.name);
        if (auto near = nearest_name(name, names)) unknown.hint = "did you mean `" + *near + "`?";
        fail(std::move(unknown));
        return false;
      }
      const Expr*& place = given_[static_cast<size_t>(it - params.begin())];
      if (place && !params.back().repeated) return wrong_count();
      if (place) rest_.insert(rest_.begin(), place);  // a dimension stood in its place
      place = named->value.get();
      continue;
    }
    while (next < params.size() && given_[next] && !params[next].repeated) ++next;
    if (next >= params.size()) return wrong_count();
    if (params[next].repeated) rest_.push_back(arg.get());
    given_[next] = given_[next] ? given_[next] : arg.get();
  }
  for (size_t i = 0; i < params.size(); ++i) {
    if (!given_[i] && !params[i].optional) return wrong_count();
  }
  return true;
}

Span PluginBinder::span_of(size_t param) const { return given(param) ? given_[param]->span : op_.span; }

std::nullopt_t PluginBinder::wrong_type(size_t param, std::string_view wanted, Type found) {
  return fail(
      diagnose(Error::kArgumentType, span_of(param), param + 1, call_.name.text, wanted, type_name(found)));
}

std::optional<PluginBinder::ColumnArg> PluginBinder::column(const Expr& expr, const BoundTable* of) {
  const auto* name = std::get_if<NameRef>(&expr.node);
  if (!name || name->pattern) return fail(diagnose(Error::kExpected, expr.span, "a column", "an expression"));
  Scope scope;
  scope.env = env_;
  scope.row = of ? of : &input_;
  auto value = binder_.bind_expr(expr, scope);
  if (!value) return std::nullopt;
  return ColumnArg{name->name, std::move(value)};
}

plan::ExprPtr PluginBinder::value(size_t param, Type type) {
  Scope scope;
  scope.env = env_;
  scope.row = &input_;
  return binder_.convert(binder_.bind_expr(*given_[param], scope), type, span_of(param));
}

const Literal* PluginBinder::constant(size_t param) {
  auto bound = binder_.bind_expr(*given_[param], constants_);
  if (!bound) return nullptr;
  const Literal* literal = constant_of(bound);
  if (!literal || literal->null) {
    const Function* function = find_function(call_.name.text, FunctionKind::kPlugin);
    fail(diagnose(Error::kNotConstant, span_of(param),
                  fmt::format("`{}`", function->signatures.front().params[param].name)));
    return nullptr;
  }
  return &kept_.emplace_back(*literal);
}

std::optional<std::string> PluginBinder::text(size_t param, std::string otherwise) {
  if (!given(param)) return otherwise;
  const Literal* literal = constant(param);
  if (!literal) return std::nullopt;
  if (literal->type != Type::kString) return wrong_type(param, "string", literal->type);
  return literal->text;
}

std::optional<bool> PluginBinder::flag(size_t param, bool otherwise) {
  if (!given(param)) return otherwise;
  const Literal* literal = constant(param);
  if (!literal) return std::nullopt;
  if (literal->type != Type::kBool) return wrong_type(param, "bool", literal->type);
  return literal->integer != 0;
}

std::optional<double> PluginBinder::number(size_t param, double otherwise) {
  if (!given(param)) return otherwise;
  const Literal* literal = constant(param);
  if (!literal) return std::nullopt;
  if (literal->type == Type::kReal) return literal->real;
  if (literal->type == Type::kLong || literal->type == Type::kInt)
    return static_cast<double>(literal->integer);
  return wrong_type(param, "a number", literal->type);
}

std::optional<BoundTable> PluginBinder::table(size_t param) {
  return binder_.bind_source(*given_[param], constants_);
}

BoundTable PluginBinder::with(const BoundTable& from, std::vector<plan::Item> extra) {
  std::vector<plan::Item> items;
  for (const auto& column : from.columns) items.push_back({column, make_column(column)});
  for (auto& item : extra) items.push_back(std::move(item));
  return binder_.project(from, std::move(items));
}

std::optional<BoundTable> Binder::bind_evaluate(const Operator& op, const EvaluateOp& evaluate,
                                                BoundTable table, const EnvPtr& env) {
  const auto* call = std::get_if<Call>(&evaluate.call->node);
  if (!call) return fail(diagnose(Error::kExpected, op.span, "a plugin", "an expression")), std::nullopt;
  if (const PivotInfo* pivot = catalog_.find_pivot(call->name.text))
    return bind_enrichment(op, *call, *pivot, std::move(table), env);
  return PluginBinder(*this, op, evaluate, *call, table, env).bind();
}

}  // namespace huntbook::kql
