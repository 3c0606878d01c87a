// parse, parse-kv, invoke, getschema, render, management commands.
#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "kql/bind.h"
#include "kql/net_type.h"

namespace huntbook::kql {
std::optional<BoundTable> Binder::bind_parse(const ParseOp& op, BoundTable table, const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  scope.row = &table;
  auto source = convert(bind_expr(*op.source, scope), Type::kString, op.source->span);
  if (!source) return std::nullopt;
  std::string mode = property_word(op.properties, "kind");
  if (mode.empty()) mode = "simple";
  if (mode != "simple" && mode != "relaxed" && mode != "regex") {
    return fail(diagnose(Error::kBadValue, op.source->span, mode,
                         "a kind of parse: simple, relaxed or regex")),
           std::nullopt;
  }
  const std::string flags = property_word(op.properties, "flags");
  std::string pattern;
  struct Target {
    std::string name;
    Type type;
  };
  std::vector<Target> targets;
  for (const auto& part : op.parts) {
    pattern += pattern.empty() ? "[" : ",";
    if (part.star) {
      pattern += "{\"star\":true}";
    } else if (part.text) {
      pattern += "{\"text\":";
      append_json_string(pattern, *part.text);
      pattern += "}";
    } else {
      const Type type = part.type.value_or(Type::kString);
      pattern += fmt::format("{{\"column\":true,\"type\":\"{}\"}}", type_name(type));
      targets.push_back({part.column.text, type});
    }
  }
  pattern += pattern.empty() ? "[]" : "]";
  Literal pattern_literal;
  pattern_literal.type = Type::kDynamic;
  pattern_literal.text = pattern;
  auto parsed = make_body(
      Type::kDynamic, "parse_pattern",
      {source, make_text(flags.empty() ? mode : mode + ":" + flags), make_constant(pattern_literal)});
  plan::ColumnDef captures = new_column("", Type::kDynamic);
  std::vector<plan::Item> below;
  for (const auto& column : table.rel->columns) below.push_back({column, make_column(column)});
  below.push_back({captures, parsed});
  std::vector<plan::ColumnDef> all = table.rel->columns;
  all.push_back(captures);
  BoundTable captured = table;
  captured.rel = make_rel(all, plan::Project{table.rel, std::move(below)});
  if (op.where) {
    captured.rel = make_rel(
        all, plan::Filter{captured.rel, make_sql(Type::kBool, "({0} IS NOT NULL)", {make_column(captures)})});
  }
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) items.push_back({column, make_column(column)});
  for (size_t i = 0; i < targets.size(); ++i) {
    Literal place;
    place.type = Type::kDynamic;
    place.text = "[" + std::to_string(i) + "]";
    auto value = convert(make_body(Type::kDynamic, "path", {make_column(captures), make_constant(place)}),
                         Type::kString, op.source->span);
    if (targets[i].type != Type::kString) value = convert(value, targets[i].type, op.source->span);
    if (!value) return std::nullopt;
    plan::Item item{new_column(targets[i].name, targets[i].type), value};
    auto it = std::find_if(items.begin(), items.end(),
                           [&](auto& have) { return have.column.name == targets[i].name; });
    if (it != items.end()) *it = item;
    else items.push_back(item);
  }
  return project(captured, std::move(items));
}

