#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "base/text.h"
#include "net/transfer.h"

namespace huntbook::net {
namespace {

constexpr unsigned kMaxRedirects = 5;
constexpr size_t kMaxQuote = 400;
constexpr size_t kMaxSecrets = 64;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// A file of certificates, or why it is none.
Status check_ca_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  for (size_t lines = 0; file && lines < 100'000 && std::getline(file, line); ++lines) {
    if (line.starts_with("-----BEGIN CERTIFICATE-----")) return {};
  }
  return Diagnostic{
      "HB-W005", fmt::format("`{}` holds no certificate", path),
      {},        "`ca_file` names a PEM file that can be read, with -----BEGIN CERTIFICATE-----",
      "",        ""};
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
  const std::string wanted = to_lower(name);
  for (const auto& header : headers) {
    if (to_lower(repair_utf8(header.name)) == wanted) return header.value;
  }
  return {};
}

struct HttpClient::State {
  ClientOptions options;
  Egress egress;
  Transfer transfer;
  std::vector<Secret> secrets;  // that were sent, to be taken out of what comes back
  std::minstd_rand random{std::random_device{}()};

  explicit State(ClientOptions given) : options(std::move(given)), transfer(options, egress) {
    if (!options.proxy_password.empty()) secrets.push_back(options.proxy_password);
  }
  void remember(const Secret& secret) {
    if (secret.empty() || std::find(secrets.begin(), secrets.end(), secret) != secrets.end()) return;
    if (secrets.size() >= kMaxSecrets) secrets.erase(secrets.begin());
    secrets.push_back(secret);
  }
  Attempt follow(const Request& request, const Url& first);
};

HttpClient::HttpClient(ClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;
Egress& HttpClient::egress() { return state_->egress; }
void HttpClient::keep_out(const Secret& secret) { state_->remember(secret); }
const CancelToken* HttpClient::cancel() const { return state_->options.cancel; }

std::string HttpClient::quote(std::string_view reply) const {
  constexpr size_t kLooked =
      64 * 1024;  // a secret cut in two would not be found: look far beyond what is shown
  std::string text = redact(reply.substr(0, kLooked), state_->secrets);
  text = repair_utf8(text.substr(0, kMaxQuote));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (reply.size() > kMaxQuote) text += "...";
  return std::string(trim(text));
}

Status HttpClient::pause(Milliseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  while (true) {
    if (cancel() && cancel()->cancelled()) return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
    const auto left = std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return {};
    std::this_thread::sleep_for(std::min(left, Milliseconds(50)));
  }
}

// One attempt with its redirects: only to hosts of the connection, and without secrets where another host or
// a request of another kind is asked for.
Attempt HttpClient::State::follow(const Request& request, const Url& first) {
  Url url = first;
  Request again;
  const Request* current = &request;
  for (unsigned hops = 0;; ++hops) {
    Attempt attempt;
    if (auto allowed = egress.check(url); !allowed.ok()) {
      attempt.failure = allowed.error();
      return attempt;
    }
    attempt = transfer.run(*current, url, url.same_origin(first));
    if (attempt.failure || !request.follow || !is_redirect(attempt.response.status)) return attempt;
    const auto refuse = [&](std::string why) {
      attempt.failure = Diagnostic{"HB-W009", fmt::format("`{}` redirects {}", url.host, why),
                                   {},        "check the address in the connection's settings",
                                   "",        ""};
      return attempt;
    };
    if (hops == kMaxRedirects) return refuse("again and again");
    auto next = resolve_url(url, attempt.response.header("Location"));
    if (!next.ok()) return refuse("to what is no web address");
    if (!egress.check(*next).ok())
      return refuse(fmt::format("to `{}`, which is no host of this connection",
                                redact(repair_utf8(next->origin()), secrets).substr(0, 200)));
    if (!next->same_origin(first) && (!request.body.empty() || !request.secret_body.empty()))
      return refuse(fmt::format("a request with a body to another host, `{}`", next->host));
    const int status = attempt.response.status;
    if (status == 303 || (request.method == "POST" && (status == 301 || status == 302))) {
      again = request;
      again.method = "GET";
      again.body.clear();
      again.secret_body = Secret();
      std::erase_if(again.headers, [](const Header& h) { return to_lower(h.name) == "content-type"; });
      current = &again;
    }
    url = std::move(*next);
  }
}

Result<Response> HttpClient::send(const Request& request) {
  auto url = parse_url(request.url);
  if (!url.ok()) return url.error();
  if (auto allowed = state_->egress.check(*url); !allowed.ok()) return allowed.error();
  if (!state_->options.ca_file.empty()) {
    if (auto good = check_ca_file(state_->options.ca_file); !good.ok()) return good.error();
  }
  for (const auto& header : request.secret_headers) state_->remember(header.value);
  state_->remember(request.secret_body);
  Milliseconds waited{0};
  for (unsigned attempts = 1;; ++attempts) {
    Attempt attempt = state_->follow(request, *url);
    attempt.response.attempts = attempts;
    std::optional<Milliseconds> asked;
    std::string why;
    if (attempt.failure) {
      if (!attempt.may_repeat) return *attempt.failure;
      why = attempt.failure->message;
    } else {
      const int status = attempt.response.status;
      const bool throttled = status == 429 || status == 503;
      if (!is_passing(status) || !(request.repeatable || throttled)) return std::move(attempt.response);
      asked = parse_retry_after(attempt.response.header("Retry-After"), time(nullptr));
      why = fmt::format("`{}` answered {}", url->host, status);
    }
    const double chance = static_cast<double>(state_->random() - std::minstd_rand::min()) /
                          (static_cast<double>(std::minstd_rand::max()) + 1);
    const auto wait = wait_before(state_->options.retry, attempts + 1, asked, waited, chance);
    if (!wait) {
      if (!attempt.failure) return std::move(attempt.response);
      if (attempts > 1) attempt.failure->message += fmt::format(" ({} attempts)", attempts);
      return *attempt.failure;
    }
    if (state_->options.on_wait) state_->options.on_wait(why, *wait);
    if (auto slept = pause(*wait); !slept.ok()) return slept.error();
    waited += *wait;
  }
}

}  // namespace huntbook::net
