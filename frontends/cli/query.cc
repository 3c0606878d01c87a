// huntbook query: one KQL text, one answer.
#include <fmt/format.h>

#include "base/escape.h"
#include "cli.h"

namespace huntbook::cli {

void add_query(CLI::App& app, Context& context) {
  struct Options {
    DataOptions data;
    OutputOptions output;
    std::string text, file;
    std::vector<std::string> set;
    RemoteOptions remote;
    std::string connection, database;
    bool explain = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("query", "Ask a question in KQL");
  add_data_options(*command, options->data);
  add_output_options(*command, options->output);
  command->add_option("-f,--file", options->file, "Read the query from this file (- is stdin)")
      ->type_name("FILE");
  command->add_option("--set", options->set, "NAME=VALUE for declare query_parameters (may be repeated)")
      ->allow_extra_args(false);
  command->add_flag("--explain", options->explain, "Print tokens, tree, plan and SQL instead of running");
  command->add_option("--connect", options->connection, "Ask this connection, in its own language")
      ->type_name("NAME");
  add_remote_options(*command, options->remote);
  command->add_option("--database", options->database, "Its database, index or workspace")->type_name("NAME");
  command->add_option("--start", options->remote.start, "With --connect: from this time on")
      ->type_name("TIME");
  command->add_option("--end", options->remote.end, "With --connect: before this time")->type_name("TIME");
  command->add_option("--max-rows", options->remote.max_rows, "With --connect: keep no more rows")
      ->type_name("N");
  command->add_option("KQL", options->text, "The query");
  command->footer(
      "Examples:\n"
      "  huntbook query 'print now()'\n"
      "  huntbook query -d evidence/ 'SecurityEvent | where EventID == 4688 | summarize count() by "
      "Computer'\n"
      "  huntbook query -d logs.zip -o json -f hunt.kql --set host=WS-0004\n"
      "  huntbook query --connect lab --start 2024-05-01 'SecurityEvent | take 5'");
  command->callback([&context, options] {
    context.run = [&context, options] {
      if (const int code = check_format(options->output)) return code;
      std::string text = options->text;
      if (!options->file.empty()) {
        auto read = read_text(options->file);
        if (!read) return kUserError;
        text = std::move(*read);
      }
      if (!options->file.empty() && !options->text.empty()) {
        fmt::print(stderr, "error: two queries, one as text and one in `{}`\nhint: give one of them\n",
                   escape_terminal(options->file));
        return kWrongUse;
      }
      if (text.empty() && options->file.empty()) {
        fmt::print(stderr, "error: no query\nhint: huntbook query 'KQL', or -f FILE\n");
        return kWrongUse;
      }
      Arguments parameters;
      if (!parse_assignments(options->set, parameters)) return kWrongUse;
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      if (!session) return code;
      if (!options->connection.empty()) {
        Arguments settings;
        AskOptions ask;
        if (!connection_arguments(options->remote, settings) || !parse_range(options->remote, ask.range))
          return kWrongUse;
        ask.limits.max_rows = options->remote.max_rows;
        ask.database = options->database;
        auto provider = session->attach(options->connection, settings);
        if (!provider.ok()) return report(provider.error(), "");
        Answer answer = provider->ask(text, ask);
        context.progress.clear();
        return write_answer(answer, options->output, "");
      }
      if (options->explain)
        return write_text(session->explain(text), options->output.file) ? kComplete : kUserError;
      Answer answer = session->query(text, parameters);
      context.progress.clear();
      return write_answer(answer, options->output, text);
    };
  });
}

}  // namespace huntbook::cli
