// The DuckDB dialect: plan → SQL. Columns are c<id>, stored tables t_<name> with columns k<place>.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/escape.h"
#include "base/json.h"
#include "kql/compile.h"
#include "kql/plan_facts.h"
#include "kql/rewrite.h"

namespace huntbook::kql {
namespace {

std::string_view sql_type(Type type) {
  switch (type) {
    case Type::kBool: return "BOOLEAN";
    case Type::kInt: return "INTEGER";
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: return "BIGINT";
    case Type::kReal: return "DOUBLE";
    default: return "VARCHAR";
  }
}

// Selects nested deeper than this are cut into CTEs: the engine limits how deep a statement may nest.
constexpr int kMaxNesting = 40;
// A condition with more parts than these, once its columns are written out, stays where the query has it. The
// engine would carry it down through the expressions of its columns; each `x = iff(c, f(x), x)` on the way
// doubles it.
constexpr size_t kMaxCarried = 128;
// Queries over no more rows than these, all written in the query, keep the rows' order where KQL leaves it
// open.
constexpr size_t kFewRows = 1000;

class Writer {
 public:
  Sql write(const plan::Plan& plan) {
    for (int name : shared_by_statements(plan.root)) stored_[name] = {};
    // The casts cost nothing where the types are right, and make a template that gives another type harmless.
    std::string body = "SELECT " + cast_list(plan.root->columns) + " FROM (" + select(*plan.root) + ")";
    sql_.text = with_clause() + body;
    for (auto& use : sql_.tables) std::sort(use.columns.begin(), use.columns.end());
    return std::move(sql_);
  }

 private:
  static std::string column(int id) { return "c" + std::to_string(id); }

  static std::string column_list(const std::vector<plan::ColumnDef>& columns) {
    std::string out;
    for (const auto& c : columns) out += (out.empty() ? "c" : ", c") + std::to_string(c.id);
    return or_nothing(std::move(out));
  }

  static std::string cast_list(const std::vector<plan::ColumnDef>& columns) {
    std::string out;
    for (const auto& c : columns)
      out += fmt::format("{}CAST(c{} AS {})", out.empty() ? "" : ", ", c.id, sql_type(c.type));
    return or_nothing(std::move(out));
  }

  std::string with_clause() const {
    return ctes_.empty() ? "" : fmt::format("WITH {} ", fmt::join(ctes_, ", "));
  }

  // A relation without columns still has rows; SQL wants something to select.
  static std::string or_nothing(std::string list) { return list.empty() ? "0 AS hb_none" : list; }

  // ------------------------------------------------------------- expressions

  std::string literal(const Literal& value) {
    if (value.null) return fmt::format("CAST(NULL AS {})", sql_type(value.type));
    switch (value.type) {
      case Type::kBool: return value.integer ? "true" : "false";
      case Type::kInt:
      case Type::kLong:
      case Type::kDatetime:
      case Type::kTimespan: return fmt::format("CAST({} AS {})", value.integer, sql_type(value.type));
      case Type::kReal: {
        std::string text;
        if (value.real != value.real) text = "nan";
        else if (value.real - value.real != 0) text = value.real > 0 ? "inf" : "-inf";
        else append_real(text, value.real);
        return "CAST('" + text + "' AS DOUBLE)";
      }
      default: return quote_sql_string(value.text);
    }
  }

  std::string body_call(const plan::BodyCall& call, Type type, bool list = false) {
    BodyUse use;
    use.list = list;
    use.body = call.body;
    use.result = type;
    use.own_nulls = call.own_nulls;
    use.sql_name = "hb_" + call.body + "_";
    std::string args;
    for (const auto& arg : call.args) {
      use.args.push_back(arg->type);
      use.sql_name += "_" + std::string(type_name(arg->type));
      args += (args.empty() ? "" : ", ") + expr(*arg);
    }
    use.sql_name +=
        "__" + std::string(type_name(type)) + (call.own_nulls ? "_n" : "") + (list ? "_list" : "");
    if (std::find(sql_.bodies.begin(), sql_.bodies.end(), use) == sql_.bodies.end())
      sql_.bodies.push_back(use);
    return use.sql_name + "(" + args + ")";
  }

