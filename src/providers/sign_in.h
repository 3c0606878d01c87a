// Signing in: where the bearer tokens of a connection come from. One file per way; `sign_in.cc` has the list
// of them.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "huntbook/result.h"
#include "net/http.h"
#include "providers/arguments.h"
#include "providers/cloud.h"

namespace huntbook {

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
/// The first way that applies, of those that the setting `sign_in` names (with commas) or of all. HB-R101:
/// there is none.
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

/// Posts a form to "{authority}/{tenant}/oauth2/v2.0/token" and reads the token, which it keeps. `setting` is
/// the one that a refusal of the credential names.
Result<Secret> request_token(net::HttpClient& client, const std::string& url, Secret form,
                             std::string_view scope, std::string_view setting, TokenCache& cache);

// The ways, one file each.
extern const SignInWay kClientSecretSignIn;

}  // namespace huntbook
