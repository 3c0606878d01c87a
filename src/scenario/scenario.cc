#include "scenario/scenario.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <system_error>
#include <utility>

#include "scenario/benign.h"
#include "scenario/intrusion.h"
#include "scenario/world.h"

namespace huntbook {
namespace {

using namespace scenario;

/// Scale in units of 1/10000.
constexpr uint64_t kUnit = 10'000;

/// Workstations by scale: the company grows slowly while each of its hosts gets busier.
int workstation_count(uint64_t scale) {
  static constexpr std::array<std::pair<uint64_t, uint64_t>, 6> kPoints = {
      {{100, 8}, {1'000, 80}, {kUnit, 260}, {10 * kUnit, 420}, {100 * kUnit, 640}, {1'000 * kUnit, 960}}};
  for (size_t i = 1; i < kPoints.size(); ++i) {
    auto [x0, y0] = kPoints[i - 1];
    auto [x1, y1] = kPoints[i];
    if (scale <= x1) return static_cast<int>(y0 + (y1 - y0) * (scale - x0) / (x1 - x0));
  }
  return 960;
}

/// A slice of time whose events fit comfortably into memory at this scale.
Micros window_length(uint64_t scale) {
  static constexpr std::array<int64_t, 8> kSlices = {1, 2, 4, 12, 30, 60, 120, 240};
  auto wanted = static_cast<int64_t>(scale / (4 * kUnit)) + 1;
  for (int64_t slices : kSlices)
    if (slices >= wanted) return kHour / slices;
  return kHour / kSlices.back();
}

std::string scale_text(uint64_t scale) {
  std::string text = number_text(static_cast<int64_t>(scale / kUnit));
  if (uint64_t rest = scale % kUnit; rest > 0) {
    text += '.';
    append_padded(text, static_cast<int64_t>(rest), 4);
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

Status write_text(const std::filesystem::path& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  bool ok = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  int error = errno;
  if (file && std::fclose(file) != 0) ok = false;
  if (ok) return {};
  return Diagnostic{
      .code = "HB-G002",
      .message = "cannot write `" + path.string() + "`: " + std::generic_category().message(error),
      .hint = "choose a folder that can be written and has room"};
}

std::string readme_text(const World& world, const std::string& scale) {
  return "Synthetic evidence, written by `huntbook scenario`. Nothing in it happened.\n\n"
         "Company: " +
         std::string(kCompany) + " (invented), " +
         number_text(static_cast<int64_t>(world.company.hosts.size())) + " hosts, " +
         number_text(static_cast<int64_t>(world.company.users.size())) +
         " people; 2026-03-02 to 2026-03-15, all times UTC.\n"
         "Addresses outside are of the documentation ranges, domains end in .example, payload texts do "
         "nothing.\n"
         "Seed " +
         std::to_string(world.seed) + ", scale " + scale +
         ": the same seed and scale give the same bytes.\n\n"
         "evidence/            point `huntbook query -d` here\n"
         "  windows/           Security, Sysmon, PowerShell and System events, one JSON object a line\n"
         "  linux/             syslog and audit records\n"
         "  zeek/              conn, dns and http logs\n"
         "  cloud/             sign-in and directory audit logs, one JSON object a line\n"
         "ground_truth.json    the answers: every malicious event, host, account, process and technique. "
         "Look last.\n";
}

Status run(World& world, Attack& attack, uint64_t scale, Micros length, const ScenarioOptions& options) {
  const auto& steps = intrusion_steps();
  size_t next = options.intrusion ? 0 : steps.size();
  for (Micros begin = kStart; begin < kEnd; begin += length) {
    if (options.cancel.cancelled())
      return Diagnostic{.code = "HB-G003",
                        .message = "the scenario was cancelled",
                        .hint = "run it again to write all of it"};
    if (options.progress && begin % kHour == 0)
      options.progress->update("scenario", static_cast<uint64_t>((begin - kStart) / kHour), kDays * 24);
    world.now = begin;
    for (; next < steps.size() && steps[next].time < begin + length; ++next) {
      std::swap(world.rng, attack.rng);
      // Nobody acts on the full second. The delay is the same at every scale.
      Micros delay = Prng(mix(options.seed, next)).between(0, 4 * kMinute);
      steps[next].run(world, attack, steps[next].time + delay);
      std::swap(world.rng, attack.rng);
    }
    run_benign_window(world, begin, length, scale);
    for (size_t i = 0; i < kLogFiles; ++i)
      if (Status status = world.out.stream(static_cast<LogFile>(i)).flush(begin + length, world.truth);
          !status.ok())
        return status;
  }
  if (options.progress) options.progress->update("scenario", kDays * 24, kDays * 24);
  for (size_t i = 0; i < kLogFiles; ++i)
    if (Status status = world.out.stream(static_cast<LogFile>(i)).close(kEnd); !status.ok()) return status;
  return {};
}

}  // namespace

Result<ScenarioSummary> write_scenario(const ScenarioOptions& options) {
  if (!(options.scale >= kMinScenarioScale && options.scale <= kMaxScenarioScale))
    return Diagnostic{
        .code = "HB-G001", .message = "scale is out of range", .hint = "choose a scale from 0.01 to 1000"};
  auto scale = static_cast<uint64_t>(std::llround(options.scale * static_cast<double>(kUnit)));
  World world(options.seed, make_company(options.seed, workstation_count(scale)));
  Attack attack(world, options.seed);
  Micros length = window_length(scale);
  if (Status status = world.out.open(options.folder, length); !status.ok()) return status.error();
  if (options.intrusion) declare_plan(world, attack);
  if (Status status = run(world, attack, scale, length, options); !status.ok()) return status.error();

  TruthHeader header{.seed = options.seed,
                     .scale = scale_text(scale),
                     .company = std::string(kCompany),
                     .domain = std::string(kDnsDomain),
                     .hosts = static_cast<int>(world.company.hosts.size()),
                     .users = static_cast<int>(world.company.users.size())};
  std::string truth = ground_truth_json(world.truth, header), readme = readme_text(world, header.scale);
  if (Status status = write_text(options.folder / "ground_truth.json", truth); !status.ok())
    return status.error();
  if (Status status = write_text(options.folder / "README.txt", readme); !status.ok()) return status.error();

  ScenarioSummary summary;
  for (size_t i = 0; i < kLogFiles; ++i) {
    const LogStream& stream = world.out.stream(static_cast<LogFile>(i));
    summary.files.push_back(ScenarioFile{.path = std::string(log_path(static_cast<LogFile>(i))),
                                         .bytes = stream.bytes(),
                                         .events = stream.events()});
  }
  summary.files.push_back(ScenarioFile{.path = "ground_truth.json", .bytes = truth.size(), .events = 0});
  summary.files.push_back(ScenarioFile{.path = "README.txt", .bytes = readme.size(), .events = 0});
  summary.bytes = world.out.bytes();
  summary.events = world.out.events();
  for (const TruthEvent& event : world.truth.events()) summary.malicious += event.line > 0 ? 1 : 0;
  summary.hosts = header.hosts;
  summary.users = header.users;
  return summary;
}

}  // namespace huntbook