std::optional<BoundTable> Binder::bind_parse_kv(const ParseKvOp& op, BoundTable table, const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  scope.row = &table;
  auto source = convert(bind_expr(*op.source, scope), Type::kString, op.source->span);
  if (!source) return std::nullopt;
  std::string options = "{";
  for (const auto& [name, value] : op.properties) {
    if (options.size() > 1) options += ",";
    append_json_string(options, name.text);
    options += ":";
    const auto* literal = value ? std::get_if<Literal>(&value->node) : nullptr;
    if (literal && literal->type == Type::kBool) options += literal->integer ? "true" : "false";
    else append_json_string(options, literal ? literal->text : property_word(op.properties, name.text));
  }
  Literal literal;
  literal.type = Type::kDynamic;
  literal.text = options + "}";
  plan::ColumnDef bag = new_column("", Type::kDynamic);
  std::vector<plan::Item> below;
  for (const auto& column : table.rel->columns) below.push_back({column, make_column(column)});
  below.push_back({bag, make_body(Type::kDynamic, "parse_kv", {source, make_constant(literal)})});
  std::vector<plan::ColumnDef> all = table.rel->columns;
  all.push_back(bag);
  BoundTable parsed = table;
  parsed.rel = make_rel(all, plan::Project{table.rel, std::move(below)});
  std::vector<plan::Item> items;
  for (const auto& column : table.columns) items.push_back({column, make_column(column)});
  for (const auto& column : op.columns) {
    auto value =
        convert(make_body(Type::kDynamic, "path_member", {make_column(bag), make_text(column.name.text)}),
                Type::kString, column.name.span);
    if (column.type != Type::kString) value = convert(value, column.type, column.name.span);
    if (!value) return std::nullopt;
    plan::Item item{new_column(column.name.text, column.type), value};
    auto it = std::find_if(items.begin(), items.end(),
                           [&](auto& have) { return have.column.name == column.name.text; });
    if (it != items.end()) *it = item;
    else items.push_back(item);
  }
  return project(parsed, std::move(items));
}

std::optional<BoundTable> Binder::bind_invoke(const Operator& op, const InvokeOp& invoke, BoundTable table,
                                              const EnvPtr& env) {
  const auto* call = std::get_if<Call>(&invoke.call->node);
  if (!call)
    return fail(diagnose(Error::kExpected, op.span, "a function call", "an expression")), std::nullopt;
  Scope scope;
  scope.env = env;
  if (const Env* bound = find(env, call->name.text); bound && bound->function) {
    return call_function(*invoke.call, *call, *bound, scope, &table);
  }
  if (catalog_.open) {  // an assumed function keeps the columns and may add any
    table.open = true;
    return table;
  }
  return fail(diagnose(Error::kFunctionNotFound, call->name.span, call->name.text)), std::nullopt;
}

std::optional<BoundTable> Binder::bind_getschema(BoundTable table) {
  BoundTable made;
  made.columns = {new_column("ColumnName", Type::kString), new_column("ColumnOrdinal", Type::kInt),
                  new_column("DataType", Type::kString), new_column("ColumnType", Type::kString)};
  plan::Values values;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    values.rows.push_back({make_text(column.name), make_int(static_cast<int64_t>(i)),
                           make_text(std::string(net_type(column.type))),
                           make_text(std::string(type_name(column.type)))});
  }
  made.rel = make_rel(made.columns, std::move(values));
  return made;
}

std::optional<BoundTable> Binder::bind_render(const RenderOp& render, BoundTable table, const EnvPtr& env) {
  plan::Chart chart;
  chart.kind = render.kind.text;
  Scope scope;
  scope.env = env;
  for (const auto& [name, value] : render.properties) {
    std::string text;
    if (value) {
      text = property_word(render.properties, name.text);
      if (const auto* literal = std::get_if<Literal>(&value->node); literal && literal->type == Type::kReal) {
        text = fmt::format("{}", literal->real);
      }
    }
    chart.properties.emplace_back(name.text, std::move(text));
  }
  chart_ = std::move(chart);
  return table;
}

