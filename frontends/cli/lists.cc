// huntbook tables, schema, evidence, rejects.
#include "cli.h"

namespace huntbook::cli {
namespace {

struct ListOptions {
  DataOptions data;
  OutputOptions output;
  std::string table;
};

CLI::App* add_list(CLI::App& app, Context& context, const std::string& name, const std::string& doc,
                   std::shared_ptr<ListOptions> options,
                   std::function<Result<Table>(Session&, const ListOptions&)> make) {
  CLI::App* command = app.add_subcommand(name, doc);
  add_data_options(*command, options->data);
  add_output_options(*command, options->output);
  command->callback([&context, options, make] {
    context.run = [&context, options, make] {
      if (const int code = check_format(options->output)) return code;
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      if (!session) return code;
      return write_result(make(*session, *options), options->output);
    };
  });
  return command;
}

}  // namespace

void add_lists(CLI::App& app, Context& context) {
  add_list(app, context, "tables", "List the tables and views of the evidence",
           std::make_shared<ListOptions>(),
           [](Session& session, const ListOptions&) { return session.tables(); })
      ->footer("Example:\n  huntbook tables -d evidence/");
  auto schema = std::make_shared<ListOptions>();
  CLI::App* command =
      add_list(app, context, "schema", "List the columns of a table or view", schema,
               [](Session& session, const ListOptions& options) { return session.schema(options.table); });
  command->add_option("TABLE", schema->table, "Name of the table")->required();
  command->footer("Examples:\n  huntbook schema SecurityEvent\n  huntbook schema WindowsEvent -d evidence/");
  add_list(app, context, "evidence",
           "List every file and archive member: size, hash, reader, rows, rejects, time range",
           std::make_shared<ListOptions>(),
           [](Session& session, const ListOptions&) { return session.evidence(); })
      ->footer("Example:\n  huntbook evidence -d case.zip -o csv --out evidence.csv");
  add_list(app, context, "rejects", "List the records that are no row, with place and reason",
           std::make_shared<ListOptions>(),
           [](Session& session, const ListOptions&) { return session.rejects(); })
      ->footer("Example:\n  huntbook rejects -d case.zip");
}

}  // namespace huntbook::cli