  std::string fill(const plan::SqlCall& call) {
    std::vector<std::string> args;
    for (const auto& arg : call.args) args.push_back(expr(*arg));
    std::string out;
    const std::string& text = call.sql;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '{') {
        out += text[i];
        continue;
      }
      size_t end = i + 1;
      size_t place = 0;
      while (end < text.size() && text[end] >= '0' && text[end] <= '9')
        place = place * 10 + static_cast<size_t>(text[end++] - '0');
      if (end < text.size() && text[end] == '}' && end > i + 1 && place < args.size()) {
        out += args[place];
        i = end;
      } else if (text.compare(i, 3, "{*}") == 0) {
        out += fmt::format("{}", fmt::join(args, ", "));
        i += 2;
      } else if (text.compare(i, 7, "{order}") == 0) {
        out += order_;
        i += 6;
      } else {
        out += '{';
      }
    }
    return out;
  }

  std::string expr(const plan::Expr& e) {
    if (const auto* use = std::get_if<plan::ColumnUse>(&e.node)) return column(use->id);
    if (const auto* constant = std::get_if<plan::Constant>(&e.node)) return literal(constant->value);
    if (const auto* call = std::get_if<plan::SqlCall>(&e.node)) return fill(*call);
    if (const auto* body = std::get_if<plan::BodyCall>(&e.node)) return body_call(*body, e.type);
    if (const auto* scalar = std::get_if<plan::ScalarQuery>(&e.node)) {
      std::string query =
          fmt::format("(SELECT c{} FROM ({}) LIMIT 1)", scalar->rel->columns[0].id, select(*scalar->rel));
      return e.type == Type::kString ? "coalesce(" + query + ", '')" : query;
    }
    const auto& in = std::get<plan::InQuery>(e.node);
    return fmt::format("coalesce({} IN (SELECT c{} FROM ({})), false)", expr(*in.operand),
                       in.rel->columns[0].id, select(*in.rel));
  }

  std::string order_by(const std::vector<plan::SortKey>& keys) {
    std::string out;
    for (const auto& key : keys) {
      // NaN sorts beside null, as the smallest value there is.
      std::string value = expr(*key.value);
      if (key.value->type == Type::kReal)
        value = fmt::format("CASE WHEN isnan({0}) THEN NULL ELSE {0} END", value);
      out += fmt::format("{}{} {} NULLS {}", out.empty() ? " ORDER BY " : ", ", value,
                         key.ascending ? "ASC" : "DESC", key.nulls_first ? "FIRST" : "LAST");
    }
    return out;
  }

  std::string items(const std::vector<plan::Item>& list) {
    std::string out;
    for (const auto& item : list)
      out += fmt::format("{}{} AS c{}", out.empty() ? "" : ", ", expr(*item.value), item.column.id);
    return or_nothing(std::move(out));
  }

  // --------------------------------------------------------------- relations

  std::string select(const plan::Rel& rel) {
    const int beside = std::exchange(nesting_, 0);
    std::string sql = std::visit([&](const auto& node) { return write(rel, node); }, rel.node);
    if (++nesting_ > kMaxNesting) {
      const std::string name = fmt::format("q{}", ctes_.size());
      ctes_.push_back(fmt::format("{} AS NOT MATERIALIZED ({})", name, sql));
      sql = fmt::format("SELECT {} FROM {}", column_list(rel.columns), name);
      nesting_ = 1;
    }
    nesting_ = std::max(nesting_, beside);
    return sql;
  }

  bool few(const plan::Rel& rel) { return few_rows(rel, kFewRows, few_); }

  // How many parts an expression has when its columns are written out.
  size_t size_of(const plan::Expr& e) const {
    constexpr size_t kEnough = size_t{1} << 40;
    if (const auto* use = std::get_if<plan::ColumnUse>(&e.node)) {
      const auto known = sizes_.find(use->id);
      return known == sizes_.end() ? 1 : known->second;
    }
    size_t size = 1;
    if (const auto* call = std::get_if<plan::SqlCall>(&e.node)) {
      const auto uses = template_uses(call->sql, call->args.size());
      for (size_t i = 0; i < call->args.size(); ++i)
        size += std::max<size_t>(uses[i], 1) * size_of(*call->args[i]);
    } else if (const auto* body = std::get_if<plan::BodyCall>(&e.node)) {
      for (const auto& arg : body->args) size += size_of(*arg);
    } else if (const auto* in = std::get_if<plan::InQuery>(&e.node)) {
      size += size_of(*in->operand);
    }
    return std::min(size, kEnough);
  }

  // The rows with their number in `hb_o`.
  std::string numbered(const plan::Rel& rel) {
    return fmt::format("SELECT *, row_number() OVER () AS hb_o FROM ({})", select(rel));
  }

