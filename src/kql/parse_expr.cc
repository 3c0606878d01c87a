// Expressions by precedence: or, and, equality and membership, relations and string operators, + -, * / %,
// signs, members and indexes.
#include <bit>

#include "kql/parser.h"

namespace huntbook::kql {
namespace {

enum Level : int { kOr, kAnd, kEquality, kRelation, kSum, kProduct, kUnary };

struct WordOperator {
  std::string_view text;
  Level level;
};

constexpr WordOperator kPunctuation[] = {{"==", kEquality},
                                         {"!=", kEquality},
                                         {"<>", kEquality},
                                         {"=~", kEquality},
                                         {"!~", kEquality},
                                         {":", kEquality},
                                         {"!in", kEquality},
                                         {"!in~", kEquality},
                                         {"!between", kEquality},
                                         {"<", kRelation},
                                         {">", kRelation},
                                         {"<=", kRelation},
                                         {">=", kRelation},
                                         {"+", kSum},
                                         {"-", kSum},
                                         {"*", kProduct},
                                         {"/", kProduct},
                                         {"%", kProduct},
                                         {"!has", kRelation},
                                         {"!has_cs", kRelation},
                                         {"!hasprefix", kRelation},
                                         {"!hasprefix_cs", kRelation},
                                         {"!hassuffix", kRelation},
                                         {"!hassuffix_cs", kRelation},
                                         {"!contains", kRelation},
                                         {"!contains_cs", kRelation},
                                         {"!startswith", kRelation},
                                         {"!startswith_cs", kRelation},
                                         {"!endswith", kRelation},
                                         {"!endswith_cs", kRelation}};

constexpr WordOperator kWords[] = {{"or", kOr},
                                   {"and", kAnd},
                                   {"in", kEquality},
                                   {"in~", kEquality},
                                   {"between", kEquality},
                                   {"has_any", kEquality},
                                   {"has_all", kEquality},
                                   {"has", kRelation},
                                   {"has_cs", kRelation},
                                   {"hasprefix", kRelation},
                                   {"hasprefix_cs", kRelation},
                                   {"hassuffix", kRelation},
                                   {"hassuffix_cs", kRelation},
                                   {"contains", kRelation},
                                   {"contains_cs", kRelation},
                                   {"containscs", kRelation},
                                   {"notcontains", kRelation},
                                   {"notcontainscs", kRelation},
                                   {"startswith", kRelation},
                                   {"startswith_cs", kRelation},
                                   {"endswith", kRelation},
                                   {"endswith_cs", kRelation},
                                   {"matches", kRelation},
                                   {"like", kRelation},
                                   {"notlike", kRelation},
                                   {"likecs", kRelation},
                                   {"notlikecs", kRelation}};

int level_of(const Token& token) {
  const auto search = [&](const auto& table) {
    for (const WordOperator& each : table) {
      if (each.text == token.text) return static_cast<int>(each.level);
    }
    return -1;
  };
  if (token.kind == TokenKind::kPunctuation) return search(kPunctuation);
  if (token.kind == TokenKind::kName) return search(kWords);
  return -1;
}

// A long chain of `or` becomes a low tree: `or` and `and` may be grouped freely.
ExprPtr join_chain(std::vector<ExprPtr>& operands, size_t begin, size_t end, const std::string& op) {
  if (end - begin == 1) return std::move(operands[begin]);
  const size_t middle = end - begin <= 8 ? end - 1 : begin + (end - begin) / 2;
  ExprPtr left = join_chain(operands, begin, middle, op);
  ExprPtr right = join_chain(operands, middle, end, op);
  const Span span{left->span.begin, right->span.end};
  return std::make_unique<Expr>(Expr{span, Binary{op, std::move(left), std::move(right)}});
}

}  // namespace

bool is_operator_word(std::string_view word) {
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const auto& each) { return each.text == word; });
}

ExprPtr Parser::expression() {
  Nesting nesting(*this);
  if (nesting.too_deep()) return too_deep();
  return binary(kOr);
}

// Operators of at least `lowest`. Equality and relations stand alone: `a == b == c` is a mistake.
ExprPtr Parser::binary(int lowest) {
  ExprPtr left = unary();
  int highest = kProduct;
  while (!panic_) {
    const int level = at_ == loose_equal_ && at_ > 0 ? static_cast<int>(kEquality) : level_of(peek());
    if (level < lowest || level > highest) return left;
    if (!grow()) return too_deep();
    if (level <= kAnd) {
      left = logical(std::move(left), level);
      highest = level;
      continue;
    }
    highest = level == kEquality || level == kRelation ? level - 1 : level;
    const std::string_view word = peek().text;
    if (word == "in" || word == "in~" || word == "!in" || word == "!in~" || word == "between" ||
        word == "!between" || word == "has_any" || word == "has_all") {
      left = membership(std::move(left));
      continue;
    }
    std::string op(word == "=" ? "==" : word);
    ++at_;
    if (op == "matches") {
      expect_word("regex");
      op = "matches regex";
    }
    ExprPtr right = binary(level + 1);
    const Span span{left->span.begin, std::max(left->span.end, right->span.end)};
    left = make(span, Binary{std::move(op), std::move(left), std::move(right)});
  }
  return left;
}

