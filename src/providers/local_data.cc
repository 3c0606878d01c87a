// Local files as a provider: a query is a file's name. Velociraptor's collections are the same, by artifact.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/local_files.h"

namespace huntbook {
namespace {

const std::vector<std::string> kEndings{".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".log",
                                        ".txt", ".zip", ".gz",   ".zst",   ".tar"};

std::string without_ending(const std::string& name) {
  const size_t dot = name.rfind('.');
  const size_t slash = name.rfind('/');
  return dot == std::string::npos || (slash != std::string::npos && dot < slash) ? name : name.substr(0, dot);
}

std::string base_name(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

class LocalDataDriver : public Driver {
 public:
  LocalDataDriver(LocalFiles files, std::vector<std::string> endings)
      : files_(std::move(files)), endings_(std::move(endings)) {}

  Status connect() override {
    auto found = files_.list(endings_);
    if (!found.ok()) return found.error();
    return {};
  }

  Result<std::vector<RemoteTable>> schema() override {
    auto found = files_.list(endings_);
    if (!found.ok()) return found.error();
    std::vector<RemoteTable> out;
    for (const auto& file : *found) {
      auto catalog = files_.scan(file.path);
      if (!catalog.ok() && catalog.error().code == "HB-E130") return catalog.error();
      for (size_t i = 0; catalog.ok() && i < catalog->tables.size(); ++i) {
        const auto& table = catalog->tables[i];
        const bool alone = catalog->tables.size() == 1;
        out.push_back({alone ? file.relative : file.relative + "!" + table.name, table.schema,
                       fmt::format("{} rows", table.rows)});
      }
    }
    return out;
  }

  Result<std::vector<RemoteQuery>> queries() override {
    auto found = files_.list(endings_);
    if (!found.ok()) return found.error();
    std::vector<RemoteQuery> out;
    for (const auto& file : *found) out.push_back({without_ending(file.relative), "", file.relative, {}});
    return out;
  }

  // A path below the folder, a file's name, either without its ending; in any case of letters. "name!table"
  // names one table of an archive.
  Result<Table> run(const RunRequest& request) override {
    const std::string text(trim(request.text));
    const size_t mark = text.rfind('!');
    const std::string wanted = to_lower(mark == std::string::npos ? text : text.substr(0, mark));
    const std::string table = mark == std::string::npos ? "" : text.substr(mark + 1);
    auto found = files_.list(endings_);
    if (!found.ok()) return found.error();
    using Form = std::string (*)(const std::string&);
    const Form forms[] = {[](const std::string& path) { return path; }, &without_ending, &base_name,
                          [](const std::string& path) { return without_ending(base_name(path)); }};
    std::vector<std::string> names;
    for (const Form form : forms) {
      std::vector<const LocalFiles::Found*> hits;
      for (const auto& file : *found) {
        const std::string name = form(file.relative);
        if (to_lower(repair_utf8(name)) == wanted) hits.push_back(&file);
        names.push_back(repair_utf8(name));
      }
      if (hits.size() == 1) return files_.read(hits[0]->path, table, request);
      if (hits.size() > 1)
        return Diagnostic{"HB-R010", fmt::format("`{}` names several files", text),
                          {},        fmt::format("`{}`, `{}` ...", hits[0]->relative, hits[1]->relative),
                          "",        ""};
    }
    const auto near = nearest_name(text, names);
    return Diagnostic{
        "HB-R010",
        fmt::format("no file `{}` there", text),
        {},
        near ? fmt::format("did you mean `{}`?", *near) : "huntbook connect NAME --queries lists them",
        "",
        ""};
  }

 private:
  LocalFiles files_;
  std::vector<std::string> endings_;
};

template <bool kVelociraptor>
Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto files = LocalFiles::open(arguments, context);
  if (!files.ok()) return files.error();
  return std::unique_ptr<Driver>(std::make_unique<LocalDataDriver>(
      std::move(*files), kVelociraptor ? std::vector<std::string>{".json", ".jsonl", ".csv"} : kEndings));
}

}  // namespace

const ProviderKind& local_data_provider() {
  static const ProviderKind kKind{
      "LocalData",
      {},
      "Files of this machine; a query is a file's name",
      {.language = "file name", .threads = 1, .time_pushed = true, .online = false},
      local_settings("the folder with the files; several with commas"),
      &make<false>};
  return kKind;
}

const ProviderKind& velociraptor_provider() {
  static const ProviderKind kKind{
      "Velociraptor",
      {"VelociraptorLogs"},
      "Collections that Velociraptor exported; a query is an artifact's name",
      {.language = "artifact name", .threads = 1, .time_pushed = true, .online = false},
      local_settings("the folder with the exported JSON files"),
      &make<true>};
  return kKind;
}

}  // namespace huntbook