  std::string write(const plan::Rel& rel, const plan::Scan& scan) {
    auto it = std::find_if(sql_.tables.begin(), sql_.tables.end(),
                           [&](auto& use) { return use.table == scan.table; });
    if (it == sql_.tables.end()) it = sql_.tables.insert(sql_.tables.end(), {scan.table, {}});
    std::string out;
    for (size_t i = 0; i < rel.columns.size(); ++i) {
      const size_t source = scan.sources[i];
      if (std::find(it->columns.begin(), it->columns.end(), source) == it->columns.end())
        it->columns.push_back(source);
      out += fmt::format("{}k{} AS c{}", i ? ", " : "", source, rel.columns[i].id);
    }
    return "SELECT " + or_nothing(out) + " FROM " + duckdb_table(scan.table);
  }

  std::string write(const plan::Rel& rel, const plan::Values& values) {
    std::string out = "SELECT * FROM (VALUES ";
    if (values.rows.empty()) {
      out += "(";
      for (size_t i = 0; i < rel.columns.size(); ++i)
        out += fmt::format("{}CAST(NULL AS {})", i ? ", " : "", sql_type(rel.columns[i].type));
      return out + ")) v(" + column_list(rel.columns) + ") WHERE false";
    }
    for (size_t r = 0; r < values.rows.size(); ++r) {
      out += r ? ", (" : "(";
      for (size_t i = 0; i < values.rows[r].size(); ++i) out += (i ? ", " : "") + expr(*values.rows[r][i]);
      out += ")";
    }
    return out + ") v(" + column_list(rel.columns) + ")";
  }

  std::string write(const plan::Rel& rel, const plan::Range& range) {
    const std::string from = expr(*range.from), to = expr(*range.to), step = expr(*range.step);
    const std::string name = column(rel.columns[0].id);
    if (rel.columns[0].type == Type::kReal) {
      // By place times step, so that no error adds up; a hair more than whole counts as whole.
      const std::string count = fmt::format("floor((({1}) - ({0})) / ({2}) + 1e-9)", from, to, step);
      return fmt::format(
          "SELECT {0} + i * {1} AS {2} FROM generate_series(0, CAST(CASE WHEN isfinite({3}) THEN "
          "greatest(least({3}, 1e15), -1) ELSE -1 END AS BIGINT), 1) g(i)",
          from, step, name, count);
    }
    return fmt::format("SELECT {3} FROM generate_series({0}, {1}, nullif({2}, 0)) g({3})", from, to, step,
                       name);
  }

  std::string write(const plan::Rel& rel, const plan::Filter& filter) {
    const std::string input = select(*filter.input);
    const bool stays = size_of(*filter.predicate) > kMaxCarried;
    if (stays) {
      for (const auto& c : rel.columns) sizes_.erase(c.id);
    }
    return fmt::format("SELECT {} FROM ({}{}) WHERE {}", column_list(rel.columns), input,
                       stays ? " OFFSET 0" : "", expr(*filter.predicate));
  }

  std::string write(const plan::Rel&, const plan::Project& project) {
    const std::string input = select(*project.input);
    std::vector<std::pair<int, size_t>> sizes;
    for (const auto& item : project.items) sizes.emplace_back(item.column.id, size_of(*item.value));
    for (const auto& [id, size] : sizes) sizes_[id] = size;
    return fmt::format("SELECT {} FROM ({})", items(project.items), input);
  }

  std::string write(const plan::Rel&, const plan::Aggregate& aggregate) {
    const bool keep = few(*aggregate.input);
    const std::string from =
        keep || ordered(*aggregate.input) ? numbered(*aggregate.input) : select(*aggregate.input);
    const std::string outer =
        std::exchange(order_, keep || ordered(*aggregate.input) ? " ORDER BY hb_o" : "");
    std::string out;
    for (int key : aggregate.keys) out += (out.empty() ? "c" : ", c") + std::to_string(key);
    const std::string keys = out;
    for (const auto& item : aggregate.aggregates) {
      std::string value = expr(*item.value);
      if (item.column.type == Type::kString) value = "coalesce(" + value + ", '')";
      out += fmt::format("{}{} AS c{}", out.empty() ? "" : ", ", value, item.column.id);
    }
    order_ = outer;
    std::string sql = fmt::format("SELECT {} FROM ({})", or_nothing(out), from);
    if (!keys.empty()) sql += " GROUP BY " + keys;
    return keys.empty() || !keep ? sql : sql + " ORDER BY min(hb_o)";
  }

