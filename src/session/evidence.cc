// The evidence of a session: what the readers found, as tables of catalog and engine.
#include <algorithm>
#include <limits>

#include "base/time.h"
#include "evidence/evidence.h"
#include "evidence/route.h"
#include "session/state.h"

namespace huntbook {

void Session::State::add_system_table(const std::string& name, Table table, std::string doc) {
  kql::TableInfo info;
  info.name = name;
  info.schema = table.schema;
  info.doc = std::move(doc);
  info.rows = table.rows();
  info.kind = "system";
  catalog.tables.push_back(std::move(info));
  engine->add_table(name, std::move(table));
}

Status Session::State::open_evidence() {
  evidence::Options scan_options;
  scan_options.threads = options.threads;
  scan_options.cancel = options.cancel;
  scan_options.progress = options.progress;
  auto found = std::make_shared<evidence::Catalog>();
  if (!options.data.empty()) {
    auto scanned = evidence::scan(options.data, scan_options);
    if (!scanned.ok()) return scanned.error();
    *found = std::move(*scanned);
  }
  EngineOptions engine_options;
  engine_options.memory_limit = options.memory_limit;
  engine_options.threads = options.threads;
  engine_options.cancel = options.cancel;
  for (const auto& table : found->tables) {
    for (const auto& path : table.parquet) engine_options.read_paths.push_back(path);
  }
  auto opened = Engine::open(engine_options);
  if (!opened.ok()) return opened.error();
  engine = std::move(*opened);

  query_time.now = now_ticks();
  int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
  for (const auto& file : found->files) {
    if (file.first_time) first = std::min(first, *file.first_time);
    if (file.last_time) last = std::max(last, *file.last_time);
  }
  query_time.start = last ? first : query_time.now - kTicksPerDay;
  query_time.end = last ? last : query_time.now;

  for (auto& table : found->tables) {
    kql::TableInfo info;
    info.name = table.name;
    info.rows = table.rows;
    if (!table.parquet.empty()) {
      std::vector<std::string> good;
      for (const auto& path : table.parquet) {
        auto file =
            std::find_if(found->files.begin(), found->files.end(), [&](auto& f) { return f.path == path; });
        auto schema = engine->parquet_schema(path);
        auto rows = engine->parquet_rows(path);
        std::string wrong;
        if (!schema.ok()) wrong = schema.error().message;
        else if (!rows.ok()) wrong = rows.error().message;
        if (wrong.empty() && good.empty()) info.schema = *schema;
        if (wrong.empty() && !good.empty()) {
          const bool same =
              schema->size() == info.schema.size() &&
              std::equal(schema->fields.begin(), schema->fields.end(), info.schema.fields.begin(),
                         [](auto& a, auto& b) { return a.name == b.name && a.doc == b.doc; });
          if (!same) wrong = "its columns differ from " + good.front();
        }
        if (wrong.empty()) {
          good.push_back(path);
          info.rows += *rows;
          if (file != found->files.end()) file->rows = *rows;
        } else if (file != found->files.end()) {
          file->note = "cannot be read: " + wrong;
          file->tables.clear();
          file->rejected = 1;
          ++found->rejected;
          found->rejects.push_back({path, 0, "cannot be read: " + wrong, ""});
        }
      }
      if (good.empty()) continue;
      engine->add_source(table.name, info.schema, engine->parquet_loader(good, info.schema));
      for (auto& field : info.schema.fields) field.doc.clear();
    } else {
      info.schema = table.schema;
      engine->add_source(table.name, info.schema,
                         [found, scan_options](const std::string& name, const std::vector<size_t>& columns,
                                               const BatchSink& sink) {
                           return evidence::load(*found, name, columns, sink, scan_options);
                         });
    }
    catalog.tables.push_back(std::move(info));
  }
  // The views stand on WindowsEvent, whether or not there are any events.
  if (!catalog.find_table(evidence::kWindowsTable)) {
    Table empty;
    empty.schema = evidence::windows_columns();
    kql::TableInfo info;
    info.name = evidence::kWindowsTable;
    info.schema = empty.schema;
    catalog.tables.push_back(info);
    engine->add_table(info.name, std::move(empty));
  }
  rejected = found->rejected;
  evidence = evidence::evidence_table(*found);
  rejects = evidence::rejects_table(*found);
  add_system_table("evidence()", evidence, "One row per file or archive member");
  add_system_table("rejects()", rejects, "Records of the evidence that are no row");
  return {};
}

}  // namespace huntbook
