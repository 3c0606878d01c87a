#include "kql/runtime/geo_info.h"

#include <memory>
#include <mutex>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

std::mutex lookup_mutex;
std::shared_ptr<const PlaceLookup> lookup_now;

std::shared_ptr<const PlaceLookup> current_lookup() {
  const std::lock_guard lock(lookup_mutex);
  return lookup_now;
}

// Fetched once per call site and thread.
struct CachedLookup {
  explicit CachedLookup(std::string_view) : lookup(current_lookup()) {}
  std::shared_ptr<const PlaceLookup> lookup;
};

void geo_info_from_ip_address(Args args, Value& out, Context& context) {
  const auto& lookup = context.cached<CachedLookup>("").lookup;
  if (!lookup) return;
  if (auto place = (*lookup)(args[0].text)) set_dynamic(out, std::move(*place), context);
}

constexpr BodyEntry kBodies[] = {{"geo_info_from_ip_address", geo_info_from_ip_address}};

}  // namespace

void set_place_lookup(PlaceLookup lookup) {
  auto made = lookup ? std::make_shared<const PlaceLookup>(std::move(lookup)) : nullptr;
  const std::lock_guard lock(lookup_mutex);
  lookup_now = std::move(made);
}

bool has_place_lookup() { return current_lookup() != nullptr; }

std::span<const BodyEntry> geo_info_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
