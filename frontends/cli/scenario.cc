// huntbook scenario: the synthetic intrusion.
#include "session/scenario.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "cli.h"

namespace huntbook::cli {

void add_scenario(CLI::App& app, Context& context) {
  struct Options {
    std::string folder;
    uint64_t seed = 7;
    double scale = 1;
    bool quiet = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "scenario", "Write a synthetic intrusion into a company's logs, with its ground truth");
  command->add_option("DIR", options->folder, "Folder to write to")->required();
  command->add_option("--seed", options->seed, "Same seed, same bytes (default 7)");
  command->add_option("--scale", options->scale, "Volume of the ordinary noise, 0.01 to 1000 (default 1)");
  command->add_flag("--no-intrusion", options->quiet, "Write the ordinary noise alone");
  command->footer(
      "Examples:\n  huntbook scenario build/demo\n  huntbook scenario /tmp/s --seed 42 --scale 0.1\n  "
      "huntbook query -d /tmp/s/evidence 'SecurityEvent | count'");
  command->callback([&context, options] {
    context.run = [&context, options] {
      ScenarioOptions scenario;
      scenario.folder = options->folder;
      scenario.seed = options->seed;
      scenario.scale = options->scale;
      scenario.intrusion = !options->quiet;
      scenario.cancel = context.cancel;
      scenario.progress = &context.progress;
      auto summary = write_scenario(scenario);
      context.progress.clear();
      if (!summary.ok()) {
        const int code = report(summary.error(), "");
        return summary.error().code == "HB-G003" ? kInterrupted : code;
      }
      fmt::print("{} events, {} of them malicious, {:.1f} MB, {} hosts, {} users\n", summary->events,
                 summary->malicious, static_cast<double>(summary->bytes) / 1e6, summary->hosts,
                 summary->users);
      for (const auto& file : summary->files)
        fmt::print("  {} ({} events)\n", escape_terminal(file.path), file.events);
      return kComplete;
    };
  });
}

}  // namespace huntbook::cli
