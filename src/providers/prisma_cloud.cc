// Prisma Cloud: RQL over assets, configurations, events and the network.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/provider.h"
#include "providers/rows.h"
#include "providers/service.h"

namespace huntbook {
namespace {

constexpr size_t kDepth = 2;
constexpr uint64_t kMaxRows = 10'000;

// Where each kind of RQL is asked, and where the rows are in the reply.
struct Place {
  std::string_view kind;  ///< the text's first word
  std::string_view name;  ///< as MSTICPy's queries name it
  std::string_view path;
  uint64_t page;
  std::string_view rows;  ///< "data/items"
  bool has_token;         ///< whether pages follow
};
constexpr Place kPlaces[] = {
    {"asset", "assets", "/search/api/v1/asset", 1000, "value", true},
    {"config", "config_resource", "/search/api/v2/config", 1000, "items", true},
    {"event", "events", "/search/event", 10'000, "data/items", true},
    {"network", "network", "/search", 1000, "data/nodes", false},
};

struct Question {
  std::string rql;
  const Place* place = nullptr;
  std::string range;  // as JSON
  std::string cloud;  // of a network query
};

std::string absolute(int64_t start, int64_t end) {
  const auto milliseconds = [](int64_t ticks) { return (ticks - kUnixEpochTicks) / kTicksPerMillisecond; };
  return fmt::format("{{\"type\":\"absolute\",\"value\":{{\"startTime\":{},\"endTime\":{}}}}}",
                     milliseconds(start), milliseconds(end));
}

std::string any_text(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  if (!found || found->is_null()) return {};
  return found->kind() == Json::Kind::kString ? found->as_string() : found->text();
}

// RQL as it is, or {"querymetadata": {"query_by_user", "endpoint", "unit", "amount" | "start_time",
// "end_time"}}.
Result<Question> read_question(const RunRequest& request) {
  Question out;
  out.rql = std::string(trim(request.text));
  std::string endpoint;
  out.range = "{\"type\":\"relative\",\"value\":{\"unit\":\"hour\",\"amount\":24}}";
  if (out.rql.starts_with('{')) {
    auto json = parse_json(out.rql);
    const Json* meta = json.ok() ? json->find("querymetadata") : nullptr;
    if (!meta || meta->kind() != Json::Kind::kObject)
      return Diagnostic{"HB-R010", "the text is neither RQL nor a JSON object with `querymetadata`",
                        {},        "config from cloud.resource where cloud.type = 'aws'",
                        "",        ""};
    out.rql = any_text(*meta, "query_by_user");
    endpoint = any_text(*meta, "endpoint");
    out.cloud = any_text(*meta, "cloudtype");
    const std::string unit = any_text(*meta, "unit"), amount = any_text(*meta, "amount");
    auto start = parse_datetime(any_text(*meta, "start_time")),
         end = parse_datetime(any_text(*meta, "end_time"));
    if (!start) start = parse_datetime(any_text(*meta, "startTime"));
    if (!end) end = parse_datetime(any_text(*meta, "endTime"));
    if (start && end) {
      out.range = absolute(*start, *end);
    } else if (!unit.empty()) {
      out.range = "{\"type\":\"relative\",\"value\":{\"unit\":";
      append_json_string(out.range, unit);
      out.range += fmt::format(",\"amount\":{}}}}}", std::max(1, std::atoi(amount.c_str())));
    }
  }
  if (request.range.start || request.range.end)
    out.range = absolute(request.range.start.value_or(kUnixEpochTicks),
                         request.range.end ? *request.range.end - 1 : now_ticks());
  const std::string word = to_lower(out.rql.substr(0, out.rql.find(' ')));
  for (const auto& place : kPlaces) {
    if (endpoint == place.name || (endpoint.empty() && word == place.kind)) out.place = &place;
  }
  if (out.rql.empty() || !out.place)
    return Diagnostic{"HB-R010", "the query begins with none of asset, config, event and network",
                      {},        "config from cloud.resource where cloud.type = 'aws'",
                      "",        ""};
  return out;
}

class PrismaDriver : public Driver {
 public:
  explicit PrismaDriver(std::unique_ptr<Service> service) : service_(std::move(service)) {}
  Status connect() override {
    auto json = service_->json({.url = "/cloud/name"});
    if (!json.ok()) return json.error();
    return {};
  }
  Result<std::vector<RemoteTable>> schema() override {
    std::vector<RemoteTable> out;
    for (const auto& place : kPlaces)
      out.push_back({std::string(place.kind), {}, fmt::format("RQL that begins with `{}`", place.kind)});
    return out;
  }
  Result<Table> run(const RunRequest& request) override;

 private:
  std::unique_ptr<Service> service_;
};

Result<Table> PrismaDriver::run(const RunRequest& request) {
  auto question = read_question(request);
  if (!question.ok()) return question.error();
  const Place& place = *question->place;
  InferredRows rows;
  std::optional<std::string> lost;
  std::set<std::string> seen;
  std::string token;
  int64_t total = -1;
  bool cut = false;
  const auto parts = split(place.rows, '/');
  for (size_t pages = 0; !lost && !cut; ++pages) {
    std::string body = "{\"query\":";
    append_json_string(body, question->rql);
    body += fmt::format(",\"limit\":{},\"timeRange\":{}", place.page, question->range);
    if (place.kind == "config") body += ",\"withResourceJson\":true";
    if (!question->cloud.empty()) {
      body += ",\"cloudType\":";
      append_json_string(body, question->cloud);
    }
    if (!token.empty()) {
      body += ",\"nextPageToken\":";
      append_json_string(body, token);
    }
    body += '}';
    token.clear();
    uint64_t came = 0;
    JsonStream stream(
        [&](const JsonPath& path) {
          if (!path.empty() && path.size() <= 2 &&
              (path.back() == "nextPageToken" || path.back() == "totalRows"))
            return true;
          if (path.size() != parts.size() + 1) return false;
          for (size_t i = 0; i < parts.size(); ++i) {
            if (path[i] != parts[i]) return false;
          }
          return true;
        },
        [&](const JsonPath& path, std::string_view text) -> Status {
          auto json = parse_json(text);
          if (!json.ok()) return json.error();
          if (path.back() == "nextPageToken") {
            if (json->kind() == Json::Kind::kString) token = json->as_string();
          } else if (path.back() == "totalRows") {
            if (json->kind() == Json::Kind::kLong) total = json->as_long();
          } else if (json->kind() == Json::Kind::kObject) {
            ++came;
            if (request.limits.reached(rows.rows(), rows.bytes())) {
              cut = true;
            } else {
              rows.append(flatten(json->as_object(), kDepth));
            }
          }
          return {};
        });
    auto page = service_->stream({.method = "POST",
                                  .url = std::string(place.path),
                                  .headers = {{"Content-Type", "application/json"}},
                                  .body = std::move(body)},
                                 stream);
    if (!page.ok()) {
      if (pages == 0 || page.error().code == "HB-E130") return page.error();
      lost = page.error().message;
    } else if (page->lost) {
      if (rows.rows() == 0) return *page->lost;
      lost = page->lost->message;
    } else if (token.empty() || came == 0) {
      break;
    } else if (!seen.insert(token).second) {
      lost = "the service sends the same page again";
    }
  }
  const uint64_t got = rows.rows();
  Table table = rows.finish();
  if (lost) mark_lost(table, *lost, got);
  else if (cut) mark_cut(table, got);
  else if (total > static_cast<int64_t>(got))
    mark(table, Completeness::kTruncated, fmt::format("the service gave {} of {} rows", got, total));
  else if (!place.has_token && got >= place.page)
    mark(table, Completeness::kTruncated, fmt::format("the service gives no more than {} rows", place.page));
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

// A token for an access key.
Result<net::SecretHeader> log_in(Service& service, const std::string& user, const Secret& password) {
  std::string body = "{\"username\":";
  append_json_string(body, user);
  body += ",\"password\":";
  std::string quoted;
  append_json_string(quoted, password.reveal());
  body.reserve(body.size() + quoted.size() + 2);
  body += quoted + "}";
  wipe(quoted);
  auto reply = service.client().send(
      {.method = "POST",
       .url = service.base() + "/login",
       .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
       .secret_body = Secret::take(std::move(body)),
       .max_bytes = 1 << 20});
  if (!reply.ok()) return reply.error();
  auto json = parse_json(reply->body);
  const std::string token = reply->ok() && json.ok() ? text_of(*json, "token") : "";
  if (!token.empty()) return net::SecretHeader{"x-redlock-auth", "", Secret(token)};
  if (!reply->ok() && reply->status != 400 && reply->status != 401) return service.refusal(*reply);
  return Diagnostic{
      "HB-R102", fmt::format("`{}` does not accept the sign-in", service.host()),
      {},        "check the settings `username` (an access key's id) and `password` (its secret)",
      "",        ""};
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  const bool named = arguments.has("url");
  auto service =
      Service::open(named ? arguments.text("url") : "https://api.prismacloud.io", "url", named, context);
  if (!service.ok()) return service.error();
  Service* raw = service.value().get();
  raw->name_credential("`password`");
  raw->client().keep_out(arguments.secret("password"));
  raw->log_in_with([raw, user = arguments.text("username"), password = arguments.secret("password")] {
    return log_in(*raw, user, password);
  });
  return std::unique_ptr<Driver>(std::make_unique<PrismaDriver>(std::move(*service)));
}

}  // namespace

const ProviderKind& prisma_cloud_provider() {
  static const ProviderKind kKind{
      "PrismaCloud",
      {"Prismacloud", "Prisma"},
      "Prisma Cloud: RQL over assets, configurations, events and the network",
      {.language = "RQL", .threads = 2, .max_rows = kMaxRows, .time_pushed = true},
      {{"username", "an access key's id", true, false},
       {"password", "its secret", true, true},
       {"url", "the API of your stack; https://api.prismacloud.io", false, false}},
      &make};
  return kKind;
}

}  // namespace huntbook
