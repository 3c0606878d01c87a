#include "providers/kusto_reply.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/service.h"

namespace huntbook {
namespace {

constexpr size_t kMaxSmallRows = 1000;
constexpr size_t kMaxMarks = 20;
constexpr size_t kMaxColumns = 10'000;

// The last part of a path that matters: "Rows/*" or "rows/*" is a row; "tables/*/x", "Tables/*/x" and "*/x"
// are parts of a table or frame.
std::optional<std::string> table_part(const JsonPath& path) {
  size_t at = 0;
  if (!path.empty() && path[0] == "*") at = 1;  // v2: an array of frames
  else if (path.size() > 2 && (path[0] == "Tables" || path[0] == "tables") && path[1] == "*") at = 2;
  else if (!path.empty() && (path[0] == "columns" || path[0] == "rows"))
    at = 0;  // the search of Log Analytics
  else return std::nullopt;
  if (path.size() == at + 1) return path[at];
  if (path.size() == at + 2 && path[at + 1] == "*" && (path[at] == "Rows" || path[at] == "rows"))
    return "*row";
  return std::nullopt;
}

bool wanted(const JsonPath& path) {
  if (path.size() == 1 &&
      (path[0] == "error" || path[0] == "Exceptions" || path[0] == "message" || path[0] == "code"))
    return true;
  const auto part = table_part(path);
  if (!part) return false;
  static constexpr std::string_view kParts[] = {
      "FrameType", "TableKind", "TableName",    "Columns",           "columns", "name",
      "HasErrors", "Cancelled", "OneApiErrors", "TableFragmentType", "*row"};
  return std::find(std::begin(kParts), std::end(kParts), *part) != std::end(kParts);
}

}  // namespace

KustoReply::KustoReply(const RunLimits& limits, std::function<std::string(std::string_view)> clean)
    : limits_(limits),
      clean_(std::move(clean)),
      stream_(&wanted, [this](const JsonPath& path, std::string_view value) { return take(path, value); }) {}

Status KustoReply::take(const JsonPath& path, std::string_view value) {
  auto json = parse_json(value);
  if (!json.ok()) return json.error();
  if (path.size() == 1 && path[0] == "error") {
    add_error(*json);
    return {};
  }
  if (path.size() == 1 && path[0] == "Exceptions") {
    if (json->kind() == Json::Kind::kArray) {
      for (const auto& text : json->as_array()) {
        if (text.kind() == Json::Kind::kString) add_v1_error(text.as_string());
      }
    }
    return {};
  }
  const auto part = table_part(path);
  if (!part) return {};
  if (*part == "*row") return take_row(*json);
  return take_part(*part, *json);
}

Status KustoReply::take_part(const std::string& part, const Json& value) {
  const std::string text = value.kind() == Json::Kind::kString ? value.as_string() : std::string();
  if (part == "FrameType") {
    v2_ = true;
    current_ = Current{};
    current_.frame = text;
    if (text == "DataSetCompletion") v2_completed_ = true;
  } else if (part == "TableKind") {
    current_.kind = text;
  } else if (part == "TableName" || part == "name") {
    if (!v2_) current_ = Current{};
    current_.name = text;
  } else if (part == "TableFragmentType") {
    if (text != "DataAppend")
      return Diagnostic{
          "HB-R011", "the reply replaces rows that it gave before, which is not understood", {}, "", "", ""};
  } else if (part == "HasErrors") {
    if (value.as_bool() && current_.frame == "DataSetCompletion") v2_errors_ = true;
  } else if (part == "Cancelled") {
    if (value.as_bool()) marks_.emplace_back(Completeness::kPartial, "the service cancelled the query");
  } else if (part == "OneApiErrors") {
    if (value.kind() != Json::Kind::kArray) return {};
    for (const auto& error : value.as_array()) add_error(error);
  } else if (part == "Columns" || part == "columns") {
    if (value.kind() != Json::Kind::kArray || value.as_array().size() > kMaxColumns)
      return Diagnostic{"HB-R011", "the reply's columns are not understood", {}, "", "", ""};
    current_.schema = Schema{};
    for (const auto& column : value.as_array()) {
      std::string name = text_of(column, "ColumnName");
      if (name.empty()) name = text_of(column, "name");
      std::string type = text_of(column, "ColumnType");
      if (type.empty()) type = text_of(column, "DataType");
      if (type.empty()) type = text_of(column, "type");
      const auto known = service_type(type);
      if (!known && !type.empty())
        marks_.emplace_back(
            Completeness::kComplete,
            fmt::format("column `{}` has the type `{}`, read as text", clean_(name), clean_(type)));
      // Names are unique in a table of ours; services repeat them at times.
      std::string unique = name;
      for (int n = 1; current_.schema.find(unique); ++n) unique = fmt::format("{}{}", name, n);
      current_.schema.fields.push_back({unique, known.value_or(Type::kString), ""});
    }
    current_.has_columns = true;
    return begin_rows();
  }
  return {};
}

// Decides whether the current table is the result.
Status KustoReply::begin_rows() {
  if (v2_) {
    if (current_.kind != "PrimaryResult") return {};
    if (rows_) {
      ++further_results_;
      return {};
    }
    rows_ = std::make_unique<TypedRows>(current_.schema);
    current_.is_result = true;
    return {};
  }
  // v1 and Log Analytics: the first table is the result; the later ones say how it went, or are further
  // results.
  if (!rows_) {
    rows_ = std::make_unique<TypedRows>(current_.schema);
    current_.is_result = true;
  } else {
    result_closed_ = true;
    small_tables_.emplace_back(current_.name, std::vector<Json::Array>{});
  }
  return {};
}

Status KustoReply::take_row(const Json& row) {
  if (row.kind() == Json::Kind::kObject) {  // an error in place of a row
    if (const Json* errors = row.find("OneApiErrors"); errors && errors->kind() == Json::Kind::kArray) {
      for (const auto& error : errors->as_array()) add_error(error);
    } else if (const Json* texts = row.find("Exceptions"); texts && texts->kind() == Json::Kind::kArray) {
      for (const auto& text : texts->as_array()) {
        if (text.kind() == Json::Kind::kString) add_v1_error(text.as_string());
      }
    } else {
      add_error(row);
    }
    return {};
  }
  if (row.kind() != Json::Kind::kArray ||
      (!current_.has_columns && !(v2_ && current_.frame == "TableFragment")))
    return Diagnostic{"HB-R011", "the reply's rows come before their columns", {}, "", "", ""};
  const bool fragment = v2_ && current_.frame == "TableFragment" && rows_ && further_results_ == 0;
  if (current_.is_result || fragment) {
    if ((limits_.max_rows && rows_->rows() >= limits_.max_rows) ||
        (limits_.max_bytes && rows_->bytes() >= limits_.max_bytes)) {
      ++cut_rows_;
      return {};
    }
    rows_->append(row.as_array());
  } else if (v2_ && current_.kind == "QueryCompletionInformation") {
    const auto cell = [&](const char* name) -> std::string {
      const auto at = current_.schema.find(name);
      return at && *at < row.as_array().size()
                 ? (row.as_array()[*at].kind() == Json::Kind::kString ? row.as_array()[*at].as_string()
                                                                      : row.as_array()[*at].text())
                 : std::string();
    };
    const std::string level = cell("Level");
    if (level == "1" || level == "2") classify(cell("StatusCodeName"), cell("Payload"));
  } else if (!v2_ && !small_tables_.empty() && small_tables_.back().second.size() < kMaxSmallRows) {
    small_tables_.back().second.push_back(row.as_array());
  }
  return {};
}

void KustoReply::add_error(const Json& error) {
  const Json* inner = error.find("error") ? error.find("error") : &error;
  if (inner->kind() != Json::Kind::kObject) return;
  std::string code = text_of(*inner, "code");
  std::string message = text_of(*inner, "@message");
  if (message.empty()) message = text_of(*inner, "message");
  if (const Json* details = inner->find("details"); details && details->kind() == Json::Kind::kArray) {
    for (const auto& detail : details->as_array()) {
      const Json* deepest = &detail;
      for (int depth = 0; depth < 8; ++depth) {
        const Json* next = deepest->find("innererror");
        if (!next || next->kind() != Json::Kind::kObject) break;
        deepest = next;
      }
      const std::string said = text_of(*deepest, "message");
      if (!said.empty() && message.find(said) == std::string::npos)
        message += (message.empty() ? "" : " ") + said;
      code += " " + text_of(*deepest, "code");
    }
  }
  code = std::string(trim(code));
  classify(code, message);
}

void KustoReply::add_v1_error(const std::string& text) { classify("", text); }

// What a message of the service means for the answer: its own limits cut it, or a part is lost.
void KustoReply::classify(const std::string& code, const std::string& message) {
  const auto says = [&](std::string_view word) {
    return code.find(word) != std::string::npos || message.find(word) != std::string::npos;
  };
  const bool limit = says("80DA0003") || says("E_QUERY_RESULT_SET_TOO_LARGE") ||
                     says("ResultSizeLimitExceeded") || says("exceeded the allowed limits") ||
                     says("truncated");
  std::string text = clean_(message.empty() ? code : message);
  if (first_error_.empty()) {
    first_code_ = code;
    first_error_ = text;
  }
  if (marks_.size() >= kMaxMarks) return;
  marks_.emplace_back(
      limit ? Completeness::kTruncated : Completeness::kPartial,
      fmt::format("{}: {}", limit ? "the service cut the result" : "the service failed in part", text));
}

// A row of v1's QueryStatus: Timestamp, Severity, SeverityName, StatusCode, StatusDescription ...
void KustoReply::read_status(const Json::Array& cells) {
  if (cells.size() < 5 || cells[1].kind() != Json::Kind::kLong || cells[1].as_long() > 2) return;
  classify(cells[3].text(), cells[4].kind() == Json::Kind::kString ? cells[4].as_string() : cells[4].text());
}

Result<Table> KustoReply::finish(const std::optional<Diagnostic>& lost) {
  // v1 ends with a table of contents when it has three tables or more: Ordinal, Kind, Name, Id, PrettyName.
  if (small_tables_.size() >= 2) {
    const auto contents = std::move(small_tables_.back().second);
    for (const auto& entry : contents) {
      if (entry.size() < 2 || entry[0].kind() != Json::Kind::kLong || entry[1].kind() != Json::Kind::kString)
        continue;
      const int64_t ordinal = entry[0].as_long();
      if (ordinal < 1 || static_cast<size_t>(ordinal) >= small_tables_.size()) continue;
      if (entry[1].as_string() == "QueryResult") ++further_results_;
      if (entry[1].as_string() == "QueryStatus") {
        for (const auto& row : small_tables_[static_cast<size_t>(ordinal) - 1].second) read_status(row);
      }
    }
  }
  if (!rows_) {
    if (!first_error_.empty())
      return Diagnostic{"HB-R010",
                        fmt::format("the service refuses the query: {}{}",
                                    first_code_.empty() ? "" : clean_(first_code_) + ": ", first_error_),
                        {},
                        "",
                        "",
                        ""};
    if (lost) return *lost;
    return Diagnostic{
        "HB-R011", "the reply holds no result", {}, "is this the address of the service's API?", "", ""};
  }
  if (v2_errors_ && marks_.empty())
    marks_.emplace_back(Completeness::kPartial, "the service says that the query failed in part");
  Table table = rows_->finish();
  for (const auto& [completeness, reason] : marks_) mark(table, completeness, reason);
  if (cut_rows_ > 0)
    mark(table, Completeness::kTruncated,
         fmt::format("{} further rows are beyond the limit of this run", cut_rows_));
  if (further_results_ > 0)
    mark(table, Completeness::kPartial,
         fmt::format("{} further result{} of the query {} left out", further_results_,
                     further_results_ == 1 ? "" : "s", further_results_ == 1 ? "is" : "are"));
  if (lost) mark_lost(table, lost->message, table.rows());
  else if (v2_ && !v2_completed_)
    mark(table, Completeness::kPartial, "the reply ends without saying that it is whole");
  return table;
}

}  // namespace huntbook
