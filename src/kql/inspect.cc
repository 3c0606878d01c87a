// What the word at a place of a text means.
#include <vector>

#include "kql/complete.h"
#include "kql/operator_table.h"
#include "kql/parse.h"
#include "kql/place.h"
#include "kql/scope.h"
#include "kql/signature.h"

namespace huntbook::kql {
namespace {

Inspection of_function(const Function& function, std::string_view kind) {
  Inspection made;
  made.kind = kind;
  made.name = function.name;
  made.detail = signature_text(function);
  made.doc = function.doc;
  made.example = function.example;
  return made;
}

std::optional<Inspection> of_call(const std::string& name, const Place& place, const Catalog& catalog) {
  std::vector<FunctionKind> kinds = {FunctionKind::kScalar, FunctionKind::kWindow, FunctionKind::kAggregate,
                                     FunctionKind::kPlugin};
  const FunctionKind first = place.kind == PlaceKind::kPlugin ? FunctionKind::kPlugin
                             : place.aggregate                ? FunctionKind::kAggregate
                                                              : FunctionKind::kScalar;
  kinds.insert(kinds.begin(), first);
  for (const FunctionKind kind : kinds) {
    if (const Function* function = find_function(name, kind)) return of_function(*function, kind_name(kind));
  }
  if (const OperatorInfo* op = find_operator(name);
      op && (op->kind == OperatorKind::kAggregate || op->kind == OperatorKind::kFunction)) {
    return Inspection{op->kind == OperatorKind::kAggregate ? "aggregate" : "function",
                      name,
                      std::string(op->syntax),
                      std::string(op->doc),
                      std::string(op->example),
                      {},
                      {}};
  }
  if (const auto* pivot = catalog.find_pivot(name)) {
    Inspection made;
    made.kind = "plugin";
    made.name = name;
    made.detail = pivot->entity + " pivot";
    made.doc = pivot->doc;
    made.columns = pivot->output;
    return made;
  }
  return std::nullopt;
}

std::optional<Inspection> of_table(const std::string& name, const Catalog& catalog) {
  Inspection made;
  made.name = name;
  if (const auto* table = catalog.find_table(name)) {
    made.kind = table->kind == "view" ? "view" : "table";
    made.doc = table->doc;
    made.columns = table->schema;
    return made;
  }
  const auto* stored = catalog.find_function(name);
  if (!stored) return std::nullopt;
  made.kind = stored->view ? "view" : "function";
  made.doc = stored->doc;
  if (!stored->view) made.detail = stored_signature(*stored);
  if (stored->schema) made.columns = *stored->schema;
  else if (stored->view) made.columns = columns_of("", reference(name), catalog).value_or(Schema{});
  return made;
}

}  // namespace

std::optional<Inspection> inspect(std::string_view text, size_t offset, const Catalog& catalog) {
  Diagnostics ignored;
  const auto tokens = lex(text, ignored);
  size_t i = 0;
  while (i + 1 < tokens.size() && tokens[i].span.end < offset) ++i;
  if (i + 2 < tokens.size() && tokens[i].span.end == offset && tokens[i + 1].span.begin == offset &&
      tokens[i].kind == TokenKind::kPunctuation)
    ++i;  // between a bracket and a word, the word is meant
  const Token& token = tokens[i];
  const bool name = token.kind == TokenKind::kName || token.kind == TokenKind::kBracketedName;
  if (token.kind == TokenKind::kEnd || token.span.begin > offset ||
      (!name && token.kind != TokenKind::kPunctuation))
    return std::nullopt;
  Span span = token.span;
  size_t last = i;
  const auto joined = [&](size_t k) {  // a hyphen that touches words on both sides
    return k > 0 && k + 1 < tokens.size() && tokens[k].text == "-" &&
           tokens[k - 1].span.end == tokens[k].span.begin && tokens[k].span.end == tokens[k + 1].span.begin;
  };
  if (token.kind == TokenKind::kPunctuation && joined(i)) --i;
  size_t first = i;
  while (first >= 2 && joined(first - 1)) first -= 2;
  while (joined(last + 1)) last += 2;
  const Place place = find_place(text, tokens[first].span.begin);
  std::optional<Inspection> found;
  if (place.kind == PlaceKind::kOperator || place.kind == PlaceKind::kStatement ||
      place.kind == PlaceKind::kTable) {
    const std::string_view words =
        text.substr(tokens[first].span.begin, tokens[last].span.end - tokens[first].span.begin);
    const OperatorInfo* op = find_operator(words);
    if (!op && place.kind == PlaceKind::kOperator) op = find_operator(tokens[first].text);
    if (op) {
      found = Inspection{op->kind == OperatorKind::kStatement ? "statement" : "operator",
                         std::string(op->name),
                         std::string(op->syntax),
                         std::string(op->doc),
                         std::string(op->example),
                         {},
                         {}};
      found->span = {tokens[first].span.begin, tokens[last].span.end};
      return found;
    }
  }
  const std::string word = token.kind == TokenKind::kBracketedName ? token.name : std::string(token.text);
  const Place here = find_place(text, token.span.begin);
  const bool call = i + 1 < tokens.size() && tokens[i + 1].text == "(";
  for (const auto& local : here.locals) {
    if (local.name == word && here.kind != PlaceKind::kMember)
      found = Inspection{local.parameter ? "parameter" : "let", word, brief(local.text), "", "", {}, {}};
  }
  if (!found && call) found = of_call(word, here, catalog);
  if (!found && name && (here.kind == PlaceKind::kOperand || here.kind == PlaceKind::kMember)) {
    const bool right = here.member == "$right";
    const auto schema = columns_of(here.lets, right ? here.right : here.source, catalog);
    const auto column = schema ? schema->find(word) : std::nullopt;
    if (column && (here.kind == PlaceKind::kOperand || right || here.member == "$left")) {
      found =
          Inspection{"column", word, std::string(type_name(schema->fields[*column].type)), "", "", {}, {}};
      const std::string query = right ? here.right : here.source;
      Diagnostics none;
      const auto source = lex(query, none);
      if (const auto table = of_table(std::string(source[source[0].text == "(" ? 1 : 0].text), catalog)) {
        if (const auto at = table->columns.find(word)) {
          found->detail += " of " + table->name;
          found->doc = table->columns.fields[*at].doc;
        }
      }
    }
  }
  if (!found) found = of_table(word, catalog);
  if (!found) {
    if (const Function* op = find_function(word, FunctionKind::kOperator))
      found = of_function(*op, "operator");
  }
  if (found) found->span = span;
  return found;
}

}  // namespace huntbook::kql
