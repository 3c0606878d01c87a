// What the readers of pack files share. Private to src/packs.
#pragma once
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "packs/pack.h"

namespace huntbook::packs {

struct Reader {
  PackLibrary& library;
  const std::string& file;
  std::string_view yaml;
  std::string_view folder{};    ///< that the file was found in, when a folder was loaded
  std::vector<int> inserted{};  ///< lines, from 0, that split_anchors() added

  uint32_t line_of(const YAML::Mark& mark) const {
    const auto added =
        std::count_if(inserted.begin(), inserted.end(), [&](int line) { return line <= mark.line; });
    return static_cast<uint32_t>(mark.line + 1 - added);
  }

  void problem(const char* code, const YAML::Mark& mark, std::string message, std::string hint = {}) {
    Diagnostic made;
    made.code = code;
    made.message = std::move(message);
    made.place = file + ":" + std::to_string(line_of(mark));
    made.hint = std::move(hint);
    library.problems.push_back(std::move(made));
  }

  void check_keys(const YAML::Node& node, const std::set<std::string>& known, const std::string& where) {
    if (!node.IsMap()) return;
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      if (known.contains(key)) continue;
      const std::vector<std::string> names(known.begin(), known.end());
      auto near = nearest_name(key, names);
      problem("HB-P002", entry.first.Mark(), "unknown key `" + key + "` in " + where,
              near ? "did you mean `" + *near + "`?" : "");
    }
  }
};

// A scalar or list as text: lists are joined with commas, as their parameters take them.
inline std::string text_of(const YAML::Node& node) {
  if (!node || node.IsNull()) return {};
  if (node.IsScalar()) return node.Scalar();
  std::string joined;
  if (node.IsSequence()) {
    for (const auto& item : node) joined += (joined.empty() ? "" : ",") + text_of(item);
  }
  return joined;
}

inline std::vector<std::string> list_of(const YAML::Node& node) {
  std::vector<std::string> out;
  if (!node || node.IsNull()) return out;
  if (node.IsSequence()) {
    for (const auto& item : node) out.push_back(text_of(item));
  } else if (node.IsScalar()) {
    out.push_back(node.Scalar());
  }
  return out;
}

inline YAML::Node child(const YAML::Node& node, const char* key) {
  return node && node.IsMap() ? node[key] : YAML::Node(YAML::NodeType::Undefined);
}

// A node as JSON: what is plain and reads as JSON is that, all else is a string.
Json to_json(const YAML::Node& node);
// Reads the tests of a query and the tables of a schema file.
void read_cases(Reader& reader, const std::string& query, const YAML::Node& node, std::vector<PackCase>& out);
void read_schemas(Reader& reader, const YAML::Node& tables);

}  // namespace huntbook::packs
