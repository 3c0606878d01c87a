// Checking the queries of files, with places in the files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/text.h"
#include "kql/diagnose.h"
#include "session/state.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;

struct Text {
  std::string kql;
  TextPlace place;
};

// A comment ends with its line; in a YAML value that is folded into one line it takes all that follows.
constexpr const char* kFolded = "the YAML value is one line, so `//` hides what follows; write `query: |`";

bool has_comment(std::string_view text) {  // more or less: a web address is none
  for (size_t at = text.find("//"); at != std::string_view::npos; at = text.find("//", at + 2)) {
    if (at == 0 || text[at - 1] != ':') return true;
  }
  return false;
}

// The fenced blocks of a Markdown file that say kql or kusto.
std::vector<Text> markdown_blocks(std::string_view file) {
  std::vector<Text> found;
  uint32_t number = 0, first = 0;
  bool inside = false, wanted = false;
  Text block;
  for (auto line : split(file, '\n')) {
    ++number;
    const std::string_view trimmed = trim(line);
    if (trimmed.starts_with("```")) {
      if (!inside) {
        const std::string language = to_lower(trim(trimmed.substr(3)));
        wanted = language == "kql" || language == "kusto";
        block = {};
        first = number + 1;
      } else if (wanted) {
        block.place = TextPlace::lines_from(first, block.kql);
        found.push_back(std::exchange(block, {}));
      }
      inside = !inside;
      continue;
    }
    if (inside && wanted) block.kql += std::string(line) + "\n";
  }
  return found;
}

// A view that takes values is written as the function it is: `(name: type = default) { ... }`.
bool is_function(std::string_view text) {
  while (text.starts_with("//")) {
    const size_t end = text.find('\n');
    text = trim(end == std::string_view::npos ? std::string_view() : text.substr(end));
  }
  if (!text.starts_with('(')) return false;
  size_t at = text.find_first_not_of(" \t\r\n", 1);
  const size_t begin = at;
  while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_')) ++at;
  const size_t end = at;
  at = text.find_first_not_of(" \t", at);
  return end > begin && at < text.size() && text[at] == ':';
}

// A value that a required parameter could have.
std::string sample_value(const PackQuery& query, const PackParam& param) {
  if (param.type == "datetime") return "-1d";
  if (param.type == "int" || param.type == "long" || param.type == "float" || param.type == "real")
    return "1";
  if (param.type == "bool") return "true";
  if (query.text.find("datetime({" + param.name + "})") != std::string::npos) return "2024-01-01";
  return "x";
}

enum class FileKind : uint8_t { kOther, kKql, kMarkdown, kYaml };

FileKind file_kind(const std::string& path) {
  const std::string extension = to_lower(fs::path(path).extension().string());
  if (extension == ".kql" || extension == ".csl" || extension == ".kusto") return FileKind::kKql;
  if (extension == ".md" || extension == ".markdown") return FileKind::kMarkdown;
  if (extension == ".yaml" || extension == ".yml") return FileKind::kYaml;
  return FileKind::kOther;
}

// The files at a path: itself, or those below a folder that may hold queries, in order of their names.
std::vector<std::string> files_at(const std::string& path, bool& folder) {
  std::error_code error;
  folder = fs::is_directory(path, error);
  if (!folder) return {path};
  std::vector<std::string> files;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(".") && it->is_directory(error)) it.disable_recursion_pending();
    else if (it->is_regular_file(error) && file_kind(name) != FileKind::kOther)
      files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void set_place(Finding& finding, FilePosition begin, FilePosition end) {
  finding.line = begin.line;
  finding.column = begin.column;
  finding.end_line = end.line;
  finding.end_column = end.column;
  finding.diagnostic.place =
      finding.file + ":" + std::to_string(begin.line) + ":" + std::to_string(begin.column);
}

class Checker {
 public:
  using Check = std::function<Diagnostics(std::string_view)>;
  Checker(Check check, QueryTime time, const PackLibrary& packs)
      : check_(std::move(check)), time_(time), packs_(packs) {}

  void file(const std::string& path, bool named) {
    std::error_code error;
    std::ifstream in(path, std::ios::binary);
    std::stringstream read;
    if (!fs::is_directory(path, error)) read << in.rdbuf();
    if (!in || read.fail()) {
      ++result.files;
      add(path, "", Diagnostic{"HB-V001", "cannot read the file", {}, "", "", path});
      return;
    }
    const std::string content = read.str();
    const size_t queries = result.queries, findings = result.findings.size();
    switch (file_kind(path)) {
      case FileKind::kYaml: yaml(path, content, named); break;
      case FileKind::kMarkdown:
        for (const auto& text : markdown_blocks(content)) check(path, "", text);
        break;
      default: check(path, "", {content, TextPlace::lines_from(1, content)}); break;
    }
    if (named || queries != result.queries || findings != result.findings.size()) ++result.files;
  }

  Checked result;

 private:
  void add(const std::string& path, std::string query, Diagnostic diagnostic) {
    Finding finding;
    finding.file = path;
    finding.query = std::move(query);
    finding.diagnostic = std::move(diagnostic);
    result.findings.push_back(std::move(finding));
  }

