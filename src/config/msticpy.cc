#include "config/msticpy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "config/settings.h"

namespace huntbook {
namespace {

using Kind = YamlNode::Kind;

struct Renamed {
  std::string_view theirs, ours;
};

constexpr Renamed kProviders[] = {
    {"microsoftdefender", "M365D"},
    {"microsoftgraph", "MSGraph"},
    {"mordor", "OTRF"},
    {"splunk", "Splunk"},
    {"localdata", "LocalData"},
    {"sumologic", "Sumologic"},
    {"cybereason", "Cybereason"},
    {"openobserve", "OpenObserve"},
    {"kusto", "Kusto"},
    {"elastic", "Elastic"},
    {"prismacloud", "Prismacloud"},
    {"osquery", "OSQueryLogs"},
    {"velociraptor", "VelociraptorLogs"},
    {"mde", "MDE"},
    {"resourcegraph", "ResourceGraph"},
};
constexpr Renamed kMethods[] = {
    {"env", "environment"},
    {"cli", "azure_cli"},
    {"msi", "managed_identity"},
    {"devicecode", "device_code"},
    {"clientsecret", "client_secret"},
    {"certificate", "certificate"},
};
constexpr Renamed kClouds[] = {{"global", "global"}, {"cn", "china"}, {"usgov", "us_government"}};
constexpr Renamed kArguments[] = {
    {"connection_str", "url"}, {"user", "username"},        {"user_name", "username"},
    {"accessid", "access_id"}, {"accesskey", "access_key"}, {"workspace_name", "workspace"},
    {"api_id", "api_id"},      {"data_paths", "path"},      {"save_folder", "path"}};

template <size_t N>
std::string renamed(const Renamed (&table)[N], std::string_view name) {
  for (const auto& [theirs, ours] : table) {
    if (theirs == name) return std::string(ours);
  }
  return {};
}

// "TenantId" is tenant_id, "AuthKey" auth_key, "clientSecret" client_secret.
std::string snake_case(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c >= 'A' && c <= 'Z') {
      const bool after_small = i > 0 && !(name[i - 1] >= 'A' && name[i - 1] <= 'Z') && name[i - 1] != '_';
      if (after_small) out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c == '-' || c == ' ' ? '_' : c;
    }
  }
  const std::string other = renamed(kArguments, out);
  return other.empty() ? out : other;
}

std::string setting_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64)) out += is_setting_name(std::string_view(&c, 1)) ? c : '_';
  return out;
}

YamlNode scalar(std::string text, uint32_t line) {
  YamlNode node;
  node.kind = Kind::kScalar;
  node.text = std::move(text);
  node.line = line;
  return node;
}

YamlNode map(uint32_t line) {
  YamlNode node;
  node.kind = Kind::kMap;
  node.line = line;
  return node;
}

YamlNode& put(YamlNode& to, const std::string& key, YamlNode value) {
  to.keys.push_back(scalar(key, value.line));
  to.items.push_back(std::move(value));
  return to.items.back();
}

// An entry under a name of ours; a second one of the same name gets a number.
void put_named(YamlNode& to, const YamlNode& key, YamlNode value) {
  std::string name = setting_name(key.text);
  for (int number = 2; to.find(name); ++number) name = setting_name(key.text) + "_" + std::to_string(number);
  value.line = key.line;
  put(to, name, std::move(value));
}

YamlNode& section(YamlNode& root, const std::string& key, uint32_t line) {
  for (size_t i = 0; i < root.keys.size(); ++i) {
    if (root.keys[i].text == key) return root.items[i];
  }
  return put(root, key, map(line));
}

struct Converter {
  const std::string& file;
  YamlNode root = map(1);
  Diagnostics left{};
  std::string vault{};

  void leave(const YamlNode& at, const std::string& path, const std::string& reason, std::string hint = {}) {
    left.push_back({"HB-K010",
                    fmt::format("`{}` is not taken over: {}", path, reason),
                    {},
                    std::move(hint),
                    "",
                    fmt::format("{}:{}", file, at.line)});
  }

  // A text, a list of texts, or a secret in one of their three ways; a null node when there is nothing to
  // take.
  YamlNode value(const YamlNode& node, const std::string& path, const std::string& name) {
    const YamlNode nothing;
    if (node.is_scalar()) {
      if (node.text == "[PLACEHOLDER]" || (node.text.empty() && is_secret_name(name))) {
        leave(node, path, "it is a placeholder");
        return nothing;
      }
      return node;
    }
    if (node.is_list()) {
      if (std::all_of(node.items.begin(), node.items.end(),
                      [](const auto& item) { return item.is_scalar(); }))
        return node;
      leave(node, path, "it is no list of texts");
      return nothing;
    }
    if (node.is_map() && node.items.size() == 1) {
      const YamlNode& where = node.items[0];
      YamlNode made = map(node.line);
      if (node.keys[0].text == "EnvironmentVar" && where.is_scalar()) {
        put(made, "env", scalar(where.text, node.line));
        return made;
      }
      if (node.keys[0].text == "KeyVault") {
        std::string name_of_vault = vault, secret = where.text;
        if (const size_t slash = secret.find('/'); slash != std::string::npos) {
          name_of_vault = secret.substr(0, slash);
          secret = secret.substr(slash + 1);
        }
        if (secret.empty()) {
          for (const char c : path) secret += std::isalnum(static_cast<unsigned char>(c)) ? c : '-';
        }
        if (name_of_vault.empty()) {
          leave(node, path, "no vault is named", "KeyVault.VaultName");
          return nothing;
        }
        YamlNode& fields = put(made, "key_vault", map(node.line));
        put(fields, "vault", scalar(name_of_vault, node.line));
        put(fields, "secret", scalar(secret, node.line));
        return made;
      }
    }
    if (node.kind != Kind::kNull) leave(node, path, "its form is not known");
    return nothing;
  }

