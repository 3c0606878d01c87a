#include "providers/cloud.h"

namespace huntbook {
namespace {

constexpr Cloud kClouds[] = {
    {"global", "https://login.microsoftonline.com", "https://management.azure.com",
     "https://api.loganalytics.io", "https://graph.microsoft.com", "https://api.securitycenter.microsoft.com",
     "kusto.windows.net"},
    {"us_government", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net",
     "https://api.loganalytics.us", "https://graph.microsoft.us",
     "https://api-gov.securitycenter.microsoft.us", "kusto.usgovcloudapi.net"},
    {"china", "https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn",
     "https://api.loganalytics.azure.cn", "https://microsoftgraph.chinacloudapi.cn", "",
     "kusto.chinacloudapi.cn"},
};

}  // namespace

std::span<const Cloud> clouds() { return kClouds; }

const Cloud* find_cloud(std::string_view name) {
  for (const auto& cloud : kClouds) {
    if (cloud.name == name) return &cloud;
  }
  return nullptr;
}

}  // namespace huntbook
