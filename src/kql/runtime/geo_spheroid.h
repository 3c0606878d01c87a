// The Earth as the WGS 84 spheroid.
#pragma once
#include "kql/runtime/geo_json.h"

namespace huntbook::kql::runtime {

/// The length of the shortest way between two places, in metres.
double spheroid_distance(const Position& a, const Position& b);

}  // namespace huntbook::kql::runtime
