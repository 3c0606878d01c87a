// Packs, views and pivots of a session.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "enrich/pivots.h"
#include "packs/builtin.h"
#include "session/state.h"
#include "table/builder.h"

namespace huntbook {
namespace {

std::string kql_type(const std::string& type) {
  if (type == "str") return "string";
  if (type == "float") return "real";
  if (type == "list") return "dynamic";
  return type;
}

}  // namespace

void Session::State::add_views() {
  // A table of the evidence goes before a view or query of its name: an exported table is not hidden.
  for (const auto& view : builtin_views()) {
    if (catalog.find_table(view.name)) continue;
    kql::StoredFunction function;
    function.name = view.name;
    function.doc = view.doc;
    function.folder = view.fed_by;
    function.view = true;
    function.lambda = view.lambda;
    if (view.lambda) function.params = kql::lambda_params(view.text);
    function.expand = [text = view.text](const auto&) -> Result<std::string> { return text; };
    catalog.functions.push_back(std::move(function));
  }
}

bool Session::State::need_packs_for(std::string_view text, const Arguments& parameters) {
  const auto may_name = [](std::string_view part) {
    return mentions_builtin_query(part) || part.find(".show") != std::string_view::npos;
  };
  const bool named = may_name(text) || std::any_of(parameters.begin(), parameters.end(),
                                                   [&](const auto& given) { return may_name(given.second); });
  return named && need_packs();
}

bool Session::State::need_packs() {
  if (std::exchange(packs_loaded, true)) return false;
  load_builtin_packs(packs);
  for (const auto& path : settings.query_paths) packs.load_path(path);  // the user's, then the project's
  for (const auto& path : options.query_paths) packs.load_path(path);
  problems.insert(problems.end(), packs.problems.begin(), packs.problems.end());
  std::set<std::string_view> names;
  for (auto it = packs.queries.rbegin(); it != packs.queries.rend(); ++it) {  // the last definition wins
    if (!it->is_kql() || !names.insert(it->name).second) continue;
    if (catalog.find_table(it->name)) continue;
    kql::StoredFunction function;
    function.name = it->name;
    function.doc = std::string(trim(it->doc));
    function.folder = it->family;
    std::vector<const PackParam*> ordered;
    for (const auto& param : it->params) ordered.push_back(&param);
    std::stable_sort(ordered.begin(), ordered.end(), [](auto* a, auto* b) {
      return a->default_value.has_value() < b->default_value.has_value();
    });
    std::stable_partition(ordered.begin(), ordered.end(),
                          [](auto* p) { return p->name != "start" && p->name != "end"; });
    for (const auto* param : ordered) {
      function.params.push_back({param->name, kql_type(param->type),
                                 param->default_value ? std::optional(default_text(*param)) : std::nullopt,
                                 param->doc, param->aliases});
    }
    const auto index = static_cast<size_t>(std::distance(it, packs.queries.rend()) - 1);
    function.expand = [this, index](const PackArguments& args) -> Result<std::string> {
      return render_query(packs.queries[index], args, query_time);
    };
    catalog.functions.push_back(std::move(function));
  }
  std::stable_sort(catalog.functions.begin(), catalog.functions.end(),
                   [](auto& a, auto& b) { return a.name < b.name; });
  return true;
}

kql::CompileResult Session::State::compile(std::string_view text) {
  need_packs_for(text, catalog.parameters);
  auto result = kql::compile(text, catalog);
  if (result.compiled) return result;
  if (need_packs()) result = kql::compile(text, catalog);
  result.diagnostics = with_hints(std::move(result.diagnostics));
  return result;
}

Diagnostics Session::State::with_hints(Diagnostics diagnostics) const {
  for (auto& diagnostic : diagnostics) {
    if (diagnostic.code != "HB-L001") continue;
    const size_t begin = diagnostic.message.find('`') + 1, end = diagnostic.message.rfind('`');
    const std::string name = diagnostic.message.substr(begin, end - begin);
    const TableSchema* schema = packs.find_schema(name);
    if (!schema || catalog.find_table(name) || catalog.find_function(name)) continue;  // it may be hidden
    diagnostic.hint = schema->providers.empty()
                          ? "nothing in the evidence feeds it"
                          : fmt::format("it is a table of {}; nothing in the evidence feeds it",
                                        fmt::join(schema->providers, " and "));
  }
  return diagnostics;
}

void Session::State::add_pivots() {
  for (const auto& pivot : huntbook::pivots()) {
    catalog.pivots.push_back({std::string(pivot.name), std::string(pivot.entity), std::string(pivot.pivot),
                              "string", pivot.output(), pivot.online, std::string(pivot.doc)});
  }
}

Result<Table> Session::pivots(std::string_view entity) {
  auto answer = query(".show plugins");
  if (!answer.table) return answer.diagnostics.front();
  if (entity.empty()) return std::move(*answer.table);
  const std::string wanted = to_lower(entity);
  std::vector<std::string> names;
  std::string entity_name;
  for (const auto& pivot : huntbook::pivots()) {
    names.emplace_back(pivot.short_entity);
    if (wanted == pivot.short_entity || wanted == to_lower(pivot.entity)) entity_name = pivot.entity;
  }
  if (entity_name.empty()) {
    Diagnostic made{"HB-N002", fmt::format("no pivots for the entity `{}`", entity), {}, "", "", ""};
    if (auto near = nearest_name(entity, names)) made.hint = "did you mean `" + *near + "`?";
    return made;
  }
  return query(".show plugins | where Entity == '" + entity_name + "'").table.value();
}

Result<Table> Session::pivot(std::string_view entity, std::string_view name,
                             std::span<const std::string> values) {
  const Pivot* found = find_pivot(entity, name);
  if (!found) {
    Diagnostic made{"HB-N001", fmt::format("pivot `{} {}` is not known", entity, name),
                    {},        "huntbook pivots lists them",
                    "",        ""};
    std::vector<std::string> names;
    for (const auto& pivot : huntbook::pivots())
      names.push_back(fmt::format("{} {}", pivot.short_entity, pivot.pivot));
    if (auto near = nearest_name(fmt::format("{} {}", entity, name), names))
      made.hint = "did you mean `" + *near + "`?";
    return made;
  }
  auto added = found->run(values);
  if (!added.ok()) return added;
  // The values themselves come first, as in a pipe.
  ColumnBuilder keys(Type::kString);
  for (const auto& value : values) keys.append_text(value);
  auto batch = std::make_shared<Batch>();
  batch->rows = values.size();
  batch->columns.push_back(keys.finish());
  if (!added->batches.empty()) {
    for (const auto& column : added->batches[0]->columns) batch->columns.push_back(column);
  }
  Table table;
  table.schema.fields.push_back({"Value", Type::kString, ""});
  for (const auto& field : added->schema.fields) table.schema.fields.push_back(field);
  table.batches.push_back(std::move(batch));
  return table;
}

}  // namespace huntbook
