// Query packs: queries declared in YAML, called as functions. Reads MSTICPy's query files unchanged and adds
// typed parameters, tables, ATT&CK techniques and examples.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/result.h"
#include "packs/cases.h"
#include "packs/environments.h"
#include "packs/text_place.h"

namespace huntbook {

struct PackParam {
  std::string name;
  std::string type;  ///< str, int, long, float, real, bool, list, datetime, timespan, dynamic
  std::optional<std::string>
      default_value;  ///< none: the parameter is required (start and end: the query time)
  std::string doc;
  std::vector<std::string> aliases;
  std::string format;  ///< around the value, which stands for its {}; empty: the value alone
};

struct PackQuery {
  std::string name;
  std::string family;  ///< dotted names nest
  std::vector<std::string> families;
  std::vector<std::string> providers;  ///< data environments, "Huntbook" for local evidence
  std::string doc;
  std::string text;               ///< with {placeholders}
  TextPlace place;                ///< of the text in the file
  std::vector<PackParam> params;  ///< sorted by name
  std::vector<std::string> tables;
  std::vector<std::string> techniques;  ///< ATT&CK ids
  std::string example;
  std::vector<PackCase> tests;
  std::string file;
  uint32_t line = 0;

  /// Whether the text is KQL, which runs on local evidence too.
  bool is_kql() const;
  /// Whether a provider, by any of its names, has it.
  bool serves(std::string_view provider) const;
  /// The language of its text, for one of its providers or for the first that has one.
  Dialect dialect(std::string_view provider = {}) const;
  /// Whether this is its name or family.name.
  bool is_called(std::string_view called) const;
  const PackParam* find_param(std::string_view name) const;  ///< by name or alias
};

/// All queries and tables that were loaded, in order; problems name file and line ("HB-P001" to "HB-P007").
struct PackLibrary {
  std::vector<PackQuery> queries;
  std::vector<TableSchema> schemas;
  std::vector<Diagnostic> shadowed;  ///< "HB-P008": definitions that a later one took the place of
  Diagnostics problems;

  /// Reads one file's text; a bad query is a problem and the others are kept.
  /// A `folder` that is called like an environment is for that one and those that share its queries.
  void load_text(std::string_view yaml, const std::string& file, std::string_view folder = {});
  /// Reads every .yaml and .yml below a folder, or one file.
  void load_path(const std::string& path);
  /// By name or family.name; the definition loaded last wins.
  const PackQuery* find(std::string_view name, std::string_view provider = {}) const;
  std::vector<const PackQuery*> of_provider(std::string_view provider) const;
  /// The table that a schema file declares; the one loaded last wins.
  const TableSchema* find_schema(std::string_view table) const;
};

using PackArguments = std::vector<std::pair<std::string, std::string>>;

/// What `start` and `end` mean when they are not given, and the present; ticks.
struct QueryTime {
  int64_t start = 0;
  int64_t end = 0;
  int64_t now = 0;
};

/// The query's text with its parameters in it: `start` and `end` default to the query time, lists and
/// datetimes are written as the provider takes them, a value inside a string literal cannot end it. A body in
/// JSON (Cybereason) is filled by structure.
/// Errors: HB-P010 unknown parameter, HB-P011 missing parameter, HB-P012 a value that does not fit its type,
/// HB-P015 not a query of this provider.
/// `origins`, when given, gets for each byte of the result the place in the query's text that it comes from;
/// it is empty when the text was filled by structure.
Result<std::string> render_query(const PackQuery& query, const PackArguments& arguments,
                                 const QueryTime& time, std::vector<uint32_t>* origins = nullptr,
                                 std::string_view provider = {});

/// Where in its file a place of the query's final text stands; `origins` are of render_query.
FilePosition query_position(const PackQuery& query, const std::vector<uint32_t>& origins, size_t at);

/// A KQL text in a YAML file that is no pack: the `query` of an analytic or hunting rule, the `FunctionQuery`
/// or `ParserQuery` of a parser.
struct RuleText {
  std::string text;
  TextPlace place;
};
std::vector<RuleText> rule_texts(std::string_view yaml);
/// Whether a YAML text means to be a query pack: it has sources or metadata, or cannot be read.
bool is_pack(std::string_view yaml);

/// A time as users write it: ISO date or time, days relative to now ("-2"), or `[+-]N[unit][@unit]` with the
/// units y mon w d h m s ("-2d@d": two days ago at midnight; a negative offset rounds down, a positive one
/// up). Ticks.
std::optional<int64_t> parse_query_time(std::string_view text, int64_t now);

/// Description, parameters (name, type, default, aliases) and an example: what `queries help` shows.
std::string query_help_text(const PackQuery& query);
/// A parameter's default as help shows it: a list's items with commas between.
std::string default_text(const PackParam& param);
/// `list_host_logons(host_name: str, start: datetime = query time, ...)`.
std::string query_signature(const PackQuery& query);

}  // namespace huntbook
