// Runs the cases of tests/cases: case_runner FOLDER [--update] [FILTER]. The format is in
// tests/cases/README.md.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "huntbook/session.h"
#include "table/write.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string head;                      ///< comments and options, kept as they are
  std::vector<std::string> data;         ///< -d lines
  std::vector<std::string> query_paths;  ///< --query-path lines
  Arguments parameters;                  ///< --set lines
  std::string query;
  std::string answer;
};

bool read_case(const fs::path& file, Case& out) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  bool in_query = false, in_answer = false;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (in_answer) {
      out.answer += line + "\n";
    } else if (line == "=") {
      in_answer = true;
    } else if (!in_query && (line.starts_with("# ") || line.starts_with("-"))) {
      out.head += line + "\n";
      if (line.starts_with("-d ")) out.data.push_back((file.parent_path() / line.substr(3)).string());
      if (line.starts_with("--query-path "))
        out.query_paths.push_back((file.parent_path() / line.substr(13)).string());
      if (const size_t equal = line.find('='); line.starts_with("--set ") && equal != std::string::npos) {
        out.parameters.emplace_back(line.substr(6, equal - 6), line.substr(equal + 1));
      }
    } else {
      in_query = true;
      out.query += line + "\n";
    }
  }
  if (!out.query.empty()) out.query.pop_back();
  return in_query || in_answer;
}

// Columns with their types, then the table as a terminal shows it; or every diagnostic.
std::string print(const Answer& answer, const std::string& query) {
  if (!answer.earlier.empty()) {  // each result with its name, in their order
    std::string all;
    for (const auto& earlier : answer.earlier)
      all += "[" + earlier.label + "]\n" + print(earlier, query) + "\n";
    Answer last = answer;
    last.earlier.clear();
    return all + "[" + last.label + "]\n" + print(last, query);
  }
  std::string out;
  if (!answer.table) {
    for (const auto& diagnostic : answer.diagnostics) out += Session::render(diagnostic, query);
    return out;
  }
  for (const auto& field : answer.table->schema.fields) {
    out += (out.empty() ? "" : ", ") + escape_terminal(field.name) + ":" + std::string(type_name(field.type));
  }
  if (answer.sorted) out += " (sorted)";
  if (answer.picture) {
    out += "\npicture " + answer.picture->kind;
    for (const auto& [name, value] : answer.picture->properties) out += " " + name + "=" + value;
  }
  out += "\n" + to_text(*answer.table, {});
  // Padding at the end of a line says nothing.
  std::string trimmed;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\n') trimmed.erase(trimmed.find_last_not_of(' ') + 1);
    trimmed += out[i];
  }
  return trimmed;
}

void show_difference(const std::string& name, const std::string& expected, const std::string& actual) {
  std::cout << name << " differs\n";
  const auto wanted = split(expected, '\n'), got = split(actual, '\n');
  for (size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
    const std::string_view a = i < wanted.size() ? wanted[i] : std::string_view(),
                           b = i < got.size() ? got[i] : std::string_view();
    if (a == b) {
      std::cout << "    " << a << "\n";
    } else {
      if (i < wanted.size()) std::cout << "  - " << a << "\n";
      if (i < got.size()) std::cout << "  + " << b << "\n";
    }
  }
}

int run(const fs::path& folder, bool update, const std::string& filter) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().string();
    if (entry.path().extension() == ".case" && name.find(filter) != std::string::npos)
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::map<std::pair<std::vector<std::string>, std::vector<std::string>>, std::unique_ptr<Session>> sessions;
  size_t failed = 0, updated = 0;
  for (const auto& file : files) {
    const std::string name = fs::relative(file, folder).string();
    Case one;
    if (!read_case(file, one)) {
      std::cout << name << " has no query\n";
      ++failed;
      continue;
    }
    std::string actual;
    auto& session = sessions[{one.data, one.query_paths}];
    if (!session) {
      auto opened = Session::open({.data = one.data, .query_paths = one.query_paths});
      if (opened.ok()) session = std::move(*opened);
      else actual = Session::render(opened.error(), "");
    }
    if (session) actual = print(session->query(one.query, one.parameters), one.query);
    if (actual == one.answer) continue;
    if (update) {
      std::ofstream(file, std::ios::binary) << one.head << one.query << "\n=\n" << actual;
      ++updated;
    } else {
      show_difference(name, one.answer, actual);
      ++failed;
    }
  }
  std::cout << files.size() - failed << " cases passed, " << failed << " failed";
  if (update) std::cout << ", " << updated << " rewritten";
  std::cout << "\n";
  return failed > 0 || files.empty() ? 1 : 0;
}

}  // namespace
}  // namespace huntbook

int main(int argc, char** argv) {
  setenv("HUNTBOOK_GEOIP", "", 1);  // the cases know no places, whatever this machine has
  bool update = false;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--update") update = true;
    else words.emplace_back(argv[i]);
  }
  if (words.empty() || words.size() > 2) {
    std::cerr << "use: case_runner FOLDER [--update] [FILTER]\n";
    return 2;
  }
  return huntbook::run(words[0], update, words.size() == 2 ? words[1] : "");
}
