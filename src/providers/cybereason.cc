// Cybereason: visual searches as JSON, over a session that a login opens.
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

constexpr int64_t kUsualResults = 1000;
constexpr int64_t kMaxResults = 100'000;

// {"totalValues": n, "values": [..]} as one value, or an array of several. Times are milliseconds since 1970.
Json simple_value(const std::string& name, const Json& entry) {
  const Json* values = entry.find("values");
  if (!values || values->kind() != Json::Kind::kArray || values->as_array().empty()) return Json();
  Json::Array out;
  for (const auto& value : values->as_array()) {
    const bool time = name.find("Time") != std::string::npos && value.kind() == Json::Kind::kString &&
                      value.as_string().size() >= 12 && value.as_string().size() <= 14 &&
                      value.as_string().find_first_not_of("0123456789") == std::string::npos;
    out.push_back(time ? Json::string(format_datetime(
                             kUnixEpochTicks + std::atoll(value.as_string().c_str()) * kTicksPerMillisecond))
                       : value);
  }
  return out.size() == 1 ? out[0] : Json::array(std::move(out));
}

// One element: its simple values, and the names of the elements that it is tied to.
Json::Object element_row(const std::string& id, const Json& element) {
  Json::Object row{{"guid", Json::string(id)}};
  const Json* simple = element.find("simpleValues");
  if (simple && simple->kind() == Json::Kind::kObject) {
    for (const auto& [name, entry] : simple->as_object()) {
      if (name != "guid" && entry.kind() == Json::Kind::kObject)
        row.emplace_back(name, simple_value(name, entry));
    }
  }
  const Json* elements = element.find("elementValues");
  if (elements && elements->kind() == Json::Kind::kObject) {
    for (const auto& [name, entry] : elements->as_object()) {
      const Json* list = entry.kind() == Json::Kind::kObject ? entry.find("elementValues") : nullptr;
      if (!list || list->kind() != Json::Kind::kArray) continue;
      Json::Array names;
      for (const auto& value : list->as_array()) names.push_back(Json::string(text_of(value, "name")));
      if (!names.empty())
        row.emplace_back(name, names.size() == 1 ? names[0] : Json::array(std::move(names)));
    }
  }
  return row;
}

class CybereasonDriver : public Driver {
 public:
  CybereasonDriver(std::unique_ptr<Service> service, int64_t results, int64_t seconds)
      : service_(std::move(service)), results_(results), seconds_(seconds) {}

  Status connect() override {
    auto reply = service_->send({.url = "/rest/sensors/query/version"});
    if (!reply.ok()) return reply.error();
    if (reply->status == 401 || reply->status == 403) return service_->refusal(*reply);
    return {};
  }
  Result<std::vector<RemoteTable>> schema() override {
    std::vector<RemoteTable> out;
    for (const char* name : {"Connection", "DetectionEvents", "Domain", "File", "LogonSession", "Machine",
                             "MalopProcess", "Process", "Service", "User"})
      out.push_back({name, {}, "a type of elements; columns are the customFields that a query asks for"});
    return out;
  }
  Result<Table> run(const RunRequest& request) override;

 private:
  std::unique_ptr<Service> service_;
  int64_t results_, seconds_;
};

