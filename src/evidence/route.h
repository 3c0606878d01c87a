// Which table a row belongs to, and its fields under the names of that table's columns.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/rows.h"
#include "evidence/windows.h"
#include "huntbook/schema.h"

namespace huntbook::evidence {

/// The table of a member's rows that have no table of their own ("logs-2024.csv" gives logs_2024).
std::string table_name(std::string_view member_name, const FormatContext& context);
/// Whether JSON rows look like Zeek's: then `ts` counts seconds.
bool is_zeek_json(std::string_view head, std::string_view member_name);

class Router {
 public:
  Router(const FormatContext& context, std::string default_table)
      : context_(context), default_(std::move(default_table)) {}
  /// The row's table; Windows events are shaped. The views given stay valid until the next call.
  std::string_view route(std::vector<Field>& fields);
  /// The time of the row routed last.
  std::optional<int64_t> time() const { return time_; }

 private:
  void find_time(const std::vector<Field>& fields);

  const FormatContext& context_;
  std::string default_;
  std::string named_;
  WindowsShaper windows_;
  std::optional<int64_t> time_;
};

}  // namespace huntbook::evidence
