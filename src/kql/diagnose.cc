#include "kql/diagnose.h"

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"

namespace huntbook::kql {
namespace {

struct ErrorText {
  std::string_view code;
  std::string_view message;
};

constexpr ErrorText kErrors[] = {
#define HB_ERROR(name, code, message) {code, message},
#include "kql/errors.def"
#undef HB_ERROR
};

}  // namespace

std::string_view error_code(Error error) { return kErrors[static_cast<size_t>(error)].code; }
std::string_view error_message(Error error) { return kErrors[static_cast<size_t>(error)].message; }

Diagnostic too_large(Span span) {
  Diagnostic made = diagnose(Error::kTooLarge, span);
  made.hint = "give intermediate results names in steps of their own: | extend a = f(x) | extend b = f(a)";
  return made;
}

Diagnostic too_deep(Span span) {
  Diagnostic made = diagnose(Error::kTooLarge, span);
  made.message = "the query has too many steps, each on top of the one before";
  made.hint = "this is the first that is too many; do what the steps before it do in fewer of them";
  return made;
}

Diagnostic unsupported(std::string construct, Span span) {
  Diagnostic made = diagnose(Error::kUnsupported, span, construct);
  made.construct = std::move(construct);
  return made;
}

std::string render_diagnostic(const Diagnostic& diagnostic, std::string_view text) {
  std::string out = fmt::format("error {}: {}\n", diagnostic.code, escape_terminal(diagnostic.message));
  if (!diagnostic.place.empty()) out += fmt::format("  in {}\n", escape_terminal(diagnostic.place));
  const size_t begin = std::min<size_t>(diagnostic.span.begin, text.size());
  const size_t end = std::min<size_t>(std::max(diagnostic.span.end, diagnostic.span.begin), text.size());
  if (!text.empty() && (diagnostic.span.end > 0)) {
    size_t line_begin = begin;
    while (line_begin > 0 && text[line_begin - 1] != '\n') --line_begin;
    size_t line_end = text.find('\n', begin);
    if (line_end == std::string_view::npos) line_end = text.size();
    const auto line_number =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_begin), '\n');
    // A long line is cut around the mistake, at whole characters.
    constexpr size_t kWidth = 100;
    size_t from = line_begin, to = line_end;
    if (begin - from > kWidth / 2) from = begin - kWidth / 2;
    while (from < begin && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) ++from;
    if (to - from > kWidth) to = from + kWidth;
    while (to < line_end && (static_cast<unsigned char>(text[to]) & 0xc0) == 0x80) ++to;
    const auto shown = [&](size_t a, size_t b) {
      std::string part(text.substr(a, b - a));
      std::replace(part.begin(), part.end(), '\t', ' ');
      return escape_terminal(part);
    };
    const std::string before = (from > line_begin ? "…" : "") + shown(from, begin);
    const std::string marked = shown(begin, std::min(end, to));
    const std::string after = shown(std::min(end, to), to) + (to < line_end ? "…" : "");
    const size_t carets = std::max<size_t>(1, count_code_points(marked));
    out += fmt::format("  at line {}, column {}\n  | {}{}{}\n    {}{}\n", line_number,
                       1 + count_code_points(text.substr(line_begin, begin - line_begin)), before, marked,
                       after, std::string(count_code_points(before), ' '), std::string(carets, '^'));
  }
  if (!diagnostic.hint.empty()) out += fmt::format("hint: {}\n", escape_terminal(diagnostic.hint));
  return out;
}

}  // namespace huntbook::kql
