// The formatter on any text: the tokens stay what they are, and formatting twice changes nothing more.
#include <cstdint>
#include <string_view>

#include "kql/format.h"
#include "kql/parse.h"

using namespace huntbook;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto once = kql::format(text);
  if (!once.ok()) return 0;
  const auto twice = kql::format(*once);
  if (!twice.ok() || *twice != *once) __builtin_trap();
  Diagnostics ignored;
  const auto before = kql::lex(text, ignored), after = kql::lex(*once, ignored);
  if (before.size() != after.size()) __builtin_trap();
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].kind != after[i].kind || before[i].text != after[i].text) __builtin_trap();
  }
  return 0;
}
