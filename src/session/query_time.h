// What `start` and `end` of queries mean. Private to src/session.
#pragma once
#include "config/settings.h"
#include "packs/pack.h"

namespace huntbook {

/// Applies the section `query_time` of the settings to a query time that has `now`: from origin plus before
/// to origin plus after. A time that cannot be read is a problem (HB-K003) and changes nothing.
void apply_query_time(const Settings& settings, QueryTime& time, Diagnostics& problems);

}  // namespace huntbook
