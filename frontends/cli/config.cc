// huntbook config: the settings.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "base/escape.h"
#include "base/secret.h"
#include "cli.h"
#include "huntbook/settings.h"

namespace huntbook::cli {
namespace {

struct ConfigOptions {
  SettingsChoice choice;
  OutputOptions output;
  SettingChange change;
  std::string from;
  bool value_given = false;
  bool overwrite = false;
};

// One line from stdin; from a terminal without showing it.
std::optional<std::string> read_value(const std::string& key, bool secret) {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  termios shown{};
  const bool hide = terminal && secret && tcgetattr(STDIN_FILENO, &shown) == 0;
  if (hide) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  if (terminal) fmt::print(stderr, "{}: ", escape_terminal(key));
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (hide) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fmt::print(stderr, "\n");
  }
  if (!read) {
    fmt::print(stderr,
               "error: no value for `{}`\nhint: huntbook config set KEY VALUE, or the value on stdin\n",
               escape_terminal(key));
    return std::nullopt;
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

void say(const char* kind, const Diagnostic& diagnostic) {
  fmt::print(stderr, "{} {}: ", kind, diagnostic.code);
  if (!diagnostic.place.empty()) fmt::print(stderr, "{}: ", escape_terminal(diagnostic.place));
  fmt::print(stderr, "{}\n", escape_terminal(diagnostic.message));
  if (!diagnostic.hint.empty()) fmt::print(stderr, "hint: {}\n", escape_terminal(diagnostic.hint));
}

int refuse(const Diagnostic& diagnostic) {
  say("error", diagnostic);
  return kUserError;
}

CLI::App* add(CLI::App& group, Context& context, const std::string& name, const std::string& doc,
              std::shared_ptr<ConfigOptions> options, std::function<int(ConfigOptions&)> act) {
  CLI::App* command = group.add_subcommand(name, doc);
  command->add_option("--config", options->choice.file, "This settings file in place of the project's")
      ->type_name("FILE");
  command->add_flag("--trust-project", options->choice.trust_project,
                    "Let the project's file name secrets and services");
  command->callback([&context, options, act] { context.run = [options, act] { return act(*options); }; });
  return command;
}

int check(const SettingsChoice& choice) {
  const auto problems = check_settings(choice);
  for (const auto& problem : problems) say("error", problem);
  if (!problems.empty()) return kUserError;
  return write_text("the settings are right\n", "") ? kComplete : kUserError;
}

int set(ConfigOptions& options) {
  SettingChange& change = options.change;
  change.visible = options.value_given;
  if (!options.value_given) {
    auto value = read_value(change.key, is_secret_setting(change.key));
    if (!value) return kWrongUse;
    change.value = std::move(*value);
  }
  auto done = set_setting(options.choice, change);
  wipe(change.value);
  if (!done.ok()) return refuse(done.error());
  fmt::print(stderr, "set `{}` in {}\n", escape_terminal(change.key), escape_terminal(*done));
  return kComplete;
}

int import(const ConfigOptions& options) {
  auto done = import_settings(options.choice, options.from, options.change.project, options.overwrite);
  if (!done.ok()) return refuse(done.error());
  size_t left = 0;
  for (const auto& item : done->left) {
    say("note", item);
    left += item.code == "HB-K010";
  }
  fmt::print(stderr, "wrote {} settings to {}; {} left out\n", done->taken, escape_terminal(done->file),
             left);
  return kComplete;
}

}  // namespace

void add_config(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("config", "Settings: show, check, get, set, import");
  group->require_subcommand(1);
  group->footer(
      "Examples:\n  huntbook config set query_time.before -2d\n  huntbook config set "
      "connections.prod.provider "
      "MSSentinel\n  huntbook config set connections.prod.workspace_id "
      "11111111-2222-3333-4444-555555555555\n  huntbook "
      "config set connections.prod.client_secret '{env: PROD_SECRET}'\n  huntbook "
      "config show");
  auto show = std::make_shared<ConfigOptions>();
  CLI::App* command = add(*group, context, "show", "List every setting and where it stands; secrets as ***",
                          show, [](ConfigOptions& options) {
                            if (const int code = check_format(options.output)) return code;
                            return write_result(show_settings(options.choice), options.output);
                          });
  add_output_options(*command, show->output);
  command->footer("Example:\n  huntbook config show -o json");
  add(*group, context, "check", "Find unknown keys, open files and references that lead nowhere",
      std::make_shared<ConfigOptions>(), [](ConfigOptions& options) { return check(options.choice); })
      ->footer("Example:\n  huntbook config check");
  auto get = std::make_shared<ConfigOptions>();
  command =
      add(*group, context, "get", "Print one setting, or all below a key", get, [](ConfigOptions& options) {
        auto value = get_setting(options.choice, options.change.key);
        if (!value.ok()) return refuse(value.error());
        std::string text;
        for (const auto& line : *value) text += escape_terminal(line) + "\n";
        return write_text(text, "") ? kComplete : kUserError;
      });
  command->add_option("KEY", get->change.key, "Its key")->required();
  command->footer(
      "Examples:\n  huntbook config get query_time.before\n  huntbook config get connections.prod");
  auto change = std::make_shared<ConfigOptions>();
  command = add(*group, context, "set", "Change one setting; a secret is asked for, or read from stdin",
                change, [](ConfigOptions& options) { return set(options); });
  command->add_option("KEY", change->change.key, "Its key")->required();
  command->add_option("VALUE", change->change.value, "A text, [a, b], or a reference such as {env: NAME}")
      ->each([change](const std::string&) { change->value_given = true; });
  command->add_flag("--allow-literal", change->change.allow_literal, "Take a secret from the command line");
  command->add_flag("--keep-in-service", change->change.keep_in_service,
                    "Keep the secret in the Secret Service and write a reference");
  command->add_flag("--project", change->change.project, "Change the project's file, not your own");
  command->footer(
      "Examples:\n  huntbook config set query_time.before -7d\n  huntbook config set "
      "connections.prod.client_secret < "
      "secret.txt\n  huntbook config set secrets.vt '{secret_service: {service: huntbook, account: vt}}'");
  auto from = std::make_shared<ConfigOptions>();
  command = add(*group, context, "import", "Make a huntbook.yaml of an msticpyconfig.yaml", from,
                [](ConfigOptions& options) { return import(options); });
  command->add_option("FILE", from->from, "The msticpyconfig.yaml")->required();
  command->add_flag("--overwrite", from->overwrite, "Replace the settings file that is there");
  command->add_flag("--project", from->change.project, "Write the project's file, not your own");
  command->footer("Example:\n  huntbook config import msticpyconfig.yaml --config imported.yaml");
}

}  // namespace huntbook::cli
