// The list of kinds, and what is the same for all of them.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/provider.h"

namespace huntbook {
namespace {

// Settings that every online provider knows.
constexpr std::string_view kCommon[] = {"provider", "description", "timeout",    "stall_timeout",
                                        "ca_file",  "proxy",       "proxy_user", "proxy_password"};

}  // namespace

std::span<const ProviderKind* const> provider_kinds() {
  static const ProviderKind* const kKinds[] = {
      &cybereason_provider(),   &elastic_provider(),        &kusto_provider(),
      &local_data_provider(),   &defender_graph_provider(), &defender_endpoint_provider(),
      &graph_provider(),        &log_analytics_provider(),  &log_analytics_search_provider(),
      &open_observe_provider(), &osquery_provider(),        &security_datasets_provider(),
      &prisma_cloud_provider(), &resource_graph_provider(), &splunk_provider(),
      &sumo_logic_provider(),   &velociraptor_provider(),
  };
  return kKinds;
}

Result<const ProviderKind*> find_provider(std::string_view name) {
  const std::string wanted = to_lower(name);
  std::vector<std::string> names;
  for (const ProviderKind* kind : provider_kinds()) {
    if (to_lower(kind->name) == wanted) return kind;
    for (const auto& alias : kind->aliases) {
      if (to_lower(alias) == wanted) return kind;
    }
    names.push_back(kind->name);
    names.insert(names.end(), kind->aliases.begin(), kind->aliases.end());
  }
  const auto near = nearest_name(name, names);
  return Diagnostic{
      "HB-R001", fmt::format("provider `{}` is not known", name),
      {},        near ? fmt::format("did you mean `{}`?", *near) : "huntbook providers lists them",
      "",        ""};
}

std::vector<std::string> missing_settings(const ProviderKind& kind, const ProviderArguments& arguments) {
  std::vector<std::string> out;
  for (const auto& setting : kind.settings) {
    if (setting.required && !arguments.has(setting.name)) out.push_back(setting.name);
  }
  return out;
}

Result<std::unique_ptr<Driver>> make_driver(const ProviderKind& kind, const ProviderArguments& arguments,
                                            const DriverContext& context) {
  std::vector<std::string> known(std::begin(kCommon), std::end(kCommon));
  for (const auto& setting : kind.settings) known.push_back(setting.name);
  for (const auto& name : arguments.names()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = nearest_name(name, known);
    return Diagnostic{
        "HB-R003", fmt::format("provider `{}` has no setting `{}`", kind.name, name),
        {},        near ? fmt::format("did you mean `{}`?", *near) : "huntbook providers lists the settings",
        "",        ""};
  }
  const auto missing = missing_settings(kind, arguments);
  if (!missing.empty())
    return Diagnostic{"HB-R002",
                      fmt::format("setting `{}` of provider `{}` is missing", missing[0], kind.name),
                      {},
                      fmt::format("{}", std::find_if(kind.settings.begin(), kind.settings.end(),
                                                     [&](auto& s) { return s.name == missing[0]; })
                                            ->doc),
                      "",
                      ""};
  DriverContext own = context;
  auto whole = arguments.number("timeout", own.client.times.whole.count() / 1000, 1, 86'400);
  if (!whole.ok()) return whole.error();
  auto stall = arguments.number("stall_timeout", own.client.times.stall.count() / 1000, 1, 86'400);
  if (!stall.ok()) return stall.error();
  own.client.times.whole = net::Milliseconds(*whole * 1000);
  own.client.times.stall = net::Milliseconds(*stall * 1000);
  if (arguments.has("ca_file")) own.client.ca_file = arguments.text("ca_file");
  if (arguments.has("proxy")) {
    own.client.proxy = arguments.text("proxy");
    own.client.proxy_user = arguments.text("proxy_user");
    own.client.proxy_password = arguments.secret("proxy_password");
  }
  if (!own.client.proxy.empty()) {
    auto proxy = net::parse_url(own.client.proxy);
    if (!proxy.ok())
      return Diagnostic{"HB-R003", "setting `proxy`: " + proxy.error().message, {}, proxy.error().hint, "",
                        ""};
  }
  return kind.make(arguments, own);
}

}  // namespace huntbook
