#include "net/transfer.h"

#include <fmt/format.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"

namespace huntbook::net {
namespace {

constexpr size_t kMaxHeaders = 200;
constexpr size_t kMaxHeaderBytes = 64 * 1024;
constexpr int kPollMilliseconds = 50;

Diagnostic failure(std::string code, std::string message, std::string hint) {
  return {std::move(code), std::move(message), {}, std::move(hint), "", ""};
}

// A list of header lines; the bytes of secret ones are overwritten when it goes.
class HeaderList {
 public:
  ~HeaderList() {
    for (curl_slist* at = list_; at; at = at->next) explicit_bzero(at->data, strlen(at->data));
    curl_slist_free_all(list_);
  }
  void add(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list_, line.c_str())) list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

std::string format_wait(Milliseconds time) {
  if (time.count() < 10'000) return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
  if (time.count() < 600'000) return fmt::format("{} s", time.count() / 1000);
  return fmt::format("{} min", time.count() / 60'000);
}

// What the callbacks of one attempt work on.
struct Transfer::Running {
  const Request& request;
  const Url& url;
  const Transfer& transfer;
  bool with_secrets = true;
  HeaderList headers{};
  Response response{};
  uint64_t received = 0;
  size_t header_bytes = 0;
  bool given = false;  // something went to the sink
  bool too_long = false;
  bool refused_address = false;
  bool stalled = false;
  std::chrono::steady_clock::time_point last_moved = std::chrono::steady_clock::now();
  uint64_t moved = 0;
  std::optional<Diagnostic> sink_failure{};
  char error[CURL_ERROR_SIZE] = {};

  bool stands_still();
  static size_t on_header(char* data, size_t size, size_t count, void* self);
  static size_t on_body(char* data, size_t size, size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
};

size_t Transfer::Running::on_header(char* data, size_t size, size_t count, void* self) {
  auto& running = *static_cast<Running*>(self);
  const std::string_view line(data, size * count);
  running.header_bytes += line.size();
  if (running.header_bytes > kMaxHeaderBytes) return running.too_long = true, 0;
  if (line.starts_with("HTTP/")) {  // of each reply, also of an interim one
    running.response.headers.clear();
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos && running.response.headers.size() < kMaxHeaders)
    running.response.headers.push_back(
        {std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return line.size();
}

size_t Transfer::Running::on_body(char* data, size_t size, size_t count, void* self) {
  auto& running = *static_cast<Running*>(self);
  const std::string_view piece(data, size * count);
  running.received += piece.size();
  if (running.received > running.request.max_bytes) return running.too_long = true, 0;
  long status = 0;
  curl_easy_getinfo(running.transfer.easy_, CURLINFO_RESPONSE_CODE, &status);
  running.response.status = static_cast<int>(status);
  if (running.request.sink && running.response.ok()) {
    running.given = true;
    if (auto taken = running.request.sink(running.response, piece); !taken.ok()) {
      running.sink_failure = taken.error();
      return 0;
    }
  } else {
    running.response.body.append(piece);
  }
  return piece.size();
}

curl_socket_t Transfer::Running::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& running = *static_cast<Running*>(self);
  // With a proxy, the address is the proxy's, which the user named.
  if (running.transfer.options_.proxy.empty() &&
      !running.transfer.egress_.may_connect(running.url, &address->addr)) {
    running.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Whether no byte went either way for too long, since the connection was made.
bool Transfer::Running::stands_still() {
  curl_off_t sent = 0, begun = 0;
  curl_easy_getinfo(transfer.easy_, CURLINFO_SIZE_UPLOAD_T, &sent);
  curl_easy_getinfo(transfer.easy_, CURLINFO_PRETRANSFER_TIME_T, &begun);
  const uint64_t now_moved = received + header_bytes + static_cast<uint64_t>(sent);
  const auto now = std::chrono::steady_clock::now();
  if (begun == 0 || now_moved != moved) {
    moved = now_moved;
    last_moved = now;
  }
  return now - last_moved > request.times.value_or(transfer.options_.times).stall;
}

Transfer::Transfer(const ClientOptions& options, const Egress& egress) : options_(options), egress_(egress) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) return;
  multi_ = curl_multi_init();
  easy_ = curl_easy_init();
}

Transfer::~Transfer() {
  if (easy_) curl_easy_cleanup(easy_);
  if (multi_) curl_multi_cleanup(multi_);
}

void Transfer::set_up(Running& running) {
  const Request& request = running.request;
  const Times times = request.times.value_or(options_.times);
  CURL* easy = easy_;
  curl_easy_reset(easy);
  const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  set(CURLOPT_URL, running.url.text().c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_ERRORBUFFER, running.error);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(times.connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(times.whole.count()));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty())
    set(CURLOPT_CAINFO, options_.ca_file.c_str());  // besides the system's folder
  set(CURLOPT_PROXY, options_.proxy.c_str());       // empty: none, whatever the environment says
  set(CURLOPT_NOPROXY, "");
  if (!options_.proxy_user.empty()) {
    set(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM));
    set(CURLOPT_PROXYUSERNAME, options_.proxy_user.c_str());
    std::string password(options_.proxy_password.reveal());
    set(CURLOPT_PROXYPASSWORD, password.c_str());
    wipe(password);
  }
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_HEADERFUNCTION, &Running::on_header);
  set(CURLOPT_HEADERDATA, &running);
  set(CURLOPT_WRITEFUNCTION, &Running::on_body);
  set(CURLOPT_WRITEDATA, &running);
  set(CURLOPT_OPENSOCKETFUNCTION, &Running::on_socket);
  set(CURLOPT_OPENSOCKETDATA, &running);
  const bool secret_body = !request.secret_body.empty();
  const std::string_view body = secret_body ? request.secret_body.reveal() : std::string_view(request.body);
  if (!body.empty() || request.method == "POST" || request.method == "PUT") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_POSTFIELDS, body.data() ? body.data() : "");
  }
  if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  else set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  running.headers.add("Expect:");
  for (const auto& [name, value] : request.headers) running.headers.add(name + ": " + value);
  if (running.with_secrets) {
    for (const auto& header : request.secret_headers) {
      std::string line = header.name + ": " + header.prefix;
      line.reserve(line.size() + header.value.reveal().size() + 1);
      line += header.value.reveal();
      running.headers.add(line);
      wipe(line);
    }
  }
  set(CURLOPT_HTTPHEADER, running.headers.get());
}

Attempt Transfer::run(const Request& request, const Url& url, bool with_secrets) {
  Attempt attempt;
  if (!easy_ || !multi_) {
    attempt.failure = failure("HB-W004", "the HTTP library did not start", "");
    return attempt;
  }
  for (const auto& header : request.headers) {
    if (!is_clean(header.name) || !is_clean(header.value)) {
      attempt.failure =
          failure("HB-W001", fmt::format("header `{}` holds control characters", header.name), "");
      return attempt;
    }
  }
  for (const auto& header : request.secret_headers) {
    if (!is_clean(header.value.reveal())) {
      attempt.failure =
          failure("HB-W001", fmt::format("the secret for `{}` holds control characters", header.name),
                  "a secret read from a file may end in a line break");
      return attempt;
    }
  }
  Running running{request, url, *this, with_secrets};
  running.response.url = url;
  set_up(running);
  curl_multi_add_handle(multi_, easy_);
  CURLcode code = CURLE_FAILED_INIT;
  bool interrupted = false;
  for (int active = 1; active > 0;) {
    if (options_.cancel && options_.cancel->cancelled()) {
      interrupted = true;
      break;
    }
    if (curl_multi_perform(multi_, &active) != CURLM_OK) break;
    if (active > 0 && running.stands_still()) {
      running.stalled = true;
      break;
    }
    if (active > 0) curl_multi_poll(multi_, nullptr, 0, kPollMilliseconds, nullptr);
  }
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  curl_multi_remove_handle(multi_, easy_);
  if (interrupted) {
    attempt.failure = failure("HB-E130", "interrupted", "");
  } else {
    attempt = outcome(running, code);
  }
  curl_easy_reset(easy_);  // the handle keeps pointers into `running`
  return attempt;
}

Attempt Transfer::outcome(Running& running, CURLcode code) {
  Attempt attempt;
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  running.response.status = static_cast<int>(status);
  attempt.response = std::move(running.response);
  const std::string& host = running.url.host;
  const std::string origin = running.url.origin();
  const Times times = running.request.times.value_or(options_.times);
  const auto fail = [&](const char* which, std::string message, std::string hint, bool passes) {
    attempt.failure = failure(which, std::move(message), std::move(hint));
    attempt.may_repeat = passes && !running.given;
    return attempt;
  };
  if (running.sink_failure) {
    attempt.failure = running.sink_failure;
    return attempt;
  }
  if (running.too_long)
    return fail("HB-W008",
                fmt::format("the reply of `{}` is longer than {} bytes", host, running.request.max_bytes),
                "ask for less: a shorter time range, fewer columns", false);
  if (running.refused_address)
    return fail("HB-W002", fmt::format("the name `{}` leads into a private network", host),
                "only a host that the connection's settings name may stand in one", false);
  const bool repeatable = running.request.repeatable;
  if (running.stalled)
    return fail("HB-W006", fmt::format("`{}` sent nothing for {}", host, format_wait(times.stall)),
                "ask for less at once, or set `stall_timeout` higher", repeatable);
  switch (code) {
    case CURLE_OK: return attempt;
    case CURLE_COULDNT_RESOLVE_HOST:
      return fail("HB-W004", fmt::format("no address found for `{}`", host),
                  "check the host's name and the network; behind a proxy set `proxy`", true);
    case CURLE_COULDNT_CONNECT:
      return fail("HB-W004", fmt::format("`{}` cannot be reached", origin),
                  "check host, port and firewall; behind a proxy set `proxy`", true);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return fail("HB-W010", fmt::format("the proxy does not let us through to `{}`", host),
                  "check `proxy`, `proxy_user` and `proxy_password`", false);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
      return fail("HB-W005",
                  fmt::format("the certificate of `{}` is not trusted: {}", host,
                              running.error[0] ? running.error : curl_easy_strerror(code)),
                  "name the PEM file of the authority that issued it with `ca_file`", false);
    case CURLE_SSL_CONNECT_ERROR:
      return fail("HB-W005",
                  fmt::format("no secure connection to `{}`: {}", origin,
                              running.error[0] ? running.error : curl_easy_strerror(code)),
                  "does the port speak TLS 1.2 or later?", true);
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t begun = 0;
      curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &begun);
      if (begun == 0)
        return fail("HB-W004",
                    fmt::format("`{}` did not answer within {}", origin, format_wait(times.connect)),
                    "check host, port and firewall; behind a proxy set `proxy`", true);
      return fail("HB-W006", fmt::format("`{}` was not done after {}", host, format_wait(times.whole)),
                  "ask for less at once, or set `timeout` higher", false);
    }
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      if (!options_.proxy.empty() &&
          std::string_view(running.error).find("CONNECT") != std::string_view::npos)
        return fail("HB-W010", fmt::format("the proxy does not let us through to `{}`", host),
                    "check `proxy`, `proxy_user` and `proxy_password`", false);
      [[fallthrough]];
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return fail(
          "HB-W007",
          fmt::format("the connection to `{}` was lost after {} bytes of the reply", host, running.received),
          "ask again", repeatable);
    case CURLE_OUT_OF_MEMORY:
      return fail("HB-W008", "no memory for the reply", "ask for less at once", false);
    default:
      return fail("HB-W007",
                  fmt::format("`{}` answered with what is no HTTP: {}", host, curl_easy_strerror(code)), "",
                  false);
  }
}

}  // namespace huntbook::net
