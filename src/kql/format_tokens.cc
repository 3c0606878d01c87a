#include "kql/format_tokens.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace huntbook::kql {
namespace {

constexpr size_t kDeepest = 1200;  // brackets; the parser takes fewer where it reads them

// The comments of what stands between two tokens, and whether an empty line ends it.
std::vector<Comment> read_gap(std::string_view gap, bool first, bool& after_empty_line) {
  std::vector<Comment> found;
  size_t newlines = first ? 2 : 0;
  for (size_t at = 0; at < gap.size();) {
    if (gap[at] == '\n') {
      ++newlines;
    } else if (gap[at] == '/' && gap.substr(at).starts_with("//")) {
      const size_t end = std::min(gap.find('\n', at), gap.size());
      std::string_view text = gap.substr(at, end - at);
      while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r')))
        text.remove_suffix(1);
      found.push_back({text, newlines > 0 || !found.empty(), newlines > 1});
      newlines = 0;
      at = end;
      continue;
    }
    ++at;
  }
  after_empty_line = newlines > 1;
  return found;
}

}  // namespace

FormatTokens::FormatTokens(std::string_view text) {
  Diagnostics ignored;
  tokens = lex(text, ignored);
  match.assign(tokens.size(), 0);
  comments.resize(tokens.size());
  after_empty_line.resize(tokens.size());
  std::vector<size_t> open;
  size_t end = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    bool empty_line = false;
    comments[i] = read_gap(text.substr(end, tokens[i].span.begin - end), i == 0, empty_line);
    after_empty_line[i] = empty_line;
    end = tokens[i].span.end;
    if (is_open(i)) {
      open.push_back(i);
      balanced &= open.size() <= kDeepest;
    } else if (is_close(i)) {
      const char* opening = is(i, ")") ? "(" : is(i, "]") ? "[" : "{";
      if (open.empty() || !is(open.back(), opening)) {
        balanced = false;
        return;
      }
      match[i] = open.back();
      match[open.back()] = i;
      open.pop_back();
    }
  }
  balanced &= open.empty();
}

size_t FormatTokens::datatable_columns(size_t i) const {
  if (i < 3 || !is(i, "[") || !is(i - 1, ")")) return 0;
  const size_t schema = match[i - 1];
  if (schema == 0 || !is_word(schema - 1, "datatable")) return 0;
  size_t columns = 1;
  for (size_t k = schema + 1; k + 1 < i; k = next(k)) columns += is(k, ",") ? 1 : 0;
  return columns;
}

}  // namespace huntbook::kql
