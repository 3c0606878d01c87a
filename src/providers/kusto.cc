// Azure Data Explorer and every other Kusto cluster: queries (v2 or v1) and management commands.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/azure.h"
#include "providers/kusto_reply.h"

namespace huntbook {
namespace {

constexpr uint64_t kMaxRows = 500'000;
constexpr uint64_t kMaxBytes = 64ull << 20;

class KustoDriver : public Driver {
 public:
  KustoDriver(std::unique_ptr<Service> service, std::string database, std::string time_column,
              int64_t seconds, bool v1)
      : service_(std::move(service)),
        database_(std::move(database)),
        time_column_(std::move(time_column)),
        seconds_(seconds),
        v1_(v1) {}

  Status connect() override { return probe(*this); }
  Result<Table> run(const RunRequest& request) override;
  Result<std::vector<RemoteTable>> schema() override;

 private:
  std::unique_ptr<Service> service_;
  std::string database_;
  std::string time_column_;
  int64_t seconds_;
  bool v1_;
};

Result<Table> KustoDriver::run(const RunRequest& request) {
  const bool command = trim(request.text).starts_with('.');
  std::string body = "{\"db\":";
  append_json_string(body, request.database.empty() ? database_ : request.database);
  body += ",\"csl\":";
  append_json_string(body, request.text);
  body += fmt::format(
      ",\"properties\":{{\"Options\":{{\"servertimeout\":\"{}\",\"results_progressive_enabled\":false",
      format_timespan(seconds_ * kTicksPerSecond));
  if (!time_column_.empty() && !command) {
    body += ",\"query_datetimescope_column\":";
    append_json_string(body, time_column_);
    if (request.range.start)
      body += fmt::format(",\"query_datetimescope_from\":\"{}\"", format_datetime(*request.range.start));
    if (request.range.end)
      body += fmt::format(",\"query_datetimescope_to\":\"{}\"", format_datetime(*request.range.end - 1));
  }
  body += "}}}";
  KustoReply reply(request.limits, [this](std::string_view text) { return service_->client().quote(text); });
  auto streamed =
      service_->stream({.method = "POST",
                        .url = command ? "/v1/rest/mgmt"
                               : v1_   ? "/v1/rest/query"
                                       : "/v2/rest/query",
                        .headers = {{"Content-Type", "application/json"}, {"x-ms-app", "huntbook"}},
                        .body = std::move(body),
                        .repeatable = !command || trim(request.text).starts_with(".show")},
                       reply.stream());
  if (!streamed.ok()) return streamed.error();
  auto table = reply.finish(streamed->lost);
  if (!table.ok()) return table;
  if (table->rows() == kMaxRows && table->completeness == Completeness::kComplete)
    mark(*table, Completeness::kTruncated,
         fmt::format("the service gives no more than {} rows unless the query says `set notruncation`",
                     kMaxRows));
  table->provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

// `.show database schema as json`: one cell {"Databases": {name: {"Tables": {name: {"OrderedColumns":
// [{"Name", "Type", "CslType"}], "DocString"}}}}}.
Result<std::vector<RemoteTable>> KustoDriver::schema() {
  RunRequest request;
  request.text = ".show database schema as json";
  auto table = run(request);
  if (!table.ok()) return table.error();
  const auto wrong = Diagnostic{"HB-R011", "the schema of the database is not understood", {}, "", "", ""};
  if (table->batches.empty() || table->batches[0]->columns.empty() || table->batches[0]->rows == 0)
    return wrong;
  const Column& cells = table->batches[0]->columns[0];
  if (cells.type != Type::kString && cells.type != Type::kDynamic) return wrong;
  auto json = parse_json(cells.text_at(0));
  const Json* databases = json.ok() ? json->find("Databases") : nullptr;
  if (!databases || databases->kind() != Json::Kind::kObject) return wrong;
  std::vector<RemoteTable> out;
  for (const auto& [name, database] : databases->as_object()) {
    const Json* tables = database.find("Tables");
    if (!tables || tables->kind() != Json::Kind::kObject) continue;
    for (const auto& [table_name, entry] : tables->as_object()) {
      RemoteTable made;
      made.name = table_name;
      made.doc = text_of(entry, "DocString");
      const Json* columns = entry.find("OrderedColumns");
      if (columns && columns->kind() == Json::Kind::kArray) {
        for (const auto& column : columns->as_array()) {
          std::string type = text_of(column, "CslType");
          if (type.empty()) type = text_of(column, "Type");
          const std::string column_name = text_of(column, "Name");
          if (column_name.empty() || made.schema.find(column_name)) continue;
          made.schema.fields.push_back(
              {column_name, service_type(type).value_or(Type::kString), text_of(column, "DocString")});
        }
      }
      out.push_back(std::move(made));
    }
  }
  return out;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto cloud = cloud_of(arguments);
  if (!cloud.ok()) return cloud.error();
  auto seconds = arguments.number("timeout", 240, 1, 3600);
  if (!seconds.ok()) return seconds.error();
  const std::string protocol = arguments.has("protocol") ? arguments.text("protocol") : "v2";
  if (protocol != "v1" && protocol != "v2")
    return Diagnostic{
        "HB-R003", fmt::format("setting `protocol` cannot be `{}`", protocol), {}, "v2 or v1", "", ""};
  std::string cluster = arguments.text("cluster");
  if (cluster.find("://") == std::string::npos)
    cluster = cluster.find('.') == std::string::npos ? fmt::format("https://{}.{}", cluster, (*cloud)->kusto)
                                                     : "https://" + cluster;
  ProviderArguments full = arguments;
  full.set("cluster", cluster);
  DriverContext patient = context;
  patient.client.times.whole =
      std::max(patient.client.times.whole, net::Milliseconds((*seconds + 30) * 1000));
  patient.client.times.stall =
      std::max(patient.client.times.stall, net::Milliseconds((*seconds + 30) * 1000));
  auto service = open_azure(full, patient, **cloud, "cluster", cluster, arguments.text("scope"));
  if (!service.ok()) return service.error();
  return std::unique_ptr<Driver>(
      std::make_unique<KustoDriver>(std::move(*service), arguments.text("database"),
                                    arguments.text("time_column"), *seconds, protocol == "v1"));
}

}  // namespace

const ProviderKind& kusto_provider() {
  static const ProviderKind kKind{
      "Kusto",
      {"AzureDataExplorer", "Kusto_New", "Kusto_Legacy"},
      "Azure Data Explorer and other Kusto clusters: KQL and management commands",
      {.language = "KQL", .threads = 5, .max_rows = kMaxRows, .max_bytes = kMaxBytes},
      with_sign_in_settings({
          {"cluster", "the cluster's address, or its name in the cloud", true, false},
          {"database", "the database that queries run in", true, false},
          {"time_column", "the column that a time range is for, where it shall reach the service", false,
           false},
          {"protocol", "v2, or v1 for services that speak only that", false, false},
          {"scope", "the token's scope, when it is not the cluster's own", false, false},
      }),
      &make};
  return kKind;
}

}  // namespace huntbook
