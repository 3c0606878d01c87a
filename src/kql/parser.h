// The parser's state. Private to src/kql; one class over several files by subject.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kql/ast.h"
#include "kql/diagnose.h"
#include "kql/parse.h"

namespace huntbook::kql {

constexpr int kMaxNesting = 500;  ///< brackets within brackets
constexpr int kMaxHeight = 1000;  ///< nodes above one another in the tree: what recursion over it may need
constexpr size_t kMaxDiagnostics = 50;

bool is_reserved_word(std::string_view word);       ///< cannot name a column
bool is_reserved_reference(std::string_view word);  ///< cannot refer to a column
bool is_operator_word(std::string_view word);       ///< and, in, has ...

class Parser {
 public:
  Parser(std::string_view text, Diagnostics& diagnostics)
      : diagnostics_(diagnostics), tokens_(lex(text, diagnostics)) {}
  Script script();
  static std::vector<std::string_view> operator_names();

 private:
  // parse_statement.cc
  Statement statement();
  LetStatement let_statement();
  ManagementStatement management_statement();
  OtherStatement other_statement();
  // parse_access.cc
  PatternStatement pattern_statement();
  PatternStatement::Case pattern_case();
  RestrictStatement restrict_statement();
  AliasStatement alias_statement();
  std::unique_ptr<FunctionBody> function_body();
  void braces(FunctionBody& body);  ///< statements and the query of a function
  FunctionParam function_param();
  bool is_function_ahead() const;
  QueryPtr query();                           ///< source and pipe
  QueryPtr subquery(std::string_view close);  ///< operators without a source, up to the closing bracket
  void pipe(Query& query);
  void first_operation(Query& query);  ///< print, range, union ...: what may begin a query
  bool starts_tabular() const;

  // parse_expr.cc
  ExprPtr expression();  ///< without a name and without a pipe
  ExprPtr binary(int lowest);
  ExprPtr logical(ExprPtr first, int level);
  ExprPtr membership(ExprPtr operand);  ///< in, has_any, between and their negations
  ExprPtr unary();
  ExprPtr postfix_chain(ExprPtr base);
  ExprPtr query_expression();  ///< an expression that a pipe may follow
  ExprPtr table_expression();  ///< what union, join, search and find take

  // parse_primary.cc
  ExprPtr primary();
  ExprPtr name_expression();
  ExprPtr call(Name name, ExprPtr base);
  ExprPtr argument();
  ExprPtr typed_call(const Token& type);  ///< datetime(now) and what is no literal
  ExprPtr dynamic_literal();
  bool json_value(std::string& out);
  bool json_members(std::string& out, bool keys, std::string_view close);
  ExprPtr datatable();
  ExprPtr external_data();
  ExprPtr type_of();
  Type type_name_here();
  std::vector<ColumnDecl> column_decls();  ///< `(x:long, ...)`
  Literal signed_literal();
  ExprPtr literal_expression();  ///< a literal, maybe with a sign

  // parse_names.cc
  Name name(std::string_view what);      ///< any word
  Name new_name(std::string_view what);  ///< a word that may name a column
  ExprPtr named_expression();            ///< name = x, (a, b) = x, or x
  ExprPtr pattern();                     ///< a column or table name, maybe with wildcards
  bool is_pattern() const;
  std::vector<ExprPtr> named_list();
  std::vector<ExprPtr> pattern_list();
  std::vector<ExprPtr> expression_list();

