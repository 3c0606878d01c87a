// Units of measure for the convert_ functions.
#pragma once
#include <string_view>

namespace huntbook::kql::runtime {

/// Whether `kind` ("angle", "length", "mass" ...) has that unit ("Degree", "Meter"), as KQL spells it.
bool is_unit(std::string_view kind, std::string_view name);

}  // namespace huntbook::kql::runtime
