// Calls of functions that need names, types, the catalog or the clock of the query.
#include "base/escape.h"
#include "base/text.h"
#include "kql/bind.h"

namespace huntbook::kql {

plan::ExprPtr Binder::bind_choice(const Expr& expr, const Call& call, const Scope& scope) {
  const bool iff = call.name.text != "case";
  if (call.args.size() < 3 || call.args.size() % 2 == 0 || (iff && call.args.size() != 3)) {
    return fail(diagnose(Error::kArgumentCount, expr.span, call.name.text,
                         iff ? "3 arguments" : "an odd number of arguments, at least 3", call.args.size()));
  }
  std::vector<plan::ExprPtr> conditions, values;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const bool condition = i % 2 == 0 && i + 1 < call.args.size();
    auto value = condition ? bind_bool(*call.args[i], scope) : bind_expr(*call.args[i], scope);
    if (!value) return nullptr;
    (condition ? conditions : values).push_back(std::move(value));
  }
  auto type = common_type(values);
  if (!type) {
    return fail(diagnose(Error::kOperandTypes, expr.span, call.name.text, type_name(values[0]->type),
                         type_name(values.back()->type)));
  }
  std::string sql = "CASE";
  std::vector<plan::ExprPtr> args;
  for (size_t i = 0; i < conditions.size(); ++i) {
    sql += fmt::format(" WHEN {{{}}} THEN {{{}}}", args.size(), args.size() + 1);
    args.push_back(conditions[i]);
    args.push_back(convert(values[i], *type, expr.span));
    if (!args.back()) return nullptr;
  }
  sql += fmt::format(" ELSE {{{}}} END", args.size());
  args.push_back(convert(values.back(), *type, expr.span));
  if (!args.back()) return nullptr;
  return make_sql(*type, sql, std::move(args));
}

