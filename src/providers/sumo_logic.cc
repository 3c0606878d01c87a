// Sumo Logic: search jobs, whose answer is messages, or records where the query aggregates.
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
constexpr uint64_t kMaxMessages = 10'000'000;

struct SumoSettings {
  std::string zone = "UTC";
  bool by_receipt = false;
  int64_t seconds = 600;
};

struct JobState {
  uint64_t messages = 0, records = 0;
  std::vector<std::string> problems;
};

class SumoDriver : public Driver {
 public:
  SumoDriver(std::unique_ptr<Service> service, SumoSettings settings)
      : service_(std::move(service)), settings_(std::move(settings)) {}

  Status connect() override {
    auto json = service_->json({.url = "/v1/collectors?limit=1"});
    if (!json.ok()) return json.error();
    return {};
  }
  Result<std::vector<RemoteTable>> schema() override {
    auto json = service_->json({.url = "/v1/partitions?limit=1000"});
    if (!json.ok()) return json.error();
    std::vector<RemoteTable> out;
    const Json* data = json->find("data");
    if (!data || data->kind() != Json::Kind::kArray) return out;
    for (const auto& entry : data->as_array()) out.push_back({text_of(entry, "name"), {}, "partition"});
    return out;
  }
  Result<Table> run(const RunRequest& request) override;

 private:
  Result<JobState> wait_for(const std::string& job, const std::vector<net::SecretHeader>& cookies);
  std::unique_ptr<Service> service_;
  SumoSettings settings_;
};

void read_texts(const Json* list, const net::HttpClient& client, std::vector<std::string>& out) {
  if (!list || list->kind() != Json::Kind::kArray) return;
  for (const auto& text : list->as_array()) {
    if (text.kind() == Json::Kind::kString && out.size() < 20) out.push_back(client.quote(text.as_string()));
  }
}

Result<JobState> SumoDriver::wait_for(const std::string& job, const std::vector<net::SecretHeader>& cookies) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(settings_.seconds);
  for (net::Milliseconds pause{300};; pause = std::min(pause * 2, net::Milliseconds(3000))) {
    auto state = service_->json({.url = job, .secret_headers = cookies});
    if (!state.ok()) return state.error();
    const std::string phase = text_of(*state, "state");
    JobState out;
    const auto count = [&](const char* name) {
      const Json* found = state->find(name);
      return found && found->kind() == Json::Kind::kLong
                 ? static_cast<uint64_t>(std::max<int64_t>(0, found->as_long()))
                 : 0;
    };
    out.messages = count("messageCount");
    out.records = count("recordCount");
    read_texts(state->find("pendingErrors"), service_->client(), out.problems);
    read_texts(state->find("pendingWarnings"), service_->client(), out.problems);
    if (phase == "DONE GATHERING RESULTS") return out;
    if (phase == "CANCELLED" || phase == "FORCE PAUSED")
      return Diagnostic{"HB-R010",
                        fmt::format("the search was stopped by the service{}{}",
                                    out.problems.empty() ? "" : ": ", fmt::join(out.problems, "; ")),
                        {},
                        "",
                        "",
                        ""};
    if (std::chrono::steady_clock::now() > end) return not_done(settings_.seconds);
    if (auto status = service_->client().pause(pause); !status.ok()) return status.error();
  }
}

