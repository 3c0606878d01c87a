// Bodies of make-series: the bins' values at their places, and the axis.
#include <vector>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// More than these points are refused before the bodies are called; here they bound what hostile input may do.
constexpr int64_t kMaxPoints = 1 << 20;

// places, values, first, count, default: two JSON arrays of one length; value i goes to places[i] - first.
void series_fill(Args args, Value& out, Context& context) {
  const int64_t count = args[3].null ? 0 : args[3].integer;
  if (count < 0 || count > kMaxPoints) return;
  std::vector<std::string_view> points(static_cast<size_t>(count), raw_or_null(args[4]));
  if (!args[0].null && !args[1].null) {
    JsonElements values(args[1].text);
    for (JsonElements places(args[0].text); places.next() && values.next();) {
      const auto place = json_number(places.value);
      if (!place || !place->whole) continue;
      const int64_t at = place->integer - args[2].integer;
      if (at >= 0 && at < count) points[static_cast<size_t>(at)] = values.value;
    }
  }
  std::string text = "[";
  for (const auto& point : points) {
    if (text.size() > 1) text += ',';
    text += point;
  }
  set_dynamic(out, text + "]", context);
}

// origin, step, first, count: origin + (first + i) * step in the origin's type.
void series_axis(Args args, Value& out, Context& context) {
  const int64_t count = args[3].null ? 0 : args[3].integer;
  if (count < 0 || count > kMaxPoints) return;
  std::string text = "[";
  for (int64_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    Value point = args[0];
    const auto at = static_cast<uint64_t>(args[2].integer + i);
    if (point.type == Type::kReal) point.real += static_cast<double>(args[2].integer + i) * args[1].real;
    else
      point.integer = static_cast<int64_t>(static_cast<uint64_t>(point.integer) +
                                           at * static_cast<uint64_t>(args[1].integer));
    append_json(text, point);
  }
  set_dynamic(out, text + "]", context);
}

constexpr BodyEntry kEntries[] = {{"series_fill", series_fill}, {"series_axis", series_axis}};

}  // namespace

std::span<const BodyEntry> make_series_bodies() { return kEntries; }

}  // namespace huntbook::kql::runtime
