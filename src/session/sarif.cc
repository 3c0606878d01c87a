#include "session/sarif.h"

#include <algorithm>
#include <map>

#include "base/json.h"

namespace huntbook {
namespace {

Json text(std::string value) { return Json::string(std::move(value)); }
Json number(size_t value) { return Json::number(static_cast<int64_t>(value)); }
Json message(std::string value) { return Json::object({{"text", text(std::move(value))}}); }

// A path as a URI reference: what is no path character is percent-encoded.
std::string uri(const std::string& path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/!$&'()*+,;=@").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return path.starts_with("/") ? "file://" + out : out;
}

Json rule_json(const Rule& rule) {
  const char* level = rule.code == "unsupported" ? "warning" : "error";
  return Json::object({{"id", text(rule.code)},
                       {"name", text(rule.name)},
                       {"shortDescription", message(rule.message)},
                       {"defaultConfiguration", Json::object({{"level", text(level)}})}});
}

Json result_json(const Finding& finding, const std::map<std::string, size_t>& indexes) {
  const Diagnostic& diagnostic = finding.diagnostic;
  std::string words = diagnostic.message;
  if (!diagnostic.hint.empty()) words += "\nhint: " + diagnostic.hint;
  Json::Object region = {{"startLine", number(finding.line)}};
  if (finding.exact) {
    region.emplace_back("startColumn", number(finding.column));
    region.emplace_back("endLine", number(finding.end_line));
    region.emplace_back("endColumn", number(finding.end_column));
  }
  const Json location =
      Json::object({{"physicalLocation",
                     Json::object({{"artifactLocation", Json::object({{"uri", text(uri(finding.file))}})},
                                   {"region", Json::object(std::move(region))}})}});
  Json::Object result = {{"ruleId", text(diagnostic.code)}};
  if (auto index = indexes.find(diagnostic.code); index != indexes.end())
    result.emplace_back("ruleIndex", number(index->second));
  result.emplace_back("level", text(diagnostic.code == "unsupported" ? "warning" : "error"));
  result.emplace_back("message", message(std::move(words)));
  result.emplace_back("locations", Json::array({location}));
  Json::Object properties;
  if (!finding.query.empty()) properties.emplace_back("query", text(finding.query));
  if (!diagnostic.construct.empty()) properties.emplace_back("construct", text(diagnostic.construct));
  if (!properties.empty()) result.emplace_back("properties", Json::object(std::move(properties)));
  return Json::object(std::move(result));
}

}  // namespace

std::string to_sarif(const Checked& checked, const std::vector<Rule>& rules, const std::string& version) {
  std::map<std::string, size_t> indexes;
  Json::Array listed, results;
  for (const auto& rule : rules) {
    indexes.emplace(rule.code, listed.size());
    listed.push_back(rule_json(rule));
  }
  for (const auto& finding : checked.findings) results.push_back(result_json(finding, indexes));
  const Json driver = Json::object(
      {{"name", text("huntbook")}, {"version", text(version)}, {"rules", Json::array(std::move(listed))}});
  const Json run = Json::object({{"tool", Json::object({{"driver", driver}})},
                                 {"columnKind", text("unicodeCodePoints")},
                                 {"results", Json::array(std::move(results))}});
  return Json::object({{"$schema", text("https://json.schemastore.org/sarif-2.1.0.json")},
                       {"version", text("2.1.0")},
                       {"runs", Json::array({run})}})
             .text() +
         "\n";
}

std::string to_json(const Checked& checked) {
  Json::Array problems;
  for (const auto& finding : checked.findings) {
    const Diagnostic& diagnostic = finding.diagnostic;
    Json::Object problem = {{"file", text(finding.file)},
                            {"line", number(finding.line)},
                            {"column", number(finding.column)},
                            {"end_line", number(finding.end_line)},
                            {"end_column", number(finding.end_column)},
                            {"query", text(finding.query)},
                            {"code", text(diagnostic.code)},
                            {"message", text(diagnostic.message)},
                            {"hint", text(diagnostic.hint)}};
    if (!diagnostic.construct.empty()) problem.emplace_back("construct", text(diagnostic.construct));
    problems.push_back(Json::object(std::move(problem)));
  }
  return Json::object({{"files", number(checked.files)},
                       {"queries", number(checked.queries)},
                       {"problems", Json::array(std::move(problems))}})
             .text() +
         "\n";
}

}  // namespace huntbook
