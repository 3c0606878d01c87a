// Remote services of a session, for front ends.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "session/state.h"
#include "table/builder.h"

namespace huntbook {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string size_text(uint64_t bytes) {
  return bytes >> 20 ? fmt::format("{} MB", bytes >> 20) : fmt::format("{} bytes", bytes);
}

std::string limits_of(const ProviderTraits& traits) {
  std::vector<std::string> parts;
  if (traits.max_rows) parts.push_back(fmt::format("{} rows", traits.max_rows));
  if (traits.max_bytes) parts.push_back(size_text(traits.max_bytes));
  return joined(parts);
}

}  // namespace

Result<Table> Session::providers() {
  std::vector<std::vector<std::string>> rows;
  for (const ProviderKind* kind : provider_kinds()) {
    std::vector<std::string> needs, takes, connections;
    for (const auto& setting : kind->settings) (setting.required ? needs : takes).push_back(setting.name);
    bool ready = false;
    for (const auto& connection : state_->settings.connections) {
      auto found = find_provider(connection.provider);
      if (!found.ok() || *found != kind) continue;
      const std::string how = state_->remotes->readiness(connection);
      ready |= how == "ready";
      connections.push_back(how == "ready" ? connection.name : fmt::format("{} ({})", connection.name, how));
    }
    rows.push_back({kind->name, joined(kind->aliases), std::string(kind->traits.language), kind->doc,
                    joined(needs), joined(takes), limits_of(kind->traits), kind->traits.online ? "yes" : "no",
                    joined(connections), ready ? "yes" : "no"});
  }
  return text_table({"Name", "Aliases", "Language", "Description", "Needs", "Takes", "Limits", "Online",
                     "Connections", "Ready"},
                    rows);
}

Result<Provider> Session::connect(std::string_view name, const Arguments& arguments) {
  auto remote = state_->remotes->open(std::string(name), arguments);
  if (!remote.ok()) return remote.error();
  if (auto status = (*remote)->driver->connect(); !status.ok()) return status.error();
  return Provider(*this, std::string(name));
}

Result<Provider> Session::attach(std::string_view name, const Arguments& arguments) {
  auto remote = state_->remotes->open(std::string(name), arguments);
  if (!remote.ok()) return remote.error();
  return Provider(*this, std::string(name));
}

Provider::Provider(Session& session, std::string name) : session_(&session), name_(std::move(name)) {}

Answer Provider::ask(std::string_view text, const AskOptions& options) {
  Answer answer;
  auto remote = session_->state_->remotes->find(name_);
  if (!remote.ok()) {
    answer.diagnostics.push_back(remote.error());
    return answer;
  }
  auto table = session_->state_->remotes->run(
      **remote, {std::string(text), options.range, options.limits, options.database});
  if (!table.ok()) answer.diagnostics.push_back(table.error());
  else answer.table = std::move(*table);
  return answer;
}

Answer Provider::run(std::string_view query, const Arguments& arguments) {
  Answer answer;
  auto remote = session_->state_->remotes->find(name_);
  if (!remote.ok()) {
    answer.diagnostics.push_back(remote.error());
    return answer;
  }
  auto text = session_->query_text(query, arguments, (*remote)->kind->name);
  if (text.ok()) return ask(*text);
  answer.diagnostics.push_back(text.error());
  return answer;
}

Result<Table> Provider::schema() {
  auto remote = session_->state_->remotes->find(name_);
  if (!remote.ok()) return remote.error();
  auto tables = (*remote)->driver->schema();
  if (!tables.ok()) return tables.error();
  std::vector<std::vector<std::string>> rows;
  for (const auto& table : *tables) {
    for (const auto& field : table.schema.fields)
      rows.push_back({table.name, field.name, std::string(type_name(field.type)), field.doc});
    if (table.schema.fields.empty()) rows.push_back({table.name, "", "", table.doc});
  }
  return text_table({"Table", "Column", "Type", "Description"}, rows);
}

Result<Table> Provider::own_queries(std::string_view words) {
  auto remote = session_->state_->remotes->find(name_);
  if (!remote.ok()) return remote.error();
  auto queries = (*remote)->driver->queries();
  if (!queries.ok()) return queries.error();
  std::vector<std::vector<std::string>> rows;
  for (const auto& query : *queries) {
    std::vector<std::string> row{query.name, std::string(trim(query.doc)), query.text,
                                 joined(query.techniques)};
    const std::string all = to_lower(repair_utf8(joined(row)));
    const auto wanted = split(words, ' ');
    if (std::all_of(wanted.begin(), wanted.end(),
                    [&](auto word) { return all.find(to_lower(trim(word))) != std::string::npos; }))
      rows.push_back(std::move(row));
  }
  return text_table({"Name", "Description", "Text", "Techniques"}, rows);
}

}  // namespace huntbook
