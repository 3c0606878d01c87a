// Checking the queries of a file, with places as file:line.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/text.h"
#include "session/state.h"

namespace huntbook {
namespace {

struct Text {
  std::string kql;
  size_t line = 1;  ///< of its first line in the file
};

// The fenced blocks of a Markdown file that say kql or kusto.
std::vector<Text> markdown_blocks(std::string_view file) {
  std::vector<Text> found;
  size_t number = 0;
  bool inside = false, wanted = false;
  Text block;
  for (auto line : split(file, '\n')) {
    ++number;
    const std::string_view trimmed = trim(line);
    if (trimmed.starts_with("```")) {
      if (!inside) {
        const std::string language = to_lower(trim(trimmed.substr(3)));
        wanted = language == "kql" || language == "kusto";
        block = {"", number + 1};
      } else if (wanted) {
        found.push_back(std::exchange(block, {}));
      }
      inside = !inside;
      continue;
    }
    if (inside && wanted) block.kql += std::string(line) + "\n";
  }
  return found;
}

}  // namespace

Diagnostics Session::check_file(const std::string& path, bool open) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream read;
  read << in.rdbuf();
  if (!in) return {Diagnostic{"HB-V001", "cannot read the file", {}, "", "", path}};
  const std::string file = read.str();
  Diagnostics found;
  std::vector<Text> texts;
  const std::string lower = to_lower(path);
  if (lower.ends_with(".yaml") || lower.ends_with(".yml")) {
    for (auto& rule : rule_texts(file)) texts.push_back({std::move(rule.text), rule.line + 1});
    if (texts.empty()) {
      PackLibrary pack;
      pack.load_text(file, path);
      found = std::move(pack.problems);
      for (const auto& query : pack.queries) {
        if (!query.is_kql()) continue;
        PackArguments arguments;
        for (const auto& param : query.params) {
          const bool time = param.name == "start" || param.name == "end";
          if (!param.default_value && !time)
            arguments.emplace_back(param.name, param.type == "datetime" ? "-1d"
                                               : param.type == "int"    ? "1"
                                                                        : "x");
        }
        auto text = render_query(query, arguments, state_->query_time);
        Diagnostics problems = text.ok() ? check(*text, open) : Diagnostics{text.error()};
        for (auto& problem : problems) {
          problem.place = path + ":" + std::to_string(query.line);
          problem.message = "query `" + query.name + "`: " + problem.message;
          found.push_back(std::move(problem));
        }
      }
      return found;
    }
  } else if (lower.ends_with(".md")) {
    texts = markdown_blocks(file);
  } else {
    texts.push_back({file, 1});
  }
  for (const auto& text : texts) {
    for (auto& problem : check(text.kql, open)) {
      const size_t begin = std::min<size_t>(problem.span.begin, text.kql.size());
      const auto lines =
          std::count(text.kql.begin(), text.kql.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
      problem.place = path + ":" + std::to_string(text.line + static_cast<size_t>(lines));
      found.push_back(std::move(problem));
    }
  }
  return found;
}

}  // namespace huntbook
