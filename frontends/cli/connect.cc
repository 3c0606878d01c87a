// huntbook providers and connect: remote services.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/time.h"
#include "cli.h"

namespace huntbook::cli {

void add_remote_options(CLI::App& command, RemoteOptions& options) {
  command
      .add_option("--option", options.settings, "NAME=VALUE, a setting of the connection (may be repeated)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

bool connection_arguments(const RemoteOptions& options, Arguments& out) {
  if (!parse_assignments(options.settings, out)) return false;
  for (const auto& [name, value] : out) {
    if (!is_secret_setting("connections.x." + name) || value.starts_with('{')) continue;
    fmt::print(
        stderr,
        "error: `{}` is a secret, and others can see a command line\nhint: --option '{}={{env: NAME}}', or "
        "huntbook config set\n",
        escape_terminal(name), escape_terminal(name));
    return false;
  }
  return true;
}

bool parse_range(const RemoteOptions& options, TimeRange& range) {
  for (const auto& [text, into, option] :
       {std::tuple{&options.start, &range.start, "--start"}, {&options.end, &range.end, "--end"}}) {
    if (text->empty()) continue;
    *into = parse_datetime(*text);
    if (*into) continue;
    fmt::print(stderr, "error: `{}` of {} is no time\nhint: 2024-05-01, 2024-05-01T10:00:00Z\n",
               escape_terminal(*text), option);
    return false;
  }
  return true;
}

void add_connect(CLI::App& app, Context& context) {
  struct Options {
    DataOptions data;
    OutputOptions output;
    RemoteOptions remote;
    std::string name, search;
    bool schema = false, queries = false;
  };
  auto list = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "providers", "List the kinds of remote services: what each needs, and what is ready");
  add_data_options(*command, list->data);
  add_output_options(*command, list->output);
  command->footer("Example:\n  huntbook providers");
  command->callback([&context, list] {
    context.run = [&context, list] {
      if (const int code = check_format(list->output)) return code;
      int code = kComplete;
      auto session = open_session(context, list->data, code);
      if (!session) return code;
      return write_result(session->providers(), list->output);
    };
  });

  auto options = std::make_shared<Options>();
  command = app.add_subcommand("connect", "Connect to a service: sign in, and see that it takes us");
  add_data_options(*command, options->data);
  add_output_options(*command, options->output);
  add_remote_options(*command, options->remote);
  command->add_flag("--schema", options->schema, "List its tables and columns");
  command->add_flag("--queries", options->queries, "List the queries that are saved there");
  command
      ->add_option("--search", options->search,
                   "With --queries: those that hold all these words, such as T1059")
      ->type_name("WORDS");
  command->add_option("NAME", options->name, "A connection of the settings, or a kind of provider")
      ->required();
  command->footer(
      "Examples:\n  huntbook connect lab\n  huntbook connect lab --schema -o csv\n  huntbook connect lab "
      "--option database=Logs");
  command->callback([&context, options] {
    context.run = [&context, options] {
      if (const int code = check_format(options->output)) return code;
      Arguments arguments;
      if (!connection_arguments(options->remote, arguments)) return kWrongUse;
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      if (!session) return code;
      auto provider = session->connect(options->name, arguments);
      context.progress.clear();
      if (!provider.ok()) return report(provider.error(), "");
      if (options->schema) return write_result(provider->schema(), options->output);
      if (options->queries) return write_result(provider->own_queries(options->search), options->output);
      return write_text(fmt::format("connected to `{}`\n", escape_terminal(options->name)), "") ? kComplete
                                                                                                : kUserError;
    };
  });
}

}  // namespace huntbook::cli
