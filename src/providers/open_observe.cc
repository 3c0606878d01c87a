// OpenObserve: SQL over streams, page by page.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/provider.h"
#include "providers/rows.h"
#include "providers/service.h"

namespace huntbook {
namespace {

constexpr uint64_t kPage = 10'000;

std::optional<Type> stream_type(std::string_view name) {
  if (name == "Utf8" || name == "LargeUtf8") return Type::kString;
  if (name == "Boolean") return Type::kBool;
  if (name.starts_with("Int") || name.starts_with("UInt")) return Type::kLong;
  if (name.starts_with("Float")) return Type::kReal;
  return std::nullopt;
}

class OpenObserveDriver : public Driver {
 public:
  OpenObserveDriver(std::unique_ptr<Service> service, std::string organization)
      : service_(std::move(service)), organization_(std::move(organization)) {}

  Status connect() override {
    auto json = service_->json({.url = path("/streams?fetchSchema=false&type=logs")});
    if (!json.ok()) return json.error();
    return {};
  }

  Result<std::vector<RemoteTable>> schema() override {
    auto json = service_->json({.url = path("/streams?fetchSchema=true&type=logs")});
    if (!json.ok()) return json.error();
    std::vector<RemoteTable> out;
    const Json* list = json->find("list");
    if (!list || list->kind() != Json::Kind::kArray) return out;
    for (const auto& entry : list->as_array()) {
      RemoteTable table;
      table.name = text_of(entry, "name");
      const Json* fields = entry.find("schema");
      for (size_t i = 0; fields && fields->kind() == Json::Kind::kArray && i < fields->as_array().size();
           ++i) {
        const Json& field = fields->as_array()[i];
        const std::string name = text_of(field, "name");
        const Type type = name == "_timestamp" ? Type::kDatetime
                                               : stream_type(text_of(field, "type")).value_or(Type::kString);
        if (!name.empty() && !table.schema.find(name)) table.schema.fields.push_back({name, type, ""});
      }
      if (!table.name.empty()) out.push_back(std::move(table));
    }
    return out;
  }

  Result<Table> run(const RunRequest& request) override;

 private:
  std::string path(std::string_view what) const {
    return fmt::format("/api/{}{}", net::percent_encode(organization_), what);
  }
  std::unique_ptr<Service> service_;
  std::string organization_;
};

Result<Table> OpenObserveDriver::run(const RunRequest& request) {
  const int64_t start = request.range.start.value_or(kUnixEpochTicks);
  const int64_t end = request.range.end.value_or(now_ticks());
  const auto microseconds = [](int64_t ticks) { return (ticks - kUnixEpochTicks) / kTicksPerMicrosecond; };
  InferredRows rows({"_timestamp"});
  std::optional<std::string> lost;
  std::vector<std::string> problems;
  bool cut = false, partial = false;
  while (!lost && !cut) {
    const uint64_t before = rows.rows();
    std::string body = "{\"query\":{\"sql\":";
    append_json_string(body, request.text);
    body += fmt::format(",\"start_time\":{},\"end_time\":{},\"from\":{},\"size\":{}}}}}", microseconds(start),
                        microseconds(end), before, kPage);
    uint64_t hits = 0;
    JsonStream stream(
        [](const JsonPath& at) {
          return (at.size() == 2 && at[0] == "hits") ||
                 (at.size() == 1 && (at[0] == "function_error" || at[0] == "is_partial"));
        },
        [&](const JsonPath& at, std::string_view text) -> Status {
          auto json = parse_json(text);
          if (!json.ok()) return json.error();
          if (at[0] == "is_partial") partial |= json->as_bool();
          if (at[0] == "function_error") {
            const std::string said = json->kind() == Json::Kind::kString ? json->as_string()
                                     : json->kind() == Json::Kind::kArray && !json->as_array().empty()
                                         ? json->text()
                                         : "";
            if (!said.empty()) problems.push_back(service_->client().quote(said));
          }
          if (at.size() != 2 || json->kind() != Json::Kind::kObject) return {};
          ++hits;
          if (request.limits.reached(rows.rows(), rows.bytes())) {
            cut = true;
            return {};
          }
          Json::Object row = json->as_object();
          for (auto& [name, value] : row) {
            if (name != "_timestamp" || value.kind() != Json::Kind::kLong) continue;
            const int64_t time = value.as_long();  // microseconds
            if (time > 0 && time < 253'402'300'800'000'000)
              value = Json::string(format_datetime(kUnixEpochTicks + time * kTicksPerMicrosecond));
          }
          rows.append(row);
          return {};
        });
    auto page = service_->stream({.method = "POST",
                                  .url = path("/_search?type=logs"),
                                  .headers = {{"Content-Type", "application/json"}},
                                  .body = std::move(body)},
                                 stream);
    if (!page.ok()) {
      if (before == 0 || page.error().code == "HB-E130") return page.error();
      lost = page.error().message;
    } else if (page->lost) {
      if (rows.rows() == 0) return *page->lost;
      if (hits == 0) lost = page->lost->message;  // else the next page begins where this one broke
    } else if (hits < kPage) {
      break;
    }
  }
  const uint64_t got = rows.rows();
  Table table = rows.finish({"_timestamp"});
  if (lost) mark_lost(table, *lost, got);
  if (cut) mark_cut(table, got);
  if (partial) mark(table, Completeness::kPartial, "the service says that a part did not answer");
  for (const auto& problem : problems) mark(table, Completeness::kPartial, "the service says: " + problem);
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto service = Service::open(arguments.text("url"), "url", true, context);
  if (!service.ok()) return service.error();
  if (auto signed_in = sign_with_key(**service, arguments, false); !signed_in.ok()) return signed_in.error();
  return std::unique_ptr<Driver>(std::make_unique<OpenObserveDriver>(
      std::move(*service), arguments.has("organization") ? arguments.text("organization") : "default"));
}

}  // namespace

const ProviderKind& open_observe_provider() {
  static const ProviderKind kKind{
      "OpenObserve",
      {},
      "OpenObserve: SQL over streams of logs",
      {.language = "SQL", .threads = 4, .time_pushed = true},
      {{"url", "the server's address, https://openobserve.example:5080", true, false},
       {"username", "the user's mail address", false, false},
       {"password", "of the user", false, true},
       {"token", "a bearer token, in place of name and password", false, true},
       {"organization", "default", false, false}},
      &make};
  return kKind;
}

}  // namespace huntbook
