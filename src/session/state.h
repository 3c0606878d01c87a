// What a session holds. Private to src/session.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "engine/engine.h"
#include "huntbook/session.h"
#include "kql/catalog.h"
#include "packs/pack.h"

namespace huntbook {

struct Session::State {
  SessionOptions options;
  std::unique_ptr<Engine> engine;
  kql::Catalog catalog;
  PackLibrary packs;
  QueryTime query_time;
  uint64_t rejected = 0;
  Table evidence;
  Table rejects;

  /// Finds the evidence and says to engine and catalog what tables there are.
  Status open_evidence();
  /// Packs and views as functions of the catalog.
  void add_functions();
  void add_pivots();
  void add_system_table(const std::string& name, Table table, std::string doc);
  Result<Table> run(const kql::Compiled& compiled);
};

/// Rows given as text cells: the tables that list things.
Table text_table(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows);

}  // namespace huntbook
