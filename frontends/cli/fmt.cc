// huntbook fmt: lays KQL texts out.
#include <fmt/format.h>

#include "base/escape.h"
#include "cli.h"

namespace huntbook::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  bool check = false, write = false;
};

int format_file(const std::string& file, const Options& options) {
  auto text = read_text(file);
  if (!text) return kUserError;
  auto made = Session::format(*text);
  if (!made.ok()) {
    Diagnostic failure = made.error();
    if (file != "-") fmt::print(stderr, "{}:\n", escape_terminal(file));
    return report(failure, *text);
  }
  if (options.check) {
    if (*made == *text) return kComplete;
    fmt::print("{} is not formatted\n", file == "-" ? "stdin" : escape_terminal(file));
    return kUserError;
  }
  if (!options.write) return write_text(*made, "") ? kComplete : kUserError;
  if (*made == *text) return kComplete;
  return write_text(*made, file) ? kComplete : kUserError;
}

}  // namespace

void add_fmt(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("fmt", "Lay out KQL: one pipe operator per line, comments kept");
  command->add_option("FILE", options->files, "Files of KQL text; without any, or for -, stdin");
  command->add_flag("--check", options->check,
                    "Write nothing, name the files that are not laid out so; exit with 1");
  command->add_flag("--write", options->write, "Write the files back in place of printing them");
  command->footer(
      "Examples:\n  echo 'T|where x>1|count' | huntbook fmt\n  huntbook fmt --write hunt.kql\n  huntbook fmt "
      "--check hunt.kql");
  command->callback([&context, options] {
    context.run = [options] {
      if (options->check && options->write) {
        fmt::print(stderr, "error: --check writes nothing\nhint: give --check or --write\n");
        return kWrongUse;
      }
      if (options->files.empty()) options->files.emplace_back("-");
      int code = kComplete;
      for (const auto& file : options->files) {
        if (options->write && file == "-") {
          fmt::print(stderr, "error: stdin cannot be written back\nhint: name the files\n");
          return kWrongUse;
        }
        code = std::max(code, format_file(file, *options));
      }
      return code;
    };
  });
}

}  // namespace huntbook::cli
