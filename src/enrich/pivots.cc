#include "enrich/pivots.h"

#include "base/text.h"

namespace huntbook {
namespace {

constexpr Pivot kPivots[] = {
    {"ip_type", "IpAddress", "ip", "type",
     "Says what kind of address it is: public, private, loopback, multicast ...; nothing leaves the machine.",
     false, ip_type_output, ip_type},
};

}  // namespace

std::span<const Pivot> pivots() { return kPivots; }

const Pivot* find_pivot(std::string_view name) {
  for (const auto& pivot : kPivots) {
    if (pivot.name == name) return &pivot;
  }
  return nullptr;
}

const Pivot* find_pivot(std::string_view entity, std::string_view name) {
  const std::string wanted = to_lower(entity);
  for (const auto& pivot : kPivots) {
    if ((wanted == pivot.short_entity || wanted == to_lower(pivot.entity)) &&
        (name == pivot.pivot || name == pivot.name)) {
      return &pivot;
    }
  }
  return nullptr;
}

}  // namespace huntbook
