// huntbook check: parses, binds and prepares without running.
#include <fmt/format.h>

#include <iostream>

#include "base/escape.h"
#include "base/json.h"
#include "cli.h"
#include "session/sarif.h"

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

struct Options {
  DataOptions data;
  std::vector<std::string> paths;
  std::string format = "text", file;
  bool open = false;
};

std::string plural(size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

int check_paths(Session& session, const Options& options) {
  const Checked checked = session.check_files(options.paths, options.open);
  std::string out;
  if (options.format == "json") {
    out = to_json(checked);
  } else if (options.format == "sarif") {
    out = to_sarif(checked, Session::rules(), HB_VERSION);
  } else {
    for (const auto& [diagnostic, file, query, line, column, end_line, end_column, exact] :
         checked.findings) {
      out += fmt::format("{}: {}: {}{}\n", escape_terminal(diagnostic.place), diagnostic.code,
                         escape_terminal(diagnostic.message),
                         diagnostic.hint.empty() ? "" : " (" + escape_terminal(diagnostic.hint) + ")");
    }
  }
  if (!write_text(out, options.file)) return kUserError;
  fmt::print(stderr, "{} checked, {}, {}\n", plural(checked.files, "file", "files"),
             plural(checked.queries, "query", "queries"),
             plural(checked.findings.size(), "problem", "problems"));
  return checked.findings.empty() ? kComplete : kUserError;
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "check", "Check queries without running them: of files and folders, or JSON lines on stdin");
  add_data_options(*command, options->data);
  command->add_flag("--open", options->open, "Assume that unknown tables and columns exist");
  command->add_option("-o,--output", options->format, "text, json or sarif")->type_name("FORMAT");
  command->add_option("--out", options->file, "Write to this file instead of stdout")->type_name("FILE");
  command->add_option(
      "PATH", options->paths,
      "Files (.kql, .yaml rules and query packs, .md) and folders of them; without any, JSON lines "
      "{\"id\",\"query\"} from stdin");
  command->footer(
      "Examples:\n  huntbook check --open hunt.kql rules.yaml notes.md\n  huntbook check -d evidence/ "
      "hunt.kql\n  huntbook check --open -o sarif --out check.sarif .\n  huntbook check --open < "
      "queries.jsonl");
  command->callback([&context, options] {
    context.run = [&context, options] {
      if (options->format != "text" && options->format != "json" && options->format != "sarif") {
        fmt::print(stderr, "error: unknown output format `{}`\nhint: text, json or sarif\n",
                   escape_terminal(options->format));
        return kWrongUse;
      }
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      if (!session) return code;
      if (options->paths.empty()) return check_lines(*session, options->open);
      return check_paths(*session, *options);
    };
  });
}

}  // namespace huntbook::cli