ExprPtr Parser::logical(ExprPtr first, int level) {
  const std::string op = level == kOr ? "or" : "and";
  std::vector<ExprPtr> operands;
  operands.push_back(std::move(first));
  int tallest = height_;
  while (!panic_ && take_word(op)) {
    height_ = 0;
    operands.push_back(binary(level + 1));
    tallest = std::max(tallest, height_);
  }
  height_ = tallest;
  const int nodes = operands.size() <= 8 ? static_cast<int>(operands.size())
                                         : 8 + static_cast<int>(std::bit_width(operands.size()));
  if (!grow(nodes)) return too_deep();
  return join_chain(operands, 0, operands.size(), op);
}

ExprPtr Parser::membership(ExprPtr operand) {
  const uint32_t begin = operand->span.begin;
  std::string op(peek().text);
  ++at_;
  const Span open = peek().span;
  if (!is("(")) {
    fail_expected("`(`",
                  "write `" + op +
                      (op.ends_with("between") ? " (low .. high)`" : " (...)` with the values in brackets"));
    return operand;
  }
  ++at_;
  if (op.ends_with("between")) {
    Between between;
    between.negated = op[0] == '!';
    between.operand = std::move(operand);
    between.low = expression();
    expect("..");
    between.high = expression();
    close(")", open);
    return make(from(begin), std::move(between));
  }
  InList in;
  in.op = std::move(op);
  in.operand = std::move(operand);
  do in.list.push_back(query_expression());
  while (!panic_ && take(","));
  close(")", open);
  return make(from(begin), std::move(in));
}

ExprPtr Parser::unary() {
  if (is("-") || is("+")) {
    const Token& sign = peek();
    ++at_;
    if (!grow()) return too_deep();
    ExprPtr operand = postfix_chain(primary());
    return make(from(sign.span.begin), Unary{std::string(sign.text), std::move(operand)});
  }
  return postfix_chain(primary());
}

ExprPtr Parser::postfix_chain(ExprPtr base) {
  while (!panic_) {
    const uint32_t begin = base->span.begin;
    if (is(".")) {
      if (!grow()) return too_deep();
      ++at_;
      if (is("[")) continue;                                      // `a.[0]` is `a[0]`
      if (is("*") && std::holds_alternative<Call>(base->node)) {  // database("d").*
        ++at_;
        base = make(from(begin), Path{std::move(base), {"*", tokens_[at_ - 1].span}});
        continue;
      }
      const bool dollar = is("$") && is_name(1) && touches(1);
      if (dollar) ++at_;
      Name member = dollar ? name("a member") : new_name("a member name");
      if (panic_) return base;
      if (dollar) member = {"$" + member.text, {member.span.begin - 1, member.span.end}};
      if (is("(")) {
        base = call(std::move(member), std::move(base));
      } else {
        base = make(from(begin), Path{std::move(base), std::move(member)});
      }
      continue;
    }
    if (peek().kind == TokenKind::kBracketedName) {  // `a ["b"]`
      if (!grow()) return too_deep();
      Literal key;
      key.text = peek().name;
      ExprPtr index = make(peek().span, std::move(key));
      ++at_;
      base = make(from(begin), Index{std::move(base), std::move(index)});
      continue;
    }
    if (is("[")) {
      if (!grow()) return too_deep();
      const Span open = peek().span;
      ++at_;
      ExprPtr index = expression();
      close("]", open);
      base = make(from(begin), Index{std::move(base), std::move(index)});
      continue;
    }
    return base;
  }
  return base;
}

// An expression; when a pipe follows, or it begins like a query, a subquery.
ExprPtr Parser::query_expression() {
  const uint32_t begin = peek().span.begin;
  if (starts_tabular()) {
    QueryPtr inner = query();
    grow();
    return make(from(begin), SubQuery{std::move(inner)});
  }
  ExprPtr source = expression();
  if (panic_ || !is("|")) return source;
  auto inner = std::make_unique<Query>();
  inner->source = std::move(source);
  pipe(*inner);
  inner->span = from(begin);
  if (!grow(2)) return too_deep();
  return make(from(begin), SubQuery{std::move(inner)});
}

// A table: a name, perhaps with wildcards, a call, a path, or a query in brackets.
ExprPtr Parser::table_expression() {
  if (is("(")) {
    const Span open = peek().span;
    Nesting nesting(*this);
    if (nesting.too_deep()) return too_deep();
    ++at_;
    ExprPtr inner = query_expression();
    close(")", open);
    return postfix_chain(std::move(inner));
  }
  if (is("*") || is_pattern()) return pattern();
  ExprPtr table = unary();
  auto* path = std::get_if<Path>(&table->node);
  while (path && is("*") && last_end() == peek().span.begin) {  // database("d").Sec*
    ++at_;
    path->member.text += "*";
    if (peek().kind == TokenKind::kName && last_end() == peek().span.begin) {
      path->member.text += peek().text;
      ++at_;
    }
    table->span.end = path->member.span.end = last_end();
  }
  return table;
}

}  // namespace huntbook::kql
