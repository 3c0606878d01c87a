// Which table a row belongs to, and its fields under the names of that table's columns.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/rows.h"
#include "huntbook/schema.h"

namespace huntbook::evidence {

constexpr std::string_view kWindowsTable = "WindowsEvent";

/// The columns that WindowsEvent always has, first and in this order.
const Schema& windows_columns();

/// The table of a member's rows that have no table of their own ("logs-2024.csv" gives logs_2024).
std::string table_name(std::string_view member_name, const FormatContext& context);
/// Whether JSON rows look like Zeek's: then `ts` counts seconds.
bool is_zeek_json(std::string_view head, std::string_view member_name);

class Router {
 public:
  Router(const FormatContext& context, std::string default_table) : context_(context), default_(std::move(default_table)) {}
  /// The row's table; Windows events get their fields renamed, their time computed, nested event data spread out.
  /// The views given stay valid until the next call.
  std::string_view route(std::vector<Field>& fields);

 private:
  bool route_windows(std::vector<Field>& fields);
  void spread(std::vector<Field>& fields, std::string_view json);

  const FormatContext& context_;
  std::string default_;
  std::string named_;
  std::vector<std::unique_ptr<std::string>> kept_;
};

/// The row's time for evidence(): TimeGenerated, ts, Timestamp, @timestamp ...
std::optional<int64_t> row_time(const std::vector<Field>& fields);

}  // namespace huntbook::evidence
