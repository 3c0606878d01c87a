// The settings: huntbook.yaml of the user, of the project, or the one file that the caller names.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/value.h"
#include "huntbook/result.h"

namespace huntbook {

/// A variable of the environment; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

/// Where settings come from. A later one wins: user, then project or the file that was named.
enum class SettingsLayer : uint8_t { kUser, kProject, kNamed };
std::string_view layer_name(SettingsLayer layer);

struct SettingsFile {
  std::string path;
  SettingsLayer layer = SettingsLayer::kUser;
  bool trusted = true;         ///< the user has the say over it
  bool holds_secrets = false;  ///< as literals
  bool foreign = false;        ///< an msticpyconfig.yaml, read as if it were ours
};

/// A named service with its arguments, as written. A connection of a file that is not trusted is known, but
/// trusted_connection() does not give it.
struct Connection {
  std::string name;
  std::string provider;
  std::string description;
  std::vector<std::pair<std::string, SettingValue>> arguments;
  SettingPlace place;
  bool trusted = true;
  const SettingValue* find(std::string_view argument) const;
};

struct NetworkSettings {
  std::string proxy;  ///< an address without a password
  std::optional<SettingValue> proxy_user;
  std::optional<SettingValue> proxy_password;
  std::string ca_bundle;  ///< a file of further certificates
  bool offline = false;   ///< no connection to anywhere
};

/// As users write times; empty: not set.
struct QueryTimeSettings {
  std::string origin;
  std::string before;
  std::string after;
};

struct SignInSettings {
  std::vector<std::string> methods;  ///< tried in this order
  std::string cloud;                 ///< global, china, us_government
  std::string token_cache;           ///< secret_service or memory
};

/// One line of `config show`.
struct SettingEntry {
  std::string key;
  std::string value;  ///< as it may be shown
  SettingPlace place;
};

struct Settings {
  std::vector<SettingsFile> files;  ///< that were read
  std::vector<Connection> connections;
  std::vector<Connection> ti_providers;
  std::vector<std::pair<std::string, SettingValue>> secrets;
  std::vector<std::string> query_paths;  ///< of the user, then of the project
  QueryTimeSettings query_time;
  NetworkSettings network;
  SignInSettings sign_in;
  std::vector<std::string> trust;  ///< folders of projects whose settings count as the user's own
  std::vector<SettingEntry> entries;
  Diagnostics problems;  ///< "HB-K0xx", each with file:line; the rest was read

  const Connection* find(std::string_view name) const;
  /// A connection that may be used: fails for an unknown name (HB-K006) and for one that only a project file
  /// that is not trusted defines (HB-K004).
  Result<const Connection*> trusted_connection(std::string_view name) const;
};

struct SettingsOptions {
  std::string file;            ///< --config; empty: HUNTBOOK_CONFIG, then the nearest huntbook.yaml
  std::string folder;          ///< where the search for it begins; empty: the current folder
  bool trust_project = false;  ///< --trust-project
  Environment environment;     ///< empty: the process's
};

/// Reads all of it. Never fails: what is wrong stands in `problems`.
Settings load_settings(const SettingsOptions& options);

/// The user's own huntbook.yaml, there or not; empty when there is no home folder.
std::string user_settings_path(const Environment& environment);
/// The nearest huntbook.yaml from a folder upwards that is not the user's own; empty when there is none.
std::string project_settings_path(const std::string& folder, const Environment& environment);
/// A path as it is written in a settings file: "~/" is the home folder, others are relative to the file.
std::string settings_relative(const std::string& path, const std::string& file,
                              const Environment& environment);

/// Whether a name is good for a connection or a secret: letters, digits, `_` and `-`.
bool is_setting_name(std::string_view name);

}  // namespace huntbook
