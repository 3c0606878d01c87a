// Evidence: files, folders and archives as tables. scan() finds, recognises and types everything in one pass
// over all rows; load() parses again and fills the columns that a query reads.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "huntbook/result.h"
#include "huntbook/table.h"

namespace huntbook::evidence {

struct Options {
  unsigned threads = 0;  ///< 0: all of the machine
  const CancelToken* cancel = nullptr;
  Progress* progress = nullptr;
};

/// One file or archive member ("archive.zip!member").
struct SourceFile {
  std::string path;
  uint64_t size = 0;
  std::string sha256;  ///< of its own (decompressed) bytes
  std::string reader;  ///< "ndjson", "json", "csv", "zeek", "syslog", "auditd", "parquet"; empty: not read
  std::vector<std::string> tables;
  uint64_t rows = 0;
  uint64_t rejected = 0;
  std::optional<int64_t> first_time;  ///< ticks
  std::optional<int64_t> last_time;
  std::string note;
};

/// Bytes of a source that are no row. `offset` counts in the decompressed member.
struct Reject {
  std::string path;
  uint64_t offset = 0;
  std::string reason;
  std::string bytes;  ///< the first 200
};

struct SourceTable {
  std::string name;
  Schema schema;  ///< fits every row of every file
  uint64_t rows = 0;
  std::vector<std::string> parquet;  ///< files that the engine reads itself; else empty
};

/// What scan() found. Immutable; load() needs it as it is.
struct Catalog {
  std::vector<SourceFile> files;
  std::vector<SourceTable> tables;
  std::vector<Reject> rejects;  ///< at most kMaxRejects are kept; the counts are exact
  uint64_t rejected = 0;
  std::vector<std::string> roots;  ///< the files on disk, in reading order

  const SourceTable* find(std::string_view name) const;
};
constexpr size_t kMaxRejects = 100'000;

/// Reads everything once. A path that does not exist is HB-V001; one that cannot be opened HB-V002; whatever
/// is wrong inside a folder or file is noted there and stops nothing. Interrupted: HB-E130.
Result<Catalog> scan(std::span<const std::string> paths, const Options& options);

/// Gives the rows of a table in stable order (files in order, rows in order), columns as asked for. Fails
/// with the sink's failure, with HB-V003 for a table that is not there, HB-V004 when files were changed since
/// the scan.
Status load(const Catalog& catalog, std::string_view table, std::span<const size_t> columns,
            const std::function<Status(const Batch&)>& sink, const Options& options);

/// The tables evidence() and rejects().
Table evidence_table(const Catalog& catalog);
Table rejects_table(const Catalog& catalog);

}  // namespace huntbook::evidence
