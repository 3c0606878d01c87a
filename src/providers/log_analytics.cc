// Log Analytics, where Microsoft Sentinel keeps its logs: queries over one or several workspaces, and its
// search.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/azure.h"
#include "providers/kusto_reply.h"

namespace huntbook {
namespace {

constexpr uint64_t kMaxRows = 500'000;
constexpr uint64_t kMaxBytes = 100ull << 20;

std::string range_text(const TimeRange& range) {
  const int64_t start = range.start.value_or(0);
  // The service takes both ends in: the last tick of a half-open range is the one before its end.
  const int64_t end = range.end ? *range.end - 1 : kMaxDatetimeTicks;
  return format_datetime(start) + "/" + format_datetime(std::max(start, end));
}

class LogAnalyticsDriver : public Driver {
 public:
  LogAnalyticsDriver(std::unique_ptr<Service> service, std::unique_ptr<Service> management,
                     std::vector<std::string> workspaces, std::string resource, int64_t seconds, bool search)
      : service_(std::move(service)),
        management_(std::move(management)),
        workspaces_(std::move(workspaces)),
        resource_(std::move(resource)),
        seconds_(seconds),
        search_(search) {}

  Status connect() override {
    if (search_) return {};  // a search has a price; the first one shows whether it is allowed
    return probe(*this);
  }

  Result<std::vector<RemoteTable>> schema() override;
  Result<Table> run(const RunRequest& request) override;

