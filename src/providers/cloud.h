// The clouds of Microsoft: where each service of them answers.
#pragma once
#include <span>
#include <string_view>

namespace huntbook {

struct Cloud {
  std::string_view name;           ///< "global", as settings say it
  std::string_view login;          ///< "https://login.microsoftonline.com"
  std::string_view management;     ///< Azure Resource Manager
  std::string_view log_analytics;  ///< its query service
  std::string_view graph;          ///< Microsoft Graph
  std::string_view defender;       ///< Defender for Endpoint's own service; empty: there is none
  std::string_view kusto;          ///< the suffix of clusters: "kusto.windows.net"
};

std::span<const Cloud> clouds();
/// By name, or nullptr.
const Cloud* find_cloud(std::string_view name);

}  // namespace huntbook
