// huntbook draw: a query's answer as a picture in a file.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "cli.h"
#include "session/draw.h"

namespace huntbook::cli {
namespace {

std::string kinds_help() {
  std::string out = "Kinds:\n";
  for (const auto& kind : picture_kinds()) {
    out += fmt::format("  {}: {}\n", kind.name, kind.doc);
    for (const auto& property : kind.properties)
      out += fmt::format("      {}: {}\n", property.name, property.doc);
  }
  return out;
}

}  // namespace

void add_draw(CLI::App& app, Context& context) {
  struct Options {
    DataOptions data;
    std::string kind, text, out;
    std::vector<std::string> with;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("draw", "Draw a query's answer: a timeline, a process tree or a table");
  add_data_options(*command, options->data);
  command->add_option("-k,--kind", options->kind,
                      "Kind of picture; not needed when the query ends in render");
  command->add_option("--with", options->with, "NAME=VALUE property (may be repeated)")
      ->allow_extra_args(false);
  command->add_option("--out", options->out, "FILE.html (live) or FILE.svg (still)")->required();
  command->add_option("KQL", options->text, "The query")->required();
  command->footer(
      kinds_help() +
      "\nExamples:\n"
      "  huntbook draw -d evidence/ -k timeline --with series=EventID --out events.html 'SecurityEvent'\n"
      "  huntbook draw -d evidence/ -k processtree --out tree.html 'SecurityEvent | where Computer has "
      "\"WS-0004\" and EventID == 4688'\n"
      "  huntbook draw -d evidence/ --out logons.svg 'SecurityEvent | where EventID == 4624 | render "
      "timeline with (series=LogonType)'");
  command->callback([&context, options] {
    context.run = [&context, options] {
      const bool html = options->out.ends_with(".html"), svg = options->out.ends_with(".svg");
      if (!html && !svg) {
        const bool png = options->out.ends_with(".png");
        fmt::print(stderr, "error{}: `{}` is no picture that can be written{}\nhint: FILE.html or FILE.svg\n",
                   png ? " unsupported" : "", escape_terminal(options->out), png ? " yet" : "");
        return kWrongUse;
      }
      Arguments properties;
      if (!parse_assignments(options->with, properties)) return kWrongUse;
      int code = kComplete;
      auto session = open_session(context, options->data, code);
      if (!session) return code;
      Answer answer = session->query(options->text);
      context.progress.clear();
      if (!answer.table) return report(answer.diagnostics, options->text);
      Picture picture;
      if (answer.picture) picture = *answer.picture;
      else picture.table = *answer.table;
      if (!options->kind.empty()) picture.kind = options->kind;
      if (picture.kind.empty()) {
        fmt::print(stderr,
                   "error: no kind of picture\nhint: -k timeline, or end the query in `| render timeline`\n");
        return kWrongUse;
      }
      for (auto& [name, value] : properties) {
        if (name == "title") picture.title = value;
        picture.properties.emplace_back(to_lower(name), value);
      }
      auto drawn = html ? draw_html(picture) : draw_svg(picture);
      if (!drawn.ok()) return report(drawn.error(), options->text);
      if (!write_text(*drawn, options->out)) return kUserError;
      fmt::print(stderr, "wrote {} ({} rows)\n", escape_terminal(options->out), answer.table->rows());
      return answer.table->completeness == Completeness::kComplete ? kComplete : kIncomplete;
    };
  });

  // Several pictures in one page: the report of the demo.
  struct ReportOptions {
    DataOptions data;
    std::string title, out;
    std::vector<std::string> queries;
  };
  auto report_options = std::make_shared<ReportOptions>();
  CLI::App* page =
      app.add_subcommand("report", "Several pictures in one page, from queries that end in render");
  add_data_options(*page, report_options->data);
  page->add_option("--title", report_options->title, "The page's title");
  page->add_option("--out", report_options->out, "FILE.html")->required();
  page->add_option("KQL", report_options->queries, "Queries, each ending in render")->required();
  page->footer(
      "Example:\n  huntbook report -d evidence/ --out report.html 'SecurityEvent | take 1000 | render "
      "timeline' 'SecurityEvent | where EventID == 4688 | render processtree'");
  page->callback([&context, report_options] {
    context.run = [&context, report_options] {
      int code = kComplete;
      auto session = open_session(context, report_options->data, code);
      if (!session) return code;
      std::vector<Picture> pictures;
      for (const auto& text : report_options->queries) {
        Answer answer = session->query(text);
        context.progress.clear();
        if (!answer.table) return report(answer.diagnostics, text);
        if (!answer.picture) {
          fmt::print(stderr, "error: the query does not end in render: {}\n",
                     escape_terminal(text.substr(0, 80)));
          return kUserError;
        }
        pictures.push_back(std::move(*answer.picture));
      }
      auto drawn = report_html(report_options->title, pictures);
      if (!drawn.ok()) return report(drawn.error(), "");
      if (!write_text(*drawn, report_options->out)) return kUserError;
      fmt::print(stderr, "wrote {}\n", escape_terminal(report_options->out));
      return kComplete;
    };
  });
}

}  // namespace huntbook::cli
