// huntbook completion: scripts for bash, zsh and fish, made from the commands themselves.
#include <fmt/format.h>

#include "base/text.h"
#include "cli.h"

namespace huntbook::cli {
namespace {

struct Command {
  std::string path;  ///< "queries list"
  std::string doc;
  std::vector<std::string> words;  ///< subcommands and options
  std::vector<std::pair<std::string, std::string>> options;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& out) {
  Command command;
  command.path = path;
  command.doc = app.get_description();
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    command.words.push_back(sub->get_name());
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      command.words.push_back("--" + name);
      command.options.emplace_back("--" + name, option->get_description());
    }
    for (const auto& name : option->get_snames()) command.words.push_back("-" + name);
  }
  out.push_back(command);
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
}

std::string quoted(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\'') out += "'\\''";
    else out += c;
  }
  return "'" + out + "'";
}

std::string bash(const std::vector<Command>& commands) {
  std::string out =
      "_huntbook() {\n  local current=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$word\" in\n      -*) ;;\n"
      "      *) case \" $path $word\" in\n";
  for (const auto& command : commands) {
    if (!command.path.empty())
      out += fmt::format("        {}) path={} ;;\n",
                         command.path.find(' ') == std::string::npos ? quoted("  " + command.path)
                                                                     : quoted(" " + command.path),
                         quoted(command.path));
  }
  out += "      esac ;;\n    esac\n  done\n  local words=\"\"\n  case \"$path\" in\n";
  for (const auto& command : commands)
    out += fmt::format("    {}) words={} ;;\n", quoted(command.path),
                       quoted(fmt::format("{}", fmt::join(command.words, " "))));
  out +=
      "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\") $(compgen -f -- "
      "\"$current\"))\n}\ncomplete -o filenames -F _huntbook huntbook\n";
  return out;
}

std::string fish(const std::vector<Command>& commands) {
  std::string out = "complete -c huntbook -e\n";
  for (const auto& command : commands) {
    if (command.path.empty()) continue;
    const size_t blank = command.path.rfind(' ');
    const std::string name = command.path.substr(blank == std::string::npos ? 0 : blank + 1);
    const std::string parent = blank == std::string::npos ? "" : command.path.substr(0, blank);
    const std::string condition =
        parent.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + parent;
    out += fmt::format("complete -c huntbook -n {} -f -a {} -d {}\n", quoted(condition), name,
                       quoted(command.doc));
    for (const auto& [option, doc] : command.options) {
      out += fmt::format("complete -c huntbook -n {} -l {} -d {}\n",
                         quoted("__fish_seen_subcommand_from " + name), option.substr(2), quoted(doc));
    }
  }
  return out;
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  command->footer(
      "Examples:\n  source <(huntbook completion bash)\n  huntbook completion fish > "
      "~/.config/fish/completions/huntbook.fish");
  command->callback([&app, &context, shell] {
    context.run = [&app, shell] {
      std::vector<Command> commands;
      collect(app, "", commands);
      if (*shell == "bash") return write_text(bash(commands), "") ? kComplete : kUserError;
      if (*shell == "zsh")
        return write_text("autoload -U +X bashcompinit && bashcompinit\n" + bash(commands), "") ? kComplete
                                                                                                : kUserError;
      if (*shell == "fish") return write_text(fish(commands), "") ? kComplete : kUserError;
      fmt::print(stderr, "error: no completion for this shell\nhint: bash, zsh or fish\n");
      return kWrongUse;
    };
  });
}

}  // namespace huntbook::cli
