// What the commands share: options, the session, output, exit codes.
#pragma once
#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "huntbook/session.h"

namespace huntbook::cli {

// The contract's exit codes.
constexpr int kComplete = 0;
constexpr int kUserError = 1;
constexpr int kWrongUse = 2;
constexpr int kIncomplete = 3;
constexpr int kInterrupted = 130;

/// Draws a bar on stderr, when that is a terminal.
class TerminalProgress : public Progress {
 public:
  TerminalProgress();
  ~TerminalProgress() override;
  void update(std::string_view what, uint64_t done, uint64_t total) override;
  void clear();

 private:
  std::mutex mutex_;
  bool terminal_;
  bool drawn_ = false;
  int64_t last_ = 0;
};

struct Context {
  CancelToken cancel;
  TerminalProgress progress;
  std::function<int()> run;  ///< set by the command that was chosen
};

/// -d and --query-path.
struct DataOptions {
  std::vector<std::string> data;
  std::vector<std::string> query_paths;
  SettingsChoice settings;
  std::string memory;
  unsigned threads = 0;
  bool offline = false;
};
void add_data_options(CLI::App& command, DataOptions& options);
/// The same without -d.
void add_session_options(CLI::App& command, DataOptions& options);

/// --option and the time range of a question to a service.
struct RemoteOptions {
  std::vector<std::string> settings;
  std::string start, end;
  uint64_t max_rows = 0;
};
void add_remote_options(CLI::App& command, RemoteOptions& options);
/// The settings given by hand; false after a message, also for a secret that stands on the command line.
bool connection_arguments(const RemoteOptions& options, Arguments& out);
/// --start and --end; false after a message.
bool parse_range(const RemoteOptions& options, TimeRange& range);

/// -o and --out.
struct OutputOptions {
  std::string format = "table";
  std::string file;
  bool strict = false;
  bool raw_csv = false;
  size_t width = 0;  ///< of a table as text; 0: the terminal's, without one as wide as needed
};
void add_output_options(CLI::App& command, OutputOptions& options);

/// What a session is opened with; nothing after a message.
std::optional<SessionOptions> session_options(Context& context, const DataOptions& options);
/// The session, or nothing after the failure was printed; `code` says how to exit.
std::unique_ptr<Session> open_session(Context& context, const DataOptions& options, int& code);

/// The whole of a file, or of stdin for "-"; nothing after a message.
std::optional<std::string> read_text(const std::string& file);
/// Writes text to stdout or a file; false (and a message) when that fails.
bool write_text(const std::string& text, const std::string& file);
/// A table in the format asked for; gives the exit code.
int write_table(const Table& table, const OutputOptions& options);
int write_answer(const Answer& answer, const OutputOptions& options, std::string_view text);
int write_result(const Result<Table>& result, const OutputOptions& options);

/// Prints a diagnostic on stderr and gives the exit code.
int report(const Diagnostic& diagnostic, std::string_view text);
int report(const Diagnostics& diagnostics, std::string_view text);
/// "name=value" pairs; false after a message.
bool parse_assignments(const std::vector<std::string>& words, Arguments& out);
/// Refuses formats that are not there yet, with a message and kWrongUse.
int check_format(const OutputOptions& options);

/// A JSON object of a diagnostic, as batch and check write it.
std::string diagnostic_json(const Diagnostic& diagnostic);

// The commands, one file each.
void add_query(CLI::App& app, Context& context);
void add_batch(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_fmt(CLI::App& app, Context& context);
void add_language(CLI::App& app, Context& context);
void add_draw(CLI::App& app, Context& context);
void add_lists(CLI::App& app, Context& context);
void add_queries(CLI::App& app, Context& context);
void add_pivots(CLI::App& app, Context& context);
void add_scenario(CLI::App& app, Context& context);
void add_config(CLI::App& app, Context& context);
void add_connect(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);

}  // namespace huntbook::cli
