// Primary expressions: literals, names, calls, brackets, tables written in the query.
#include <fmt/format.h>

#include <cstdlib>

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"
#include "kql/lex.h"
#include "kql/parser.h"

namespace huntbook::kql {
namespace {

// The lexer keeps a whole number beyond 64 bits as its digits.
bool is_too_large(const Token& token) {
  return token.literal.type == Type::kDecimal && !token.literal.null && token.text[0] >= '0' &&
         token.text[0] <= '9';
}

}  // namespace

ExprPtr Parser::primary() {
  const Token& token = peek();
  const Span span = token.span;
  switch (token.kind) {
    case TokenKind::kLiteral:
      ++at_;
      if (is_too_large(token)) {
        report(diagnose(Error::kBadLiteral, span, token.text, "long"));
        panic_ = false;
      }
      return make(span, token.literal);
    case TokenKind::kBracketedName: {
      ++at_;
      if (is("(")) return call({token.name, span}, nullptr);
      NameRef ref;
      ref.name = token.name;
      ref.bracketed = true;
      return make(span, std::move(ref));
    }
    case TokenKind::kName: return name_expression();
    case TokenKind::kBad:
      ++at_;
      panic_ = true;  // the lexer told it
      return missing();
    default: break;
  }
  if (is("(")) {
    ++at_;
    ExprPtr inner = query_expression();
    close(")", span);
    return inner;
  }
  if (is("*")) {
    ++at_;
    return make(span, Star{});
  }
  if (is("$") && is_name(1)) {  // $left, $right, $table
    NameRef ref;
    ref.name = "$" + std::string(peek(1).text);
    at_ += 2;
    return make(from(span.begin), std::move(ref));
  }
  if (is("[") && peek(1).kind == TokenKind::kName && is("]", 2)) {  // [name]
    NameRef ref;
    ref.name = peek(1).text;
    ref.bracketed = true;
    at_ += 3;
    return make(from(span.begin), std::move(ref));
  }
  fail_expected("an expression");
  return missing();
}

ExprPtr Parser::name_expression() {
  const Token& token = peek();
  const std::string_view word = token.text;
  const bool called = is("(", 1);
  if (called) {
    if (word == "datatable") return datatable();
    if (word == "externaldata" || word == "external_data") return external_data();
    if (word == "typeof") return type_of();
    if (word == "dynamic") return dynamic_literal();
    if (is_literal_type(word)) return typed_call(token);
  }
  if (word[0] >= '0' && word[0] <= '9' && is_bad_number(word)) {
    Diagnostic failure = diagnose(Error::kBadLiteral, token.span, word, "number");
    failure.hint = number_hint(word);
    report(std::move(failure));
    panic_ = false;
    ++at_;
    return missing();
  }
  const bool special_call = called && (word == "materialize" || word == "toscalar" || word == "totable");
  if (is_reserved_reference(word) && !special_call) {
    const bool used = called || is(",", 1) || is(")", 1) || is("|", 1) || is(";", 1) || is("==", 1) ||
                      is(".", 1) || is("=", 1) || peek(1).kind == TokenKind::kEnd;
    if (called && is_operator_word(word)) {
      fail_expected("an expression",
                    fmt::format("`{}` stands between its operands: write `a {} b`", word, word));
      return missing();
    }
    if (!used || word == "and" || word == "or" || word == "by") {
      fail_expected("an expression");
      return missing();
    }
    Diagnostic failure = diagnose(Error::kReservedName, token.span, word);
    failure.hint = fmt::format("write ['{}']", word);
    report(std::move(failure));
    panic_ = false;
  }
  ++at_;
  if (called) return call({std::string(word), token.span}, nullptr);
  NameRef ref;
  ref.name = word;
  return make(token.span, std::move(ref));
}

ExprPtr Parser::call(Name name, ExprPtr base) {
  Call node;
  const uint32_t begin = base ? base->span.begin : name.span.begin;
  node.name = std::move(name);
  node.base = std::move(base);
  const Span open = peek().span;
  ++at_;
  if (!is(")")) {
    do node.args.push_back(argument());
    while (!panic_ && take(","));
  }
  close(")", open);
  if (!grow()) return too_deep();
  return make(from(begin), std::move(node));
}

// An expression, a pipe, or name = expression.
ExprPtr Parser::argument() {
  if (!is_name() || !is("=", 1)) return query_expression();
  const uint32_t begin = peek().span.begin;
  NamedExpr named;
  named.names.push_back(name("a name"));
  ++at_;
  named.value = expression();
  return make(from(begin), std::move(named));
}

// `datetime()` and `datetime(now)` are calls of now(); else a literal's type name stands before no literal.
ExprPtr Parser::typed_call(const Token& type) {
  const uint32_t begin = type.span.begin;
  at_ += 2;
  const bool now = take_word("now");
  if (type.text == "datetime" && take(")")) {
    Call call;
    call.name = {"now", from(begin)};
    return make(from(begin), std::move(call));
  }
  const std::string written = now ? "now" : std::string(peek().text.substr(0, 40));
  Diagnostic failure = diagnose(Error::kBadLiteral, peek().span, written, type.text);
  failure.hint = literal_hint(type.text);
  report(std::move(failure));
  close(")", tokens_[at_ - 1].span);
  return missing();
}

// dynamic(...): JSON whose values may be KQL's literals, kept as compact JSON text.
ExprPtr Parser::dynamic_literal() {
  const uint32_t begin = peek().span.begin;
  const Span open = peek(1).span;
  at_ += 2;
  Literal literal;
  literal.type = Type::kDynamic;
  json_value(literal.text);
  close(")", open);
  literal.null = literal.text.empty() || literal.text == "null";
  return make(from(begin), std::move(literal));
}

bool Parser::json_value(std::string& out) {
  Nesting nesting(*this);
  if (nesting.too_deep()) {
    too_deep();
    return false;
  }
  const Token& token = peek();
  const bool minus = take("-");
  if (peek().kind == TokenKind::kLiteral) {
    const Token& token_at = peek();
    const Literal& literal = token_at.literal;
    const bool number =
        !literal.null && literal.real - literal.real == 0 &&
        (literal.type == Type::kInt || literal.type == Type::kLong || literal.type == Type::kReal ||
         literal.type == Type::kDecimal || literal.type == Type::kTimespan);
    if (minus && !number) {
      fail_expected("a number");
      return false;
    }
    ++at_;
    const auto text = [&](const std::string& value) { append_json_string(out, value); };
    // The least long is written without a sign of its own: the lexer wraps it.
    if (minus && literal.type != Type::kTimespan && literal.integer != INT64_MIN) out += '-';
    if (literal.null) out += "null";
    else switch (literal.type) {
        case Type::kBool: out += literal.integer ? "true" : "false"; break;
        case Type::kInt:
        case Type::kLong: out += fmt::to_string(literal.integer); break;
        case Type::kReal: out += Json::number(literal.real).text(); break;
        case Type::kDatetime: text(format_datetime(literal.integer)); break;
        case Type::kTimespan: text(format_timespan(minus ? -literal.integer : literal.integer)); break;
        case Type::kDecimal:
          if (is_too_large(token_at)) append_real(out, std::strtod(literal.text.c_str(), nullptr));
          else out += literal.text;
          break;
        default: text(literal.text);
      }
    return true;
  }
  if (minus) {
    fail_expected("a number");
    return false;
  }
  if (token.kind == TokenKind::kBracketedName) {  // ["a"]
    out += '[';
    append_json_string(out, token.name);
    out += ']';
    ++at_;
    return true;
  }
  if (take("[")) return json_members(out += '[', false, "]");
  if (take("{")) return json_members(out += '{', true, "}");
  if (take_word("null")) {
    out += "null";
    return true;
  }
  if (is_word("dynamic") && is("(", 1)) {
    const Span open = peek(1).span;
    at_ += 2;
    const bool read = json_value(out);
    close(")", open);
    return read;
  }
  if (token.kind == TokenKind::kBad) {
    ++at_;
    panic_ = true;
    return false;
  }
  fail_expected("a JSON value",
                is_name()
                    ? "dynamic(...) takes literals only; use bag_pack() or pack_array() for computed values"
                    : "");
  return false;
}

bool Parser::json_members(std::string& out, bool keys, std::string_view closing) {
  const Span open = tokens_[at_ - 1].span;
  if (!is(closing)) {
    do {
      if (keys) {
        if (!is_string()) {
          fail_expected("a key in quotes");
          break;
        }
        append_json_string(out, peek().literal.text);
        ++at_;
        if (!expect(":")) break;
        out += ':';
      }
      if (!json_value(out)) break;
      if (is(",")) out += ',';
    } while (take(","));
  }
  const bool read = !panic_;
  close(closing, open);
  out += closing;
  return read;
}

Type Parser::type_name_here() {
  const Name written = name("a type");
  if (auto known = type_from_name(written.text)) return *known;
  if (!written.text.empty()) {
    Diagnostic failure = diagnose(Error::kBadValue, written.span, written.text, "a type");
    failure.hint = "the types are bool, datetime, decimal, dynamic, guid, int, long, real, string, timespan";
    report(std::move(failure));
    panic_ = false;
  }
  return Type::kString;
}

std::vector<ColumnDecl> Parser::column_decls() {
  std::vector<ColumnDecl> list;
  const Span open = peek().span;
  if (!expect("(")) return list;
  while (!panic_ && !is(")") && !at_end()) {
    ColumnDecl decl;
    if (is("*")) {
      decl.name = {"*", peek().span};
      ++at_;
    } else {
      decl.name = new_name("a column");
      if (expect(":")) decl.type = type_name_here();
      if (take("=")) decl.default_value = literal_expression();
    }
    list.push_back(std::move(decl));
    if (!take(",")) break;
  }
  close(")", open);
  return list;
}

ExprPtr Parser::literal_expression() {
  const uint32_t begin = peek().span.begin;
  const bool sign = is("-") || is("+");
  const Token& token = peek(sign ? 1 : 0);
  const bool literal =
      token.kind == TokenKind::kLiteral || (token.kind == TokenKind::kName && is("(", sign ? 2 : 1) &&
                                            (token.text == "dynamic" || is_literal_type(token.text)));
  if (!literal && token.kind != TokenKind::kBad && !is_bad_number(token.text) &&
      !(token.text == "typeof" && is("(", 1))) {
    fail_expected("a literal", token.text == "null" ? "write a null with its type: long(null)" : "");
    return missing();
  }
  if (!sign) return primary();
  const std::string op(peek().text);
  ++at_;
  ExprPtr value = primary();
  return make(from(begin), Unary{op, std::move(value)});
}

ExprPtr Parser::datatable() {
  const uint32_t begin = peek().span.begin;
  ++at_;
  DataTable node;
  node.columns = column_decls();
  if (panic_) return make(from(begin), std::move(node));
  const Span open = peek().span;
  if (peek().kind == TokenKind::kBracketedName) {  // ["a"] alone
    Literal value;
    value.text = peek().name;
    node.values.push_back(make(peek().span, std::move(value)));
    ++at_;
    return make(from(begin), std::move(node));
  }
  if (!expect("[")) return make(from(begin), std::move(node));
  while (!panic_ && !is("]") && !at_end()) {
    node.values.push_back(literal_expression());
    if (!take(",")) break;
  }
  close("]", open);
  return make(from(begin), std::move(node));
}

ExprPtr Parser::external_data() {
  const uint32_t begin = peek().span.begin;
  ++at_;
  ExternalData node;
  node.columns = column_decls();
  const Span open = peek().span;
  if (peek().kind == TokenKind::kBracketedName) {  // ["uri"] looks like a bracketed name
    Literal uri;
    uri.text = peek().name;
    node.uris.push_back(make(peek().span, std::move(uri)));
    ++at_;
  } else if (expect("[")) {
    while (!panic_ && !is("]") && !at_end()) {
      node.uris.push_back(expression());
      if (!take(",")) break;
    }
    close("]", open);
  }
  if (is_word("with") && is("(", 1)) {
    ++at_;
    node.properties = bracketed_properties();
  }
  return make(from(begin), std::move(node));
}

ExprPtr Parser::type_of() {
  const uint32_t begin = peek().span.begin;
  ++at_;
  TypeOf node;
  if (is_name(1) && is(")", 2)) {
    ++at_;
    ColumnDecl decl;
    decl.type = type_name_here();
    node.columns.push_back(std::move(decl));
    ++at_;
  } else {
    node.columns = column_decls();
  }
  return make(from(begin), std::move(node));
}

}  // namespace huntbook::kql
