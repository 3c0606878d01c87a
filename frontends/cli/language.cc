// huntbook complete and inspect: what may stand at a place of a query, and what stands there. For editors.
#include <fmt/format.h>

#include "base/escape.h"
#include "cli.h"
#include "table/builder.h"

namespace huntbook::cli {
namespace {

struct Options {
  DataOptions data;
  OutputOptions output;
  std::string text, file;
  size_t at = SIZE_MAX;
};

void add_place_options(CLI::App& command, Options& options) {
  add_data_options(command, options.data);
  add_output_options(command, options.output);
  command.add_option("--at", options.at, "Place of the cursor in bytes (default: the end)")
      ->type_name("OFFSET");
  command.add_option("-f,--file", options.file, "Read the query from this file (- is stdin)")
      ->type_name("FILE");
  command.add_option("TEXT", options.text, "The query, finished or not");
}

// Reads the text and opens the session; nothing after a message.
std::unique_ptr<Session> prepare(Context& context, Options& options, int& code) {
  if ((code = check_format(options.output))) return nullptr;
  if (!options.file.empty()) {
    auto read = read_text(options.file);
    if (!read) code = kUserError;
    if (!read) return nullptr;
    options.text = std::move(*read);
  }
  options.at = std::min(options.at, options.text.size());
  return open_session(context, options.data, code);
}

class Rows {
 public:
  Rows(const std::vector<std::string>& texts, const std::vector<std::string>& numbers)
      : texts_(texts.size()) {
    for (const auto& name : texts) add(name, Type::kString);
    for (const auto& name : numbers) add(name, Type::kLong);
  }
  void append(const std::vector<std::string>& texts, Span span) {
    for (size_t i = 0; i < texts.size(); ++i) builders_[i].append_text(texts[i]);
    builders_[texts_].append_long(span.begin);
    builders_[texts_ + 1].append_long(span.end);
  }
  Table table() { return make_table(std::move(schema_), std::move(builders_)); }

 private:
  void add(const std::string& name, Type type) {
    schema_.fields.push_back({name, type, ""});
    builders_.emplace_back(type);
  }
  Schema schema_;
  std::vector<ColumnBuilder> builders_;
  size_t texts_;
};

std::string columns_text(const Schema& columns) {
  std::string out;
  for (const auto& field : columns.fields)
    out += (out.empty() ? "" : ", ") + field.name + ":" + std::string(type_name(field.type));
  return out;
}

std::string inspection_text(const Inspection& found) {
  std::string out = found.kind + " " + found.name + "\n";
  if (!found.detail.empty()) out += found.detail + "\n";
  if (!found.doc.empty()) out += found.doc + "\n";
  if (!found.example.empty()) out += "example: " + found.example + "\n";
  for (const auto& field : found.columns.fields)
    out += fmt::format("  {}: {}{}\n", field.name, type_name(field.type),
                       field.doc.empty() ? "" : "  " + field.doc);
  std::string safe;
  for (size_t begin = 0; begin < out.size();) {
    const size_t end = out.find('\n', begin);
    safe += escape_terminal(out.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return safe;
}

int run_complete(Context& context, Options& options) {
  int code = kComplete;
  auto session = prepare(context, options, code);
  if (!session) return code;
  Rows rows({"Text", "Kind", "Detail", "Doc"}, {"Begin", "End"});
  for (const auto& each : session->complete(options.text, options.at))
    rows.append({each.text, each.kind, each.detail, each.doc}, each.replace);
  return write_table(rows.table(), options.output);
}

int run_inspect(Context& context, Options& options) {
  int code = kComplete;
  auto session = prepare(context, options, code);
  if (!session) return code;
  const auto found = session->inspect(options.text, options.at);
  if (options.output.format == "table") {
    if (found) return write_text(inspection_text(*found), options.output.file) ? kComplete : kUserError;
    fmt::print(stderr, "nothing is known of this place\n");
    return kComplete;
  }
  Rows rows({"Kind", "Name", "Detail", "Doc", "Example", "Columns"}, {"Begin", "End"});
  if (found) {
    rows.append(
        {found->kind, found->name, found->detail, found->doc, found->example, columns_text(found->columns)},
        found->span);
  }
  return write_table(rows.table(), options.output);
}

}  // namespace

void add_language(CLI::App& app, Context& context) {
  auto asked = std::make_shared<Options>();
  CLI::App* complete =
      app.add_subcommand("complete", "List what may stand at a place of a query, for editors");
  add_place_options(*complete, *asked);
  complete->footer(
      "Examples:\n  huntbook complete 'print x = 1 | pro'\n  huntbook complete -d evidence/ -o json --at 22 "
      "'SecurityEvent | where | count'");
  complete->callback(
      [&context, asked] { context.run = [&context, asked] { return run_complete(context, *asked); }; });
  auto looked = std::make_shared<Options>();
  CLI::App* inspect =
      app.add_subcommand("inspect", "Say what stands at a place of a query: function, column, table");
  add_place_options(*inspect, *looked);
  inspect->footer(
      "Examples:\n  huntbook inspect --at 8 'print substring(\"abc\", 1)'\n  huntbook inspect -d evidence/ "
      "-o json --at "
      "3 'SecurityEvent | count'");
  inspect->callback(
      [&context, looked] { context.run = [&context, looked] { return run_inspect(context, *looked); }; });
}

}  // namespace huntbook::cli
