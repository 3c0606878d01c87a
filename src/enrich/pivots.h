// Pivots: named functions on an entity type, from values to a table. One file per pivot, one list of all.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "huntbook/result.h"
#include "huntbook/table.h"

namespace huntbook {

/// `Name` is "<entity>_<pivot>", as the plugin of KQL is called.
struct Pivot {
  std::string_view name;          ///< "ip_type"
  std::string_view entity;        ///< "IpAddress"
  std::string_view short_entity;  ///< "ip", as the command line takes it
  std::string_view pivot;         ///< "type"
  std::string_view doc;
  bool online = false;  ///< whether anything leaves the machine
  Schema (*output)();   ///< the columns that it adds
  /// One row per value, in their order: only the output's columns.
  Result<Table> (*run)(std::span<const std::string> values);
};

/// All pivots, sorted by name.
std::span<const Pivot> pivots();
/// By plugin name, or nullptr.
const Pivot* find_pivot(std::string_view name);
/// By entity ("ip", "IpAddress", any case) and pivot, or nullptr.
const Pivot* find_pivot(std::string_view entity, std::string_view pivot);

/// Offline: the type and version of an address (columns IpType:string, IpVersion:int).
Schema ip_type_output();
Result<Table> ip_type(std::span<const std::string> values);

}  // namespace huntbook
