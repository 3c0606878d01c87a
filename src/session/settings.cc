// The settings for front ends.
#include "huntbook/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "base/time.h"
#include "config/edit.h"
#include "config/file.h"
#include "config/msticpy.h"
#include "config/resolve.h"
#include "config/secret_service.h"
#include "config/sections.h"
#include "config/settings.h"
#include "providers/provider.h"
#include "session/query_time.h"
#include "session/state.h"
#include "table/builder.h"

namespace huntbook {
namespace {

Settings load(const SettingsChoice& choice) {
  return load_settings({choice.file, "", choice.trust_project, {}});
}

std::vector<std::string> parts_of(std::string_view key) {
  std::vector<std::string> parts;
  for (const auto part : split(key, '.')) parts.emplace_back(part);
  return parts;
}

Diagnostic unknown_key(const Settings& settings, std::string_view key) {
  std::vector<std::string> keys;
  for (const auto& entry : settings.entries) keys.push_back(entry.key);
  auto near = nearest_name(key, keys);
  return {"HB-K006", fmt::format("no setting `{}`", key),
          {},        near ? "did you mean `" + *near + "`?" : "huntbook config show lists them",
          "",        ""};
}

// Which file a change goes to.
Result<std::string> target(const SettingsChoice& choice, bool project, const Environment& environment) {
  if (!choice.file.empty()) return choice.file;
  if (project) {
    std::error_code error;
    const std::string found = project_settings_path("", environment);
    return found.empty() ? (std::filesystem::current_path(error) / "huntbook.yaml").string() : found;
  }
  const std::string named = environment("HUNTBOOK_CONFIG").value_or("");
  if (!named.empty()) return named;
  const std::string own = user_settings_path(environment);
  if (own.empty())
    return Diagnostic{
        "HB-K008", "there is no home folder for your settings", {}, "set HOME, or use --config FILE", "", ""};
  return own;
}

// What a text says, by itself, and what is wrong with it.
Settings read_alone(const YamlNode& root, const std::string& path, const Environment& environment) {
  Settings settings;
  SettingsFile file{path, SettingsLayer::kNamed, true, false, false};
  read_sections(root, file, environment, settings);
  settings.files.push_back(std::move(file));
  return settings;
}

void check_value(const SettingValue& value, const std::string& key, const Settings& settings,
                 Diagnostics& problems) {
  if (!value.is_reference()) return;
  // Services are asked when they are used.
  if (value.source == ValueSource::kKeyVault || value.source == ValueSource::kAwsSecret ||
      value.source == ValueSource::kHashicorpVault)
    return;
  auto secret = resolve_setting(value, key, settings, {});
  if (!secret.ok()) problems.push_back(secret.error());
}

// Whether its provider exists and takes these arguments.
void check_connection(const Connection& connection, Diagnostics& problems) {
  const std::string key = "connections." + connection.name;
  auto kind = find_provider(connection.provider);
  if (!kind.ok()) {
    Diagnostic made = kind.error();
    made.message = fmt::format("`{}`: {}", key, made.message);
    made.place = connection.place.text();
    problems.push_back(std::move(made));
    return;
  }
  std::vector<std::string> known;
  for (const auto& setting : (*kind)->settings) known.push_back(setting.name);
  for (const auto& [name, value] : connection.arguments) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    auto near = nearest_name(name, known);
    problems.push_back(
        {"HB-K002",
         fmt::format("unknown key `{}.{}` for the provider `{}`", key, name, (*kind)->name),
         {},
         near ? "did you mean `" + *near + "`?" : fmt::format("known keys: {}", fmt::join(known, ", ")),
         "",
         value.place.text()});
  }
  for (const auto& setting : (*kind)->settings) {
    if (setting.required && !connection.find(setting.name))
      problems.push_back({"HB-R002",
                          fmt::format("`{}` lacks `{}`: {}", key, setting.name, setting.doc),
                          {},
                          fmt::format("huntbook config set {}.{}", key, setting.name),
                          "",
                          connection.place.text()});
  }
}

}  // namespace

