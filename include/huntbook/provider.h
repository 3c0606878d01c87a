// Remote services: what kinds there are, and a connection to one of them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/schema.h"
#include "huntbook/table.h"

namespace huntbook {

/// A half-open range of time in ticks; an end that is not given is open.
struct TimeRange {
  std::optional<int64_t> start;
  std::optional<int64_t> end;
};

/// What an answer may cost at most; 0 leaves it to the service. What is beyond makes it `truncated`.
struct RunLimits {
  uint64_t max_rows = 0;
  uint64_t max_bytes = 0;  ///< of the rows in memory

  /// Whether no further row may be kept beside these.
  bool reached(uint64_t rows, uint64_t bytes) const {
    return (max_rows && rows >= max_rows) || (max_bytes && bytes >= max_bytes);
  }
};

/// One setting of a kind of provider.
struct ProviderSetting {
  std::string name;
  std::string doc;
  bool required = false;
  bool secret = false;
  bool path = false;  ///< names a file or folder; where settings say it, relative to their file
};

/// What a kind of provider can do, and what its service allows.
struct ProviderTraits {
  std::string_view language;  ///< "KQL", "SPL", "OData" ...
  unsigned threads = 4;       ///< queries at once
  uint64_t max_rows = 0;      ///< of one answer; 0: no limit known
  uint64_t max_bytes = 0;     ///< of one answer; 0: no limit known
  bool time_pushed = false;   ///< whether a time range beside the text reaches the service
  bool online = true;         ///< whether anything leaves the machine
};

/// A table of a service.
struct RemoteTable {
  std::string name;
  Schema schema;
  std::string doc;
};

/// What a question to a service may bring along.
struct AskOptions {
  TimeRange range;
  RunLimits limits;
  std::string database;  ///< empty: the connection's
};

}  // namespace huntbook