  std::string write(const plan::Rel& rel, const plan::Distinct& distinct) {
    const std::string columns = column_list(rel.columns);
    if (few(*distinct.input) && !rel.columns.empty()) {
      return fmt::format("SELECT {0} FROM ({1}) GROUP BY {0} ORDER BY min(hb_o)", columns,
                         numbered(*distinct.input));
    }
    return fmt::format("SELECT DISTINCT {} FROM ({})", columns, select(*distinct.input));
  }

  std::string write(const plan::Rel& rel, const plan::Sort& sort) {
    const bool keep = few(*sort.input);
    return fmt::format("SELECT {} FROM ({}){}{}", column_list(rel.columns),
                       keep ? numbered(*sort.input) : select(*sort.input), order_by(sort.keys),
                       keep ? ", hb_o" : "");
  }

  std::string write(const plan::Rel& rel, const plan::Limit& limit) {
    // A sort below stays in the same SELECT, so that the engine sees a top-n.
    if (const auto* sort = std::get_if<plan::Sort>(&limit.input->node))
      return fmt::format("{} LIMIT {}", write(rel, *sort), expr(*limit.count));
    return fmt::format("SELECT {} FROM ({}) LIMIT {}", column_list(rel.columns), select(*limit.input),
                       expr(*limit.count));
  }

  std::string write(const plan::Rel& rel, const plan::Sample& sample) {
    return fmt::format("SELECT {} FROM ({}) ORDER BY random() LIMIT {}", column_list(rel.columns),
                       select(*sample.input), expr(*sample.count));
  }

  std::string write(const plan::Rel& rel, const plan::Union& set) {
    std::string out;
    for (size_t n = 0; n < set.inputs.size(); ++n) {
      const std::string input = select(*set.inputs[n]);
      out += n ? " UNION ALL SELECT " : "SELECT ";
      if (set.sources[n].empty()) out += "0 AS hb_none";
      for (size_t i = 0; i < set.sources[n].size(); ++i) {
        size_t& size = sizes_[rel.columns[i].id];
        size = std::max(size, size_of(*set.sources[n][i]));
        out += fmt::format("{}{} AS c{}", i ? ", " : "", expr(*set.sources[n][i]), rel.columns[i].id);
      }
      out += " FROM (" + input + ")";
    }
    return out;
  }

  std::string write(const plan::Rel& rel, const plan::Join& join) {
    using plan::JoinKind;
    std::string left = select(*join.left), right = select(*join.right);
    std::string condition;
    std::string left_keys;
    std::set<int> left_columns;
    for (const auto& [l, r] : join.keys) {
      if (const auto* use = std::get_if<plan::ColumnUse>(&l->node)) left_columns.insert(use->id);
      condition +=
          fmt::format("{}({} IS NOT DISTINCT FROM {})", condition.empty() ? "" : " AND ", expr(*l), expr(*r));
      left_keys += (left_keys.empty() ? "" : ", ") + expr(*l);
    }
    if (condition.empty()) condition = "true";
    std::string_view word = "JOIN";
    bool nullable_left = false, nullable_right = false;
    switch (join.kind) {
      case JoinKind::kInnerUnique:  // one left row per key: the first
        if (unique_in(*join.left, left_columns)) break;
        left = fmt::format(
            "SELECT * EXCLUDE (hb_rn) FROM (SELECT *, row_number() OVER () AS hb_rn FROM ({})) QUALIFY "
            "row_number() OVER (PARTITION BY {} ORDER BY hb_rn) = 1",
            left, left_keys.empty() ? "1" : left_keys);
        break;
      case JoinKind::kInner: break;
      case JoinKind::kCross: break;
      case JoinKind::kLeftOuter:
        word = "LEFT JOIN";
        nullable_right = true;
        break;
      case JoinKind::kRightOuter:
        word = "RIGHT JOIN";
        nullable_left = true;
        break;
      case JoinKind::kFullOuter:
        word = "FULL JOIN";
        nullable_left = nullable_right = true;
        break;
      case JoinKind::kLeftSemi: word = "SEMI JOIN"; break;
      case JoinKind::kLeftAnti: word = "ANTI JOIN"; break;
      case JoinKind::kRightSemi:
        word = "SEMI JOIN";
        std::swap(left, right);
        break;
      case JoinKind::kRightAnti:
        word = "ANTI JOIN";
        std::swap(left, right);
        break;
    }
    const auto on_left = [&](int id) {
      return std::any_of(join.left->columns.begin(), join.left->columns.end(),
                         [&](auto& c) { return c.id == id; });
    };
    std::string out;
    for (const auto& c : rel.columns) {
      const bool nullable = on_left(c.id) ? nullable_left : nullable_right;
      out += out.empty() ? "" : ", ";
      out += nullable && c.type == Type::kString ? fmt::format("coalesce(c{0}, '') AS c{0}", c.id)
                                                 : column(c.id);
    }
    return fmt::format("SELECT {} FROM ({}) l {} ({}) r ON {}", or_nothing(out), left, word, right,
                       condition);
  }