Result<Table> show_settings(const SettingsChoice& choice) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : load(choice).entries) rows.push_back({entry.key, entry.value, entry.place.text()});
  return text_table({"Key", "Value", "Source"}, rows);
}

Diagnostics check_settings(const SettingsChoice& choice) {
  const Settings settings = load(choice);
  Diagnostics problems = settings.problems;
  QueryTime time{0, 0, now_ticks()};
  apply_query_time(settings, time, problems);
  for (const auto& connection : settings.connections) check_connection(connection, problems);
  for (const auto& [section, list] :
       {std::pair{"connections", &settings.connections}, {"ti_providers", &settings.ti_providers}}) {
    for (const auto& connection : *list) {
      for (const auto& [name, value] : connection.arguments)
        check_value(value, fmt::format("{}.{}.{}", section, connection.name, name), settings, problems);
    }
  }
  for (const auto& [name, value] : settings.secrets)
    check_value(value, "secrets." + name, settings, problems);
  for (const auto& [name, value] : {std::pair{"proxy_user", &settings.network.proxy_user},
                                    {"proxy_password", &settings.network.proxy_password}}) {
    if (*value) check_value(**value, fmt::format("network.{}", name), settings, problems);
  }
  const std::string& bundle = settings.network.ca_bundle;
  if (!bundle.empty()) {
    if (auto file = read_settings_file(bundle); !file.ok()) {
      Diagnostic made = file.error();
      made.message = fmt::format("`network.ca_bundle` names {}: {}", made.place, made.message);
      problems.push_back(std::move(made));
    }
  }
  return problems;
}

Result<std::vector<std::string>> get_setting(const SettingsChoice& choice, std::string_view key) {
  const Settings settings = load(choice);
  std::vector<std::string> out;
  for (const auto& entry : settings.entries) {
    if (entry.key == key) return std::vector<std::string>{entry.value};
    if (entry.key.starts_with(key) && (entry.key[key.size()] == '.' || entry.key[key.size()] == '['))
      out.push_back(entry.key + ": " + entry.value);
  }
  if (out.empty()) return unknown_key(settings, key);
  return out;
}

bool is_secret_setting(std::string_view key) {
  const auto parts = parts_of(key);
  return parts.size() > 1 && (parts[0] == "secrets" || is_secret_name(parts.back()));
}

