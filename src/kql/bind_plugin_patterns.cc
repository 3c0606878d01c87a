// autocluster, basket, diffpatterns: their arguments, and the rows they look at.
#include <map>

#include "kql/bind_plugin.h"

namespace huntbook::kql {

// Whether a parameter is left to its default: absent, or `~`.
bool PluginBinder::defaulted(size_t param) const {
  if (!given(param)) return true;
  const auto* literal = std::get_if<Literal>(&given_[param]->node);
  return literal && literal->type == Type::kString && literal->text == "~";
}

std::optional<double> PluginBinder::between(size_t param, double low, double high, double otherwise) {
  if (defaulted(param)) return otherwise;
  const auto made = number(param, otherwise);
  if (!made) return std::nullopt;
  if (!(*made >= low && *made <= high))
    return fail(diagnose(Error::kBadValue, span_of(param), fmt::format("{}", *made),
                         fmt::format("from {} to {}", low, high)));
  return made;
}

// The rows grouped by all their columns but the weight and the split, with their weight in each set; the
// wildcards of the columns; and the columns of the answer.
std::optional<BoundTable> PluginBinder::patterns(const std::string& options, size_t weight_param,
                                                 const std::vector<plan::ColumnDef>& leading,
                                                 const ExprPtr& in_a, const ExprPtr& in_b,
                                                 const std::string& split) {
  ExprPtr weight = make_sql(Type::kReal, "1.0::DOUBLE");
  std::string weight_name;
  if (!defaulted(weight_param)) {
    auto named = column(*given_[weight_param]);
    if (!named) return std::nullopt;
    const Type type = named->value->type;
    if (type != Type::kInt && type != Type::kLong && type != Type::kReal && type != Type::kDynamic)
      return wrong_type(weight_param, "a number", type);
    weight = binder_.convert(named->value, Type::kReal, span_of(weight_param));
    if (!weight) return std::nullopt;
    weight_name = named->name;
  }
  std::map<Type, ExprPtr> wildcards;
  std::vector<const Expr*> exprs = rest_;
  for (const Expr* expr : exprs) {
    if (const auto* literal = std::get_if<Literal>(&expr->node);
        literal && literal->type == Type::kString && literal->text == "~")
      continue;
    auto bound = binder_.bind_expr(*expr, constants_);
    if (!bound) return std::nullopt;
    if (!constant_of(bound)) return fail(diagnose(Error::kNotConstant, expr->span, "`CustomWildcard`"));
    wildcards[bound->type] = bound;
  }
  std::vector<plan::Item> items;
  std::vector<plan::ColumnDef> keys, out = leading;
  std::vector<ExprPtr> stars;
  for (const auto& one : input_.columns) {
    if (one.name == weight_name || one.name == split) continue;
    keys.push_back(binder_.new_column(one.name, one.type));
    items.push_back({keys.back(), make_column(one)});
    out.push_back(binder_.new_column(one.name, one.type));
    auto star = wildcards.find(one.type);
    if (star == wildcards.end() && one.type == Type::kInt) star = wildcards.find(Type::kLong);
    stars.push_back(star == wildcards.end() ? make_null(one.type)
                                            : binder_.convert(star->second, one.type, op_.span));
    if (!stars.back()) return std::nullopt;
  }
  if (keys.empty()) {
    if (!input_.open) return fail(diagnose(Error::kExpected, op_.span, "a column to look at", "none"));
    return binder_.assumed_table("");
  }
  const auto a = binder_.new_column("", Type::kReal), b = binder_.new_column("", Type::kReal);
  const auto weigh = [&](const ExprPtr& in) {
    return in ? make_sql(Type::kReal, "(CASE WHEN {0} THEN greatest(coalesce({1}, 0), 0) ELSE 0 END)",
                         {in, weight})
              : make_sql(Type::kReal, "greatest(coalesce({0}, 0), 0)", {weight});
  };
  const auto each_a = binder_.new_column("", Type::kReal), each_b = binder_.new_column("", Type::kReal);
  items.push_back({each_a, weigh(in_a)});
  items.push_back({each_b, in_b ? weigh(in_b) : make_sql(Type::kReal, "0.0::DOUBLE")});
  auto rel = select(input_.rel, std::move(items));
  rel = where(rel, make_sql(Type::kBool, "({0} > 0 OR {1} > 0)", {make_column(each_a), make_column(each_b)}));
  rel = grouped(rel, keys,
                {{a, make_sql(Type::kReal, "sum({0})", {make_column(each_a)})},
                 {b, make_sql(Type::kReal, "sum({0})", {make_column(each_b)})}});
  // In one order, so that the same rows give the same answer.
  rel = sorted(rel, keys);
  plan::Procedure node;
  node.name = call_.name.text;
  node.options = options;
  node.inputs = {rel, one_row(stars)};
  node.span = op_.span;
  BoundTable made;
  std::set<std::string> taken;
  for (auto& one : out) one.name = unique_name(one.name, taken);
  made.columns = out;
  made.ordered = true;
  made.open = input_.open;
  made.rel = make_rel(out, std::move(node));
  return made;
}

std::vector<plan::ColumnDef> PluginBinder::columns(std::initializer_list<std::pair<const char*, Type>> list) {
  std::vector<plan::ColumnDef> made;
  for (const auto& [name, type] : list) made.push_back(binder_.new_column(name, type));
  return made;
}

std::optional<BoundTable> PluginBinder::basket() {
  const auto threshold = between(0, 0.001, 1, 0.05), dimensions = between(2, 1, 100, 5);
  if (!threshold || !dimensions) return std::nullopt;
  return patterns(fmt::format("{{\"threshold\":{},\"dimensions\":{}}}", *threshold, *dimensions), 1,
                  columns({{"SegmentId", Type::kLong}, {"Count", Type::kLong}, {"Percent", Type::kReal}}),
                  nullptr, nullptr, "");
}

std::optional<BoundTable> PluginBinder::autocluster() {
  const auto weight = between(0, 0, 1, 0.5), seeds = between(2, 1, 1000, 25);
  if (!weight || !seeds) return std::nullopt;
  return patterns(fmt::format("{{\"weight\":{},\"seeds\":{}}}", *weight, *seeds), 1,
                  columns({{"SegmentId", Type::kLong}, {"Count", Type::kLong}, {"Percent", Type::kReal}}),
                  nullptr, nullptr, "");
}

std::optional<BoundTable> PluginBinder::diffpatterns() {
  auto split = column(*given_[0]);
  if (!split) return std::nullopt;
  split->value = binder_.convert(split->value, Type::kString, span_of(0));
  if (!split->value) return std::nullopt;
  ExprPtr sets[2];
  for (size_t i = 0; i < 2; ++i) {
    auto bound =
        binder_.convert(binder_.bind_expr(*given_[i + 1], constants_), Type::kString, span_of(i + 1));
    if (!bound) return std::nullopt;
    sets[i] = make_sql(Type::kBool, "({0} = {1})", {split->value, bound});
  }
  const auto threshold = between(4, 0.001, 1, 0.05), dimensions = between(5, 1, 100, 100);
  if (!threshold || !dimensions) return std::nullopt;
  return patterns(fmt::format("{{\"threshold\":{},\"dimensions\":{}}}", *threshold, *dimensions), 3,
                  columns({{"SegmentId", Type::kLong},
                           {"CountA", Type::kLong},
                           {"CountB", Type::kLong},
                           {"PercentA", Type::kReal},
                           {"PercentB", Type::kReal},
                           {"PercentDiffAB", Type::kReal}}),
                  sets[0], sets[1], split->name);
}

}  // namespace huntbook::kql
