// Where an IP address is: the body of geo_info_from_ip_address() asks a database that the session opens. It
// is set before queries run, never while one does.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace huntbook::kql::runtime {

/// The place of an address as a JSON object with country, state, city, latitude and longitude; nothing when
/// it is not known. Called from several threads at once.
using PlaceLookup = std::function<std::optional<std::string>(std::string_view address)>;

/// An empty function takes the database away.
void set_place_lookup(PlaceLookup lookup);
bool has_place_lookup();

}  // namespace huntbook::kql::runtime
