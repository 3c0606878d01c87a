// The walk behind row_window_session().
#include <optional>

#include "kql/runtime/numbers.h"

namespace huntbook::kql::runtime {
namespace {

// args[0]: [time, longest, gap, 1 when a session starts here whatever the times] of all rows, with commas
// between. A time or limit that is null is passed over.
void session_starts(std::span<const Value> args, Value& out, Context& context) {
  const std::string all = "[" + std::string(args[0].text) + "]";
  Numbers starts;
  std::optional<int64_t> start, last;
  for (JsonElements rows(all); rows.next();) {
    JsonElements row(rows.value);
    std::optional<int64_t> parts[4];
    for (auto& part : parts) {
      const auto number = row.next() ? json_number(row.value) : std::nullopt;
      if (number) part = number->integer;
    }
    const auto& [time, longest, gap, restart] = parts;
    if (!time) {
      starts.add_raw("null");
      continue;
    }
    int64_t age = 0, distance = 0;
    const bool old = start && longest && (__builtin_sub_overflow(*time, *start, &age) || age > *longest);
    const bool far = last && gap && (__builtin_sub_overflow(*time, *last, &distance) || distance > *gap);
    if (!start || old || far || restart.value_or(0)) start = time;
    last = time;
    starts.add(*start);
  }
  set_dynamic(out, starts.text(), context);
}

constexpr BodyEntry kBodies[] = {{"session_starts", session_starts}};

}  // namespace

std::span<const BodyEntry> session_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
