// huntbook pivots and pivot.
#include <iostream>

#include "base/text.h"
#include "cli.h"

namespace huntbook::cli {

void add_pivots(CLI::App& app, Context& context) {
  struct Options {
    OutputOptions output;
    std::string entity, name;
    std::vector<std::string> values;
  };
  auto list = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("pivots", "List the pivots, of all entities or of one");
  add_output_options(*command, list->output);
  command->add_option("ENTITY", list->entity, "ip, or another entity");
  command->footer("Examples:\n  huntbook pivots\n  huntbook pivots ip");
  command->callback([&context, list] {
    context.run = [&context, list] {
      if (const int code = check_format(list->output)) return code;
      int code = kComplete;
      auto session = open_session(context, {}, code);
      return session ? write_result(session->pivots(list->entity), list->output) : code;
    };
  });
  auto one = std::make_shared<Options>();
  command =
      app.add_subcommand("pivot", "Ask a pivot about values (from the command line, or lines of stdin)");
  add_output_options(*command, one->output);
  command->add_option("ENTITY", one->entity, "ip, or another entity")->required();
  command->add_option("NAME", one->name, "The pivot")->required();
  command->add_option("VALUE", one->values, "Values; without any, one a line from stdin");
  command->footer(
      "Examples:\n  huntbook pivot ip type 8.8.8.8 10.0.0.1\n  cut -d, -f3 addresses.csv | huntbook pivot ip "
      "type -o json");
  command->callback([&context, one] {
    context.run = [&context, one] {
      if (const int code = check_format(one->output)) return code;
      if (one->values.empty()) {
        for (std::string line; std::getline(std::cin, line);) {
          if (!trim(line).empty()) one->values.emplace_back(trim(line));
        }
      }
      int code = kComplete;
      auto session = open_session(context, {}, code);
      return session ? write_result(session->pivot(one->entity, one->name, one->values), one->output) : code;
    };
  });
}

}  // namespace huntbook::cli
