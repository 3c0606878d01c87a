// Rows of connections inside a query: what is asked, and the table that the engine gets.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "session/state.h"

namespace huntbook {
namespace {

bool is_kql(const Remote& remote) { return remote.kind->traits.language == "KQL"; }

// The pack's query of this name for this kind of provider; every KQL one for a service that speaks KQL.
const PackQuery* query_for(const PackLibrary& packs, const std::string& name, const Remote& remote) {
  if (const PackQuery* own = packs.find(name, remote.kind->name)) return own;
  for (const auto& alias : remote.kind->aliases) {
    if (const PackQuery* own = packs.find(name, alias)) return own;
  }
  const PackQuery* any = is_kql(remote) ? packs.find(name) : nullptr;
  return any && any->is_kql() ? any : nullptr;
}

// A query's text as the beginning of a pipe: without a semicolon at its end.
std::string without_end(std::string_view text) {
  text = trim(text);
  while (text.ends_with(';')) text = trim(text.substr(0, text.size() - 1));
  return std::string(text);
}

}  // namespace

Result<std::string> Session::State::remote_text(const Remote& remote, const kql::RemoteRequest& request) {
  if (request.native) return request.text;
  const PackQuery* query = query_for(packs, request.name, remote);
  if (!query) {
    if (is_kql(remote)) return request.text;
    return Diagnostic{"HB-R005",
                      fmt::format("no query `{}` for provider `{}`", request.name, remote.kind->name),
                      {},
                      fmt::format("a text in {}: evaluate source_request(\"{}\", \"...\")",
                                  remote.kind->traits.language, request.cluster),
                      "",
                      ""};
  }
  if (!request.arguments && request.text.find('(') != std::string::npos)
    return Diagnostic{
        "HB-R005", fmt::format("the arguments of `{}` are no constants", request.name), {}, "", "", ""};
  PackArguments arguments;
  std::vector<const PackParam*> places;  // start and end last, as in the function's signature
  for (const auto& param : query->params) places.push_back(&param);
  std::stable_sort(places.begin(), places.end(), [](auto* a, auto* b) {
    return a->default_value.has_value() < b->default_value.has_value();
  });
  std::stable_partition(places.begin(), places.end(),
                        [](auto* p) { return p->name != "start" && p->name != "end"; });
  if (request.arguments) {
    for (size_t i = 0; i < request.arguments->size(); ++i) {
      const auto& [name, value] = (*request.arguments)[i];
      if (name.empty() && i >= places.size())
        return Diagnostic{
            "HB-P010", fmt::format("query `{}` takes at most {} arguments", query->name, places.size()),
            {},        "",
            "",        ""};
      arguments.emplace_back(name.empty() ? places[i]->name : name, value);
    }
  }
  std::string provider;
  for (const auto& name : {std::vector<std::string>{remote.kind->name}, remote.kind->aliases}) {
    for (const auto& each : name) {
      if (provider.empty() && query->serves(each)) provider = each;
    }
  }
  auto text = render_query(*query, arguments, query_time, nullptr, provider);
  if (!text.ok()) return text;
  return without_end(*text);
}

Result<kql::RemoteRows> Session::State::ask_remote(const kql::RemoteRequest& request, bool only_say) {
  auto remote = remotes->find(request.cluster);
  if (!remote.ok()) return remote.error();
  auto text = remote_text(**remote, request);
  if (!text.ok()) return text.error();
  kql::RemoteRows rows;
  std::string whole = *text;
  if (is_kql(**remote)) {
    for (const auto& op : request.operators) whole += "\n| " + op;
    rows.pushed = request.operators.size();
  }
  if (only_say) {
    remote_texts += fmt::format("{}: {}\n", request.cluster, whole);
    rows.assumed = true;
    rows.table = "rows of " + request.cluster;
    return rows;
  }
  // A family of queries stands where a database does, and is none.
  const PackQuery* query = request.native ? nullptr : query_for(packs, request.name, **remote);
  const bool family = query && std::find(query->families.begin(), query->families.end(), request.database) !=
                                   query->families.end();
  auto table = remotes->run(**remote, {whole, {}, {}, family ? "" : request.database});
  if (!table.ok()) return table.error();
  rows.table = fmt::format("remote {}", ++externals);
  rows.schema = table->schema;
  if (table->completeness != Completeness::kComplete) {
    if (remote_completeness != Completeness::kPartial) remote_completeness = table->completeness;
    for (const auto& reason : table->reasons)
      remote_reasons.push_back(fmt::format("{}: {}", request.cluster, reason));
  }
  engine->add_table(rows.table, std::move(*table));
  return rows;
}

}  // namespace huntbook
