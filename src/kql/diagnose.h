// Making the compiler's diagnostics from the table in errors.def.
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "huntbook/result.h"

namespace huntbook::kql {

enum class Error : uint8_t {
#define HB_ERROR(name, code, message) name,
#include "kql/errors.def"
#undef HB_ERROR
};

std::string_view error_code(Error error);
std::string_view error_message(Error error);

/// A diagnostic with the error's code and its message filled in.
template <typename... Args>
Diagnostic diagnose(Error error, Span span, Args&&... args) {
  Diagnostic made;
  made.code = error_code(error);
  made.message = fmt::format(fmt::runtime(error_message(error)), std::forward<Args>(args)...);
  made.span = span;
  return made;
}

/// For a short query that becomes a huge one: functions and lets are written out where they are used.
Diagnostic too_large(Span span);
/// A plan of too many levels.
Diagnostic too_deep(Span span);

/// "unsupported", naming the construct ("operator `scan`", "function `geo_...`").
Diagnostic unsupported(std::string construct, Span span);

/// The diagnostic as a terminal shows it: `error HB-L002: ...`, the line with a caret under the span, the
/// hint.
std::string render_diagnostic(const Diagnostic& diagnostic, std::string_view text);

}  // namespace huntbook::kql
