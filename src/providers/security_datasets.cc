// OTRF's Security-Datasets: a checkout, or the folder with its archives; each entry of `_metadata` is a
// query.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "config/yaml.h"
#include "providers/local_files.h"
#include "providers/service.h"

namespace huntbook {
namespace {

struct Entry {
  std::string id, title, doc, name;
  std::vector<std::string> files;  ///< below the folder of data sets: "atomic/windows/..."
  std::vector<std::string> techniques;
};

std::string text_at(const YamlNode& node, std::string_view key) {
  const YamlNode* found = node.find(key);
  return found && found->is_scalar() ? found->text : std::string();
}

// The part of a link behind ".../datasets/".
std::string below_datasets(const std::string& link) {
  const size_t at = link.find("/datasets/");
  return at == std::string::npos ? link : link.substr(at + 10);
}

std::optional<Entry> read_entry(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto root = parse_yaml(text, path);
  if (!root.ok() || !root->is_map()) return std::nullopt;
  Entry out;
  out.id = text_at(*root, "id");
  out.title = text_at(*root, "title");
  out.doc = out.title;
  if (const std::string more(trim(text_at(*root, "description"))); !more.empty()) out.doc += ": " + more;
  if (const YamlNode* files = root->find("files"); files && files->is_list()) {
    for (const auto& item : files->items) {
      if (const std::string link = text_at(item, "link"); !link.empty())
        out.files.push_back(below_datasets(link));
    }
  }
  if (const YamlNode* mappings = root->find("attack_mappings"); mappings && mappings->is_list()) {
    for (const auto& item : mappings->items) {
      const std::string technique = text_at(item, "technique"), sub = text_at(item, "sub-technique");
      if (!technique.empty())
        out.techniques.push_back(sub.empty() || sub == "null" ? technique : technique + "." + sub);
      const YamlNode* tactics = item.find("tactics");
      for (size_t i = 0; tactics && tactics->is_list() && i < tactics->items.size(); ++i)
        out.techniques.push_back(tactics->items[i].text);
    }
  }
  std::sort(out.techniques.begin(), out.techniques.end());
  out.techniques.erase(std::unique(out.techniques.begin(), out.techniques.end()), out.techniques.end());
  if (out.files.empty()) return std::nullopt;
  // "atomic.windows.defense_evasion.host.psh_mshta": where its first file lies.
  out.name = out.files[0].substr(0, out.files[0].rfind('.'));
  std::replace(out.name.begin(), out.name.end(), '/', '.');
  return out;
}

class SecurityDatasetsDriver : public Driver {
 public:
  explicit SecurityDatasetsDriver(LocalFiles files) : files_(std::move(files)) {}

  Status connect() override {
    auto known = entries();
    if (!known.ok()) return known.error();
    if (known->empty())
      return Diagnostic{"HB-R003", "setting `path`: no `_metadata` there",
                        {},        "a checkout of Security-Datasets, or its folder `datasets`",
                        "",        ""};
    return {};
  }
  Result<std::vector<RemoteTable>> schema() override {
    auto known = entries();
    if (!known.ok()) return known.error();
    std::vector<RemoteTable> out;
    for (const auto& entry : *known) out.push_back({entry.name, {}, entry.title});
    return out;
  }
  Result<std::vector<RemoteQuery>> queries() override {
    auto known = entries();
    if (!known.ok()) return known.error();
    std::vector<RemoteQuery> out;
    for (const auto& entry : *known) out.push_back({entry.name, entry.doc, entry.id, entry.techniques});
    return out;
  }
  Result<Table> run(const RunRequest& request) override;

 private:
  Result<std::vector<Entry>> entries() const {
    auto found = files_.list({".yaml", ".yml"});
    if (!found.ok()) return found.error();
    std::vector<Entry> out;
    for (const auto& file : *found) {
      if (file.relative.find("_metadata/") == std::string::npos) continue;
      if (auto entry = read_entry(file.path)) out.push_back(std::move(*entry));
    }
    std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return out;
  }
  LocalFiles files_;
};

// An entry by its id, name, title, or its name's last part; "name!table" names one table of its archives.
Result<Table> SecurityDatasetsDriver::run(const RunRequest& request) {
  const std::string text(trim(request.text));
  const size_t mark = text.rfind('!');
  const std::string wanted = to_lower(mark == std::string::npos ? text : text.substr(0, mark));
  const std::string table = mark == std::string::npos ? "" : text.substr(mark + 1);
  auto known = entries();
  if (!known.ok()) return known.error();
  std::vector<const Entry*> hits;
  std::vector<std::string> names;
  for (const auto& entry : *known) {
    const std::string last = entry.name.substr(entry.name.rfind('.') + 1);
    if (wanted == to_lower(entry.id) || wanted == to_lower(entry.name) || wanted == to_lower(entry.title) ||
        wanted == to_lower(last))
      hits.push_back(&entry);
    names.push_back(entry.name);
    names.push_back(last);
  }
  if (hits.empty()) {
    const auto near = nearest_name(text, names);
    return Diagnostic{
        "HB-R010",
        fmt::format("no data set `{}`", text),
        {},
        near ? fmt::format("did you mean `{}`?", *near) : "huntbook connect NAME --queries lists them",
        "",
        ""};
  }
  if (hits.size() > 1)
    return Diagnostic{"HB-R010", fmt::format("`{}` names several data sets", text),
                      {},        fmt::format("`{}`, `{}` ...", hits[0]->name, hits[1]->name),
                      "",        ""};
  auto archives = files_.list({".zip", ".gz", ".tar", ".json", ".csv"});
  if (!archives.ok()) return archives.error();
  std::vector<const LocalFiles::Found*> there;
  std::vector<std::string> missing;
  for (const auto& file : hits[0]->files) {
    const auto at = std::find_if(archives->begin(), archives->end(), [&](const auto& found) {
      return found.relative == file || found.relative.ends_with("/" + file);
    });
    if (at == archives->end()) missing.push_back(file);
    else there.push_back(&*at);
  }
  if (there.empty())
    return Diagnostic{"HB-R010", fmt::format("the files of `{}` are not there", hits[0]->name),
                      {},        fmt::format("fetch {} into the folder", fmt::join(missing, ", ")),
                      "",        ""};
  // One archive mostly; of several the named table of the first that has it.
  Result<Table> answer = Diagnostic{};
  for (const auto* file : there) {
    answer = files_.read(file->path, table, request);
    if (answer.ok()) break;
  }
  if (!answer.ok()) return answer;
  if (there.size() > 1 && table.empty())
    huntbook::mark(
        *answer, Completeness::kPartial,
        fmt::format("the data set has {} files, and this is {}", there.size(), there[0]->relative));
  for (const auto& file : missing)
    huntbook::mark(*answer, Completeness::kPartial, fmt::format("`{}` is not there", file));
  return answer;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto files = LocalFiles::open(arguments, context);
  if (!files.ok()) return files.error();
  return std::unique_ptr<Driver>(std::make_unique<SecurityDatasetsDriver>(std::move(*files)));
}

}  // namespace

const ProviderKind& security_datasets_provider() {
  static const ProviderKind kKind{
      "OTRF",
      {"Mordor", "SecurityDatasets"},
      "OTRF's Security-Datasets in a folder; a query is a data set's id or name",
      {.language = "data set name", .threads = 1, .time_pushed = true, .online = false},
      local_settings("a checkout of Security-Datasets, or its folder `datasets`"),
      &make};
  return kKind;
}

}  // namespace huntbook