Result<Table> CybereasonDriver::run(const RunRequest& request) {
  auto given = parse_json(request.text);
  if (!given.ok() || given->kind() != Json::Kind::kObject || !given->find("queryPath"))
    return Diagnostic{"HB-R010",
                      "the text is no JSON object with a `queryPath`",
                      {},
                      "{\"queryPath\": [{\"requestedType\": \"Process\", \"filters\": []}], "
                      "\"customFields\": [\"elementDisplayName\"]}",
                      "",
                      ""};
  int64_t limit = results_;
  std::string body = "{";
  for (const auto& [name, value] : given->as_object()) {
    if (name == "totalResultLimit" && value.kind() == Json::Kind::kLong) {
      limit = std::clamp<int64_t>(value.as_long(), 1, kMaxResults);
      continue;
    }
    append_json_string(body, name);
    body += ':' + value.text() + ',';
  }
  if (request.limits.max_rows)
    limit = std::min<int64_t>(limit,
                              static_cast<int64_t>(std::min<uint64_t>(request.limits.max_rows, kMaxResults)));
  const std::pair<const char*, std::string> defaults[] = {
      {"perGroupLimit", fmt::format("{}", limit)},
      {"perFeatureLimit", "100"},
      {"templateContext", "\"SPECIFIC\""},
      {"queryTimeout", fmt::format("{}", seconds_ * 1000)}};
  for (const auto& [name, value] : defaults) {
    if (!given->find(name)) body += fmt::format("\"{}\":{},", name, value);
  }
  body += fmt::format("\"totalResultLimit\":{}}}", limit);

  InferredRows rows({"*Time"});
  std::string status, message;
  int64_t possible = -1;
  bool has_data = false, cut = false;
  JsonStream stream(
      [](const JsonPath& path) {
        return (path.size() == 1 && (path[0] == "status" || path[0] == "message")) ||
               (path.size() == 3 && path[1] == "resultIdToElementDataMap") ||
               (path.size() == 2 && path[0] == "data" && path[1] == "totalPossibleResults");
      },
      [&](const JsonPath& path, std::string_view text) -> Status {
        auto json = parse_json(text);
        if (!json.ok()) return json.error();
        if (path.size() == 1 && json->kind() == Json::Kind::kString)
          (path[0] == "status" ? status : message) = json->as_string();
        if (path.size() == 2 && json->kind() == Json::Kind::kLong) possible = json->as_long();
        if (path.size() != 3 || json->kind() != Json::Kind::kObject) return {};
        has_data = true;
        if (request.limits.reached(0, rows.bytes())) cut = true;
        else rows.append(element_row(path[2], *json));
        return {};
      });
  auto streamed = service_->stream({.method = "POST",
                                    .url = "/rest/visualsearch/query/simple",
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = std::move(body)},
                                   stream);
  if (!streamed.ok()) return streamed.error();
  if (streamed->lost && !has_data) return *streamed->lost;
  if (!streamed->lost && status != "SUCCESS" && status != "PARTIAL_SUCCESS")
    return Diagnostic{"HB-R010",
                      fmt::format("the service refuses the query: {}",
                                  service_->client().quote(message.empty() ? status : message)),
                      {},
                      "",
                      "",
                      ""};
  const uint64_t got = rows.rows();
  Table table = rows.finish({"elementDisplayName"});
  if (streamed->lost) mark_lost(table, streamed->lost->message, got);
  if (status == "PARTIAL_SUCCESS")
    mark(table, Completeness::kPartial,
         "the service says: " + service_->client().quote(message.empty() ? status : message));
  if (cut) mark_cut(table, got);
  else if (possible > static_cast<int64_t>(got))
    mark(table, Completeness::kTruncated,
         fmt::format("the service gave {} of {} elements: raise totalResultLimit (at most {})", got, possible,
                     kMaxResults));
  else if (possible < 0 && got >= static_cast<uint64_t>(limit))
    mark(table, Completeness::kTruncated,
         fmt::format("the service gives no more than {} elements: raise totalResultLimit", limit));
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

// The session's cookie for a name and password.
Result<net::SecretHeader> log_in(Service& service, const std::string& user, const Secret& password) {
  auto reply =
      service.client().send({.method = "POST",
                             .url = service.base() + "/login.html",
                             .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                             .secret_body = net::secret_form({{"username", user}}, "password", password),
                             .max_bytes = 4 << 20,
                             .follow = false});
  if (!reply.ok()) return reply.error();
  const std::string place(reply->header("Location"));
  std::string cookie;
  for (const auto& header : reply->headers) {
    if (to_lower(header.name) == "set-cookie" && header.value.starts_with("JSESSIONID="))
      cookie = header.value.substr(0, header.value.find(';'));
  }
  if (reply->status >= 400 || place.find("error") != std::string::npos || cookie.empty())
    return Diagnostic{"HB-R102", fmt::format("`{}` does not accept the sign-in", service.host()),
                      {},        "check the settings `client_id` and `client_secret`",
                      "",        ""};
  return net::SecretHeader{"Cookie", "", Secret::take(std::move(cookie))};
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  const bool named = arguments.has("url");
  if (!named && !arguments.has("tenant_id"))
    return Diagnostic{"HB-R002", "setting `tenant_id` of provider `Cybereason` is missing",
                      {},        "the first part of TENANT.cybereason.net, or `url`",
                      "",        ""};
  auto service = Service::open(
      named ? arguments.text("url") : fmt::format("https://{}.cybereason.net", arguments.text("tenant_id")),
      named ? "url" : "tenant_id", named, context);
  if (!service.ok()) return service.error();
  auto results = arguments.number("max_results", kUsualResults, 1, kMaxResults);
  if (!results.ok()) return results.error();
  auto seconds = arguments.number("timeout", 120, 1, 3600);
  if (!seconds.ok()) return seconds.error();
  Service* raw = service.value().get();
  raw->name_credential("`client_secret`");
  raw->client().keep_out(arguments.secret("client_secret"));
  raw->log_in_with([raw, user = arguments.text("client_id"), password = arguments.secret("client_secret")] {
    return log_in(*raw, user, password);
  });
  return std::unique_ptr<Driver>(std::make_unique<CybereasonDriver>(std::move(*service), *results, *seconds));
}

}  // namespace

const ProviderKind& cybereason_provider() {
  static const ProviderKind kKind{"Cybereason",
                                  {},
                                  "Cybereason: visual searches over elements and what they are tied to",
                                  {.language = "Cybereason JSON", .threads = 2, .max_rows = kMaxResults},
                                  {{"tenant_id", "the first part of TENANT.cybereason.net", false, false},
                                   {"url", "the server's address, in place of a tenant", false, false},
                                   {"client_id", "the user", true, false},
                                   {"client_secret", "the user's password", true, true},
                                   {"max_results", "elements of one answer; 1000", false, false}},
                                  &make};
  return kKind;
}

}  // namespace huntbook
