// Names: which words may be one, `name = value`, wildcards, and lists of them.
#include "kql/parser.h"

namespace huntbook::kql {
namespace {

// Packed by hand.
// clang-format off
// Words that are never a name unless bracketed: `['first']`. Sorted.
constexpr std::string_view kReserved[] = {
    "and", "anomalychart", "areachart", "asc", "bagexpansion", "barchart", "between", "bin_legacy",
    "boolean", "byte", "cachingpolicy", "callout", "cancel", "card", "char", "columnchart", "contains_cs",
    "containscs", "cycles", "dataexport", "datascope", "date", "datetime", "decimal", "decodeblocks",
    "desc", "double", "dynamic", "encodingpolicy", "endswith", "endswith_cs", "expandoutput",
    "extent_tags_retention", "external_data", "first", "flags", "float", "force_remote", "harddelete",
    "hardretention", "has_all", "has_any", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix",
    "hassuffix_cs", "hotcache", "int", "int16", "int32", "int64", "int8", "in~", "isfuzzy", "journal",
    "ladderchart", "last", "like", "likecs", "linechart", "long", "missing", "nooptimization",
    "notcontains", "notcontainscs", "notlike", "notlikecs", "or", "others", "pathformat", "piechart",
    "pivotchart", "project", "queries", "query_results", "real", "relaxed", "restricted_view_access",
    "row_level_security", "rowstore", "rowstore_references", "rowstore_sealinfo", "rowstorepolicy",
    "rowstores", "scatterchart", "seal", "seals", "shards", "simple", "softdelete", "softretention",
    "stackedareachart", "startswith", "startswith_cs", "statistics", "storedqueryresultcontainers",
    "string", "tablepurge", "time", "timechart", "timeline", "timepivot", "timespan", "treemap", "uint",
    "uint16", "uint32", "uint64", "uint8", "ulong", "union", "uniqueid", "unrestrictedviewers", "views",
    "with_itemindex", "with_match_id", "with_step_name", "writeaheadlog"};

// Words that can be given to a new column, but not used to refer to one without brackets. Sorted.
constexpr std::string_view kNoReference[] = {
    "accumulate", "as", "by", "contains", "datatable", "earliest", "externaldata", "find", "has", "in",
    "invoke", "latest", "materialize", "mdm", "of", "print", "sample", "search", "set", "sql", "title",
    "to", "toscalar", "totable", "verbose", "viewers", "where"};
// clang-format on

template <size_t N>
bool listed(const std::string_view (&words)[N], std::string_view word) {
  return std::binary_search(std::begin(words), std::end(words), word);
}

}  // namespace

bool is_reserved_word(std::string_view word) { return listed(kReserved, word); }
bool is_reserved_reference(std::string_view word) {
  return listed(kReserved, word) || listed(kNoReference, word);
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

Name Parser::new_name(std::string_view what) {
  const bool bare = peek().kind == TokenKind::kName;
  Name made = name(what);
  if (bare && is_reserved_word(made.text)) {
    Diagnostic failure = diagnose(Error::kReservedName, made.span, made.text);
    failure.hint = "write ['" + made.text + "']";
    report(std::move(failure));
    panic_ = false;  // what was meant is plain: read on
  }
  return made;
}

ExprPtr Parser::named_expression() {
  const uint32_t begin = peek().span.begin;
  NamedExpr named;
  if (is("(")) {  // (a, b) = x
    size_t i = 1;
    while (is_name(i) && is(",", i + 1)) i += 2;
    if (is_name(i) && is(")", i + 1) && is("=", i + 2)) {
      named.tuple = true;
      ++at_;
      do named.names.push_back(new_name("a name"));
      while (take(","));
      at_ += 2;
    }
  } else if (is_name() && is("=", 1)) {
    // `kind = x` looks like an option of the operator.
    if (is_word("kind") || is_word("withsource") || is_word("with_source")) {
      Diagnostic failure = diagnose(Error::kReservedName, peek().span, peek().text);
      failure.hint = "write ['" + std::string(peek().text) + "']";
      report(std::move(failure));
      panic_ = false;
    }
    named.names.push_back(new_name("a name"));
    ++at_;
  }
  if (named.names.empty()) return expression();
  named.value = expression();
  return make(from(begin), std::move(named));
}

// Whether a name with wildcards stands here: `a*`, `*_s`, from touching tokens.
bool Parser::is_pattern() const {
  const auto is_digits = [&] {
    return peek(1).kind == TokenKind::kLiteral && peek(1).literal.type == Type::kLong;
  };
  if (is("*")) return touches(1) && (peek(1).kind == TokenKind::kName || is_digits());
  if (peek().kind != TokenKind::kName || !is("*", 1) || !touches(1)) return false;
  return true;
}

ExprPtr Parser::pattern() {
  const uint32_t begin = peek().span.begin;
  if (is("*") && !is_pattern()) {
    ++at_;
    return make(from(begin), Star{});
  }
  if (!is_pattern()) return postfix_chain(primary());
  NameRef ref;
  ref.pattern = true;
  do {
    ref.name += peek().text;
    ++at_;
  } while (last_end() == peek().span.begin &&
           (is("*") || peek().kind == TokenKind::kName ||
            (peek().kind == TokenKind::kLiteral && peek().literal.type == Type::kLong)));
  return make(from(begin), std::move(ref));
}

std::vector<ExprPtr> Parser::named_list() {
  std::vector<ExprPtr> list;
  do {
    if (is("*")) {
      const Span span = peek().span;
      ++at_;
      list.push_back(make(span, Star{}));
    } else {
      list.push_back(named_expression());
    }
  } while (!panic_ && take(","));
  return list;
}

std::vector<ExprPtr> Parser::pattern_list() {
  std::vector<ExprPtr> list;
  do list.push_back(pattern());
  while (!panic_ && take(","));
  return list;
}

std::vector<ExprPtr> Parser::expression_list() {
  std::vector<ExprPtr> list;
  do list.push_back(expression());
  while (!panic_ && take(","));
  return list;
}

}  // namespace huntbook::kql
