#include "providers/sign_in.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook {
namespace {

Diagnostic refused(std::string code, std::string message, std::string hint) {
  return {std::move(code), std::move(message), {}, std::move(hint), "", ""};
}

std::string_view member_text(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  return found && found->kind() == Json::Kind::kString ? std::string_view(found->as_string())
                                                       : std::string_view();
}

// The setting that a refusal is about, by the service's number of the error.
std::string blamed_setting(std::string_view error, std::string_view description, std::string_view setting) {
  const auto says = [&](std::string_view number) {
    return description.find(number) != std::string_view::npos;
  };
  if (says("AADSTS700016") || says("AADSTS7000216") || says("AADSTS90013")) return "client_id";
  if (says("AADSTS90002") || says("AADSTS900023") || says("AADSTS50020")) return "tenant_id";
  if (error == "invalid_scope" || says("AADSTS500011")) return "cloud";
  return std::string(setting);
}

}  // namespace

std::span<const SignInWay> sign_in_ways() {
  static const SignInWay kWays[] = {kClientSecretSignIn};
  return kWays;
}

Result<std::unique_ptr<TokenSource>> make_sign_in(const SignInRequest& request) {
  const auto wanted = request.arguments.list("sign_in");
  std::vector<std::string> names;
  for (const auto& way : sign_in_ways()) {
    names.emplace_back(way.name);
    if (wanted.empty() && way.applies(request.arguments)) return way.make(request);
  }
  // Of several that are named the first that has what it needs; one alone says itself what is missing.
  for (const auto& name : wanted) {
    const auto way =
        std::find_if(sign_in_ways().begin(), sign_in_ways().end(), [&](auto& w) { return w.name == name; });
    if (way == sign_in_ways().end())
      return refused("HB-R101", fmt::format("sign-in `{}` is not known", name),
                     fmt::format("{}", fmt::join(names, ", ")));
    if (wanted.size() == 1 || way->applies(request.arguments)) return way->make(request);
  }
  return refused("HB-R101", "no way to sign in is set up",
                 "set tenant_id, client_id and client_secret, or name another way with `sign_in`");
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

Result<Secret> request_token(net::HttpClient& client, const std::string& url, Secret form,
                             std::string_view scope, std::string_view setting, TokenCache& cache) {
  auto reply = client.send(
      {.method = "POST",
       .url = url,
       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
       .secret_body = std::move(form),
       .max_bytes = 1 << 20});
  if (!reply.ok()) {
    Diagnostic failure = reply.error();
    failure.message = "signing in: " + failure.message;
    return failure;
  }
  auto json = parse_json(reply->body);
  if (!reply->ok()) {
    const std::string error(json.ok() ? member_text(*json, "error") : "");
    const std::string description(json.ok() ? member_text(*json, "error_description") : "");
    if (error.empty())
      return refused("HB-R103", fmt::format("signing in: `{}` answered {}", reply->url.host, reply->status),
                     "check the setting `authority` and the network");
    const std::string blamed = blamed_setting(error, description, setting);
    return refused("HB-R102",
                   fmt::format("sign-in refused ({}): {}", client.quote(error),
                               client.quote(description.substr(0, description.find_first_of("\r\n")))),
                   fmt::format("check the setting `{}`", blamed));
  }
  const std::string_view token = json.ok() ? member_text(*json, "access_token") : std::string_view();
  const Json* ends = json.ok() ? json->find("expires_in") : nullptr;
  wipe(reply->body);
  if (token.empty())
    return refused("HB-R103", fmt::format("signing in: `{}` answered without a token", reply->url.host),
                   "check the setting `authority`");
  int64_t seconds = 3600;
  if (ends && ends->kind() == Json::Kind::kLong) seconds = ends->as_long();
  else if (ends && ends->kind() == Json::Kind::kString) seconds = std::atoll(ends->as_string().c_str());
  Secret secret(token);
  cache.keep(scope, secret, seconds);
  return secret;
}

}  // namespace huntbook
