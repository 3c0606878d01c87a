// What the services of Microsoft's clouds have in common: the cloud, and signing in to it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "providers/cloud.h"
#include "providers/provider.h"
#include "providers/service.h"

namespace huntbook {

/// Settings of signing in, for the list of a kind: tenant_id, client_id, client_secret, sign_in, cloud,
/// authority.
std::vector<ProviderSetting> with_sign_in_settings(std::vector<ProviderSetting> own);
/// The cloud of the setting `cloud`. HB-R003.
Result<const Cloud*> cloud_of(const ProviderArguments& arguments);
/// A service at the setting `endpoint` or at `usual`, signed in to for `scope` ("{base}/.default" when
/// empty).
Result<std::unique_ptr<Service>> open_azure(const ProviderArguments& arguments, const DriverContext& context,
                                            const Cloud& cloud, const std::string& setting,
                                            const std::string& usual, std::string scope);

}  // namespace huntbook
