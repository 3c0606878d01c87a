// Splunk: search jobs with paging to the true end, export as one stream, saved searches.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/provider.h"
#include "providers/rows.h"
#include "providers/service.h"

namespace huntbook {
namespace {

constexpr int64_t kPage = 50'000;  // what a search head gives at once, unless it is set up otherwise
constexpr int64_t kMaxResults = 50'000'000;
constexpr net::Milliseconds kLook{500};

struct SplunkSettings {
  std::string owner, app;
  bool exports = false;
  int64_t seconds = 600;
};

// A search as the service takes it: without a command in front the text is searched for.
std::string search_text(std::string_view text) {
  text = trim(text);
  if (text.starts_with('|') || to_lower(text.substr(0, 7)) == "search ") return std::string(text);
  return "search " + std::string(text);
}

class SplunkDriver : public Driver {
 public:
  SplunkDriver(std::unique_ptr<Service> service, SplunkSettings settings)
      : service_(std::move(service)), settings_(std::move(settings)) {}

  Status connect() override {
    auto info = service_->json({.url = "/services/server/info?output_mode=json"});
    if (!info.ok()) return info.error();
    return {};
  }
  Result<Table> run(const RunRequest& request) override {
    return settings_.exports ? run_export(request) : run_job(request);
  }
  Result<std::vector<RemoteTable>> schema() override;
  Result<std::vector<RemoteQuery>> queries() override;

 private:
  std::string space() const {
    if (settings_.owner.empty() && settings_.app.empty()) return "/services";
    return fmt::format("/servicesNS/{}/{}",
                       settings_.owner.empty() ? "-" : net::percent_encode(settings_.owner),
                       settings_.app.empty() ? "-" : net::percent_encode(settings_.app));
  }
  net::Pairs search_form(const RunRequest& request) const;
  Result<Table> run_job(const RunRequest& request);
  Result<Table> run_export(const RunRequest& request);
  Result<Json> wait_for(const std::string& job);

