#include "providers/azure.h"

#include <fmt/format.h>

namespace huntbook {

std::vector<ProviderSetting> with_sign_in_settings(std::vector<ProviderSetting> own) {
  const ProviderSetting common[] = {
      {"tenant_id", "the directory's id or domain", false, false},
      {"client_id", "the application's id", false, false},
      {"client_secret", "the application's secret", false, true},
      {"certificate", "the application's certificate: a PEM or PKCS #12 file, or the text", false, false,
       true},
      {"private_key", "its private key, a PEM file or the text, where it is not in the same file", false,
       true, true},
      {"certificate_password", "the password of the private key", false, true},
      {"certificate_algorithm", "PS256 or, for older services, RS256", false, false},
      {"federated_token_file", "the file of a workload's token", false, false, true},
      {"sign_in",
       "how to sign in, several in turn with commas; without it, the first way that the settings allow",
       false, false},
      {"cloud", "global, us_government or china", false, false},
      {"authority", "where tokens come from, when it is not the cloud's own address", false, false},
  };
  own.insert(own.end(), std::begin(common), std::end(common));
  return own;
}

Result<const Cloud*> cloud_of(const ProviderArguments& arguments) {
  const std::string name = arguments.has("cloud") ? arguments.text("cloud") : "global";
  if (const Cloud* cloud = find_cloud(name)) return cloud;
  return Diagnostic{"HB-R003", fmt::format("setting `cloud` cannot be `{}`", name),
                    {},        "global, us_government or china",
                    "",        ""};
}

Result<std::unique_ptr<Service>> open_azure(const ProviderArguments& arguments, const DriverContext& context,
                                            const Cloud& cloud, const std::string& setting,
                                            const std::string& usual, std::string scope) {
  const bool named = arguments.has(setting);
  auto service = Service::open(named ? arguments.text(setting) : usual, setting, named, context);
  if (!service.ok()) return service;
  auto tokens =
      make_sign_in({arguments, cloud, context.client, context.offline, {}, context.tell, context.store});
  if (!tokens.ok()) return tokens.error();
  const std::string ways = arguments.text("sign_in");
  if (!ways.empty() && ways != "client_secret") service.value()->name_credential("`sign_in`");
  else if (!arguments.has("client_secret")) service.value()->name_credential("`certificate`");
  if (scope.empty()) scope = service.value()->base() + "/.default";
  service.value()->sign_with(std::move(*tokens), std::move(scope));
  return service;
}

}  // namespace huntbook
