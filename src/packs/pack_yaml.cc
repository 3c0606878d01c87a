// Reading pack files.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "packs/reader.h"

namespace huntbook {
namespace {

using namespace packs;

// What is not in the format is a mistake worth telling.
const std::set<std::string> kFileKeys{"metadata", "defaults", "sources", "queries", "tables"};
const std::set<std::string> kSourceKeys{"description", "metadata", "args",    "parameters", "query_macros",
                                        "techniques",  "tables",   "example", "test"};
const std::set<std::string> kParamKeys{"description", "type", "default", "aliases", "alias", "format"};
const std::set<std::string> kTypes{"str",  "string", "int",      "long",     "float",  "real",
                                   "bool", "list",   "datetime", "timespan", "dynamic"};

// The first of several nodes that has the key: source, then defaults, then file.
YAML::Node first_of(const char* key, std::initializer_list<YAML::Node> nodes) {
  for (const auto& node : nodes) {
    if (auto found = child(node, key); found && found.IsDefined()) return found;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

std::string fill_macros(std::string text, const std::map<std::string, std::string>& macros) {
  for (size_t at = text.find("$<"); at != std::string::npos; at = text.find("$<", at)) {
    const size_t end = text.find(">$", at);
    if (end == std::string::npos) break;
    auto it = macros.find(text.substr(at + 2, end - at - 2));
    const std::string value = it == macros.end() ? "" : it->second;
    text.replace(at, end + 2 - at, value);
    at += value.size();
  }
  return text;
}

// The names in {braces}; doubled braces are literal.
std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> names;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      if (i + 1 < text.size() && text[i + 1] == '{') {
        ++i;
        continue;
      }
      size_t end = i + 1;
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
        ++end;
      if (end < text.size() && text[end] == '}' && end > i + 1)
        names.emplace_back(text.substr(i + 1, end - i - 1));
    }
  }
  return names;
}

void read_params(Reader& reader, const YAML::Node& node, std::map<std::string, PackParam>& params) {
  if (!node || !node.IsMap()) return;
  for (const auto& entry : node) {
    PackParam& param = params[entry.first.Scalar()];
    param.name = entry.first.Scalar();
    reader.check_keys(entry.second, kParamKeys, "parameter `" + param.name + "`");
    if (auto type = child(entry.second, "type"); type && type.IsScalar()) param.type = type.Scalar();
    if (auto doc = child(entry.second, "description"); doc && doc.IsScalar()) param.doc = doc.Scalar();
    if (auto value = child(entry.second, "default"); value && value.IsDefined())
      param.default_value = text_of(value);
    for (const char* key : {"aliases", "alias"}) {
      for (auto& alias : list_of(child(entry.second, key))) param.aliases.push_back(std::move(alias));
    }
  }
}

void read_source(Reader& reader, const std::string& name, const YAML::Node& source, const YAML::Node& root) {
  const YAML::Node metadata = child(root, "metadata");
  const YAML::Node defaults = child(root, "defaults");
  const YAML::Node default_metadata = child(defaults, "metadata");
  const YAML::Node own_metadata = child(source, "metadata");
  if (!source.IsMap()) {
    reader.problem("HB-P003", source.Mark(), "query `" + name + "` is not a map");
    return;
  }
  reader.check_keys(source, kSourceKeys, "query `" + name + "`");
  PackQuery query;
  query.name = name;
  query.file = reader.file;
  query.line = reader.line_of(source.Mark());
  query.doc = text_of(child(source, "description"));
  query.families = list_of(first_of("data_families", {own_metadata, default_metadata, metadata}));
  query.family = query.families.empty() ? "" : query.families[0];
  query.providers = list_of(first_of("data_environments", {own_metadata, default_metadata, metadata}));
  query.tables = list_of(first_of("tables", {source, own_metadata, default_metadata, metadata}));
  query.techniques = list_of(first_of("techniques", {source, own_metadata, default_metadata, metadata}));
  query.example = text_of(child(source, "example"));
  read_cases(reader, name, child(source, "test"), query.tests);
  std::map<std::string, PackParam> params;
  read_params(reader, child(defaults, "parameters"), params);
  read_params(reader, child(source, "parameters"), params);
  const YAML::Node text = child(child(source, "args"), "query");
  if (!text || !text.IsScalar() || text.Scalar().empty()) {
    reader.problem("HB-P003", source.Mark(), "query `" + name + "` has no text in args.query");
    return;
  }
  std::map<std::string, std::string> macros;
  if (auto node = child(source, "query_macros"); node && node.IsMap()) {
    for (const auto& entry : node) macros[entry.first.Scalar()] = text_of(child(entry.second, "value"));
  }
  query.text = fill_macros(text.Scalar(), macros);
  query.place = TextPlace::find(reader.yaml, reader.line_of(text.Mark()) - 1,
                                static_cast<size_t>(text.Mark().column), text.Scalar());
  if (query.text != text.Scalar()) query.place.forget_places();
  if (query.families.empty() || query.providers.empty()) {
    reader.problem(
        "HB-P003", source.Mark(),
        "query `" + name + "` has no " + (query.providers.empty() ? "data_environments" : "data_families"));
    return;
  }
  bool good = true;
  // JSON bodies of other services use single braces of their own.
  for (const auto& wanted : placeholders(query.text)) {
    if (params.contains(wanted)) continue;
    std::vector<std::string> names;
    for (const auto& [key, value] : params) names.push_back(key);
    auto near = nearest_name(wanted, names);
    reader.problem("HB-P004", text.Mark(),
                   "placeholder `{" + wanted + "}` of query `" + name + "` is no parameter",
                   near ? "did you mean `{" + *near + "}`?" : "declare it under parameters");
    good = false;
  }
  // A default parameter that this query's text does not use is not a parameter of it.
  const auto used = placeholders(query.text);
  const YAML::Node own = child(source, "parameters");
  for (auto& [key, param] : params) {
    const bool is_used = std::find(used.begin(), used.end(), key) != used.end();
    if (!is_used && !(child(own, key.c_str()) && child(own, key.c_str()).IsDefined())) continue;
    if (param.type.empty() || !kTypes.contains(param.type)) {
      reader.problem("HB-P005", source.Mark(),
                     param.type.empty() ? "parameter `" + key + "` of query `" + name + "` has no type"
                                        : "parameter `" + key + "` of query `" + name +
                                              "` has the unknown type `" + param.type + "`",
                     "str, int, float, bool, list, datetime or timespan");
      good = false;
      continue;
    }
    query.params.push_back(std::move(param));
  }
  if (good) reader.library.queries.push_back(std::move(query));
}

// yaml-cpp refuses `- &name |-` when the text is indented less than the name's end; with the bar on a line of
// its own it is the same YAML and is taken.
std::string split_anchors(std::string_view yaml, std::vector<int>& inserted) {
  std::string out;
  int number = 0;
  for (auto line : split(yaml, '\n')) {
    if (number > 0) out += '\n';
    const size_t dash = line.find_first_not_of(' ');
    const bool anchored = dash != std::string_view::npos && line.substr(dash).starts_with("- &");
    const size_t end = anchored ? line.find(' ', dash + 3) : std::string_view::npos;
    const std::string_view bar = end != std::string_view::npos ? trim(line.substr(end)) : std::string_view();
    if ((bar.starts_with('|') || bar.starts_with('>')) &&
        bar.find_first_not_of("|>+-0123456789") == std::string_view::npos) {
      out += std::string(line.substr(0, end)) + '\n' + std::string(dash + 2, ' ') + std::string(bar);
      inserted.push_back(++number);
    } else {
      out += line;
    }
    ++number;
  }
  return out;
}

YAML::Node parse(Reader& reader, std::string_view yaml) {
  try {
    return YAML::Load(std::string(yaml));
  } catch (const YAML::Exception&) {
    const std::string again = split_anchors(yaml, reader.inserted);
    if (reader.inserted.empty()) throw;
    return YAML::Load(again);
  }
}

}  // namespace