 private:
  std::string path(std::string_view what) const {
    return fmt::format("/v1/workspaces/{}/{}", net::percent_encode(workspaces_[0]), what);
  }
  std::unique_ptr<Service> service_;
  std::unique_ptr<Service> management_;  // may be null
  std::vector<std::string> workspaces_;
  std::string resource_;  // of the workspace in Azure; may be empty
  int64_t seconds_;
  bool search_;
};

Result<Table> LogAnalyticsDriver::run(const RunRequest& request) {
  std::string body = "{\"query\":";
  append_json_string(body, request.text);
  if (search_) {
    if (!request.range.start || !request.range.end)
      return Diagnostic{"HB-R003", "a search needs a start and an end",
                        {},        "name them: --start 2024-05-01 --end 2024-05-02",
                        "",        ""};
    body += fmt::format(",\"start\":\"{}\",\"end\":\"{}\"", format_datetime(*request.range.start),
                        format_datetime(*request.range.end - 1));
  } else {
    if (request.range.start || request.range.end) {
      body += ",\"timespan\":";
      append_json_string(body, range_text(request.range));
    }
    if (workspaces_.size() > 1) {
      body += ",\"workspaces\":[";
      for (size_t i = 1; i < workspaces_.size(); ++i) {
        if (i > 1) body += ',';
        append_json_string(body, workspaces_[i]);
      }
      body += ']';
    }
  }
  body += '}';
  KustoReply reply(request.limits, [this](std::string_view text) { return service_->client().quote(text); });
  auto streamed =
      service_->stream({.method = "POST",
                        .url = path(search_ ? "search" : "query"),
                        .headers = {{"Content-Type", "application/json"},
                                    {"Prefer", fmt::format("wait={},ai.response-thinning=false", seconds_)}},
                        .body = std::move(body)},
                       reply.stream());
  if (!streamed.ok()) return streamed.error();
  auto table = reply.finish(streamed->lost);
  if (!table.ok()) return table;
  if (table->rows() >= kMaxRows && table->completeness == Completeness::kComplete)
    mark(*table, Completeness::kTruncated,
         fmt::format("the service gives no more than {} rows: ask for less, or split by time", kMaxRows));
  table->provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

// {"value": [{"name", "properties": {"schema": {"name", "columns": [..], "standardColumns": [..]}}}]} of the
// resource manager.
std::vector<RemoteTable> read_managed(const Json& json) {
  std::vector<RemoteTable> out;
  const Json* value = json.find("value");
  if (!value || value->kind() != Json::Kind::kArray) return out;
  for (const auto& entry : value->as_array()) {
    const Json* properties = entry.find("properties");
    const Json* schema = properties ? properties->find("schema") : nullptr;
    if (!schema) continue;
    RemoteTable table;
    table.name = text_of(*schema, "name");
    table.doc = text_of(*schema, "description");
    for (const char* list : {"standardColumns", "columns"}) {
      const Json* columns = schema->find(list);
      if (!columns || columns->kind() != Json::Kind::kArray) continue;
      for (const auto& column : columns->as_array()) {
        const std::string name = text_of(column, "name");
        if (name.empty() || table.schema.find(name)) continue;
        table.schema.fields.push_back({name, service_type(text_of(column, "type")).value_or(Type::kString),
                                       text_of(column, "description")});
      }
    }
    if (!table.name.empty()) out.push_back(std::move(table));
  }
  return out;
}

// {"tables": [{"name", "columns": [{"name", "type"}]}]} of the query service itself.
std::vector<RemoteTable> read_metadata(const Json& json) {
  std::vector<RemoteTable> out;
  const Json* tables = json.find("tables");
  if (!tables || tables->kind() != Json::Kind::kArray) return out;
  for (const auto& entry : tables->as_array()) {
    RemoteTable table;
    table.name = text_of(entry, "name");
    table.doc = text_of(entry, "description");
    const Json* columns = entry.find("columns");
    if (table.name.empty() || !columns || columns->kind() != Json::Kind::kArray) continue;
    for (const auto& column : columns->as_array()) {
      const std::string name = text_of(column, "name");
      if (name.empty() || table.schema.find(name)) continue;
      table.schema.fields.push_back({name, service_type(text_of(column, "type")).value_or(Type::kString),
                                     text_of(column, "description")});
    }
    out.push_back(std::move(table));
  }
  return out;
}

Result<std::vector<RemoteTable>> LogAnalyticsDriver::schema() {
  if (management_ && !resource_.empty()) {
    auto json = management_->json({.url = resource_ + "/tables?api-version=2022-10-01"});
    if (!json.ok()) return json.error();
    return read_managed(*json);
  }
  auto json = service_->json({.url = path("metadata")});
  if (!json.ok()) return json.error();
  return read_metadata(*json);
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context,
                                     bool search) {
  auto cloud = cloud_of(arguments);
  if (!cloud.ok()) return cloud.error();
  auto seconds = arguments.number("timeout", 600, 1, 3600);
  if (!seconds.ok()) return seconds.error();
  const auto workspaces = arguments.list("workspace_id");
  if (workspaces.empty())
    return Diagnostic{"HB-R002", "setting `workspace_id` is missing",
                      {},        "the workspace's id; several with commas",
                      "",        ""};
  if (search && workspaces.size() > 1)
    return Diagnostic{"HB-R003", "a search runs in one workspace", {}, "name one in `workspace_id`", "", ""};
  auto service =
      open_azure(arguments, context, **cloud, "endpoint", std::string((*cloud)->log_analytics), "");
  if (!service.ok()) return service.error();
  std::unique_ptr<Service> management;
  std::string resource;
  if (arguments.has("subscription_id") && arguments.has("resource_group") && arguments.has("workspace")) {
    auto opened =
        open_azure(arguments, context, **cloud, "management_endpoint", std::string((*cloud)->management), "");
    if (!opened.ok()) return opened.error();
    management = std::move(*opened);
    resource = fmt::format(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.OperationalInsights/workspaces/{}",
        net::percent_encode(arguments.text("subscription_id")),
        net::percent_encode(arguments.text("resource_group")),
        net::percent_encode(arguments.text("workspace")));
  }
  return std::unique_ptr<Driver>(std::make_unique<LogAnalyticsDriver>(
      std::move(*service), std::move(management), workspaces, resource, *seconds, search));
}

std::vector<ProviderSetting> settings() {
  return with_sign_in_settings({
      {"workspace_id", "the workspace's id; further ones of the same directory with commas", true, false},
      {"subscription_id", "with resource_group and workspace: the schema comes from Azure's resource manager",
       false, false},
      {"resource_group", "of the workspace", false, false},
      {"workspace", "the workspace's name", false, false},
      {"endpoint", "the query service's address, when it is not the cloud's own", false, false},
      {"management_endpoint", "the resource manager's address, when it is not the cloud's own", false, false},
  });
}

}  // namespace

const ProviderKind& log_analytics_provider() {
  static const ProviderKind kKind{
      "MSSentinel",
      {"AzureSentinel", "LogAnalytics", "MSSentinel_New", "MSSentinel_Legacy"},
      "Microsoft Sentinel and Log Analytics: KQL over one workspace or several",
      {.language = "KQL", .threads = 5, .max_rows = kMaxRows, .max_bytes = kMaxBytes, .time_pushed = true},
      settings(),
      [](const ProviderArguments& a, const DriverContext& c) { return make(a, c, false); }};
  return kKind;
}

const ProviderKind& log_analytics_search_provider() {
  static const ProviderKind kKind{
      "MSSentinelSearch",
      {},
      "Search jobs of Log Analytics over one table, also of the Basic and Auxiliary tiers",
      {.language = "KQL", .threads = 2, .max_rows = kMaxRows, .max_bytes = kMaxBytes, .time_pushed = true},
      settings(),
      [](const ProviderArguments& a, const DriverContext& c) { return make(a, c, true); }};
  return kKind;
}

}  // namespace huntbook
