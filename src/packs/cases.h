// What a pack says of itself beside its queries: tests, and the tables that queries use.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/table.h"

namespace huntbook {

/// A value of a test, as the file has it.
struct CaseCell {
  enum class Kind : uint8_t { kNull, kPlain, kQuoted, kJson };  ///< kJson: a list or map, as JSON text
  Kind kind = Kind::kNull;
  std::string text;
};

struct CaseRow {
  uint32_t line = 0;
  std::vector<std::pair<std::string, CaseCell>> cells;  ///< column, value
};

struct CaseTable {
  std::string name;
  uint32_t line = 0;
  std::vector<CaseRow> rows;
};

/// A test of a query: rows in or a scenario, and what must come out.
struct PackCase {
  uint32_t line = 0;
  std::string scenario;  ///< intrusion or quiet; empty: the tables
  std::vector<CaseTable> tables;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::optional<std::vector<CaseRow>> rows;  ///< exactly these
  std::optional<uint64_t> at_least, at_most;
};

/// A table that queries use: its columns, and the providers that have it.
struct TableSchema {
  std::string name;
  std::string doc;
  std::vector<std::string> providers;
  Schema schema;
  std::string file;
  uint32_t line = 0;
};

/// The value as a cell of this type, or why it is none.
Result<Column> case_column(Type type, const CaseCell& cell);
/// The rows of a test as a table of the schema; columns left out are null. `file` is for the places of
/// mistakes ("HB-P006").
Result<Table> case_table(const CaseTable& rows, const Schema& schema, const std::string& file);

/// What differs between an answer and the rows that a test expects, with the place; empty when nothing does.
/// `sorted`: their order counts.
std::string compare_rows(const Table& answer, const PackCase& test, bool sorted, const std::string& file);

}  // namespace huntbook
