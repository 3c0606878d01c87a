// The parser's state. Private to src/kql; one class over several files by subject.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kql/ast.h"
#include "kql/diagnose.h"
#include "kql/parse.h"

namespace huntbook::kql {

constexpr int kMaxNesting = 500;

class Parser {
 public:
  Parser(std::string_view text, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics), tokens_(lex(text, diagnostics)) {}
  Script script();

 private:
  // parse_statement.cc
  Statement statement();
  Statement let_statement();
  Statement management_statement();
  std::unique_ptr<FunctionBody> function_body();
  FunctionParam function_param();
  bool is_function_ahead() const;
  QueryPtr query();                      ///< source and pipe
  QueryPtr subquery(std::string_view close);  ///< operators without a source, up to the closing bracket
  void pipe(Query& query);
  bool starts_tabular() const;           ///< print, range x from, union, search, find, evaluate stand here

  // parse_expr.cc
  ExprPtr expression();                  ///< or
  ExprPtr argument();                    ///< an expression, a pipe, or name = expression
  ExprPtr binary(int level);
  ExprPtr postfix_chain(ExprPtr base);
  ExprPtr unary();
  ExprPtr primary();
  ExprPtr call(Name name, ExprPtr base);
  ExprPtr in_list(ExprPtr operand, std::string op, Span span);
  ExprPtr between(ExprPtr operand, bool negated);
  ExprPtr datatable(Span begin);
  ExprPtr external_data(Span begin);
  ExprPtr type_of(Span begin);
  ExprPtr named_expression();            ///< name = x, (a, b) = x, or x
  ExprPtr name_or_pattern();             ///< a column name, maybe with wildcards
  ExprPtr table_expression();            ///< what union, join and in(...) take
  ExprPtr query_expression();            ///< an expression that a pipe may follow
  std::vector<ExprPtr> named_list();
  std::vector<ExprPtr> pattern_list();

  // parse_operator.cc, parse_operator2.cc
  Operator operation();
  bool known_operation(Operator& op);
  bool rare_operation(Operator& op);
  Properties properties(std::initializer_list<std::string_view> names);
  Properties with_properties();
  Properties bracketed_properties();
  SortKey sort_key(bool ordered_words);
  std::vector<SortKey> sort_keys();
  std::vector<MvItem> mv_items();
  std::vector<ColumnDecl> column_decls(std::string_view open, std::string_view close);
  std::optional<Type> to_type();
  ParseOp parse_op(bool where);
  MakeSeriesOp make_series();
  ScanOp scan();
  RenderOp render();
  TopNestedOp top_nested();
  FindOp find();
  SearchOp search();
  std::string operator_name(Span& span);
  std::string property_name();

  // tokens
  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool is(std::string_view punctuation, size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::kPunctuation && token.text == punctuation;
  }
  bool is_word(std::string_view word, size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::kName && token.text == word;
  }
  bool is_name(size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::kName || peek(ahead).kind == TokenKind::kBracketedName;
  }
  bool touches(size_t ahead) const { return peek(ahead - 1).span.end == peek(ahead).span.begin; }
  bool take(std::string_view punctuation) {
    if (!is(punctuation)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++at_;
    return true;
  }
  bool expect(std::string_view punctuation);
  bool expect_word(std::string_view word);
  Name name(std::string_view what);
  std::string found() const;
  void fail_expected(std::string_view what);
  void skip_to_boundary();
  Span span_from(size_t token) const;
  template <typename Node>
  ExprPtr make(Span span, Node node) {
    return std::make_unique<Expr>(Expr{span, std::move(node)});
  }
  void check_new_name(const Name& name);

  struct Nesting {
    Parser& parser;
    explicit Nesting(Parser& p) : parser(p) { ++parser.depth_; }
    ~Nesting() { --parser.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    bool too_deep() const { return parser.depth_ > kMaxNesting; }
  };
  ExprPtr too_deep();

  std::string_view text_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  bool gave_up_ = false;
  bool loose_equal_ = false;
};

}  // namespace huntbook::kql
