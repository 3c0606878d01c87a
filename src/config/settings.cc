// Which files there are, and in which order they count.
#include "config/settings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "config/file.h"
#include "config/msticpy.h"
#include "config/sections.h"
#include "config/yaml.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFileName = "huntbook.yaml";

std::string variable(const Environment& environment, const std::string& name) {
  return environment(name).value_or("");
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

// Whether the user's settings name the folder of this file.
bool is_trusted_folder(const std::string& file, const std::vector<std::string>& trust) {
  std::error_code error;
  const fs::path folder = fs::canonical(fs::path(file).parent_path(), error);
  if (error) return false;
  return std::any_of(trust.begin(), trust.end(), [&](const std::string& path) {
    std::error_code failure;
    return fs::canonical(path, failure) == folder && !failure;
  });
}

void read_file(const std::string& path, SettingsLayer layer, bool trusted, const Environment& environment,
               Settings& settings) {
  auto content = read_settings_file(path);
  if (!content.ok()) {
    settings.problems.push_back(content.error());
    return;
  }
  SettingsFile file{path, layer, trusted, false, false};
  auto root = parse_yaml(content->text, path);
  wipe(content->text);
  if (!root.ok()) {
    settings.problems.push_back(root.error());
    return;
  }
  if (is_msticpy(*root)) {
    file.foreign = true;
    auto import = convert_msticpy(*root, path);
    read_sections(import.root, file, environment, settings);
    wipe_yaml(import.root);
  } else {
    read_sections(*root, file, environment, settings);
  }
  wipe_yaml(*root);
  if (file.holds_secrets && (content->mode & 077) != 0) {
    settings.problems.push_back(
        {"HB-K005",
         fmt::format("the file holds secrets and others may read it (mode {:04o})", content->mode),
         {},
         fmt::format("chmod 600 {}", path),
         "",
         path});
  }
  if (layer != SettingsLayer::kProject && (content->mode & 022) != 0) {
    settings.problems.push_back({"HB-K005",
                                 fmt::format("others may write the file (mode {:04o})", content->mode),
                                 {},
                                 fmt::format("chmod go-w {}", path),
                                 "",
                                 path});
  }
  settings.files.push_back(std::move(file));
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (!value) return std::nullopt;
    return std::string(value);
  };
}

std::string_view layer_name(SettingsLayer layer) {
  switch (layer) {
    case SettingsLayer::kUser: return "user";
    case SettingsLayer::kProject: return "project";
    default: return "named";
  }
}

std::string user_settings_path(const Environment& environment) {
  const std::string base = variable(environment, "XDG_CONFIG_HOME");
  if (base.starts_with('/')) return base + "/huntbook/" + kFileName;
  const std::string home = variable(environment, "HOME");
  return home.starts_with('/') ? home + "/.config/huntbook/" + kFileName : "";
}

std::string project_settings_path(const std::string& folder, const Environment& environment) {
  std::error_code error;
  fs::path at = folder.empty() ? fs::current_path(error) : fs::absolute(folder, error);
  if (error) return {};
  const std::string own = user_settings_path(environment);
  for (;; at = at.parent_path()) {
    const std::string candidate = (at / kFileName).string();
    if (fs::exists(candidate, error) && !same_file(candidate, own)) return candidate;
    if (at == at.root_path() || !at.has_parent_path()) return {};
  }
}

std::string settings_relative(const std::string& path, const std::string& file,
                              const Environment& environment) {
  if (path == "~" || path.starts_with("~/")) return variable(environment, "HOME") + path.substr(1);
  if (path.starts_with('/') || path.empty()) return path;
  return (fs::path(file).parent_path() / path).lexically_normal().string();
}

bool is_setting_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

const SettingValue* Connection::find(std::string_view argument) const {
  for (const auto& [known, value] : arguments) {
    if (known == argument) return &value;
  }
  return nullptr;
}

const Connection* Settings::find(std::string_view name) const {
  for (const auto& connection : connections) {
    if (connection.name == name) return &connection;
  }
  return nullptr;
}

Result<const Connection*> Settings::trusted_connection(std::string_view name) const {
  const Connection* found = find(name);
  if (!found) {
    std::vector<std::string> names;
    for (const auto& connection : connections) names.push_back(connection.name);
    auto near = nearest_name(name, names);
    return Diagnostic{"HB-K006",
                      fmt::format("no connection `{}` in the settings", name),
                      {},
                      near ? "did you mean `" + *near + "`?"
                           : fmt::format("huntbook config set connections.{}.provider NAME makes one", name),
                      "",
                      ""};
  }
  if (!found->trusted) {
    return Diagnostic{
        "HB-K004",
        fmt::format("connection `{}` comes from a project file that you have not trusted", name),
        {},
        fmt::format("read {}; then run with --trust-project, or add its folder to `trust` of your "
                    "own settings",
                    found->place.file),
        "",
        found->place.text()};
  }
  return found;
}

Settings load_settings(const SettingsOptions& options) {
  const Environment environment = options.environment ? options.environment : process_environment();
  Settings settings;
  std::error_code error;
  const std::string own = user_settings_path(environment);
  if (!own.empty() && fs::exists(own, error))
    read_file(own, SettingsLayer::kUser, true, environment, settings);
  const std::string named = options.file.empty() ? variable(environment, "HUNTBOOK_CONFIG") : options.file;
  if (!named.empty()) {
    if (!same_file(named, own)) read_file(named, SettingsLayer::kNamed, true, environment, settings);
    return settings;
  }
  if (const std::string project = project_settings_path(options.folder, environment); !project.empty()) {
    const bool trusted = options.trust_project || is_trusted_folder(project, settings.trust);
    read_file(project, SettingsLayer::kProject, trusted, environment, settings);
  }
  return settings;
}

}  // namespace huntbook
