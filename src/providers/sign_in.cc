#include "providers/sign_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook {
namespace {

constexpr int64_t kUnixEpoch = 621'355'968'000'000'000;  // ticks

Diagnostic refused(std::string code, std::string message, std::string hint) {
  return {std::move(code), std::move(message), {}, std::move(hint), "", ""};
}

std::string_view member_text(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  return found && found->kind() == Json::Kind::kString ? std::string_view(found->as_string())
                                                       : std::string_view();
}

// A whole number, written as one or as text.
std::optional<int64_t> member_number(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  if (!found) return std::nullopt;
  if (found->kind() == Json::Kind::kLong) return found->as_long();
  if (found->kind() != Json::Kind::kString) return std::nullopt;
  int64_t value = 0;
  const std::string& text = found->as_string();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::span<const SignInWay> sign_in_ways() {
  static const SignInWay kWays[] = {kClientSecretSignIn, kCertificateSignIn, kWorkloadIdentitySignIn,
                                    kEnvironmentSignIn,  kAzureCliSignIn,    kManagedIdentitySignIn,
                                    kDeviceCodeSignIn};
  return kWays;
}

Result<std::unique_ptr<TokenSource>> make_sign_in(const SignInRequest& request) {
  const auto ways = sign_in_ways();
  std::vector<std::string> names;
  for (const auto& way : ways) names.emplace_back(way.name);
  std::vector<const SignInWay*> wanted;
  for (const auto& name : request.arguments.list("sign_in")) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      auto near = nearest_name(name, names);
      return refused("HB-R101", fmt::format("sign-in `{}` is not known", name),
                     near ? "did you mean `" + *near + "`?" : fmt::format("{}", fmt::join(names, ", ")));
    }
    wanted.push_back(&ways[static_cast<size_t>(found - names.begin())]);
  }
  if (wanted.size() == 1) return wanted[0]->make(request);
  if (!wanted.empty()) return chain_sign_in(wanted, request);
  for (const auto& way : ways) {
    if (way.applies(request.arguments)) return way.make(request);
  }
  return refused("HB-R101", "no way to sign in is set up",
                 "set tenant_id, client_id and client_secret, or name another way with `sign_in`: " +
                     fmt::format("{}", fmt::join(names, ", ")));
}

Result<std::unique_ptr<net::HttpClient>> authority_client(const SignInRequest& request,
                                                          std::string& authority) {
  const bool named = request.arguments.has("authority");
  authority = named ? request.arguments.text("authority") : std::string(request.cloud.login);
  while (authority.ends_with('/')) authority.pop_back();
  auto url = net::parse_url(authority);
  if (!url.ok()) return refused("HB-R003", "setting `authority`: " + url.error().message, url.error().hint);
  auto client = std::make_unique<net::HttpClient>(request.client);
  if (auto allowed = client->egress().allow(*url, named); !allowed.ok())
    return refused("HB-R003", "setting `authority`: " + allowed.error().message, allowed.error().hint);
  client->egress().set_offline(request.offline);
  return client;
}

Secret TokenCache::find(std::string_view scope) const {
  for (const auto& entry : entries_) {
    if (entry.scope == scope && entry.ends - now_ticks() > 5 * kTicksPerMinute) return entry.token;
  }
  return Secret();
}

void TokenCache::keep(std::string_view scope, Secret token, int64_t seconds) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.scope == scope; });
  entries_.push_back({std::string(scope), std::move(token), now_ticks() + seconds * kTicksPerSecond});
}

Diagnostic token_refusal(const net::HttpClient& client, const net::Response& reply,
                         std::string_view setting) {
  auto json = parse_json(reply.body);
  const std::string error(json.ok() ? member_text(*json, "error") : "");
  const std::string description(json.ok() ? member_text(*json, "error_description") : "");
  if (error.empty())
    return refused("HB-R103", fmt::format("signing in: `{}` answered {}", reply.url.host, reply.status),
                   "check the setting `authority` and the network");
  const std::string advice = sign_in_advice(error, description);
  return refused("HB-R102",
                 fmt::format("sign-in refused ({}): {}", client.quote(error),
                             client.quote(description.substr(0, description.find_first_of("\r\n")))),
                 advice.empty() ? fmt::format("check the setting `{}`", setting) : advice);
}

Result<Secret> fetch_token(net::HttpClient& client, net::Request request, std::string_view scope,
                           std::string_view setting, TokenCache& cache, TokenReply* came) {
  auto reply = client.send(request);
  if (!reply.ok()) {
    Diagnostic failure = reply.error();
    failure.message = "signing in: " + failure.message;
    return failure;
  }
  auto json = parse_json(reply->body);
  if (!reply->ok()) {
    if (came && json.ok()) came->error = member_text(*json, "error");
    return token_refusal(client, *reply, setting);
  }
  wipe(reply->body);
  const std::string_view token = json.ok() ? member_text(*json, "access_token") : std::string_view();
  if (token.empty())
    return refused("HB-R103", fmt::format("signing in: `{}` answered without a token", reply->url.host),
                   "check the setting `authority`");
  if (came) came->renewal = Secret(member_text(*json, "refresh_token"));
  Secret secret(token);
  const int64_t now = (now_ticks() - kUnixEpoch) / kTicksPerSecond;
  const auto end = member_number(*json, "expires_on");
  const int64_t seconds = member_number(*json, "expires_in").value_or(end ? *end - now : 3600);
  cache.keep(scope, secret, std::clamp<int64_t>(seconds, 0, 7 * 86'400));
  return secret;
}

Result<Secret> request_token(net::HttpClient& client, const std::string& url, Secret form,
                             std::string_view scope, std::string_view setting, TokenCache& cache) {
  net::Request request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  request.secret_body = std::move(form);
  request.max_bytes = 1 << 20;
  return fetch_token(client, std::move(request), scope, setting, cache);
}

}  // namespace huntbook
