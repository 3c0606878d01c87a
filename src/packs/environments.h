// The services that queries are written for, under the names that packs give them.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace huntbook {

/// How a service's query language writes literals.
enum class Dialect : uint8_t { kKql, kSpl, kSumo, kEsql, kSql, kOdata, kCybereason, kRql, kPlain };

struct DataEnvironment {
  std::string_view name;
  std::vector<std::string_view> aliases;
  Dialect dialect = Dialect::kPlain;
  /// Folders whose queries it takes, when a folder is called like an environment; its own name is one.
  std::vector<std::string_view> folders;
};

std::span<const DataEnvironment> data_environments();
/// By name or alias, whatever the case; nullptr for a name that is not ours.
const DataEnvironment* find_data_environment(std::string_view name);
/// Whether two names mean the same environment.
bool same_environment(std::string_view a, std::string_view b);
/// Whether an environment takes the queries of a folder: any folder that is not called like an environment.
bool takes_folder(std::string_view environment, std::string_view folder);

}  // namespace huntbook