  std::unique_ptr<Service> service_;
  SplunkSettings settings_;
};

net::Pairs SplunkDriver::search_form(const RunRequest& request) const {
  std::string text = search_text(request.text);
  net::Pairs form{{"search", text}, {"output_mode", "json"}};
  // Both ends are half-open there, too.
  if (request.range.start)
    form.emplace_back("earliest_time", format_datetime(*request.range.start).substr(0, 23) + "Z");
  if (request.range.end)
    form.emplace_back("latest_time", format_datetime(*request.range.end).substr(0, 23) + "Z");
  return form;
}

// What the service says about a job besides its rows.
void read_messages(const Json* messages, Service& service, std::vector<std::string>& out) {
  if (!messages || messages->kind() != Json::Kind::kArray) return;
  for (const auto& message : messages->as_array()) {
    const std::string type = text_of(message, "type");
    if (out.size() < 20 && (type == "WARN" || type == "ERROR" || type == "FATAL"))
      out.push_back(service.client().quote(text_of(message, "text")));
  }
}

void mark_messages(Table& table, const std::vector<std::string>& messages) {
  for (const auto& text : messages) {
    const std::string lower = to_lower(text);
    const bool cut = lower.find("truncat") != std::string::npos || lower.find("limit") != std::string::npos ||
                     lower.find("maxresult") != std::string::npos;
    mark(table, cut ? Completeness::kTruncated : Completeness::kPartial, "the service says: " + text);
  }
}

// The job's state when it is done.
Result<Json> SplunkDriver::wait_for(const std::string& job) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(settings_.seconds);
  for (net::Milliseconds pause{100};; pause = std::min(pause * 2, kLook)) {
    auto state = service_->json({.url = job + "?output_mode=json"});
    if (!state.ok()) return state;
    const Json* entries = state->find("entry");
    const Json* content = entries && entries->kind() == Json::Kind::kArray && !entries->as_array().empty()
                              ? entries->as_array()[0].find("content")
                              : nullptr;
    if (!content)
      return Diagnostic{"HB-R011", "the state of the search job is not understood",
                        {},        "is this a Splunk of version 8 or later?",
                        "",        ""};
    const std::string phase = text_of(*content, "dispatchState");
    const Json* failed = content->find("isFailed");
    if (phase == "FAILED" || (failed && failed->as_bool())) {
      std::vector<std::string> said;
      read_messages(content->find("messages"), *service_, said);
      return Diagnostic{
          "HB-R010", fmt::format("the search failed{}{}", said.empty() ? "" : ": ", fmt::join(said, "; ")),
          {},        "",
          "",        ""};
    }
    const Json* done = content->find("isDone");
    if (phase == "DONE" || (done && done->as_bool())) return *content;
    if (std::chrono::steady_clock::now() > end) return not_done(settings_.seconds);
    if (auto status = service_->client().pause(pause); !status.ok()) return status.error();
  }
}

Result<Table> SplunkDriver::run_job(const RunRequest& request) {
  net::Pairs form = search_form(request);
  const uint64_t wanted = request.limits.max_rows;
  form.emplace_back("max_count",
                    fmt::format("{}", wanted ? std::min<uint64_t>(wanted + 1, kMaxResults) : kMaxResults));
  form.emplace_back("auto_cancel", "120");
  auto made = service_->json({.method = "POST",
                              .url = space() + "/search/jobs",
                              .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                              .body = net::form_encode(form),
                              .repeatable = false});
  if (!made.ok()) return made.error();
  const std::string sid = text_of(*made, "sid");
  if (sid.empty())
    return Diagnostic{
        "HB-R011", "the service began no search job", {}, "is this a Splunk of version 8 or later?", "", ""};
  const std::string job = space() + "/search/jobs/" + net::percent_encode(sid);
  auto state = wait_for(job);
  if (!state.ok()) return state.error();
  const Json* counted = state->find("resultCount");
  const uint64_t total = counted && counted->kind() == Json::Kind::kLong
                             ? static_cast<uint64_t>(std::max<int64_t>(0, counted->as_long()))
                             : 0;

  InferredRows rows({"_time"}, true);
  std::vector<std::string> order, said;
  read_messages(state->find("messages"), *service_, said);
  std::optional<std::string> lost;
  bool cut = false;
  while (rows.rows() < total && !cut && !lost) {
    const uint64_t before = rows.rows();
    JsonStream stream(
        [](const JsonPath& path) {
          return path.size() == 2 && (path[0] == "results" || path[0] == "fields" || path[0] == "messages");
        },
        [&](const JsonPath& path, std::string_view text) -> Status {
          auto value = parse_json(text);
          if (!value.ok()) return value.error();
          if (path[0] == "fields") {
            const std::string name =
                value->kind() == Json::Kind::kString ? value->as_string() : text_of(*value, "name");
            if (before == 0 && order.size() < 4096) order.push_back(name);
          } else if (path[0] == "messages") {
            const Json list = Json::array({*value});
            read_messages(&list, *service_, said);
          } else if (value->kind() == Json::Kind::kObject) {
            if (request.limits.reached(rows.rows(), rows.bytes())) {
              cut = true;
            } else {
              rows.append(value->as_object());
            }
          }
          return {};
        });
    auto page = service_->stream(
        {.url = fmt::format("{}/results?output_mode=json&count={}&offset={}", job, kPage, before)}, stream);
    if (!page.ok()) {
      if (before == 0 || page.error().code == "HB-E130") return page.error();
      lost = page.error().message;
    } else if (page->lost) {
      // The page is asked for again from where it broke, as long as that gains something.
      if (rows.rows() == before) lost = page->lost->message;
    } else if (rows.rows() == before && !cut) {
      break;
    }
    if (request.limits.max_rows == 0 && !lost && rows.rows() > static_cast<uint64_t>(kMaxResults)) cut = true;
  }
  const uint64_t got = rows.rows();
  (void)service_->send({.method = "DELETE", .url = job});
  Table table = rows.finish(order);
  mark_job(table, lost, cut, got, total);
  mark_messages(table, said);
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<Table> SplunkDriver::run_export(const RunRequest& request) {
  InferredRows rows({"_time"}, true);
  std::vector<std::string> order, said;
  bool cut = false, ended = false;
  JsonStream stream([](const JsonPath& path) { return path.size() == 1; },
                    [&](const JsonPath& path, std::string_view text) -> Status {
                      auto value = parse_json(text);
                      if (!value.ok()) return value.error();
                      if (path[0] == "lastrow") ended |= value->as_bool();
                      if (path[0] == "messages") read_messages(&*value, *service_, said);
                      if (path[0] != "result" || value->kind() != Json::Kind::kObject) return {};
                      if (request.limits.reached(rows.rows(), rows.bytes())) {
                        cut = true;
                      } else {
                        rows.append(value->as_object());
                      }
                      return {};
                    });
  stream.allow_many();
  net::Pairs form = search_form(request);
  form.emplace_back("preview", "false");
  auto streamed = service_->stream({.method = "POST",
                                    .url = space() + "/search/jobs/export",
                                    .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                    .body = net::form_encode(form)},
                                   stream);
  if (!streamed.ok()) return streamed.error();
  const uint64_t got = rows.rows();
  if (streamed->lost && got == 0) return *streamed->lost;
  Table table = rows.finish(order);
  if (streamed->lost) mark_lost(table, streamed->lost->message, got);
  else if (got > 0 && !ended) mark(table, Completeness::kPartial, "the stream ends before its last row");
  if (cut) mark_cut(table, got);
  mark_messages(table, said);
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<std::vector<RemoteTable>> SplunkDriver::schema() {
  auto json = service_->json({.url = space() + "/data/indexes?output_mode=json&count=0"});
  if (!json.ok()) return json.error();
  std::vector<RemoteTable> out;
  const Json* entries = json->find("entry");
  if (!entries || entries->kind() != Json::Kind::kArray) return out;
  for (const auto& entry : entries->as_array()) {
    const Json* content = entry.find("content");
    const Json* count = content ? content->find("totalEventCount") : nullptr;
    RemoteTable table;
    table.name = text_of(entry, "name");
    table.doc = count ? fmt::format("index of {} events",
                                    count->kind() == Json::Kind::kString ? count->as_string() : count->text())
                      : "index";
    if (!table.name.empty()) out.push_back(std::move(table));
  }
  return out;
}

Result<std::vector<RemoteQuery>> SplunkDriver::queries() {
  auto json = service_->json({.url = space() + "/saved/searches?output_mode=json&count=0"});
  if (!json.ok()) return json.error();
  std::vector<RemoteQuery> out;
  const Json* entries = json->find("entry");
  if (!entries || entries->kind() != Json::Kind::kArray) return out;
  for (const auto& entry : entries->as_array()) {
    const Json* content = entry.find("content");
    if (content)
      out.push_back(
          {text_of(entry, "name"), text_of(*content, "description"), text_of(*content, "search"), {}});
  }
  return out;
}

// A session key for a name and password.
Result<net::SecretHeader> log_in(Service& service, const std::string& user, const Secret& password) {
  auto reply = service.client().send(
      {.method = "POST",
       .url = service.base() + "/services/auth/login",
       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
       .secret_body = net::secret_form({{"username", user}, {"output_mode", "json"}}, "password", password),
       .max_bytes = 1 << 20});
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) {
    Diagnostic refusal = service.refusal(*reply);
    if (reply->status == 400 || reply->status == 401)
      refusal.hint = "check the settings `username` and `password`";
    return refusal;
  }
  auto json = parse_json(reply->body);
  const std::string key = json.ok() ? text_of(*json, "sessionKey") : "";
  if (key.empty())
    return Diagnostic{
        "HB-R103", fmt::format("signing in: `{}` answered without a session key", service.host()),
        {},        "check the setting `host`",
        "",        ""};
  return net::SecretHeader{"Authorization", "Splunk ", Secret(key)};
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto port = arguments.number("port", 8089, 1, 65535);
  if (!port.ok()) return port.error();
  auto seconds = arguments.number("timeout", 600, 1, 86'400);
  if (!seconds.ok()) return seconds.error();
  std::string host = arguments.text("host");
  if (host.find("://") == std::string::npos) host = fmt::format("https://{}:{}", host, *port);
  auto service = Service::open(host, "host", true, context);
  if (!service.ok()) return service.error();
  SplunkSettings settings;
  settings.owner = arguments.text("owner");
  settings.app = arguments.text("app");
  settings.seconds = *seconds;
  const std::string mode = arguments.has("mode") ? arguments.text("mode") : "job";
  if (mode != "job" && mode != "export")
    return Diagnostic{"HB-R003", fmt::format("setting `mode` cannot be `{}`", mode), {}, "job or export", "",
                      ""};
  settings.exports = mode == "export";
  Service* raw = service.value().get();
  if (arguments.has("token")) {
    raw->name_credential("`token`");
    raw->sign_with(net::SecretHeader{"Authorization", "Bearer ", arguments.secret("token")});
  } else if (arguments.has("username") && arguments.has("password")) {
    raw->name_credential("`password`");
    raw->client().keep_out(arguments.secret("password"));
    raw->log_in_with([raw, user = arguments.text("username"), password = arguments.secret("password")] {
      return log_in(*raw, user, password);
    });
  } else {
    return Diagnostic{"HB-R002", "Splunk needs `token`, or `username` and `password`",
                      {},        "huntbook config set connections.NAME.token",
                      "",        ""};
  }
  return std::unique_ptr<Driver>(std::make_unique<SplunkDriver>(std::move(*service), std::move(settings)));
}

}  // namespace

const ProviderKind& splunk_provider() {
  static const ProviderKind kKind{
      "Splunk",
      {},
      "Splunk: SPL as search jobs or as an export, and saved searches",
      {.language = "SPL", .threads = 4, .time_pushed = true},
      {{"host", "the search head: a name, or an address such as https://splunk.example:8089", true, false},
       {"port", "of its management interface; 8089", false, false},
       {"token", "a bearer token", false, true},
       {"username", "with password, in place of a token", false, false},
       {"password", "of the user", false, true},
       {"owner", "whose searches and objects; all", false, false},
       {"app", "of which app; all", false, false},
       {"mode", "job (pages, can be resumed) or export (one stream)", false, false}},
      &make};
  return kKind;
}

}  // namespace huntbook
