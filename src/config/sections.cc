#include "config/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kSections{"connections", "ti_providers", "secrets", "query_paths",
                                         "query_time",  "network",      "sign_in", "trust"};
const std::vector<std::string> kMethods{"client_secret",    "certificate",       "device_code", "azure_cli",
                                        "managed_identity", "workload_identity", "environment"};
const std::vector<std::string> kClouds{"global", "china", "us_government"};
const std::vector<std::string> kCaches{"secret_service", "memory"};

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

struct Reader {
  SettingsFile& file;
  const Environment& environment;
  Settings& settings;

  SettingPlace place(const YamlNode& node) const { return {file.path, node.line}; }

  void problem(const char* code, const YamlNode& node, std::string message, std::string hint = {}) {
    settings.problems.push_back({code, std::move(message), {}, std::move(hint), "", place(node).text()});
  }

  void unknown_key(const YamlNode& key, const std::string& where, const std::vector<std::string>& known) {
    auto near = nearest_name(key.text, known);
    problem("HB-K002", key, fmt::format("unknown key `{}` in {}", key.text, where),
            near ? "did you mean `" + *near + "`?" : "known keys: " + joined(known));
  }

  // What only the user may say; true when this file may.
  bool allowed(const YamlNode& node, const std::string& key) {
    if (file.trusted) return true;
    problem("HB-K004", node, fmt::format("`{}` of a project file that you have not trusted is ignored", key),
            "say it in your own settings, or run with --trust-project");
    return false;
  }

  void enter(const std::string& key, std::string shown, const YamlNode& node) {
    auto& entries = settings.entries;
    const auto old =
        std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
    SettingEntry made{key, std::move(shown), place(node)};
    if (old == entries.end()) entries.push_back(std::move(made));
    else *old = std::move(made);
  }

  void forget(const std::string& prefix) {
    std::erase_if(settings.entries, [&](const auto& entry) { return entry.key.starts_with(prefix); });
  }

  std::optional<SettingValue> value(const YamlNode& node, const std::string& key, const std::string& name,
                                    bool always_secret = false) {
    auto read = read_value(node, name, file);
    if (!read.ok()) {
      settings.problems.push_back(read.error());
      return std::nullopt;
    }
    if (always_secret && !read->secret) {
      read->secret = true;
      read->hidden = Secret::take(std::move(read->text));
    }
    if (read->secret && !read->is_reference()) file.holds_secrets = true;
    if (read->source == ValueSource::kFile) {
      for (auto& [field, text] : read->fields) {
        if (field == "path") text = settings_relative(text, file.path, environment);
      }
    }
    enter(key, read->shown(), node);
    return std::move(*read);
  }

  // A text that is no secret; nothing after a problem.
  std::optional<std::string> text(const YamlNode& node, const std::string& key) {
    if (!node.is_scalar()) {
      problem("HB-K003", node, fmt::format("`{}` must be a text", key));
      return std::nullopt;
    }
    enter(key, hide_password(node.text), node);
    return node.text;
  }

  std::optional<std::string> choice(const YamlNode& node, const std::string& key,
                                    const std::vector<std::string>& choices) {
    if (node.is_scalar() && std::find(choices.begin(), choices.end(), node.text) != choices.end())
      return text(node, key);
    auto near = node.is_scalar() ? nearest_name(node.text, choices) : std::nullopt;
    problem("HB-K003", node,
            node.is_scalar() ? fmt::format("`{}` cannot be `{}`", key, node.text)
                             : fmt::format("`{}` must be a text", key),
            near ? "did you mean `" + *near + "`?" : joined(choices));
    return std::nullopt;
  }

  std::optional<bool> boolean(const YamlNode& node, const std::string& key) {
    const std::string word = node.is_scalar() ? to_lower(node.text) : "";
    if (word == "true" || word == "false") {
      enter(key, word, node);
      return word == "true";
    }
    problem("HB-K003", node, fmt::format("`{}` must be true or false", key));
    return std::nullopt;
  }

