// Queries and tables by name.
#include "packs/pack.h"

#include <algorithm>

#include "base/text.h"

namespace huntbook {

bool PackQuery::serves(std::string_view provider) const {
  return std::any_of(providers.begin(), providers.end(),
                     [&](const std::string& each) { return same_environment(each, provider); });
}

Dialect PackQuery::dialect(std::string_view provider) const {
  const auto of = [](std::string_view each) {
    const DataEnvironment* known = find_data_environment(each);
    return known ? known->dialect : Dialect::kPlain;
  };
  if (!provider.empty()) return of(provider);
  for (const auto& each : providers) {
    if (const Dialect found = of(each); found != Dialect::kPlain) return found;
  }
  return Dialect::kPlain;
}

bool PackQuery::is_kql() const {
  return std::any_of(providers.begin(), providers.end(), [](const std::string& each) {
    const DataEnvironment* known = find_data_environment(each);
    return known && known->dialect == Dialect::kKql;
  });
}

bool PackQuery::is_called(std::string_view called) const {
  if (called == name) return true;
  return std::any_of(families.begin(), families.end(), [&](const std::string& each) {
    return called.size() == each.size() + 1 + name.size() && called.starts_with(each) &&
           called[each.size()] == '.' && called.ends_with(name);
  });
}

const PackParam* PackQuery::find_param(std::string_view wanted) const {
  for (const auto& param : params) {
    if (param.name == wanted ||
        std::find(param.aliases.begin(), param.aliases.end(), wanted) != param.aliases.end())
      return &param;
  }
  return nullptr;
}

std::vector<const PackQuery*> PackLibrary::of_provider(std::string_view provider) const {
  std::vector<const PackQuery*> found;
  for (const auto& query : queries) {
    if (query.serves(provider)) found.push_back(&query);
  }
  return found;
}

const PackQuery* PackLibrary::find(std::string_view name, std::string_view provider) const {
  const auto found = std::find_if(queries.rbegin(), queries.rend(), [&](const auto& query) {
    return query.is_called(name) && (provider.empty() || query.serves(provider));
  });
  return found == queries.rend() ? nullptr : &*found;
}

const TableSchema* PackLibrary::find_schema(std::string_view table) const {
  const auto found = std::find_if(schemas.rbegin(), schemas.rend(),
                                  [&](const auto& schema) { return schema.name == table; });
  return found == schemas.rend() ? nullptr : &*found;
}

}  // namespace huntbook
