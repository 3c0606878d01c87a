#include "providers/secrets.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"

namespace huntbook {

Diagnostic secret_failure(std::string message, std::string hint) {
  return {"HB-K007", std::move(message), {}, std::move(hint), "", ""};
}

RemoteSecrets::RemoteSecrets(DriverContext context, SignInSettings sign_in, Environment environment)
    : context_(std::move(context)), sign_in_(std::move(sign_in)), environment_(std::move(environment)) {}

Result<Secret> RemoteSecrets::resolve(const SettingValue& reference) {
  const std::string name = reference.shown();
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  const SecretRequest request{reference, context_, sign_in_, environment_};
  auto secret = reference.source == ValueSource::kKeyVault    ? key_vault_secret(request)
                : reference.source == ValueSource::kAwsSecret ? aws_secret(request)
                                                              : hashicorp_vault_secret(request);
  if (!secret.ok()) return secret;
  if (secret->empty()) return secret_failure("the secret is empty");
  known_[name] = *secret;
  return secret;
}

Result<Secret> secret_field(std::string_view json, const std::string& field, const std::string& what) {
  auto parsed = parse_json(json);
  if (!parsed.ok() || parsed->kind() != Json::Kind::kObject)
    return secret_failure(fmt::format("{} is no JSON object, so it has no key `{}`", what, field),
                          "leave `key` out to take it whole");
  const Json* found = parsed->find(field);
  if (!found) {
    std::vector<std::string> names;
    for (const auto& [name, value] : parsed->as_object()) names.push_back(name);
    auto near = nearest_name(field, names);
    return secret_failure(fmt::format("{} has no key `{}`", what, field),
                          near ? "did you mean `" + *near + "`?" : "");
  }
  if (found->kind() != Json::Kind::kString)
    return secret_failure(fmt::format("key `{}` of {} is no text", field, what));
  return Secret(found->as_string());
}

Result<std::unique_ptr<net::HttpClient>> secret_client(const SecretRequest& request, const std::string& url,
                                                       bool named) {
  auto parsed = net::parse_url(url);
  if (!parsed.ok()) return parsed.error();
  auto client = std::make_unique<net::HttpClient>(request.context.client);
  if (auto allowed = client->egress().allow(*parsed, named); !allowed.ok()) return allowed.error();
  client->egress().set_offline(request.context.offline);
  return client;
}

}  // namespace huntbook
