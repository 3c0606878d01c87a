// Secrets of Azure Key Vault, by its REST interface.
#include <fmt/format.h>

#include <algorithm>

#include "providers/azure.h"
#include "providers/secrets.h"
#include "providers/sign_in.h"

namespace huntbook {
namespace {

// Where a person's or a machine's sign-in is found when nothing says how.
constexpr const char* kUsualWays = "environment,workload_identity,azure_cli,managed_identity";

std::string_view vault_suffix(std::string_view cloud) {
  if (cloud == "us_government") return "vault.usgovcloudapi.net";
  if (cloud == "china") return "vault.azure.cn";
  return "vault.azure.net";
}

}  // namespace

Result<Secret> key_vault_secret(const SecretRequest& request) {
  const std::string cloud_name = request.sign_in.cloud.empty() ? "global" : request.sign_in.cloud;
  const std::string vault = request.field("vault");
  const bool named = vault.find("://") != std::string::npos;
  if (!named && !std::all_of(vault.begin(), vault.end(),
                             [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; }))
    return secret_failure(fmt::format("`{}` is no name of a vault", vault),
                          "its name, or https://its-address");
  const std::string_view suffix = vault_suffix(cloud_name);
  ProviderArguments arguments;
  const std::string ways = request.field("sign_in");
  arguments.set("sign_in", !ways.empty() ? ways
                           : request.sign_in.methods.empty()
                               ? std::string(kUsualWays)
                               : fmt::format("{}", fmt::join(request.sign_in.methods, ",")));
  const DriverContext& context = request.context;
  auto service =
      Service::open(named ? vault : fmt::format("https://{}.{}", vault, suffix), "vault", named, context);
  if (!service.ok()) return service.error();
  auto tokens = make_sign_in({arguments, *find_cloud(cloud_name), context.client, context.offline,
                              request.environment, context.tell, context.store});
  if (!tokens.ok()) return tokens.error();
  service.value()->sign_with(std::move(*tokens), fmt::format("https://{}/.default", suffix));
  service.value()->name_credential("`sign_in`");
  std::string path = "/secrets/" + net::percent_encode(request.field("secret"));
  if (const auto version = request.field("version"); !version.empty())
    path += "/" + net::percent_encode(version);
  net::Request get;
  get.url = path + "?api-version=7.4";
  get.max_bytes = 1 << 20;
  auto json = service.value()->json(std::move(get));
  if (!json.ok()) return json.error();
  const Json* value = json->find("value");
  if (!value || value->kind() != Json::Kind::kString)
    return secret_failure(fmt::format("`{}` answered without a value", service.value()->host()));
  return Secret(value->as_string());
}

}  // namespace huntbook