  std::string write(const plan::Rel& rel, const plan::Expand& expand) {
    std::string lists, out, longest;
    const std::string limit = expand.limit ? fmt::format("[1:{}]", expr(*expand.limit)) : "";
    for (size_t i = 0; i < expand.elements.size(); ++i) {
      plan::BodyCall body{
          expand.bags_as_pairs ? "expand_pairs" : "expand_elements", true, {expand.elements[i].array}};
      lists += fmt::format(", {}{} AS hb_l{}", body_call(body, Type::kDynamic, true), limit, i);
      longest += fmt::format("{}len(hb_l{})", longest.empty() ? "" : ", ", i);
    }
    for (const auto& c : rel.columns) {
      out += out.empty() ? "" : ", ";
      size_t place = expand.elements.size();
      for (size_t i = 0; i < expand.elements.size(); ++i) {
        if (expand.elements[i].column.id == c.id) place = i;
      }
      if (place < expand.elements.size()) out += fmt::format("unnest(hb_l{}) AS c{}", place, c.id);
      else if (expand.index && expand.index->id == c.id)
        out += fmt::format("unnest(range(greatest({}))) AS c{}", longest, c.id);
      else out += column(c.id);
    }
    return fmt::format("SELECT {} FROM (SELECT *{} FROM ({}))", or_nothing(out), lists,
                       select(*expand.input));
  }

  std::string write(const plan::Rel& rel, const plan::Window& window) {
    std::string out;
    for (const auto& c : rel.columns) {
      auto it = std::find_if(window.items.begin(), window.items.end(),
                             [&](auto& item) { return item.column.id == c.id; });
      out += out.empty() ? "" : ", ";
      if (it == window.items.end()) out += column(c.id);
      else if (c.type == Type::kString) out += fmt::format("coalesce({}, '') AS c{}", expr(*it->value), c.id);
      else out += fmt::format("{} AS c{}", expr(*it->value), c.id);
    }
    return fmt::format("SELECT {} FROM ({})", or_nothing(out), select(*window.input));
  }

  std::string write(const plan::Rel& rel, const plan::Number& number) {
    std::string out;
    for (const auto& c : rel.columns) {
      out += out.empty() ? "" : ", ";
      out += c.id == number.number.id
                 ? fmt::format("row_number() OVER ({}) AS c{}", order_by(number.order), c.id)
                 : column(c.id);
    }
    return fmt::format("SELECT {} FROM ({})", out, select(*number.input));
  }

  std::string write(const plan::Rel& rel, const plan::Shared& shared) {
    const auto stored = stored_.find(shared.name);
    if (shared_.insert(shared.name).second) {
      const std::string body = select(*shared.input);  // first, for it may need CTEs of its own
      if (stored != stored_.end() && !rel.columns.empty()) {
        stored->second = store(rel, body);
        nesting_ = 0;
        return stored->second;
      }
      ctes_.push_back(fmt::format("s{} AS MATERIALIZED ({})", shared.name, body));
      nesting_ = 0;
    }
    if (stored != stored_.end() && !stored->second.empty()) return stored->second;
    return fmt::format("SELECT {} FROM s{}", column_list(rel.columns), shared.name);
  }

  // Several statements read it: a table, computed once.
  std::string store(const plan::Rel& rel, const std::string& body) {
    Step step = new_step(Step::Kind::kTable, "shared");
    step.inputs.push_back(statement(rel, body));
    return read_step(rel, std::move(step));
  }

  Step::Input statement(const plan::Rel& rel, const std::string& body) const {
    Step::Input made;
    made.sql = fmt::format("{}SELECT {} FROM ({})", with_clause(), cast_list(rel.columns), body);
    for (const auto& c : rel.columns) made.schema.fields.push_back({c.name, c.type, ""});
    return made;
  }

