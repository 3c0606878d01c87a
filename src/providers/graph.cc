// Microsoft Graph: OData collections such as /security/alerts_v2, followed page by page.
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "base/time.h"
#include "providers/azure.h"
#include "providers/rows.h"

namespace huntbook {
namespace {

constexpr size_t kDepth = 3;  // of objects that become columns

// What users write in a query string and a URL may not hold, encoded; the rest stays.
std::string encode_blanks(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '#')
      out += fmt::format("%{:02X}", c);
    else out += static_cast<char>(c);
  }
  return out;
}

class GraphDriver : public Driver {
 public:
  GraphDriver(std::unique_ptr<Service> service, std::string version)
      : service_(std::move(service)), version_(std::move(version)) {}

  Status connect() override {
    auto json = service_->json({.url = "/" + version_ + "/security/alerts_v2?$top=1"});
    if (!json.ok()) return json.error();
    return {};
  }

  Result<Table> run(const RunRequest& request) override {
    std::string path = encode_blanks(trim(request.text));
    if (!path.starts_with('/')) path.insert(0, "/");
    std::string next = service_->base() + "/" + version_ + path;
    InferredRows rows({"*DateTime"});
    std::optional<std::string> lost;
    std::set<std::string> seen;
    bool cut = false, single = true;
    for (size_t pages = 0; !next.empty() && !cut && !lost; ++pages) {
      if (!seen.insert(next).second) {
        lost = "the service sends the same page again";
        break;
      }
      std::string link;
      bool has_value = false;
      JsonStream stream(
          [](const JsonPath& at) {
            return (at.size() == 2 && at[0] == "value") || (at.size() == 1 && at[0] != "value");
          },
          [&](const JsonPath& at, std::string_view text) -> Status {
            auto json = parse_json(text);
            if (!json.ok()) return json.error();
            if (at[0] == "@odata.nextLink" && json->kind() == Json::Kind::kString) link = json->as_string();
            if (at.size() == 1) {
              if (!at[0].starts_with('@') && lone_.size() < 1000) lone_.emplace_back(at[0], std::move(*json));
              return {};
            }
            has_value = true;
            if (request.limits.reached(rows.rows(), rows.bytes())) {
              cut = true;
            } else if (json->kind() == Json::Kind::kObject) {
              rows.append(flatten(json->as_object(), kDepth));
            } else {
              rows.append({{"value", std::move(*json)}});
            }
            return {};
          });
      lone_.clear();
      auto page = service_->stream({.url = next}, stream);
      single &= !has_value;
      if (!page.ok()) {
        if (pages == 0 || page.error().code == "HB-E130") return page.error();
        lost = page.error().message;
      } else if (page->lost) {
        if (rows.rows() == 0) return *page->lost;
        lost = page->lost->message;
      }
      next = std::move(link);
    }
    // An object that is no collection is one row.
    if (single && rows.rows() == 0 && !lost && !lone_.empty()) rows.append(flatten(lone_, kDepth));
    const uint64_t got = rows.rows();
    Table table = rows.finish({"id"});
    if (lost) mark_lost(table, *lost, got);
    if (cut) mark_cut(table, got);
    table.provenance = {service_->host(), request.text, now_ticks()};
    return table;
  }

  // The collections of security; their columns are known when rows come.
  Result<std::vector<RemoteTable>> schema() override {
    return std::vector<RemoteTable>{{"/security/alerts_v2", {}, "alerts"},
                                    {"/security/incidents", {}, "incidents"},
                                    {"/auditLogs/signIns", {}, "sign-ins"},
                                    {"/auditLogs/directoryAudits", {}, "changes of the directory"},
                                    {"/identityProtection/riskDetections", {}, "detections of risk"},
                                    {"/identityProtection/riskyUsers", {}, "users at risk"}};
  }

 private:
  std::unique_ptr<Service> service_;
  std::string version_;
  Json::Object lone_;
};

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto cloud = cloud_of(arguments);
  if (!cloud.ok()) return cloud.error();
  const std::string version = arguments.has("version") ? arguments.text("version") : "v1.0";
  if (version != "v1.0" && version != "beta")
    return Diagnostic{
        "HB-R003", fmt::format("setting `version` cannot be `{}`", version), {}, "v1.0 or beta", "", ""};
  auto service = open_azure(arguments, context, **cloud, "endpoint", std::string((*cloud)->graph), "");
  if (!service.ok()) return service.error();
  return std::unique_ptr<Driver>(std::make_unique<GraphDriver>(std::move(*service), version));
}

}  // namespace

const ProviderKind& graph_provider() {
  static const ProviderKind kKind{
      "MSGraph",
      {"SecurityGraph", "MicrosoftGraph"},
      "Microsoft Graph: alerts, incidents, sign-ins and any other collection, as OData paths",
      {.language = "OData", .threads = 4},
      with_sign_in_settings(
          {{"endpoint", "the service's address, when it is not the cloud's own", false, false},
           {"version", "v1.0 or beta", false, false}}),
      &make};
  return kKind;
}

}  // namespace huntbook
