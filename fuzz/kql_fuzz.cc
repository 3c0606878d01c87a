// KQL's front end on any text: tokens, tree, their print, and every diagnostic as the terminal shows it.
#include <cstdint>
#include <string_view>

#include "kql/diagnose.h"
#include "kql/parse.h"

using namespace huntbook;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const kql::Script script = kql::parse(text, diagnostics);
  kql::print_tree(script);
  kql::print_tokens(text);
  for (const Diagnostic& each : diagnostics) {
    if (each.span.begin > size || each.span.end > size || each.span.end < each.span.begin) __builtin_trap();
    if (each.code.empty() || each.message.empty()) __builtin_trap();
    kql::render_diagnostic(each, text);
  }
  return 0;
}
