// Signing in with the token that the platform gives a workload (Kubernetes, a pipeline) in a file.
#include <fmt/format.h>

#include "base/text.h"
#include "config/file.h"
#include "providers/sign_in/assertion.h"

namespace huntbook {
namespace {

std::string setting_or(const SignInRequest& request, const char* name, const char* variable) {
  return request.arguments.has(name) ? request.arguments.text(name)
                                     : request.variables()(variable).value_or("");
}

bool applies(const ProviderArguments& arguments) { return arguments.has("federated_token_file"); }

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  const std::string file = setting_or(request, "federated_token_file", "AZURE_FEDERATED_TOKEN_FILE");
  ProviderArguments arguments = request.arguments;
  arguments.set("client_id", setting_or(request, "client_id", "AZURE_CLIENT_ID"));
  arguments.set("tenant_id", setting_or(request, "tenant_id", "AZURE_TENANT_ID"));
  if (const std::string host = request.variables()("AZURE_AUTHORITY_HOST").value_or("");
      !host.empty() && !arguments.has("authority"))
    arguments.set("authority", host);
  for (const auto& [name, variable, value] :
       {std::tuple{"federated_token_file", "AZURE_FEDERATED_TOKEN_FILE", file},
        {"client_id", "AZURE_CLIENT_ID", arguments.text("client_id")},
        {"tenant_id", "AZURE_TENANT_ID", arguments.text("tenant_id")}}) {
    if (value.empty())
      return Diagnostic{
          "HB-R002", fmt::format("setting `{}` is missing", name),
          {},        fmt::format("sign-in with a workload's identity needs it, or the variable {}", variable),
          "",        ""};
  }
  SignInRequest whole{arguments,           request.cloud, request.client, request.offline,
                      request.environment, request.tell,  request.store};
  std::string authority;
  auto client = authority_client(whole, authority);
  if (!client.ok()) return client.error();
  return std::unique_ptr<TokenSource>(std::make_unique<AssertionSource>(
      std::move(*client), sign_in_url(whole, authority, "token"), arguments.text("client_id"),
      "federated_token_file", fmt::format("workload identity of application {}", arguments.text("client_id")),
      // The platform renews the file; its rights are the platform's.
      [file](const std::string&) -> Result<Secret> {
        auto content = read_settings_file(file);
        if (!content.ok())
          return Diagnostic{
              "HB-R003", fmt::format("setting `federated_token_file`: {}: {}", file, content.error().message),
              {},        content.error().hint,
              "",        ""};
        Secret token{trim(content->text)};
        wipe(content->text);
        if (token.empty())
          return Diagnostic{
              "HB-R003", fmt::format("setting `federated_token_file`: {} is empty", file), {}, "", "", ""};
        return token;
      }));
}

}  // namespace

const SignInWay kWorkloadIdentitySignIn = {
    "workload_identity", "the token that the platform gives a workload in a file", &applies, &make};

}  // namespace huntbook