  // What reads a relation from the table of a step that makes it.
  std::string read_step(const plan::Rel& rel, Step step) {
    std::string out;
    for (size_t i = 0; i < rel.columns.size(); ++i) {
      step.output.fields.push_back({rel.columns[i].name, rel.columns[i].type, ""});
      out += fmt::format("{}p{} AS c{}", i ? ", " : "", i, rel.columns[i].id);
    }
    std::string sql = fmt::format("SELECT {} FROM {}", or_nothing(out), step.table);
    sql_.steps.push_back(std::move(step));
    return sql;
  }

  Step new_step(Step::Kind kind, std::string name) {
    Step step;
    step.kind = kind;
    step.name = std::move(name);
    step.table = "hb_step_" + std::to_string(steps_++);
    return step;
  }

  std::string write(const plan::Rel& rel, const plan::Pivot& pivot) {
    Step step = new_step(Step::Kind::kPivot, pivot.pivot);
    const std::string table = step.table;
    const std::string input = select(*pivot.input);
    step.inputs.push_back(
        {with_clause() + fmt::format("SELECT DISTINCT c{0} FROM ({1}) WHERE c{0} <> '' ORDER BY c{0}",
                                     pivot.column, input),
         Schema{{{"v", Type::kString, ""}}}});
    if (pivot.joined) step.output.fields.push_back({"v", Type::kString, ""});
    for (const auto& added : pivot.added) step.output.fields.push_back({added.name, added.type, ""});
    sql_.steps.push_back(std::move(step));
    std::string out;
    for (const auto& c : rel.columns) {
      auto it = std::find_if(pivot.added.begin(), pivot.added.end(), [&](auto& a) { return a.id == c.id; });
      out += out.empty() ? "" : ", ";
      if (it == pivot.added.end()) {
        out += "i." + column(c.id);
        continue;
      }
      const auto place = it - pivot.added.begin() + (pivot.joined ? 1 : 0);
      out += c.type == Type::kString ? fmt::format("coalesce(p.p{}, '') AS c{}", place, c.id)
                                     : fmt::format("p.p{} AS c{}", place, c.id);
    }
    if (!pivot.joined) return fmt::format("SELECT {} FROM {} p", out, table);
    return fmt::format("SELECT {} FROM ({}) i {} {} p ON i.c{} = p.p0", out, input,
                       pivot.inner ? "JOIN" : "LEFT JOIN", table, pivot.column);
  }

  std::string write(const plan::Rel& rel, const plan::Procedure& procedure) {
    Step step = new_step(Step::Kind::kProcedure, procedure.name);
    step.options = procedure.options;
    step.span = procedure.span;
    for (const auto& input : procedure.inputs) {
      const std::string body = select(*input);
      step.inputs.push_back(statement(*input, body));
    }
    if (!procedure.row_values.empty()) {
      std::string given;
      for (size_t i = 0; i < procedure.row_columns.size(); ++i) {
        const auto& c = procedure.row_columns[i];
        step.row_input.fields.push_back({c.name, c.type, ""});
        given += fmt::format("{}CAST(${} AS {}) AS c{}", i ? ", " : "", i + 1, sql_type(c.type), c.id);
      }
      std::vector<plan::ColumnDef> columns;
      for (const auto& item : procedure.row_values) {
        columns.push_back(item.column);
        step.row_output.fields.push_back({item.column.name, item.column.type, ""});
      }
      const std::string values = items(procedure.row_values);  // first, for it may need CTEs
      step.row_sql = fmt::format("{}SELECT {} FROM (SELECT {} FROM (SELECT {}))", with_clause(),
                                 cast_list(columns), values, or_nothing(given));
    }
    return read_step(rel, std::move(step));
  }

  Sql sql_;
  std::vector<std::string> ctes_;      ///< in the order in which they may name each other
  std::set<int> shared_;               ///< the shared relations that have their CTE or table
  std::map<int, std::string> stored_;  ///< how those that are tables are read
  std::unordered_map<const plan::Rel*, bool> few_;
  std::unordered_map<int, size_t> sizes_;  ///< of computed columns, written out
  std::string order_;                      ///< what {order} stands for
  size_t steps_ = 0;                       ///< made so far
  int nesting_ = 0;  ///< levels of nested selects below the relation that is being written
};

}  // namespace

Sql write_duckdb(const plan::Plan& plan) { return Writer().write(plan); }

std::string duckdb_table(std::string_view table) {
  std::string name = "t_";
  for (char c : table) {
    if ((c >= 'A' && c <= 'Z') || c == '^') name += '^';
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return quote_sql_name(name);
}

}  // namespace huntbook::kql
