// Statements, functions, pipes, and the small helpers of the parser.
#include <algorithm>

#include "kql/parser.h"

namespace huntbook::kql {

// ------------------------------------------------------------------- helpers

std::string Parser::found() const {
  const Token& token = peek();
  if (token.kind == TokenKind::kEnd) return "the end of the query";
  std::string text(token.text.substr(0, 40));
  if (text.size() < token.text.size()) text += "…";
  return "`" + text + "`";
}

void Parser::fail_expected(std::string_view what) {
  if (gave_up_ || diagnostics_.size() >= 50) return;
  diagnostics_.push_back(diagnose(Error::kExpected, peek().span, what, found()));
}

bool Parser::expect(std::string_view punctuation) {
  if (take(punctuation)) return true;
  fail_expected("`" + std::string(punctuation) + "`");
  return false;
}

bool Parser::expect_word(std::string_view word) {
  if (take_word(word)) return true;
  fail_expected("`" + std::string(word) + "`");
  return false;
}

Name Parser::name(std::string_view what) {
  const Token& token = peek();
  if (!is_name()) {
    fail_expected(what);
    return {"", {token.span.begin, token.span.begin}};
  }
  ++at_;
  return {token.kind == TokenKind::kName ? std::string(token.text) : token.name, token.span};
}

// After a mistake: on to the next pipe, semicolon or closing bracket of this level.
void Parser::skip_to_boundary() {
  int level = 0;
  while (peek().kind != TokenKind::kEnd) {
    if (is("(") || is("[") || is("{")) ++level;
    if (is(")") || is("]") || is("}")) {
      if (level == 0) return;
      --level;
    }
    if (level == 0 && (is("|") || is(";"))) return;
    ++at_;
  }
}

// ---------------------------------------------------------------- statements

Script parse(std::string_view text, Diagnostics& diagnostics) { return Parser(text, diagnostics).script(); }

Script Parser::script() {
  Script script;
  if (peek().kind == TokenKind::kEnd && diagnostics_.empty()) diagnostics_.push_back(diagnose(Error::kEmptyQuery, peek().span));
  while (peek().kind != TokenKind::kEnd) {
    if (take(";")) continue;
    const size_t before = at_;
    script.statements.push_back(statement());
    if (peek().kind != TokenKind::kEnd && !is(";")) {
      fail_expected("`|` or `;`");
      skip_to_boundary();
      if (is("|") || is(")") || is("]") || is("}")) ++at_;
    }
    if (at_ == before) ++at_;
  }
  return script;
}

Statement Parser::statement() {
  Statement made;
  const uint32_t begin = peek().span.begin;
  const auto finish = [&](Statement statement) {
    statement.span = {begin, at_ > 0 ? std::max(begin, tokens_[at_ - 1].span.end) : begin};
    return statement;
  };
  if (is(".")) return finish(management_statement());
  if (is_word("let") && is_name(1)) return finish(let_statement());
  if (is_word("set") && is_name(1)) {
    ++at_;
    SetStatement set;
    set.name = name("an option");
    if (take("=")) set.value = expression();
    made.node = std::move(set);
    return finish(std::move(made));
  }
  if (is_word("declare") && is_word("query_parameters", 1)) {
    at_ += 2;
    made.node = QueryParametersStatement{column_decls("(", ")")};
    return finish(std::move(made));
  }
  if ((is_word("alias") && is_word("database", 1)) || (is_word("restrict") && is_word("access", 1)) || (is_word("declare") && is_name(1))) {
    std::string keyword(peek().text);
    if (keyword == "declare") keyword += " " + std::string(peek(1).text);
    while (peek().kind != TokenKind::kEnd && !is(";")) {
      if (is("{")) {
        int level = 0;
        do {
          if (is("{")) ++level;
          if (is("}")) --level;
          ++at_;
        } while (level > 0 && peek().kind != TokenKind::kEnd);
        continue;
      }
      ++at_;
    }
    made.node = OtherStatement{std::move(keyword)};
    return finish(std::move(made));
  }
  made.node = QueryStatement{query()};
  return finish(std::move(made));
}

// Whether `(params) {` or `view () {` follows.
bool Parser::is_function_ahead() const {
  size_t i = is_word("view") && is("(", 1) ? 1 : 0;
  if (!is("(", i)) return false;
  int level = 0;
  for (;; ++i) {
    if (peek(i).kind == TokenKind::kEnd) return false;
    if (is("(", i)) ++level;
    if (is(")", i) && --level == 0) return is("{", i + 1);
  }
}

Statement Parser::let_statement() {
  ++at_;
  LetStatement let;
  let.name = name("a name");
  expect("=");
  if (is_function_ahead()) {
    let.value = function_body();
  } else {
    let.value = query();
  }
  Statement made;
  made.node = std::move(let);
  return made;
}

FunctionParam Parser::function_param() {
  FunctionParam param;
  param.name = name("a parameter");
  expect(":");
  if (is("(")) {
    param.tabular = true;
    if (is("*", 1) && is(")", 2)) {
      at_ += 3;
      param.any_columns = true;
    } else {
      param.columns = column_decls("(", ")");
    }
    return param;
  }
  const Name type = name("a type");
  if (auto known = type_from_name(type.text)) param.type = *known;
  else if (!type.text.empty()) diagnostics_.push_back(diagnose(Error::kBadValue, type.span, type.text, "a type"));
  if (take("=")) param.default_value = expression();
  return param;
}

std::unique_ptr<FunctionBody> Parser::function_body() {
  auto body = std::make_unique<FunctionBody>();
  body->view = take_word("view");
  expect("(");
  while (!is(")") && peek().kind != TokenKind::kEnd) {
    const size_t before = at_;
    body->params.push_back(function_param());
    if (!take(",") || at_ == before) break;
  }
  expect(")");
  expect("{");
  Nesting nesting(*this);
  if (nesting.too_deep()) {
    too_deep();
    body->body = std::make_unique<Query>();
    return body;
  }
  while (!is("}") && peek().kind != TokenKind::kEnd) {
    if (take(";")) continue;
    if ((is_word("let") && is_name(1)) || (is_word("set") && is_name(1)) || is_word("declare")) {
      body->statements.push_back(statement());
      if (!is("}")) expect(";");
      continue;
    }
    const size_t before = at_;
    body->body = query();
    if (!is("}") && !is(";")) {
      fail_expected("`}`");
      skip_to_boundary();
      if (at_ == before) ++at_;
      if (is("|") || is(")") || is("]")) ++at_;
    }
  }
  expect("}");
  if (!body->body) {
    fail_expected("a query");
    body->body = std::make_unique<Query>();
  }
  return body;
}

Statement Parser::management_statement() {
  ManagementStatement node;
  while (peek().kind != TokenKind::kEnd && !is("|") && !is(";")) {
    const Token& token = peek();
    const bool joined = !node.words.empty() && tokens_[at_ - 1].span.end == token.span.begin;
    std::string text(token.kind == TokenKind::kBracketedName ? token.name : std::string(token.text));
    if (token.kind == TokenKind::kLiteral && token.literal.type == Type::kString) text = token.literal.text;
    if (joined) {
      node.words.back().text += text;
      node.words.back().span.end = token.span.end;
    } else {
      node.words.push_back({std::move(text), token.span});
    }
    ++at_;
  }
  if (is("|")) {
    node.query = std::make_unique<Query>();
    pipe(*node.query);
  }
  Statement made;
  made.node = std::move(node);
  return made;
}

// --------------------------------------------------------------------- pipes

bool Parser::starts_tabular() const {
  if (peek().kind != TokenKind::kName) return false;
  const std::string_view word = peek().text;
  const Token& next = peek(1);
  const bool operand = next.kind == TokenKind::kName || next.kind == TokenKind::kBracketedName || next.kind == TokenKind::kLiteral;
  if (word == "print") return (operand && !is_word("has", 1) && !is_word("contains", 1) && !is_word("and", 1) && !is_word("or", 1)) || is("(", 1) || is("-", 1) || is("[", 1);
  if (word == "range") return is_name(1) && is_word("from", 2);
  if (word == "union") return is_name(1) || is("(", 1) || is("*", 1);
  if (word == "search") return next.kind == TokenKind::kLiteral || is_name(1) || is("*", 1) || is("(", 1);
  if (word == "find") return is_word("where", 1) || is_word("in", 1) || is_word("withsource", 1) || next.kind == TokenKind::kLiteral;
  if (word == "evaluate") return is_name(1) && (is("(", 2) || is(".", 2) || is("=", 2));
  return false;
}

QueryPtr Parser::query() {
  auto made = std::make_unique<Query>();
  const uint32_t begin = peek().span.begin;
  Nesting nesting(*this);
  if (nesting.too_deep()) {
    too_deep();
    return made;
  }
  if (starts_tabular()) {
    const std::string_view word = peek().text;
    if (word == "print") {
      ++at_;
      made->source = PrintSource{named_list()};
    } else if (word == "range") {
      ++at_;
      RangeSource range;
      range.column = name("a column");
      expect_word("from");
      range.from = expression();
      expect_word("to");
      range.to = expression();
      if (take_word("step")) range.step = expression();
      made->source = std::move(range);
    } else {
      made->operators.push_back(operation());
    }
  } else if (is("*") || (peek().kind == TokenKind::kName && is("*", 1) && touches(1))) {
    made->source = name_or_pattern();
  } else {
    made->source = expression();
  }
  pipe(*made);
  made->span = {begin, at_ > 0 ? std::max(begin, tokens_[at_ - 1].span.end) : begin};
  return made;
}

void Parser::pipe(Query& query) {
  while (is("|")) {
    ++at_;
    query.operators.push_back(operation());
    if (!is("|") && !is(";") && !is(")") && !is("}") && !is(",") && peek().kind != TokenKind::kEnd) {
      fail_expected("`|` or `;`");
      skip_to_boundary();
    }
  }
}

// Operators without a source: `( where x | take 1 )`, or one that begins with its own source.
QueryPtr Parser::subquery(std::string_view close) {
  auto made = std::make_unique<Query>();
  const uint32_t begin = peek().span.begin;
  Nesting nesting(*this);
  if (nesting.too_deep()) {
    too_deep();
    return made;
  }
  take("|");
  if (!is(close)) made->operators.push_back(operation());
  if (!is("|") && !is(close) && peek().kind != TokenKind::kEnd) {
    fail_expected("`|` or `" + std::string(close) + "`");
    skip_to_boundary();
  }
  pipe(*made);
  made->span = {begin, peek().span.begin};
  expect(close);
  return made;
}

}  // namespace huntbook::kql
