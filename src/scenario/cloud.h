// Cloud identity logs, as a directory service exports them: sign-ins and directory audit.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/world.h"

namespace huntbook::scenario {

struct CloudApp {
  std::string_view name, id, resource;
};
/// The company's cloud applications; the index wraps.
const CloudApp& cloud_app(uint64_t index);

struct Place {
  std::string_view city, state, country, latitude, longitude;
};

struct SigninSpec {
  const User* user = nullptr;
  std::string_view address;
  Place place;
  const CloudApp* app = nullptr;
  int result = 0;  ///< 0, 50126 (wrong password), 50074 (second factor needed), 53003 (blocked) ...
  bool multi_factor = true;
  std::string_view agent, system = "Windows10", browser = "Browserly 121.4.0", client = "Browser";
  std::string_view risk = "none";
  bool managed = true;
};
/// Gives the sign-in's correlation id.
std::string sign_in(World& world, Micros t, const SigninSpec& spec);

struct AuditTarget {
  std::string type, name, id, upn;
  std::vector<std::pair<std::string, std::string>> changes;  ///< property and new value
};
struct AuditSpec {
  std::string_view operation, category;
  std::string_view operation_type = "Update";
  std::string_view service = "Core Directory";
  const User* by = nullptr;  ///< nullptr: the application `app`
  std::string_view app, address;
  std::vector<AuditTarget> targets;
  std::vector<std::pair<std::string, std::string>> details;
};
void cloud_audit(World& world, Micros t, const AuditSpec& spec);

}  // namespace huntbook::scenario
