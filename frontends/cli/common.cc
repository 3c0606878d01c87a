#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/escape.h"
#include "base/text.h"
#include "cli.h"
#include "session/draw.h"
#include "table/write.h"

namespace huntbook::cli {
namespace {

int64_t milliseconds() {
  using namespace std::chrono;
  return duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
}

size_t terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) return size.ws_col;
  return 0;
}

bool wants_color() { return isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR"); }

bool can_draw(const Picture& picture) {
  for (const auto& kind : picture_kinds()) {
    if (kind.name == picture.kind) return true;
  }
  return false;
}

// "512MB", "2GB", "1.5g"; nothing when it is no size.
std::optional<uint64_t> parse_size(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string unit = to_lower(trim(end));
  int shift = -1;
  for (const auto& [name, bits] : {std::pair{"", 0},
                                   {"b", 0},
                                   {"k", 10},
                                   {"kb", 10},
                                   {"m", 20},
                                   {"mb", 20},
                                   {"g", 30},
                                   {"gb", 30},
                                   {"t", 40},
                                   {"tb", 40}}) {
    if (unit == name) shift = bits;
  }
  if (end == text.c_str() || shift < 0 || !(number > 0) || number > 1e15) return std::nullopt;
  return static_cast<uint64_t>(number * static_cast<double>(uint64_t{1} << shift));
}

}  // namespace

TerminalProgress::TerminalProgress() : terminal_(isatty(STDERR_FILENO) != 0) {}
TerminalProgress::~TerminalProgress() { clear(); }

