// Tabular operators: the common ones.
#include <algorithm>

#include "base/text.h"
#include "kql/parser.h"

namespace huntbook::kql {
namespace {

constexpr std::string_view kOperators[] = {
    "as", "assert-schema", "consume", "count", "distinct", "evaluate", "execute-and-cache", "extend", "facet", "filter", "find", "fork",
    "getschema", "graph-mark-components", "graph-match", "graph-merge", "graph-shortest-paths", "graph-to-table", "graph-where-edges",
    "graph-where-nodes", "invoke", "join", "limit", "lookup", "macro-expand", "make-graph", "make-series", "mv-apply", "mv-expand", "mvapply",
    "mvexpand", "order", "parse", "parse-kv", "parse-where", "partition", "print", "project", "project-away", "project-by-names",
    "project-keep", "project-rename", "project-reorder", "range", "reduce", "render", "sample", "sample-distinct", "scan", "search", "serialize",
    "sort", "summarize", "take", "top", "top-hitters", "top-nested", "union", "where"};

}  // namespace

// The operator's keyword: names joined by touching hyphens.
std::string Parser::operator_name(Span& span) {
  span = peek().span;
  std::string name(peek().text);
  ++at_;
  while (is("-") && peek(1).kind == TokenKind::kName && peek().span.begin == span.end && peek(1).span.begin == peek().span.end) {
    const std::string longer = name + "-" + std::string(peek(1).text);
    const bool known = std::any_of(std::begin(kOperators), std::end(kOperators), [&](auto op) { return op.starts_with(longer); });
    if (!known && std::find(std::begin(kOperators), std::end(kOperators), name) != std::end(kOperators)) break;
    name = longer;
    span.end = peek(1).span.end;
    at_ += 2;
  }
  return name;
}

Operator Parser::operation() {
  Operator op;
  op.span.begin = peek().span.begin;
  op.name_span = peek().span;
  if (peek().kind != TokenKind::kName) {
    fail_expected("an operator");
    op.node = OtherOp{};
    skip_to_boundary();
    return op;
  }
  const size_t start = at_;
  op.name = operator_name(op.name_span);
  if (!known_operation(op) && !rare_operation(op)) {
    Diagnostic failure = diagnose(Error::kUnknownOperator, op.name_span, op.name);
    const std::vector<std::string> names(std::begin(kOperators), std::end(kOperators));
    if (auto near = nearest_name(op.name, names)) failure.hint = "did you mean `" + *near + "`?";
    if (diagnostics_.size() < 50) diagnostics_.push_back(std::move(failure));
    op.node = OtherOp{};
    at_ = start + 1;
    skip_to_boundary();
  }
  op.span.end = at_ > 0 ? std::max(op.span.begin, tokens_[at_ - 1].span.end) : op.span.begin;
  return op;
}

bool Parser::known_operation(Operator& op) {
  const std::string& name = op.name;
  if (name == "where" || name == "filter") {
    loose_equal_ = true;  // `where x = 1` is read as `==`
    op.node = WhereOp{expression()};
    loose_equal_ = false;
  } else if (name == "extend") {
    op.node = ExtendOp{named_list()};
  } else if (name == "project") {
    op.node = ProjectOp{named_list()};
  } else if (name == "project-away") {
    op.node = ProjectAwayOp{pattern_list()};
  } else if (name == "project-keep") {
    op.node = ProjectKeepOp{pattern_list()};
  } else if (name == "project-by-names") {
    op.node = ProjectByNamesOp{named_list()};
  } else if (name == "project-rename") {
    op.node = ProjectRenameOp{named_list()};
  } else if (name == "project-reorder") {
    ProjectReorderOp reorder;
    do {
      SortKey key;
      key.value = name_or_pattern();
      if (take_word("asc")) key.ascending = true;
      else if (take_word("desc")) key.ascending = false;
      else if (is_word("granny")) {
        at_ += 2;
        reorder.granny = true;
        key.ascending = !is_word("desc");
        ++at_;
      }
      reorder.columns.push_back(std::move(key));
    } while (take(","));
    op.node = std::move(reorder);
  } else if (name == "summarize") {
    SummarizeOp summarize;
    summarize.properties = properties({});
    if (!is_word("by")) summarize.aggregates = named_list();
    if (take_word("by")) {
      summarize.has_by = true;
      summarize.keys = named_list();
    }
    op.node = std::move(summarize);
  } else if (name == "distinct") {
    DistinctOp distinct;
    distinct.properties = properties({});
    distinct.columns = named_list();
    op.node = std::move(distinct);
  } else if (name == "count") {
    CountOp count;
    if (take_word("as")) count.name = this->name("a name");
    op.node = std::move(count);
  } else if (name == "sort" || name == "order") {
    SortOp sort;
    sort.properties = properties({});
    expect_word("by");
    sort.keys = sort_keys();
    op.node = std::move(sort);
  } else if (name == "top") {
    TopOp top;
    top.properties = properties({});
    top.count = expression();
    expect_word("by");
    top.keys = sort_keys();
    op.node = std::move(top);
  } else if (name == "take" || name == "limit") {
    op.node = TakeOp{expression()};
  } else if (name == "sample") {
    op.node = SampleOp{expression()};
  } else if (name == "sample-distinct") {
    SampleDistinctOp sample;
    sample.count = expression();
    expect_word("of");
    sample.column = expression();
    op.node = std::move(sample);
  } else if (name == "union") {
    UnionOp set;
    set.properties = properties({"kind", "withsource", "with_source", "isfuzzy"});
    if (!is("|") && !is(")") && !is(";") && peek().kind != TokenKind::kEnd) {
      do set.tables.push_back(table_expression());
      while (take(","));
    }
    // The properties may stand after the tables too.
    for (auto& property : properties({"kind", "withsource", "with_source", "isfuzzy"})) set.properties.push_back(std::move(property));
    op.node = std::move(set);
  } else if (name == "join" || name == "lookup") {
    JoinOp join;
    join.lookup = name == "lookup";
    join.properties = properties({"kind"});
    join.right = table_expression();
    for (auto& property : properties({"kind"})) join.properties.push_back(std::move(property));
    if (take_word("on")) {
      do join.on.push_back(expression());
      while (take(","));
    }
    op.node = std::move(join);
  } else if (name == "mv-expand" || name == "mvexpand") {
    MvExpandOp expand;
    expand.old_spelling = name == "mvexpand";
    expand.properties = properties({"kind", "bagexpansion", "with_itemindex"});
    expand.items = mv_items();
    if (take_word("limit")) expand.limit = expression();
    op.node = std::move(expand);
  } else if (name == "mv-apply" || name == "mvapply") {
    MvApplyOp apply;
    apply.properties = properties({"kind", "bagexpansion", "with_itemindex"});
    apply.items = mv_items();
    if (take_word("limit")) apply.limit = expression();
    if (take_word("id")) apply.context_id = this->name("an id");
    expect_word("on");
    if (expect("(")) apply.query = subquery(")");
    else apply.query = std::make_unique<Query>();
    op.node = std::move(apply);
  } else if (name == "parse" || name == "parse-where") {
    op.node = parse_op(name == "parse-where");
  } else if (name == "render") {
    op.node = render();
  } else if (name == "serialize") {
    op.node = SerializeOp{named_list()};
  } else if (name == "search") {
    op.node = search();
  } else if (name == "as") {
    AsOp as;
    as.properties = properties({});
    as.name = this->name("a name");
    op.node = std::move(as);
  } else if (name == "invoke") {
    op.node = InvokeOp{unary()};
  } else if (name == "getschema") {
    op.node = GetSchemaOp{};
  } else if (name == "evaluate") {
    EvaluateOp evaluate;
    evaluate.properties = properties({});
    evaluate.call = unary();
    if (take(":")) evaluate.schema = column_decls("(", ")");
    op.node = std::move(evaluate);
  } else {
    return false;
  }
  return true;
}

std::string Parser::property_name() {
  std::string made(peek().text);
  ++at_;
  while (is(".") && is_name(1)) {
    made += "." + std::string(peek(1).text);
    at_ += 2;
  }
  return made;
}

// `hint.x=y` and the operator's own `name=value`, before its operands.
Properties Parser::properties(std::initializer_list<std::string_view> names) {
  Properties list;
  while (peek().kind == TokenKind::kName) {
    const bool hint = is_word("hint") && is(".", 1);
    const bool own = is("=", 1) && std::find(names.begin(), names.end(), peek().text) != names.end();
    if (!hint && !own) break;
    Name key;
    key.span = peek().span;
    key.text = property_name();
    key.span.end = tokens_[at_ - 1].span.end;
    expect("=");
    // A value is one word or literal: `kind=inner (T)` has the table after it.
    ExprPtr value;
    if (is_name()) {
      NameRef ref;
      const Name word = name("a value");
      ref.name = word.text;
      value = make(word.span, std::move(ref));
    } else {
      value = primary();
    }
    list.emplace_back(std::move(key), std::move(value));
    if (is(",") && peek(1).kind == TokenKind::kName && (is_word("hint", 1) || (is("=", 2) && std::find(names.begin(), names.end(), peek(1).text) != names.end()))) ++at_;
  }
  return list;
}

Properties Parser::with_properties() { return take_word("with") ? bracketed_properties() : Properties{}; }

// `(a=b, c="d", e=f, g)`: a value may be a list of names.
Properties Parser::bracketed_properties() {
  Properties list;
  expect("(");
  while (!is(")") && peek().kind != TokenKind::kEnd) {
    const size_t before = at_;
    Name key;
    key.span = peek().span;
    if (peek().kind == TokenKind::kName) key.text = property_name();
    else key = name("a property");
    expect("=");
    ExprPtr value = expression();
    while (is(",") && is_name(1) && !is("=", 2) && !is(".", 2)) {  // ycolumns=a, b
      ++at_;
      const Name more = name("a name");
      Literal joined;
      if (const auto* ref = std::get_if<NameRef>(&value->node)) joined.text = ref->name;
      if (const auto* literal = std::get_if<Literal>(&value->node)) joined.text = literal->text;
      joined.text += "," + more.text;
      const Span span{value->span.begin, more.span.end};
      value = make(span, std::move(joined));
    }
    list.emplace_back(std::move(key), std::move(value));
    take(",");
    if (at_ == before) break;
  }
  expect(")");
  return list;
}

SortKey Parser::sort_key(bool) {
  SortKey key;
  key.value = named_expression();
  if (take_word("asc")) key.ascending = true;
  else if (take_word("desc")) key.ascending = false;
  if (take_word("nulls")) {
    if (take_word("first")) key.nulls_first = true;
    else if (take_word("last")) key.nulls_first = false;
    else fail_expected("`first` or `last`");
  }
  return key;
}

std::vector<SortKey> Parser::sort_keys() {
  std::vector<SortKey> keys;
  do {
    if (is("|") || peek().kind == TokenKind::kEnd) break;
    keys.push_back(sort_key(true));
  } while (take(","));
  return keys;
}

std::optional<Type> Parser::to_type() {
  if (!is_word("to") || !is_word("typeof", 1)) return std::nullopt;
  at_ += 2;
  expect("(");
  const Name type = name("a type");
  expect(")");
  auto known = type_from_name(type.text);
  if (!known && !type.text.empty()) diagnostics_.push_back(diagnose(Error::kBadValue, type.span, type.text, "a type"));
  return known;
}

std::vector<MvItem> Parser::mv_items() {
  std::vector<MvItem> items;
  do {
    MvItem item;
    item.value = named_expression();
    item.to_type = to_type();
    items.push_back(std::move(item));
  } while (take(","));
  return items;
}

std::vector<ColumnDecl> Parser::column_decls(std::string_view open, std::string_view close) {
  std::vector<ColumnDecl> list;
  if (!expect(open)) return list;
  while (!is(close) && peek().kind != TokenKind::kEnd) {
    const size_t before = at_;
    ColumnDecl decl;
    if (is("*")) {
      decl.name = {"*", peek().span};
      ++at_;
    } else {
      decl.name = name("a column");
      if (expect(":")) {
        const Name type = name("a type");
        if (auto known = type_from_name(type.text)) decl.type = *known;
        else if (!type.text.empty()) diagnostics_.push_back(diagnose(Error::kBadValue, type.span, type.text, "a type"));
      }
      if (take("=")) decl.default_value = expression();
    }
    list.push_back(std::move(decl));
    if (!take(",") || at_ == before) break;
  }
  expect(close);
  return list;
}

ParseOp Parser::parse_op(bool where) {
  ParseOp parse;
  parse.where = where;
  parse.properties = properties({"kind", "flags"});
  parse.source = expression();
  expect_word("with");
  while (true) {
    ParseOp::Part part;
    part.span = peek().span;
    if (take("*")) {
      part.star = true;
    } else if (peek().kind == TokenKind::kLiteral && peek().literal.type == Type::kString) {
      part.text = peek().literal.text;
      ++at_;
    } else if (is_name() && !(is_word("with") && parse.parts.empty())) {
      part.column = name("a column");
      if (take(":")) {
        const Name type = name("a type");
        part.type = type_from_name(type.text);
        if (!part.type) diagnostics_.push_back(diagnose(Error::kBadValue, type.span, type.text, "a type"));
      }
    } else {
      break;
    }
    parse.parts.push_back(std::move(part));
    take(",");
  }
  if (parse.parts.empty()) fail_expected("a pattern");
  return parse;
}

SearchOp Parser::search() {
  SearchOp search;
  search.properties = properties({"kind"});
  if (take_word("in")) {
    expect("(");
    do search.tables.push_back(table_expression());
    while (take(","));
    expect(")");
    for (auto& property : properties({"kind"})) search.properties.push_back(std::move(property));
  }
  search.predicate = expression();
  return search;
}

RenderOp Parser::render() {
  RenderOp render;
  render.kind = name("a kind of chart");
  if (is_word("with") && is("(", 1)) {
    ++at_;
    render.properties = bracketed_properties();
    return render;
  }
  while (is_name() && is("=", 1)) {
    Name key = name("a property");
    ++at_;
    ExprPtr value = expression();
    render.properties.emplace_back(std::move(key), std::move(value));
    take(",");
  }
  if (is_word("by") || (is_name() && !is("|"))) {  // `render timechart by x`: the old form of series
    while (is_name() || is(",")) ++at_;
  }
  return render;
}

}  // namespace huntbook::kql
