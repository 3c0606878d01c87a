// Pack queries of a session: lists, help, texts, runs.
#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "packs/search.h"
#include "packs/values.h"
#include "session/state.h"
#include "table/builder.h"

namespace huntbook {
namespace {

std::string join(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

std::string params_text(const PackQuery& query) {
  std::vector<std::string> params;
  for (const auto& param : query.params) params.push_back(param.name + ": " + param.type);
  return join(params);
}

Json list(const std::vector<std::string>& items) {
  Json::Array out;
  for (const auto& item : items) out.push_back(Json::string(item));
  return Json::array(std::move(out));
}

Json params_json(const PackQuery& query) {
  Json::Array out;
  for (const auto& param : query.params) {
    const bool time = param.type == "datetime" && (param.name == "start" || param.name == "end");
    Json::Object made{{"name", Json::string(param.name)},
                      {"type", Json::string(param.type)},
                      {"required", Json::boolean(!param.default_value && !time)},
                      {"description", Json::string(std::string(trim(param.doc)))}};
    if (param.default_value) {
      made.emplace_back("default", param.type == "list" ? Json::array(list_items(*param.default_value))
                                                        : Json::string(*param.default_value));
    }
    if (!param.aliases.empty()) made.emplace_back("aliases", list(param.aliases));
    out.push_back(Json::object(std::move(made)));
  }
  return Json::array(std::move(out));
}

}  // namespace

const Diagnostics& Session::problems() const { return state_->problems; }
// The built-in packs shadow nothing among themselves, and one's own are read when the session opens.
const Diagnostics& Session::shadowed() const { return state_->packs.shadowed; }

Diagnostic Session::State::no_query(std::string_view name) const {
  Diagnostic made;
  made.code = "HB-P013";
  made.message = fmt::format("query `{}` not found", name);
  std::vector<std::string> names;
  for (const auto& query : packs.queries) names.push_back(query.name);
  if (auto near = nearest_name(name, names)) made.hint = "did you mean `" + *near + "`?";
  return made;
}

Result<Table> Session::queries(const QueryFilter& filter, bool typed) {
  state_->need_packs();
  const auto found = search_queries(
      state_->packs, {filter.words, filter.provider, filter.table, filter.parameter, filter.technique});
  Schema schema;
  std::vector<ColumnBuilder> columns;
  const Type lists = typed ? Type::kDynamic : Type::kString;
  for (const auto& [name, type] : {std::pair{"Name", Type::kString},
                                   {"Family", Type::kString},
                                   {"Providers", lists},
                                   {"Description", Type::kString},
                                   {"Parameters", lists},
                                   {"Tables", lists},
                                   {"Techniques", lists}}) {
    schema.fields.push_back({name, type, ""});
    columns.emplace_back(type);
  }
  const auto text = [&](const std::vector<std::string>& items) {
    return typed ? list(items).text() : join(items);
  };
  for (const auto* query : found) {
    columns[0].append_text(query->name);
    columns[1].append_text(join(query->families));
    columns[2].append_text(text(query->providers));
    columns[3].append_text(trim(query->doc));
    columns[4].append_text(typed ? params_json(*query).text() : params_text(*query));
    columns[5].append_text(text(query->tables));
    columns[6].append_text(text(query->techniques));
  }
  return make_table(std::move(schema), std::move(columns));
}

Result<std::string> Session::query_help(std::string_view name) {
  state_->need_packs();
  const PackQuery* query = state_->packs.find(name);
  if (!query) return state_->no_query(name);
  return query_help_text(*query);
}

Result<std::string> Session::query_text(std::string_view name, const Arguments& arguments,
                                        std::string_view provider) {
  state_->need_packs();
  const PackQuery* query = state_->packs.find(name, provider);
  if (!query) query = state_->packs.find(name);
  if (!query) return state_->no_query(name);
  return render_query(*query, arguments, state_->query_time, nullptr, provider);
}

Answer Session::run_query(std::string_view name, const Arguments& arguments) {
  Answer answer;
  auto text = query_text(name, arguments);
  if (!text.ok()) {
    answer.diagnostics.push_back(text.error());
    return answer;
  }
  if (!state_->packs.find(name)->is_kql()) {
    answer.diagnostics.push_back({"HB-P014",
                                  fmt::format("query `{}` is not KQL and runs only on its provider", name),
                                  {},
                                  "huntbook queries print shows its text",
                                  "",
                                  ""});
    return answer;
  }
  return query(*text);
}

}  // namespace huntbook
