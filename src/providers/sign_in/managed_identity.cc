// Signing in as the machine that we run on: its metadata service, or the endpoint that the platform names.
#include <fmt/format.h>

#include "providers/sign_in.h"

namespace huntbook {
namespace {

constexpr const char* kMetadata = "http://169.254.169.254";

class ManagedIdentitySource : public TokenSource {
 public:
  ManagedIdentitySource(std::unique_ptr<net::HttpClient> client, std::string url, Secret header,
                        std::string client_id)
      : client_(std::move(client)),
        url_(std::move(url)),
        header_(std::move(header)),
        client_id_(std::move(client_id)) {}

  Result<Secret> token(std::string_view scope, bool force_new) override {
    if (!force_new) {
      if (Secret known = cache_.find(scope); !known.empty()) return known;
    }
    std::string resource(scope);
    if (resource.ends_with("/.default")) resource.resize(resource.size() - 9);
    net::Pairs query{{"api-version", header_.empty() ? "2018-02-01" : "2019-08-01"}, {"resource", resource}};
    if (!client_id_.empty()) query.emplace_back("client_id", client_id_);
    net::Request request;
    request.url = url_ + "?" + net::form_encode(query);
    request.max_bytes = 1 << 20;
    if (header_.empty()) request.headers.push_back({"Metadata", "true"});
    else request.secret_headers.push_back({"X-IDENTITY-HEADER", "", header_});
    return fetch_token(*client_, std::move(request), scope, "client_id", cache_);
  }
  std::string description() const override {
    return client_id_.empty() ? "managed identity of this machine"
                              : fmt::format("managed identity {}", client_id_);
  }

 private:
  std::unique_ptr<net::HttpClient> client_;
  std::string url_;
  Secret header_;
  std::string client_id_;
  TokenCache cache_;
};

bool applies(const ProviderArguments&) { return false; }  // only when it is named

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  const auto variable = [&](const char* name) { return request.variables()(name).value_or(""); };
  std::string url = variable("IDENTITY_ENDPOINT");
  Secret header = Secret::take(variable("IDENTITY_HEADER"));
  if (url.empty() || header.empty()) {
    url = std::string(kMetadata) + "/metadata/identity/oauth2/token";
    header = Secret();
  }
  auto parsed = net::parse_url(url);
  if (!parsed.ok())
    return Diagnostic{"HB-R003", "variable `IDENTITY_ENDPOINT`: " + parsed.error().message,
                      {},        parsed.error().hint,
                      "",        ""};
  // It answers at once or not at all, and never through a proxy.
  net::ClientOptions options = request.client;
  options.proxy.clear();
  options.times = {net::Milliseconds(2'000), net::Milliseconds(10'000), net::Milliseconds(20'000)};
  options.retry.attempts = std::min(options.retry.attempts, 3u);
  auto client = std::make_unique<net::HttpClient>(std::move(options));
  if (auto allowed = client->egress().allow(*parsed, true); !allowed.ok())
    return Diagnostic{"HB-R003", "variable `IDENTITY_ENDPOINT`: " + allowed.error().message,
                      {},        allowed.error().hint,
                      "",        ""};
  client->egress().set_offline(request.offline);
  return std::unique_ptr<TokenSource>(std::make_unique<ManagedIdentitySource>(
      std::move(client), std::move(url), std::move(header), request.arguments.text("client_id")));
}

}  // namespace

const SignInWay kManagedIdentitySignIn = {"managed_identity", "the machine in the cloud that this runs on",
                                          &applies, &make};

}  // namespace huntbook