// Functions that need names, types or the catalog; everything else is data.
plan::ExprPtr Binder::bind_special(const Expr& expr, const Call& call, const Scope& scope, bool& known) {
  const std::string& name = call.name.text;
  known = true;
  const auto count = [&](size_t low, size_t high, std::string_view words) {
    if (call.args.size() >= low && call.args.size() <= high) return true;
    fail(diagnose(Error::kArgumentCount, expr.span, name, words, call.args.size()));
    return false;
  };
  if (name == "iff" || name == "iif" || name == "case") return bind_choice(expr, call, scope);
  if (name == "isnull" || name == "isnotnull" || name == "notnull" || name == "isempty" ||
      name == "isnotempty" || name == "notempty") {
    if (!count(1, 1, "1 argument")) return nullptr;
    auto value = bind_expr(*call.args[0], scope);
    if (!value) return nullptr;
    const bool empty = name.ends_with("empty");
    const bool negated = name.find("not") != std::string::npos;
    std::string sql = value->type == Type::kString
                          ? (empty ? "({0} = '')" : "(CASE WHEN {0} = '' THEN false ELSE false END)")
                      : value->type == Type::kDynamic && empty ? "({0} IS NULL OR {0} = '\"\"')"
                                                               : "({0} IS NULL)";
    return make_sql(Type::kBool, negated ? "(NOT " + sql + ")" : sql, {value});
  }
  if (name == "coalesce") {
    std::vector<plan::ExprPtr> args;
    if (call.args.size() < 2) {
      count(2, 1, "at least 2 arguments");
      return nullptr;
    }
    if (!bind_exprs(call.args, scope, args)) return nullptr;
    auto type = common_type(args);
    if (!type) {
      return fail(diagnose(Error::kOperandTypes, expr.span, name, type_name(args[0]->type),
                           type_name(args.back()->type)));
    }
    std::string sql = "coalesce(";
    for (size_t i = 0; i < args.size(); ++i) {
      args[i] = convert(args[i], *type, expr.span);
      if (!args[i]) return nullptr;
      const std::string place = fmt::format("{{{}}}", i);
      sql += (i ? ", " : "") + (*type == Type::kString ? "nullif(" + place + ", '')" : place);
    }
    return make_sql(*type, sql + (*type == Type::kString ? ", '')" : ")"), std::move(args));
  }
  if (name == "now" || name == "ago") {
    if (!count(name == "ago", 1, name == "ago" ? "1 argument" : "0 to 1 arguments")) return nullptr;
    Literal literal;
    literal.type = Type::kDatetime;
    literal.integer = now_;
    auto now = make_constant(literal);
    if (call.args.empty()) return now;
    Scope inner = scope;
    BoundTable row;
    if (scope.row && catalog_.open) {  // a name that is no column here is a parameter
      row = *scope.row;
      row.open = true;
      inner.row = &row;
    }
    auto offset = bind_expr(*call.args[0], inner);
    if (!offset) return nullptr;
    if (offset->type == Type::kDynamic) offset = convert(offset, Type::kTimespan, expr.span);
    return apply(name == "ago" ? "-" : "+", FunctionKind::kOperator, expr.span, {now, offset});
  }
  if (name == "column_ifexists" || name == "columnifexists") {
    if (!count(2, 2, "2 arguments")) return nullptr;
    const size_t before = diagnostics_.size();
    auto wanted = constant_text(*call.args[0], scope);
    if (!wanted && catalog_.open) {  // the name is given by a parameter
      diagnostics_.resize(before);
      return assumed_column();
    }
    if (!wanted) return nullptr;
    if (scope.row) {
      if (const auto* column = scope.row->find(*wanted)) return make_column(*column);
    }
    return bind_expr(*call.args[1], scope);
  }
  if (name == "toscalar" || name == "materialize") {
    if (!count(1, 1, "1 argument")) return nullptr;
    if (!is_tabular(*call.args[0], scope.env)) return bind_expr(*call.args[0], scope);
    Scope outer;
    outer.env = scope.env;
    auto table = bind_source(*call.args[0], outer);
    if (!table) return nullptr;
    if (table->columns.empty())
      return table->open ? assumed_column() : fail(diagnose(Error::kNotScalar, expr.span));
    const Type type = table->columns[0].type;
    auto one = project(*table, {{new_column("value", type), make_column(table->columns[0])}});
    return make_scalar_query(type, one.rel);
  }
  // A type's name with something that is no literal in brackets: a conversion; datetime() is now.
  if (name == "datetime" && call.args.empty()) {
    Literal literal;
    literal.type = Type::kDatetime;
    literal.integer = now_;
    return make_constant(literal);
  }
  if (auto type = type_from_name(name);
      type && *type != Type::kString && *type != Type::kDynamic && call.args.size() == 1) {
    const auto* word = std::get_if<NameRef>(&call.args[0]->node);
    if (word && word->name == "now" && *type == Type::kDatetime) {
      Literal literal;
      literal.type = Type::kDatetime;
      literal.integer = now_;
      return make_constant(literal);
    }
    return convert(bind_expr(*call.args[0], scope), *type, expr.span);
  }
  if (name == "column_names_of") {
    if (!count(1, 1, "1 argument")) return nullptr;
    Scope outer;
    outer.env = scope.env;
    const auto table = bind_source(*call.args[0], outer);
    if (!table) return nullptr;
    Literal names;
    names.type = Type::kDynamic;
    for (const auto& column : table->columns) {
      names.text += names.text.empty() ? "[" : ",";
      append_json_string(names.text, column.name);
    }
    names.text = names.text.empty() ? "[]" : names.text + "]";
    return make_constant(std::move(names));
  }
  if (name == "estimate_data_size") return bind_data_size(expr, call, scope);
  if (name == "bin_auto") return bind_bin_auto(expr, call, scope);
  if (name == "ingestion_time") return make_null(Type::kDatetime);
  if (name == "pack_all" || name == "bag_pack_columns") return bind_pack_all(call, scope);
  if (name == "rand") return make_sql(Type::kReal, "random()");
  if (name == "new_guid") return make_sql(Type::kGuid, "CAST(uuid() AS VARCHAR)");
  if (name == "not") {
    if (!count(1, 1, "1 argument")) return nullptr;
    auto value = bind_expr(*call.args[0], scope);
    if (value && (value->type == Type::kLong || value->type == Type::kInt))
      value = convert(value, Type::kBool, expr.span);
    if (value && value->type == Type::kDynamic) value = convert(value, Type::kBool, expr.span);
    if (!value) return nullptr;
    if (value->type != Type::kBool)
      return fail(diagnose(Error::kNotBool, call.args[0]->span, type_name(value->type)));
    return make_sql(Type::kBool, "(NOT {0})", {value});
  }
  known = false;
  return nullptr;
}

