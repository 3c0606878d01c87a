#include "scenario/cloud.h"

#include <array>

namespace huntbook::scenario {
namespace {

constexpr std::array<CloudApp, 8> kApps = {
    {{"CloudDesk Portal", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d01", "CloudDesk Graph"},
     {"CloudDesk Mail", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d02", "CloudDesk Exchange"},
     {"CloudDesk Chat", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d03", "CloudDesk Chat Services"},
     {"CloudDesk Files", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d04", "CloudDesk Files"},
     {"Clientbook CRM", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d05", "Clientbook"},
     {"PeoplePath HR", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d06", "PeoplePath"},
     {"Tarnwick VPN", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d07", "Tarnwick VPN"},
     {"CloudDesk Admin Console", "7c1d4c1e-52a1-4d0e-9a43-1f6f0e1b7d08", "CloudDesk Graph"}}};

constexpr std::string_view kTenant = "3b1f0c52-7f0a-4c1d-8a7e-5b1d2f9c6e44";

std::string_view reason_of(int result) {
  switch (result) {
    case 0: return "";
    case 50126: return "Invalid username or password or Invalid on-premise username or password.";
    case 50074: return "User did not pass the MFA challenge (non interactive).";
    case 50053:
      return "Account is locked because user tried to sign in too many times with an incorrect user ID or "
             "password.";
    case 53003: return "Access has been blocked by Conditional Access policies.";
    default: return "Other.";
  }
}

void append_pairs(std::string& out, const std::vector<std::pair<std::string, std::string>>& pairs,
                  std::string_view key, std::string_view value) {
  out += '[';
  bool first = true;
  for (const auto& pair : pairs) {
    if (!first) out += ',';
    first = false;
    JsonMembers(out).text(key, pair.first).text(value, pair.second);
    out += '}';
  }
  out += ']';
}

void append_modified(std::string& out, const AuditTarget& target) {
  out += '[';
  bool first = true;
  for (const auto& [name, value] : target.changes) {
    if (!first) out += ',';
    first = false;
    JsonMembers(out).text("displayName", name).raw("oldValue", "\"[]\"").text("newValue", value);
    out += '}';
  }
  out += ']';
}

}  // namespace

const CloudApp& cloud_app(uint64_t index) { return kApps[index % kApps.size()]; }

std::string sign_in(World& world, Micros t, const SigninSpec& spec) {
  LogLine line(world, LogFile::kSignin, t, 0, spec.user->upn);
  JsonMembers json(line.out);
  std::string correlation = random_guid(world.rng);
  append_iso(json.start("TimeGenerated") += '"', t, 7);
  line.out += '"';
  json.text("TenantId", kTenant)
      .text("SourceSystem", "Azure AD")
      .text("OperationName", "Sign-in activity")
      .text("Category", "SignInLogs");
  json.text("Id", random_guid(world.rng)).text("CorrelationId", correlation);
  json.digits("ResultType", spec.result).text("ResultDescription", reason_of(spec.result));
  json.text("Identity", spec.user->display)
      .text("UserDisplayName", spec.user->display)
      .text("UserPrincipalName", spec.user->upn);
  json.text("UserId", spec.user->object_id)
      .text("UserType", "Member")
      .text("AppDisplayName", spec.app->name)
      .text("AppId", spec.app->id);
  json.text("ResourceDisplayName", spec.app->resource)
      .text("IPAddress", spec.address)
      .text("Location", spec.place.country);
  {
    JsonMembers place(json.start("LocationDetails"));
    place.text("city", spec.place.city)
        .text("state", spec.place.state)
        .text("countryOrRegion", spec.place.country);
    JsonMembers point(place.start("geoCoordinates"));
    point.raw("latitude", spec.place.latitude).raw("longitude", spec.place.longitude);
    line.out += "}}";
  }
  {
    JsonMembers status(json.start("Status"));
    status.number("errorCode", spec.result).text("failureReason", reason_of(spec.result));
    status.text("additionalDetails", spec.result == 0 && spec.multi_factor
                                         ? "MFA requirement satisfied by claim in the token"
                                         : "");
    line.out += '}';
  }
  json.text("ConditionalAccessStatus", spec.result == 53003 ? "failure"
                                       : spec.multi_factor  ? "success"
                                                            : "notApplied");
  json.text("AuthenticationRequirement",
            spec.multi_factor ? "multiFactorAuthentication" : "singleFactorAuthentication");
  {
    std::string& out = json.start("AuthenticationDetails") += '[';
    JsonMembers step(out);
    step.start("authenticationStepDateTime") += '"';
    append_iso(out, t, 7);
    out += '"';
    step.text("authenticationMethod", "Password").boolean("succeeded", spec.result != 50126);
    out += "}]";
  }
  json.text("ClientAppUsed", spec.client).text("UserAgent", spec.agent);
  {
    JsonMembers device(json.start("DeviceDetail"));
    device.text("operatingSystem", spec.system)
        .text("browser", spec.browser)
        .boolean("isCompliant", spec.managed)
        .boolean("isManaged", spec.managed);
    device.text(
        "deviceId",
        spec.managed ? guid_text(mix(hash_text(spec.user->upn), 1), mix(hash_text(spec.user->upn), 2)) : "");
    device.text("trustType", spec.managed ? "Hybrid Azure AD joined" : "");
    line.out += '}';
  }
  json.boolean("IsInteractive", true)
      .text("RiskLevelDuringSignIn", spec.risk)
      .text("RiskState", spec.risk == "none" ? "none" : "atRisk");
  json.text("TokenIssuerType", "AzureAD").text("Type", "SigninLogs");
  return correlation;
}

void cloud_audit(World& world, Micros t, const AuditSpec& spec) {
  LogLine line(world, LogFile::kAuditLogs, t, 0, spec.by ? std::string_view(spec.by->upn) : spec.app);
  JsonMembers json(line.out);
  append_iso(json.start("TimeGenerated") += '"', t, 7);
  line.out += '"';
  json.text("TenantId", kTenant).text("SourceSystem", "Azure AD").text("OperationName", spec.operation);
  json.text("ActivityDisplayName", spec.operation)
      .text("Category", spec.category)
      .text("LoggedByService", spec.service);
  json.text("Id", "Directory_" + random_guid(world.rng)).text("CorrelationId", random_guid(world.rng));
  json.text("Result", "success").text("ResultReason", "").text("AADOperationType", spec.operation_type);
  json.text("Identity", spec.by ? std::string_view(spec.by->display) : spec.app);
  {
    JsonMembers by(json.start("InitiatedBy"));
    JsonMembers who(by.start(spec.by ? "user" : "app"));
    if (spec.by)
      who.text("id", spec.by->object_id)
          .text("displayName", spec.by->display)
          .text("userPrincipalName", spec.by->upn)
          .text("ipAddress", spec.address);
    else
      who.text("displayName", spec.app)
          .text("servicePrincipalId", guid_text(hash_text(spec.app), mix(hash_text(spec.app))));
    line.out += "}}";
  }
  std::string& out = json.start("TargetResources") += '[';
  bool first = true;
  for (const AuditTarget& target : spec.targets) {
    if (!first) out += ',';
    first = false;
    JsonMembers item(out);
    item.text("id", target.id).text("displayName", target.name).text("type", target.type);
    if (!target.upn.empty()) item.text("userPrincipalName", target.upn);
    append_modified(item.start("modifiedProperties"), target);
    out += '}';
  }
  out += ']';
  append_pairs(json.start("AdditionalDetails"), spec.details, "key", "value");
  json.text("Type", "AuditLogs");
}

}  // namespace huntbook::scenario
