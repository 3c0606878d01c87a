#include "providers/local_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "base/time.h"
#include "providers/service.h"
#include "table/builder.h"

namespace huntbook {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 200'000;
constexpr std::string_view kTimes[] = {"TimeGenerated", "Timestamp", "@timestamp",
                                       "_time",         "EventTime", "TimeCreated"};

void copy_cell(const Column& from, size_t row, ColumnBuilder& to) {
  if (from.is_null(row)) return to.append_null();
  switch (from.type) {
    case Type::kBool: return to.append_bool(from.bool_at(row));
    case Type::kInt: return to.append_int(from.int_at(row));
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: return to.append_long(from.long_at(row));
    case Type::kReal: return to.append_real(from.real_at(row));
    case Type::kString:
    case Type::kDynamic:
    case Type::kGuid:
    case Type::kDecimal: return to.append_text(from.text_at(row));
  }
}

size_t bytes_of(const Batch& batch) {
  size_t bytes = 0;
  for (const auto& column : batch.columns) bytes += column.data.size() + column.offsets.size() * 4;
  return bytes;
}

}  // namespace

std::vector<ProviderSetting> local_settings(std::string path_doc) {
  return {{"path", std::move(path_doc), true, false},
          {"time_column", "the column that a time range is for; TimeGenerated, Timestamp and the like", false,
           false}};
}

Batch rows_in_range(const Batch& batch, size_t column, const TimeRange& range) {
  const Column& times = batch.columns[column];
  std::vector<size_t> keep;
  for (size_t row = 0; row < batch.rows; ++row) {
    if (times.is_null(row)) continue;
    const int64_t time = times.long_at(row);
    if ((!range.start || time >= *range.start) && (!range.end || time < *range.end)) keep.push_back(row);
  }
  if (keep.size() == batch.rows) return batch;
  Batch out;
  out.rows = keep.size();
  for (const auto& from : batch.columns) {
    ColumnBuilder builder(from.type);
    for (const size_t row : keep) copy_cell(from, row, builder);
    out.columns.push_back(builder.finish());
  }
  return out;
}

Result<LocalFiles> LocalFiles::open(const ProviderArguments& arguments, const DriverContext& context) {
  LocalFiles out;
  out.roots_ = arguments.list("path");
  out.time_column_ = arguments.text("time_column");
  out.options_.cancel = context.client.cancel;
  out.options_.progress = context.progress;
  if (out.roots_.empty())
    return Diagnostic{"HB-R002", "setting `path` is missing", {}, "a folder or a file", "", ""};
  for (const auto& root : out.roots_) {
    std::error_code error;
    if (!fs::exists(root, error))
      return Diagnostic{"HB-R003", fmt::format("setting `path`: `{}` is not there", root),
                        {},        "a folder or a file",
                        "",        ""};
  }
  return out;
}

Result<std::vector<LocalFiles::Found>> LocalFiles::list(const std::vector<std::string>& endings) const {
  std::vector<Found> out;
  const auto fits = [&](const fs::path& path) {
    const std::string name = to_lower(repair_utf8(path.filename().string()));
    return !name.starts_with('.') &&
           std::any_of(endings.begin(), endings.end(), [&](auto& e) { return name.ends_with(e); });
  };
  for (const auto& root : roots_) {
    std::error_code error;
    if (fs::is_regular_file(root, error)) {
      out.push_back({root, fs::path(root).filename().string()});
      continue;
    }
    fs::recursive_directory_iterator walk(root, fs::directory_options::skip_permission_denied, error);
    for (const fs::recursive_directory_iterator end; !error && walk != end; walk.increment(error)) {
      if (options_.cancel && options_.cancel->cancelled())
        return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
      std::error_code ignored;
      if (!walk->is_regular_file(ignored) || !fits(walk->path())) continue;
      if (out.size() >= kMaxFiles)
        return Diagnostic{"HB-R003", fmt::format("setting `path`: more than {} files", kMaxFiles),
                          {},        "name a folder below",
                          "",        ""};
      out.push_back({walk->path().string(), walk->path().lexically_relative(root).generic_string()});
    }
  }
  std::sort(out.begin(), out.end(), [](const Found& a, const Found& b) { return a.relative < b.relative; });
  return out;
}