  // The texts of a list, or one text.
  std::vector<const YamlNode*> items(const YamlNode& node, const std::string& key) {
    std::vector<const YamlNode*> out;
    if (node.is_scalar()) out.push_back(&node);
    else if (node.is_list()) {
      for (const auto& item : node.items) {
        if (item.is_scalar()) out.push_back(&item);
        else problem("HB-K003", item, fmt::format("an item of `{}` must be a text", key));
      }
    } else {
      problem("HB-K003", node, fmt::format("`{}` must be a list of texts", key));
    }
    return out;
  }

  bool is_map(const YamlNode& node, const std::string& key) {
    if (node.is_map()) return true;
    if (node.kind != YamlNode::Kind::kNull) problem("HB-K003", node, fmt::format("`{}` must be a map", key));
    return false;
  }

  void connections(const YamlNode& node, const std::string& section, std::vector<Connection>& into) {
    if (!is_map(node, section)) return;
    for (size_t i = 0; i < node.items.size(); ++i) connection(node.keys[i], node.items[i], section, into);
  }

  void connection(const YamlNode& name, const YamlNode& node, const std::string& section,
                  std::vector<Connection>& into) {
    if (!is_setting_name(name.text)) {
      problem("HB-K003", name, fmt::format("`{}` is no name for a connection", name.text),
              "letters, digits, _ and -, at most 64");
      return;
    }
    const std::string key = section + "." + name.text;
    if (!is_map(node, key)) return;
    const auto old =
        std::find_if(into.begin(), into.end(), [&](const auto& known) { return known.name == name.text; });
    if (old != into.end() && old->trusted && !file.trusted) {
      problem("HB-K004", name,
              fmt::format(
                  "`{}` is yours already; that of a project file that you have not trusted is ignored", key),
              fmt::format("yours is at {}", old->place.text()));
      return;
    }
    forget(key + ".");
    Connection made;
    made.name = name.text;
    made.place = place(name);
    made.trusted = file.trusted;
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string& argument = node.keys[i].text;
      const YamlNode& item = node.items[i];
      if (argument == "provider") {
        made.provider = text(item, key + ".provider").value_or("");
      } else if (argument == "description") {
        made.description = text(item, key + ".description").value_or("");
      } else if (auto read = value(item, key + "." + argument, argument)) {
        made.arguments.emplace_back(argument, std::move(*read));
      }
    }
    if (made.provider.empty()) {
      problem("HB-K003", name, fmt::format("`{}` names no provider", key),
              fmt::format("huntbook config set {}.provider NAME", key));
      return;
    }
    if (old != into.end()) *old = std::move(made);
    else into.push_back(std::move(made));
  }

  void secrets(const YamlNode& node) {
    if (!is_map(node, "secrets") || !allowed(node, "secrets")) return;
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string& name = node.keys[i].text;
      if (!is_setting_name(name)) {
        problem("HB-K003", node.keys[i], fmt::format("`{}` is no name for a secret", name),
                "letters, digits, _ and -, at most 64");
        continue;
      }
      auto read = value(node.items[i], "secrets." + name, name, true);
      if (!read) continue;
      if (read->source == ValueSource::kNamed || read->is_list) {
        problem("HB-K003", node.items[i],
                fmt::format("`secrets.{}` must be a text or say where it stands", name),
                "{env: NAME}, {file: PATH}, {secret_service: {service: S, account: A}}");
        continue;
      }
      std::erase_if(settings.secrets, [&](const auto& known) { return known.first == name; });
      settings.secrets.emplace_back(name, std::move(*read));
    }
  }

  void query_paths(const YamlNode& node) {
    size_t number = 0;
    for (const auto* item : items(node, "query_paths")) {
      const std::string path = settings_relative(item->text, file.path, environment);
      std::error_code error;
      const fs::path real = fs::weakly_canonical(path, error);
      const fs::path home = fs::weakly_canonical(fs::path(file.path).parent_path(), error);
      const bool inside =
          !error && std::mismatch(home.begin(), home.end(), real.begin(), real.end()).first == home.end();
      if (!file.trusted && !inside) {
        problem(
            "HB-K004", *item,
            fmt::format("query path `{}` lies outside of a project that you have not trusted and is ignored",
                        item->text),
            "say it in your own settings, or run with --trust-project");
        continue;
      }
      if (!fs::exists(path, error)) {
        problem("HB-K003", *item, fmt::format("query path `{}` does not exist", item->text));
        continue;
      }
      enter(fmt::format("query_paths[{}]", settings.query_paths.size()), path, *item);
      settings.query_paths.push_back(path);
      ++number;
    }
  }

  void query_time(const YamlNode& node) {
    if (!is_map(node, "query_time")) return;
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string& name = node.keys[i].text;
      std::string* to = name == "origin"   ? &settings.query_time.origin
                        : name == "before" ? &settings.query_time.before
                        : name == "after"  ? &settings.query_time.after
                                           : nullptr;
      if (!to) unknown_key(node.keys[i], "query_time", {"origin", "before", "after"});
      else if (auto read = text(node.items[i], "query_time." + name)) *to = *read;
    }
  }

  void network(const YamlNode& node) {
    if (!is_map(node, "network")) return;
    NetworkSettings& network = settings.network;
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string& name = node.keys[i].text;
      const YamlNode& item = node.items[i];
      const std::string key = "network." + name;
      if (name == "offline") {
        auto read = boolean(item, key);
        // A project may forbid connections, and not allow them again.
        if (read && (*read || allowed(item, key))) network.offline = *read;
      } else if (name == "proxy") {
        if (!allowed(item, key)) continue;
        if (item.is_scalar() && has_password(item.text)) {
          problem("HB-K003", item, "`network.proxy` holds a password",
                  "use network.proxy_user and network.proxy_password");
          file.holds_secrets = true;
          continue;
        }
        if (auto read = text(item, key)) network.proxy = *read;
      } else if (name == "proxy_user" || name == "proxy_password") {
        if (!allowed(item, key)) continue;
        (name == "proxy_user" ? network.proxy_user : network.proxy_password) = value(item, key, name);
      } else if (name == "ca_bundle") {
        if (!allowed(item, key)) continue;
        if (auto read = text(item, key)) network.ca_bundle = settings_relative(*read, file.path, environment);
      } else {
        unknown_key(node.keys[i], "network",
                    {"proxy", "proxy_user", "proxy_password", "ca_bundle", "offline"});
      }
    }
  }

  void sign_in(const YamlNode& node) {
    if (!is_map(node, "sign_in") || !allowed(node, "sign_in")) return;
    for (size_t i = 0; i < node.items.size(); ++i) {
      const std::string& name = node.keys[i].text;
      const YamlNode& item = node.items[i];
      const std::string key = "sign_in." + name;
      if (name == "methods") {
        std::vector<std::string> methods;
        bool good = true;
        for (const auto* method : items(item, key)) {
          good = good && choice(*method, key, kMethods);
          methods.push_back(method->text);
        }
        if (!good) continue;
        enter(key, "[" + joined(methods) + "]", item);
        settings.sign_in.methods = std::move(methods);
      } else if (name == "cloud") {
        if (auto read = choice(item, key, kClouds)) settings.sign_in.cloud = *read;
      } else if (name == "token_cache") {
        if (auto read = choice(item, key, kCaches)) settings.sign_in.token_cache = *read;
      } else {
        unknown_key(node.keys[i], "sign_in", {"methods", "cloud", "token_cache"});
      }
    }
  }

  void trust(const YamlNode& node) {
    if (file.layer == SettingsLayer::kProject) {
      problem("HB-K004", node, "a project file cannot trust itself; `trust` is ignored",
              "say it in your own settings");
      return;
    }
    for (const auto* item : items(node, "trust")) {
      enter(fmt::format("trust[{}]", settings.trust.size()), item->text, *item);
      settings.trust.push_back(settings_relative(item->text, file.path, environment));
    }
  }

  void section(const YamlNode& key, const YamlNode& node) {
    if (key.text == "connections") connections(node, key.text, settings.connections);
    else if (key.text == "ti_providers") connections(node, key.text, settings.ti_providers);
    else if (key.text == "secrets") secrets(node);
    else if (key.text == "query_paths") query_paths(node);
    else if (key.text == "query_time") query_time(node);
    else if (key.text == "network") network(node);
    else if (key.text == "sign_in") sign_in(node);
    else if (key.text == "trust") trust(node);
    else unknown_key(key, "the file", kSections);
  }
};

}  // namespace