  // parse_operator.cc, parse_rare.cc
  struct Entry;
  static std::span<const Entry> operators();
  Operator operation();
  std::string operator_name(Span& span);
  void where_op(Operator& op);
  void extend_op(Operator& op);
  void project_op(Operator& op);
  void project_away_op(Operator& op);
  void project_keep_op(Operator& op);
  void project_by_names_op(Operator& op);
  void project_rename_op(Operator& op);
  void project_reorder_op(Operator& op);
  void summarize_op(Operator& op);
  void distinct_op(Operator& op);
  void count_op(Operator& op);
  void sort_op(Operator& op);
  void top_op(Operator& op);
  void take_op(Operator& op);
  void sample_op(Operator& op);
  void sample_distinct_op(Operator& op);
  void union_op(Operator& op);
  void join_op(Operator& op);
  void mv_expand_op(Operator& op);
  void mv_apply_op(Operator& op);
  void parse_op(Operator& op);
  void render_op(Operator& op);
  void serialize_op(Operator& op);
  void as_op(Operator& op);
  void invoke_op(Operator& op);
  void getschema_op(Operator& op);
  void evaluate_op(Operator& op);
  void search_op(Operator& op);
  void find_op(Operator& op);
  void make_series_op(Operator& op);
  void parse_kv_op(Operator& op);
  void top_nested_op(Operator& op);
  void top_hitters_op(Operator& op);
  void consume_op(Operator& op);
  void reduce_op(Operator& op);
  void facet_op(Operator& op);
  void fork_op(Operator& op);
  void partition_op(Operator& op);
  void scan_op(Operator& op);
  void macro_expand_op(Operator& op);
  void other_op(Operator& op);
  // parse_graph.cc
  void make_graph_op(Operator& op);
  void graph_match_op(Operator& op);
  void graph_to_table_op(Operator& op);
  void graph_mark_components_op(Operator& op);
  void graph_where_op(Operator& op);
  GraphPattern graph_pattern();
  GraphPattern::Node graph_node();
  GraphPattern::Edge graph_edge();
  Properties properties(std::initializer_list<std::string_view> names);
  Properties bracketed_properties();
  std::string property_name();
  SortKey sort_key();
  std::vector<SortKey> sort_keys();
  std::vector<MvItem> mv_items();

  // tokens
  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool at_end() const { return peek().kind == TokenKind::kEnd; }
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
  bool is_string() const {
    return peek().kind == TokenKind::kLiteral && peek().literal.type == Type::kString;
  }
  bool touches(size_t ahead) const { return peek(ahead - 1).span.end == peek(ahead).span.begin; }
  void advance() {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
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
  uint32_t last_end() const { return at_ > 0 ? tokens_[at_ - 1].span.end : 0; }
  Span from(uint32_t begin) const { return {begin, std::max(begin, last_end())}; }

  // mistakes
  bool expect(std::string_view punctuation);
  bool expect_word(std::string_view word);
  void close(std::string_view bracket, Span open);
  std::string found() const;
  void report(Diagnostic diagnostic);
  void fail_expected(std::string_view what, std::string hint = {});
  void skip_to_boundary();
  ExprPtr missing();
  ExprPtr too_deep();

  template <typename Node>
  ExprPtr make(Span span, Node node) {
    return std::make_unique<Expr>(Expr{span, std::move(node)});
  }

  // Counts brackets; on leaving, the height of what was read inside counts for the bracket around it.
  struct Nesting {
    Parser& parser;
    int outside;
    explicit Nesting(Parser& p) : parser(p), outside(p.height_) {
      ++parser.depth_;
      parser.height_ = 0;
    }
    ~Nesting() {
      --parser.depth_;
      parser.height_ = std::max(outside, parser.height_);
    }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    bool too_deep() const { return parser.depth_ > kMaxNesting; }
  };
  /// One more node above those read so far; false when the tree is as high as it may be.
  bool grow(int nodes = 1) { return (height_ += nodes) <= kMaxHeight; }

  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int height_ = 0;          ///< at most this many nodes stand above one another in what was just read
  bool gave_up_ = false;    ///< nesting was too deep: the rest is not read
  bool panic_ = false;      ///< a mistake was told; further ones are its echo until a boundary is reached
  size_t loose_equal_ = 0;  ///< the token `=` that is read as `==`, if not 0
};

}  // namespace huntbook::kql
