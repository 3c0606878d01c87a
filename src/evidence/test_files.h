// Files and archives for the tests of this module.
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "evidence/evidence.h"
#include "table/write.h"

namespace huntbook::evidence {

/// A folder of its own for a test, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "huntbook_evidence_XXXXXX").string();
    if (mkdtemp(name.data())) path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
    std::ofstream(file(name), std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file(name);
  }

 private:
  std::string path_;
};

using ArchiveFiles = std::vector<std::pair<std::string, std::string>>;

/// An archive's bytes. `kind`: "zip", "stored" (zip without compression), "tar.gz", "gz", "zst".
inline std::string pack(const std::string& kind, const ArchiveFiles& files) {
  std::string out(1 << 20, '\0');
  for (const auto& [name, bytes] : files) out.resize(out.size() + bytes.size() + 4096);
  size_t used = 0;
  archive* target = archive_write_new();
  if (kind == "zip" || kind == "stored") archive_write_set_format_zip(target);
  else if (kind == "tar.gz") archive_write_set_format_pax_restricted(target);
  else archive_write_set_format_raw(target);
  if (kind == "stored") archive_write_set_options(target, "zip:compression=store");
  if (kind == "tar.gz" || kind == "gz") archive_write_add_filter_gzip(target);
  if (kind == "zst") archive_write_add_filter_zstd(target);
  archive_write_open_memory(target, out.data(), out.size(), &used);
  for (const auto& [name, bytes] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(target, entry);
    archive_write_data(target, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(target);
  archive_write_free(target);
  out.resize(used);
  return out;
}

inline Catalog scan_or_fail(const std::vector<std::string>& paths, unsigned threads = 2) {
  Options options;
  options.threads = threads;
  auto catalog = scan(paths, options);
  EXPECT_TRUE(catalog.ok()) << (catalog.ok() ? "" : catalog.error().message);
  return catalog.ok() ? std::move(*catalog) : Catalog{};
}

/// The given columns of a table.
inline Table load_columns(const Catalog& catalog, std::string_view name, const std::vector<size_t>& columns) {
  Table table;
  const SourceTable* source = catalog.find(name);
  if (!source) {
    ADD_FAILURE() << "no table " << name;
    return table;
  }
  for (size_t column : columns) table.schema.fields.push_back(source->schema.fields[column]);
  Options options;
  options.threads = 2;
  const Status status = load(
      catalog, name, columns,
      [&](const Batch& batch) -> Status {
        table.batches.push_back(std::make_shared<const Batch>(batch));
        return {};
      },
      options);
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  return table;
}

/// A whole table, all columns.
inline Table load_all(const Catalog& catalog, std::string_view name) {
  const SourceTable* source = catalog.find(name);
  std::vector<size_t> columns(source ? source->schema.size() : 0);
  std::iota(columns.begin(), columns.end(), size_t{0});
  return load_columns(catalog, name, columns);
}

/// Columns and types, then a JSON object a row.
inline std::string dump(const Catalog& catalog, std::string_view name) {
  const Table table = load_all(catalog, name);
  std::string out;
  for (const auto& field : table.schema.fields) {
    out += out.empty() ? "" : ", ";
    out += field.name + ":" + std::string(type_name(field.type));
  }
  return out + "\n" + to_json_lines(table);
}

/// What evidence() and rejects() say of the first file: "reader rows+rejected tables | note" and a line a
/// reject.
inline std::string report(const Catalog& catalog) {
  std::string out;
  for (const auto& file : catalog.files) {
    std::string tables;
    for (const auto& table : file.tables) tables += " " + table;
    const std::string name =
        file.path.substr(std::min(file.path.find("huntbook_evidence_"), file.path.size() - 1));
    out += name.substr(name.find('/') + 1) + " [" + file.reader + "] " + std::to_string(file.rows) + "+" +
           std::to_string(file.rejected) + tables;
    if (!file.note.empty()) out += " | " + file.note;
    out += "\n";
  }
  for (const auto& reject : catalog.rejects)
    out += "  @" + std::to_string(reject.offset) + " " + reject.reason + ": " + reject.bytes.substr(0, 40) +
           "\n";
  return out;
}

}  // namespace huntbook::evidence
