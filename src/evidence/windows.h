// Windows events of every exporter as rows of one table.
#pragma once
#include <cstdint>
#include <deque>
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

class WindowsShaper {
 public:
  /// False when the row is no Windows event. Else its common fields have their common names, TimeGenerated is
  /// there when any time is, and nested event data (an object, or XML) is spread out, its raw field kept. The
  /// new fields are valid until the next call.
  bool shape(std::vector<Field>& fields, const FormatContext& context);
  std::optional<int64_t> time() const { return time_; }

 private:
  struct Places;
  static Places find_places(const std::vector<Field>& fields);
  void spread(std::vector<Field>& fields, const Field& nested);
  void spread_xml(std::vector<Field>& fields, std::string_view xml);
  void add_unless_there(std::vector<Field>& fields, size_t own, Field field);
  std::string& kept();

  std::optional<int64_t> time_;
  std::deque<ObjectReader> readers_;
  size_t readers_used_ = 0;
  std::deque<std::string> kept_;
  size_t kept_used_ = 0;
};

/// Adds the keys that shape() looks at; which of them matter depends on what is wanted already.
void add_windows_keys(WantedKeys& keys, bool table_is_windows);
/// Whether a time says its zone.
bool has_zone(std::string_view time);
/// By how many ticks the zone-less times of a member's Windows events lag behind UTC, as other times of the
/// same events show (Sysmon's UtcTime, a shipper's @timestamp); nothing when there are none. `text` begins a
/// member.
std::optional<int64_t> local_offset(std::string_view text, const FormatContext& context);

}  // namespace huntbook::evidence
