// The one object that a front end holds: evidence, queries, pivots and answers.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/language.h"
#include "huntbook/picture.h"
#include "huntbook/provider.h"
#include "huntbook/result.h"
#include "huntbook/settings.h"
#include "huntbook/table.h"

namespace huntbook {

class CancelToken;
class Progress;

struct SessionOptions {
  std::vector<std::string> data;         ///< files, folders, archives
  std::vector<std::string> query_paths;  ///< folders with further query packs
  SettingsChoice settings;               ///< which settings are read
  bool no_settings = false;              ///< read none
  bool offline = false;                  ///< no service is asked
  uint64_t memory_limit = 0;             ///< bytes; 0: 60 % of the machine's
  unsigned threads = 0;                  ///< 0: as many as the machine has
  const CancelToken* cancel = nullptr;   ///< asked between steps; may be null
  Progress* progress = nullptr;          ///< told of long work; may be null
  /// Shows the user a line, such as the code of a sign-in; without it such a sign-in is refused.
  std::function<void(std::string_view)> tell;
};

using Arguments = std::vector<std::pair<std::string, std::string>>;  ///< name, value as the user wrote it

/// Which queries; what is empty is not asked for.
struct QueryFilter {
  std::string words;      ///< each must occur somewhere
  std::string provider;   ///< MSSentinel, Splunk ...
  std::string table;      ///< that it uses
  std::string parameter;  ///< that it takes
  std::string technique;  ///< of ATT&CK; T1003 finds T1003.001
};

/// What a query gives: a table, a picture when it ends in render; or why not.
struct Answer {
  std::optional<Table> table;
  std::optional<Picture> picture;
  bool sorted = false;      ///< the rows are in an order that the query asked for
  Diagnostics diagnostics;  ///< errors when there is no table
  std::string label;        ///< the table's name, "" when it has none
  /// The results before this one, in their order: a text of several statements gives several, and so do fork
  /// and facet.
  std::vector<Answer> earlier;
};

class Session;

/// A connection to a service that took us; it is good as long as its session.
class Provider {
 public:
  const std::string& name() const { return name_; }
  /// A text in the service's own language, as it is.
  Answer ask(std::string_view text, const AskOptions& options = {});
  /// A pack query, on the service.
  Answer run(std::string_view query, const Arguments& arguments = {});
  Result<Table> schema();  ///< Table, Column, Type, Description
  /// Saved on the service, those that hold all the words: Name, Description, Text, Techniques.
  Result<Table> own_queries(std::string_view words = {});

 private:
  friend class Session;
  Provider(Session& session, std::string name);
  Session* session_;
  std::string name_;
};

class Session {
 public:
  /// Opens the evidence: finds and recognises every file; reads what queries need later. Fails when a path
  /// does not exist ("HB-V001"); a bad file in a folder never fails the whole.
  static Result<std::unique_ptr<Session>> open(SessionOptions options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs one KQL text or management command; `parameters` are values for `declare query_parameters`.
  Answer query(std::string_view text, const Arguments& parameters = {});
  /// Parses, binds and prepares. Empty: the query is right. `open` assumes unknown tables and columns exist.
  Diagnostics check(std::string_view text, bool open = false);
  /// Checks the queries of files and of all files below folders: .kql texts, the kql blocks of .md files,
  /// query packs and the rules of a SIEM (.yaml). A file of a folder that holds no query is passed over.
  Checked check_files(std::span<const std::string> paths, bool open = false);
  /// Every kind of mistake that a check can find, by code.
  static std::vector<Rule> rules();
  /// Tokens, tree, plan and SQL of a query in print.
  std::string explain(std::string_view text);
  /// The text laid out as every query is: one operator per line, comments kept. Fails with the first mistake
  /// of a text that cannot be parsed.
  static Result<std::string> format(std::string_view text);
  /// What may stand at an offset (in bytes) of a text, finished or not, the likeliest first.
  std::vector<Completion> complete(std::string_view text, size_t offset);
  /// What the word there means: a function, a column, a table, an operator.
  std::optional<Inspection> inspect(std::string_view text, size_t offset);
  /// A diagnostic as a terminal shows it: code, message, the line with a caret, the hint.
  static std::string render(const Diagnostic& diagnostic, std::string_view text);

  Result<Table> tables();  ///< `.show tables`
  Result<Table> schema(std::string_view table);
  Result<Table> evidence();
  Result<Table> rejects();

  /// What is wrong with settings and query packs; the rest was loaded. Each place is "file:line".
  const Diagnostics& problems() const;

  /// Name, Family, Providers, Description, Parameters, Tables, Techniques: all, or those that fit, the best
  /// first. `typed`: lists as arrays, and of each parameter its name, type, default and description.
  Result<Table> queries(const QueryFilter& filter = {}, bool typed = false);
  /// Definitions that a later one took the place of; each says both places.
  const Diagnostics& shadowed() const;
  Result<std::string> query_help(std::string_view name);
  /// The final text of a pack query, for one of its providers (the first when none is named).
  Result<std::string> query_text(std::string_view name, const Arguments& arguments,
                                 std::string_view provider = {});
  Answer run_query(std::string_view name, const Arguments& arguments);
  /// Runs the tests that the packs bring, of the queries named or of all: Name, Test, Result ("ok" or
  /// "failed"), Detail. The evidence of the options is not read; scenarios are written to a temporary folder.
  static Result<Table> test_queries(SessionOptions options, std::span<const std::string> names);

  Result<Table> pivots(
      std::string_view entity = {});  ///< Name, Entity, Pivot, Input, Output, Online, Description
  Result<Table> pivot(std::string_view entity, std::string_view name, std::span<const std::string> values);

  /// Kinds of remote services: what each needs, and which connections of the settings are ready.
  Result<Table> providers();
  /// Connects to a service by the name of a connection of the settings, or by the name of a kind of provider;
  /// `arguments` are further settings. Signs in and sees that the service takes us.
  Result<Provider> connect(std::string_view name, const Arguments& arguments = {});
  /// The same without asking the service for anything yet: the first question signs in.
  Result<Provider> attach(std::string_view name, const Arguments& arguments = {});

 private:
  friend class Provider;
  struct State;
  class Tester;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace huntbook
