// Statements, functions, pipes; mistakes and recovery from them.
#include <fmt/format.h>

#include "base/text.h"
#include "kql/parser.h"

namespace huntbook::kql {

// ------------------------------------------------------------------ mistakes

std::string Parser::found() const {
  const Token& token = peek();
  if (token.kind == TokenKind::kEnd) return "the end of the query";
  size_t shown = std::min<size_t>(token.text.size(), 40);
  while (shown < token.text.size() && (static_cast<unsigned char>(token.text[shown]) & 0xc0) == 0x80) --shown;
  return fmt::format("`{}{}`", token.text.substr(0, shown), shown < token.text.size() ? "…" : "");
}

void Parser::report(Diagnostic diagnostic) {
  if (!panic_ && !gave_up_ && diagnostics_.size() < kMaxDiagnostics)
    diagnostics_.push_back(std::move(diagnostic));
  panic_ = true;
}

void Parser::fail_expected(std::string_view what, std::string hint) {
  if (panic_) return;
  if (peek().kind == TokenKind::kBad) {  // the lexer told it
    panic_ = true;
    return;
  }
  Diagnostic failure = diagnose(Error::kExpected, peek().span, what, found());
  const std::string lower = peek().kind == TokenKind::kName ? to_lower(peek().text) : "";
  if (!hint.empty()) failure.hint = std::move(hint);
  else if (peek().text.starts_with("!") || lower == "not" || (at_ > 0 && tokens_[at_ - 1].text == "not"))
    failure.hint = "write not(...)";
  else if (is("=") && (what == "an expression" || what == "`|` or `;`"))
    failure.hint = "to compare, write `==`";
  else if (is("|") && at_ > 0 && tokens_[at_ - 1].text == "|" && last_end() == peek().span.begin)
    failure.hint = "write `or`";
  else if (lower != peek().text && (lower == "by" || lower == "on" || is_operator_word(lower)))
    failure.hint = fmt::format("did you mean `{}`?", lower);
  report(std::move(failure));
}

bool Parser::expect(std::string_view punctuation) {
  if (panic_) return false;
  if (take(punctuation)) return true;
  fail_expected(fmt::format("`{}`", punctuation));
  return false;
}

bool Parser::expect_word(std::string_view word) {
  if (panic_) return false;
  if (take_word(word)) return true;
  fail_expected(fmt::format("`{}`", word));
  return false;
}

// The closing bracket. After a mistake inside the brackets, goes on behind them.
void Parser::close(std::string_view bracket, Span open) {
  if (!panic_ && take(bracket)) return;
  if (!panic_) {
    if (at_end() || is(";")) {
      const char* opening = bracket == ")" ? "(" : bracket == "]" ? "[" : "{";
      report(diagnose(Error::kUnclosed, open, opening));
    } else {
      fail_expected(fmt::format("`,` or `{}`", bracket));
    }
  }
  const size_t start = at_;
  int level = 0;
  for (; !at_end() && !(is(";") && level == 0 && bracket != "}"); ++at_) {
    if (is("(") || is("[") || is("{")) ++level;
    if (!is(")") && !is("]") && !is("}")) continue;
    if (level-- > 0) continue;
    if (!is(bracket)) break;
    ++at_;
    panic_ = false;
    return;
  }
  at_ = start;
}

// After a mistake: on to the next pipe, semicolon or closing bracket of this level.
void Parser::skip_to_boundary() {
  int level = 0;
  for (; !at_end(); ++at_) {
    if (is("(") || is("[") || is("{")) ++level;
    if (is(")") || is("]") || is("}")) {
      if (level == 0) break;
      --level;
    }
    if (level == 0 && (is("|") || is(";"))) break;
  }
  panic_ = false;
}

ExprPtr Parser::missing() { return make({peek().span.begin, peek().span.begin}, Literal{}); }

ExprPtr Parser::too_deep() {
  report(diagnose(Error::kTooDeep, peek().span, kMaxNesting));
  gave_up_ = true;
  at_ = tokens_.size() - 1;
  return missing();
}

// ---------------------------------------------------------------- statements

Script parse(std::string_view text, Diagnostics& diagnostics) {
  const size_t before = diagnostics.size();
  Script script = Parser(text, diagnostics).script();
  std::stable_sort(diagnostics.begin() + static_cast<std::ptrdiff_t>(before), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
  return script;
}

Script Parser::script() {
  Script script;
  if (at_end() && diagnostics_.empty()) report(diagnose(Error::kEmptyQuery, peek().span));
  while (!at_end()) {
    if (take(";")) continue;
    const size_t before = at_;
    script.statements.push_back(statement());
    if (!at_end() && !is(";")) {
      fail_expected("`|` or `;`");
      skip_to_boundary();
      while (!at_end() && !is(";")) ++at_;  // a stray bracket or pipe
    }
    panic_ = false;
    if (at_ == before) advance();
  }
  return script;
}

Statement Parser::statement() {
  Statement made;
  const uint32_t begin = peek().span.begin;
  if (is(".") && is_name(1)) {
    made.node = management_statement();
  } else if (is_word("let") && (is_name(1) || is("=", 1))) {
    made.node = let_statement();
  } else if (is_word("set") && is_name(1)) {
    ++at_;
    SetStatement set;
    set.name = name("an option");
    if (take("=")) set.value = is_name() && !is("(", 1) ? pattern() : expression();
    made.node = std::move(set);
  } else if (is_word("declare") && is_word("query_parameters", 1)) {
    at_ += 2;
    made.node = QueryParametersStatement{column_decls()};
  } else if (is_word("declare") && is_word("pattern", 1)) {
    made.node = pattern_statement();
  } else if (is_word("restrict") && is_word("access", 1)) {
    made.node = restrict_statement();
  } else if (is_word("alias") && is_word("database", 1)) {
    made.node = alias_statement();
  } else if (is_word("declare") && is_name(1)) {
    made.node = other_statement();
  } else {
    made.node = QueryStatement{query()};
  }
  made.span = from(begin);
  return made;
}

OtherStatement Parser::other_statement() {
  OtherStatement made;
  made.keyword = peek().text;
  if (made.keyword == "declare") made.keyword += " " + std::string(peek(1).text);
  int level = 0;
  for (; !at_end() && (level > 0 || !is(";")); ++at_) {
    if (is("{")) ++level;
    if (is("}") && level > 0) --level;
  }
  return made;
}

// Whether `(params) {` or `view (params) {` follows.
bool Parser::is_function_ahead() const {
  size_t i = is_word("view") && is("(", 1) ? 1 : 0;
  if (!is("(", i)) return false;
  int level = 0;
  for (; !is(";", i) && !is("|", i) && peek(i).kind != TokenKind::kEnd; ++i) {
    if (is("(", i)) ++level;
    if (is(")", i) && --level == 0) return is("{", i + 1);
  }
  return false;
}

LetStatement Parser::let_statement() {
  ++at_;
  LetStatement let;
  let.name = new_name("a name");
  expect("=");
  if (!panic_ && is_function_ahead()) let.value = function_body();
  else let.value = query();
  return let;
}

FunctionParam Parser::function_param() {
  FunctionParam param;
  param.name = new_name("a parameter");
  if (!expect(":")) return param;
  if (is("(")) {
    param.tabular = true;
    param.any_columns = is("*", 1) && is(")", 2);
    if (param.any_columns) at_ += 3;
    else param.columns = column_decls();
    return param;
  }
  param.type = type_name_here();
  if (take("=")) param.default_value = literal_expression();
  return param;
}

std::unique_ptr<FunctionBody> Parser::function_body() {
  auto body = std::make_unique<FunctionBody>();
  body->view = take_word("view");
  const Span bracket = peek().span;
  expect("(");
  while (!panic_ && !is(")") && !at_end()) {
    body->params.push_back(function_param());
    if (!take(",")) break;
  }
  close(")", bracket);
  braces(*body);
  return body;
}

void Parser::braces(FunctionBody& body) {
  const Span brace = peek().span;
  expect("{");
  Nesting nesting(*this);
  if (nesting.too_deep()) too_deep();
  while (!panic_ && !is("}") && !at_end()) {
    if (take(";")) continue;
    if ((is_word("let") && is_name(1)) || (is_word("set") && is_name(1)) || is_word("declare")) {
      body.statements.push_back(statement());
    } else {
      body.body = query();
    }
    if (!is("}") && !is(";") && !at_end()) {
      fail_expected("`;` or `}`");
      skip_to_boundary();
      if (!is(";")) panic_ = true;  // the rest of the braces is skipped
    }
  }
  if (!panic_ && !body.body && is("}")) fail_expected("a query");
  close("}", brace);
  if (!body.body) body.body = std::make_unique<Query>();
}

ManagementStatement Parser::management_statement() {
  ManagementStatement node;
  while (!at_end() && !is("|") && !is(";") && !is("<|")) {
    const Token& token = peek();
    const bool joined = !node.words.empty() && last_end() == token.span.begin;
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
  if (take("<|")) {  // .set T <| query
    node.query = query();
  } else if (is("|")) {
    node.query = std::make_unique<Query>();
    const uint32_t begin = peek().span.begin;
    pipe(*node.query);
    node.query->span = from(begin);
  }
  return node;
}

// --------------------------------------------------------------------- pipes

bool Parser::starts_tabular() const {
  if (peek().kind != TokenKind::kName) return false;
  const std::string_view word = peek().text;
  const Token& next = peek(1);
  const bool value = next.kind == TokenKind::kName || next.kind == TokenKind::kBracketedName ||
                     next.kind == TokenKind::kLiteral;
  if (word == "print") return true;
  if (word == "range") return is_name(1) && is_word("from", 2);
  if (word == "union") return is_name(1) || is("(", 1) || is("*", 1);
  if (word == "search") return value || is("*", 1) || is("(", 1);
  if (word == "find")
    return is_word("where", 1) || is_word("in", 1) || is_word("withsource", 1) || is_word("datascope", 1) ||
           next.kind == TokenKind::kLiteral;
  if (word == "evaluate") return is_name(1) && (is("(", 2) || is(".", 2) || is("=", 2));
  if (word == "macro") return is("-", 1) && is_word("expand", 2) && touches(1) && touches(2);
  return false;
}

void Parser::first_operation(Query& query) {
  if (take_word("print")) {
    query.source = PrintSource{named_list()};
  } else if (take_word("range")) {
    RangeSource range;
    range.column = new_name("a column");
    expect_word("from");
    range.from = expression();
    expect_word("to");
    range.to = expression();
    expect_word("step");
    range.step = expression();
    query.source = std::move(range);
  } else {
    query.operators.push_back(operation());
  }
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
    first_operation(*made);
  } else if (is("|") || is(")") || is("}")) {
    fail_expected("a table or an expression");
    made->source = missing();
  } else {
    made->source = expression();
  }
  pipe(*made);
  made->span = from(begin);
  return made;
}

void Parser::pipe(Query& query) {
  while (true) {
    if (panic_ || (!is("|") && !is(";") && !is(")") && !is("}") && !is("]") && !is(",") && !at_end())) {
      fail_expected("`|` or `;`");
      skip_to_boundary();
    }
    if (!is("|")) return;
    const size_t before = at_;
    ++at_;
    query.operators.push_back(operation());
    if (gave_up_ || at_ == before) return;
  }
}

// Operators without a source: `( where x | take 1 )`.
QueryPtr Parser::subquery(std::string_view closing) {
  auto made = std::make_unique<Query>();
  const Span open = tokens_[at_ - 1].span;
  const uint32_t begin = peek().span.begin;
  Nesting nesting(*this);
  if (nesting.too_deep()) {
    too_deep();
    return made;
  }
  take("|");
  if (is(closing)) fail_expected("an operator");
  else made->operators.push_back(operation());
  pipe(*made);
  made->span = from(begin);
  close(closing, open);
  return made;
}

}  // namespace huntbook::kql