void TerminalProgress::update(std::string_view what, uint64_t done, uint64_t total) {
  if (!terminal_) return;
  const std::lock_guard lock(mutex_);
  const int64_t now = milliseconds();
  if (now - last_ < 100) return;
  last_ = now;
  constexpr size_t kWidth = 30;
  const size_t filled = total ? static_cast<size_t>(static_cast<double>(std::min(done, total)) /
                                                    static_cast<double>(total) * kWidth)
                              : 0;
  std::string bar;
  for (size_t i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
  fmt::print(stderr, "\r{:<10} {} {:3.0f} %\x1b[K", what, bar,
             total ? 100.0 * static_cast<double>(done) / static_cast<double>(total) : 0.0);
  std::fflush(stderr);
  drawn_ = true;
}

void TerminalProgress::clear() {
  const std::lock_guard lock(mutex_);
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

void add_data_options(CLI::App& command, DataOptions& options) {
  command.add_option("-d,--data", options.data, "File, folder or archive of evidence (may be repeated)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  add_session_options(command, options);
}

void add_session_options(CLI::App& command, DataOptions& options) {
  command
      .add_option("--query-path", options.query_paths, "Folder with further query packs (may be repeated)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command.add_option("--config", options.settings.file, "This settings file in place of the project's")
      ->type_name("FILE");
  command.add_flag("--trust-project", options.settings.trust_project,
                   "Let the project's settings name secrets and services");
  command
      .add_option("--memory", options.memory, "Memory limit, such as 2GB (default: 60 % of the machine's)")
      ->type_name("SIZE");
  command.add_option("--threads", options.threads, "Threads (default: all)");
  command.add_flag("--offline", options.offline, "Never ask a service");
}

void add_output_options(CLI::App& command, OutputOptions& options) {
  command.add_option("-o,--output", options.format, "table, json, jsonl, csv or html")->type_name("FORMAT");
  command.add_option("--out", options.file, "Write to this file instead of stdout")->type_name("FILE");
  command.add_option("--width", options.width, "Cut a table to this many columns (default: the terminal's)")
      ->type_name("N");
  command.add_flag("--strict", options.strict, "Exit with 3 when source rows were rejected");
  command.add_flag("--raw-csv", options.raw_csv,
                   "Leave cells that a spreadsheet would run as formulas as they are");
}

std::optional<SessionOptions> session_options(Context& context, const DataOptions& options) {
  SessionOptions session;
  session.data = options.data;
  session.query_paths = options.query_paths;
  session.settings = options.settings;
  session.offline = options.offline;
  session.threads = options.threads;
  session.cancel = &context.cancel;
  session.progress = &context.progress;
  session.tell = [&context](std::string_view line) {
    context.progress.clear();
    fmt::print(stderr, "{}\n", line);
    std::fflush(stderr);
  };
  if (!options.memory.empty()) {
    auto limit = parse_size(options.memory);
    if (!limit) {
      fmt::print(stderr, "error: `{}` is not a size\nhint: 512MB, 2GB\n", escape_terminal(options.memory));
      return std::nullopt;
    }
    session.memory_limit = *limit;
  }
  return session;
}

std::unique_ptr<Session> open_session(Context& context, const DataOptions& options, int& code) {
  auto session = session_options(context, options);
  if (!session) {
    code = kWrongUse;
    return nullptr;
  }
  auto opened = Session::open(std::move(*session));
  context.progress.clear();
  if (!opened.ok()) {
    code = report(opened.error(), "");
    return nullptr;
  }
  for (const auto& problem : (*opened)->problems()) {
    fmt::print(stderr, "warning {}: {}: {}\n", problem.code, escape_terminal(problem.place),
               escape_terminal(problem.message));
  }
  constexpr size_t kShown = 3;
  const Diagnostics& shadowed = (*opened)->shadowed();
  for (size_t i = 0; i < shadowed.size() && i < kShown; ++i) {
    fmt::print(stderr, "warning {}: {}: {} ({})\n", shadowed[i].code, escape_terminal(shadowed[i].place),
               escape_terminal(shadowed[i].message), escape_terminal(shadowed[i].hint));
  }
  if (shadowed.size() > kShown) {
    fmt::print(stderr, "warning HB-P008: {} more are shadowed (huntbook queries list --shadowed)\n",
               shadowed.size() - kShown);
  }
  return std::move(*opened);
}

std::optional<std::string> read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file, ignored)) {
    const char* reason = in ? "it is a folder" : std::strerror(errno);
    fmt::print(stderr, "error: cannot read `{}`: {}\n", escape_terminal(file), reason);
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

bool write_text(const std::string& text, const std::string& file) {
  errno = 0;
  if (file.empty()) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
      return true;
    fmt::print(stderr, "error: cannot write to stdout: {}\n", std::strerror(errno));
    return false;
  }
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) fmt::print(stderr, "error: cannot write `{}`: {}\n", escape_terminal(file), std::strerror(errno));
  return static_cast<bool>(out);
}

int check_format(const OutputOptions& options) {
  static constexpr std::string_view kFormats[] = {"table", "json", "jsonl", "csv", "html"};
  for (auto format : kFormats) {
    if (options.format == format) return kComplete;
  }
  if (options.format == "parquet" || options.format == "arrow") {
    fmt::print(
        stderr,
        "error unsupported: output format `{}` is not supported yet\nhint: table, json, jsonl, csv or html\n",
        options.format);
  } else {
    fmt::print(stderr, "error: unknown output format `{}`\nhint: table, json, jsonl, csv or html\n",
               escape_terminal(options.format));
  }
  return kWrongUse;
}

namespace {

int code_of(const Table& table, const OutputOptions& options) {
  if (table.completeness != Completeness::kComplete) {
    if (options.format != "table") {
      fmt::print(stderr, "warning: the answer is {}\n", completeness_name(table.completeness));
      for (const auto& reason : table.reasons) fmt::print(stderr, "  {}\n", escape_terminal(reason));
    }
    return kIncomplete;
  }
  return options.strict && table.rejected > 0 ? kIncomplete : kComplete;
}

Result<std::string> table_text(const Table& table, const OutputOptions& options) {
  if (options.format == "json") return to_json(table);
  if (options.format == "jsonl") return to_json_lines(table);
  if (options.format == "csv") return to_csv(table, options.raw_csv);
  if (options.format == "html") {
    Picture picture;
    picture.kind = "table";
    picture.table = table;
    return draw_html(picture);
  }
  TextOptions text_options;
  text_options.width = options.width ? options.width : options.file.empty() ? terminal_width() : 0;
  text_options.color = options.file.empty() && wants_color();
  return to_text(table, text_options);
}

// A result that has a table, as it is to be written.
Result<std::string> answer_text(const Answer& answer, const OutputOptions& options) {
  if (answer.picture && can_draw(*answer.picture)) {
    if (options.format == "html") return draw_html(*answer.picture);
    if (options.format == "table")
      return draw_text(*answer.picture, options.width ? options.width : terminal_width());
  }
  if (answer.picture && !can_draw(*answer.picture)) {
    fmt::print(stderr, "note: pictures of kind `{}` cannot be drawn yet; this is the table\n",
               escape_terminal(answer.picture->kind));
  }
  return table_text(*answer.table, options);
}

}  // namespace

int write_table(const Table& table, const OutputOptions& options) {
  if (const int code = check_format(options)) return code;
  const auto text = table_text(table, options);
  if (!text.ok()) return report(text.error(), "");
  if (!write_text(*text, options.file)) return kUserError;
  return code_of(table, options);
}

int write_answer(const Answer& answer, const OutputOptions& options, std::string_view text) {
  std::vector<const Answer*> results;
  for (const auto& earlier : answer.earlier) results.push_back(&earlier);
  results.push_back(&answer);
  if (results.size() > 1 && options.format != "table" && options.format != "json") {
    fmt::print(stderr, "error: the query gives {} tables, and {} holds one\nhint: -o table or -o json\n",
               results.size(), options.format);
    return kUserError;
  }
  std::string out;
  int code = kComplete;
  for (const auto* result : results) {
    if (!result->table) {
      code = std::max(code, report(result->diagnostics, text));
      continue;
    }
    const auto written = answer_text(*result, options);
    if (!written.ok()) {
      code = std::max(code, report(written.error(), ""));
      continue;
    }
    if (results.size() > 1 && options.format == "table") {
      if (!out.empty()) out += '\n';
      if (!result->label.empty()) out += escape_terminal(result->label) + ":\n";
    }
    out += *written;
    if (results.size() > 1 && !out.ends_with('\n')) out += '\n';
    code = std::max(code, code_of(*result->table, options));
  }
  if (!out.empty() && !write_text(out, options.file)) return kUserError;
  return code;
}

int write_result(const Result<Table>& result, const OutputOptions& options) {
  if (!result.ok()) return report(result.error(), "");
  return write_table(*result, options);
}

int report(const Diagnostic& diagnostic, std::string_view text) {
  fmt::print(stderr, "{}", Session::render(diagnostic, text));
  return diagnostic.code == "HB-E130" ? kInterrupted : kUserError;
}

int report(const Diagnostics& diagnostics, std::string_view text) {
  int code = kUserError;
  for (const auto& diagnostic : diagnostics) code = std::max(code, report(diagnostic, text));
  return code;
}

bool parse_assignments(const std::vector<std::string>& words, Arguments& out) {
  for (const auto& word : words) {
    const size_t equal = word.find('=');
    if (equal == std::string::npos || equal == 0) {
      fmt::print(stderr, "error: `{}` is not NAME=VALUE\n", escape_terminal(word));
      return false;
    }
    out.emplace_back(word.substr(0, equal), word.substr(equal + 1));
  }
  return true;
}

std::string diagnostic_json(const Diagnostic& diagnostic) {
  std::string out = "{\"code\":";
  append_json_string(out, diagnostic.code);
  out += ",\"message\":";
  append_json_string(out, diagnostic.message);
  out += fmt::format(",\"span\":[{},{}]", diagnostic.span.begin, diagnostic.span.end);
  out += ",\"hint\":";
  append_json_string(out, diagnostic.hint);
  if (!diagnostic.construct.empty()) {
    out += ",\"construct\":";
    append_json_string(out, diagnostic.construct);
  }
  return out + "}";
}

}  // namespace huntbook::cli
