// The first pass: finds, recognises, counts and types.
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <map>

#include "evidence/draft.h"
#include "evidence/open.h"
#include "evidence/pool.h"
#include "evidence/route.h"

namespace huntbook::evidence {
namespace {

using Remarks = std::map<std::string, uint64_t, std::less<>>;  // what, and of how many rows

// What one chunk holds.
struct ChunkScan {
  size_t file = 0;
  std::vector<TableDraft> tables;
  std::vector<Reject> rejects;
  uint64_t rejected = 0;
  Remarks remarks;
  std::optional<int64_t> first_time, last_time;
};

class ScanSink : public RowSink {
 public:
  ScanSink(ChunkScan& out, Router& router, const FormatContext& context)
      : out_(out), router_(router), context_(context) {}
  void row(std::vector<Field>& fields) override {
    const std::string_view name = router_.route(fields);
    if (draft_of(name).add(fields, context_.format == Format::kCsv) > 0)
      remark("a key is repeated in one object, the last value is kept");
    if (auto time = router_.time()) {
      if (!out_.first_time || *time < *out_.first_time) out_.first_time = time;
      if (!out_.last_time || *time > *out_.last_time) out_.last_time = time;
    }
  }
  void reject(uint64_t offset, std::string reason, std::string_view bytes) override {
    ++out_.rejected;
    if (out_.rejects.size() < 1000)
      out_.rejects.push_back({"", offset, std::move(reason), std::string(bytes.substr(0, 200))});
  }
  void remark(std::string_view what) override {
    const auto it = out_.remarks.find(what);
    if (it == out_.remarks.end()) out_.remarks.emplace(what, 1);
    else ++it->second;
  }

 private:
  TableDraft& draft_of(std::string_view name) {
    for (auto& table : out_.tables) {
      if (table.name() == name) return table;
    }
    // A chunk sees twice as many columns as a table keeps, so that none is missed behind those known before.
    TableDraft& draft = out_.tables.emplace_back(std::string(name), 2 * kMaxColumns);
    for (size_t i = 0; i < context_.kinds.size(); ++i) {
      static constexpr uint16_t kDeclared[] = {0, kHasTime, kHasBool, kHasLong, kHasReal};
      draft.declare(context_.columns[i], kDeclared[static_cast<size_t>(context_.kinds[i])]);
    }
    return draft;
  }