Result<evidence::Catalog> LocalFiles::scan(const std::string& path) const {
  const std::string paths[] = {path};
  return evidence::scan(paths, options_);
}

Result<Table> LocalFiles::load(const evidence::Catalog& catalog, const std::string& table,
                               const RunRequest& request) const {
  const evidence::SourceTable* source = catalog.find(table);
  if (!source) return Diagnostic{"HB-R010", fmt::format("no table `{}` there", table), {}, "", "", ""};
  if (!source->parquet.empty())
    return Diagnostic{"HB-R010", fmt::format("`{}` is a Parquet file", table),
                      {},        "ask it with -d: huntbook query -d FILE",
                      "",        ""};
  std::vector<size_t> columns(source->schema.size());
  std::optional<size_t> time;
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i] = i;
    const auto& field = source->schema.fields[i];
    const bool usual = std::find(std::begin(kTimes), std::end(kTimes), field.name) != std::end(kTimes);
    if (!time && field.type == Type::kDatetime && (time_column_.empty() ? usual : field.name == time_column_))
      time = i;
  }
  const bool ranged = request.range.start || request.range.end;
  Table out;
  out.schema = source->schema;
  uint64_t rows = 0, bytes = 0, cut = 0;
  const auto status = evidence::load(
      catalog, table, columns,
      [&](const Batch& given) -> Status {
        Batch batch = ranged && time ? rows_in_range(given, *time, request.range) : given;
        if ((request.limits.max_rows && rows + batch.rows > request.limits.max_rows) ||
            (request.limits.max_bytes && bytes > request.limits.max_bytes)) {
          const size_t room = request.limits.max_rows > rows && bytes <= request.limits.max_bytes
                                  ? request.limits.max_rows - rows
                                  : 0;
          cut += batch.rows - std::min<size_t>(room, batch.rows);
          Batch first;
          first.rows = std::min<size_t>(room, batch.rows);
          for (const auto& from : batch.columns) {
            ColumnBuilder builder(from.type);
            for (size_t row = 0; row < first.rows; ++row) copy_cell(from, row, builder);
            first.columns.push_back(builder.finish());
          }
          batch = std::move(first);
        }
        if (batch.rows == 0) return {};
        rows += batch.rows;
        bytes += bytes_of(batch);
        out.batches.push_back(std::make_shared<const Batch>(std::move(batch)));
        return {};
      },
      options_);
  if (!status.ok()) return status.error();
  out.rejected = catalog.rejected;
  if (cut)
    mark(out, Completeness::kTruncated, fmt::format("{} further rows are beyond the limit of this run", cut));
  if (ranged && !time)
    mark(out, Completeness::kPartial, "there is no column of times, so that the time range was not obeyed");
  out.provenance = {catalog.roots.empty() ? std::string() : catalog.roots[0], request.text, now_ticks()};
  return out;
}

Result<Table> LocalFiles::read(const std::string& path, const std::string& wanted,
                               const RunRequest& request) const {
  auto catalog = scan(path);
  if (!catalog.ok()) return catalog.error();
  if (catalog->tables.empty())
    return Diagnostic{"HB-R010", fmt::format("`{}` holds no rows that can be read", path),
                      {},        "huntbook evidence -d FILE says why",
                      "",        ""};
  std::vector<std::string> names;
  for (const auto& table : catalog->tables) names.push_back(table.name);
  if (!wanted.empty() && !catalog->find(wanted))
    return Diagnostic{"HB-R010", fmt::format("`{}` has no table `{}`", path, wanted),
                      {},        fmt::format("{}", fmt::join(names, ", ")),
                      "",        ""};
  if (wanted.empty() && names.size() > 1)
    return Diagnostic{
        "HB-R010", fmt::format("`{}` holds several tables", path),
        {},        fmt::format("name one after an exclamation mark: {}!{}", request.text, names[0]),
        "",        ""};
  return load(*catalog, wanted.empty() ? names[0] : wanted, request);
}

}  // namespace huntbook
