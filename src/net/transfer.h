// One attempt at one request over libcurl. Private to src/net.
#pragma once
#include <curl/curl.h>

#include "net/http.h"

namespace huntbook::net {

/// What one attempt gave.
struct Attempt {
  std::optional<Diagnostic> failure;
  bool may_repeat = false;  ///< the failure passes, and nothing was given to the sink
  Response response;
};

/// One handle with its connections.
class Transfer {
 public:
  explicit Transfer(const ClientOptions& options, const Egress& egress);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  Attempt run(const Request& request, const Url& url, bool with_secrets);

 private:
  struct Running;
  void set_up(Running& running);
  Attempt outcome(Running& running, CURLcode code);

  const ClientOptions& options_;
  const Egress& egress_;
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
};

/// "1.5 s", "2 min".
std::string format_wait(Milliseconds time);

}  // namespace huntbook::net