  void arguments(const YamlNode& from, const std::string& path, YamlNode& to) {
    if (!from.is_map()) return;
    for (size_t i = 0; i < from.keys.size(); ++i) {
      const std::string& name = from.keys[i].text;
      const std::string at = path + "." + name;
      if (name == "IntegratedAuth") continue;  // signing in without a secret is what happens without one
      const std::string ours = snake_case(name);
      if (ours == "verify") {
        leave(from.keys[i], at, "certificates are always verified", "network.ca_bundle adds one of your own");
        continue;
      }
      YamlNode read = ours == "cloud" ? scalar(renamed(kClouds, from.items[i].text), from.items[i].line)
                                      : value(from.items[i], at, ours);
      if (read.kind != Kind::kNull && !to.find(ours)) put(to, ours, std::move(read));
    }
  }

  void workspaces(const YamlNode& node, const std::string& path) {
    const YamlNode* all = node.find("Workspaces");
    for (size_t i = 0; i < node.keys.size(); ++i) {
      if (node.keys[i].text != "Workspaces")
        leave(node.keys[i], path + "." + node.keys[i].text, "it has no counterpart");
    }
    if (!all || !all->is_map()) return;
    YamlNode& connections = section(root, "connections", all->line);
    for (size_t i = 0; i < all->keys.size(); ++i) {
      const std::string at = path + ".Workspaces." + all->keys[i].text;
      YamlNode made = map(all->keys[i].line);
      put(made, "provider", scalar("MSSentinel", all->keys[i].line));
      YamlNode plain = all->items[i];
      YamlNode args = map(0);
      for (size_t k = 0; k < plain.keys.size(); ++k) {
        if (plain.keys[k].text == "Args") args = plain.items[k];
      }
      arguments(args, at + ".Args", made);
      for (size_t k = plain.keys.size(); k-- > 0;) {
        if (plain.keys[k].text == "Args") {
          plain.keys.erase(plain.keys.begin() + static_cast<ptrdiff_t>(k));
          plain.items.erase(plain.items.begin() + static_cast<ptrdiff_t>(k));
        }
      }
      arguments(plain, at, made);
      put_named(connections, all->keys[i], std::move(made));
    }
  }

