// huntbook batch: JSON lines in, JSON lines out, in the same order.
#include <iostream>

#include "base/escape.h"
#include "base/json.h"
#include "cli.h"
#include "table/write.h"

namespace huntbook::cli {
namespace {

// The members of a result, with a comma before each.
void append_result(std::string& out, const Answer& answer) {
  if (!answer.table) {
    out += ",\"error\":" + diagnostic_json(answer.diagnostics.front());
    return;
  }
  out += ",\"columns\":";
  append_columns_json(out, answer.table->schema);
  out += ",\"rows\":";
  append_rows_json(out, *answer.table);
  out += answer.sorted ? ",\"sorted\":true" : ",\"sorted\":false";
}

}  // namespace

void add_batch(CLI::App& app, Context& context) {
  auto options = std::make_shared<DataOptions>();
  CLI::App* command = app.add_subcommand(
      "batch", "Answer JSON lines {\"id\",\"query\"} from stdin with JSON lines on stdout");
  add_data_options(*command, *options);
  command->footer(
      "Examples:\n  echo '{\"id\":1,\"query\":\"print x=1\"}' | huntbook batch\n  huntbook batch -d "
      "evidence/ < questions.jsonl > answers.jsonl");
  command->callback([&context, options] {
    context.run = [&context, options] {
      int code = kComplete;
      auto session = open_session(context, *options, code);
      if (!session) return code;
      for (std::string line; std::getline(std::cin, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        std::string out = "{\"id\":";
        auto request = parse_json(line);
        const Json* query = request.ok() ? request->find("query") : nullptr;
        const Json* id = request.ok() ? request->find("id") : nullptr;
        out += id ? id->text() : "null";
        if (!query || query->kind() != Json::Kind::kString) {
          Diagnostic wrong;
          wrong.code = "HB-C001";
          wrong.message = request.ok() ? "the line has no text `query`" : request.error().message;
          wrong.hint = "{\"id\": 1, \"query\": \"print 1\"}";
          out += ",\"error\":" + diagnostic_json(wrong);
        } else {
          Answer answer = session->query(query->as_string());
          context.progress.clear();
          append_result(out, answer);
          if (!answer.earlier.empty()) {
            out += ",\"earlier\":[";
            for (const auto& earlier : answer.earlier) {
              if (out.back() != '[') out += ',';
              std::string one;
              append_result(one, earlier);
              out += "{" + one.substr(1) + "}";
            }
            out += ']';
          }
        }
        if (!write_text(out + "}\n", "")) return kUserError;
        if (context.cancel.cancelled()) return kInterrupted;
      }
      return kComplete;
    };
  });
}

}  // namespace huntbook::cli
