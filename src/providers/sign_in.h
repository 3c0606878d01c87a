// Signing in: where the bearer tokens of a connection come from. One file per way; `sign_in.cc` has the list
// of them.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "config/settings.h"
#include "huntbook/result.h"
#include "net/http.h"
#include "providers/arguments.h"
#include "providers/cloud.h"

namespace huntbook {

class TokenStore;

/// One way to sign in, for one connection. Not for several threads at once.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// A bearer token for a scope such as "https://api.loganalytics.io/.default", from memory while it holds
  /// for another five minutes. `force_new`: the service refused the last one. Failures say which setting to
  /// mend
  /// ("HB-R1xx") and hold no secret, even where the service repeats one.
  virtual Result<Secret> token(std::string_view scope, bool force_new) = 0;
  /// Who signs in and how, without any secret: "client secret of application 1b2c...".
  virtual std::string description() const = 0;
};

/// What a way to sign in is made from.
struct SignInRequest {
  const ProviderArguments& arguments;  ///< tenant_id, client_id, client_secret, authority ...
  const Cloud& cloud;
  net::ClientOptions client;  ///< proxy, authorities, cancellation
  bool offline = false;
  Environment environment{};  ///< empty: the process's
  std::function<void(std::string_view)>
      tell{};                   ///< shows the user a line, such as a code to type; may be empty
  TokenStore* store = nullptr;  ///< where tokens outlive the program; may be null

  Environment variables() const { return environment ? environment : process_environment(); }
};

struct SignInWay {
  std::string_view name;  ///< "client_secret", as the setting `sign_in` says it
  std::string_view doc;   ///< one sentence
  /// Whether the settings have all that it needs, so that it is taken when `sign_in` names none.
  bool (*applies)(const ProviderArguments& arguments);
  Result<std::unique_ptr<TokenSource>> (*make)(const SignInRequest& request);
};

/// All ways, the most specific first.
std::span<const SignInWay> sign_in_ways();
/// The ways that the setting `sign_in` names (several with commas, tried one after the other), or the first
/// that applies. HB-R101: there is none.
Result<std::unique_ptr<TokenSource>> make_sign_in(const SignInRequest& request);

/// A client for the host that gives tokens: the setting `authority`, or the cloud's own.
Result<std::unique_ptr<net::HttpClient>> authority_client(const SignInRequest& request,
                                                          std::string& authority);

/// Tokens by scope until they end, for the ways that fetch them with a form.
class TokenCache {
 public:
  /// The token of a scope when it holds for another five minutes, or an empty secret.
  Secret find(std::string_view scope) const;
  void keep(std::string_view scope, Secret token, int64_t seconds);

 private:
  struct Entry {
    std::string scope;
    Secret token;
    int64_t ends = 0;  ///< ticks
  };
  std::vector<Entry> entries_;
};

/// What came with a token, or in its place.
struct TokenReply {
  Secret renewal;     ///< a refresh token
  std::string error;  ///< the service's word: "authorization_pending"
};
/// Sends a request for a token and keeps what came. `setting` is the one that a refusal of the credential
/// names.
Result<Secret> fetch_token(net::HttpClient& client, net::Request request, std::string_view scope,
                           std::string_view setting, TokenCache& cache, TokenReply* came = nullptr);
/// The same with a form, posted to a token endpoint.
Result<Secret> request_token(net::HttpClient& client, const std::string& url, Secret form,
                             std::string_view scope, std::string_view setting, TokenCache& cache);
/// Why there was no token (HB-R102), or that the answer is none of a token endpoint (HB-R103).
Diagnostic token_refusal(const net::HttpClient& client, const net::Response& reply, std::string_view setting);
/// What to do about a refusal in the service's words: by its number (AADSTS...), else by its error. Empty
/// when it is not known.
std::string sign_in_advice(std::string_view error, std::string_view description);

/// Several ways, one after the other.
std::unique_ptr<TokenSource> chain_sign_in(std::span<const SignInWay* const> ways,
                                           const SignInRequest& request);

// The ways, one file each.
extern const SignInWay kAzureCliSignIn;
extern const SignInWay kCertificateSignIn;
extern const SignInWay kClientSecretSignIn;
extern const SignInWay kDeviceCodeSignIn;
extern const SignInWay kEnvironmentSignIn;
extern const SignInWay kManagedIdentitySignIn;
extern const SignInWay kWorkloadIdentitySignIn;

}  // namespace huntbook