  void data_providers(const YamlNode& node, const std::string& path) {
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      const std::string at = path + "." + key.text;
      const std::string provider = renamed(kProviders, to_lower(key.text.substr(0, key.text.find('-'))));
      if (provider.empty()) {
        leave(key, at,
              key.text == "AzureCLI" ? "an application is named in each connection"
                                     : "there is no such provider",
              key.text == "AzureCLI" ? "give the connection client_id, tenant_id and client_secret" : "");
        continue;
      }
      connection(key, node.items[i], at, provider);
    }
  }

  void connection(const YamlNode& key, const YamlNode& node, const std::string& path,
                  const std::string& provider, const YamlNode* defaults = nullptr) {
    YamlNode made = map(key.line);
    put(made, "provider", scalar(provider, key.line));
    if (const auto* args = node.find("Args")) arguments(*args, path + ".Args", made);
    if (defaults) arguments(*defaults, "KustoClusters.ClusterDefaults.Args", made);
    put_named(section(root, "connections", key.line), key, std::move(made));
  }

  void kusto_clusters(const YamlNode& node) {
    const YamlNode* defaults = node.find("ClusterDefaults");
    const YamlNode* args = defaults ? defaults->find("Args") : nullptr;
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      if (key.text == "ClusterDefaults") continue;
      if (key.text == "ClusterGroups") leave(key, "KustoClusters.ClusterGroups", "clusters have no groups");
      else connection(key, node.items[i], "KustoClusters." + key.text, "Kusto", args);
    }
  }

  void ti_providers(const YamlNode& node, const std::string& path) {
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      const YamlNode* provider = node.items[i].find("Provider");
      const std::string name = provider && provider->is_scalar() ? provider->text : key.text;
      if (name.starts_with("--")) {
        leave(key, path + "." + key.text, "it is switched off");
        continue;
      }
      YamlNode made = map(key.line);
      put(made, "provider", scalar(name, key.line));
      if (const auto* primary = node.items[i].find("Primary"))
        put(made, "primary", scalar(to_lower(primary->text), primary->line));
      if (const auto* args = node.items[i].find("Args"))
        arguments(*args, path + "." + key.text + ".Args", made);
      put_named(section(root, "ti_providers", key.line), key, std::move(made));
    }
  }

  void query_paths(const YamlNode& node, const std::string& path) {
    if (!node.is_list() && !node.is_scalar()) return;
    YamlNode& paths = section(root, "query_paths", node.line);
    paths.kind = Kind::kList;
    if (node.is_scalar()) paths.items.push_back(node);
    for (const auto& item : node.items) {
      if (item.is_scalar()) paths.items.push_back(item);
      else leave(item, path, "it is no path");
    }
  }

  void azure(const YamlNode& node) {
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      const YamlNode& item = node.items[i];
      if (key.text == "cloud" && !renamed(kClouds, item.text).empty()) {
        put(section(root, "sign_in", key.line), "cloud", scalar(renamed(kClouds, item.text), item.line));
      } else if (key.text == "auth_methods" && item.is_list()) {
        YamlNode methods;
        methods.kind = Kind::kList;
        methods.line = item.line;
        for (const auto& method : item.items) {
          const std::string ours = renamed(kMethods, method.text);
          if (ours.empty())
            leave(method, "Azure.auth_methods", fmt::format("`{}` has no counterpart", method.text),
                  "device_code, or azure_cli after az login");
          else methods.items.push_back(scalar(ours, method.line));
        }
        if (!methods.items.empty()) put(section(root, "sign_in", key.line), "methods", std::move(methods));
      } else {
        leave(key, "Azure." + key.text, "it has no counterpart");
      }
    }
  }

  void general(const YamlNode& node) {
    for (size_t i = 0; i < node.keys.size(); ++i) {
      const YamlNode& key = node.keys[i];
      const YamlNode& item = node.items[i];
      if (key.text == "QueryDefinitions") {
        query_paths(item, "msticpy.QueryDefinitions");
      } else if (const auto* https = key.text == "Proxies" ? item.find("https") : nullptr) {
        YamlNode& network = section(root, "network", key.line);
        for (size_t k = 0; k < https->keys.size(); ++k) {
          const std::string& theirs = https->keys[k].text;
          const std::string ours = theirs == "Url"        ? "proxy"
                                   : theirs == "UserName" ? "proxy_user"
                                   : theirs == "Password" ? "proxy_password"
                                                          : "";
          YamlNode read =
              ours.empty() ? YamlNode() : value(https->items[k], "msticpy.Proxies.https." + theirs, ours);
          if (read.kind != Kind::kNull) put(network, ours, std::move(read));
        }
      } else {
        leave(key, "msticpy." + key.text, "it has no counterpart");
      }
    }
  }
};

}  // namespace

bool is_msticpy(const YamlNode& root) {
  for (const char* key : {"AzureSentinel", "MSSentinel", "QueryDefinitions", "TIProviders", "DataProviders",
                          "KustoClusters", "OtherProviders", "UserDefaults", "msticpy"}) {
    if (root.find(key)) return true;
  }
  return false;
}

MsticpyImport convert_msticpy(const YamlNode& root, const std::string& file) {
  Converter to{file};
  if (const auto* vault = root.find("KeyVault"); vault && vault->find("VaultName"))
    to.vault = vault->find("VaultName")->text;
  for (size_t i = 0; i < root.keys.size(); ++i) {
    const YamlNode& key = root.keys[i];
    const YamlNode& item = root.items[i];
    if (!item.is_map() && !item.items.empty()) {
      to.leave(key, key.text, "it is a list where a section is expected");
      continue;
    }
    if (key.text == "AzureSentinel" || key.text == "MSSentinel") to.workspaces(item, key.text);
    else if (key.text == "DataProviders") to.data_providers(item, key.text);
    else if (key.text == "KustoClusters") to.kusto_clusters(item);
    else if (key.text == "TIProviders") to.ti_providers(item, key.text);
    else if (key.text == "Azure") to.azure(item);
    else if (key.text == "msticpy") to.general(item);
    else if (key.text == "KeyVault") continue;  // read above
    else if (key.text == "QueryDefinitions") {
      if (const auto* custom = item.find("Custom")) to.query_paths(*custom, "QueryDefinitions.Custom");
      if (const auto* own = item.find("Default"))
        to.leave(*own, "QueryDefinitions.Default", "it names the queries of another program");
    } else if (item.is_map() && !item.items.empty() &&
               (key.text == "OtherProviders" || key.text == "ContextProviders" ||
                key.text == "UserDefaults")) {
      for (const auto& inner : item.keys)
        to.leave(inner, key.text + "." + inner.text, "it has no counterpart");
    } else {
      to.leave(key, key.text, "it has no counterpart");
    }
  }
  return {std::move(to.root), std::move(to.left)};
}

}  // namespace huntbook
