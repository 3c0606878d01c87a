// What a session holds. Private to src/session.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "config/settings.h"
#include "engine/engine.h"
#include "huntbook/session.h"
#include "kql/catalog.h"
#include "kql/compile.h"
#include "packs/pack.h"
#include "session/remotes.h"

namespace huntbook {

struct Session::State {
  SessionOptions options;
  Settings settings;
  Diagnostics problems;  ///< of settings and packs
  std::unique_ptr<Remotes> remotes;
  std::unique_ptr<Engine> engine;
  kql::Catalog catalog;
  PackLibrary packs;
  bool packs_loaded = false;
  QueryTime query_time;
  uint64_t rejected = 0;
  Table evidence;
  Table rejects;
  size_t externals = 0;  ///< tables that externaldata made for the current query
  std::shared_ptr<uint64_t> external_rejected = std::make_shared<uint64_t>(0);

  std::string remote_texts;  ///< what a query would ask of connections, where it is only explained
  Completeness remote_completeness =
      Completeness::kComplete;  ///< of the connections' rows of the current query
  std::vector<std::string> remote_reasons;

  /// Finds the evidence and says to engine and catalog what tables there are.
  Status open_evidence();
  /// Views as functions of the catalog.
  void add_views();
  /// Loads the packs and makes their queries functions of the catalog, unless that is done. Reading them
  /// takes longer than most queries do, so it waits until something may need them. True when they were loaded
  /// now.
  bool need_packs();
  /// The same where a text may name a query of the packs.
  bool need_packs_for(std::string_view text, const Arguments& parameters);
  /// Compiles a text; what fails is looked at again with the packs, for their names and hints.
  kql::CompileResult compile(std::string_view text);
  void add_pivots();
  /// The tables that packs declare and nothing feeds, as empty ones.
  void declare_schemas();
  /// Says of tables that are not there which provider has them.
  Diagnostics with_hints(Diagnostics diagnostics) const;
  /// A table in place of whatever has its name.
  void put_table(const std::string& name, Table table);
  /// That no query is called so; with the nearest name.
  Diagnostic no_query(std::string_view name) const;
  /// Files that a query names become a source of the engine: only those that lie below the evidence.
  Result<std::string> open_external(const kql::ExternalRequest& request);
  /// Rows of a connection become a table of the engine; `only_say` asks nobody and keeps the text.
  Result<kql::RemoteRows> ask_remote(const kql::RemoteRequest& request, bool only_say);
  Result<std::string> remote_text(const Remote& remote, const kql::RemoteRequest& request);
  void add_system_table(const std::string& name, Table table, std::string doc);
  Result<Table> run(const kql::Compiled& compiled);
  /// The answer to one result of a text; its own diagnostics when it fails.
  Answer answer(const kql::Compiled& compiled, std::string_view text);
};

}  // namespace huntbook
