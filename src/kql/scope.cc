#include "kql/scope.h"

#include "kql/bind.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

constexpr size_t kMostTries = 6;
constexpr size_t kLongest = 200'000;  // bytes: a longer text is not worth the wait at each key

std::optional<Schema> bind_text(const std::string& text, const Catalog& catalog) {
  Diagnostics mistakes;
  Script script = parse(text, mistakes);
  // A tree with a syntax error in it may lack parts that the binder takes for granted: such lets go, such a
  // query is not bound at all.
  for (const Diagnostic& mistake : mistakes) {
    auto& statements = script.statements;
    size_t wrong = 0;
    while (wrong + 1 < statements.size() && statements[wrong + 1].span.begin <= mistake.span.begin) ++wrong;
    if (wrong + 1 >= statements.size()) return std::nullopt;
    statements.erase(statements.begin() + static_cast<std::ptrdiff_t>(wrong));
  }
  Diagnostics ignored;
  Binder binder(catalog, ignored);
  return binder.columns(script);
}

// The query without its last operator; false when it has none.
bool drop_operator(std::string& query) {
  Diagnostics ignored;
  const auto tokens = lex(query, ignored);
  size_t depth = 0;
  for (size_t i = tokens.size(); i-- > 0;) {
    if (tokens[i].kind != TokenKind::kPunctuation) continue;
    const std::string_view text = tokens[i].text;
    if (text == ")" || text == "]" || text == "}") ++depth;
    else if ((text == "(" || text == "[" || text == "{") && depth > 0) --depth;
    if (text != "|" || depth > 0) continue;
    query.resize(tokens[i].span.begin);
    return true;
  }
  return false;
}

}  // namespace

std::optional<Schema> columns_of(const std::string& lets, std::string query, const Catalog& catalog) {
  if (query.empty() || lets.size() + query.size() > kLongest) return std::nullopt;
  Catalog quiet = catalog;
  quiet.run = nullptr;
  quiet.parameters.clear();
  for (size_t tries = 0; tries < kMostTries; ++tries) {
    for (const bool open : {false, true}) {  // the second time, unknown names are taken for columns
      quiet.open = open;
      auto columns = bind_text(lets + query, quiet);
      if (columns && (!open || columns->size() > 0)) return columns;
    }
    if (!drop_operator(query)) break;
  }
  return std::nullopt;
}

}  // namespace huntbook::kql
