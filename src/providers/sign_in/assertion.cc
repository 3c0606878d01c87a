#include "providers/sign_in/assertion.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/file.h"

namespace huntbook {

AssertionSource::AssertionSource(std::unique_ptr<net::HttpClient> client, std::string url,
                                 std::string client_id, std::string setting, std::string description,
                                 Make make)
    : client_(std::move(client)),
      url_(std::move(url)),
      client_id_(std::move(client_id)),
      setting_(std::move(setting)),
      description_(std::move(description)),
      make_(std::move(make)) {}

Result<Secret> AssertionSource::token(std::string_view scope, bool force_new) {
  if (!force_new) {
    if (Secret known = cache_.find(scope); !known.empty()) return known;
  }
  auto assertion = make_(url_);
  if (!assertion.ok()) return assertion;
  client_->keep_out(*assertion);
  Secret form =
      net::secret_form({{"grant_type", "client_credentials"},
                        {"client_id", client_id_},
                        {"scope", std::string(scope)},
                        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}},
                       "client_assertion", *assertion);
  return request_token(*client_, url_, std::move(form), scope, setting_, cache_);
}

std::string sign_in_url(const SignInRequest& request, const std::string& authority, std::string_view last) {
  return fmt::format("{}/{}/oauth2/v2.0/{}", authority,
                     net::percent_encode(request.arguments.text("tenant_id")), last);
}

Status need_settings(const SignInRequest& request, std::initializer_list<const char*> names,
                     std::string_view way) {
  for (const char* name : names) {
    if (!request.arguments.has(name))
      return Diagnostic{"HB-R002", fmt::format("setting `{}` is missing", name),
                        {},        fmt::format("sign-in with {} needs it", way),
                        "",        ""};
  }
  return {};
}

Result<Secret> text_or_file(const SignInRequest& request, const std::string& name, bool is_private) {
  const Secret given = request.arguments.secret(name);
  const std::string_view text = given.reveal();
  const bool is_path = text.size() < 4096 && std::all_of(text.begin(), text.end(), [](char c) {
                         return static_cast<unsigned char>(c) >= 0x20;
                       });
  if (!is_path) return given;
  const std::string path = settings_relative(std::string(text), "./x", request.variables());
  // A name that was given as a secret may be one.
  const std::string shown = request.arguments.text(name).empty() ? "" : path + ": ";
  const auto wrong = [&](const Diagnostic& failure) {
    return Diagnostic{"HB-R003", fmt::format("setting `{}`: {}{}", name, shown, failure.message),
                      {},        shown.empty() ? "" : failure.hint,
                      "",        ""};
  };
  if (is_private) {
    auto secret = read_secret_file(path);
    if (!secret.ok()) return wrong(secret.error());
    return secret;
  }
  auto content = read_settings_file(path);
  if (!content.ok()) return wrong(content.error());
  return Secret::take(std::move(content->text));
}

}  // namespace huntbook
