// The command line: picks a command and runs it.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/escape.h"
#include "base/text.h"
#include "cli.h"

namespace huntbook::cli {
namespace {

CancelToken* interrupted_token = nullptr;  // what the signal handler can reach

void on_interrupt(int) {
  if (interrupted_token->cancelled()) _exit(kInterrupted);  // asked twice
  interrupted_token->cancel();
}

// A hint for a mistyped command.
void hint_command(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(sub->get_name());
  if (argc < 2) return;
  if (auto near = nearest_name(argv[1], names)) fmt::print(stderr, "hint: did you mean `{}`?\n", *near);
}

int run(int argc, char** argv) {
  CLI::App app("Huntbook: ask KQL of raw security logs, pivot on entities, look at pictures");
  app.name("huntbook");
  app.set_version_flag("--version", "huntbook " HB_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  huntbook scenario /tmp/demo\n"
      "  huntbook query -d /tmp/demo/evidence 'SecurityEvent | summarize count() by EventID | top 5 by count_'\n"
      "  huntbook draw -d /tmp/demo/evidence -k timeline --out events.html 'SecurityEvent | where EventID == 4624'");
  Context context;
  interrupted_token = &context.cancel;
  std::signal(SIGINT, on_interrupt);
  add_query(app, context);
  add_batch(app, context);
  add_check(app, context);
  add_draw(app, context);
  add_lists(app, context);
  add_queries(app, context);
  add_pivots(app, context);
  add_scenario(app, context);
  add_completion(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    if (failure.get_exit_code() == 0) return app.exit(failure);  // --help, --version
    fmt::print(stderr, "error: {}\n", escape_terminal(failure.what()));
    hint_command(app, argc, argv);
    fmt::print(stderr, "hint: huntbook --help lists the commands, huntbook COMMAND --help what one takes\n");
    return kWrongUse;
  }
  return context.run ? context.run() : kWrongUse;
}

}  // namespace
}  // namespace huntbook::cli

int main(int argc, char** argv) { return huntbook::cli::run(argc, argv); }
