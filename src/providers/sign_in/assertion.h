// Signing in as an application that proves itself with a signed text in place of a secret. Private to
// src/providers.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "providers/sign_in.h"

namespace huntbook {

/// Posts an assertion, made anew for each request. `setting` is what a refusal names.
class AssertionSource : public TokenSource {
 public:
  using Make = std::function<Result<Secret>(const std::string& url)>;
  AssertionSource(std::unique_ptr<net::HttpClient> client, std::string url, std::string client_id,
                  std::string setting, std::string description, Make make);
  Result<Secret> token(std::string_view scope, bool force_new) override;
  std::string description() const override { return description_; }

 private:
  std::unique_ptr<net::HttpClient> client_;
  std::string url_, client_id_, setting_, description_;
  Make make_;
  TokenCache cache_;
};

/// "{authority}/{tenant}/oauth2/v2.0/{last}".
std::string sign_in_url(const SignInRequest& request, const std::string& authority, std::string_view last);
/// Fails with HB-R002 for the first setting that is missing.
Status need_settings(const SignInRequest& request, std::initializer_list<const char*> names,
                     std::string_view way);
/// A setting's text, or the content of the file that it names (`~/` is the home folder): `private`
/// ones must be files that only the user can read.
Result<Secret> text_or_file(const SignInRequest& request, const std::string& name, bool is_private);

}  // namespace huntbook
