// Signing in as an application with its secret.
#include <fmt/format.h>

#include "providers/sign_in.h"

namespace huntbook {
namespace {

class ClientSecretSource : public TokenSource {
 public:
  ClientSecretSource(std::unique_ptr<net::HttpClient> client, std::string url, std::string client_id,
                     Secret secret)
      : client_(std::move(client)),
        url_(std::move(url)),
        client_id_(std::move(client_id)),
        secret_(std::move(secret)) {}

  Result<Secret> token(std::string_view scope, bool force_new) override {
    if (!force_new) {
      if (Secret known = cache_.find(scope); !known.empty()) return known;
    }
    Secret form = net::secret_form(
        {{"grant_type", "client_credentials"}, {"client_id", client_id_}, {"scope", std::string(scope)}},
        "client_secret", secret_);
    return request_token(*client_, url_, std::move(form), scope, "client_secret", cache_);
  }
  std::string description() const override {
    return fmt::format("client secret of application {}", client_id_);
  }

 private:
  std::unique_ptr<net::HttpClient> client_;
  std::string url_;
  std::string client_id_;
  Secret secret_;
  TokenCache cache_;
};

bool applies(const ProviderArguments& arguments) {
  return arguments.has("tenant_id") && arguments.has("client_id") && arguments.has("client_secret");
}

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  for (const char* name : {"tenant_id", "client_id", "client_secret"}) {
    if (!request.arguments.has(name))
      return Diagnostic{"HB-R002", fmt::format("setting `{}` is missing", name),
                        {},        "sign-in with a client secret needs it",
                        "",        ""};
  }
  std::string authority;
  auto client = authority_client(request, authority);
  if (!client.ok()) return client.error();
  client.value()->keep_out(request.arguments.secret("client_secret"));
  const std::string url = fmt::format("{}/{}/oauth2/v2.0/token", authority,
                                      net::percent_encode(request.arguments.text("tenant_id")));
  return std::unique_ptr<TokenSource>(
      std::make_unique<ClientSecretSource>(std::move(*client), url, request.arguments.text("client_id"),
                                           request.arguments.secret("client_secret")));
}

}  // namespace

const SignInWay kClientSecretSignIn = {"client_secret", "an application with its secret", &applies, &make};

}  // namespace huntbook
