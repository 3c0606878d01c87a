#include "session/query_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace huntbook {

void apply_query_time(const Settings& settings, QueryTime& time, Diagnostics& problems) {
  const QueryTimeSettings& given = settings.query_time;
  if (given.origin.empty() && given.before.empty() && given.after.empty()) return;
  bool good = true;
  const auto wrong = [&](const std::string& key, const std::string& text, std::string hint) {
    const auto entry = std::find_if(settings.entries.begin(), settings.entries.end(),
                                    [&](const auto& e) { return e.key == key; });
    problems.push_back({"HB-K003",
                        fmt::format("`{}` cannot be `{}`", key, text),
                        {},
                        std::move(hint),
                        "",
                        entry == settings.entries.end() ? "" : entry->place.text()});
    good = false;
  };
  const auto read = [&](const std::string& key, const std::string& text, int64_t from, int64_t otherwise) {
    if (text.empty()) return otherwise;
    if (const auto read_time = parse_query_time(text, from)) return *read_time;
    wrong(key, text, "a time such as 2024-05-01, or an offset such as -2d, 12h or -1w@w");
    return otherwise;
  };
  const int64_t origin = read("query_time.origin", given.origin, time.now, time.now);
  const int64_t start =
      read("query_time.before", given.before, origin, std::max<int64_t>(origin - kTicksPerDay, 0));
  const int64_t end = read("query_time.after", given.after, origin, origin);
  if (good && start >= end) wrong("query_time.before", given.before, "it must lie before `after`");
  if (!good) return;
  time.start = start;
  time.end = end;
}

}  // namespace huntbook
