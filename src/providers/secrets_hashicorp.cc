// Secrets of HashiCorp Vault, of both versions of its store of keys and values.
#include <fmt/format.h>

#include "base/json.h"
#include "config/file.h"
#include "providers/secrets.h"

namespace huntbook {
namespace {

Result<Secret> vault_token(const SecretRequest& request) {
  if (auto token = request.variable("VAULT_TOKEN"); !token.empty()) return Secret::take(std::move(token));
  const std::string file = settings_relative("~/.vault-token", "", request.environment);
  auto token = read_secret_file(file);
  if (token.ok()) return token;
  if (token.error().code == "HB-K005")
    return secret_failure(fmt::format("{}: {}", file, token.error().message), token.error().hint);
  return secret_failure("no token for the vault", "vault login, or set VAULT_TOKEN");
}

std::string refusal(const net::HttpClient& client, const net::Response& reply) {
  auto json = parse_json(reply.body);
  const Json* errors = json.ok() ? json->find("errors") : nullptr;
  std::string said;
  if (errors && errors->kind() == Json::Kind::kArray) {
    for (const auto& error : errors->as_array()) {
      if (error.kind() == Json::Kind::kString) said += (said.empty() ? "" : "; ") + error.as_string();
    }
  }
  return said.empty() ? "" : ": " + client.quote(said);
}

}  // namespace

Result<Secret> hashicorp_vault_secret(const SecretRequest& request) {
  std::string address = request.field("address");
  if (address.empty()) address = request.variable("VAULT_ADDR");
  if (address.empty()) return secret_failure("no address of the vault", "set `address`, or VAULT_ADDR");
  while (address.ends_with('/')) address.pop_back();
  std::string path = request.field("path");
  const std::string key = request.field("key");
  while (path.starts_with('/')) path.erase(0, 1);
  if (path.find("..") != std::string::npos || path.find_first_of("?#") != std::string::npos)
    return secret_failure(fmt::format("`{}` is no path of a secret", path), "such as secret/data/prod");
  auto client = secret_client(request, address, true);
  if (!client.ok()) return client.error();
  auto token = vault_token(request);
  if (!token.ok()) return token;
  net::Request get;
  get.url = address + "/v1/" + path;
  get.max_bytes = 1 << 20;
  get.headers = {{"X-Vault-Request", "true"}};
  std::string space = request.field("namespace");
  if (space.empty()) space = request.variable("VAULT_NAMESPACE");
  if (!space.empty()) get.headers.push_back({"X-Vault-Namespace", space});
  get.secret_headers = {{"X-Vault-Token", "", *token}};
  auto reply = (*client)->send(get);
  if (!reply.ok()) return reply.error();
  if (reply->status == 403)
    return secret_failure("the vault refuses" + refusal(**client, *reply),
                          "check the token and its policy: vault login");
  if (reply->status == 404)
    return secret_failure(fmt::format("the vault has nothing at `{}`", path) + refusal(**client, *reply),
                          "the path of a version 2 store holds data: secret/data/prod");
  if (!reply->ok())
    return secret_failure(fmt::format("the vault answered {}", reply->status) + refusal(**client, *reply));
  auto json = parse_json(reply->body);
  wipe(reply->body);
  const Json* data = json.ok() ? json->find("data") : nullptr;
  const Json* inner = data && data->kind() == Json::Kind::kObject ? data->find("data") : nullptr;
  if (inner && inner->kind() == Json::Kind::kObject && data->find("metadata")) data = inner;  // version 2
  if (!data || data->kind() != Json::Kind::kObject)
    return secret_failure("the vault answered without data", "check `address`");
  std::string text = data->text();
  auto secret = secret_field(text, key, fmt::format("`{}`", path));
  wipe(text);
  return secret;
}

}  // namespace huntbook
