// What to do about a refused sign-in, by the number that the service gives it.
#include <algorithm>
#include <iterator>

#include "providers/sign_in.h"

namespace huntbook {
namespace {

struct Advice {
  std::string_view what;  ///< a number behind "AADSTS", or an error of OAuth
  std::string_view words;
};

constexpr Advice kAdvice[] = {
    {"50011", "register this reply address with the application"},
    {"50020", "the account belongs to another directory: check the setting `tenant_id`"},
    {"50034", "there is no such account in this directory: check the setting `tenant_id`"},
    {"50053", "the account is locked after too many tries: wait, or ask its administrator"},
    {"50055", "the password has ended: set a new one in a browser"},
    {"50057", "the account is disabled: ask its administrator"},
    {"50058", "nobody is signed in: sign in again"},
    {"50076", "a second factor is needed: use `sign_in` device_code"},
    {"50078", "a second factor is needed again: use `sign_in` device_code"},
    {"50079", "a second factor must be set up: sign in once in a browser"},
    {"50105", "the account is not assigned to the application: ask its administrator"},
    {"50126", "user name or password is wrong"},
    {"50128", "no directory is named: set `tenant_id`"},
    {"50158", "a further check is asked for: use `sign_in` device_code"},
    {"50173", "the sign-in was revoked: sign in again"},
    {"500011", "the service is not known in this directory: check the settings `cloud` and `tenant_id`"},
    {"500341", "the account was deleted: ask its administrator"},
    {"53000", "a managed device is needed: sign in on one"},
    {"53003",
     "a conditional access policy forbids it: ask the directory's administrator, or sign in from an allowed "
     "network"},
    {"530003", "a managed device is needed: sign in on one"},
    {"530035", "security defaults forbid it: ask the directory's administrator"},
    {"65001", "nobody consented to the application's permissions: have an administrator grant them"},
    {"650052", "the service is not subscribed in this directory: ask its administrator"},
    {"65004", "consent was declined: try again and consent, or have an administrator grant it"},
    {"70002", "check the settings `client_id` and `client_secret`"},
    {"700016",
     "there is no such application in this directory: check the settings `client_id` and `tenant_id`"},
    {"700024", "the certificate's proof is not valid at this time: set this machine's clock"},
    {"700027", "the certificate is not registered with the application, or has ended: upload it there"},
    {"70008", "the sign-in has ended: sign in again"},
    {"700082", "the sign-in was not used for too long: sign in again"},
    {"70011", "the service is not in this cloud: check the setting `cloud`"},
    {"70021",
     "no federated credential of the application fits this token: check its issuer, subject and audience"},
    {"700211", "no federated credential has this issuer: check the application's federated credentials"},
    {"700212", "no federated credential has this audience: check the application's federated credentials"},
    {"700213", "no federated credential has this subject: check the application's federated credentials"},
    {"70043", "a policy ended the sign-in: sign in again"},
    {"7000112", "the application is disabled: ask the directory's administrator"},
    {"7000114", "the application may not sign in by itself: check its permissions"},
    {"7000215", "the secret is wrong: set `client_secret` to the secret's value, not to its id"},
    {"7000216", "a secret or a certificate is needed: set `client_secret` or `certificate`"},
    {"7000218",
     "the application is not public: allow public client flows in its registration, or use another "
     "`sign_in`"},
    {"7000222", "the secret has ended: make a new one and set `client_secret`"},
    {"90002", "there is no such directory: check the settings `tenant_id` and `cloud`"},
    {"900023", "this is no directory's id or domain: check the setting `tenant_id`"},
    {"90013", "check the setting `client_id`"},
    {"90033", "the service is busy: try again later"},
    {"90094", "an administrator must consent to the application's permissions"},
    {"90099", "the application is not set up in this directory: have an administrator consent to it"},
    {"invalid_scope", "check the setting `cloud`"},
    {"interaction_required", "a person must sign in: use `sign_in` device_code"},
    {"temporarily_unavailable", "the service is busy: try again later"},
};

std::string find(std::string_view what) {
  const auto found = std::find_if(std::begin(kAdvice), std::end(kAdvice),
                                  [&](const Advice& advice) { return advice.what == what; });
  return found == std::end(kAdvice) ? std::string() : std::string(found->words);
}

}  // namespace

std::string sign_in_advice(std::string_view error, std::string_view description) {
  constexpr std::string_view kMark = "AADSTS";
  for (size_t at = description.find(kMark); at != std::string_view::npos;
       at = description.find(kMark, at + 1)) {
    const std::string_view rest = description.substr(at + kMark.size());
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (auto words = find(rest.substr(0, digits)); !words.empty()) return words;
  }
  return find(error);
}

}  // namespace huntbook
