// Tabular operators: the rarer ones.
#include "kql/parser.h"

namespace huntbook::kql {

void Parser::search_op(Operator& op) {
  SearchOp search;
  search.properties = properties({"kind"});
  if (is_word("in") && is("(", 1)) {
    const Span open = peek(1).span;
    at_ += 2;
    do search.tables.push_back(table_expression());
    while (!panic_ && take(","));
    close(")", open);
  }
  search.predicate = expression();
  op.node = std::move(search);
}

void Parser::find_op(Operator& op) {
  FindOp find;
  find.properties = properties({"withsource", "with_source", "datascope"});
  if (is_word("in") && is("(", 1)) {
    const Span open = peek(1).span;
    at_ += 2;
    do find.tables.push_back(table_expression());
    while (!panic_ && take(","));
    close(")", open);
    expect_word("where");
  } else {
    take_word("where");
  }
  find.predicate = expression();
  const auto hyphenated = [&](std::string_view tail) {
    if (!is_word("project") || !is("-", 1) || !is_word(tail, 2)) return false;
    at_ += 3;
    return true;
  };
  if (hyphenated("smart")) {
    find.project_smart = true;
  } else if (is_word("project") && !is("-", 1)) {
    ++at_;
    find.has_project = true;
    do {
      find.columns.push_back(pattern());
      find.types.emplace_back();
      if (take(":")) find.types.back() = type_name_here();
    } while (!panic_ && take(","));
  }
  if (hyphenated("away")) find.away = pattern_list();
  op.node = std::move(find);
}

void Parser::make_series_op(Operator& op) {
  MakeSeriesOp make;
  make.properties = properties({"kind"});
  do {
    MakeSeriesOp::Series series;
    series.aggregate = named_expression();
    if (is_word("default") && is("=", 1)) {
      at_ += 2;
      series.default_value = expression();
    }
    make.series.push_back(std::move(series));
  } while (!panic_ && take(","));
  expect_word("on");
  const uint32_t begin = peek().span.begin;
  if (is_name() && is("=", 1)) {
    NamedExpr named;
    named.names.push_back(new_name("a name"));
    ++at_;
    named.value = unary();
    make.axis = this->make(from(begin), std::move(named));
  } else {
    make.axis = unary();  // `in range(...)` is not a condition here
  }
  if (is_word("in") && is_word("range", 1)) {
    at_ += 2;
    const Span open = peek().span;
    if (expect("(")) {
      make.range_from = expression();
      expect(",");
      make.range_to = expression();
      expect(",");
      make.step = expression();
      close(")", open);
    }
  } else {
    if (!panic_ && take_word("from")) make.from = expression();
    if (!panic_ && take_word("to")) make.to = expression();
    expect_word("step");
    make.step = expression();
  }
  if (!panic_ && take_word("by")) make.keys = named_list();
  op.node = std::move(make);
}

void Parser::parse_kv_op(Operator& op) {
  ParseKvOp parse;
  parse.source = expression();
  expect_word("as");
  parse.columns = column_decls();
  if (take_word("with")) parse.properties = bracketed_properties();
  op.node = std::move(parse);
}

void Parser::top_nested_op(Operator& op) {
  TopNestedOp top;
  bool more = true;
  while (more && !panic_) {
    TopNestedOp::Level level;
    if (!is_word("of")) level.count = expression();
    expect_word("of");
    level.column = named_expression();
    if (is_word("with") && is_word("others", 1)) {
      at_ += 2;
      expect("=");
      level.others = expression();
    }
    expect_word("by");
    level.aggregate = named_expression();
    if (is_word("asc") || is_word("desc")) {
      level.ascending = is_word("asc");
      ++at_;
    }
    top.levels.push_back(std::move(level));
    more = !panic_ && take(",");
    if (more && is_word("top") && is("-", 1) && is_word("nested", 2)) at_ += 3;
    else if (more) fail_expected("`top-nested`");
  }
  op.node = std::move(top);
}

void Parser::top_hitters_op(Operator& op) {
  TopHittersOp top;
  top.count = expression();
  expect_word("of");
  top.column = expression();
  if (!panic_ && take_word("by")) top.weight = expression();
  op.node = std::move(top);
}

void Parser::consume_op(Operator& op) { op.node = ConsumeOp{properties({"decodeblocks"})}; }

void Parser::reduce_op(Operator& op) {
  ReduceOp reduce;
  reduce.properties = properties({"kind"});
  expect_word("by");
  reduce.column = expression();
  if (!panic_ && take_word("with")) {
    do {
      Name key = name("a property");
      if (!expect("=")) break;
      reduce.properties.emplace_back(std::move(key), expression());
    } while (!panic_ && take(","));
  }
  op.node = std::move(reduce);
}

void Parser::facet_op(Operator& op) {
  FacetOp facet;
  expect_word("by");
  facet.columns = expression_list();
  if (!panic_ && take_word("with")) {
    if (take("(")) {
      facet.query = subquery(")");
    } else {
      facet.query = std::make_unique<Query>();
      facet.query->operators.push_back(operation());
    }
  }
  op.node = std::move(facet);
}

void Parser::fork_op(Operator& op) {
  ForkOp fork;
  do {
    std::optional<Name> branch;
    if (is_name() && is("=", 1)) {
      branch = new_name("a name");
      ++at_;
    }
    if (!expect("(")) break;
    fork.branches.emplace_back(std::move(branch), subquery(")"));
  } while (!panic_ && (is("(") || (is_name() && is("=", 1))));
  op.node = std::move(fork);
}

void Parser::partition_op(Operator& op) {
  PartitionOp partition;
  partition.properties = properties({});
  expect_word("by");
  NameRef key;
  const Name written = name("a column");
  key.name = written.text;
  partition.column = make(written.span, std::move(key));
  const Span open = peek().span;
  if (take("{")) {
    partition.query = query();
    close("}", open);
  } else if (expect("(")) {
    partition.query = subquery(")");
  }
  op.node = std::move(partition);
}

void Parser::scan_op(Operator& op) {
  ScanOp scan;
  scan.properties = properties({"with_match_id", "kind"});
  if (is_word("order")) {
    ++at_;
    expect_word("by");
    scan.order = sort_keys();
  }
  if (!panic_ && take_word("partition")) {
    expect_word("by");
    scan.partition = named_list();
  }
  if (!panic_ && take_word("declare")) scan.declare = column_decls();
  expect_word("with");
  const Span open = peek().span;
  if (!expect("(")) return void(op.node = std::move(scan));
  while (!panic_ && is_word("step")) {
    ++at_;
    ScanOp::Step step;
    step.name = new_name("a step");
    step.optional = take_word("optional");
    if (is_word("output") && is("=", 1)) {
      at_ += 2;
      step.output = name("all, last or none").text;
    }
    expect(":");
    step.condition = expression();
    if (!panic_ && take("=>")) {
      do {
        Name target = new_name("a column");
        if (!expect("=")) break;
        step.assignments.emplace_back(std::move(target), expression());
      } while (!panic_ && take(","));
    }
    scan.steps.push_back(std::move(step));
    expect(";");
  }
  if (scan.steps.empty()) fail_expected("`step`");
  close(")", open);
  op.node = std::move(scan);
}

void Parser::macro_expand_op(Operator& op) {
  MacroExpandOp expand;
  expand.properties = properties({"kind", "isfuzzy"});
  if (is_word("entity_group") && is("[", 1)) {
    NameRef group;
    group.name = "entity_group";
    const uint32_t begin = peek().span.begin;
    const Span open = peek(1).span;
    at_ += 2;
    expression_list();
    close("]", open);
    expand.group = make(from(begin), std::move(group));
  } else {
    expand.group = unary();
  }
  if (!panic_ && take_word("as")) expand.name = name("a name");
  const Span open = peek().span;
  if (expect("(")) {
    expand.query = query();
    while (!panic_ && take(";") && !is(")")) expand.query = query();
    close(")", open);
  }
  op.node = std::move(expand);
}

// Operators that are refused by name: their words are read over.
void Parser::other_op(Operator& op) {
  op.node = OtherOp{};
  skip_to_boundary();
}

}  // namespace huntbook::kql
