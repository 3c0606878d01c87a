// Binding of scalar expressions: names, paths, operators.
#include <algorithm>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "kql/bind.h"
#include "kql/bind_graph.h"

namespace huntbook::kql {
namespace {

// The keys of a chain of members and constant indexes above `base`.
struct PathParts {
  const Expr* base = nullptr;
  std::vector<std::variant<std::string, int64_t>> keys;
};

PathParts flatten_path(const Expr& expr) {
  PathParts parts;
  const Expr* at = &expr;
  while (true) {
    if (const auto* path = std::get_if<Path>(&at->node)) {
      parts.keys.emplace_back(path->member.text);
      at = path->base.get();
      continue;
    }
    if (const auto* index = std::get_if<Index>(&at->node)) {
      const Expr* key = index->index.get();
      bool negative = false;
      if (const auto* unary = std::get_if<Unary>(&key->node); unary && unary->op == "-") {
        negative = true;
        key = unary->operand.get();
      }
      const auto* literal = std::get_if<Literal>(&key->node);
      if (literal && literal->type == Type::kString && !negative) {
        parts.keys.emplace_back(literal->text);
        at = index->base.get();
        continue;
      }
      if (literal && literal->type == Type::kLong) {
        parts.keys.emplace_back(negative ? -literal->integer : literal->integer);
        at = index->base.get();
        continue;
      }
    }
    break;
  }
  parts.base = at;
  std::reverse(parts.keys.begin(), parts.keys.end());
  return parts;
}

bool is_string_operator(std::string_view op) {
  return op == ":" || op.find("has") != std::string_view::npos ||
         op.find("contains") != std::string_view::npos || op.find("swith") != std::string_view::npos ||
         op == "matches regex" || op == "=~" || op == "!~" || op == "==" || op == "!=" || op == "<>" ||
         op == "like" || op == "notlike";
}

// What an operator on texts is called when it tells upper from lower case.
std::string cased_operator(std::string op) {
  static constexpr std::string_view kFolding[] = {"has",        "!has",        "contains",  "!contains",
                                                  "startswith", "!startswith", "endswith",  "!endswith",
                                                  "hasprefix",  "!hasprefix",  "hassuffix", "!hassuffix"};
  if (op == "=~") return "==";
  if (op == "!~") return "!=";
  return std::find(std::begin(kFolding), std::end(kFolding), op) == std::end(kFolding) ? op : op + "_cs";
}

}  // namespace

std::nullptr_t Binder::fail(Diagnostic diagnostic) {
  if (diagnostics_.size() < 100) diagnostics_.push_back(std::move(diagnostic));
  return nullptr;
}

Diagnostic Binder::column_not_found(std::string_view name, Span span, const BoundTable* row) {
  Diagnostic made = diagnose(Error::kColumnNotFound, span, name);
  if (row) {
    std::vector<std::string> names;
    for (const auto& column : row->columns) names.push_back(column.name);
    if (auto near = nearest_name(name, names)) made.hint = "did you mean `" + *near + "`?";
  }
  return made;
}

plan::ExprPtr Binder::assumed_column() const { return make_null(Type::kDynamic); }

// Whether the type of a value may be wrong because a column of it is only assumed.
bool Binder::is_assumed(const plan::Expr& expr) const {
  if (!catalog_.open) return false;
  const auto any = [&](const auto& args) {
    return std::any_of(args.begin(), args.end(), [&](auto& arg) { return is_assumed(*arg); });
  };
  if (const auto* constant = std::get_if<plan::Constant>(&expr.node)) return constant->value.null;
  if (const auto* call = std::get_if<plan::SqlCall>(&expr.node)) return any(call->args);
  if (const auto* body = std::get_if<plan::BodyCall>(&expr.node)) return any(body->args);
  return std::holds_alternative<plan::ColumnUse>(expr.node) && expr.type == Type::kDynamic;
}

bool Binder::count_term(Span span) {
  constexpr size_t kMaxTerms = 1'000'000;
  if (++terms_ <= kMaxTerms) return true;
  if (terms_ == kMaxTerms + 1) fail(too_large(span));
  return false;
}

plan::ExprPtr Binder::bind_expr(const Expr& expr, const Scope& scope) {
  struct Depth {
    int& depth;
    explicit Depth(int& d) : depth(d) { ++depth; }
    ~Depth() { --depth; }
  } guard(depth_);
  if (depth_ > 2000) return fail(diagnose(Error::kTooDeep, expr.span, 2000));
  if (!count_term(expr.span)) return nullptr;
  if (const auto* literal = std::get_if<Literal>(&expr.node)) return bind_literal(*literal);
  if (const auto* name = std::get_if<NameRef>(&expr.node)) return bind_name_ref(expr, *name, scope);
  if (std::holds_alternative<Path>(expr.node) || std::holds_alternative<Index>(expr.node))
    return bind_path(expr, scope);
  if (const auto* call = std::get_if<Call>(&expr.node)) return bind_call(expr, *call, scope);
  if (const auto* binary = std::get_if<Binary>(&expr.node)) return bind_binary(expr, *binary, scope);
  if (const auto* in = std::get_if<InList>(&expr.node)) return bind_in(expr, *in, scope);
  if (const auto* between = std::get_if<Between>(&expr.node)) return bind_between(expr, *between, scope);
  if (const auto* unary = std::get_if<Unary>(&expr.node)) {
    auto operand = bind_expr(*unary->operand, scope);
    if (!operand) return nullptr;
    if (unary->op == "+") return operand;
    if (const auto* literal = constant_of(operand);
        literal && !literal->null &&
        (literal->type == Type::kLong || literal->type == Type::kTimespan || literal->type == Type::kReal)) {
      Literal negative = *literal;
      negative.integer = static_cast<int64_t>(0 - static_cast<uint64_t>(literal->integer));
      negative.real = -literal->real;
      return make_constant(negative);
    }
    return apply("unary -", FunctionKind::kOperator, expr.span, {operand});
  }
  if (const auto* sub = std::get_if<SubQuery>(&expr.node)) {
    if (sub->query->operators.empty() && !is_tabular(*sub->query, scope.env)) {
      if (const auto* source = std::get_if<kql::ExprPtr>(&sub->query->source))
        return bind_expr(**source, scope);
    }
    return fail(diagnose(Error::kNotScalar, expr.span));
  }
  if (const auto* named = std::get_if<NamedExpr>(&expr.node)) return bind_expr(*named->value, scope);
  if (std::holds_alternative<Star>(expr.node))
    return fail(diagnose(Error::kExpected, expr.span, "a value", "`*`"));
  return fail(diagnose(Error::kNotScalar, expr.span));
}

plan::ExprPtr Binder::bind_literal(const Literal& literal) { return make_constant(literal); }

plan::ExprPtr Binder::bind_name_ref(const Expr& expr, const NameRef& name, const Scope& scope) {
  if (scope.aggregates) {
    if (const Env* bound = find(scope.env, name.name); bound && bound->scalar) return bound->scalar;
    return fail(diagnose(Error::kNotAggregated, expr.span, name.name));
  }
  if (scope.row) {
    if (scope.used) scope.used->insert(name.name);
    if (const auto* column = scope.row->find(name.name)) return make_column(*column);
    if (const auto* column = scope.elsewhere ? scope.elsewhere->find(name.name) : nullptr)
      return make_null(column->type);
  }
  if (const Env* bound = find(scope.env, name.name)) {
    if (bound->scalar) return bound->scalar;
    if (bound->function && bound->function->params.empty()) {
      Call call;
      call.name = {name.name, expr.span};
      return call_scalar_function(expr, call, *bound, scope);
    }
    if (catalog_.open && bound->table && bound->table->open && bound->table->columns.empty())
      return assumed_column();  // a name that was taken for a table
    return fail(diagnose(Error::kNotScalar, expr.span));
  }
  // Beside no row, the name is a parameter of the function that the text is the body of.
  if (scope.row ? scope.row->open : catalog_.open) return assumed_column();
  if (scope.graph && !scope.graph->inside && scope.graph->find(name.name)) {
    Diagnostic bare = diagnose(Error::kGraphElement, expr.span, name.name, "a property after it");
    bare.hint = "write " + name.name + ".PROPERTY";
    return fail(std::move(bare));
  }
  return fail(column_not_found(name.name, expr.span, scope.row));
}

plan::ExprPtr Binder::bind_path(const Expr& expr, const Scope& scope) {
  PathParts parts = flatten_path(expr);
  if (parts.keys.empty()) {  // an index that is no constant
    const auto& index = std::get<Index>(expr.node);
    auto base = bind_expr(*index.base, scope);
    auto key = bind_expr(*index.index, scope);
    if (!base || !key) return nullptr;
    if (base->type == Type::kString) base = make_body(Type::kDynamic, "parse_json", {base});
    if (key->type == Type::kInt || key->type == Type::kLong) {
      return make_body(Type::kDynamic, "path_index", {base, convert(key, Type::kLong, expr.span)});
    }
    return make_body(Type::kDynamic, "path_member", {base, convert(key, Type::kString, expr.span)});
  }
  // `$left.a` in a join condition; `T.a` where T is no value is an error of names.
  if (const auto* name = std::get_if<NameRef>(&parts.base->node)) {
    const BoundTable* side = name->name == "$left"    ? scope.left
                             : name->name == "$right" ? scope.right
                                                      : nullptr;
    for (size_t i = 0; !side && scope.steps && i < scope.steps->size(); ++i) {
      if ((*scope.steps)[i].first == name->name) side = &(*scope.steps)[i].second;
    }
    bool known = false;
    plan::ExprPtr value;
    if (std::holds_alternative<std::string>(parts.keys.front())) {
      const auto& column_name = std::get<std::string>(parts.keys.front());
      if (side) {
        known = true;
        const auto* column = side->find(column_name);
        if (column) value = make_column(*column);
        else if (side->open) value = assumed_column();
        else fail(column_not_found(column_name, expr.span, side));
      } else if (scope.graph) {
        value = bind_graph_property(expr, name->name, column_name, *scope.graph, known);
      }
    }
    if (known) {
      if (!value) return nullptr;
      if (parts.keys.size() == 1) return value;
      parts.keys.erase(parts.keys.begin());
      std::string rest;
      for (const auto& key : parts.keys) {
        rest += rest.empty() ? "[" : ",";
        if (std::holds_alternative<std::string>(key)) append_json_string(rest, std::get<std::string>(key));
        else rest += std::to_string(std::get<int64_t>(key));
      }
      Literal keys;
      keys.type = Type::kDynamic;
      keys.text = rest + "]";
      return make_body(Type::kDynamic, "path", {value, make_constant(keys)});
    }
  }
  plan::ExprPtr base;
  if (std::holds_alternative<int64_t>(parts.keys.front())) {
    if (const auto many = bind_columns(*parts.base, scope)) {
      if (!many->whole) return nullptr;
      base = many->whole;
    }
  }
  if (!base) base = bind_expr(*parts.base, scope);
  if (!base) return nullptr;
  if (base->type == Type::kString) base = make_body(Type::kDynamic, "parse_json", {base});
  if (base->type != Type::kDynamic) {
    return fail(diagnose(Error::kOperandTypes, expr.span, ".", type_name(base->type), "a name"));
  }
  if (const auto* literal = constant_of(base); literal && literal->null) return base;
  Literal keys;
  keys.type = Type::kDynamic;
  for (const auto& key : parts.keys) {
    keys.text += keys.text.empty() ? "[" : ",";
    if (std::holds_alternative<std::string>(key)) append_json_string(keys.text, std::get<std::string>(key));
    else keys.text += std::to_string(std::get<int64_t>(key));
  }
  keys.text += "]";
  return make_body(Type::kDynamic, "path", {base, make_constant(keys)});
}

plan::ExprPtr Binder::bind_bool(const Expr& expr, const Scope& scope) {
  auto value = bind_expr(expr, scope);
  if (!value) return nullptr;
  if (value->type == Type::kBool) return value;
  if (value->type == Type::kDynamic) return convert(value, Type::kBool, expr.span);
  return fail(diagnose(Error::kNotBool, expr.span, type_name(value->type)));
}

plan::ExprPtr Binder::bind_binary(const Expr& expr, const Binary& binary, const Scope& scope) {
  if (binary.op == "and" || binary.op == "or") {
    auto left = bind_bool(*binary.left, scope);
    auto right = bind_bool(*binary.right, scope);
    if (!left || !right) return nullptr;
    return make_sql(Type::kBool, binary.op == "and" ? "({0} AND {1})" : "({0} OR {1})", {left, right});
  }
  if (std::holds_alternative<Star>(binary.left->node) ||
      (binary.op == ":" && std::holds_alternative<NameRef>(binary.left->node) &&
       std::get<NameRef>(binary.left->node).name == "*")) {
    return bind_any_column(expr, binary, scope);
  }
  auto left = bind_expr(*binary.left, scope);
  auto right = bind_expr(*binary.right, scope);
  if (!left || !right) return nullptr;
  std::string op = binary.op == "<>" ? "!=" : binary.op == ":" ? "has" : binary.op;
  if (op == "notcontains") op = "!contains";
  if (cased_) op = cased_operator(std::move(op));
  if (op == "has_any" || op == "has_all") {
    if (right->type != Type::kDynamic) {
      right = make_body(Type::kDynamic, "pack_array", {make_body(Type::kDynamic, "to_json", {right})}, true);
    }
  }
  if ((op == "==" || op == "!=") && left->type == Type::kDynamic && right->type == Type::kDynamic &&
      !catalog_.open) {
    Diagnostic untyped = diagnose(Error::kOperandTypes, expr.span, op, "dynamic", "dynamic");
    untyped.hint = "say what is compared: tostring(), tolong() ... of both sides";
    return fail(std::move(untyped));
  }
  return apply(op, FunctionKind::kOperator, expr.span, {left, right});
}

// `* has "x"`: any column, by its text.
plan::ExprPtr Binder::bind_any_column(const Expr& expr, const Binary& binary, const Scope& scope) {
  if (!is_string_operator(binary.op)) {
    return fail(diagnose(Error::kOperandTypes, expr.span, binary.op, "*", "a value"));
  }
  auto right = bind_expr(*binary.right, scope);
  if (!right || !scope.row) return nullptr;
  std::string op = binary.op == "<>" ? "!=" : binary.op == ":" ? "has" : binary.op;
  // A negated operator asks that no column matches.
  const bool negated = op.front() == '!' && op != "!~";
  if (negated) op = op == "!=" ? "==" : op.substr(1);
  plan::ExprPtr all;
  for (const auto& column : scope.row->columns) {
    auto one = apply(
        op, FunctionKind::kOperator, expr.span,
        {convert(make_column(column), Type::kString, expr.span), convert(right, Type::kString, expr.span)});
    if (!one) return nullptr;
    all = all ? make_sql(Type::kBool, "({0} OR {1})", {all, one}) : one;
  }
  if (all) return negated ? make_sql(Type::kBool, "(NOT {0})", {all}) : all;
  Literal yes;
  yes.type = Type::kBool;
  yes.integer = scope.row->open;
  return make_constant(yes);
}

plan::ExprPtr Binder::bind_in(const Expr& expr, const InList& in, const Scope& scope) {
  const bool negated = in.op.front() == '!';
  const bool folded = in.op.back() == '~';
  const bool terms = in.op.starts_with("has_");
  if (std::holds_alternative<Star>(in.operand->node)) {
    plan::ExprPtr all;
    if (!scope.row) return nullptr;
    for (const auto& column : scope.row->columns) {
      Scope one_scope = scope;
      std::vector<plan::ExprPtr> list;
      if (!bind_exprs(in.list, scope, list)) return nullptr;
      plan::ExprPtr one;
      for (const auto& item : list) {
        auto match = apply(terms    ? "has"
                           : folded ? "=~"
                                    : "==",
                           FunctionKind::kOperator, expr.span,
                           {convert(make_column(column), Type::kString, expr.span),
                            convert(item, Type::kString, expr.span)});
        if (!match) return nullptr;
        one = one ? make_sql(Type::kBool, "({0} OR {1})", {one, match}) : match;
      }
      all = all && one ? make_sql(Type::kBool, "({0} OR {1})", {all, one}) : one ? one : all;
    }
    if (!all) return assumed_column();
    return negated ? make_sql(Type::kBool, "(NOT {0})", {all}) : all;
  }
  auto operand = bind_expr(*in.operand, scope);
  if (!operand) return nullptr;
  const auto finish = [&](plan::ExprPtr matches) {
    return negated ? make_sql(Type::kBool, "(NOT {0})", {std::move(matches)}) : matches;
  };

  const auto* set = in.list.size() == 1 ? std::get_if<NameRef>(&in.list[0]->node) : nullptr;
  const bool assumed_set = set && catalog_.open && scope.row && !scope.row->open &&
                           !scope.row->find(set->name) && !find(scope.env, set->name);
  if (in.list.size() == 1 && (assumed_set || is_tabular(*in.list[0], scope.env))) {
    Scope outer;
    outer.env = scope.env;
    auto table = bind_source(*in.list[0], outer);
    if (!table) return nullptr;
    if (table->columns.empty() && !table->open)
      return fail(diagnose(Error::kNotTabular, in.list[0]->span, "("));
    auto first = table->columns.empty() ? assumed_column() : make_column(table->columns[0]);
    if (terms) {  // the list becomes one array
      auto item = plan::Item{new_column("list", Type::kDynamic),
                             make_sql(Type::kDynamic, "('[' || coalesce(string_agg({0}, ','), '') || ']')",
                                      {make_body(Type::kDynamic, "to_json", {first})})};
      std::vector<plan::ColumnDef> columns{item.column};
      auto rel = make_rel(columns, plan::Aggregate{table->rel, {}, {item}});
      auto list = make_scalar_query(Type::kDynamic, rel);
      return finish(apply(in.op, FunctionKind::kOperator, expr.span, {operand, list}));
    }
    Type type = first->type == Type::kDynamic ? operand->type : first->type;
    if (type == Type::kDynamic) type = Type::kString;
    auto value = convert(first, type, expr.span);
    operand = convert(operand, type, expr.span);
    if (!value || !operand) return nullptr;
    if (folded && type == Type::kString) {
      value = make_body(Type::kString, "tolower", {value});
      operand = make_body(Type::kString, "tolower", {operand});
    }
    BoundTable one = project(*table, {{new_column("value", type), value}});
    return finish(make_in_query(operand, one.rel));
  }

  std::vector<plan::ExprPtr> list;
  if (!bind_exprs(in.list, scope, list)) return nullptr;
  const bool all_constant = std::all_of(list.begin(), list.end(), [](auto& e) { return constant_of(e); });
  // `in (dynamic([..]))`: the elements. A constant array is spelled out, another one searched.
  if (list.size() == 1 && list[0]->type == Type::kDynamic) {
    const Literal* literal = constant_of(list[0]);
    if (terms) return finish(apply(in.op, FunctionKind::kOperator, expr.span, {operand, list[0]}));
    if (folded) {
      return finish(make_body(Type::kBool, "in_fold", {convert(operand, Type::kString, expr.span), list[0]}));
    }
    if (literal && !literal->null) {
      if (auto json = parse_json(literal->text); json && json->kind() == Json::Kind::kArray) {
        std::vector<plan::ExprPtr> items;
        for (const auto& element : json->as_array()) {
          Literal item;
          if (element.kind() == Json::Kind::kString) {
            item.text = element.as_string();
          } else if (element.kind() == Json::Kind::kLong) {
            item.type = Type::kLong;
            item.integer = element.as_long();
          } else if (element.kind() == Json::Kind::kBool) {
            item.type = Type::kBool;
            item.integer = element.as_bool();
          } else if (element.kind() == Json::Kind::kReal) {
            item.type = Type::kReal;
            item.real = element.as_real();
          } else {
            continue;
          }
          items.push_back(make_constant(item));
        }
        list = std::move(items);
      }
    } else {
      return finish(make_sql(Type::kBool, "coalesce({0}, false)",
                             {make_body(Type::kBool, "set_has_element",
                                        {list[0], make_body(Type::kDynamic, "to_json", {operand})})}));
    }
  }
  if (list.empty()) {
    Literal no;
    no.type = Type::kBool;
    return finish(make_constant(no));
  }
  if (terms || (folded && all_constant)) {
    plan::ExprPtr array;
    if (all_constant) {
      Literal literal;
      literal.type = Type::kDynamic;
      for (const auto& item : list) {
        literal.text += literal.text.empty() ? "[" : ",";
        auto text = constant_of(item);
        if (item->type == Type::kDynamic) {
          auto json = parse_json(text->text);
          append_json_string(literal.text,
                             json && json->kind() == Json::Kind::kString ? json->as_string() : text->text);
        } else if (item->type == Type::kLong) {
          append_json_string(literal.text, std::to_string(text->integer));
        } else {
          append_json_string(literal.text, text->text);
        }
      }
      literal.text += "]";
      array = make_constant(literal);
    } else {
      std::vector<plan::ExprPtr> items;
      for (const auto& item : list) items.push_back(make_body(Type::kDynamic, "to_json", {item}));
      array = make_body(Type::kDynamic, "pack_array", std::move(items), true);
    }
    if (terms) return finish(apply(in.op, FunctionKind::kOperator, expr.span, {operand, array}));
    return finish(make_body(Type::kBool, "in_fold", {convert(operand, Type::kString, expr.span), array}));
  }
  if (folded) {
    plan::ExprPtr any;
    for (const auto& item : list) {
      auto one = apply("=~", FunctionKind::kOperator, expr.span, {operand, item});
      if (!one) return nullptr;
      any = any ? make_sql(Type::kBool, "({0} OR {1})", {any, one}) : one;
    }
    return finish(any);
  }
  Type type = operand->type;
  std::vector<plan::ExprPtr> typed = list;
  if (type == Type::kDynamic) type = list[0]->type == Type::kDynamic ? Type::kString : list[0]->type;
  for (const auto& item : list) {
    if (item->type == Type::kReal && (type == Type::kInt || type == Type::kLong)) type = Type::kReal;
    if (item->type == Type::kLong && type == Type::kInt) type = Type::kLong;
  }
  std::vector<plan::ExprPtr> args{convert(operand, type, expr.span)};
  std::string sql = "coalesce({0} IN (";
  for (const auto& item : typed) {
    auto value = item->type == type ? item : convert(item, type, expr.span);
    if (!value) return nullptr;
    sql += (args.size() > 1 ? ", {" : "{") + std::to_string(args.size()) + "}";
    args.push_back(std::move(value));
  }
  if (!args[0]) return nullptr;
  return finish(make_sql(Type::kBool, sql + "), false)", std::move(args)));
}

plan::ExprPtr Binder::bind_between(const Expr& expr, const Between& between, const Scope& scope) {
  auto operand = bind_expr(*between.operand, scope);
  auto low = bind_expr(*between.low, scope);
  auto high = bind_expr(*between.high, scope);
  if (!operand || !low || !high) return nullptr;
  if (operand->type == Type::kDatetime && high->type == Type::kTimespan) {
    high = apply("+", FunctionKind::kOperator, expr.span, {low, high});
    if (!high) return nullptr;
  }
  auto above = apply(">=", FunctionKind::kOperator, expr.span, {operand, low});
  auto below = apply("<=", FunctionKind::kOperator, expr.span, {operand, high});
  if (!above || !below) return nullptr;
  return make_sql(Type::kBool, between.negated ? "(NOT ({0} AND {1}))" : "({0} AND {1})", {above, below});
}

bool Binder::bind_exprs(const std::vector<kql::ExprPtr>& exprs, const Scope& scope,
                        std::vector<plan::ExprPtr>& out) {
  bool good = true;
  for (const auto& expr : exprs) {
    auto value = bind_expr(*expr, scope);
    good = good && value;
    out.push_back(std::move(value));
  }
  return good;
}

std::optional<std::string> Binder::constant_text(const Expr& expr, const Scope& scope) {
  auto value = bind_expr(expr, scope);
  if (!value) return std::nullopt;
  const Literal* literal = constant_of(value);
  if (!literal || literal->type != Type::kString) {
    fail(diagnose(Error::kNotConstant, expr.span, "a text"));
    return std::nullopt;
  }
  return literal->text;
}

std::optional<int64_t> Binder::constant_long(const Expr& expr, const Scope& scope) {
  auto value = bind_expr(expr, scope);
  if (!value) return std::nullopt;
  const Literal* literal = constant_of(value);
  if (!literal || literal->null || (literal->type != Type::kLong && literal->type != Type::kInt)) {
    fail(diagnose(Error::kNotConstant, expr.span, "a number"));
    return std::nullopt;
  }
  return literal->integer;
}

}  // namespace huntbook::kql
