// The first pass: finds, recognises, counts and types.
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "evidence/cut.h"
#include "evidence/draft.h"
#include "evidence/pool.h"
#include "evidence/route.h"

namespace huntbook::evidence {
namespace {

// What one chunk holds.
struct ChunkScan {
  size_t file = 0;
  std::vector<TableDraft> tables;
  std::vector<Reject> rejects;
  uint64_t rejected = 0;
  std::set<std::string> remarks;
  std::optional<int64_t> first_time, last_time;
};

class ScanSink : public RowSink {
 public:
  ScanSink(ChunkScan& out, Router& router) : out_(out), router_(router) {}
  void row(std::vector<Field>& fields) override {
    const std::string_view name = router_.route(fields);
    TableDraft* draft = nullptr;
    for (auto& table : out_.tables) {
      if (table.name == name) draft = &table;
    }
    if (!draft) {
      draft = &out_.tables.emplace_back();
      draft->name = name;
    }
    if (draft->add(fields)) remark("a key is repeated in one object: the last value is kept");
    if (auto time = row_time(fields)) {
      if (!out_.first_time || *time < *out_.first_time) out_.first_time = time;
      if (!out_.last_time || *time > *out_.last_time) out_.last_time = time;
    }
  }
  void reject(uint64_t offset, std::string reason, std::string_view bytes) override {
    ++out_.rejected;
    if (out_.rejects.size() < 1000) out_.rejects.push_back({"", offset, std::move(reason), std::string(bytes.substr(0, 200))});
  }
  void remark(std::string_view what) override { out_.remarks.emplace(what); }

 private:
  ChunkScan& out_;
  Router& router_;
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
  std::map<std::string, std::vector<std::string>> parquet;
  const unsigned threads = options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  const auto consume = [&](ChunkScan chunk) {
    SourceFile& file = catalog.files[chunk.file];
    for (const auto& table : chunk.tables) {
      file.rows += table.rows;
      if (std::find(file.tables.begin(), file.tables.end(), table.name) == file.tables.end()) file.tables.push_back(table.name);
      auto it = std::find_if(drafts.begin(), drafts.end(), [&](auto& draft) { return draft.name == table.name; });
      if (it == drafts.end()) {
        it = drafts.insert(drafts.end(), TableDraft{});
        it->name = table.name;
      }
      it->merge(table);
    }
    file.rejected += chunk.rejected;
    catalog.rejected += chunk.rejected;
    for (auto& reject : chunk.rejects) {
      reject.path = file.path;
      if (catalog.rejects.size() < kMaxRejects) catalog.rejects.push_back(std::move(reject));
    }
    for (const auto& remark : chunk.remarks) add_note(file, remark);
    if (chunk.first_time && (!file.first_time || *chunk.first_time < *file.first_time)) file.first_time = chunk.first_time;
    if (chunk.last_time && (!file.last_time || *chunk.last_time > *file.last_time)) file.last_time = chunk.last_time;
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
            const std::string_view head = cutter.head();
            Recognised recognised = recognise(head, member.name, head.size() < kHeadBytes);
            auto context = std::make_shared<FormatContext>(std::move(recognised.context));
            context->file_time = member.modified;
            if (context->format == Format::kNdjson || context->format == Format::kJson) context->unix_times = is_zeek_json(head, member.name);
            const std::string name = table_name(member.name, *context);
            {
              SourceFile& file = catalog.files[index];
              file.path = member.path;
              file.reader = format_name(context->format);
              if (!head.empty() || member.error.empty()) file.note = recognised.note;
              if (context->format == Format::kParquet && member.path != root) {
                file.reader.clear();
                file.note = "not yet readable: a Parquet file inside an archive";
                context->format = Format::kUnknown;
              }
            }
            if (context->format == Format::kUnknown || context->format == Format::kParquet) {
              if (context->format == Format::kParquet) {
                parquet[name].push_back(root);
                catalog.files[index].tables.push_back(name);
              }
              cutter.drain();
            } else {
              recognised.context = *context;
              cutter.start(recognised);
              while (auto chunk = cutter.next()) {
                if (options.cancel && options.cancel->cancelled()) {
                  cancelled = true;
                  break;
                }
                pool.push([chunk = std::shared_ptr<Chunk>(std::move(chunk)), context, name, index] {
                  ChunkScan out;
                  out.file = index;
                  Router router(*context, name);
                  ScanSink sink(out, router);
                  read_rows(*chunk, *context, sink);
                  return out;
                });
                if (options.progress) options.progress->update("reading", std::min(total, done + cutter.size()), total);
              }
            }
            if (!cancelled) {
              SourceFile& file = catalog.files[index];
              file.size = cutter.size();
              file.sha256 = cutter.sha256();
              if (!member.error.empty()) {
                // What could not be read any further is a reject of its own.
                add_note(file, "ends early: " + member.error);
                ++file.rejected;
                ++catalog.rejected;
                if (catalog.rejects.size() < kMaxRejects) catalog.rejects.push_back({member.path, cutter.size(), "cannot be read any further: " + member.error, ""});
              }
            }
            return !cancelled;
          },
          [&](const std::string& path, const std::string& note) {
            auto it = std::find_if(catalog.files.begin(), catalog.files.end(), [&](auto& f) { return f.path == path; });
            if (it == catalog.files.end()) {
              it = catalog.files.emplace(catalog.files.end());
              it->path = path;
              it->size = disk_size(path);
            }
            add_note(*it, note);
          });
      if (cancelled) break;
      if (last_file != SIZE_MAX && stamp_of(root) != before) add_note(catalog.files[last_file], "changed while it was read");
      done += before.size;
      if (options.progress) options.progress->update("reading", done, total);
    }
    pool.finish();
  }
  if (cancelled) return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
  for (const auto& draft : drafts) catalog.tables.push_back({draft.name, draft.schema(), draft.rows, {}});
  for (auto& [name, files] : parquet) {
    if (!catalog.find(name)) catalog.tables.push_back({name, {}, 0, std::move(files)});
  }
  std::stable_sort(catalog.tables.begin(), catalog.tables.end(), [](auto& a, auto& b) { return a.name < b.name; });
  for (auto& problem : found->problems) catalog.files.push_back(std::move(problem));
  return catalog;
}

}  // namespace huntbook::evidence
