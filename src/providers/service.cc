#include "providers/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/crypto.h"

namespace huntbook {
namespace {

Diagnostic refused(std::string code, std::string message, std::string hint) {
  return {std::move(code), std::move(message), {}, std::move(hint), "", ""};
}

// {"error": {"code", "message"}}, {"error": "x", "message": "y"}, {"code", "message"}, {"messages":
// [{"text"}]}.
ServiceError usual_error(const Json& json) {
  ServiceError out;
  if (json.kind() != Json::Kind::kObject) return out;
  const Json* error = json.find("error");
  const Json* from = error && error->kind() == Json::Kind::kObject ? error : &json;
  // The innermost error says most.
  const Json* inner = from;
  for (int depth = 0; depth < 8; ++depth) {
    const Json* next = inner->find("innererror");
    if (!next || next->kind() != Json::Kind::kObject || text_of(*next, "message").empty()) break;
    inner = next;
  }
  out.code = text_of(*inner, "code");
  out.message = text_of(*inner, "@message");
  if (out.message.empty()) out.message = text_of(*inner, "message");
  if (out.message.empty()) out.message = text_of(*inner, "reason");
  if (out.message.empty() && error && error->kind() == Json::Kind::kString) out.message = error->as_string();
  if (const Json* details = from->find("details"); details && details->kind() == Json::Kind::kArray) {
    for (size_t i = 0; i < details->as_array().size() && i < 5; ++i) {
      const std::string said = text_of(details->as_array()[i], "message");
      if (!said.empty() && out.message.find(said) == std::string::npos)
        out.message += (out.message.empty() ? "" : " ") + said;
    }
  }
  if (inner != from && out.message != text_of(*from, "message") && !text_of(*from, "message").empty())
    out.message = text_of(*from, "message") + ": " + out.message;
  if (const Json* messages = json.find("messages"); messages && messages->kind() == Json::Kind::kArray) {
    for (const auto& message : messages->as_array()) {
      if (message.kind() == Json::Kind::kObject && out.message.empty())
        out.message = text_of(message, "text");
    }
  }
  return out;
}

bool is_json_type(std::string_view type) {
  const std::string lower = to_lower(repair_utf8(type.substr(0, type.find(';'))));
  const std::string_view word = trim(lower);
  return word.empty() || word.ends_with("json") || word == "application/x-ndjson" ||
         word == "text/javascript";
}

}  // namespace

std::string text_of(const Json& object, std::string_view key) {
  if (object.kind() != Json::Kind::kObject) return {};
  const Json* found = object.find(key);
  return found && found->kind() == Json::Kind::kString ? found->as_string() : std::string();
}

net::SecretHeader basic_header(std::string_view user, const Secret& password) {
  std::string pair(user);
  pair.reserve(pair.size() + password.reveal().size() + 1);
  pair += ':';
  pair += password.reveal();
  net::SecretHeader header{"Authorization", "Basic ", Secret::take(base64(pair))};
  wipe(pair);
  return header;
}

Status sign_with_key(Service& service, const ProviderArguments& arguments, bool keys) {
  if (keys && arguments.has("api_key")) {
    service.name_credential("`api_key`");
    service.sign_with(net::SecretHeader{"Authorization", "ApiKey ", arguments.secret("api_key")});
  } else if (arguments.has("token")) {
    service.name_credential("`token`");
    service.sign_with(net::SecretHeader{"Authorization", "Bearer ", arguments.secret("token")});
  } else if (arguments.has("username") && arguments.has("password")) {
    service.name_credential("`password`");
    service.client().keep_out(arguments.secret("password"));
    service.sign_with(basic_header(arguments.text("username"), arguments.secret("password")));
  } else {
    return refused(
        "HB-R002",
        fmt::format("no way to sign in is set up: {}`username` and `password`", keys ? "`api_key`, or " : ""),
        "huntbook config set connections.NAME.password");
  }
  return {};
}

void mark(Table& table, Completeness completeness, std::string reason) {
  if (table.completeness != Completeness::kPartial) table.completeness = completeness;
  if (std::find(table.reasons.begin(), table.reasons.end(), reason) == table.reasons.end())
    table.reasons.push_back(std::move(reason));
}

Status probe(Driver& driver) {
  RunRequest request;
  request.text = "print Connected=1";
  auto table = driver.run(request);
  if (!table.ok()) return table.error();
  return {};
}

void mark_lost(Table& table, const std::string& why, uint64_t got) {
  mark(table, Completeness::kPartial, fmt::format("{}; the {} rows that came before are kept", why, got));
}

void mark_cut(Table& table, uint64_t got) {
  mark(table, Completeness::kTruncated,
       fmt::format("the first {} rows are kept: the limit of this run", got));
}

void mark_job(Table& table, const std::optional<std::string>& lost, bool cut, uint64_t got, uint64_t total) {
  if (lost) mark(table, Completeness::kPartial, fmt::format("{}; {} of {} rows came", *lost, got, total));
  else if (cut)
    mark(table, Completeness::kTruncated,
         fmt::format("{} of {} rows are kept: the limit of this run", got, total));
  else if (got < total)
    mark(table, Completeness::kTruncated, fmt::format("the service gave {} of {} rows", got, total));
}

Diagnostic not_done(int64_t seconds) {
  return refused("HB-W006", fmt::format("the search was not done after {} s", seconds),
                 "ask for less, or set `timeout` higher");
}

Result<std::unique_ptr<Service>> Service::open(const std::string& base, std::string_view setting, bool named,
                                               const DriverContext& context) {
  std::string text = base;
  while (text.ends_with('/')) text.pop_back();
  auto url = net::parse_url(text);
  if (!url.ok())
    return refused("HB-R003", fmt::format("setting `{}`: {}", setting, url.error().message),
                   url.error().hint);
  if (!url->query.empty())
    return refused("HB-R003", fmt::format("setting `{}`: a question mark has no place in it", setting),
                   "https://HOST/PATH");
  auto service = std::unique_ptr<Service>(new Service);
  service->client_ = std::make_unique<net::HttpClient>(context.client);
  if (auto allowed = service->client_->egress().allow(*url, named); !allowed.ok())
    return refused("HB-R003", fmt::format("setting `{}`: {}", setting, allowed.error().message),
                   allowed.error().hint);
  service->client_->egress().set_offline(context.offline);
  service->base_ = url->text();
  while (service->base_.ends_with('/')) service->base_.pop_back();
  service->host_ = url->host;
  return service;
}

void Service::sign_with(std::unique_ptr<TokenSource> tokens, std::string scope) {
  std::shared_ptr<TokenSource> shared = std::move(tokens);
  source_ = [shared, scope = std::move(scope)](bool force_new) -> Result<net::SecretHeader> {
    auto token = shared->token(scope, force_new);
    if (!token.ok()) return token.error();
    return net::SecretHeader{"Authorization", "Bearer ", std::move(*token)};
  };
}

void Service::log_in_with(std::function<Result<net::SecretHeader>()> log_in) {
  source_ = [log_in = std::move(log_in),
             held = std::optional<net::SecretHeader>()](bool force_new) mutable -> Result<net::SecretHeader> {
    if (held && !force_new) return *held;
    auto header = log_in();
    if (header.ok()) held = *header;
    return header;
  };
}

void Service::sign_with(net::SecretHeader header) { headers_.push_back(std::move(header)); }

Result<net::Response> Service::send(net::Request request) {
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
    request.url = base_ + request.url;
  if (std::none_of(request.headers.begin(), request.headers.end(),
                   [](auto& h) { return h.name == "Accept"; }))
    request.headers.push_back({"Accept", "application/json"});
  const auto own = request.secret_headers;
  for (bool renewed = false;; renewed = true) {
    request.secret_headers = own;
    request.secret_headers.insert(request.secret_headers.end(), headers_.begin(), headers_.end());
    if (source_) {
      // Not even a token is fetched for a request that may not be sent.
      auto url = net::parse_url(request.url);
      if (!url.ok()) return url.error();
      if (auto allowed = client_->egress().check(*url); !allowed.ok()) return allowed.error();
      auto header = source_(renewed);
      if (!header.ok()) return header.error();
      request.secret_headers.push_back(std::move(*header));
    }
    auto reply = client_->send(request);
    if (!reply.ok() || reply->status != 401 || !source_ || renewed) return reply;
  }
}

Diagnostic Service::refusal(const net::Response& response) const {
  ServiceError error;
  if (is_json_type(response.header("Content-Type"))) {
    if (auto json = parse_json(response.body); json.ok())
      error = read_error_ ? read_error_(*json) : usual_error(*json);
  }
  std::string said = client_->quote(error.message);
  if (!error.code.empty()) said = client_->quote(error.code) + (said.empty() ? "" : ": " + said);
  const std::string tail = said.empty() ? "" : ": " + said;
  const int status = response.status;
  if (status == 401)
    return refused("HB-R012", fmt::format("`{}` does not accept the sign-in{}", host_, tail),
                   fmt::format("check the setting {}", credential_));
  if (status == 403)
    return refused("HB-R012", fmt::format("`{}` forbids this{}", host_, tail),
                   "the account needs the right to read there; its administrator can give it");
  if (status == 429) {
    const auto asked = net::parse_retry_after(response.header("Retry-After"), time(nullptr));
    return refused("HB-R013", fmt::format("`{}` throttles us{}", host_, tail),
                   asked ? fmt::format("it asks to come back in {} s", asked->count() / 1000)
                         : "ask again later, and for less");
  }
  if (status >= 500)
    return refused("HB-R014",
                   fmt::format("`{}` failed with {} after {} attempt{}{}", host_, status, response.attempts,
                               response.attempts == 1 ? "" : "s", tail),
                   "ask again later");
  if (status == 404)
    return refused(
        "HB-R010",
        fmt::format("`{}` knows no such thing ({}){}", host_, response.url.path.substr(0, 200), tail),
        "check the names in the connection's settings");
  return refused("HB-R010", fmt::format("`{}` refuses the query ({}){}", host_, status, tail), "");
}

Result<Json> Service::json(net::Request request) {
  auto reply = send(std::move(request));
  if (!reply.ok()) return reply.error();
  return json(*reply);
}

Result<Json> Service::json(const net::Response& reply) const {
  if (!reply.ok()) return refusal(reply);
  auto json = parse_json(reply.body);
  if (json.ok()) return json;
  return refused("HB-R011",
                 fmt::format("the reply of `{}` is no JSON (content type `{}`)", host_,
                             client_->quote(reply.header("Content-Type"))),
                 "is this the address of the service's API?");
}

Result<Service::Streamed> Service::stream(net::Request request, JsonStream& stream) {
  bool reader_failed = false, bad_json = false, checked = false;
  request.sink = [&](const net::Response& head, std::string_view piece) -> Status {
    if (!checked) {
      checked = true;
      if (!is_json_type(head.header("Content-Type")))
        return refused("HB-R011",
                       fmt::format("the reply of `{}` is no JSON (content type `{}`)", host_,
                                   client_->quote(head.header("Content-Type"))),
                       "is this the address of the service's API?");
    }
    auto status = stream.push(piece);
    if (status.ok()) return status;
    bad_json = status.error().code.starts_with("HB-J");
    reader_failed = !bad_json;
    return status;
  };
  request.max_bytes = ~0ull;  // the reader bounds its memory
  auto reply = send(std::move(request));
  Streamed out;
  if (!reply.ok()) {
    const std::string& code = reply.error().code;
    if (bad_json) {
      out.lost =
          refused("HB-R011", fmt::format("the reply of `{}` is broken: {}", host_, reply.error().message),
                  "ask again");
    } else if (!reader_failed && checked && (code == "HB-W006" || code == "HB-W007")) {
      out.lost = reply.error();
    } else {
      return reply.error();
    }
    out.response.status = 200;
    return out;
  }
  if (!reply->ok()) return refusal(*reply);
  out.response = std::move(*reply);
  if (auto end = stream.finish(); !end.ok())
    out.lost = refused("HB-R011", fmt::format("the reply of `{}` is broken: {}", host_, end.error().message),
                       "ask again");
  return out;
}

}  // namespace huntbook
