// Made-up process and network events for benchmarks: the same rows for the same place, in any order.
#pragma once
#include <cstdint>

#include "huntbook/table.h"

namespace huntbook::bench {

/// Timestamp DeviceName AccountName ActionType FileName FolderPath ProcessCommandLine
/// InitiatingProcessFileName ProcessId RemoteIP RemotePort SHA256 AdditionalFields.
Schema event_schema();
/// The rows [begin, begin + rows).
Batch event_batch(uint64_t begin, size_t rows);

}  // namespace huntbook::bench