Result<Table> SumoDriver::run(const RunRequest& request) {
  if (!request.range.start)
    return Diagnostic{
        "HB-R003", "a search of Sumo Logic needs a start", {}, "name it: --start 2024-05-01", "", ""};
  std::string body = "{\"query\":";
  append_json_string(body, request.text);
  const int64_t end = request.range.end.value_or(now_ticks());
  body += fmt::format(
      ",\"from\":\"{}\",\"to\":\"{}\",\"timeZone\":", format_datetime(*request.range.start).substr(0, 19),
      format_datetime(end).substr(0, 19));
  append_json_string(body, settings_.zone);
  body += fmt::format(",\"byReceiptTime\":{}}}", settings_.by_receipt ? "true" : "false");
  auto made = service_->send({.method = "POST",
                              .url = "/v1/search/jobs",
                              .headers = {{"Content-Type", "application/json"}},
                              .body = std::move(body),
                              .repeatable = false});
  if (!made.ok()) return made.error();
  auto created = service_->json(*made);
  if (!created.ok()) return created.error();
  const std::string id = text_of(*created, "id");
  if (id.empty())
    return Diagnostic{
        "HB-R011", "the service began no search job", {}, "is `url` the API of your deployment?", "", ""};
  // The job lives on the machine that these cookies lead to.
  std::string cookie;
  for (const auto& header : made->headers) {
    if (to_lower(header.name) != "set-cookie") continue;
    cookie += (cookie.empty() ? "" : "; ") + header.value.substr(0, header.value.find(';'));
  }
  std::vector<net::SecretHeader> cookies;
  if (!cookie.empty()) cookies.push_back({"Cookie", "", Secret::take(std::move(cookie))});
  const std::string job = "/v1/search/jobs/" + net::percent_encode(id);
  auto state = wait_for(job, cookies);
  if (!state.ok()) return state.error();

  const bool records = state->records > 0;
  const char* const kind = records ? "records" : "messages";
  const uint64_t total = records ? state->records : state->messages;
  InferredRows rows;
  InferredRows::Types types;
  std::vector<std::string> order;
  std::optional<std::string> lost;
  bool cut = false;
  while (rows.rows() < total && !lost && !cut) {
    const uint64_t before = rows.rows();
    JsonStream stream(
        [&](const JsonPath& path) {
          return (path.size() == 1 && path[0] == "fields") ||
                 (path.size() == 3 && path[0] == kind && path[2] == "map");
        },
        [&](const JsonPath& path, std::string_view text) -> Status {
          auto json = parse_json(text);
          if (!json.ok()) return json.error();
          if (path.size() == 1) {
            if (json->kind() != Json::Kind::kArray || !order.empty()) return {};
            for (const auto& field : json->as_array()) {
              const std::string name = text_of(field, "name"), type = text_of(field, "fieldType");
              order.push_back(name);
              // Times are milliseconds since 1970 there.
              if (name == "_messagetime" || name == "_receipttime" || name == "_timeslice")
                types[name] = Type::kDatetime;
              else types[name] = service_type(type).value_or(Type::kString);
            }
            return {};
          }
          if (request.limits.reached(rows.rows(), rows.bytes())) {
            cut = true;
            return {};
          }
          if (json->kind() != Json::Kind::kObject) return {};
          Json::Object row = json->as_object();
          for (auto& [name, value] : row) {
            const auto type = types.find(name);
            if (type == types.end() || type->second != Type::kDatetime || value.kind() != Json::Kind::kString)
              continue;
            const int64_t milliseconds = std::atoll(value.as_string().c_str());
            if (milliseconds > 0 && milliseconds < 253'402'300'800'000)
              value = Json::string(format_datetime(kUnixEpochTicks + milliseconds * kTicksPerMillisecond));
          }
          rows.append(row);
          return {};
        });
    auto page = service_->stream(
        {.url = fmt::format("{}/{}?offset={}&limit={}", job, kind, before, kPage), .secret_headers = cookies},
        stream);
    if (!page.ok()) {
      if (before == 0 || page.error().code == "HB-E130") return page.error();
      lost = page.error().message;
    } else if (page->lost && rows.rows() == before) {
      if (before == 0) return *page->lost;
      lost = page->lost->message;
    } else if (!page->lost && rows.rows() == before) {
      break;
    }
  }
  const uint64_t got = rows.rows();
  (void)service_->send({.method = "DELETE", .url = job, .secret_headers = cookies});
  Table table = rows.finish(order, types);
  mark_job(table, lost, cut, got, total);
  for (const auto& problem : state->problems) {
    const std::string lower = to_lower(problem);
    const bool limit = lower.find("limit") != std::string::npos || lower.find("truncat") != std::string::npos;
    mark(table, limit ? Completeness::kTruncated : Completeness::kPartial, "the service says: " + problem);
  }
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  const bool named = arguments.has("url");
  auto service = Service::open(named ? arguments.text("url") : "https://api.us2.sumologic.com/api", "url",
                               named, context);
  if (!service.ok()) return service.error();
  auto seconds = arguments.number("timeout", 600, 1, 86'400);
  if (!seconds.ok()) return seconds.error();
  SumoSettings settings;
  settings.seconds = *seconds;
  if (arguments.has("time_zone")) settings.zone = arguments.text("time_zone");
  settings.by_receipt = arguments.text("by_receipt_time") == "true";
  service.value()->name_credential("`access_key`");
  service.value()->client().keep_out(arguments.secret("access_key"));
  service.value()->sign_with(basic_header(arguments.text("access_id"), arguments.secret("access_key")));
  return std::unique_ptr<Driver>(std::make_unique<SumoDriver>(std::move(*service), std::move(settings)));
}

}  // namespace

const ProviderKind& sumo_logic_provider() {
  static const ProviderKind kKind{
      "Sumologic",
      {"SumoLogic"},
      "Sumo Logic: search jobs over messages, or records where the query aggregates",
      {.language = "Sumo", .threads = 4, .max_rows = kMaxMessages, .time_pushed = true},
      {{"access_id", "the access id", true, false},
       {"access_key", "its key", true, true},
       {"url", "the API of your deployment; https://api.us2.sumologic.com/api", false, false},
       {"time_zone", "of times in the query; UTC", false, false},
       {"by_receipt_time", "true: by when messages arrived", false, false}},
      &make};
  return kKind;
}

}  // namespace huntbook