  void check(const std::string& path, const std::string& name, const Text& text) {
    ++result.queries;
    const std::string before = is_function(trim(text.kql)) ? "let view = " : "";
    for (auto& problem : check_(before.empty() ? text.kql : before + text.kql + ";\nview()")) {
      const auto offset = [&](uint32_t at) {
        return std::min<size_t>(at < before.size() ? 0 : at - before.size(), text.kql.size());
      };
      const Span span{static_cast<uint32_t>(offset(problem.span.begin)),
                      static_cast<uint32_t>(offset(problem.span.end))};
      if (text.place.folded() && has_comment(text.kql)) problem.hint = kFolded;
      add(path, name, std::move(problem));
      Finding& finding = result.findings.back();
      finding.exact = text.place.exact();
      set_place(finding, text.place.position(text.kql, span.begin),
                text.place.position(text.kql, std::max(span.begin, span.end)));
    }
  }

  void yaml(const std::string& path, const std::string& content, bool named) {
    const auto rules = rule_texts(content);
    for (const auto& rule : rules) check(path, "", {rule.text, rule.place});
    if (!rules.empty() || (!named && !is_pack(content))) return;
    PackLibrary pack;
    pack.load_text(content, path);
    for (auto& problem : pack.problems) {
      const size_t colon = problem.place.rfind(':');
      const auto line = static_cast<uint32_t>(
          colon == std::string::npos ? 1 : std::strtoul(problem.place.c_str() + colon + 1, nullptr, 10));
      add(path, "", std::move(problem));
      set_place(result.findings.back(), {line, 1}, {line, 1});
    }
    for (const auto& query : pack.queries) {
      pack_query(path, query);
      for (const auto& test : query.tests) tables_of(path, query, test, pack);
    }
  }

  // The rows of a test fit the tables that schemas declare.
  void tables_of(const std::string& path, const PackQuery& query, const PackCase& test,
                 const PackLibrary& pack) {
    for (const auto& table : test.tables) {
      const TableSchema* schema = pack.find_schema(table.name);
      if (!schema) schema = packs_.find_schema(table.name);
      Diagnostic wrong{"HB-P006", "no schema declares the table `" + table.name + "`", {}, "", "", ""};
      if (schema) {
        auto rows = case_table(table, schema->schema, path);
        if (rows.ok()) continue;
        wrong = rows.error();
      }
      const size_t colon = wrong.place.rfind(':');
      const auto line =
          colon == std::string::npos
              ? table.line
              : static_cast<uint32_t>(std::strtoul(wrong.place.c_str() + colon + 1, nullptr, 10));
      add(path, query.name, std::move(wrong));
      set_place(result.findings.back(), {line, 1}, {line, 1});
    }
  }

  void pack_query(const std::string& path, const PackQuery& query) {
    if (!query.is_kql()) return;
    ++result.queries;
    PackArguments arguments;
    for (const auto& param : query.params) {
      const bool time = param.name == "start" || param.name == "end";
      if (!param.default_value && !time) arguments.emplace_back(param.name, sample_value(query, param));
    }
    std::vector<uint32_t> origins;
    auto text = render_query(query, arguments, time_, &origins);
    for (auto& problem : text.ok() ? check_(*text) : Diagnostics{text.error()}) {
      const Span span = problem.span;
      if (query.place.folded() && has_comment(query.text)) problem.hint = kFolded;
      problem.message = "query `" + query.name + "`: " + problem.message;
      add(path, query.name, std::move(problem));
      Finding& finding = result.findings.back();
      const auto position = [&](size_t at) { return query_position(query, origins, at); };
      finding.exact = query.place.exact() && text.ok();
      set_place(finding, position(span.begin), position(std::max(span.begin, span.end)));
    }
  }

  Check check_;
  QueryTime time_;
  const PackLibrary& packs_;
};

}  // namespace

Checked Session::check_files(std::span<const std::string> paths, bool open) {
  state_->need_packs();
  Checker checker([&](std::string_view text) { return check(text, open); }, state_->query_time,
                  state_->packs);
  const kql::Catalog own = state_->catalog;
  if (!open) state_->declare_schemas();
  for (const auto& path : paths) {
    bool folder = false;
    for (const auto& file : files_at(path, folder)) checker.file(file, !folder);
  }
  state_->catalog = own;
  return std::move(checker.result);
}

std::vector<Rule> Session::rules() {
  std::vector<Rule> out;
#define HB_ERROR(name, code, message) out.push_back({code, #name, message});
#include "kql/errors.def"
#undef HB_ERROR
  for (auto& rule : out) {
    rule.name.erase(0, 1);  // kName
    for (size_t at = rule.message.find("{}"); at != std::string::npos; at = rule.message.find("{}", at))
      rule.message.replace(at, 2, "...");
  }
  for (const auto& [code, name, message] :
       {Rule{"HB-P001", "PackUnreadable", "a query pack cannot be read"},
        {"HB-P002", "PackUnknownKey", "unknown key in a query pack"},
        {"HB-P003", "PackQueryIncomplete", "a query of a pack lacks something"},
        {"HB-P004", "PackPlaceholder", "a placeholder is no parameter"},
        {"HB-P005", "PackParameterType", "a parameter has no known type"},
        {"HB-P006", "PackTest", "a test of a query is wrong"},
        {"HB-P007", "PackTable", "a table of a schema file is wrong"},
        {"HB-P009", "PackParameter", "the description or default of a parameter is wrong"},
        {"HB-P011", "PackParameterMissing", "a parameter has no value"},
        {"HB-P012", "PackParameterValue", "a value does not fit its parameter"},
        {"HB-V001", "FileUnreadable", "a file cannot be read"}})
    out.push_back({code, name, message});
  std::sort(out.begin(), out.end(), [](const Rule& a, const Rule& b) { return a.code < b.code; });
  return out;
}

}  // namespace huntbook
