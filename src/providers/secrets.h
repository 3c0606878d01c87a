// Secrets that stand in a service: Azure Key Vault, AWS Secrets Manager, HashiCorp Vault. One file per
// service.
#pragma once
#include <map>
#include <string>

#include "config/resolve.h"
#include "providers/provider.h"

namespace huntbook {

/// What every service of secrets gets.
struct SecretRequest {
  const SettingValue& reference;
  const DriverContext& context;
  const SignInSettings& sign_in;
  Environment environment;

  std::string field(std::string_view name) const { return std::string(reference.field(name)); }
  std::string variable(const char* name) const { return environment(name).value_or(""); }
};

Result<Secret> key_vault_secret(const SecretRequest& request);
Result<Secret> aws_secret(const SecretRequest& request);
Result<Secret> hashicorp_vault_secret(const SecretRequest& request);

/// Fetches each secret once.
class RemoteSecrets : public SecretResolver {
 public:
  RemoteSecrets(DriverContext context, SignInSettings sign_in, Environment environment);
  Result<Secret> resolve(const SettingValue& reference) override;

 private:
  DriverContext context_;
  SignInSettings sign_in_;
  Environment environment_;
  std::map<std::string, Secret> known_;
};

/// A text field of a JSON secret; `what` names the secret in messages. HB-K007.
Result<Secret> secret_field(std::string_view json, const std::string& field, const std::string& what);
/// A failure of a service of secrets.
Diagnostic secret_failure(std::string message, std::string hint = {});
/// A client that may go to this URL alone. `named`: the user wrote it.
Result<std::unique_ptr<net::HttpClient>> secret_client(const SecretRequest& request, const std::string& url,
                                                       bool named);

}  // namespace huntbook
