#include "session/remotes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/resolve.h"
#include "config/sections.h"
#include "session/state.h"

namespace huntbook {
namespace {

constexpr uint64_t kMaxBytes = 4ull << 30;  // of one answer in memory

Diagnostic no_connection(const std::string& name, const Settings& settings) {
  std::vector<std::string> names;
  for (const auto& connection : settings.connections) names.push_back(connection.name);
  for (const ProviderKind* kind : provider_kinds()) names.push_back(kind->name);
  const auto near = nearest_name(name, names);
  return {"HB-R004",
          fmt::format("no connection `{}`", name),
          {},
          near ? fmt::format("did you mean `{}`?", *near)
               : fmt::format("huntbook config set connections.{}.provider NAME", name),
          "",
          ""};
}

// A value as the settings files write it, of one that was given by hand.
Result<SettingValue> value_by_hand(const std::string& name, const std::string& text) {
  SettingsFile file;
  file.path = "the options";
  if (text.starts_with('{')) {
    auto node = parse_yaml(text, file.path);
    if (!node.ok()) return node.error();
    return read_value(*node, name, file);
  }
  SettingValue value;
  value.secret = is_secret_name(name);
  if (value.secret) value.hidden = Secret(text);
  else value.text = text;
  return value;
}

// Says of every service that it has the secret: whether it does is seen when it is asked.
struct Unasked : SecretResolver {
  Result<Secret> resolve(const SettingValue&) override { return Secret("not asked for yet"); }
};

}  // namespace

Remotes::Remotes(const Settings& settings, const SessionOptions& options)
    : settings_(settings), options_(options) {
  if (settings.sign_in.token_cache != "memory") store_ = std::make_unique<TokenStore>(process_environment());
}

Result<Secret> Remotes::resolve(const SettingValue& reference) {
  if (!secrets_) {
    auto made = context();
    if (!made.ok()) return made.error();
    secrets_ = std::make_unique<RemoteSecrets>(std::move(*made), settings_.sign_in, process_environment());
  }
  return secrets_->resolve(reference);
}

Result<ProviderArguments> Remotes::arguments_of(const Connection* connection, const ProviderKind& kind,
                                                const Arguments& more, SecretResolver& services) const {
  ProviderArguments out;
  const auto add = [&](const std::string& name, const SettingValue& value, const std::string& key) -> Status {
    const auto setting = std::find_if(kind.settings.begin(), kind.settings.end(),
                                      [&](const auto& s) { return s.name == name; });
    const bool secret = value.secret || (setting != kind.settings.end() && setting->secret);
    if (value.is_list) {
      out.set(name, fmt::format("{}", fmt::join(value.list, ",")));
      return {};
    }
    ResolveOptions how;
    how.remote = &services;
    auto text = resolve_setting(value, key, settings_, how);
    if (!text.ok()) return text.error();
    const bool is_path = setting != kind.settings.end() && setting->path && !value.is_reference() &&
                         text->reveal().find('\n') == std::string_view::npos;
    if (is_path && !value.place.file.empty())
      *text = Secret(settings_relative(std::string(text->reveal()), value.place.file, process_environment()));
    if (secret) out.set(name, std::move(*text));
    else out.set(name, std::string(text->reveal()));
    return {};
  };
  for (size_t i = 0; connection && i < connection->arguments.size(); ++i) {
    const auto& [name, value] = connection->arguments[i];
    if (auto status = add(name, value, fmt::format("connections.{}.{}", connection->name, name));
        !status.ok())
      return status.error();
  }
  for (const auto& [name, text] : more) {
    auto value = value_by_hand(name, text);
    if (!value.ok()) return value.error();
    if (auto status = add(name, *value, name); !status.ok()) return status.error();
  }
  if (!settings_.sign_in.methods.empty() && !out.has("sign_in") &&
      std::any_of(kind.settings.begin(), kind.settings.end(),
                  [](const auto& s) { return s.name == "sign_in"; }))
    out.set("sign_in", fmt::format("{}", fmt::join(settings_.sign_in.methods, ",")));
  if (!settings_.sign_in.cloud.empty() && !out.has("cloud") &&
      std::any_of(kind.settings.begin(), kind.settings.end(),
                  [](const auto& s) { return s.name == "cloud"; }))
    out.set("cloud", settings_.sign_in.cloud);
  return out;
}

Result<DriverContext> Remotes::context() const {
  DriverContext made;
  const auto& network = settings_.network;
  made.offline = options_.offline || network.offline;
  made.progress = options_.progress;
  made.tell = options_.tell;
  made.store = store_.get();
  made.client.cancel = options_.cancel;
  made.client.ca_file = network.ca_bundle;
  made.client.proxy = network.proxy;
  if (network.proxy_user) {
    auto user = resolve_setting(*network.proxy_user, "network.proxy_user", settings_, {});
    if (!user.ok()) return user.error();
    made.client.proxy_user = user->reveal();
  }
  if (network.proxy_password) {
    auto password = resolve_setting(*network.proxy_password, "network.proxy_password", settings_, {});
    if (!password.ok()) return password.error();
    made.client.proxy_password = std::move(*password);
  }
  return made;
}

Result<Remote*> Remotes::find(const std::string& name) {
  const auto at = opened_.find(name);
  if (at != opened_.end()) return &at->second;
  return open(name, {});
}

Result<Remote*> Remotes::open(const std::string& name, const Arguments& arguments) {
  const Connection* connection = nullptr;
  std::string provider = name;
  if (settings_.find(name)) {
    auto trusted = settings_.trusted_connection(name);
    if (!trusted.ok()) return trusted.error();
    connection = *trusted;
    provider = connection->provider;
  }
  Arguments more = arguments;
  for (const auto& [key, value] : arguments) {
    if (key == "provider") provider = value;
  }
  std::erase_if(more, [](const auto& pair) { return pair.first == "provider"; });
  auto kind = find_provider(provider);
  if (!kind.ok()) return connection || provider != name ? kind.error() : no_connection(name, settings_);
  auto values = arguments_of(connection, **kind, more, *this);
  if (!values.ok()) return values.error();
  auto made = context();
  if (!made.ok()) return made.error();
  auto driver = make_driver(**kind, *values, *made);
  if (!driver.ok()) {
    Diagnostic failure = driver.error();
    if (connection && failure.place.empty()) failure.place = connection->place.text();
    return failure;
  }
  Remote& remote = opened_[name];
  remote = {name, *kind, std::move(*driver)};
  return &remote;
}

std::string Remotes::readiness(const Connection& connection) const {
  if (!connection.trusted) return "only in a project file that you have not trusted";
  auto kind = find_provider(connection.provider);
  if (!kind.ok()) return kind.error().message;
  Unasked services;
  auto values = arguments_of(&connection, **kind, {}, services);
  if (!values.ok()) return values.error().message;
  auto driver = make_driver(**kind, *values, {});
  if (!driver.ok()) return driver.error().message;
  return "ready";
}

Result<Table> Remotes::run(Remote& remote, RunRequest request) {
  if (request.limits.max_bytes == 0)
    request.limits.max_bytes =
        options_.memory_limit ? std::min(options_.memory_limit / 2, kMaxBytes) : kMaxBytes;
  auto table = remote.driver->run(request);
  if (!table.ok()) return table;
  if (table->provenance.source.empty()) table->provenance.source = remote.name;
  return table;
}

}  // namespace huntbook
