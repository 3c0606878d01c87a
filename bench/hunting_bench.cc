// Hunting queries in KQL against hand-written SQL for the same answers, over the same made-up events, in one
// run and with the same threads: hunting_bench FOLDER [MILLIONS [FILTER]]. FOLDER holds NAME.kql and
// NAME.sql. Prints seconds of both, their ratio and the geometric mean. Fails when answers differ.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "events.h"
#include "sides.h"

namespace {

constexpr int kRuns = 5;

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace huntbook::bench;
  if (argc < 2) die("usage: hunting_bench FOLDER [MILLIONS [FILTER]]");
  const auto rows = static_cast<uint64_t>((argc > 2 ? std::atof(argv[2]) : 10) * 1e6);
  const std::string filter = argc > 3 ? argv[3] : "";
  std::set<std::filesystem::path> queries;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.path().extension() == ".kql" && entry.path().string().find(filter) != std::string::npos)
      queries.insert(entry.path());
  }
  const Source source{event_schema(), rows, event_batch};
  Baseline baseline;
  baseline.load(source);
  Ours ours(source);
  fmt::print("{} rows; seconds, the best of {} runs each\n", rows, kRuns);
  fmt::print("{:<24} {:>8} {:>8} {:>6}\n", "query", "ours", "SQL", "ratio");
  double logs = 0, worst = 0;
  bool right = true;
  for (const auto& path : queries) {
    const std::string name = path.stem().string();
    const Pair pair = compare(ours, read(path), baseline,
                              read(std::filesystem::path(path).replace_extension(".sql")), kRuns);
    if (!pair.same) {
      right = false;
      fmt::print("{:<24} answers differ: {}\n", name, pair.difference);
      continue;
    }
    const double ratio = pair.ours / pair.theirs;
    logs += std::log(ratio);
    worst = std::max(worst, ratio);
    fmt::print("{:<24} {:>8.3f} {:>8.3f} {:>6.2f}\n", name, pair.ours, pair.theirs, ratio);
    std::fflush(stdout);
  }
  fmt::print("geometric mean: {:.2f}\nworst: {:.2f}\nright: {}\n",
             std::exp(logs / static_cast<double>(queries.size())), worst, right ? "yes" : "no");
  return right ? 0 : 1;
}
