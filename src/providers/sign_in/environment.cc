// Signing in as the variables AZURE_TENANT_ID, AZURE_CLIENT_ID and so on say.
#include <fmt/format.h>

#include "providers/sign_in.h"

namespace huntbook {
namespace {

bool applies(const ProviderArguments&) { return false; }  // only when it is named

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  const auto variable = [&](const char* name) { return request.variables()(name).value_or(""); };
  ProviderArguments arguments = request.arguments;
  for (const auto& [setting, name] :
       {std::pair{"tenant_id", "AZURE_TENANT_ID"}, {"client_id", "AZURE_CLIENT_ID"}}) {
    if (const std::string value = variable(name); !value.empty()) arguments.set(setting, value);
    if (!arguments.has(setting))
      return Diagnostic{"HB-R002", fmt::format("the environment variable `{}` is not set", name),
                        {},        "sign-in as the environment says needs it",
                        "",        ""};
  }
  if (const std::string host = variable("AZURE_AUTHORITY_HOST"); !host.empty() && !arguments.has("authority"))
    arguments.set("authority", host);
  const SignInRequest whole{arguments,           request.cloud, request.client, request.offline,
                            request.environment, request.tell,  request.store};
  if (auto secret = variable("AZURE_CLIENT_SECRET"); !secret.empty()) {
    arguments.set("client_secret", Secret::take(std::move(secret)));
    return kClientSecretSignIn.make(whole);
  }
  if (const auto path = variable("AZURE_CLIENT_CERTIFICATE_PATH"); !path.empty()) {
    arguments.set("certificate", path);
    if (auto word = variable("AZURE_CLIENT_CERTIFICATE_PASSWORD"); !word.empty())
      arguments.set("certificate_password", Secret::take(std::move(word)));
    return kCertificateSignIn.make(whole);
  }
  if (!variable("AZURE_FEDERATED_TOKEN_FILE").empty()) return kWorkloadIdentitySignIn.make(whole);
  return Diagnostic{
      "HB-R002", "the environment names no secret, certificate or federated token",
      {},        "set AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE",
      "",        ""};
}

}  // namespace

const SignInWay kEnvironmentSignIn = {"environment", "as AZURE_CLIENT_ID and its like say", &applies, &make};

}  // namespace huntbook
