// Reading pack files.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "config/yaml.h"
#include "packs/reader.h"

namespace huntbook {
namespace {

using namespace packs;

// What is not in the format is a mistake worth telling.
const std::set<std::string> kFileKeys{"metadata", "defaults", "sources", "queries", "tables"};
const std::set<std::string> kSourceKeys{"description", "metadata", "args",    "parameters", "query_macros",
                                        "techniques",  "tables",   "example", "test"};
const std::set<std::string> kParamKeys{"description", "type", "default", "aliases", "alias", "format"};
const std::set<std::string> kTypes{"str",  "int",  "long",     "float",    "real",
                                   "bool", "list", "datetime", "timespan", "dynamic"};
constexpr const char* kTypeHint = "str, int, float, bool, list, datetime or timespan";
constexpr size_t kMinDescription = 2, kMaxDescription = 1000;  // characters of a parameter's description

// A name that can be called: letters, digits and underscores, no digit first.
std::string identifier(std::string_view name) {
  std::string out;
  for (char c : name) out += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out = "n_" + out;
  return out;
}

// Dots of a family stay: they nest.
std::string family_name(std::string_view name) {
  std::string out;
  for (auto part : split(name, '.')) out += (out.empty() ? "" : ".") + identifier(trim(part));
  return out;
}

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

using Params = std::map<std::string, PackParam>;

// Whether one parameter's own description and default are in order.
bool check_param(Reader& reader, const YAML::Node& node, const PackParam& param, const std::string& where) {
  bool good = true;
  const auto wrong = [&](const YAML::Node& at, std::string message, std::string hint) {
    reader.problem("HB-P009", at.Mark(), std::move(message) + " (" + where + ")", std::move(hint));
    good = false;
  };
  if (const auto value = child(node, "default"); value && value.IsNull())
    wrong(node, "the default of parameter `" + param.name + "` is empty",
          "write '' for an empty text, or no default for a parameter that must be given");
  if (const auto doc = child(node, "description"); doc && doc.IsScalar()) {
    const size_t length = count_code_points(doc.Scalar());
    if (length < kMinDescription || length > kMaxDescription)
      wrong(doc,
            "the description of parameter `" + param.name + "` has " + std::to_string(length) +
                (length == 1 ? " character" : " characters"),
            "2 to 1000 characters");
  }
  return good;
}

bool check_type(Reader& reader, const YAML::Mark& mark, const PackParam& param, const std::string& where) {
  if (kTypes.contains(param.type)) return true;
  reader.problem("HB-P005", mark,
                 param.type.empty() ? "parameter `" + param.name + "` of " + where + " has no type"
                                    : "parameter `" + param.name + "` of " + where +
                                          " has the unknown type `" + param.type + "`",
                 kTypeHint);
  return false;
}

bool read_params(Reader& reader, const YAML::Node& node, const std::string& where, Params& params) {
  if (!node || !node.IsMap()) return true;
  bool good = true;
  for (const auto& entry : node) {
    PackParam& param = params[entry.first.Scalar()];
    param.name = entry.first.Scalar();
    reader.check_keys(entry.second, kParamKeys, "parameter `" + param.name + "`");
    if (auto type = child(entry.second, "type"); type && type.IsScalar()) param.type = type.Scalar();
    if (auto doc = child(entry.second, "description"); doc && doc.IsScalar()) param.doc = doc.Scalar();
    if (auto value = child(entry.second, "default"); value && value.IsDefined())
      param.default_value = value.IsSequence() ? to_json(value).text() : text_of(value);
    if (auto format = child(entry.second, "format"); format && format.IsScalar())
      param.format = format.Scalar();
    for (const char* key : {"aliases", "alias"}) {
      for (auto& alias : list_of(child(entry.second, key))) param.aliases.push_back(std::move(alias));
    }
    if (!check_param(reader, entry.second, param, where)) good = false;
  }
  return good;
}

// What stands for the whole file; with a mistake here no query of the file can be trusted.
bool check_file(Reader& reader, const YAML::Node& root) {
  const YAML::Node metadata = child(root, "metadata");
  if (!metadata || !metadata.IsMap()) {
    reader.problem("HB-P001", root.Mark(), "the file has no metadata", "data_environments and data_families");
    return false;
  }
  bool good = true;
  if (const auto version = child(metadata, "version"); version && version.IsDefined()) {
    const bool plain = version.IsScalar() && version.Tag() != "!";
    if (!plain || version.Scalar().empty() ||
        version.Scalar().find_first_not_of("0123456789") != std::string::npos) {
      reader.problem("HB-P001", version.Mark(), "the version is not a whole number", "version: 1");
      good = false;
    }
  }
  Params params;
  const YAML::Node defaults = child(child(root, "defaults"), "parameters");
  PackLibrary scratch;  // unknown keys are told once, where queries are read
  Reader quiet{scratch, reader.file, reader.yaml, reader.folder, reader.inserted};
  if (!read_params(quiet, defaults, "the file's defaults", params)) good = false;
  if (defaults && defaults.IsMap()) {
    for (const auto& entry : defaults) {
      if (!check_type(quiet, entry.first.Mark(), params[entry.first.Scalar()], "the file's defaults"))
        good = false;
    }
  }
  for (auto& problem : scratch.problems) reader.library.problems.push_back(std::move(problem));
  return good;
}

// The family.name that two queries share, when a provider of both would find only the later one.
std::string shared_name(const PackQuery& a, const PackQuery& b) {
  if (a.name != b.name) return {};
  const bool provider =
      std::any_of(a.providers.begin(), a.providers.end(), [&](const auto& name) { return b.serves(name); });
  const auto family =
      std::find_first_of(a.families.begin(), a.families.end(), b.families.begin(), b.families.end());
  return provider && family != a.families.end() ? *family + "." + a.name : "";
}

void add_query(PackLibrary& library, PackQuery query) {
  for (auto it = library.queries.rbegin(); it != library.queries.rend(); ++it) {
    const PackQuery& earlier = *it;
    const std::string name = shared_name(earlier, query);
    if (name.empty()) continue;
    library.shadowed.push_back({"HB-P008",
                                "query `" + name + "` takes the place of an earlier one of that name",
                                {},
                                "the earlier one is at " + earlier.file + ":" + std::to_string(earlier.line),
                                "",
                                query.file + ":" + std::to_string(query.line)});
    break;  // what it took the place of was told then
  }
  library.queries.push_back(std::move(query));
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
  query.name = identifier(name);
  query.file = reader.file;
  query.line = reader.line_of(source.Mark());
  query.doc = text_of(child(source, "description"));
  query.families = list_of(first_of("data_families", {own_metadata, default_metadata, metadata}));
  for (auto& family : query.families) family = family_name(family);
  query.family = query.families.empty() ? "" : query.families[0];
  query.providers = list_of(first_of("data_environments", {own_metadata, default_metadata, metadata}));
  const bool placed = query.providers.empty();
  std::erase_if(query.providers,
                [&](const auto& provider) { return !takes_folder(provider, reader.folder); });
  if (query.providers.empty() && !placed) return;  // of a folder that is for other providers
  query.tables = list_of(first_of("tables", {source, own_metadata, default_metadata, metadata}));
  query.techniques = list_of(first_of("techniques", {source, own_metadata, default_metadata, metadata}));
  query.example = text_of(child(source, "example"));
  read_cases(reader, name, child(source, "test"), query.tests);
  Params params;
  PackLibrary ignored;  // the defaults were checked with the file
  Reader again{ignored, reader.file, reader.yaml, reader.folder, reader.inserted};
  read_params(again, child(defaults, "parameters"), "", params);
  if (!read_params(reader, child(source, "parameters"), "query `" + name + "`", params)) return;
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
    if (!check_type(reader, source.Mark(), param, "query `" + name + "`")) {
      good = false;
      continue;
    }
    query.params.push_back(std::move(param));
  }
  if (good) add_query(reader.library, std::move(query));
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

void PackLibrary::load_text(std::string_view yaml, const std::string& file, std::string_view folder) {
  Reader reader{*this, file, yaml, folder};
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
    if (!check_file(reader, root)) return;
    for (const auto& entry : sources) read_source(reader, entry.first.Scalar(), entry.second, root);
  } catch (const YAML::Exception& failure) {
    reader.problem("HB-P001", failure.mark, "cannot be read: " + failure.msg);
  }
}

std::vector<RuleText> rule_texts(std::string_view yaml) {
  std::vector<RuleText> found;
  if (!count_documents(yaml)) return found;  // the pack loader tells what is wrong with the file
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
  const bool is_folder = fs::is_directory(path, error);
  if (is_folder) {
    for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end; it.increment(error)) {
      const auto extension = it->path().extension();
      if (it->is_regular_file(error) && (extension == ".yaml" || extension == ".yml"))
        files.push_back(it->path().string());
    }
  } else {
    files.push_back(path);
  }
  // Of two folders for one provider the one that is less its own comes later, as its queries go first.
  const auto rank = [](const std::string& file) {
    const std::string folder = to_lower(fs::path(file).parent_path().filename().string());
    return folder == "m365d" ? 2 : folder == "mde" ? 1 : 0;
  };
  std::sort(files.begin(), files.end(), [&](const auto& a, const auto& b) {
    const int left = rank(a), right = rank(b);
    return left != right ? left < right : a < b;
  });
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) {
      problems.push_back({"HB-P001", "cannot read the query pack", {}, "", "", file});
      continue;
    }
    load_text(text.str(), file, is_folder ? fs::path(file).parent_path().filename().string() : "");
  }
}

}  // namespace huntbook
