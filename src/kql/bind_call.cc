// Binding of calls: overloads and conversions from the function data.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "kql/bind.h"
#include "kql/operator_table.h"
#include "kql/runtime/geo_info.h"
#include "kql/signature.h"

namespace huntbook::kql {
namespace {

constexpr int kImpossible = 1000;

bool is_numeric(Type type) {
  return type == Type::kInt || type == Type::kLong || type == Type::kReal || type == Type::kDecimal;
}

// How far an argument is from what a parameter accepts: 0 exact, kImpossible not at all.
int distance(Type type, Accepts accepts) {
  const auto to = [&](Type wanted) {
    if (type == wanted) return 0;
    if (type == Type::kInt && wanted == Type::kLong) return 1;
    if ((type == Type::kInt || type == Type::kLong) && wanted == Type::kReal) return 2;
    if (is_numeric(type) && wanted == Type::kDecimal) return 3;
    if (type == Type::kDecimal && wanted == Type::kReal) return 4;
    if (type == Type::kDynamic) return wanted == Type::kString ? 4 : wanted == Type::kDecimal ? 6 : 5;
    return kImpossible;
  };
  switch (accepts) {
    case Accepts::kBool: return to(Type::kBool);
    case Accepts::kInt: return type == Type::kLong ? 2 : to(Type::kInt);
    case Accepts::kLong: return type == Type::kReal ? kImpossible : to(Type::kLong);
    case Accepts::kReal: return to(Type::kReal);
    case Accepts::kString: return to(Type::kString);
    case Accepts::kDatetime: return to(Type::kDatetime);
    case Accepts::kTimespan: return to(Type::kTimespan);
    case Accepts::kDynamic: return type == Type::kDynamic ? 0 : type == Type::kString ? 6 : kImpossible;
    case Accepts::kGuid: return to(Type::kGuid);
    case Accepts::kDecimal: return to(Type::kDecimal);
    case Accepts::kAny: return 0;
    case Accepts::kNumber: return is_numeric(type) ? 0 : type == Type::kDynamic ? 5 : kImpossible;
    case Accepts::kInteger:
      return type == Type::kInt || type == Type::kLong ? 0 : type == Type::kDynamic ? 5 : kImpossible;
    case Accepts::kSummable:
      return is_numeric(type) || type == Type::kTimespan ? 0 : type == Type::kDynamic ? 5 : kImpossible;
    case Accepts::kOrderable: return type == Type::kDynamic ? 5 : 0;
    case Accepts::kTime:
      return type == Type::kDatetime || type == Type::kTimespan ? 0
             : type == Type::kDynamic                           ? 5
                                                                : kImpossible;
    case Accepts::kText: return type == Type::kString ? 0 : 1;
    case Accepts::kJson: return 0;
    case Accepts::kTypeLiteral:
    case Accepts::kTable: return kImpossible;
  }
  return kImpossible;
}

std::string_view accepts_name(Accepts accepts) {
  switch (accepts) {
    case Accepts::kAny:
    case Accepts::kText:
    case Accepts::kJson: return "a scalar";
    case Accepts::kNumber: return "a number";
    case Accepts::kInteger: return "an integer";
    case Accepts::kSummable: return "a number or timespan";
    case Accepts::kOrderable: return "an ordered value";
    case Accepts::kTime: return "a datetime or timespan";
    case Accepts::kTypeLiteral: return "a typeof()";
    case Accepts::kTable: return "a table";
    default: return type_name(static_cast<Type>(accepts));
  }
}

bool is_common_class(Accepts accepts) {
  return accepts == Accepts::kAny || accepts == Accepts::kNumber || accepts == Accepts::kOrderable ||
         accepts == Accepts::kSummable;
}

// The parameter that argument `i` falls on, or nullptr when there are too many arguments.
const Param* param_at(const Signature& signature, size_t i) {
  if (signature.params.empty()) return nullptr;
  if (i < signature.params.size()) return &signature.params[i];
  const Param& last = signature.params.back();
  return last.repeated ? &last : nullptr;
}

size_t required_count(const Signature& signature) {
  size_t count = 0;
  for (const auto& param : signature.params) count += !param.optional;
  return count;
}

std::string count_words(const Function& function) {
  size_t low = SIZE_MAX, high = 0;
  bool many = false;
  for (const auto& signature : function.signatures) {
    low = std::min(low, required_count(signature));
    high = std::max(high, signature.params.size());
    many = many || (!signature.params.empty() && signature.params.back().repeated);
  }
  if (many) return fmt::format("at least {} argument{}", low, low == 1 ? "" : "s");
  if (low == high) return low == 0 ? "no arguments" : fmt::format("{} argument{}", low, low == 1 ? "" : "s");
  return fmt::format("{} to {} arguments", low, high);
}

}  // namespace

std::optional<Type> Binder::common_type(const std::vector<plan::ExprPtr>& values) const {
  std::optional<Type> common;
  for (const auto& value : values) {
    if (!common) {
      common = value->type;
    } else if (*common != value->type) {
      const Type a = *common, b = value->type;
      if (a == Type::kDynamic || b == Type::kDynamic) {
        common = a == Type::kDynamic ? b : a;
      } else if (is_numeric(a) && is_numeric(b)) {
        if (a == Type::kDecimal || b == Type::kDecimal) common = Type::kDecimal;
        else if (a == Type::kReal || b == Type::kReal) common = Type::kReal;
        else common = Type::kLong;
      } else {
        return std::nullopt;
      }
    }
  }
  return common;
}

plan::ExprPtr Binder::convert(plan::ExprPtr value, Type to, Span span) {
  if (!value || value->type == to) return value;
  if (const Literal* literal = constant_of(value)) {
    if (literal->null) return make_null(to);
    Literal made = *literal;
    made.type = to;
    const bool integer = literal->type == Type::kInt || literal->type == Type::kLong;
    if (integer && (to == Type::kLong || to == Type::kInt)) return make_constant(made);
    if (integer && to == Type::kReal) {
      made.real = static_cast<double>(literal->integer);
      return make_constant(made);
    }
  }
  const Type from = value->type;
  if (from == Type::kInt && to == Type::kLong) return make_sql(to, "CAST({0} AS BIGINT)", {value});
  if ((from == Type::kInt || from == Type::kLong) && to == Type::kReal)
    return make_sql(to, "CAST({0} AS DOUBLE)", {value});
  if (to == Type::kDynamic) return make_body(to, "to_json", {value});
  static constexpr std::array<std::string_view, 10> kNames = {
      "tobool",     "toint",      "tolong",    "todouble", "tostring",
      "todatetime", "totimespan", "todynamic", "toguid",   "todecimal"};
  return apply(kNames[static_cast<size_t>(to)], FunctionKind::kScalar, span, {value});
}

// The argument as the parameter wants it.
plan::ExprPtr Binder::fit(plan::ExprPtr value, Accepts accepts, Type common, Span span) {
  switch (accepts) {
    case Accepts::kText: return convert(value, Type::kString, span);
    case Accepts::kJson:
      return value->type == Type::kDynamic ? value : make_body(Type::kDynamic, "to_json", {value});
    case Accepts::kAny:
    case Accepts::kNumber:
    case Accepts::kSummable:
    case Accepts::kOrderable:
    case Accepts::kInteger:
    case Accepts::kTime:
      if (value->type == common || accepts == Accepts::kAny) return value;
      if (value->type == Type::kDynamic && accepts == Accepts::kNumber)
        return convert(value, Type::kReal, span);
      if (value->type == Type::kDynamic && accepts == Accepts::kSummable)
        return convert(value, Type::kReal, span);
      if (value->type == Type::kDynamic && accepts == Accepts::kInteger)
        return convert(value, Type::kLong, span);
      if (value->type == Type::kDynamic && accepts == Accepts::kTime)
        return convert(value, Type::kDatetime, span);
      if (value->type == Type::kDynamic && accepts == Accepts::kOrderable)
        return convert(value, Type::kString, span);
      return value;
    case Accepts::kDynamic:
      return value->type == Type::kString ? make_body(Type::kDynamic, "to_json", {value}) : value;
    case Accepts::kTypeLiteral:
    case Accepts::kTable: return value;
    default: return convert(value, static_cast<Type>(accepts), span);
  }
}

plan::ExprPtr Binder::apply(std::string_view name, FunctionKind kind, Span span,
                            std::vector<plan::ExprPtr> args) {
  for (const auto& arg : args) {
    if (!arg) return nullptr;
  }
  const Function* function = find_function(name, kind);
  if (!function) return fail(unsupported(fmt::format("operator `{}`", name), span));
  return apply(*function, span, std::move(args), std::nullopt, {});
}

plan::ExprPtr Binder::apply(const Function& function, Span span, std::vector<plan::ExprPtr> args,
                            std::optional<Type> type_literal, const std::vector<Span>& spans,
                            const Signature** chosen) {
  const Signature* best = nullptr;
  int best_distance = kImpossible;
  bool count_fits = false;
  for (const auto& signature : function.signatures) {
    const bool takes_type =
        !signature.params.empty() && signature.params.back().accepts == Accepts::kTypeLiteral;
    const size_t given = args.size() + (type_literal && takes_type ? 1 : 0);
    if (type_literal && !takes_type) continue;
    if (given < required_count(signature)) continue;
    if (!args.empty() && !param_at(signature, args.size() - 1)) continue;
    count_fits = true;
    int total = 0;
    for (size_t i = 0; i < args.size() && total < kImpossible; ++i) {
      total += distance(args[i]->type, param_at(signature, i)->accepts);
    }
    if (total < best_distance) {
      best_distance = total;
      best = &signature;
    }
  }
  if (!best) {
    if (count_fits && std::any_of(args.begin(), args.end(), [&](auto& arg) { return is_assumed(*arg); }))
      return assumed_column();
    if (!count_fits) {
      Diagnostic failure =
          diagnose(Error::kArgumentCount, span, function.name, count_words(function), args.size());
      if (function.kind != FunctionKind::kOperator) failure.hint = usage(function);
      return fail(std::move(failure));
    }
    if (function.kind == FunctionKind::kOperator) {
      if (args.size() == 1)
        return fail(
            diagnose(Error::kArgumentType, span, 1, function.name, "a number", type_name(args[0]->type)));
      return fail(diagnose(Error::kOperandTypes, span, function.name, type_name(args[0]->type),
                           type_name(args[1]->type)));
    }
    const Signature& first = function.signatures.front();
    for (size_t i = 0; i < args.size(); ++i) {
      const Param* param = param_at(first, i);
      if (param && distance(args[i]->type, param->accepts) >= kImpossible) {
        return fail(diagnose(Error::kArgumentType, i < spans.size() ? spans[i] : span, i + 1, function.name,
                             accepts_name(param->accepts), type_name(args[i]->type)));
      }
    }
    return fail(diagnose(Error::kArgumentType, span, 1, function.name, "another type",
                         args.empty() ? "nothing" : type_name(args[0]->type)));
  }
  Type common = args.empty() ? best->type : args[0]->type;
  if (best->returns == Returns::kCommon) {
    std::vector<plan::ExprPtr> members;
    for (size_t i = 0; i < args.size(); ++i) {
      if (is_common_class(param_at(*best, i)->accepts)) members.push_back(args[i]);
    }
    auto shared = common_type(members);
    if (!shared) {
      return fail(diagnose(Error::kOperandTypes, span, function.name, type_name(members[0]->type),
                           type_name(members.back()->type)));
    }
    common = *shared;
    if (common == Type::kDynamic && std::any_of(best->params.begin(), best->params.end(), [](const Param& p) {
          return p.accepts == Accepts::kNumber || p.accepts == Accepts::kSummable;
        })) {
      common = Type::kReal;
    }
  }
  for (size_t i = 0; i < args.size(); ++i) {
    const Accepts accepts = param_at(*best, i)->accepts;
    if (best->returns == Returns::kCommon && is_common_class(accepts)) {
      args[i] = convert(args[i], common, span);
    } else {
      args[i] = fit(args[i], accepts, accepts == Accepts::kAny ? args[i]->type : args[i]->type, span);
    }
    if (!args[i]) return nullptr;
  }
  Type type = best->type;
  switch (best->returns) {
    case Returns::kType: break;
    case Returns::kSame: type = args[best->argument]->type; break;
    case Returns::kWiden:
      type = args[best->argument]->type;
      if (type == Type::kInt) {
        type = Type::kLong;
        args[best->argument] = convert(args[best->argument], type, span);
      }
      break;
    case Returns::kCommon: type = common; break;
    case Returns::kTypeOf:
      if (type_literal) type = *type_literal;
      break;
  }
  if (chosen) *chosen = best;
  if (function.kind == FunctionKind::kAggregate) {
    std::vector<plan::ExprPtr> inner(args.begin(),
                                     args.begin() + std::min<size_t>(args.size(), best->post_from));
    return make_sql(best->post.empty() ? type : best->sql_type, std::string(best->sql), std::move(inner));
  }
  if (!best->body.empty()) {
    if (best->body == "geo_info_from_ip_address" && catalog_.run && !runtime::has_place_lookup()) {
      auto missing = diagnose(Error::kNoPlaces, span, function.name);
      missing.hint = "set HUNTBOOK_GEOIP to a file in the MaxMind DB format, such as GeoLite2-City.mmdb";
      return fail(std::move(missing));
    }
    if (auto wrong = only_columns_ ? std::nullopt : check_constants(best->body, args, span))
      return fail(std::move(*wrong));
    // With returns typeof, the body gives text that is converted.
    if (best->returns == Returns::kTypeOf && type != best->type) {
      return convert(make_body(best->type, std::string(best->body), std::move(args), best->own_nulls), type,
                     span);
    }
    return make_body(type, std::string(best->body), std::move(args), best->own_nulls);
  }
  return make_sql(type, std::string(best->sql), std::move(args));
}

plan::ExprPtr Binder::bind_call(const Expr& expr, const Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  if (call.base) {
    return fail(unsupported(fmt::format("method `{}`", name), call.name.span));
  }
  if (const Env* bound = find(scope.env, name); bound && (bound->function || bound->scalar)) {
    if (bound->scalar && call.args.empty()) return bound->scalar;
    if (bound->function) return call_scalar_function(expr, call, *bound, scope);
  }
  bool known = false;
  if (scope.graph) {
    auto value = bind_graph_call(expr, call, scope, known);
    if (known) return value;
  }
  auto special = bind_special(expr, call, scope, known);
  if (known) return special;
  if (scope.aggregates) {
    if (const Function* aggregate = find_function(name, FunctionKind::kAggregate)) {
      return bind_aggregate(expr, call, *aggregate, scope);
    }
  }
  if (const auto many = bind_columns(expr, scope)) return part_of(*many, 0, expr.span);
  if (const Function* function = find_function(name, FunctionKind::kScalar)) {
    std::vector<plan::ExprPtr> args;
    std::vector<Span> spans;
    std::optional<Type> type_literal;
    for (const auto& arg : call.args) {
      if (const auto* type = std::get_if<TypeOf>(&arg->node)) {
        type_literal = type->columns.empty() ? Type::kDynamic : type->columns[0].type;
        continue;
      }
      auto value = bind_expr(*arg, scope);
      if (!value) return nullptr;
      args.push_back(std::move(value));
      spans.push_back(arg->span);
    }
    return apply(*function, expr.span, std::move(args), type_literal, spans);
  }
  if (find_function(name, FunctionKind::kWindow)) return bind_window(expr, call, scope);
  if (find_function(name, FunctionKind::kAggregate)) {
    return fail(diagnose(Error::kAggregateHere, call.name.span, name));
  }
  for (const auto kind : {FunctionKind::kScalar, FunctionKind::kAggregate}) {
    if (const RefusedName* refused = find_refused(name, kind)) return fail(refuse(*refused, call.name.span));
  }
  if (catalog_.find_function(name)) return fail(diagnose(Error::kNotScalar, expr.span));
  Diagnostic missing = diagnose(Error::kFunctionNotFound, call.name.span, name);
  std::vector<std::string> names;
  for (const auto& function : functions()) {
    if (function.kind == FunctionKind::kScalar ||
        (scope.aggregates && function.kind == FunctionKind::kAggregate)) {
      names.emplace_back(function.name);
    }
  }
  if (auto near = nearest_name(name, names)) {
    missing.hint = "did you mean `" + *near + "`?";
  } else if (catalog_.open) {  // a stored function; one that is nearly a known name is a slip of the pen
    std::vector<plan::ExprPtr> ignored;
    return bind_exprs(call.args, scope, ignored) ? assumed_column() : nullptr;
  }
  return fail(std::move(missing));
}

}  // namespace huntbook::kql