Result<SettingValue> read_value(const YamlNode& node, const std::string& name, const SettingsFile& file) {
  SettingValue value;
  value.place = {file.path, node.line};
  value.trusted = file.trusted;
  value.secret = is_secret_name(name);
  const auto wrong = [&](const YamlNode& at, std::string message, std::string hint) {
    return Diagnostic{
        "HB-K003", std::move(message), {}, std::move(hint), "", SettingPlace{file.path, at.line}.text()};
  };
  if (node.is_scalar() || node.kind == YamlNode::Kind::kNull) {
    if (value.secret) value.hidden = Secret(node.text);
    else value.text = node.text;
    return value;
  }
  if (node.is_list()) {
    if (value.secret) return wrong(node, fmt::format("`{}` must be one text", name), "");
    value.is_list = true;
    for (const auto& item : node.items) {
      if (!item.is_scalar()) return wrong(item, fmt::format("an item of `{}` must be a text", name), "");
      value.list.push_back(item.text);
    }
    return value;
  }
  std::vector<std::string> known;
  for (const auto& kind : reference_kinds()) known.emplace_back(kind.key);
  if (node.items.size() != 1)
    return wrong(node, fmt::format("`{}` is a map of {} keys, not a reference", name, node.items.size()),
                 joined(known));
  const ReferenceKind* kind = find_reference_kind(node.keys[0].text);
  if (!kind) {
    auto near = nearest_name(node.keys[0].text, known);
    return wrong(node.keys[0], fmt::format("`{}` refers to an unknown place `{}`", name, node.keys[0].text),
                 near ? "did you mean `" + *near + "`?" : joined(known));
  }
  value.source = kind->source;
  const YamlNode& where = node.items[0];
  if (where.is_scalar()) {
    value.fields.emplace_back(kind->fields[0], where.text);
  } else if (where.is_map()) {
    for (size_t i = 0; i < where.items.size(); ++i) {
      const std::string& field = where.keys[i].text;
      if (std::find(kind->fields.begin(), kind->fields.end(), field) == kind->fields.end()) {
        const std::vector<std::string> fields(kind->fields.begin(), kind->fields.end());
        auto near = nearest_name(field, fields);
        return wrong(where.keys[i], fmt::format("unknown key `{}` in `{}`", field, kind->key),
                     near ? "did you mean `" + *near + "`?" : "known keys: " + joined(fields));
      }
      if (!where.items[i].is_scalar())
        return wrong(where.items[i], fmt::format("`{}` must be a text", field), "");
      value.fields.emplace_back(field, where.items[i].text);
    }
  }
  for (size_t i = 0; i < kind->required; ++i) {
    if (value.field(kind->fields[i]).empty())
      return wrong(where, fmt::format("`{}` lacks `{}`", kind->key, kind->fields[i]),
                   kind->fields.size() == 1 ? fmt::format("{{{}: {}}}", kind->key, to_upper(kind->fields[0]))
                                            : fmt::format("{{{}: {{{}: ...}}}}", kind->key, kind->fields[i]));
  }
  return value;
}

void read_sections(const YamlNode& root, SettingsFile& file, const Environment& environment,
                   Settings& settings) {
  Reader reader{file, environment, settings};
  if (!root.is_map()) {
    reader.problem("HB-K001", root, "the settings are not a map", "sections: " + joined(kSections));
    return;
  }
  for (size_t i = 0; i < root.items.size(); ++i) reader.section(root.keys[i], root.items[i]);
}

}  // namespace huntbook