  ChunkScan& out_;
  Router& router_;
  const FormatContext& context_;
};

void add_note(SourceFile& file, std::string_view note) {
  if (file.note.find(note) != std::string::npos) return;
  if (!file.note.empty()) file.note += "; ";
  file.note += note;
}

uint64_t disk_size(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

struct Stamp {
  uint64_t size = 0;
  int64_t seconds = 0, nanos = 0;
  bool operator==(const Stamp&) const = default;
};

Stamp stamp_of(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {static_cast<uint64_t>(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

}  // namespace

const SourceTable* Catalog::find(std::string_view name) const {
  for (const auto& table : tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

Result<Catalog> scan(std::span<const std::string> paths, const Options& options) {
  auto found = find_files(paths);
  if (!found.ok()) return found.error();
  Catalog catalog;
  catalog.roots = found->files;
  std::vector<TableDraft> drafts;
  std::map<size_t, Remarks> remarks;  // by file
  std::map<std::string, std::vector<std::string>> parquet;
  const unsigned threads =
      options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  const auto consume = [&](ChunkScan chunk) {
    SourceFile& file = catalog.files[chunk.file];
    for (const auto& table : chunk.tables) {
      file.rows += table.rows();
      if (std::find(file.tables.begin(), file.tables.end(), table.name()) == file.tables.end())
        file.tables.push_back(table.name());
      auto it = std::find_if(drafts.begin(), drafts.end(),
                             [&](auto& draft) { return draft.name() == table.name(); });
      if (it == drafts.end()) it = drafts.insert(drafts.end(), TableDraft(table.name()));
      it->merge(table);
    }
    file.rejected += chunk.rejected;
    catalog.rejected += chunk.rejected;
    for (auto& reject : chunk.rejects) {
      reject.path = file.path;
      if (catalog.rejects.size() < kMaxRejects) catalog.rejects.push_back(std::move(reject));
    }
    for (const auto& [what, count] : chunk.remarks) remarks[chunk.file][what] += count;
    if (chunk.first_time && (!file.first_time || *chunk.first_time < *file.first_time))
      file.first_time = chunk.first_time;
    if (chunk.last_time && (!file.last_time || *chunk.last_time > *file.last_time))
      file.last_time = chunk.last_time;
  };
  uint64_t total = 0, done = 0;
  for (const auto& root : catalog.roots) total += disk_size(root);
  bool cancelled = false;
  {
    OrderedPool<ChunkScan> pool(threads, consume);
    for (const auto& root : catalog.roots) {
      const Stamp before = stamp_of(root);
      size_t last_file = SIZE_MAX;
      for_each_member(
          root,
          [&](Member& member) {
            const size_t index = catalog.files.size();
            last_file = index;
            catalog.files.emplace_back();
            Cutter cutter(member);
            const OpenedMember opened = open_member(member, cutter);
            Format format = opened.context->format;
            {
              SourceFile& file = catalog.files[index];
              file.path = member.path;
              if (cutter.size() > 0 || member.error.empty()) file.note = opened.note;
              if (format == Format::kParquet && member.path != root) {
                file.note = "not yet readable: a Parquet file inside an archive";
                format = Format::kUnknown;
              }
              file.reader = format_name(format);
            }
            if (format == Format::kParquet) {
              parquet[opened.table].push_back(root);
              catalog.files[index].tables.push_back(opened.table);
            }
            if (format == Format::kUnknown || format == Format::kParquet) {
              cutter.drain();
            } else {
              while (auto chunk = cutter.next()) {
                if (options.cancel && options.cancel->cancelled()) {
                  cancelled = true;
                  break;
                }
                pool.push([chunk = std::shared_ptr<Chunk>(std::move(chunk)), context = opened.context,
                           name = opened.table, index] {
                  ChunkScan out;
                  out.file = index;
                  Router router(*context, name);
                  ScanSink sink(out, router, *context);
                  read_rows(*chunk, *context, sink);
                  return out;
                });
                if (options.progress)
                  options.progress->update("reading", std::min(total, done + cutter.size()), total);
              }
            }
            if (!cancelled) {
              SourceFile& file = catalog.files[index];
              file.size = cutter.size();
              file.sha256 = cutter.sha256();
              if (!member.error.empty()) {
                // What could not be read any further is a reject of its own.
                add_note(file, (cutter.size() == 0 ? "cannot be read: " : "ends early: ") + member.error);
                ++file.rejected;
                ++catalog.rejected;
                if (catalog.rejects.size() < kMaxRejects)
                  catalog.rejects.push_back(
                      {member.path, cutter.size(), "cannot be read any further: " + member.error, ""});
              }
            }
            return !cancelled;
          },
          [&](const std::string& path, const std::string& note) {
            auto it = std::find_if(catalog.files.begin(), catalog.files.end(),
                                   [&](auto& f) { return f.path == path; });
            if (it == catalog.files.end()) {
              it = catalog.files.emplace(catalog.files.end());
              it->path = path;
              it->size = disk_size(path);
            }
            add_note(*it, note);
          });
      if (cancelled) break;
      if (last_file != SIZE_MAX && stamp_of(root) != before)
        add_note(catalog.files[last_file], "changed while it was read");
      done += before.size;
      if (options.progress) options.progress->update("reading", done, total);
    }
    pool.finish();
  }
  if (cancelled) return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
  for (const auto& [index, found_remarks] : remarks) {
    for (const auto& [what, count] : found_remarks)
      add_note(catalog.files[index],
               what + " (in " + std::to_string(count) + (count == 1 ? " row)" : " rows)"));
  }
  for (const auto& draft : drafts) catalog.tables.push_back({draft.name(), draft.schema(), draft.rows(), {}});
  for (auto& [stem, files] : parquet) {
    std::string name = stem;
    while (catalog.find(name)) name += "_parquet";  // rows of another format have the name already
    for (auto& file : catalog.files) {
      if (file.reader == "parquet" && file.tables.front() == stem) file.tables.front() = name;
    }
    catalog.tables.push_back({name, {}, 0, std::move(files)});
  }
  std::stable_sort(catalog.tables.begin(), catalog.tables.end(),
                   [](auto& a, auto& b) { return a.name < b.name; });
  for (auto& problem : found->problems) catalog.files.push_back(std::move(problem));
  return catalog;
}

}  // namespace huntbook::evidence
