// Process creation events read from a table, whatever schema they come in.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/table.h"

namespace huntbook {

/// One process start. Ids are normal forms for comparison ("0x1f4" and "500" are equal); the other texts are
/// as the log has them.
struct ProcessEvent {
  int64_t row = 0;                     ///< of the input table
  size_t shape = 0;                    ///< which schema; ids of different schemas are not compared
  std::optional<int64_t> time;         ///< ticks
  std::optional<int64_t> parent_time;  ///< when the parent started, where the schema says so
  std::string host;
  std::string name;
  std::string process_id;
  std::string command_line;
  std::string account;
  std::string id;  ///< normal form of process_id
  std::string guid;
  std::string parent_id;  ///< normal form
  std::string parent_process_id;
  std::string parent_guid;
  std::string parent_name;
};

/// The process creation events of a table, in row order. Fails with "HB-D010" when no schema fits its
/// columns.
Result<std::vector<ProcessEvent>> read_process_events(const Table& table);

}  // namespace huntbook
