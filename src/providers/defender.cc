// Advanced hunting in Microsoft Defender: through Microsoft Graph, and through Defender for Endpoint's own
// service.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/azure.h"
#include "providers/rows.h"

namespace huntbook {
namespace {

constexpr uint64_t kMaxRows = 100'000;
constexpr uint64_t kMaxBytes = 50ull << 20;

// The tables of advanced hunting; which of them there are depends on what is licensed.
constexpr std::string_view kTables[] = {"AADSignInEventsBeta",
                                        "AlertEvidence",
                                        "AlertInfo",
                                        "BehaviorEntities",
                                        "BehaviorInfo",
                                        "CloudAppEvents",
                                        "CloudAuditEvents",
                                        "DeviceEvents",
                                        "DeviceFileCertificateInfo",
                                        "DeviceFileEvents",
                                        "DeviceImageLoadEvents",
                                        "DeviceInfo",
                                        "DeviceLogonEvents",
                                        "DeviceNetworkEvents",
                                        "DeviceNetworkInfo",
                                        "DeviceProcessEvents",
                                        "DeviceRegistryEvents",
                                        "DeviceTvmSoftwareInventory",
                                        "DeviceTvmSoftwareVulnerabilities",
                                        "EmailAttachmentInfo",
                                        "EmailEvents",
                                        "EmailPostDeliveryEvents",
                                        "EmailUrlInfo",
                                        "IdentityDirectoryEvents",
                                        "IdentityInfo",
                                        "IdentityLogonEvents",
                                        "IdentityQueryEvents",
                                        "UrlClickEvents"};

// A reply {"schema": [{"name", "type"}], "results": [{..}]}, whose names one of the services begins with
// capitals.
class HuntingReply {
 public:
  explicit HuntingReply(const RunLimits& limits)
      : limits_(limits),
        stream_([](const JsonPath& path) { return is(path, "schema", 1) || is(path, "results", 2); },
                [this](const JsonPath& path, std::string_view text) { return take(path, text); }) {}
  JsonStream& stream() { return stream_; }

  Result<Table> finish(const std::optional<Diagnostic>& lost) {
    if (!rows_ && !early_.empty()) {
      if (lost) return *lost;
      return Diagnostic{"HB-R011", "the reply holds rows and no schema", {}, "", "", ""};
    }
    if (!rows_ && lost) return *lost;
    if (!rows_)
      return Diagnostic{
          "HB-R011", "the reply holds no result", {}, "is this the address of the service's API?", "", ""};
    Table table = rows_->finish();
    if (cut_)
      mark(table, Completeness::kTruncated,
           fmt::format("{} further rows are beyond the limit of this run", cut_));
    if (lost) mark_lost(table, lost->message, table.rows());
    return table;
  }

 private:
  static bool is(const JsonPath& path, std::string_view name, size_t depth) {
    return path.size() == depth && to_lower(path[0]) == name;
  }
  Status take(const JsonPath& path, std::string_view text) {
    auto json = parse_json(text);
    if (!json.ok()) return json.error();
    if (path.size() == 2) {
      if (json->kind() != Json::Kind::kObject)
        return Diagnostic{"HB-R011", "a row of the reply is no object", {}, "", "", ""};
      if (rows_) return add(*json);
      if (early_.size() >= kMaxRows)
        return Diagnostic{"HB-R011", "the reply's rows come before their schema", {}, "", "", ""};
      early_.push_back(std::move(*json));
      return {};
    }
    if (json->kind() != Json::Kind::kArray)
      return Diagnostic{"HB-R011", "the reply's schema is not understood", {}, "", "", ""};
    Schema schema;
    for (const auto& column : json->as_array()) {
      std::string name = text_of(column, "name"), type = text_of(column, "type");
      if (name.empty()) name = text_of(column, "Name");
      if (type.empty()) type = text_of(column, "Type");
      if (!name.empty() && !schema.find(name))
        schema.fields.push_back({name, service_type(type).value_or(Type::kString), ""});
    }
    rows_ = std::make_unique<TypedRows>(std::move(schema));
    for (const auto& row : early_) {
      if (auto status = add(row); !status.ok()) return status;
    }
    early_.clear();
    return {};
  }
  Status add(const Json& row) {
    if ((limits_.max_rows && rows_->rows() >= limits_.max_rows) ||
        (limits_.max_bytes && rows_->bytes() >= limits_.max_bytes)) {
      ++cut_;
    } else {
      rows_->append(row.as_object());
    }
    return {};
  }