// How many bytes the values take.
plan::ExprPtr Binder::bind_data_size(const Expr& expr, const Call& call, const Scope& scope) {
  std::vector<plan::ExprPtr> values;
  for (const auto& arg : call.args) {
    if (std::holds_alternative<Star>(arg->node) && scope.row) {
      for (const auto& column : scope.row->columns) values.push_back(make_column(column));
      continue;
    }
    auto value = bind_expr(*arg, scope);
    if (!value) return nullptr;
    values.push_back(std::move(value));
  }
  if (values.empty())
    return fail(diagnose(Error::kArgumentCount, expr.span, call.name.text, "at least 1 argument", 0));
  std::string sql;
  for (size_t i = 0; i < values.size(); ++i) {
    sql += sql.empty() ? "(" : " + ";
    switch (values[i]->type) {
      case Type::kBool: sql += "1"; break;
      case Type::kInt: sql += "4"; break;
      case Type::kLong:
      case Type::kReal:
      case Type::kDatetime:
      case Type::kTimespan: sql += "8"; break;
      case Type::kGuid: sql += "16"; break;
      case Type::kString: sql += fmt::format("strlen({{{}}})", i); break;
      default:
        return fail(
            unsupported(fmt::format("`estimate_data_size` of a {}", type_name(values[i]->type)), expr.span));
    }
  }
  return make_sql(Type::kLong, "CAST(" + sql + ") AS BIGINT)", std::move(values));
}

// bin() by `set query_bin_auto_size`, from `set query_bin_auto_at` on.
plan::ExprPtr Binder::bind_bin_auto(const Expr& expr, const Call& call, const Scope& scope) {
  if (call.args.size() != 1)
    return fail(diagnose(Error::kArgumentCount, expr.span, call.name.text, "1 argument", call.args.size()));
  const auto setting = [&](const char* name) {
    const auto found = settings_.find(name);
    return found == settings_.end() ? nullptr : found->second;
  };
  const kql::Expr *size = setting("query_bin_auto_size"), *at = setting("query_bin_auto_at");
  if (!size) {
    Diagnostic missing = diagnose(Error::kMissingParameter, expr.span, "query_bin_auto_size", call.name.text);
    missing.hint = "write `set query_bin_auto_size = 1h;` before the query";
    return fail(std::move(missing));
  }
  Scope outer;
  outer.env = scope.env;
  std::vector<plan::ExprPtr> args{bind_expr(*call.args[0], scope), bind_expr(*size, outer)};
  if (at) args.push_back(bind_expr(*at, outer));
  return apply(at ? "bin_at" : "bin", FunctionKind::kScalar, expr.span, std::move(args));
}

plan::ExprPtr Binder::bind_pack_all(const Call& call, const Scope& scope) {
  std::vector<plan::ExprPtr> args;
  if (call.name.text == "pack_all") {
    bool skip_empty = false;
    if (!call.args.empty()) {
      auto value = bind_expr(*call.args[0], scope);
      const Literal* literal = constant_of(value);
      if (!literal || literal->type != Type::kBool)
        return fail(diagnose(Error::kNotConstant, call.args[0]->span, "a bool"));
      skip_empty = literal->integer != 0;
    }
    if (scope.row) {
      for (const auto& column : scope.row->columns) {
        auto json = make_body(Type::kDynamic, "to_json", {make_column(column)});
        if (skip_empty) json = make_sql(Type::kDynamic, "nullif({0}, '\"\"')", {json});
        args.push_back(make_text(column.name));
        args.push_back(json);
      }
    }
    if (skip_empty) {
      // Members that are null are left out: each pair is merged only when it is there.
      std::vector<plan::ExprPtr> bags;
      for (size_t i = 0; i + 1 < args.size(); i += 2) {
        bags.push_back(
            make_sql(Type::kDynamic, "CASE WHEN {1} IS NULL THEN '{}' ELSE {0} END",
                     {make_body(Type::kDynamic, "bag_pack",
                                {make_body(Type::kDynamic, "to_json", {args[i]}), args[i + 1]}, true),
                      args[i + 1]}));
      }
      return make_body(Type::kDynamic, "bag_merge", std::move(bags), true);
    }
  } else {
    for (const auto& arg : call.args) {
      auto value = bind_expr(*arg, scope);
      if (!value) return nullptr;
      args.push_back(make_text(implicit_name(*arg)));
      args.push_back(make_body(Type::kDynamic, "to_json", {value}));
    }
  }
  for (size_t i = 0; i < args.size(); i += 2) args[i] = make_body(Type::kDynamic, "to_json", {args[i]});
  return make_body(Type::kDynamic, "bag_pack", std::move(args), true);
}

}  // namespace huntbook::kql
