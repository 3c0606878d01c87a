// Expressions, by precedence: or, and, comparison and string operators, + -, * / %, unary, postfix.
#include <algorithm>

#include "kql/parser.h"

namespace huntbook::kql {
namespace {

constexpr std::string_view kWordOperators[] = {
    "has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "contains", "contains_cs", "notcontains", "containscs",
    "startswith", "startswith_cs", "endswith", "endswith_cs", "like", "notlike", "likecs", "notlikecs", "has_any", "has_all"};
constexpr std::string_view kNegatedOperators[] = {
    "!has", "!has_cs", "!hasprefix", "!hasprefix_cs", "!hassuffix", "!hassuffix_cs", "!contains", "!contains_cs", "!startswith",
    "!startswith_cs", "!endswith", "!endswith_cs"};

template <typename List>
bool listed(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

}  // namespace

ExprPtr Parser::too_deep() {
  if (!gave_up_) diagnostics_.push_back(diagnose(Error::kTooDeep, peek().span, kMaxNesting));
  gave_up_ = true;
  at_ = tokens_.size() - 1;
  return make(peek().span, Literal{});
}

ExprPtr Parser::expression() { return binary(0); }

// Levels: 0 or, 1 and, 2 comparison, 3 additive, 4 multiplicative.
ExprPtr Parser::binary(int level) {
  Nesting nesting(*this);
  if (nesting.too_deep()) return too_deep();
  if (level == 5) return unary();
  ExprPtr left = binary(level + 1);
  while (true) {
    const Token& token = peek();
    std::string op;
    if (level == 0 && is_word("or")) op = "or";
    else if (level == 1 && is_word("and")) op = "and";
    else if (level == 3 && (is("+") || is("-"))) op = token.text;
    else if (level == 4 && (is("*") || is("/") || is("%"))) op = token.text;
    else if (level == 2) {
      if (token.kind == TokenKind::kPunctuation) {
        if (listed(std::initializer_list<std::string_view>{"==", "!=", "<>", "<", "<=", ">", ">=", "=~", "!~", ":"}, token.text) ||
            listed(kNegatedOperators, token.text)) {
          op = token.text;
        } else if (token.text == "=" && loose_equal_) {
          op = "==";
        } else if (token.text == "!in" || token.text == "!in~") {
          op = token.text;
          ++at_;
          left = in_list(std::move(left), op, token.span);
          continue;
        } else if (token.text == "!between") {
          ++at_;
          left = between(std::move(left), true);
          continue;
        }
      } else if (token.kind == TokenKind::kName) {
        if (token.text == "in" || token.text == "in~") {
          op = token.text;
          ++at_;
          left = in_list(std::move(left), op, token.span);
          continue;
        }
        if ((token.text == "has_any" || token.text == "has_all") && is("(", 1)) {
          op = token.text;
          ++at_;
          left = in_list(std::move(left), op, token.span);
          continue;
        }
        if (token.text == "between" && is("(", 1)) {
          ++at_;
          left = between(std::move(left), false);
          continue;
        }
        if (token.text == "matches" && is_word("regex", 1)) {
          op = "matches regex";
          ++at_;
        } else if (listed(kWordOperators, token.text)) {
          op = token.text;
        }
      }
    }
    if (op.empty()) return left;
    ++at_;
    ExprPtr right;
    if (level == 2 && is("*")) {  // `x has *` is no expression
      right = primary();
    } else {
      right = binary(level + 1);
    }
    const Span span{left->span.begin, right->span.end};
    left = make(span, Binary{std::move(op), std::move(left), std::move(right)});
  }
}

ExprPtr Parser::in_list(ExprPtr operand, std::string op, Span) {
  InList node;
  node.op = std::move(op);
  const uint32_t begin = operand->span.begin;
  node.operand = std::move(operand);
  if (is("(")) {
    ++at_;
    while (!is(")") && peek().kind != TokenKind::kEnd) {
      node.list.push_back(argument());
      if (!take(",")) break;
    }
    expect(")");
  } else {
    node.list.push_back(unary());  // `in (T)` without its brackets
  }
  return make({begin, peek(0).span.begin}, std::move(node));
}

ExprPtr Parser::between(ExprPtr operand, bool negated) {
  Between node;
  node.negated = negated;
  const uint32_t begin = operand->span.begin;
  node.operand = std::move(operand);
  expect("(");
  node.low = expression();
  expect("..");
  node.high = expression();
  const uint32_t end = peek().span.end;
  expect(")");
  return make({begin, end}, std::move(node));
}

ExprPtr Parser::unary() {
  Nesting nesting(*this);
  if (nesting.too_deep()) return too_deep();
  if (is("-") || is("+")) {
    const Token& token = peek();
    ++at_;
    ExprPtr operand = unary();
    const Span span{token.span.begin, operand->span.end};
    return make(span, Unary{std::string(token.text), std::move(operand)});
  }
  return postfix_chain(primary());
}

ExprPtr Parser::postfix_chain(ExprPtr base) {
  while (true) {
    if (is(".") && !is(".", 1)) {
      ++at_;
      if (is_name()) {
        Name member = name("a member");
        if (is("(") && peek().span.begin == member.span.end) {
          base = call(std::move(member), std::move(base));
          continue;
        }
        const Span span{base->span.begin, member.span.end};
        base = make(span, Path{std::move(base), std::move(member)});
        continue;
      }
      if (is("[")) continue;  // a.["b"] is read as a["b"]
      if (is("$") && is_name(1)) {  // d.$id
        ++at_;
        Name member = name("a member");
        member.text = "$" + member.text;
        const Span span{base->span.begin, member.span.end};
        base = make(span, Path{std::move(base), std::move(member)});
        continue;
      }
      fail_expected("a member name");
      return base;
    }
    if (is("[")) {
      ++at_;
      ExprPtr index = expression();
      const Span span{base->span.begin, peek().span.end};
      if (!expect("]")) return base;
      base = make(span, Index{std::move(base), std::move(index)});
      continue;
    }
    return base;
  }
}

ExprPtr Parser::primary() {
  const Token& token = peek();
  const Span span = token.span;
  if (token.kind == TokenKind::kLiteral) {
    ++at_;
    return make(span, token.literal);
  }
  if (token.kind == TokenKind::kBracketedName) {
    ++at_;
    NameRef ref;
    ref.name = token.name;
    ref.bracketed = true;
    if (is("(") && peek().span.begin == span.end) return call({token.name, span}, nullptr);
    return make(span, std::move(ref));
  }
  if (is("(")) {
    ++at_;
    ExprPtr inner = query_expression();
    expect(")");
    return inner;
  }
  if (is("*")) {
    ++at_;
    return make(span, Star{});
  }
  if (is("$") && is_name(1)) {  // $left, $right, $table
    ++at_;
    NameRef ref;
    ref.name = "$" + std::string(peek().text);
    ++at_;
    return make({span.begin, peek(0).span.begin}, std::move(ref));
  }
  if (token.kind == TokenKind::kName) {
    if (token.text == "datatable" && (is("(", 1) || is_word("with", 1))) return datatable(span);
    if ((token.text == "externaldata" || token.text == "external_data") && is("(", 1)) return external_data(span);
    if (token.text == "typeof" && is("(", 1)) return type_of(span);
    ++at_;
    if (is("(")) return call({std::string(token.text), span}, nullptr);
    NameRef ref;
    ref.name = token.text;
    return make(span, std::move(ref));
  }
  fail_expected("an expression");
  if (token.kind == TokenKind::kBad) ++at_;
  return make(span, Literal{});
}

ExprPtr Parser::call(Name name, ExprPtr base) {
  Call node;
  const uint32_t begin = base ? base->span.begin : name.span.begin;
  node.name = std::move(name);
  node.base = std::move(base);
  expect("(");
  while (!is(")") && peek().kind != TokenKind::kEnd) {
    node.args.push_back(argument());
    if (!take(",")) break;
  }
  const uint32_t end = peek().span.end;
  expect(")");
  return make({begin, end}, std::move(node));
}

ExprPtr Parser::argument() {
  if (is_name() && is("=", 1) && !is("==", 1)) {
    NamedExpr named;
    named.names.push_back(name("a name"));
    ++at_;
    named.value = query_expression();
    const Span span{named.names[0].span.begin, named.value->span.end};
    return make(span, std::move(named));
  }
  return query_expression();
}

// An expression; when a pipe follows, or it begins like a query, a subquery.
ExprPtr Parser::query_expression() {
  Nesting nesting(*this);
  if (nesting.too_deep()) return too_deep();
  const uint32_t begin = peek().span.begin;
  if (starts_tabular()) {
    QueryPtr inner = query();
    return make({begin, peek().span.begin}, SubQuery{std::move(inner)});
  }
  ExprPtr source;
  if (is_name() && is("*", 1) && touches(1) && (is(")", 2) || is(",", 2) || is("|", 2))) source = name_or_pattern();
  else source = expression();
  if (!is("|")) return source;
  auto inner = std::make_unique<Query>();
  inner->source = std::move(source);
  pipe(*inner);
  const Span span{begin, peek().span.begin};
  inner->span = span;
  return make(span, SubQuery{std::move(inner)});
}

ExprPtr Parser::datatable(Span begin) {
  ++at_;
  DataTable node;
  node.columns = column_decls("(", ")");
  if (take_word("with")) bracketed_properties();
  if (expect("[")) {
    while (!is("]") && peek().kind != TokenKind::kEnd) {
      node.values.push_back(expression());
      if (!take(",")) break;
    }
  }
  const uint32_t end = peek().span.end;
  expect("]");
  return make({begin.begin, end}, std::move(node));
}

ExprPtr Parser::external_data(Span begin) {
  ++at_;
  ExternalData node;
  node.columns = column_decls("(", ")");
  if (is("[") || peek().kind == TokenKind::kBracketedName) {
    if (peek().kind == TokenKind::kBracketedName) {  // ["uri"] looks like a bracketed name
      Literal uri;
      uri.text = peek().name;
      node.uris.push_back(make(peek().span, std::move(uri)));
      ++at_;
    } else {
      ++at_;
      while (!is("]") && peek().kind != TokenKind::kEnd) {
        node.uris.push_back(expression());
        if (!take(",")) break;
      }
      expect("]");
    }
  } else {
    fail_expected("`[`");
  }
  if (take_word("with")) node.properties = bracketed_properties();
  return make({begin.begin, peek().span.begin}, std::move(node));
}

ExprPtr Parser::type_of(Span begin) {
  at_ += 2;
  TypeOf node;
  if (is_name() && !is(":", 1)) {
    ColumnDecl decl;
    const Name type = name("a type");
    if (auto known = type_from_name(type.text)) decl.type = *known;
    else diagnostics_.push_back(diagnose(Error::kBadValue, type.span, type.text, "a type"));
    node.columns.push_back(std::move(decl));
  } else {
    --at_;
    node.columns = column_decls("(", ")");
    return make({begin.begin, peek().span.begin}, std::move(node));
  }
  expect(")");
  return make({begin.begin, peek().span.begin}, std::move(node));
}

void Parser::check_new_name(const Name& made) {
  static constexpr std::string_view kReserved[] = {"first", "last", "asc", "desc", "missing", "has", "where", "to", "in", "and", "or",
                                                   "between", "contains", "startswith", "endswith", "matches", "by", "on"};
  if (made.span.end - made.span.begin != made.text.size() || !listed(kReserved, made.text)) return;
  Diagnostic failure = diagnose(Error::kReservedName, made.span, made.text);
  failure.hint = "write ['" + made.text + "']";
  diagnostics_.push_back(std::move(failure));
}

ExprPtr Parser::named_expression() {
  // (a, b) = x
  if (is("(")) {
    size_t i = 1;
    while (is_name(i) && is(",", i + 1)) i += 2;
    if (is_name(i) && is(")", i + 1) && is("=", i + 2)) {
      NamedExpr named;
      named.tuple = true;
      const uint32_t begin = peek().span.begin;
      ++at_;
      do named.names.push_back(name("a name"));
      while (take(","));
      expect(")");
      ++at_;
      named.value = expression();
      const Span span{begin, named.value->span.end};
      return make(span, std::move(named));
    }
  }
  if (is_name() && is("=", 1)) {
    NamedExpr named;
    named.names.push_back(name("a name"));
    check_new_name(named.names[0]);
    ++at_;
    named.value = expression();
    const Span span{named.names[0].span.begin, named.value->span.end};
    return make(span, std::move(named));
  }
  return expression();
}

// A name with wildcards: `a*`, `*_s`, `*a*`, from touching tokens.
ExprPtr Parser::name_or_pattern() {
  const Token& first = peek();
  const bool star = is("*");
  if (!star && !is_name()) return expression();
  const bool wild = (star && touches(1) && (is_name(1) || peek(1).kind == TokenKind::kLiteral)) || (first.kind == TokenKind::kName && is("*", 1) && touches(1));
  if (!wild) return named_expression();
  NameRef ref;
  ref.pattern = true;
  const uint32_t begin = first.span.begin;
  uint32_t end = begin;
  while (peek().span.begin == end || end == begin) {
    if (!is("*") && peek().kind != TokenKind::kName && !(peek().kind == TokenKind::kLiteral && peek().literal.type == Type::kLong)) break;
    ref.name += peek().text;
    end = peek().span.end;
    ++at_;
  }
  return make({begin, end}, std::move(ref));
}

ExprPtr Parser::table_expression() {
  if (is("(")) {
    ++at_;
    ExprPtr inner = query_expression();
    if (std::holds_alternative<NameRef>(inner->node)) {  // ( T ) stays a table
      expect(")");
      return inner;
    }
    expect(")");
    return postfix_chain(std::move(inner));
  }
  if (is("*") || (peek().kind == TokenKind::kName && is("*", 1) && touches(1))) return name_or_pattern();
  return unary();
}

std::vector<ExprPtr> Parser::named_list() {
  std::vector<ExprPtr> list;
  if (is("|") || is(";") || is(")") || peek().kind == TokenKind::kEnd) return list;
  do {
    if (is("|") || is(";") || peek().kind == TokenKind::kEnd) break;  // a trailing comma
    list.push_back(is("*") || (peek().kind == TokenKind::kName && is("*", 1) && touches(1) && (is(",", 2) || is("|", 2) || is(")", 2) || is(";", 2) || peek(2).kind == TokenKind::kEnd))
                       ? name_or_pattern()
                       : named_expression());
  } while (take(","));
  return list;
}

std::vector<ExprPtr> Parser::pattern_list() {
  std::vector<ExprPtr> list;
  do list.push_back(name_or_pattern());
  while (take(","));
  return list;
}

}  // namespace huntbook::kql