  RunLimits limits_;
  JsonStream stream_;
  std::unique_ptr<TypedRows> rows_;
  std::vector<Json> early_;
  uint64_t cut_ = 0;
};

class DefenderDriver : public Driver {
 public:
  DefenderDriver(std::unique_ptr<Service> service, bool graph)
      : service_(std::move(service)), graph_(graph) {}

  Status connect() override { return probe(*this); }

  Result<Table> run(const RunRequest& request) override {
    std::string body = "{\"Query\":";
    append_json_string(body, request.text);
    if (graph_ && (request.range.start || request.range.end))
      body += fmt::format(",\"Timespan\":\"{}/{}\"", format_datetime(request.range.start.value_or(0)),
                          format_datetime(request.range.end ? *request.range.end - 1 : now_ticks()));
    body += '}';
    HuntingReply reply(request.limits);
    auto streamed =
        service_->stream({.method = "POST",
                          .url = graph_ ? "/v1.0/security/runHuntingQuery" : "/api/advancedqueries/run",
                          .headers = {{"Content-Type", "application/json"}},
                          .body = std::move(body)},
                         reply.stream());
    if (!streamed.ok()) return streamed.error();
    auto table = reply.finish(streamed->lost);
    if (!table.ok()) return table;
    if (table->rows() >= kMaxRows)
      mark(*table, Completeness::kTruncated,
           fmt::format("the service gives no more than {} rows: ask for less, or split by time", kMaxRows));
    table->provenance = {service_->host(), request.text, now_ticks()};
    return table;
  }

  Result<std::vector<RemoteTable>> schema() override {
    std::vector<RemoteTable> out;
    for (const auto name : kTables) {
      RunRequest request;
      request.text = std::string(name) + " | getschema | project ColumnName, ColumnType";
      auto table = run(request);
      if (!table.ok()) {
        if (table.error().code == "HB-R010") continue;  // not licensed here
        return table.error();
      }
      RemoteTable made;
      made.name = name;
      for (const auto& batch : table->batches) {
        for (size_t row = 0; row < batch->rows && batch->columns.size() == 2; ++row) {
          if (batch->columns[0].type != Type::kString || batch->columns[1].type != Type::kString) continue;
          made.schema.fields.push_back({std::string(batch->columns[0].text_at(row)),
                                        service_type(batch->columns[1].text_at(row)).value_or(Type::kString),
                                        ""});
        }
      }
      out.push_back(std::move(made));
    }
    return out;
  }

 private:
  std::unique_ptr<Service> service_;
  bool graph_;
};

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context,
                                     bool graph) {
  auto cloud = cloud_of(arguments);
  if (!cloud.ok()) return cloud.error();
  const std::string usual((graph ? (*cloud)->graph : (*cloud)->defender));
  if (usual.empty())
    return Diagnostic{
        "HB-R003",
        fmt::format("Defender for Endpoint's own service is not in the cloud `{}`", (*cloud)->name),
        {},
        "use the provider M365D",
        "",
        ""};
  auto service = open_azure(arguments, context, **cloud, "endpoint", usual, "");
  if (!service.ok()) return service.error();
  return std::unique_ptr<Driver>(std::make_unique<DefenderDriver>(std::move(*service), graph));
}

std::vector<ProviderSetting> settings() {
  return with_sign_in_settings(
      {{"endpoint", "the service's address, when it is not the cloud's own", false, false}});
}

}  // namespace

const ProviderKind& defender_graph_provider() {
  static const ProviderKind kKind{
      "M365D",
      {"M365DGraph", "Defender"},
      "Microsoft Defender XDR: advanced hunting through Microsoft Graph",
      {.language = "KQL", .threads = 2, .max_rows = kMaxRows, .max_bytes = kMaxBytes, .time_pushed = true},
      settings(),
      [](const ProviderArguments& a, const DriverContext& c) { return make(a, c, true); }};
  return kKind;
}

const ProviderKind& defender_endpoint_provider() {
  static const ProviderKind kKind{
      "MDE",
      {"MDATP"},
      "Microsoft Defender for Endpoint: advanced hunting through its own service",
      {.language = "KQL", .threads = 2, .max_rows = kMaxRows, .max_bytes = kMaxBytes},
      settings(),
      [](const ProviderArguments& a, const DriverContext& c) { return make(a, c, false); }};
  return kKind;
}

}  // namespace huntbook
