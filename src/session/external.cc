// externaldata: files below the evidence's folders as tables of the engine.
#include "evidence/external.h"

#include <algorithm>
#include <filesystem>

#include "session/state.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;

Diagnostic refusal(std::string code, std::string message, std::string hint, std::string construct = "") {
  return Diagnostic{std::move(code), std::move(message), {}, std::move(hint), std::move(construct), ""};
}

// Whether a path is a root or lies below it; both without links and dots.
bool is_below(const fs::path& path, const fs::path& root) {
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

// The file that a URI names: of file://, absolute, or in one of the evidence's folders.
Result<std::string> local_file(std::string uri, const std::vector<std::string>& data) {
  if (uri.starts_with("file://")) {
    uri.erase(0, 7);
  } else if (const size_t scheme = uri.find("://"); scheme != std::string::npos) {
    const std::string construct =
        "externaldata from `" + uri.substr(0, std::min<size_t>(scheme, 20)) + "://...`";
    return refusal("unsupported", construct + " is not supported yet",
                   "save the file in an evidence folder and name it there", construct);
  }
  std::error_code error;
  std::vector<fs::path> roots, candidates;
  for (const auto& path : data) {
    const fs::path root = fs::canonical(path, error);
    if (!error) roots.push_back(root);
  }
  if (fs::path(uri).is_absolute()) {
    candidates.emplace_back(uri);
  } else {
    for (const auto& root : roots)
      candidates.push_back((fs::is_directory(root, error) ? root : root.parent_path()) / uri);
  }
  for (const auto& candidate : candidates) {
    const fs::path path = fs::canonical(candidate, error);
    if (error || !fs::is_regular_file(path, error)) continue;
    if (std::any_of(roots.begin(), roots.end(), [&](auto& root) { return is_below(path, root); }))
      return path.string();
  }
  return refusal("HB-V005", "file `" + uri + "` is not in the evidence",
                 "externaldata reads files below the folders given with -d");
}

}  // namespace

Result<std::string> Session::State::open_external(const kql::ExternalRequest& request) {
  auto files = std::make_shared<evidence::ExternalFiles>();
  for (const auto& uri : request.uris) {
    auto path = local_file(uri, options.data);
    if (!path.ok()) return path.error();
    files->paths.push_back(std::move(*path));
  }
  if (files->paths.empty())
    return refusal("HB-V005", "externaldata names no file", "write its path in brackets");
  files->format =
      request.format.empty() ? std::string(evidence::external_format_of(files->paths[0])) : request.format;
  if (!evidence::is_external_format(files->format)) {
    const std::string construct = "format `" + files->format + "` of externaldata";
    return refusal("unsupported", construct + " is not supported yet",
                   "csv, tsv, psv, txt, raw, json or multijson", construct);
  }
  files->skip_first = request.skip_first;
  Schema schema;
  for (const auto& column : request.columns) {
    files->columns.push_back({column.name, column.json});
    schema.fields.push_back({column.name, Type::kString, ""});
  }
  evidence::Options reading;
  reading.cancel = options.cancel;
  const std::string name = "externaldata " + std::to_string(++externals);
  engine->add_source(name, std::move(schema),
                     [files, reading, rejected = external_rejected](
                         const std::string&, const std::vector<size_t>& columns, const BatchSink& sink) {
                       const auto pick = [&](const Batch& batch) {
                         Batch picked;
                         picked.rows = batch.rows;
                         for (size_t c : columns) picked.columns.push_back(batch.columns[c]);
                         return sink(picked);
                       };
                       return evidence::read_external(*files, pick, reading, *rejected);
                     });
  return name;
}

}  // namespace huntbook
