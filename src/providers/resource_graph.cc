// Azure Resource Graph: KQL over the resources of subscriptions, page by page.
#include <fmt/format.h>

#include <set>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/azure.h"
#include "providers/rows.h"

namespace huntbook {
namespace {

constexpr int kPage = 1000;
constexpr std::string_view kPath = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";

// What one page said besides its rows.
struct Page {
  std::string skip_token;
  bool truncated = false;
  int64_t total = -1;
};

class ResourceGraphDriver : public Driver {
 public:
  ResourceGraphDriver(std::unique_ptr<Service> service, std::vector<std::string> subscriptions,
                      std::vector<std::string> groups)
      : service_(std::move(service)), subscriptions_(std::move(subscriptions)), groups_(std::move(groups)) {}

  Status connect() override {
    RunRequest probe;
    probe.text = "resources | take 1 | project id";
    auto table = run(probe);
    if (!table.ok()) return table.error();
    return {};
  }

  Result<Table> run(const RunRequest& request) override;

  Result<std::vector<RemoteTable>> schema() override {
    std::vector<RemoteTable> out;
    for (const char* name : {"resources", "resourcecontainers", "securityresources", "advisorresources",
                             "alertsmanagementresources", "authorizationresources", "healthresources",
                             "policyresources", "resourcechanges", "servicehealthresources"})
      out.push_back({name, {}, "resources of one kind; columns are id, name, type, properties ..."});
    return out;
  }

 private:
  std::string body(const RunRequest& request, const std::string& skip_token) const;
  std::unique_ptr<Service> service_;
  std::vector<std::string> subscriptions_, groups_;
};

std::string ResourceGraphDriver::body(const RunRequest& request, const std::string& skip_token) const {
  std::string out = "{\"query\":";
  append_json_string(out, request.text);
  for (const auto& [key, list] :
       {std::pair{"subscriptions", &subscriptions_}, {"managementGroups", &groups_}}) {
    if (list->empty()) continue;
    out += fmt::format(",\"{}\":[", key);
    for (size_t i = 0; i < list->size(); ++i) {
      if (i) out += ',';
      append_json_string(out, (*list)[i]);
    }
    out += ']';
  }
  out += fmt::format(",\"options\":{{\"resultFormat\":\"table\",\"$top\":{}", kPage);
  if (!skip_token.empty()) {
    out += ",\"$skipToken\":";
    append_json_string(out, skip_token);
  }
  return out + "}}";
}

Result<Table> ResourceGraphDriver::run(const RunRequest& request) {
  std::unique_ptr<TypedRows> rows;
  std::optional<std::string> lost;
  std::set<std::string> seen;
  bool cut = false;
  Page page;
  do {
    const std::string token = page.skip_token;
    page = Page{};
    const auto take = [&](const JsonPath& path, std::string_view text) -> Status {
      auto json = parse_json(text);
      if (!json.ok()) return json.error();
      if (path[0] == "$skipToken" && json->kind() == Json::Kind::kString) page.skip_token = json->as_string();
      if (path[0] == "resultTruncated")
        page.truncated = json->kind() == Json::Kind::kBool ? json->as_bool() : text == "\"true\"";
      if (path[0] == "totalRecords" && json->kind() == Json::Kind::kLong) page.total = json->as_long();
      if (path.size() == 2 && !rows) {  // data/columns
        Schema schema;
        if (json->kind() != Json::Kind::kArray)
          return Diagnostic{"HB-R011", "the reply's columns are not understood", {}, "", "", ""};
        for (const auto& column : json->as_array()) {
          const std::string name = text_of(column, "name");
          if (!name.empty() && !schema.find(name))
            schema.fields.push_back(
                {name, service_type(text_of(column, "type")).value_or(Type::kDynamic), ""});
        }
        rows = std::make_unique<TypedRows>(std::move(schema));
      }
      if (path.size() == 3) {  // data/rows/*
        if (!rows || json->kind() != Json::Kind::kArray)
          return Diagnostic{"HB-R011", "the reply's rows come before their columns", {}, "", "", ""};
        if (request.limits.reached(rows->rows(), rows->bytes())) {
          cut = true;
        } else {
          rows->append(json->as_array());
        }
      }
      return {};
    };
    JsonStream stream(
        [](const JsonPath& path) {
          return (path.size() == 1 &&
                  (path[0] == "$skipToken" || path[0] == "resultTruncated" || path[0] == "totalRecords")) ||
                 (path.size() == 2 && path[0] == "data" && path[1] == "columns") ||
                 (path.size() == 3 && path[0] == "data" && path[1] == "rows");
        },
        take);
    auto streamed = service_->stream({.method = "POST",
                                      .url = std::string(kPath),
                                      .headers = {{"Content-Type", "application/json"}},
                                      .body = body(request, token)},
                                     stream);
    if (!streamed.ok()) {
      if (!rows || streamed.error().code == "HB-E130") return streamed.error();
      lost = streamed.error().message;
    } else if (streamed->lost) {
      if (!rows) return *streamed->lost;
      lost = streamed->lost->message;
    } else if (!page.skip_token.empty() && !seen.insert(page.skip_token).second) {
      lost = "the service sends the same page again";
    }
  } while (!lost && !cut && !page.skip_token.empty());
  if (!rows)
    return Diagnostic{
        "HB-R011", "the reply holds no result", {}, "is this the address of the service's API?", "", ""};
  const uint64_t got = rows->rows();
  Table table = rows->finish();
  if (lost) mark_lost(table, *lost, got);
  else if (cut) mark_cut(table, got);
  else if (page.truncated || (page.total >= 0 && got < static_cast<uint64_t>(page.total)))
    mark(table, Completeness::kTruncated,
         fmt::format("the service gave {} of {} rows; it pages only queries that keep the column `id`", got,
                     page.total >= 0 ? std::to_string(page.total) : "more"));
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto cloud = cloud_of(arguments);
  if (!cloud.ok()) return cloud.error();
  auto service = open_azure(arguments, context, **cloud, "endpoint", std::string((*cloud)->management), "");
  if (!service.ok()) return service.error();
  return std::unique_ptr<Driver>(std::make_unique<ResourceGraphDriver>(
      std::move(*service), arguments.list("subscription_id"), arguments.list("management_group")));
}

}  // namespace

const ProviderKind& resource_graph_provider() {
  static const ProviderKind kKind{
      "ResourceGraph",
      {"AzureResourceGraph"},
      "Azure Resource Graph: KQL over the resources of subscriptions",
      {.language = "KQL", .threads = 3},
      with_sign_in_settings(
          {{"subscription_id", "subscriptions, with commas; all that the account sees", false, false},
           {"management_group", "management groups, with commas", false, false},
           {"endpoint", "the service's address, when it is not the cloud's own", false, false}}),
      &make};
  return kKind;
}

}  // namespace huntbook
