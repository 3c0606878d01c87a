#include "evidence/external.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/escape.h"
#include "base/text.h"
#include "evidence/cut.h"
#include "evidence/member.h"
#include "evidence/rows.h"
#include "table/builder.h"

namespace huntbook::evidence {
namespace {

constexpr size_t kBatchRows = 8192;
constexpr size_t kMaxRawBytes = 64 << 20;

struct Separated {
  std::string_view format;
  char delimiter;
};
constexpr std::array<Separated, 6> kSeparated = {
    {{"csv", ','}, {"tsv", '\t'}, {"psv", '|'}, {"ssv", ' '}, {"scsv", ';'}, {"sohsv", '\x01'}}};

std::optional<char> delimiter_of(std::string_view format) {
  for (const auto& one : kSeparated) {
    if (one.format == format) return one.delimiter;
  }
  return std::nullopt;
}

// Collects rows of texts and hands them on in batches.
class Rows final : public RowSink {
 public:
  Rows(const ExternalFiles& files, const std::function<Status(const Batch&)>& sink)
      : files_(files), sink_(sink) {
    for (size_t i = 0; i < files.columns.size(); ++i) builders_.emplace_back(Type::kString);
  }

  void cell(size_t column, std::string_view text) {
    if (is_valid_utf8(text)) builders_[column].append_text(text);
    else builders_[column].append_text(repair_utf8(text));
  }
  void end_row() {
    if (++rows_ >= kBatchRows) flush();
  }
  void flush() {
    if (rows_ == 0 || !status_.ok()) return;
    Batch batch;
    batch.rows = std::exchange(rows_, 0);
    for (auto& builder : builders_) batch.columns.push_back(builder.finish());
    status_ = sink_(batch);
  }
  const Status& status() const { return status_; }
  uint64_t rejected() const { return rejected_; }

  // JSON objects.
  void row(std::vector<Field>& fields) override {
    for (size_t i = 0; i < builders_.size(); ++i) {
      const ExternalColumn& column = files_.columns[i];
      const auto it =
          std::find_if(fields.begin(), fields.end(), [&](auto& field) { return field.key == column.name; });
      if (it == fields.end() || it->kind == FieldKind::kNull) {
        cell(i, "");
      } else if (column.json && (it->kind == FieldKind::kString || it->kind == FieldKind::kTime)) {
        std::string text;
        append_json_string(text, it->text);
        cell(i, text);
      } else {
        cell(i, it->text);
      }
    }
    end_row();
  }
  void reject(uint64_t, std::string, std::string_view) override { ++rejected_; }
  void remark(std::string_view) override {}

 private:
  const ExternalFiles& files_;
  const std::function<Status(const Batch&)>& sink_;
  std::vector<ColumnBuilder> builders_;
  size_t rows_ = 0;
  uint64_t rejected_ = 0;
  Status status_;
};

std::string_view without_line_end(std::string_view record) {
  while (!record.empty() && (record.back() == '\n' || record.back() == '\r')) record.remove_suffix(1);
  return record;
}

void read_separated(const Chunk& chunk, char delimiter, size_t columns, bool& skip, Rows& rows) {
  std::vector<std::string> cells;
  for (const auto& [begin, end] : chunk.records) {
    const std::string_view record =
        without_line_end(std::string_view(chunk.bytes).substr(begin, end - begin));
    if (record.empty()) continue;
    if (std::exchange(skip, false)) continue;
    if (!split_csv(record, delimiter, cells)) {
      rows.reject(0, "", "");
      continue;
    }
    for (size_t i = 0; i < columns; ++i) rows.cell(i, i < cells.size() ? std::string_view(cells[i]) : "");
    rows.end_row();
  }
}

void put_line(std::string_view line, size_t columns, Rows& rows) {
  rows.cell(0, line);
  for (size_t i = 1; i < columns; ++i) rows.cell(i, "");
  rows.end_row();
}

void read_lines(const Chunk& chunk, size_t columns, bool& skip, Rows& rows) {
  std::string_view left = std::string_view(chunk.bytes).substr(0, chunk.size);
  while (!left.empty()) {
    const size_t end = left.find('\n');
    const std::string_view line = without_line_end(left.substr(0, end));
    left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
    if (!std::exchange(skip, false)) put_line(line, columns, rows);
  }
}

Status read_raw(Member& member, size_t columns, Rows& rows) {
  std::string bytes(kMaxRawBytes + 1, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const size_t got = member.read(bytes.data() + size, bytes.size() - size);
    if (got == 0) break;
    size += got;
  }
  if (size > kMaxRawBytes)
    return Diagnostic{"HB-V002", "`" + member.path + "` is too large to be one cell", {}, "", "", ""};
  put_line(std::string_view(bytes).substr(0, size), columns, rows);
  return {};
}

Status read_member(Member& member, const ExternalFiles& files, const std::string& format,
                   const Options& options, Rows& rows) {
  if (format == "raw") return read_raw(member, files.columns.size(), rows);
  const auto delimiter = delimiter_of(format);
  Cutter cutter(member, false);
  Recognised how;
  how.context.format = delimiter ? Format::kCsv : format == "txt" ? Format::kNdjson : Format::kJson;
  how.context.delimiter = delimiter.value_or(',');
  if (cutter.head().starts_with("\xef\xbb\xbf")) how.skip = 3;
  cutter.start(how);
  bool skip = files.skip_first && how.context.format != Format::kJson;
  while (auto chunk = cutter.next()) {
    if (options.cancel && options.cancel->cancelled())
      return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
    if (chunk->too_long) rows.reject(0, "", "");
    else if (delimiter) read_separated(*chunk, *delimiter, files.columns.size(), skip, rows);
    else if (format == "txt") read_lines(*chunk, files.columns.size(), skip, rows);
    else read_json_rows(*chunk, how.context, rows);
    if (!rows.status().ok()) return rows.status();
  }
  return {};
}

}  // namespace

bool is_external_format(std::string_view format) {
  const std::string folded = to_lower(format);
  return delimiter_of(folded) || folded == "txt" || folded == "raw" || folded == "json" ||
         folded == "multijson" || folded == "singlejson";
}

std::string_view external_format_of(std::string_view path) {
  const std::string folded = to_lower(path);
  std::string_view name = folded;
  for (std::string_view packed : {".gz", ".zip", ".zst", ".xz", ".bz2"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  for (const auto& one : kSeparated) {
    if (name.ends_with("." + std::string(one.format))) return one.format;
  }
  if (name.ends_with(".json") || name.ends_with(".jsonl") || name.ends_with(".ndjson")) return "multijson";
  if (name.ends_with(".txt") || name.ends_with(".log")) return "txt";
  return "csv";
}

Status read_external(const ExternalFiles& files, const std::function<Status(const Batch&)>& sink,
                     const Options& options, uint64_t& rejected) {
  Rows rows(files, sink);
  const std::string format = to_lower(files.format);
  Status status;
  for (const auto& path : files.paths) {
    const auto fail = [&](const std::string& what) {
      if (status.ok())
        status = Diagnostic{"HB-V002", "`" + path + "` cannot be read: " + what, {}, "", "", ""};
    };
    for_each_member(
        path,
        [&](Member& member) {
          if (auto read = read_member(member, files, format, options, rows); !read.ok())
            status = read.error();
          if (!member.error.empty()) fail(member.error);
          return status.ok();
        },
        [&](const std::string&, const std::string& note) { fail(note); });
    if (!status.ok()) return status;
  }
  rows.flush();
  rejected += rows.rejected();
  return rows.status();
}

}  // namespace huntbook::evidence
