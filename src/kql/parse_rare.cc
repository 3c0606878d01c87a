// Tabular operators: the rarer ones.
#include "kql/parser.h"

namespace huntbook::kql {

bool Parser::rare_operation(Operator& op) {
  const std::string& name = op.name;
  if (name == "make-series") {
    op.node = make_series();
  } else if (name == "parse-kv") {
    ParseKvOp parse;
    parse.source = expression();
    expect_word("as");
    parse.columns = column_decls("(", ")");
    parse.properties = with_properties();
    op.node = std::move(parse);
  } else if (name == "top-nested") {
    op.node = top_nested();
  } else if (name == "top-hitters") {
    TopHittersOp top;
    top.count = expression();
    expect_word("of");
    top.column = expression();
    if (take_word("by")) top.weight = expression();
    op.node = std::move(top);
  } else if (name == "find") {
    op.node = find();
  } else if (name == "consume") {
    ConsumeOp consume;
    consume.properties = properties({"decodeblocks"});
    op.node = std::move(consume);
  } else if (name == "reduce") {
    ReduceOp reduce;
    reduce.properties = properties({"kind"});
    expect_word("by");
    reduce.column = expression();
    if (take_word("with")) {
      do {
        if (!is_name()) break;
        Name key = this->name("a property");
        expect("=");
        reduce.properties.emplace_back(std::move(key), expression());
      } while (take(","));
    }
    op.node = std::move(reduce);
  } else if (name == "facet") {
    FacetOp facet;
    expect_word("by");
    do facet.columns.push_back(expression());
    while (take(","));
    if (take_word("with") && expect("(")) facet.query = subquery(")");
    op.node = std::move(facet);
  } else if (name == "fork") {
    ForkOp fork;
    while (is("(") || (is_name() && is("=", 1))) {
      std::optional<Name> branch;
      if (is_name()) {
        branch = this->name("a name");
        ++at_;
      }
      if (!expect("(")) break;
      fork.branches.emplace_back(std::move(branch), subquery(")"));
    }
    op.node = std::move(fork);
  } else if (name == "partition") {
    PartitionOp partition;
    partition.properties = properties({});
    take_word("by");
    NameRef key;
    const Name written = this->name("a column");
    key.name = written.text;
    partition.column = make(written.span, std::move(key));
    if (take("{")) {
      partition.query = query();
      expect("}");
    } else if (take_word("in")) {
      fail_expected("`(`");
    } else if (expect("(")) {
      partition.query = subquery(")");
    }
    op.node = std::move(partition);
  } else if (name == "scan") {
    op.node = scan();
  } else if (name == "macro-expand") {
    MacroExpandOp expand;
    expand.properties = properties({"kind"});
    expand.group = unary();
    if (take_word("as")) expand.name = this->name("a name");
    if (expect("(")) expand.query = query();
    expect(")");
    op.node = std::move(expand);
  } else if (name.starts_with("graph-") || name == "make-graph" || name == "assert-schema" || name == "execute-and-cache") {
    op.node = OtherOp{};
    skip_to_boundary();
  } else {
    return false;
  }
  return true;
}

MakeSeriesOp Parser::make_series() {
  MakeSeriesOp make;
  make.properties = properties({"kind"});
  do {
    MakeSeriesOp::Series series;
    series.aggregate = named_expression();
    if (take_word("default")) {
      expect("=");
      series.default_value = expression();
    }
    make.series.push_back(std::move(series));
  } while (take(","));
  expect_word("on");
  if (is_name() && is("=", 1)) make.axis = named_expression();
  else make.axis = binary(3);  // `in range(..)` is not a condition here
  if (is_word("in") && is_word("range", 1)) {
    at_ += 2;
    expect("(");
    make.range_from = expression();
    expect(",");
    make.range_to = expression();
    expect(",");
    make.step = expression();
    expect(")");
  } else {
    if (take_word("from")) make.from = expression();
    if (take_word("to")) make.to = expression();
    expect_word("step");
    make.step = expression();
  }
  if (take_word("by")) make.keys = named_list();
  return make;
}

TopNestedOp Parser::top_nested() {
  TopNestedOp top;
  do {
    TopNestedOp::Level level;
    take_word("top-nested");
    if (is_word("top") && is("-", 1) && is_word("nested", 2)) at_ += 3;
    if (!is_word("of")) level.count = expression();
    expect_word("of");
    level.column = named_expression();
    if (take_word("with")) {
      expect_word("others");
      expect("=");
      level.others = expression();
    }
    expect_word("by");
    level.aggregate = named_expression();
    if (take_word("asc")) level.ascending = true;
    else if (take_word("desc")) level.ascending = false;
    top.levels.push_back(std::move(level));
  } while (take(","));
  return top;
}

FindOp Parser::find() {
  FindOp find;
  find.properties = properties({"withsource", "datascope"});
  if (take_word("in")) {
    expect("(");
    do find.tables.push_back(table_expression());
    while (take(","));
    expect(")");
  }
  take_word("where");
  find.predicate = expression();
  const auto columns = [&](std::vector<ExprPtr>& out) {
    do {
      out.push_back(name_or_pattern());
      if (take(":")) name("a type");
    } while (take(","));
  };
  if (is_word("project") && is("-", 1) && is_word("smart", 2)) {
    at_ += 3;
    find.project_smart = true;
  } else if (take_word("project")) {
    find.has_project = true;
    columns(find.columns);
  }
  if (is_word("project") && is("-", 1) && is_word("away", 2)) {
    at_ += 3;
    columns(find.away);
  }
  return find;
}

ScanOp Parser::scan() {
  ScanOp scan;
  scan.properties = properties({"with_match_id", "kind"});
  if (take_word("order")) {
    expect_word("by");
    scan.order = sort_keys();
  }
  if (take_word("partition")) {
    expect_word("by");
    scan.partition = named_list();
  }
  if (take_word("declare")) scan.declare = column_decls("(", ")");
  expect_word("with");
  if (!expect("(")) return scan;
  while (is_word("step")) {
    ++at_;
    ScanOp::Step step;
    step.name = name("a step");
    if (take_word("optional")) step.optional = true;
    if (is_word("output") && is("=", 1)) {
      at_ += 2;
      step.output = name("all, last or none").text;
    }
    expect(":");
    step.condition = expression();
    if (take("=>")) {
      do {
        Name target = name("a column");
        expect("=");
        step.assignments.emplace_back(std::move(target), expression());
      } while (take(","));
    }
    scan.steps.push_back(std::move(step));
    if (!take(";")) break;
  }
  expect(")");
  return scan;
}

}  // namespace huntbook::kql
