// huntbook queries: the query packs.
#include <fmt/format.h>

#include "base/escape.h"
#include "cli.h"
#include "table/builder.h"

namespace huntbook::cli {
namespace {

struct QueryOptions {
  DataOptions data;
  OutputOptions output;
  std::string name;
  std::vector<std::string> words;
  QueryFilter filter;
  bool shadowed = false;
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

void add_filter(CLI::App& command, QueryFilter& filter) {
  command.add_option("--provider", filter.provider, "Only those of this provider")->type_name("NAME");
  command.add_option("--table", filter.table, "Only those that use this table")->type_name("NAME");
  command.add_option("--parameter", filter.parameter, "Only those that take this parameter")
      ->type_name("NAME");
  command
      .add_option("--technique", filter.technique, "Only those for this technique of ATT&CK, with its parts")
      ->type_name("ID");
}

int write_shadowed(const Session& session, const OutputOptions& options) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& shadowed : session.shadowed())
    rows.push_back({shadowed.message, shadowed.place, shadowed.hint});
  return write_table(text_table({"Shadowed", "By", "Earlier"}, rows), options);
}

void add_test(CLI::App& parent, Context& context) {
  struct Options {
    DataOptions data;
    OutputOptions output;
    std::vector<std::string> names;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("test", "Run the tests that queries bring");
  add_session_options(*command, options->data);
  add_output_options(*command, options->output);
  command->add_option("NAME", options->names, "The queries to test; without any, all");
  command->footer(
      "Examples:\n  huntbook queries test\n  huntbook queries test password_spray --query-path my-pack/");
  command->callback([&context, options] {
    context.run = [&context, options] {
      if (const int code = check_format(options->output)) return code;
      auto session = session_options(context, options->data);
      if (!session) return kWrongUse;
      auto tested = Session::test_queries(std::move(*session), options->names);
      context.progress.clear();
      if (!tested.ok()) return report(tested.error(), "");
      size_t failed = 0;
      for (const auto& batch : tested->batches) {
        for (size_t row = 0; row < batch->rows; ++row) {
          if (batch->columns[2].text_at(row) == "ok") continue;
          ++failed;
          fmt::print(stderr, "{}\n", escape_terminal(batch->columns[3].text_at(row)));
        }
      }
      const int code = write_table(*tested, options->output);
      fmt::print(stderr, "{} passed, {} failed\n", tested->rows() - failed, failed);
      return failed ? kUserError : code;
    };
  });
}

}  // namespace

void add_queries(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("queries", "Query packs: list, search, help, print, run, test");
  group->require_subcommand(1);
  group->footer(
      "Examples:\n  huntbook queries list\n  huntbook queries search lsass\n  huntbook queries run "
      "list_host_processes -d evidence/ host_name=WS-0004");
  const auto show = [](Session& session, const QueryOptions& options) {
    QueryFilter filter = options.filter;
    filter.words = fmt::format("{}", fmt::join(options.words, " "));
    const bool typed = options.output.format == "json" || options.output.format == "jsonl";
    return write_result(session.queries(filter, typed), options.output);
  };
  auto list = std::make_shared<QueryOptions>();
  CLI::App* command = add(
      *group, context, "list", "List queries", list, [show](Session& session, const QueryOptions& options) {
        return options.shadowed ? write_shadowed(session, options.output) : show(session, options);
      });
  add_filter(*command, list->filter);
  command->add_flag("--shadowed", list->shadowed, "List definitions that a later one took the place of");
  command->footer(
      "Examples:\n  huntbook queries list -o json\n  huntbook queries list --provider Splunk\n  huntbook "
      "queries "
      "list --technique T1003");
  auto search = std::make_shared<QueryOptions>();
  command = add(*group, context, "search",
                "Find queries by name, text, table, parameter or technique, the best first", search, show);
  add_filter(*command, search->filter);
  command->add_option("WORD", search->words, "Words that must all occur")->required();
  command->footer(
      "Examples:\n  huntbook queries search logon\n  huntbook queries search T1003.001\n  huntbook queries "
      "search "
      "password --table SigninLogs");
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
                      auto text = session.query_text(given.name, arguments, given.filter.provider);
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
    if (!run) {
      command->add_option("--provider", options->filter.provider, "Write it for this provider")
          ->type_name("NAME");
    }
    command->footer(
        run ? "Example:\n  huntbook queries run rare_processes -d evidence/ max_hosts=1"
            : "Examples:\n  huntbook queries print list_host_logons host_name=DC01 start=-2d\n  huntbook "
              "queries print list_host_logons host_name=DC01 --provider MSSentinel");
  }
  add_test(*group, context);
}

}  // namespace huntbook::cli
