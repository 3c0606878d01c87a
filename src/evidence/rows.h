// Rows of any text format as fields: the common ground of readers, scanner and loader.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/keys.h"

namespace huntbook::evidence {

enum class FieldKind : uint8_t {
  kNull,
  kBool,    ///< text is "true" or "false"
  kNumber,  ///< text is the number as written
  kString,  ///< text is unescaped UTF-8
  kNested,  ///< text is compact JSON, an object or array
  kTime     ///< ticks; text is the original
};

struct Field {
  std::string_view key;
  FieldKind kind = FieldKind::kNull;
  std::string_view text;
  int64_t ticks = 0;
};

enum class Format : uint8_t { kUnknown, kNdjson, kJson, kCsv, kZeek, kSyslog, kAuditd, kParquet };

/// The reader's name for evidence().
std::string_view format_name(Format format);

enum class CellKind : uint8_t { kText, kTime, kBool, kLong, kReal };

/// What a member's rows need beside their bytes.
struct FormatContext {
  Format format = Format::kUnknown;
  char delimiter = ',';
  std::vector<std::string> columns;  ///< csv and zeek
  std::vector<CellKind> kinds;       ///< zeek: what its columns are declared to be
  std::string unset = "-", empty = "(empty)";
  int64_t file_time = 0;                     ///< ticks; for syslog lines without a year
  bool unix_times = false;                   ///< zeek JSON: `ts` counts seconds
  std::shared_ptr<const WantedKeys> wanted;  ///< JSON: nothing when all are
  std::vector<uint64_t> rejected;       ///< JSON: offsets of records to pass over, sorted; only with `wanted`
  std::optional<int64_t> local_offset;  ///< ticks to add to a Windows event's time without a zone, when known
};

/// Begin and end of each record in its chunk.
using Records = std::vector<std::pair<uint32_t, uint32_t>>;

/// A piece of a member, cut between records; the buffer has padding after its end.
struct Chunk {
  std::string bytes;    ///< followed by kPadding more bytes that are not part of it
  uint64_t offset = 0;  ///< of its first byte in the member
  size_t size = 0;
  Records records;        ///< when lines do not part them
  bool too_long = false;  ///< the first bytes of a record beyond kMaxRecordBytes
};
constexpr size_t kPadding = 64;

/// Takes the rows of a chunk one by one.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void row(std::vector<Field>& fields) = 0;
  virtual void reject(uint64_t offset, std::string reason, std::string_view bytes) = 0;
  /// Something about a row worth a note: "invalid UTF-8", "repeated key".
  virtual void remark(std::string_view what) = 0;
};

void read_json_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink);
void read_csv_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink);
void read_zeek_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink);
void read_syslog_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink);
void read_auditd_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink);
void read_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink);

/// The time of a count of seconds since 1970, to the microsecond.
std::optional<int64_t> ticks_from_unix(std::string_view text);
/// Whether the text is a number as JSON writes it.
bool is_json_number(std::string_view text);

/// Reads JSON objects inside of rows. The fields are valid until the next call.
class ObjectReader {
 public:
  ObjectReader();
  ~ObjectReader();
  ObjectReader(ObjectReader&&) noexcept;
  /// nullptr when the text is no JSON object.
  const std::vector<Field>* read(std::string_view json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Behind the line end of the CSV record that begins at `at`, or npos when the text ends first: inside a
/// quoted cell, or in a last line without its end.
size_t end_of_csv_record(std::string_view text, size_t at, char delimiter);
/// Splits one CSV record (quotes and all) into cells; false when a quote is not closed.
bool split_csv(std::string_view record, char delimiter, std::vector<std::string>& cells);

}  // namespace huntbook::evidence
