// Signing in as an application with its certificate: a JWT signed with the private key.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/time.h"
#include "providers/crypto.h"
#include "providers/sign_in/assertion.h"

namespace huntbook {
namespace {

constexpr int64_t kUnixEpoch = 621'355'968'000'000'000;  // ticks

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The proof that we hold the key: valid for ten minutes, for one address, usable once.
Result<Secret> assertion(const KeyPair& pair, const std::string& algorithm, const std::string& client_id,
                         const std::string& url) {
  const int64_t now = (now_ticks() - kUnixEpoch) / kTicksPerSecond;
  const std::string header =
      fmt::format(R"({{"alg":"{}","typ":"JWT","x5t#S256":"{}"}})", algorithm, base64_url(pair.thumbprint()));
  const std::string claims = fmt::format(
      R"({{"aud":{},"iss":{},"sub":{},"jti":"{}","nbf":{},"iat":{},"exp":{}}})", json_text(url),
      json_text(client_id), json_text(client_id), to_hex(random_bytes(16)), now - 30, now, now + 600);
  std::string text = base64_url(header) + "." + base64_url(claims);
  auto signature = pair.sign(algorithm, text);
  if (!signature.ok()) return signature.error();
  return Secret::take(text + "." + base64_url(*signature));
}

bool applies(const ProviderArguments& arguments) {
  return arguments.has("tenant_id") && arguments.has("client_id") && arguments.has("certificate");
}

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  if (auto all = need_settings(request, {"tenant_id", "client_id", "certificate"}, "a certificate");
      !all.ok())
    return all.error();
  const bool own_key = request.arguments.has("private_key");
  auto certificate = text_or_file(request, "certificate", !own_key);
  if (!certificate.ok()) return certificate.error();
  auto key = own_key ? text_or_file(request, "private_key", true) : Result<Secret>(Secret());
  if (!key.ok()) return key.error();
  auto pair = KeyPair::read(*certificate, *key, request.arguments.secret("certificate_password"));
  if (!pair.ok()) return pair.error();
  if (pair->ended())
    return Diagnostic{"HB-R105", fmt::format("the certificate ended on {}", pair->ends()),
                      {},        "register a new one with the application",
                      "",        ""};
  const std::string algorithm = request.arguments.has("certificate_algorithm")
                                    ? request.arguments.text("certificate_algorithm")
                                    : "PS256";
  if (algorithm != "PS256" && algorithm != "RS256")
    return Diagnostic{"HB-R003", fmt::format("setting `certificate_algorithm` cannot be `{}`", algorithm),
                      {},        "PS256 or RS256",
                      "",        ""};
  std::string authority;
  auto client = authority_client(request, authority);
  if (!client.ok()) return client.error();
  const std::string client_id = request.arguments.text("client_id");
  return std::unique_ptr<TokenSource>(std::make_unique<AssertionSource>(
      std::move(*client), sign_in_url(request, authority, "token"), client_id, "certificate",
      fmt::format("certificate {} of application {}", to_hex(pair->thumbprint().substr(0, 8)), client_id),
      [pair = *pair, algorithm, client_id](const std::string& url) {
        return assertion(pair, algorithm, client_id, url);
      }));
}

}  // namespace

const SignInWay kCertificateSignIn = {"certificate", "an application with its certificate", &applies, &make};

}  // namespace huntbook