Result<std::string> set_setting(const SettingsChoice& choice, const SettingChange& change) {
  const Environment environment = process_environment();
  auto path = target(choice, change.project, environment);
  if (!path.ok()) return path;
  const auto parts = parts_of(change.key);
  if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return !is_setting_name(part); }))
    return Diagnostic{"HB-K006", fmt::format("`{}` is no key", change.key),
                      {},        "connections.NAME.ARGUMENT, query_time.before",
                      "",        ""};
  const bool secret = is_secret_setting(change.key);
  YamlNode value;
  value.kind = YamlNode::Kind::kScalar;
  if (!change.value.empty() && (change.value[0] == '{' || change.value[0] == '[')) {
    auto parsed = parse_yaml(change.value, "the value");
    if (!parsed.ok() && !secret) return parsed.error();
    if (parsed.ok()) value = std::move(*parsed);
    else value.text = change.value;
  } else {
    value.text = change.value;
  }
  const bool literal = secret && !value.is_map();
  if (literal && change.visible && !change.allow_literal) {
    return Diagnostic{
        "HB-K009",
        fmt::format("the secret `{}` stands on the command line, where others may see it", change.key),
        {},
        fmt::format("huntbook config set {} asks for it or reads it from stdin; or give a reference such as "
                    "'{{env: NAME}}'",
                    change.key),
        "",
        ""};
  }
  if (literal && change.project && !change.allow_literal && !change.keep_in_service) {
    return Diagnostic{"HB-K009", fmt::format("the secret `{}` would stand in a project's file", change.key),
                      {},        "give a reference such as '{env: NAME}', or use --keep-in-service",
                      "",        *path};
  }
  if (literal && change.value.empty())
    return Diagnostic{"HB-K003", fmt::format("the secret `{}` is empty", change.key), {}, "", "", ""};
  if (literal && change.keep_in_service) {
    if (auto kept = secret_service_set("huntbook", change.key, Secret(change.value), environment,
                                       std::chrono::seconds(60));
        !kept.ok()) {
      Diagnostic made = kept.error();
      made.message = "the Secret Service did not take the secret: " + made.message;
      return made;
    }
    wipe(value.text);
    value = *parse_yaml(
        fmt::format("secret_service: {{service: huntbook, account: {}}}", yaml_scalar(change.key)),
        "the value");
  }
  std::string text;
  std::error_code error;
  if (std::filesystem::exists(*path, error)) {
    auto content = read_settings_file(*path);
    if (!content.ok()) return content.error();
    text = std::move(content->text);
  }
  auto before = parse_yaml(text, *path);
  if (!before.ok()) return before.error();
  if (is_msticpy(*before))
    return Diagnostic{"HB-K008", "this is another program's file",
                      {},        "huntbook config import makes one of your own of it",
                      "",        *path};
  auto edited = edit_yaml(text, *path, parts, value);
  if (!edited.ok()) return edited;
  auto after = parse_yaml(*edited, *path);
  if (!after.ok()) return after.error();
  // A change that the file cannot be read with is not made.
  const Settings old = read_alone(*before, *path, environment), made = read_alone(*after, *path, environment);
  for (const auto& problem : made.problems) {
    const auto same = [&](const auto& known) {
      return known.code == problem.code && known.message == problem.message;
    };
    if (std::none_of(old.problems.begin(), old.problems.end(), same)) {
      Diagnostic refused = problem;
      refused.place.clear();
      return refused;
    }
  }
  const bool holds_secrets = made.files[0].holds_secrets;
  if (auto done =
          write_settings_file(*path, *edited, change.project && !holds_secrets ? 0644 : 0600, holds_secrets);
      !done.ok())
    return done.error();
  wipe(*edited);
  wipe(text);
  wipe_yaml(*before);
  wipe_yaml(*after);
  return path;
}

Result<SettingsImport> import_settings(const SettingsChoice& choice, const std::string& from, bool project,
                                       bool overwrite) {
  const Environment environment = process_environment();
  auto path = target(choice, project, environment);
  if (!path.ok()) return path.error();
  auto content = read_settings_file(from);
  if (!content.ok()) return content.error();
  auto root = parse_yaml(content->text, from);
  wipe(content->text);
  if (!root.ok()) return root.error();
  if (!is_msticpy(*root)) {
    return Diagnostic{
        "HB-K001",
        "this is no msticpyconfig.yaml",
        {},
        "it has none of AzureSentinel, DataProviders, TIProviders, KustoClusters, QueryDefinitions",
        "",
        from};
  }
  std::error_code error;
  if (std::filesystem::exists(*path, error) && !overwrite) {
    return Diagnostic{"HB-K008", "the file is there already",
                      {},        "--overwrite replaces it; --config FILE writes another",
                      "",        *path};
  }
  auto import = convert_msticpy(*root, from);
  for (size_t i = 0; i < import.root.items.size(); ++i) {
    if (import.root.keys[i].text != "query_paths") continue;
    for (auto& item : import.root.items[i].items)
      item.text = std::filesystem::absolute(settings_relative(item.text, from, environment), error)
                      .lexically_normal()
                      .string();
  }
  SettingsImport made;
  made.file = *path;
  const Settings settings = read_alone(import.root, *path, environment);
  made.left = import.left;
  Diagnostics problems = settings.problems;
  for (const auto& connection : settings.connections) check_connection(connection, problems);
  for (auto& problem : problems) {
    problem.place = from + problem.place.substr(path->size());
    made.left.push_back(std::move(problem));
  }
  made.taken = settings.entries.size();
  std::string text = yaml_document(import.root);
  auto done = write_settings_file(*path, text, 0600, true);
  wipe(text);
  wipe_yaml(import.root);
  wipe_yaml(*root);
  if (!done.ok()) return done.error();
  return made;
}

}  // namespace huntbook
