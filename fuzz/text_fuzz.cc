// Feeds any bytes to the readers of times and JSON, to the escaping writers, to the regex rewriter and to the
// search for terms; what each must hold is checked.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/runtime/regex.h"
#include "kql/runtime/terms.h"

namespace {

using namespace huntbook;

void require(bool condition) {
  if (!condition) std::abort();
}

void times(std::string_view input) {
  for (const auto ticks : {parse_datetime(input), parse_iso_datetime(input)}) {
    if (!ticks) continue;
    require(*ticks >= 0 && *ticks <= kMaxDatetimeTicks);
    require(parse_iso_datetime(format_datetime(*ticks)) == ticks);
  }
  if (const auto ticks = parse_timespan(input)) require(parse_timespan(format_timespan(*ticks)) == ticks);
}

void escapes(std::string_view input) {
  const std::string html = escape_html(input);
  require(html.find_first_of("<>\"'") == std::string::npos && is_valid_utf8(html));
  for (const char c : escape_terminal(input)) require(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f);
  std::string json;
  append_json_string(json, input, true);
  require(json.find("</") == std::string::npos);
  const auto parsed = parse_json(json);
  require(parsed.ok() && parsed->as_string() == repair_utf8(input));
}

// The search in blocks against one place after the other.
void terms(std::string_view input, std::string_view text) {
  using namespace kql::runtime;
  const std::string folded = fold_case(text), what = fold_case(input);
  require(Needle(input, true).in(text, Edges::kNone) == (folded.find(what) != std::string::npos));
  require(equal_fold(input, text) == (folded == what));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string valid = repair_utf8(input);
  switch (data[0] % 5) {
    case 0: times(input); break;
    case 1: escapes(input); break;
    case 2:
      if (const auto parsed = parse_json(input)) require(*parse_json(parsed->text()) == *parsed);
      break;
    case 3: {
      const kql::runtime::Regex regex(valid);
      if (regex.ok()) regex.matches("The quick brown føx 123");
      break;
    }
    case 4: {
      const size_t cut = valid.find('|');
      if (cut != std::string::npos) terms(valid.substr(0, cut), valid.substr(cut + 1));
    }
  }
  return 0;
}
