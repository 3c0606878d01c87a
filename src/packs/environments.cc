#include "packs/environments.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace huntbook {

std::span<const DataEnvironment> data_environments() {
  static const std::vector<DataEnvironment> kEnvironments = {
      {"Huntbook", {"Local"}, Dialect::kKql, {}},
      {"MSSentinel",
       {"AzureSentinel", "LogAnalytics", "MSSentinel_New", "MSSentinel_Legacy"},
       Dialect::kKql,
       {"m365d"}},
      {"MSSentinelSearch", {}, Dialect::kKql, {}},
      {"Kusto", {"AzureDataExplorer", "Kusto_New", "Kusto_Legacy", "ADX"}, Dialect::kKql, {}},
      {"MDE", {"MDATP"}, Dialect::kKql, {"m365d"}},
      {"M365D", {}, Dialect::kKql, {}},
      {"M365DGraph", {}, Dialect::kKql, {"mde", "m365d"}},
      {"ResourceGraph", {}, Dialect::kKql, {}},
      {"MSGraph", {"SecurityGraph"}, Dialect::kOdata, {}},
      {"Splunk", {}, Dialect::kSpl, {}},
      {"Sumologic", {}, Dialect::kSumo, {}},
      {"Elastic", {"OpenSearch"}, Dialect::kEsql, {}},
      {"OpenObserve", {}, Dialect::kSql, {}},
      {"Cybereason", {}, Dialect::kCybereason, {}},
      {"Prismacloud", {}, Dialect::kRql, {}},
      {"LocalData", {}, Dialect::kPlain, {}},
      {"OTRF", {"Mordor"}, Dialect::kPlain, {}},
      {"OSQueryLogs", {"OSQuery"}, Dialect::kPlain, {}},
      {"VelociraptorLogs", {"Velociraptor"}, Dialect::kPlain, {}},
  };
  return kEnvironments;
}

const DataEnvironment* find_data_environment(std::string_view name) {
  const std::string wanted = to_lower(name);
  for (const auto& environment : data_environments()) {
    if (to_lower(environment.name) == wanted ||
        std::any_of(environment.aliases.begin(), environment.aliases.end(),
                    [&](auto alias) { return to_lower(alias) == wanted; }))
      return &environment;
  }
  return nullptr;
}

bool same_environment(std::string_view a, std::string_view b) {
  const DataEnvironment* known = find_data_environment(a);
  return known ? known == find_data_environment(b) : to_lower(a) == to_lower(b);
}

bool takes_folder(std::string_view environment, std::string_view folder) {
  const DataEnvironment* owner = find_data_environment(folder);
  const DataEnvironment* asked = find_data_environment(environment);
  if (!owner || !asked || asked == owner || asked->name == "Huntbook") return true;
  const std::string name = to_lower(owner->name);
  return std::find(asked->folders.begin(), asked->folders.end(), name) != asked->folders.end();
}

}  // namespace huntbook
