// What the directory in the cloud records of ordinary days.
#include <array>

#include "scenario/benign.h"
#include "scenario/cloud.h"
#include "scenario/desk.h"
#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

constexpr std::string_view kOfficeAddress = "192.0.2.10";
constexpr std::string_view kAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Browserly/121.4";

Place place_of(std::string_view city_name) {
  for (const City& city : cities())
    if (city.name == city_name)
      return Place{city.name, city.state, city.country, city.latitude, city.longitude};
  return Place{};
}

void user_sign_in(World& world, Micros t) {
  const User& user = somebody_working(world, t);
  bool home = user.remote_worker && mix(user.taste, static_cast<uint64_t>(day_index(t)) + 40) % 2 == 0;
  bool phone = world.rng.chance(120);
  SigninSpec spec{.user = &user,
                  .address = home ? std::string_view(user.home_address) : kOfficeAddress,
                  .place = place_of(home ? user.city : "Bristol"),
                  .app = &cloud_app(world.rng.below(6) == 0 ? world.rng.below(7)
                                                            : mix(user.taste, world.rng.below(3)) % 7),
                  .multi_factor = home || phone || world.rng.chance(500),
                  .agent = phone ? "Mozilla/5.0 (Linux; Android 14) Browserly/121.4 Mobile" : kAgent,
                  .managed = !phone};
  if (phone) {
    spec.system = "Android 14";
    spec.client = "Mobile Apps and Desktop clients";
  }
  if (world.rng.chance(45)) {
    SigninSpec failed = spec;
    failed.result = world.rng.chance(800) ? 50126 : world.rng.chance(500) ? 50074 : 50053;
    sign_in(world, t, failed);
    t += world.rng.between(5, 30) * kSecond;
  }
  sign_in(world, t, spec);
}

void admin_sign_in(World& world, Micros t) {
  const User& admin = world.rng.pick(world.company.admins);
  sign_in(world, t,
          SigninSpec{.user = &admin,
                     .address = kOfficeAddress,
                     .place = place_of("Bristol"),
                     .app = &cloud_app(7),
                     .agent = kAgent});
}

void directory_change(World& world, Micros t) {
  const User& admin = world.rng.pick(world.company.admins);
  const User& user = world.rng.pick(world.company.users);
  AuditTarget target{
      .type = "User", .name = user.display, .id = user.object_id, .upn = user.upn, .changes = {}};
  AuditSpec spec{.operation = "Update user",
                 .category = "UserManagement",
                 .by = &admin,
                 .address = kOfficeAddress,
                 .targets = {},
                 .details = {}};
  uint64_t kind = world.rng.below(100);
  if (kind < 35) {
    target.changes = {{"Department", "[\"" + user.department + "\"]"}};
  } else if (kind < 55) {
    spec.operation = "Reset user password";
    spec.operation_type = "Update";
  } else if (kind < 75) {
    spec.operation = "Add member to group";
    spec.category = "GroupManagement";
    spec.operation_type = "Assign";
    target.changes = {{"Group.DisplayName", "\"All " + user.department + "\""}};
  } else if (kind < 93) {
    spec.operation = "Update device";
    spec.category = "Device";
    spec.by = nullptr;
    spec.app = "Device Registration Service";
    target.type = "Device";
    target.name = world.host(user.workstation).name;
    target.upn.clear();
  } else if (kind < 97) {
    spec.operation = "Consent to application";
    spec.category = "ApplicationManagement";
    spec.operation_type = "Assign";
    target = AuditTarget{.type = "ServicePrincipal",
                         .name = "Clientbook CRM",
                         .id = std::string(cloud_app(4).id),
                         .upn = "",
                         .changes = {{"ConsentAction.Permissions", "[Scope: User.Read]"}}};
  } else {
    spec.operation = "Add service principal credentials";
    spec.category = "ApplicationManagement";
    target = AuditTarget{
        .type = "ServicePrincipal",
        .name = "Assetry Connector",
        .id = "5e2b9a41-77f0-4d0c-8f0a-0d5c6d1a9b10",
        .upn = "",
        .changes = {{"KeyDescription", "[KeyType=AsymmetricX509Cert,KeyUsage=Verify,DisplayName=yearly]"}}};
  }
  spec.targets.push_back(std::move(target));
  cloud_audit(world, t, spec);
}

constexpr std::array<Activity, 3> kActivities = {
    {{"sign-in", 4'500, Rhythm::kOffice, user_sign_in},
     {"admin sign-in", 120, Rhythm::kOffice, admin_sign_in},
     {"directory change", 420, Rhythm::kOffice, directory_change}}};

}  // namespace

std::span<const Activity> cloud_activities() { return kActivities; }

}  // namespace huntbook::scenario
