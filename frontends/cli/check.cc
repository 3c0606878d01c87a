// huntbook check: parses, binds and prepares without running.
#include <fmt/format.h>

#include <iostream>

#include "base/escape.h"
#include "base/json.h"
#include "cli.h"

namespace huntbook::cli {
namespace {

int check_lines(Session& session, bool open) {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto request = parse_json(line);
    const Json* query = request.ok() ? request->find("query") : nullptr;
    const Json* id = request.ok() ? request->find("id") : nullptr;
    std::string out = "{\"id\":" + (id ? id->text() : std::string("null"));
    if (!query || query->kind() != Json::Kind::kString) {
      Diagnostic wrong;
      wrong.code = "HB-C001";
      wrong.message = request.ok() ? "the line has no text `query`" : request.error().message;
      out += ",\"ok\":false,\"error\":" + diagnostic_json(wrong);
    } else {
      const Diagnostics diagnostics = session.check(query->as_string(), open);
      out += diagnostics.empty() ? ",\"ok\":true"
                                 : ",\"ok\":false,\"error\":" + diagnostic_json(diagnostics.front());
    }
    if (!write_text(out + "}\n", "")) return kUserError;
  }
  return kComplete;
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  struct Options {
    DataOptions data;
    std::vector<std::string> files;
    bool open = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "check", "Check queries without running them: JSON lines on stdin, or .kql, .yaml and .md files");
  add_data_options(*command, options->data);
  command->add_flag("--open", options->open, "Assume that unknown tables and columns exist");
  command->add_option("FILE", options->files,
                      "Files to check; without any, JSON lines {\"id\",\"query\"} from stdin");
  command->footer(
      "Examples:\n  huntbook check --open hunt.kql rules.yaml notes.md\n  huntbook check -d evidence/ "
      "hunt.kql\n  huntbook check --open < queries.jsonl");
  command->callback([&context, options] {
    context.run = [&context, options] {
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      if (!session) return code;
      if (options->files.empty()) return check_lines(*session, options->open);
      size_t problems = 0;
      for (const auto& file : options->files) {
        for (const auto& diagnostic : session->check_file(file, options->open)) {
          ++problems;
          fmt::print("{}: {}: {}{}\n", escape_terminal(diagnostic.place), diagnostic.code,
                     escape_terminal(diagnostic.message),
                     diagnostic.hint.empty() ? "" : " (" + escape_terminal(diagnostic.hint) + ")");
        }
      }
      fmt::print(stderr, "{} file{} checked, {} problem{}\n", options->files.size(),
                 options->files.size() == 1 ? "" : "s", problems, problems == 1 ? "" : "s");
      return problems ? kUserError : kComplete;
    };
  });
}

}  // namespace huntbook::cli
