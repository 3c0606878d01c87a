// A service that answers JSON over HTTP: tokens, refusals and long replies, as all drivers need them.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/json_stream.h"
#include "net/http.h"
#include "providers/provider.h"
#include "providers/sign_in.h"

namespace huntbook {

/// A refusal in the service's words: code, message, and what to do about it.
struct ServiceError {
  std::string code;
  std::string message;
};

class Service {
 public:
  /// `base` is "https://host[:port][/path]"; `setting` names where it is set, `named` says that the user did
  /// it.
  static Result<std::unique_ptr<Service>> open(const std::string& base, std::string_view setting, bool named,
                                               const DriverContext& context);

  /// From now on each request carries a bearer token of this scope; one that is refused is renewed once.
  void sign_with(std::unique_ptr<TokenSource> tokens, std::string scope);
  /// A header with a secret for each request, such as an API key.
  void sign_with(net::SecretHeader header);
  /// A header that a log-in gives: fetched when it is first needed, held, and fetched anew when the service
  /// refused it.
  void log_in_with(std::function<Result<net::SecretHeader>()> log_in);

  net::HttpClient& client() { return *client_; }
  const std::string& base() const { return base_; }
  const std::string& host() const { return host_; }

  /// Any reply; `request.url` may be a path, which is put behind the base. The network's failures are
  /// failures.
  Result<net::Response> send(net::Request request);
  /// The JSON of a 2xx reply; everything else is a failure.
  Result<Json> json(net::Request request);
  Result<Json> json(const net::Response& reply) const;

  /// What a long reply came to.
  struct Streamed {
    net::Response response;          ///< its status may be any
    std::optional<Diagnostic> lost;  ///< the reply broke off, or was no JSON from some place on
  };
  /// Pushes a 2xx reply's body into `stream`. Failures of what `stream` gives to its reader fail this, too,
  /// as does a reply that is not JSON at all, and any other status.
  Result<Streamed> stream(net::Request request, JsonStream& stream);

  /// Why a reply with another status than 2xx came.
  Diagnostic refusal(const net::Response& response) const;
  /// How the service words its refusals; the usual forms are known.
  void read_errors(std::function<ServiceError(const Json&)> reader) { read_error_ = std::move(reader); }
  /// The settings that a refused credential is about, for hints: "`token`".
  void name_credential(std::string setting) { credential_ = std::move(setting); }

 private:
  Service() = default;
  std::unique_ptr<net::HttpClient> client_;
  std::function<Result<net::SecretHeader>(bool force_new)> source_;
  std::vector<net::SecretHeader> headers_;
  std::string base_, host_;
  std::string credential_ = "`client_secret`";
  std::function<ServiceError(const Json&)> read_error_;
};

/// "Authorization: Basic ..." of a name and a password.
net::SecretHeader basic_header(std::string_view user, const Secret& password);
/// Signs with the setting `api_key` (where the service knows keys), `token`, or `username` and `password`.
/// HB-R002 when none of them is there.
Status sign_with_key(Service& service, const ProviderArguments& arguments, bool keys = true);

/// Marks a table as not complete: `partial` is stronger than `truncated`, reasons add up.
void mark(Table& table, Completeness completeness, std::string reason);
/// Asks a service that takes KQL for one value, to see whether it takes us.
Status probe(Driver& driver);
/// The rows `got` came before the rest was lost; the first `got` are all that the limits of this run let in.
void mark_lost(Table& table, const std::string& why, uint64_t got);
void mark_cut(Table& table, uint64_t got);
/// What is missing of the `total` rows of a search job, if anything is.
void mark_job(Table& table, const std::optional<std::string>& lost, bool cut, uint64_t got, uint64_t total);
/// A search job that took longer than the setting `timeout` allows.
Diagnostic not_done(int64_t seconds);
/// A text member of an object, or an empty text.
std::string text_of(const Json& object, std::string_view key);

}  // namespace huntbook
