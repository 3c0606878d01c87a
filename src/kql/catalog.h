// What a query can name: tables, stored functions, pivots. The session fills it; the binder reads it.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/schema.h"
#include "huntbook/table.h"

namespace huntbook::kql {

namespace plan {
struct Plan;
}

struct TableInfo {
  std::string name;
  Schema schema;
  std::string doc;
  uint64_t rows = 0;
  std::string kind = "table";  ///< table, view, system
  std::string fed_by;          ///< views: the raw tables that feed it
};

/// A function that packs, views and settings bring: KQL text with parameters.
struct StoredFunction {
  struct Param {
    std::string name;
    std::string type;  ///< string, int, long, real, bool, datetime, timespan, list, dynamic
    std::optional<std::string> default_value;
    std::string doc;
    std::vector<std::string> aliases;
  };
  std::string name;
  std::vector<Param> params;
  std::string doc;
  std::string folder;            ///< family of a pack, "views"
  bool view = false;             ///< may be named like a table and by union *
  bool lambda = false;           ///< the text is a KQL function, `(a: string = "") { ... }`, that is called
  std::optional<Schema> schema;  ///< of a view: what it must give, whatever is there
  /// The query text for these arguments (values as the user wrote them, without quotes; lists as JSON
  /// arrays).
  std::function<Result<std::string>(const std::vector<std::pair<std::string, std::string>>& args)> expand;
};

/// A pivot as a plugin `<entity>_<pivot>`: what it adds to a row.
struct PivotInfo {
  std::string name;    ///< "ip_type"
  std::string entity;  ///< "IpAddress"
  std::string pivot;   ///< "type"
  std::string input;   ///< "string"
  Schema output;       ///< added columns
  bool online = false;
  std::string doc;
};

/// Files that `externaldata` names. A column is read as text, or as JSON text where `json` says so.
struct ExternalRequest {
  struct Column {
    std::string name;
    bool json = false;
  };
  std::vector<std::string> uris;
  std::string format;  ///< empty: what the name tells
  bool skip_first = false;
  std::vector<Column> columns;
};

/// The parameters of a KQL function's text; a text that cannot be read has none.
std::vector<StoredFunction::Param> lambda_params(std::string_view text);

/// A question for a connection: `cluster("name").database("db").T | ...`, or a text in its own language.
struct RemoteRequest {
  std::string cluster;
  std::string database;  ///< empty: the connection's own
  std::string name;      ///< of the table or function
  std::string text;  ///< the source as the service may take it: `T`, `f(1)`; of source_request the whole text
  bool native = false;  ///< by source_request: nothing is added to the text
  /// Constant arguments of a call, with empty names where only their place tells; nothing when they are no
  /// constants.
  std::optional<std::vector<std::pair<std::string, std::string>>> arguments;
  std::vector<std::string> operators;  ///< that follow and that the service may run as well
};

/// Rows that a service gave, as a table of the engine.
struct RemoteRows {
  std::string table;
  Schema schema;
  size_t pushed = 0;     ///< how many of the operators the service ran
  bool assumed = false;  ///< nothing was asked: any column is assumed to exist
};

struct Catalog {
  std::vector<TableInfo> tables;
  std::vector<StoredFunction> functions;
  std::vector<PivotInfo> pivots;
  bool open = false;  ///< unknown tables and columns are assumed to exist (check --open)
  int64_t now = 0;    ///< ticks: one instant for the whole query
  /// Runs a part of the query while it is bound, for columns that depend on the data (bag_unpack, pivot).
  /// Where it is missing, such columns are not known and any column is assumed to exist.
  std::function<Result<Table>(const plan::Plan&)> run;
  /// Makes files a table of text columns and gives its name. Where it is missing, nothing is read.
  std::function<Result<std::string>(const ExternalRequest&)> external;
  /// Asks a connection. Where it is missing, remote tables have any column and no rows.
  std::function<Result<RemoteRows>(const RemoteRequest&)> remote;
  std::set<std::string, std::less<>> skipped_passes;  ///< rewrites that are not to run (kql/rewrite.h)
  std::vector<std::pair<std::string, std::string>> parameters;  ///< values for declare query_parameters

  const TableInfo* find_table(std::string_view name) const;
  const StoredFunction* find_function(std::string_view name) const;
  const PivotInfo* find_pivot(std::string_view name) const;
};

}  // namespace huntbook::kql
