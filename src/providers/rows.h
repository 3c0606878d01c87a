// Rows of a service's reply as a Table, in batches.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "huntbook/result.h"
#include "huntbook/table.h"
#include "table/builder.h"

namespace huntbook {

/// Rows whose columns and types the service said. A cell that does not fit its type becomes null, is counted
/// and said in the table's reasons: nothing is dropped in silence.
class TypedRows {
 public:
  explicit TypedRows(Schema schema);
  const Schema& schema() const { return schema_; }
  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_ + batch_bytes_; }
  /// One row; cells that are missing at its end are null, further ones are counted as misfits.
  void append(const Json::Array& cells);
  /// One row by the names of its members; members that are no column are counted as misfits.
  void append(const Json::Object& members);
  /// The table, complete unless cells did not fit; the rows are empty again.
  Table finish();

 private:
  void append_cell(size_t column, const Json& cell);
  void end_row();
  void cut();
  Schema schema_;
  std::vector<ColumnBuilder> builders_;
  std::vector<uint64_t> misfits_;
  uint64_t unnamed_ = 0;
  uint64_t rows_ = 0, bytes_ = 0, batch_rows_ = 0, batch_bytes_ = 0;
  std::vector<std::shared_ptr<const Batch>> batches_;
};

/// Rows as objects whose members the service types by the values alone. A column is bool, long or real when
/// all its values are, dynamic when one of them is an object or an array, else string. `datetimes` names
/// columns whose texts are times where all of them can be read as such. With `numbers`, a column of texts
/// that are all written as numbers are (without leading zeros and the like) is long or real, for services
/// that know texts alone.
class InferredRows {
 public:
  explicit InferredRows(std::vector<std::string> datetimes = {}, bool numbers = false);
  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_ + batch_bytes_; }
  void append(const Json::Object& members);
  using Types = std::map<std::string, Type, std::less<>>;
  /// Columns in the order in which they came first, after those of `first` that are there. `types` are what
  /// the service says; they hold unless a column has objects or arrays.
  Table finish(const std::vector<std::string>& first = {}, const Types& types = {});

 private:
  struct Block {
    size_t rows = 0;
    std::vector<Column> columns;  ///< JSON texts; may be fewer than in later blocks
  };
  struct Facts {
    std::string name;
    bool boolean = true, whole = true, number = true, nested = false, time = false, any = false;
    bool written_whole = true, written_number = true;  ///< texts that are written as numbers are
  };
  size_t column(const std::string& name);
  void cut();
  std::vector<std::string> datetimes_;
  bool numbers_;
  std::vector<Facts> facts_;
  std::map<std::string, size_t, std::less<>> places_;
  std::vector<ColumnBuilder> builders_;
  std::vector<Block> blocks_;
  uint64_t rows_ = 0, bytes_ = 0, batch_rows_ = 0, batch_bytes_ = 0;
};

/// Objects inside an object as columns of their own, "a_b" for {"a": {"b": ..}}, to this depth; what lies
/// deeper and arrays stay as they are.
Json::Object flatten(const Json::Object& members, size_t depth, char separator = '_');

/// The type that a service of the Kusto family names: "long", "System.Int64", "Edm.Int64", "SByte" ...
/// Nothing when it is not known.
std::optional<Type> service_type(std::string_view name);

}  // namespace huntbook
