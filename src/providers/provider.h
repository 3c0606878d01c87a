// The one face of every remote service, and the list of them. One file per kind of provider.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/provider.h"
#include "huntbook/result.h"
#include "huntbook/table.h"
#include "net/http.h"
#include "providers/arguments.h"

namespace huntbook {

class TokenStore;

/// One question in the service's own language.
struct RunRequest {
  std::string text;
  TimeRange range;
  RunLimits limits;
  std::string database;  ///< database, index, workspace; empty: the connection's
};

/// A query that the service or the data itself brings: a saved search, a data set.
struct RemoteQuery {
  std::string name;
  std::string doc;
  std::string text;                     ///< to run
  std::vector<std::string> techniques;  ///< ATT&CK ids
};

/// One connection. Not for several threads at once: a second question at the same time takes a second driver.
/// Failures are "HB-R0xx", HB-R1xx of signing in and HB-W0xx of the network; none holds a secret.
class Driver {
 public:
  virtual ~Driver() = default;
  /// Signs in and asks for as little as shows that the service takes us.
  virtual Status connect() = 0;
  virtual Result<std::vector<RemoteTable>> schema() = 0;
  /// Runs a question. An answer that lost a part is `partial` or `truncated` with its reasons; only a
  /// question that gave nothing fails.
  virtual Result<Table> run(const RunRequest& request) = 0;
  virtual Result<std::vector<RemoteQuery>> queries() { return std::vector<RemoteQuery>{}; }
};

/// What every driver gets besides its settings.
struct DriverContext {
  net::ClientOptions client;  ///< proxy, authorities, cancellation
  bool offline = false;
  Progress* progress = nullptr;  ///< may be null
  std::function<void(std::string_view)>
      tell;                     ///< shows the user a line, such as a code to type; may be empty
  TokenStore* store = nullptr;  ///< where tokens outlive the program; may be null
};

/// A kind of provider.
struct ProviderKind {
  std::string name;                  ///< "MSSentinel"
  std::vector<std::string> aliases;  ///< other names of the same
  std::string doc;                   ///< one sentence
  ProviderTraits traits;
  std::vector<ProviderSetting> settings;
  /// Checks the settings; nothing is sent yet. HB-R002 one is missing, HB-R003 one is wrong.
  Result<std::unique_ptr<Driver>> (*make)(const ProviderArguments& arguments, const DriverContext& context);
};

/// All kinds, by name.
std::span<const ProviderKind* const> provider_kinds();
/// By name or alias in any case. HB-R001 with the nearest name.
Result<const ProviderKind*> find_provider(std::string_view name);
/// Checks names and presence of settings, then makes the driver.
Result<std::unique_ptr<Driver>> make_driver(const ProviderKind& kind, const ProviderArguments& arguments,
                                            const DriverContext& context);
/// The names of required settings that are not given.
std::vector<std::string> missing_settings(const ProviderKind& kind, const ProviderArguments& arguments);

// The kinds, one file each.
const ProviderKind& cybereason_provider();
const ProviderKind& defender_endpoint_provider();
const ProviderKind& defender_graph_provider();
const ProviderKind& elastic_provider();
const ProviderKind& graph_provider();
const ProviderKind& kusto_provider();
const ProviderKind& log_analytics_provider();
const ProviderKind& log_analytics_search_provider();
const ProviderKind& local_data_provider();
const ProviderKind& open_observe_provider();
const ProviderKind& osquery_provider();
const ProviderKind& prisma_cloud_provider();
const ProviderKind& resource_graph_provider();
const ProviderKind& security_datasets_provider();
const ProviderKind& splunk_provider();
const ProviderKind& sumo_logic_provider();
const ProviderKind& velociraptor_provider();

}  // namespace huntbook
