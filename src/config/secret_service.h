// The desktop's Secret Service (GNOME Keyring, KWallet, KeePassXC): D-Bus calls that end in time.
#pragma once
#include <chrono>
#include <string>

#include "base/secret.h"
#include "config/settings.h"
#include "huntbook/result.h"

namespace huntbook {

/// The secret with these attributes. HB-K007: there is no service, no such secret, or no answer in time.
Result<Secret> secret_service_get(const std::string& service, const std::string& account,
                                  const Environment& environment, std::chrono::milliseconds timeout);
/// Keeps a secret in the default collection; one with the same attributes is replaced.
Status secret_service_set(const std::string& service, const std::string& account, const Secret& secret,
                          const Environment& environment, std::chrono::milliseconds timeout);

}  // namespace huntbook
