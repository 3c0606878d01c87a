// From a reference to the text it names.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "config/settings.h"
#include "huntbook/result.h"

namespace huntbook {

/// Fetches what a reference to a service names (Azure Key Vault, AWS Secrets Manager, HashiCorp Vault).
class SecretResolver {
 public:
  virtual ~SecretResolver() = default;
  /// Failures name the setting (HB-K007) and hold no secret.
  virtual Result<Secret> resolve(const SettingValue& reference) = 0;
};

struct ResolveOptions {
  Environment environment;           ///< empty: the process's
  SecretResolver* remote = nullptr;  ///< null: references to services fail
  std::chrono::milliseconds timeout{10'000};
};

/// The text of a value of these settings. HB-K004: a project that is not trusted may name no secret; HB-K005:
/// a file that others may read; HB-K007: there is nothing where it refers to. `key` is what messages call it.
Result<Secret> resolve_setting(const SettingValue& value, const std::string& key, const Settings& settings,
                               const ResolveOptions& options);

}  // namespace huntbook
