// The replies of the Kusto family, read piece by piece: v2 frames, v1 tables, and the tables of Log
// Analytics.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_stream.h"
#include "providers/provider.h"
#include "providers/rows.h"

namespace huntbook {

/// Reads one reply; every form is recognised by itself. Rows of the first result are kept, up to the limits.
class KustoReply {
 public:
  /// `clean` makes a text of the service fit for a message.
  KustoReply(const RunLimits& limits, std::function<std::string(std::string_view)> clean);
  JsonStream& stream() { return stream_; }
  /// Whether the columns of a result came.
  bool has_result() const { return rows_ != nullptr; }
  /// The result with what the reply says about its completeness. `lost` is why the reply broke off. Fails
  /// when there is no result: with the service's own error, `lost`, or HB-R011.
  Result<Table> finish(const std::optional<Diagnostic>& lost);

 private:
  // The table or frame that is being read.
  struct Current {
    std::string kind;  ///< TableKind of v2
    std::string name;
    std::string frame;  ///< FrameType of v2
    Schema schema;
    bool has_columns = false;
    bool is_result = false;
  };
  Status take(const JsonPath& path, std::string_view value);
  Status take_part(const std::string& part, const Json& value);
  Status take_row(const Json& row);
  Status begin_rows();
  void read_status(const Json::Array& cells);
  void add_error(const Json& error);
  void add_v1_error(const std::string& text);
  void classify(const std::string& code, const std::string& message);

  RunLimits limits_;
  std::function<std::string(std::string_view)> clean_;
  JsonStream stream_;
  Current current_;
  std::unique_ptr<TypedRows> rows_;  ///< of the first result
  bool result_closed_ = false;       ///< a table after the first result began
  size_t further_results_ = 0;
  bool v2_ = false, v2_completed_ = false, v2_errors_ = false;
  uint64_t cut_rows_ = 0;  ///< beyond our own limits
  std::string first_code_, first_error_;
  std::vector<std::pair<Completeness, std::string>> marks_;
  std::vector<std::pair<std::string, std::vector<Json::Array>>>
      small_tables_;  ///< of v1, to read its table of contents
};

}  // namespace huntbook
