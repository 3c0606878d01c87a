// The second pass: fills the columns that a query reads.
#include <algorithm>
#include <charconv>
#include <set>

#include "base/escape.h"
#include "base/time.h"
#include "evidence/cut.h"
#include "evidence/draft.h"
#include "evidence/pool.h"
#include "evidence/route.h"
#include "table/builder.h"

namespace huntbook::evidence {
namespace {

void append_json(std::string& out, const Field& field) {
  switch (field.kind) {
    case FieldKind::kNull: out += "null"; break;
    case FieldKind::kBool: case FieldKind::kNumber: case FieldKind::kNested: out += field.text; break;
    case FieldKind::kString: append_json_string(out, field.text); break;
    case FieldKind::kTime: append_json_string(out, field.text.empty() ? format_datetime(field.ticks) : std::string(field.text)); break;
  }
}

void append_cell(ColumnBuilder& builder, const Field& field) {
  switch (builder.type()) {
    case Type::kBool: return builder.append_bool(field.text == "true");
    case Type::kLong: {
      int64_t value = 0;
      auto [end, error] = std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
      (void)end;
      return error == std::errc() ? builder.append_long(value) : builder.append_null();
    }
    case Type::kReal: {
      double value = 0;
      std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
      return builder.append_real(value);
    }
    case Type::kDatetime: {
      if (field.kind == FieldKind::kTime) return builder.append_long(field.ticks);
      auto ticks = parse_iso_datetime(field.text);
      return ticks ? builder.append_long(*ticks) : builder.append_null();
    }
    case Type::kDynamic: {
      std::string text;
      append_json(text, field);
      return builder.append_text(text);
    }
    default:
      if (field.kind == FieldKind::kTime && field.text.empty()) return builder.append_text(format_datetime(field.ticks));
      return builder.append_text(field.text);
  }
}

// Which builder a key fills; the same for every chunk of a load.
struct Layout {
  std::string table;
  std::vector<Type> types;         ///< of the wanted columns
  TextMap<int> places;             ///< every column of the schema: its builder, or -1 when it is not wanted
  int extra = -1;                  ///< builder of _Extra
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
    for (const auto& field : fields) {
      if (field.kind == FieldKind::kNull) continue;
      const auto it = layout_.places.find(field.key);
      if (it == layout_.places.end()) {
        if (layout_.extra < 0) continue;
        extra_ += extra_.empty() ? "{" : ",";
        append_json_string(extra_, field.key);
        extra_ += ':';
        append_json(extra_, field);
        continue;
      }
      if (it->second < 0) continue;
      const auto place = static_cast<size_t>(it->second);
      if (!pending_[place]) touched_.push_back(place);
      pending_[place] = &field;
    }
    for (size_t place : touched_) {
      ColumnBuilder& builder = builders_[place];
      builder.append_nulls(rows_ - builder.rows());
      append_cell(builder, *pending_[place]);
      pending_[place] = nullptr;
    }
    touched_.clear();
    if (!extra_.empty()) {
      ColumnBuilder& builder = builders_[static_cast<size_t>(layout_.extra)];
      builder.append_nulls(rows_ - builder.rows());
      builder.append_text(extra_ + "}");
    }
    ++rows_;
  }
  void reject(uint64_t, std::string, std::string_view) override {}  // counted by the scan
  void remark(std::string_view) override {}

  std::vector<Batch> finish() {
    std::vector<Batch> batches;
    if (rows_ == 0) return batches;
    Batch batch;
    batch.rows = rows_;
    for (auto& builder : builders_) {
      builder.append_nulls(rows_ - builder.rows());
      batch.columns.push_back(builder.finish());
    }
    batches.push_back(std::move(batch));
    return batches;
  }

 private:
  const Layout& layout_;
  Router& router_;
  std::vector<ColumnBuilder> builders_;
  std::vector<const Field*> pending_;
  std::vector<size_t> touched_;
  std::string extra_;
  size_t rows_ = 0;
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

Status load(const Catalog& catalog, std::string_view table, std::span<const size_t> columns, const std::function<Status(const Batch&)>& sink,
            const Options& options) {
  const SourceTable* source = catalog.find(table);
  if (!source) return Diagnostic{"HB-V003", "table `" + std::string(table) + "` is in no evidence", {}, "", "", ""};
  Layout layout;
  layout.table = table;
  for (const auto& field : source->schema.fields) layout.places.emplace(field.name, -1);
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& field = source->schema.fields[columns[i]];
    layout.types.push_back(field.type);
    layout.places.find(field.name)->second = static_cast<int>(i);
    if (columns[i] == kMaxColumns && source->schema.size() == kMaxColumns + 1) layout.extra = static_cast<int>(i);
  }
  // The members that have rows of this table, and the files that they are in.
  std::set<std::string> members, roots;
  for (const auto& file : catalog.files) {
    if (std::find(file.tables.begin(), file.tables.end(), table) == file.tables.end()) continue;
    members.insert(file.path);
    roots.insert(root_of(file.path, catalog.roots));
  }
  Status status;
  const unsigned threads = options.threads ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  uint64_t loaded = 0;
  {
    OrderedPool<std::vector<Batch>> pool(threads, [&](std::vector<Batch> batches) {
      for (const auto& batch : batches) {
        loaded += batch.rows;
        if (status.ok()) status = sink(batch);
      }
      if (options.progress) options.progress->update("loading", loaded, source->rows);
    });
    for (const auto& root : catalog.roots) {
      if (!roots.contains(root)) continue;
      for_each_member(
          root,
          [&](Member& member) {
            if (!members.contains(member.path)) return true;
            Cutter cutter(member, false);
            const std::string_view head = cutter.head();
            Recognised recognised = recognise(head, member.name, head.size() < kHeadBytes);
            auto context = std::make_shared<FormatContext>(recognised.context);
            context->file_time = member.modified;
            if (context->format == Format::kNdjson || context->format == Format::kJson) context->unix_times = is_zeek_json(head, member.name);
            const std::string name = table_name(member.name, *context);
            cutter.start(recognised);
            while (auto chunk = cutter.next()) {
              if (options.cancel && options.cancel->cancelled()) status = Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
              if (!status.ok()) return false;
              pool.push([chunk = std::shared_ptr<Chunk>(std::move(chunk)), context, name, &layout] {
                Router router(*context, name);
                LoadSink rows(layout, router);
                read_rows(*chunk, *context, rows);
                return rows.finish();
              });
            }
            return true;
          },
          [](const std::string&, const std::string&) {});
      if (!status.ok()) break;
    }
    pool.finish();
  }
  return status;
}

}  // namespace huntbook::evidence
