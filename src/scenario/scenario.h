// The synthetic intrusion: two weeks of a made-up company's logs with one attack through them, and the answer
// key.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "huntbook/result.h"

namespace huntbook {

/// The least and the greatest scale.
constexpr double kMinScenarioScale = 0.01;
constexpr double kMaxScenarioScale = 1000;

struct ScenarioOptions {
  std::filesystem::path folder;  ///< made when missing; files of an earlier scenario in it are replaced
  uint64_t seed = 7;             ///< same seed and scale, same bytes
  double scale = 1;       ///< multiplies the benign volume, 0.01 to 1000; the intrusion is whole at any scale
  bool intrusion = true;  ///< else only the ordinary noise is written
  CancelToken cancel;
  Progress* progress = nullptr;  ///< told "scenario", hours done and hours in all
};

/// One file that was written, its path relative to the folder ("evidence/windows/security.ndjson").
struct ScenarioFile {
  std::string path;
  uint64_t bytes = 0;
  uint64_t events = 0;
};

struct ScenarioSummary {
  std::vector<ScenarioFile> files;
  uint64_t bytes = 0;
  uint64_t events = 0;
  uint64_t malicious = 0;  ///< events named in ground_truth.json
  int hosts = 0;
  int users = 0;
};

/// Writes `folder`/evidence/..., `folder`/ground_truth.json and `folder`/README.txt. Fails with HB-G001
/// (scale out of range), HB-G002 (a file cannot be written) or HB-G003 (cancelled).
Result<ScenarioSummary> write_scenario(const ScenarioOptions& options);

}  // namespace huntbook
