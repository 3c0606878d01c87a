// Signing in as a person: a code to type on any device's browser. The renewal token is kept, encrypted, where
// the desktop has a place for its key.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/sign_in/assertion.h"
#include "providers/token_store.h"

namespace huntbook {
namespace {

std::string member(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  return found && found->kind() == Json::Kind::kString ? found->as_string() : std::string();
}

int64_t number(const Json& object, std::string_view key, int64_t fallback) {
  const Json* found = object.find(key);
  if (!found) return fallback;
  if (found->kind() == Json::Kind::kLong) return found->as_long();
  return found->kind() == Json::Kind::kString ? std::atoll(found->as_string().c_str()) : fallback;
}

class DeviceCodeSource : public TokenSource {
 public:
  DeviceCodeSource(std::unique_ptr<net::HttpClient> client, const SignInRequest& request,
                   const std::string& authority)
      : client_(std::move(client)),
        client_id_(request.arguments.text("client_id")),
        token_url_(sign_in_url(request, authority, "token")),
        code_url_(sign_in_url(request, authority, "devicecode")),
        name_("device_code\n" + token_url_ + "\n" + client_id_),
        tell_(request.tell),
        store_(request.store) {}

  Result<Secret> token(std::string_view scope, bool force_new) override {
    if (!force_new) {
      if (Secret known = cache_.find(scope); !known.empty()) return known;
    }
    if (renewal_.empty() && store_) renewal_ = store_->load(name_);
    if (!renewal_.empty()) {
      auto renewed = renew(scope);
      // A renewal that the service refuses is over; one that did not reach it is not.
      if (renewed.ok() || renewed.error().code != "HB-R102") return renewed;
      renewal_ = Secret();
      if (store_) store_->save(name_, Secret());
    }
    return ask(scope);
  }
  std::string description() const override {
    return fmt::format("a person, by device code, with application {}", client_id_);
  }

 private:
  std::string scopes(std::string_view scope) const { return std::string(scope) + " offline_access"; }

  net::Request form(const std::string& url, Secret body) const {
    net::Request request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    request.secret_body = std::move(body);
    request.max_bytes = 1 << 20;
    return request;
  }

  Result<Secret> renew(std::string_view scope) {
    TokenReply reply;
    auto token = fetch_token(*client_,
                             form(token_url_, net::secret_form({{"grant_type", "refresh_token"},
                                                                {"client_id", client_id_},
                                                                {"scope", scopes(scope)}},
                                                               "refresh_token", renewal_)),
                             scope, "client_id", cache_, &reply);
    if (token.ok()) keep(reply);
    return token;
  }

  void keep(const TokenReply& reply) {
    if (reply.renewal.empty()) return;
    client_->keep_out(reply.renewal);
    renewal_ = reply.renewal;
    if (store_) store_->save(name_, renewal_);
  }

  Result<Secret> ask(std::string_view scope) {
    if (!tell_)
      return Diagnostic{"HB-R104", "sign-in by device code needs somebody to type the code",
                        {},        "choose another `sign_in` where nobody looks on",
                        "",        ""};
    auto reply = client_->send(
        form(code_url_, Secret(net::form_encode({{"client_id", client_id_}, {"scope", scopes(scope)}}))));
    if (!reply.ok()) {
      Diagnostic failure = reply.error();
      failure.message = "signing in: " + failure.message;
      return failure;
    }
    if (!reply->ok()) return token_refusal(*client_, *reply, "client_id");
    auto json = parse_json(reply->body);
    wipe(reply->body);
    const Secret code(json.ok() ? member(*json, "device_code") : std::string());
    const std::string user_code = json.ok() ? member(*json, "user_code") : "",
                      address = json.ok() ? member(*json, "verification_uri") : "";
    if (code.empty() || user_code.empty() || !address.starts_with("https://"))
      return Diagnostic{"HB-R103", fmt::format("signing in: `{}` answered without a code", reply->url.host),
                        {},        "check the setting `authority`",
                        "",        ""};
    client_->keep_out(code);
    const int64_t ends =
        now_ticks() + std::clamp<int64_t>(number(*json, "expires_in", 900), 1, 3600) * kTicksPerSecond;
    int64_t seconds = std::clamp<int64_t>(number(*json, "interval", 5), 1, 60);
    tell_(fmt::format("To sign in, open {} and type the code {}", escape_terminal(address.substr(0, 200)),
                      escape_terminal(user_code.substr(0, 40))));
    while (now_ticks() < ends) {
      if (auto waited = client_->pause(net::Milliseconds(seconds * 1000)); !waited.ok())
        return waited.error();
      TokenReply answer;
      auto token = fetch_token(
          *client_,
          form(token_url_, net::secret_form({{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                                             {"client_id", client_id_}},
                                            "device_code", code)),
          scope, "client_id", cache_, &answer);
      if (token.ok()) {
        keep(answer);
        return token;
      }
      if (answer.error == "slow_down") seconds = std::min<int64_t>(seconds + 5, 60);
      else if (answer.error == "authorization_declined" || answer.error == "access_denied")
        return Diagnostic{"HB-R104", "the sign-in was declined in the browser", {}, "", "", ""};
      else if (answer.error == "expired_token") break;
      else if (answer.error != "authorization_pending") return token;
    }
    return Diagnostic{"HB-R104", "the code was not typed in time", {}, "try again", "", ""};
  }

  std::unique_ptr<net::HttpClient> client_;
  std::string client_id_, token_url_, code_url_, name_;
  std::function<void(std::string_view)> tell_;
  TokenStore* store_;
  Secret renewal_;
  TokenCache cache_;
};

bool applies(const ProviderArguments&) { return false; }  // only when it is named

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  ProviderArguments arguments = request.arguments;
  if (!arguments.has("tenant_id")) arguments.set("tenant_id", "organizations");
  const SignInRequest whole{arguments,           request.cloud, request.client, request.offline,
                            request.environment, request.tell,  request.store};
  if (auto all = need_settings(whole, {"client_id"}, "a device code"); !all.ok()) return all.error();
  std::string authority;
  auto client = authority_client(whole, authority);
  if (!client.ok()) return client.error();
  return std::unique_ptr<TokenSource>(
      std::make_unique<DeviceCodeSource>(std::move(*client), whole, authority));
}

}  // namespace

const SignInWay kDeviceCodeSignIn = {"device_code", "a person who types a code into a browser", &applies,
                                     &make};

}  // namespace huntbook
