// Statements about what a query may name: declare pattern, restrict access, alias database.
#include "kql/parser.h"

namespace huntbook::kql {

PatternStatement Parser::pattern_statement() {
  at_ += 2;
  PatternStatement made;
  made.name = new_name("a name");
  if (!take("=")) return made;
  made.params = column_decls();
  if (!panic_ && is("[")) {
    const Span open = peek().span;
    ++at_;
    ColumnDecl path;
    path.name = new_name("a name");
    expect(":");
    path.type = type_name_here();
    made.path = std::move(path);
    close("]", open);
  }
  const Span open = peek().span;
  expect("{");
  while (!panic_ && !is("}") && !at_end()) {
    if (take(";")) continue;
    made.cases.push_back(pattern_case());
    if (!is("}")) expect(";");
  }
  close("}", open);
  return made;
}

PatternStatement::Case Parser::pattern_case() {
  PatternStatement::Case made;
  const uint32_t begin = peek().span.begin;
  const Span open = peek().span;
  expect("(");
  if (!panic_) made.args = expression_list();
  close(")", open);
  if (take(".")) {
    if (peek().kind == TokenKind::kBracketedName) {
      made.path = peek().name;
      ++at_;
    } else if (take("[")) {
      const ExprPtr text = literal_expression();
      if (const auto* literal = std::get_if<Literal>(&text->node)) made.path = literal->text;
      expect("]");
    } else {
      made.path = name("a path").text;
    }
  }
  made.span = from(begin);
  expect("=");
  made.body = std::make_unique<FunctionBody>();
  braces(*made.body);
  return made;
}

RestrictStatement Parser::restrict_statement() {
  at_ += 2;
  RestrictStatement made;
  expect_word("to");
  const Span open = peek().span;
  expect("(");
  if (!panic_) made.entities = pattern_list();
  close(")", open);
  return made;
}

AliasStatement Parser::alias_statement() {
  at_ += 2;
  AliasStatement made;
  made.name = new_name("a name");
  expect("=");
  made.target = panic_ ? missing() : postfix_chain(primary());
  return made;
}

}  // namespace huntbook::kql
