// HTTP for one connection: requests with limits, retries and an egress policy, over libcurl.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/secret.h"
#include "huntbook/result.h"
#include "net/egress.h"
#include "net/retry.h"
#include "net/url.h"

namespace huntbook::net {

struct Header {
  std::string name;
  std::string value;
};

/// A header whose value is not to be seen: "Authorization: Bearer ...".
struct SecretHeader {
  std::string name;
  std::string prefix;  ///< "Bearer "
  Secret value;
};

struct Times {
  Milliseconds connect{10'000};
  Milliseconds stall{60'000};   ///< without any byte
  Milliseconds whole{600'000};  ///< of one attempt
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body;  ///< empty when it went to a sink
  Url url;           ///< that answered, after redirects
  unsigned attempts = 1;

  bool ok() const { return status >= 200 && status < 300; }
  /// A header's value by its name in any case; of repeated ones the first.
  std::string_view header(std::string_view name) const;
};

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers;
  std::vector<SecretHeader> secret_headers;  ///< not sent to another host after a redirect
  std::string body;
  Secret secret_body;                ///< in place of body
  uint64_t max_bytes = 64ull << 20;  ///< of the reply's body, unpacked
  bool repeatable = true;            ///< whether it may be sent again when nothing says that it was not done
  bool follow = true;                ///< redirects, to hosts of the connection; else a redirect is the reply
  std::optional<Times> times;        ///< other than the client's
  /// Takes the body of a 2xx reply as it comes, after the headers are known; a failure ends the request. Once
  /// a byte was given the request is not tried again.
  std::function<Status(const Response& head, std::string_view piece)> sink;
};

struct ClientOptions {
  Times times;
  RetryRule retry;
  std::string proxy;  ///< URL without user; empty: none
  std::string proxy_user;
  Secret proxy_password;
  std::string ca_file;  ///< PEM file with certificates that are trusted besides the system's
  std::string user_agent = "huntbook";
  const CancelToken* cancel = nullptr;  ///< may be null
  /// Told before each wait: what happened and how long it takes. May be empty.
  std::function<void(std::string_view why, Milliseconds wait)> on_wait;
};

/// Requests of one connection, one after the other; connections to hosts are kept open. Not for several
/// threads at once. A reply with any status is a Response, also 4xx and 5xx when repeating did not help.
/// Failures: HB-W001 no web address, HB-W002 host not allowed, HB-W003 offline, HB-W004 not reached, HB-W005
/// not trusted (TLS), HB-W006 timed out, HB-W007 connection lost, HB-W008 reply too long, HB-W009 redirect
/// refused, HB-W010 proxy, HB-E130 interrupted. No failure holds a secret.
class HttpClient {
 public:
  explicit HttpClient(ClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Egress& egress();
  Result<Response> send(const Request& request);
  /// A secret that must not come back in a quote, besides those that were sent as such: a part of a form.
  void keep_out(const Secret& secret);
  /// What a service said, fit for a message: secrets that this client sent replaced by ***, one line, cut.
  std::string quote(std::string_view reply) const;
  /// Waits, unless interrupted ("HB-E130"): between two looks at a job that runs remotely.
  Status pause(Milliseconds time) const;
  const CancelToken* cancel() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace huntbook::net
