// Searching text, ours against the engine's ILIKE and regexp_matches for the same answers: text_bench
// [MEGABYTES]. Prints seconds of both and their ratio. Fails when answers differ.
#include <fmt/format.h>

#include <cstdlib>

#include "events.h"
#include "sides.h"

namespace {

using namespace huntbook;

constexpr int kRuns = 3;

// Command lines alone.
Batch lines(uint64_t begin, size_t rows) {
  Batch all = bench::event_batch(begin, rows), picked;
  picked.rows = rows;
  picked.columns.push_back(std::move(all.columns[6]));
  return picked;
}

// A pattern that finds a term as `has` does, whatever the case.
std::string as_pattern(const std::string& terms) {
  return "(^|[^\\p{L}\\p{N}])(" + terms + ")([^\\p{L}\\p{N}]|$)";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace huntbook::bench;
  const double megabytes = argc > 1 ? std::atof(argv[1]) : 1000;
  const Batch sample = lines(0, 10'000);
  const double width = static_cast<double>(sample.columns[0].data.size()) / 10'000;
  const Source source{Schema{{event_schema().fields[6]}}, static_cast<uint64_t>(megabytes * 1e6 / width),
                      lines};
  Baseline baseline;
  baseline.load(source);
  Ours ours(source);
  struct Search {
    std::string name, kql, sql;
  };
  std::vector<Search> searches;
  const std::string kql = "Events | where ProcessCommandLine ", sql = "SELECT count(*) FROM events WHERE ";
  const auto like = [](const std::string& term) { return "ProcessCommandLine ILIKE '%" + term + "%'"; };
  const auto regex = [](const std::string& pattern) {
    return "regexp_matches(ProcessCommandLine, '" + pattern + "', 'i')";
  };
  searches.push_back({"contains", kql + "contains \"whoami\" | count", sql + like("whoami")});
  searches.push_back(
      {"has", kql + "has \"whoami\" | count", sql + like("whoami") + " AND " + regex(as_pattern("whoami"))});
  for (const int count : {1, 10, 1000}) {
    std::string list = "\"urlcache\"", terms = "urlcache", likes = like("urlcache");
    for (int i = 1; i < count; ++i) {
      const std::string term = fmt::format("service{}", i * 7);
      list += ", \"" + term + "\"";
      terms += "|" + term;
      likes += " OR " + like(term);
    }
    // With many terms one pattern is far faster than as many ILIKEs.
    const std::string pattern = regex(as_pattern(terms));
    searches.push_back({fmt::format("has_any of {}", count), kql + "has_any (" + list + ") | count",
                        sql + (count == 1 ? likes + " AND " + pattern : pattern)});
  }
  const std::string pattern = R"(https?://[a-z0-9]+\.example/[0-9a-f]{8,})";
  searches.push_back({"matches regex", kql + "matches regex @\"" + pattern + "\" | count",
                      sql + "regexp_matches(ProcessCommandLine, '" + pattern + "')"});
  const std::string loose = R"(\s-(enc|encodedcommand)\s+[0-9a-f]{20,})";
  searches.push_back({"matches regex, any case", kql + "matches regex @\"(?i)" + loose + "\" | count",
                      sql + "regexp_matches(ProcessCommandLine, '" + loose + "', 'i')"});

  fmt::print("{} rows, {:.0f} MB; seconds, the best of {} runs each\n", source.rows, megabytes, kRuns);
  fmt::print("{:<24} {:>8} {:>8} {:>6}\n", "search", "ours", "SQL", "ratio");
  double worst = 0;
  bool right = true;
  for (const auto& search : searches) {
    const Pair pair = compare(ours, search.kql, baseline, search.sql, kRuns);
    right = right && pair.same;
    if (!pair.same) {
      fmt::print("{:<24} answers differ: {}\n", search.name, pair.difference);
      continue;
    }
    worst = std::max(worst, pair.ours / pair.theirs);
    fmt::print("{:<24} {:>8.3f} {:>8.3f} {:>6.2f}\n", search.name, pair.ours, pair.theirs,
               pair.ours / pair.theirs);
    std::fflush(stdout);
  }
  fmt::print("worst: {:.2f}\nright: {}\n", worst, right ? "yes" : "no");
  return right ? 0 : 1;
}
