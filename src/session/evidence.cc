// The evidence of a session: what the readers found, as tables of catalog and engine.
#include "session/state.h"

namespace huntbook {

void Session::State::add_system_table(const std::string& name, Table table, std::string doc) {
  kql::TableInfo info;
  info.name = name;
  info.schema = table.schema;
  info.doc = std::move(doc);
  info.rows = table.rows();
  info.kind = "system";
  catalog.tables.push_back(std::move(info));
  engine->add_table(name, std::move(table));
}

Status Session::State::open_evidence() {
  EngineOptions engine_options;
  engine_options.memory_limit = options.memory_limit;
  engine_options.threads = options.threads;
  engine_options.cancel = options.cancel;
  auto opened = Engine::open(engine_options);
  if (!opened.ok()) return opened.error();
  engine = std::move(*opened);
  return {};
}

}  // namespace huntbook
