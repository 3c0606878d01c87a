// The second pass: fills the columns that a query reads.
#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/escape.h"
#include "base/time.h"
#include "evidence/draft.h"
#include "evidence/open.h"
#include "evidence/pool.h"
#include "evidence/route.h"
#include "table/builder.h"

namespace huntbook::evidence {
namespace {

void append_json(std::string& out, const Field& field) {
  switch (field.kind) {
    case FieldKind::kNull: out += "null"; break;
    case FieldKind::kBool:
    case FieldKind::kNumber:
    case FieldKind::kNested: out += field.text; break;
    case FieldKind::kString: append_json_string(out, field.text); break;
    case FieldKind::kTime:
      append_json_string(out, field.text.empty() ? format_datetime(field.ticks) : std::string(field.text));
      break;
  }
}

// False when the cell is not of the column's type, as happens when a file was changed after the scan.
bool append_cell(ColumnBuilder& builder, const Field& field, std::string& scratch) {
  const std::string_view text = field.text;
  switch (builder.type()) {
    case Type::kBool:
      if (field.kind != FieldKind::kBool) return false;
      builder.append_bool(text == "true");
      return true;
    case Type::kLong: {
      int64_t value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (field.kind != FieldKind::kNumber || error != std::errc() || end != text.data() + text.size())
        return false;
      builder.append_long(value);
      return true;
    }
    case Type::kReal: {
      double value = 0;
      if (field.kind != FieldKind::kNumber ||
          std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
        return false;
      builder.append_real(value);
      return true;
    }
    case Type::kDatetime: {
      const auto ticks =
          field.kind == FieldKind::kTime ? std::optional(field.ticks) : parse_iso_datetime(text);
      if (!ticks) return false;
      builder.append_long(*ticks);
      return true;
    }
    case Type::kDynamic:
      if (field.kind == FieldKind::kNested) {
        builder.append_text(text);
        return true;
      }
      scratch.clear();
      append_json(scratch, field);
      builder.append_text(scratch);
      return true;
    default:
      if (field.kind == FieldKind::kTime && text.empty()) builder.append_text(format_datetime(field.ticks));
      else builder.append_text(text);
      return true;
  }
}

// Which builder a key fills; the same for every chunk of a load.
struct Layout {
  std::string table;
  std::vector<Type> types;  ///< of the wanted columns
  KeyIndex columns;         ///< every column of the schema but _Extra
  std::vector<int> places;  ///< of each: its builder, or -1 when it is not wanted
  int extra = -1;           ///< builder of _Extra
};

std::shared_ptr<const WantedKeys> wanted_keys(const Layout& layout) {
  auto keys = std::make_shared<WantedKeys>();
  for (uint32_t i = 0; i < layout.columns.size(); ++i)
    keys->add(layout.columns.name(i), layout.places[i] >= 0);
  add_windows_keys(*keys, layout.table == kWindowsTable);
  keys->add("_path", true);
  return keys;
}

// Where the scan rejected records of a file, as far as they are kept.
std::vector<uint64_t> rejects_of(const Catalog& catalog, const SourceFile& file) {
  std::vector<uint64_t> offsets;
  if (file.rejected == 0) return offsets;
  for (const auto& reject : catalog.rejects) {
    if (reject.path == file.path) offsets.push_back(reject.offset);
  }
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

// What one chunk gives.
struct Loaded {
  std::optional<Batch> batch;
  bool changed = false;
};

class LoadSink : public RowSink {
 public:
  LoadSink(const Layout& layout, Router& router) : layout_(layout), router_(router) {
    for (Type type : layout.types) builders_.emplace_back(type);
    pending_.resize(builders_.size());
  }
  void row(std::vector<Field>& fields) override {
    if (router_.route(fields) != layout_.table) return;
    extra_.clear();
    guess_.start_row();
    for (const auto& field : fields) {
      const uint32_t column = guess_.find(layout_.columns, field.key);
      if (field.kind == FieldKind::kNull) continue;
      if (column == KeyIndex::kNone) {
        if (layout_.extra < 0) continue;
        extra_ += extra_.empty() ? "{" : ",";
        append_json_string(extra_, field.key);
        extra_ += ':';
        append_json(extra_, field);
        continue;
      }
      if (layout_.places[column] < 0) continue;
      const auto place = static_cast<size_t>(layout_.places[column]);
      if (!pending_[place]) touched_.push_back(place);
      pending_[place] = &field;
    }
    for (size_t place : touched_) {
      ColumnBuilder& builder = builders_[place];
      builder.append_nulls(rows_ - builder.rows());
      if (!append_cell(builder, *pending_[place], scratch_)) {
        builder.append_null();
        changed_ = true;
      }
      pending_[place] = nullptr;
    }
    touched_.clear();
    if (!extra_.empty()) {
      extra_ += '}';
      ColumnBuilder& builder = builders_[static_cast<size_t>(layout_.extra)];
      builder.append_nulls(rows_ - builder.rows());
      builder.append_text(extra_);
    }
    ++rows_;
  }
  void reject(uint64_t, std::string, std::string_view) override {}  // counted by the scan
  void remark(std::string_view) override {}

  Loaded finish() {
    Loaded loaded;
    loaded.changed = changed_;
    if (rows_ == 0) return loaded;
    Batch batch;
    batch.rows = rows_;
    for (auto& builder : builders_) {
      builder.append_nulls(rows_ - builder.rows());
      batch.columns.push_back(builder.finish());
    }
    loaded.batch = std::move(batch);
    return loaded;
  }

 private:
  const Layout& layout_;
  Router& router_;
  std::vector<ColumnBuilder> builders_;
  std::vector<const Field*> pending_;
  std::vector<size_t> touched_;
  KeyGuess guess_;
  std::string extra_, scratch_;
  size_t rows_ = 0;
  bool changed_ = false;
};

std::string root_of(const std::string& path, const std::vector<std::string>& roots) {
  const size_t mark = path.find('!');
  if (std::find(roots.begin(), roots.end(), path) != roots.end() || mark == std::string::npos) return path;
  for (size_t at = mark; at != std::string::npos; at = path.find('!', at + 1)) {
    std::string root = path.substr(0, at);
    if (std::find(roots.begin(), roots.end(), root) != roots.end()) return root;
  }
  return path;
}

}  // namespace

Status load(const Catalog& catalog, std::string_view table, std::span<const size_t> columns,
            const std::function<Status(const Batch&)>& sink, const Options& options) {
  const SourceTable* source = catalog.find(table);
  if (!source)
    return Diagnostic{"HB-V003", "table `" + std::string(table) + "` is in no evidence", {}, "", "", ""};
  Layout layout;
  layout.table = table;
  const bool has_extra = source->schema.size() > kMaxColumns;
  for (size_t i = 0; i < source->schema.size() - has_extra; ++i)
    layout.columns.add(source->schema.fields[i].name);
  layout.places.assign(layout.columns.size(), -1);
  for (size_t i = 0; i < columns.size(); ++i) {
    layout.types.push_back(source->schema.fields[columns[i]].type);
    if (has_extra && columns[i] == kMaxColumns) layout.extra = static_cast<int>(i);
    else layout.places[columns[i]] = static_cast<int>(i);
  }
  // The members that have rows of this table, and the files that they are in. Members of one name come in
  // order.
  struct Known {
    uint64_t size;
    bool wanted;
    const SourceFile* file;
  };
  std::map<std::string, std::deque<Known>> members;
  std::set<std::string> roots;
  for (const auto& file : catalog.files) {
    const bool wanted = std::find(file.tables.begin(), file.tables.end(), table) != file.tables.end();
    members[file.path].push_back({file.size, wanted, &file});
    if (wanted) roots.insert(root_of(file.path, catalog.roots));
  }
  const std::shared_ptr<const WantedKeys> keys = layout.extra >= 0 ? nullptr : wanted_keys(layout);
  Status status;
  const unsigned threads =
      options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  uint64_t loaded = 0;
  const Diagnostic changed{
      "HB-V004", "the files of `" + std::string(table) + "` were changed after they were opened",
      {},        "open the evidence again",
      "",        ""};
  {
    OrderedPool<Loaded> pool(threads, [&](Loaded chunk) {
      if (chunk.changed && status.ok()) status = changed;
      if (!chunk.batch || !status.ok()) return;
      loaded += chunk.batch->rows;
      status = sink(*chunk.batch);
      if (options.progress) options.progress->update("loading", loaded, source->rows);
    });
    const auto visit = [&](Member& member) {
      const auto known = members.find(member.path);
      if (known == members.end() || known->second.empty()) return true;
      const Known expected = known->second.front();
      known->second.pop_front();
      if (!expected.wanted) return true;
      Cutter cutter(member, false);
      cutter.limit(expected.size);  // what was appended since is not of this catalog
      OpenedMember opened = open_member(member, cutter);
      auto rejects = rejects_of(catalog, *expected.file);
      if (keys && known->second.empty() && rejects.size() == expected.file->rejected) {
        auto context = std::make_shared<FormatContext>(*opened.context);
        context->wanted = keys;
        context->rejected = std::move(rejects);
        opened.context = std::move(context);
      }
      while (auto chunk = cutter.next()) {
        if (options.cancel && options.cancel->cancelled())
          status = Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
        if (!status.ok()) return false;
        pool.push([chunk = std::shared_ptr<Chunk>(std::move(chunk)), context = opened.context,
                   name = opened.table, &layout] {
          Router router(*context, name);
          LoadSink rows(layout, router);
          read_rows(*chunk, *context, rows);
          return rows.finish();
        });
      }
      return true;
    };
    for (const auto& root : catalog.roots) {
      if (!roots.contains(root)) continue;
      for_each_member(root, visit, [](const std::string&, const std::string&) {});
      if (!status.ok()) break;
    }
    pool.finish();
  }
  if (status.ok() && loaded != source->rows) return changed;
  return status;
}

}  // namespace huntbook::evidence
