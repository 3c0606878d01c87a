#include "config/resolve.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/file.h"
#include "config/secret_service.h"

namespace huntbook {
namespace {

Diagnostic no_value(const SettingValue& value, const std::string& key, const std::string& reason,
                    std::string hint) {
  return {"HB-K007",         fmt::format("`{}` refers to {}", key, reason), {}, std::move(hint), "",
          value.place.text()};
}

Result<Secret> from_environment(const SettingValue& value, const std::string& key,
                                const Environment& environment) {
  const std::string name(value.field("name"));
  auto text = environment(name);
  if (!text) {
    return no_value(value, key, fmt::format("the environment variable `{}`, which is not set", name),
                    fmt::format("export {}=...", name));
  }
  Secret secret = Secret::take(std::move(*text));
  if (secret.empty()) {
    return no_value(value, key, fmt::format("the environment variable `{}`, which is empty", name),
                    fmt::format("export {}=...", name));
  }
  return secret;
}

Result<Secret> from_name(const SettingValue& value, const std::string& key, const Settings& settings,
                         const ResolveOptions& options) {
  const std::string name(value.field("name"));
  std::vector<std::string> names;
  for (const auto& [known, secret] : settings.secrets) {
    if (known == name) return resolve_setting(secret, "secrets." + name, settings, options);
    names.push_back(known);
  }
  auto near = nearest_name(name, names);
  return no_value(
      value, key, fmt::format("the secret `{}`, which the settings do not have", name),
      near ? "did you mean `" + *near + "`?" : fmt::format("huntbook config set secrets.{}", name));
}

}  // namespace

Result<Secret> resolve_setting(const SettingValue& value, const std::string& key, const Settings& settings,
                               const ResolveOptions& options) {
  if (value.is_reference() && !value.trusted) {
    return Diagnostic{
        "HB-K004",
        fmt::format("`{}` of a project file that you have not trusted may not use a secret", key),
        {},
        "read the file; then run with --trust-project, or add its folder to `trust` of your own settings",
        "",
        value.place.text()};
  }
  const Environment environment = options.environment ? options.environment : process_environment();
  switch (value.source) {
    case ValueSource::kLiteral:
      if (value.is_list)
        return Diagnostic{"HB-K003",         fmt::format("`{}` must be one text", key), {}, "", "",
                          value.place.text()};
      return value.secret ? value.hidden : Secret(value.text);
    case ValueSource::kNamed: return from_name(value, key, settings, options);
    case ValueSource::kEnv: return from_environment(value, key, environment);
    case ValueSource::kFile: {
      auto secret = read_secret_file(std::string(value.field("path")));
      if (secret.ok()) return secret;
      Diagnostic failure = secret.error();
      return Diagnostic{failure.code == "HB-K001" ? "HB-K007" : failure.code,
                        fmt::format("`{}` refers to the file {}: {}", key, failure.place, failure.message),
                        {},
                        failure.hint,
                        "",
                        value.place.text()};
    }
    case ValueSource::kSecretService: {
      auto secret = secret_service_get(std::string(value.field("service")),
                                       std::string(value.field("account")), environment, options.timeout);
      if (secret.ok()) return secret;
      return no_value(value, key, "the Secret Service: " + secret.error().message, secret.error().hint);
    }
    default: break;
  }
  if (!options.remote) {
    return no_value(
        value, key,
        fmt::format("`{}`, which cannot be asked for this setting", reference_kind(value.source).key),
        "{env: NAME}, {file: PATH} or {secret_service: ...}");
  }
  auto secret = options.remote->resolve(value);
  if (secret.ok()) return secret;
  if (secret.error().code == "HB-E130") return secret;  // interrupted
  return no_value(value, key,
                  fmt::format("`{}`: {}", reference_kind(value.source).key, secret.error().message),
                  secret.error().hint);
}

}  // namespace huntbook
