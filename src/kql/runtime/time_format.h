// What functions of time take as constants, so that the binder can refuse the rest.
#pragma once
#include <string_view>

namespace huntbook::kql::runtime {

/// Whether format_datetime (else format_timespan) knows every letter and delimiter.
bool is_time_format(std::string_view format, bool datetime);
/// "year", "Month", "day" ...; `part` also allows what only datetime_part takes ("dayofyear").
bool is_period(std::string_view name, bool part);

}  // namespace huntbook::kql::runtime
