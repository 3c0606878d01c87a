// The connections of a session. Private to src/session.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "config/settings.h"
#include "huntbook/session.h"
#include "providers/provider.h"
#include "providers/secrets.h"
#include "providers/token_store.h"

namespace huntbook {

/// One named connection with its driver.
struct Remote {
  std::string name;
  const ProviderKind* kind = nullptr;
  std::unique_ptr<Driver> driver;
};

/// Makes drivers of settings and keeps them; fetches secrets from services.
class Remotes : private SecretResolver {
 public:
  Remotes(const Settings& settings, const SessionOptions& options);

  /// The connection of the settings with this name, or one that was opened under it before; or of the kind of
  /// provider with this name. Nothing is sent yet. HB-K004, HB-K006, HB-K007, HB-R001, HB-R002, HB-R003.
  Result<Remote*> find(const std::string& name);
  /// Opens a connection anew, with further settings that count more than those of the files. A value may be a
  /// reference, written as in the settings: `{env: NAME}`.
  Result<Remote*> open(const std::string& name, const Arguments& arguments);
  /// How a connection of the settings is: "ready", or what is missing.
  std::string readiness(const Connection& connection) const;
  /// An answer, with the service's limits and the session's.
  Result<Table> run(Remote& remote, RunRequest request);

 private:
  Result<ProviderArguments> arguments_of(const Connection* connection, const ProviderKind& kind,
                                         const Arguments& more, SecretResolver& services) const;
  Result<DriverContext> context() const;
  Result<Secret> resolve(const SettingValue& reference) override;
  const Settings& settings_;
  const SessionOptions& options_;
  std::map<std::string, Remote> opened_;
  std::unique_ptr<TokenStore> store_;       ///< null: tokens end with the program
  std::unique_ptr<RemoteSecrets> secrets_;  ///< made when the first is wanted
};

}  // namespace huntbook