void PackLibrary::load_text(std::string_view yaml, const std::string& file) {
  Reader reader{*this, file, yaml};
  YAML::Node root;
  try {
    root = parse(reader, yaml);
  } catch (const YAML::Exception& failure) {
    reader.problem("HB-P001", failure.mark, "not YAML: " + failure.msg);
    return;
  }
  try {
    if (!root.IsMap()) {
      reader.problem("HB-P001", root.Mark(), "not a query pack",
                     "a pack is a map with metadata, defaults and sources");
      return;
    }
    reader.check_keys(root, kFileKeys, "the file");
    const YAML::Node sources = child(root, "sources"), tables = child(root, "tables");
    if (tables && !sources && !child(root, "metadata")) return read_schemas(reader, tables);
    if (!sources || !sources.IsMap()) {
      reader.problem("HB-P001", root.Mark(), "the file has no sources");
      return;
    }
    for (const auto& entry : sources) read_source(reader, entry.first.Scalar(), entry.second, root);
  } catch (const YAML::Exception& failure) {
    reader.problem("HB-P001", failure.mark, "cannot be read: " + failure.msg);
  }
}

std::vector<RuleText> rule_texts(std::string_view yaml) {
  std::vector<RuleText> found;
  try {
    for (const auto& root : YAML::LoadAll(std::string(yaml))) {
      for (const char* key : {"query", "FunctionQuery", "ParserQuery"}) {
        const YAML::Node query = child(root, key);
        if (!query || !query.IsScalar()) continue;
        const YAML::Mark mark = query.Mark();
        found.push_back({query.Scalar(), TextPlace::find(yaml, static_cast<size_t>(mark.line),
                                                         static_cast<size_t>(mark.column), query.Scalar())});
      }
    }
  } catch (const YAML::Exception&) {
    found.clear();  // the pack loader tells what is wrong with the file
  }
  return found;
}

bool is_pack(std::string_view yaml) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    return root.IsMap() && (root["sources"] || root["metadata"] || root["tables"]);
  } catch (const YAML::Exception&) {
    return true;  // it is told what is wrong with it
  }
}

void PackLibrary::load_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> files;
  if (fs::is_directory(path, error)) {
    for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end; it.increment(error)) {
      const auto extension = it->path().extension();
      if (it->is_regular_file(error) && (extension == ".yaml" || extension == ".yml"))
        files.push_back(it->path().string());
    }
  } else {
    files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) {
      problems.push_back({"HB-P001", "cannot read the query pack", {}, "", "", file});
      continue;
    }
    load_text(text.str(), file);
  }
}

}  // namespace huntbook
