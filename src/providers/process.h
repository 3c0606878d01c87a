// Running another program of the user's, without a shell and within limits.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "config/settings.h"
#include "huntbook/result.h"

namespace huntbook {

struct ProcessResult {
  int status = 0;      ///< exit code; 128 + number for a signal
  std::string output;  ///< at most 1 MB
  std::string errors;  ///< the beginning of stderr
};

/// Where a program of this name lies: the absolute folders of PATH alone. Empty when it is nowhere.
std::string find_program(const std::string& name, const Environment& environment);
/// Runs it to its end, with nothing to read; whatever it started is ended with it when the time is over.
/// HB-R106.
Result<ProcessResult> run_program(const std::string& path, const std::vector<std::string>& arguments,
                                  std::chrono::milliseconds timeout, const CancelToken* cancel);

}  // namespace huntbook
