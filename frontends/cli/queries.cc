// huntbook queries: the query packs.
#include <fmt/format.h>

#include "cli.h"

namespace huntbook::cli {
namespace {

struct QueryOptions {
  DataOptions data;
  OutputOptions output;
  std::string name;
  std::vector<std::string> words;
};

CLI::App* add(CLI::App& parent, Context& context, const std::string& name, const std::string& doc,
              std::shared_ptr<QueryOptions> options, std::function<int(Session&, const QueryOptions&)> act) {
  CLI::App* command = parent.add_subcommand(name, doc);
  add_data_options(*command, options->data);
  add_output_options(*command, options->output);
  command->callback([&context, options, act] {
    context.run = [&context, options, act] {
      if (const int code = check_format(options->output)) return code;
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      return session ? act(*session, *options) : code;
    };
  });
  return command;
}

}  // namespace

void add_queries(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("queries", "Query packs: list, search, help, print, run");
  group->require_subcommand(1);
  group->footer(
      "Examples:\n  huntbook queries list\n  huntbook queries search lsass\n  huntbook queries run "
      "list_host_processes -d evidence/ host_name=WS-0004");
  add(*group, context, "list", "List all queries", std::make_shared<QueryOptions>(),
      [](Session& session, const QueryOptions& options) {
        return write_result(session.queries(), options.output);
      })
      ->footer("Example:\n  huntbook queries list -o json");
  auto search = std::make_shared<QueryOptions>();
  CLI::App* command =
      add(*group, context, "search", "Find queries by name, text, table, parameter or technique", search,
          [](Session& session, const QueryOptions& options) {
            return write_result(session.search_queries(fmt::format("{}", fmt::join(options.words, " "))),
                                options.output);
          });
  command->add_option("WORD", search->words, "Words that must all occur")->required();
  command->footer("Examples:\n  huntbook queries search logon\n  huntbook queries search T1003.001");
  auto help = std::make_shared<QueryOptions>();
  command = add(*group, context, "help", "Show what a query does and takes", help,
                [](Session& session, const QueryOptions& options) {
                  auto text = session.query_help(options.name);
                  if (!text.ok()) return report(text.error(), "");
                  return write_text(*text, options.output.file) ? kComplete : kUserError;
                });
  command->add_option("NAME", help->name, "The query")->required();
  command->footer("Example:\n  huntbook queries help password_spray");
  for (const bool run : {false, true}) {
    auto options = std::make_shared<QueryOptions>();
    command = add(*group, context, run ? "run" : "print",
                  run ? "Run a query on the evidence" : "Print a query's final text", options,
                  [run, &progress = context.progress](Session& session, const QueryOptions& given) {
                    Arguments arguments;
                    if (!parse_assignments(given.words, arguments)) return kWrongUse;
                    if (!run) {
                      auto text = session.query_text(given.name, arguments);
                      if (!text.ok()) return report(text.error(), "");
                      return write_text(*text + "\n", given.output.file) ? kComplete : kUserError;
                    }
                    auto text = session.query_text(given.name, arguments);
                    Answer answer = session.run_query(given.name, arguments);
                    progress.clear();
                    return write_answer(answer, given.output, text.ok() ? *text : "");
                  });
    command->add_option("NAME", options->name, "The query")->required();
    command->add_option("NAME=VALUE", options->words, "Its parameters");
    command->footer(run ? "Example:\n  huntbook queries run rare_processes -d evidence/ max_hosts=1"
                        : "Example:\n  huntbook queries print list_host_logons host_name=DC01 start=-2d");
  }
}

}  // namespace huntbook::cli