// `.show tables`, `.show table T schema`, `.show functions`, `.show function F`, `.show plugins`.
std::optional<BoundTable> Binder::bind_management(const ManagementStatement& statement, const EnvPtr& env) {
  std::string text;
  for (const auto& part : statement.words) text += (text.empty() ? "" : " ") + part.text;
  const Span span = statement.words.empty()
                        ? Span{}
                        : Span{statement.words.front().span.begin, statement.words.back().span.end};
  const auto words = split(text, ' ');
  BoundTable made;
  plan::Values values;
  const auto columns = [&](std::initializer_list<std::pair<const char*, Type>> list) {
    for (const auto& [name, type] : list) made.columns.push_back(new_column(name, type));
  };
  const auto params_text = [](const StoredFunction& function) {
    std::string out = "(";
    for (const auto& param : function.params) {
      out += (out.size() > 1 ? ", " : "") + param.name + ":" + param.type;
      if (param.default_value) out += "=" + quote_kql_string(*param.default_value);
    }
    return out + ")";
  };
  size_t at = !words.empty() && (words[0] == ".show" || words[0] == ".") ? 1 : 0;
  if (at < words.size() && words[at] == "show") ++at;
  const auto rest = [&](size_t i) { return at + i < words.size() ? words[at + i] : std::string_view(); };
  if (rest(0) == "tables" && rest(1).empty()) {
    columns({{"TableName", Type::kString},
             {"Kind", Type::kString},
             {"Rows", Type::kLong},
             {"Columns", Type::kLong},
             {"FedBy", Type::kString},
             {"DocString", Type::kString}});
    for (const auto& info : catalog_.tables) {
      values.rows.push_back(
          {make_text(info.name), make_text(info.kind), make_long(static_cast<int64_t>(info.rows)),
           make_long(static_cast<int64_t>(info.schema.size())), make_text(info.fed_by), make_text(info.doc)});
    }
    for (const auto& function : catalog_.functions) {
      if (!function.view) continue;
      values.rows.push_back({make_text(function.name), make_text("view"), make_null(Type::kLong),
                             function.schema ? make_long(static_cast<int64_t>(function.schema->size()))
                                             : make_null(Type::kLong),
                             make_text(function.folder), make_text(function.doc)});
    }
  } else if (rest(0) == "table" && (rest(2) == "schema" || rest(2) == "cslschema" || rest(2).empty())) {
    Schema schema;
    if (const auto* info = catalog_.find_table(rest(1))) {
      schema = info->schema;
    } else {
      Expr expr;
      expr.span = span;
      NameRef ref;
      ref.name = rest(1);
      auto table = bind_name(expr, ref, nullptr);
      if (!table) return std::nullopt;
      for (const auto& column : table->columns) schema.fields.push_back({column.name, column.type, ""});
    }
    columns({{"ColumnName", Type::kString},
             {"ColumnOrdinal", Type::kInt},
             {"DataType", Type::kString},
             {"ColumnType", Type::kString}});
    for (size_t i = 0; i < schema.size(); ++i) {
      const auto& field = schema.fields[i];
      values.rows.push_back({make_text(field.name), make_int(static_cast<int64_t>(i)),
                             make_text(std::string(net_type(field.type))),
                             make_text(std::string(type_name(field.type)))});
    }
  } else if (rest(0) == "functions" || rest(0) == "function") {
    columns({{"Name", Type::kString},
             {"Parameters", Type::kString},
             {"Body", Type::kString},
             {"Folder", Type::kString},
             {"DocString", Type::kString}});
    bool found = rest(0) == "functions";
    for (const auto& function : catalog_.functions) {
      if (rest(0) == "function" && function.name != rest(1)) continue;
      found = true;
      std::string body;
      if (rest(0) == "function") {
        if (auto expanded = function.expand({})) body = *expanded;
      }
      values.rows.push_back({make_text(function.name), make_text(params_text(function)), make_text(body),
                             make_text(function.folder), make_text(function.doc)});
    }
    if (!found) return fail(diagnose(Error::kFunctionNotFound, span, rest(1))), std::nullopt;
  } else if (rest(0) == "plugins") {
    columns({{"Name", Type::kString},
             {"Entity", Type::kString},
             {"Pivot", Type::kString},
             {"Input", Type::kString},
             {"Output", Type::kString},
             {"Online", Type::kBool},
             {"Description", Type::kString}});
    for (const auto& pivot : catalog_.pivots) {
      std::string output;
      for (const auto& field : pivot.output.fields)
        output += (output.empty() ? "" : ", ") + field.name + ":" + std::string(type_name(field.type));
      Literal online;
      online.type = Type::kBool;
      online.integer = pivot.online;
      values.rows.push_back({make_text(pivot.name), make_text(pivot.entity), make_text(pivot.pivot),
                             make_text(pivot.input), make_text(output), make_constant(online),
                             make_text(pivot.doc)});
    }
  } else {
    return fail(unsupported(fmt::format("command `{}`", text), span)), std::nullopt;
  }
  made.rel = make_rel(made.columns, std::move(values));
  made.ordered = true;
  if (!statement.query) return made;
  return bind_operators(std::move(made), statement.query->operators, 0, env);
}

}  // namespace huntbook::kql
