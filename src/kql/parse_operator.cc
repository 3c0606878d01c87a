// Tabular operators: the table of them, and the common ones.
#include "base/text.h"
#include "kql/parser.h"

namespace huntbook::kql {

struct Parser::Entry {
  std::string_view name;
  void (Parser::*parse)(Operator&);
};

std::span<const Parser::Entry> Parser::operators() {
  static constexpr Entry kOperators[] = {{"where", &Parser::where_op},
                                         {"filter", &Parser::where_op},
                                         {"extend", &Parser::extend_op},
                                         {"project", &Parser::project_op},
                                         {"project-away", &Parser::project_away_op},
                                         {"project-keep", &Parser::project_keep_op},
                                         {"project-by-names", &Parser::project_by_names_op},
                                         {"project-rename", &Parser::project_rename_op},
                                         {"project-reorder", &Parser::project_reorder_op},
                                         {"summarize", &Parser::summarize_op},
                                         {"distinct", &Parser::distinct_op},
                                         {"count", &Parser::count_op},
                                         {"sort", &Parser::sort_op},
                                         {"order", &Parser::sort_op},
                                         {"top", &Parser::top_op},
                                         {"take", &Parser::take_op},
                                         {"limit", &Parser::take_op},
                                         {"sample", &Parser::sample_op},
                                         {"sample-distinct", &Parser::sample_distinct_op},
                                         {"union", &Parser::union_op},
                                         {"join", &Parser::join_op},
                                         {"lookup", &Parser::join_op},
                                         {"mv-expand", &Parser::mv_expand_op},
                                         {"mvexpand", &Parser::mv_expand_op},
                                         {"mv-apply", &Parser::mv_apply_op},
                                         {"mvapply", &Parser::mv_apply_op},
                                         {"parse", &Parser::parse_op},
                                         {"parse-where", &Parser::parse_op},
                                         {"render", &Parser::render_op},
                                         {"serialize", &Parser::serialize_op},
                                         {"as", &Parser::as_op},
                                         {"invoke", &Parser::invoke_op},
                                         {"getschema", &Parser::getschema_op},
                                         {"evaluate", &Parser::evaluate_op},
                                         {"search", &Parser::search_op},
                                         {"find", &Parser::find_op},
                                         {"make-series", &Parser::make_series_op},
                                         {"parse-kv", &Parser::parse_kv_op},
                                         {"top-nested", &Parser::top_nested_op},
                                         {"top-hitters", &Parser::top_hitters_op},
                                         {"consume", &Parser::consume_op},
                                         {"reduce", &Parser::reduce_op},
                                         {"facet", &Parser::facet_op},
                                         {"fork", &Parser::fork_op},
                                         {"partition", &Parser::partition_op},
                                         {"scan", &Parser::scan_op},
                                         {"macro-expand", &Parser::macro_expand_op},
                                         {"make-graph", &Parser::make_graph_op},
                                         {"graph-match", &Parser::graph_match_op},
                                         {"graph-shortest-paths", &Parser::graph_match_op},
                                         {"graph-to-table", &Parser::graph_to_table_op},
                                         {"graph-mark-components", &Parser::graph_mark_components_op},
                                         {"graph-where-nodes", &Parser::graph_where_op},
                                         {"graph-where-edges", &Parser::graph_where_op},
                                         {"assert-schema", &Parser::other_op},
                                         {"execute-and-cache", &Parser::other_op}};
  return kOperators;
}

std::vector<std::string_view> operator_names() { return Parser::operator_names(); }

std::vector<std::string_view> Parser::operator_names() {
  std::vector<std::string_view> names = {"print", "range"};
  for (const Entry& each : operators()) names.push_back(each.name);
  return names;
}

// The operator's keyword: names joined by touching hyphens, as long as an operator is called so.
std::string Parser::operator_name(Span& span) {
  span = peek().span;
  std::string name(peek().text);
  ++at_;
  while (is("-") && peek(1).kind == TokenKind::kName && touches(1) && last_end() == peek().span.begin) {
    std::string longer = name + "-" + std::string(peek(1).text);
    const auto begins = [&](const Entry& entry) { return entry.name.starts_with(longer); };
    const auto same = [&](const Entry& entry) { return entry.name == name; };
    const bool known = std::any_of(operators().begin(), operators().end(), begins);
    if (!known && std::any_of(operators().begin(), operators().end(), same)) break;
    name = std::move(longer);
    span.end = peek(1).span.end;
    at_ += 2;
  }
  return name;
}

Operator Parser::operation() {
  Operator op;
  op.span.begin = peek().span.begin;
  op.name_span = peek().span;
  op.node = OtherOp{};
  if (peek().kind != TokenKind::kName) {
    fail_expected("an operator");
    return op;
  }
  op.name = operator_name(op.name_span);
  const auto entry = std::find_if(operators().begin(), operators().end(),
                                  [&](const Entry& each) { return each.name == op.name; });
  if (entry != operators().end()) {
    (this->*entry->parse)(op);
  } else {
    Diagnostic failure = diagnose(Error::kUnknownOperator, op.name_span, op.name);
    std::vector<std::string> names;
    for (const Entry& each : operators()) names.emplace_back(each.name);
    if (op.name == "print" || op.name == "range") failure.hint = "`" + op.name + "` can only begin a query";
    else if (auto near = nearest_name(op.name, names)) failure.hint = "did you mean `" + *near + "`?";
    report(std::move(failure));
  }
  op.span.end = std::max(op.span.begin, last_end());
  return op;
}

void Parser::where_op(Operator& op) {
  loose_equal_ = is_name() && is("=", 1) ? at_ + 1 : 0;  // `where a = 1` means ==
  WhereOp where;
  where.predicate = expression();
  loose_equal_ = 0;
  op.node = std::move(where);
}

void Parser::extend_op(Operator& op) { op.node = ExtendOp{named_list()}; }

void Parser::project_op(Operator& op) {
  ProjectOp project;
  if (!is("|") && !is(";") && !is(")") && !at_end()) project.columns = named_list();
  op.node = std::move(project);
}

void Parser::project_away_op(Operator& op) { op.node = ProjectAwayOp{pattern_list()}; }
void Parser::project_keep_op(Operator& op) { op.node = ProjectKeepOp{pattern_list()}; }
void Parser::project_by_names_op(Operator& op) { op.node = ProjectByNamesOp{expression_list()}; }
void Parser::project_rename_op(Operator& op) { op.node = ProjectRenameOp{named_list()}; }

void Parser::project_reorder_op(Operator& op) {
  ProjectReorderOp reorder;
  do {
    SortKey key;
    key.value = pattern();
    if (is_word("granny") && is("-", 1) && (is_word("asc", 2) || is_word("desc", 2))) {
      reorder.granny = true;
      at_ += 2;
    }
    if (is_word("asc") || is_word("desc")) {
      key.ascending = is_word("asc");
      ++at_;
    }
    reorder.columns.push_back(std::move(key));
  } while (!panic_ && take(","));
  op.node = std::move(reorder);
}

void Parser::summarize_op(Operator& op) {
  SummarizeOp summarize;
  summarize.properties = properties({});
  if (!is_word("by") && !is("|") && !is(";") && !is(")") && !at_end()) summarize.aggregates = named_list();
  if (!panic_ && take_word("by")) {
    summarize.has_by = true;
    summarize.keys = named_list();
  }
  op.node = std::move(summarize);
}

void Parser::distinct_op(Operator& op) {
  DistinctOp distinct;
  distinct.properties = properties({});
  distinct.columns = named_list();
  op.node = std::move(distinct);
}

void Parser::count_op(Operator& op) {
  CountOp count;
  if (take_word("as")) count.name = new_name("a name");
  op.node = std::move(count);
}

void Parser::sort_op(Operator& op) {
  SortOp sort;
  sort.properties = properties({});
  expect_word("by");
  sort.keys = sort_keys();
  op.node = std::move(sort);
}

void Parser::top_op(Operator& op) {
  TopOp top;
  top.properties = properties({});
  top.count = expression();
  expect_word("by");
  top.keys = sort_keys();
  op.node = std::move(top);
}

void Parser::take_op(Operator& op) { op.node = TakeOp{expression()}; }
void Parser::sample_op(Operator& op) { op.node = SampleOp{expression()}; }

void Parser::sample_distinct_op(Operator& op) {
  SampleDistinctOp sample;
  sample.count = expression();
  expect_word("of");
  sample.column = expression();
  op.node = std::move(sample);
}

void Parser::union_op(Operator& op) {
  UnionOp set;
  set.properties = properties({"kind", "withsource", "with_source", "isfuzzy"});
  do set.tables.push_back(table_expression());
  while (!panic_ && take(","));
  op.node = std::move(set);
}

void Parser::join_op(Operator& op) {
  JoinOp join;
  join.lookup = op.name == "lookup";
  join.properties = properties({"kind"});
  join.right = table_expression();
  if (!panic_ && (join.lookup || is_word("on"))) {
    expect_word("on");
    if (!panic_) join.on = expression_list();
  }
  op.node = std::move(join);
}

void Parser::mv_expand_op(Operator& op) {
  MvExpandOp expand;
  expand.old_spelling = op.name == "mvexpand";
  expand.properties = properties({"kind", "bagexpansion", "with_itemindex"});
  expand.items = mv_items();
  if (take_word("limit")) expand.limit = expression();
  op.node = std::move(expand);
}

void Parser::mv_apply_op(Operator& op) {
  MvApplyOp apply;
  apply.properties = properties({"kind", "bagexpansion", "with_itemindex"});
  apply.items = mv_items();
  if (take_word("limit")) apply.limit = expression();
  if (take_word("id")) {  // a guid in brackets or a name
    if (is_name()) apply.context_id = name("an id");
    else expression();
  }
  expect_word("on");
  if (expect("(")) apply.query = subquery(")");
  else apply.query = std::make_unique<Query>();
  op.node = std::move(apply);
}

void Parser::parse_op(Operator& op) {
  ParseOp parse;
  parse.where = op.name == "parse-where";
  parse.properties = properties({"kind", "flags"});
  parse.source = expression();
  expect_word("with");
  while (!panic_) {
    ParseOp::Part part;
    part.span = peek().span;
    if (take("*")) {
      part.star = true;
    } else if (is_string()) {
      part.text = peek().literal.text;
      ++at_;
    } else if (is_name()) {
      part.column = new_name("a column");
      if (take(":")) part.type = type_name_here();
    } else {
      break;
    }
    part.span.end = last_end();
    parse.parts.push_back(std::move(part));
  }
  if (parse.parts.empty()) fail_expected("a pattern");
  op.node = std::move(parse);
}

void Parser::render_op(Operator& op) {
  RenderOp render;
  render.kind = name("a kind of chart");
  if (is_word("with")) {
    ++at_;
    render.properties = bracketed_properties();
  }
  while (!panic_ && is_name() && is("=", 1)) {  // the old form: render timechart title="x"
    Name key = name("a property");
    ++at_;
    ExprPtr value = expression();
    render.properties.emplace_back(std::move(key), std::move(value));
    take(",");
  }
  if (!panic_ && is_word("by")) {  // `render timechart by x`: the old form of series
    Name key{"series", peek().span};
    ++at_;
    render.properties.emplace_back(std::move(key), expression());
  }
  op.node = std::move(render);
}

void Parser::serialize_op(Operator& op) {
  SerializeOp serialize;
  if (!is("|") && !is(";") && !is(")") && !at_end()) serialize.columns = named_list();
  op.node = std::move(serialize);
}

void Parser::as_op(Operator& op) {
  AsOp as;
  as.properties = properties({});
  as.name = new_name("a name");
  op.node = std::move(as);
}

void Parser::invoke_op(Operator& op) {
  InvokeOp invoke;
  if (is_name() && !is("(", 1) && !is(".", 1)) {
    ++at_;
    fail_expected("`(`");
    invoke.call = missing();
  } else {
    invoke.call = unary();
  }
  op.node = std::move(invoke);
}

void Parser::getschema_op(Operator& op) { op.node = GetSchemaOp{}; }

void Parser::evaluate_op(Operator& op) {
  EvaluateOp evaluate;
  evaluate.properties = properties({});
  if (is_name() && is("(", 1)) {
    Name plugin = name("a plugin");
    evaluate.call = postfix_chain(call(std::move(plugin), nullptr));
  } else {
    fail_expected("a plugin's call");
    evaluate.call = missing();
  }
  if (take(":")) evaluate.schema = column_decls();
  op.node = std::move(evaluate);
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
  while (!panic_ && peek().kind == TokenKind::kName) {
    const bool hint = is_word("hint") && is(".", 1);
    const bool own = is("=", 1) && std::find(names.begin(), names.end(), peek().text) != names.end();
    if (!hint && !own) break;
    Name key;
    const uint32_t begin = peek().span.begin;
    key.text = property_name();
    key.span = from(begin);
    if (!expect("=")) break;
    ExprPtr value;
    if (is_name()) {  // one word: `kind=inner (T)` has the table after it
      NameRef ref;
      const Name word = name("a value");
      ref.name = word.text;
      value = make(word.span, std::move(ref));
    } else {
      value = primary();
    }
    list.emplace_back(std::move(key), std::move(value));
  }
  return list;
}

// `(a=b, c="d", e=f, g)`: a value may be a list of names.
Properties Parser::bracketed_properties() {
  Properties list;
  const Span open = peek().span;
  if (!expect("(")) return list;
  while (!panic_ && !is(")") && !at_end()) {
    Name key;
    const uint32_t begin = peek().span.begin;
    if (peek().kind == TokenKind::kName) key.text = property_name();
    else key = name("a property");
    key.span = from(begin);
    if (!expect("=")) break;
    ExprPtr value;
    if (peek().kind == TokenKind::kName && !is("(", 1)) {  // a word of the option, reserved or not
      NameRef ref;
      ref.name = peek().text;
      value = make(peek().span, std::move(ref));
      ++at_;
    } else {
      value = expression();
    }
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
    if (!take(",")) break;
  }
  close(")", open);
  return list;
}

SortKey Parser::sort_key() {
  SortKey key;
  key.value = named_expression();
  if (is_word("asc") || is_word("desc")) {
    key.ascending = is_word("asc");
    ++at_;
  }
  if (take_word("nulls")) {
    if (take_word("first")) key.nulls_first = true;
    else if (take_word("last")) key.nulls_first = false;
    else fail_expected("`first` or `last`");
  }
  return key;
}

std::vector<SortKey> Parser::sort_keys() {
  std::vector<SortKey> keys;
  if (panic_) return keys;
  do keys.push_back(sort_key());
  while (!panic_ && take(","));
  return keys;
}

std::vector<MvItem> Parser::mv_items() {
  std::vector<MvItem> items;
  do {
    MvItem item;
    item.value = named_expression();
    if (is_word("to") && is_word("typeof", 1)) {
      at_ += 2;
      const Span open = peek().span;
      if (expect("(")) {
        item.to_type = type_name_here();
        close(")", open);
      }
    }
    items.push_back(std::move(item));
  } while (!panic_ && take(","));
  return items;
}

}  // namespace huntbook::kql
