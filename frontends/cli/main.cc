// The command line: picks a command and runs it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

#include "base/escape.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli.h"

namespace huntbook::cli {
namespace {

CancelToken* interrupted_token = nullptr;  // what the signal handler can reach

void on_interrupt(int) {
  if (interrupted_token->cancelled()) _exit(kInterrupted);  // asked twice
  interrupted_token->cancel();
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

// Says what is wrong with the words, in the order they stand; `failure` is what the parser says of it.
void explain_wrong_use(const CLI::App& app, int argc, char** argv, const CLI::ParseError& failure) {
  const CLI::App* command = &app;
  std::string path = "huntbook";
  int at = 1;
  for (; at < argc && !command_names(*command).empty(); ++at) {
    const std::string word = argv[at];
    if (word.starts_with("-")) continue;
    const auto known = command->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
    if (known.empty()) {
      fmt::print(stderr, "error: unknown command `{}`\n", escape_terminal(word));
      if (auto near = nearest_name(word, command_names(*command))) {
        fmt::print(stderr, "hint: did you mean `{} {}`?\n", path, *near);
      } else {
        fmt::print(stderr, "hint: {} --help lists the commands\n", path);
      }
      return;
    }
    command = known.front();
    path += " " + word;
  }
  const auto names = option_names(*command);
  for (; at < argc; ++at) {
    const std::string word = argv[at], name = word.substr(0, word.find('='));
    if (word == "--") break;
    if (!word.starts_with("--") || std::find(names.begin(), names.end(), name) != names.end()) continue;
    fmt::print(stderr, "error: unknown option `{}`\n", escape_terminal(name));
    if (auto near = nearest_name(name, names)) {
      fmt::print(stderr, "hint: did you mean `{}`?\n", *near);
    } else {
      fmt::print(stderr, "hint: {} --help lists the options\n", path);
    }
    return;
  }
  if (!command_names(*command).empty()) {
    fmt::print(stderr, "error: no command given\nhint: {} --help lists the commands\n", path);
    return;
  }
  fmt::print(stderr, "error: {}\nhint: {} --help says what it takes\n", escape_terminal(failure.what()),
             path);
}

int run(int argc, char** argv) {
  CLI::App app("Huntbook: ask KQL of raw security logs, pivot on entities, look at pictures");
  app.name("huntbook");
  app.set_version_flag("--version", "huntbook " HB_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  huntbook scenario /tmp/demo\n"
      "  huntbook query -d /tmp/demo/evidence 'SecurityEvent | summarize count() by EventID | top 5 by "
      "count_'\n"
      "  huntbook draw -d /tmp/demo/evidence -k timeline --out events.html 'SecurityEvent | where EventID == "
      "4624'\n"
      "\n"
      "Exit codes: 0 complete, 1 an error in the question, 2 wrong use, 3 the answer is not complete, 130 "
      "interrupted");
  Context context;
  interrupted_token = &context.cancel;
  std::signal(SIGINT, on_interrupt);
  add_query(app, context);
  add_batch(app, context);
  add_check(app, context);
  add_fmt(app, context);
  add_language(app, context);
  add_draw(app, context);
  add_lists(app, context);
  add_queries(app, context);
  add_pivots(app, context);
  add_scenario(app, context);
  add_config(app, context);
  add_connect(app, context);
  add_completion(app, context);
  CLI::App* version = app.add_subcommand("version", "Print the version");
  version->footer("Example:\n  huntbook version");
  version->callback([&context] {
    context.run = [] { return write_text("huntbook " HB_VERSION "\n", "") ? kComplete : kUserError; };
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    if (failure.get_exit_code() == 0) return app.exit(failure);  // --help, --version
    explain_wrong_use(app, argc, argv, failure);
    return kWrongUse;
  }
  return context.run ? context.run() : kWrongUse;
}

}  // namespace
}  // namespace huntbook::cli

int main(int argc, char** argv) {
  huntbook::forbid_core_dumps();  // evidence and the environment hold secrets before we know of any
  try {
    return huntbook::cli::run(argc, argv);
  } catch (const std::exception& failure) {  // out of memory, mostly
    std::fprintf(stderr, "error: %s\n", huntbook::escape_terminal(failure.what()).c_str());
    return huntbook::cli::kUserError;
  }
}
