// Signing in as whoever signed in to the Azure CLI.
#include <fmt/format.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/process.h"
#include "providers/sign_in.h"

namespace huntbook {
namespace {

constexpr int64_t kUnixEpoch = 621'355'968'000'000'000;  // ticks

class AzureCliSource : public TokenSource {
 public:
  AzureCliSource(std::string program, std::string tenant, bool offline, const CancelToken* cancel)
      : program_(std::move(program)), tenant_(std::move(tenant)), offline_(offline), cancel_(cancel) {}

  Result<Secret> token(std::string_view scope, bool force_new) override {
    if (!force_new) {
      if (Secret known = cache_.find(scope); !known.empty()) return known;
    }
    if (offline_)
      return Diagnostic{"HB-W003", "the Azure CLI is not asked: the program runs offline",
                        {},        "leave out --offline to ask services",
                        "",        ""};
    std::vector<std::string> words{"account", "get-access-token", "--output",
                                   "json",    "--scope",          std::string(scope)};
    if (!tenant_.empty()) words.insert(words.end(), {"--tenant", tenant_});
    auto done = run_program(program_, words, std::chrono::seconds(60), cancel_);
    if (!done.ok()) return done.error();
    if (done->status != 0) return refusal(done->errors);
    auto json = parse_json(done->output);
    wipe(done->output);
    const Json* token = json.ok() ? json->find("accessToken") : nullptr;
    if (!token || token->kind() != Json::Kind::kString || token->as_string().empty())
      return Diagnostic{"HB-R103", "the Azure CLI answered without a token",
                        {},        "try: az account get-access-token",
                        "",        ""};
    // Without an end that can be read, the token is asked for again each time.
    const Json* ends = json->find("expires_on");
    int64_t seconds = 0;
    if (ends && ends->kind() == Json::Kind::kLong)
      seconds = ends->as_long() - (now_ticks() - kUnixEpoch) / kTicksPerSecond;
    Secret secret(token->as_string());
    cache_.keep(scope, secret, seconds);
    return secret;
  }
  std::string description() const override { return "the Azure CLI's account"; }

 private:
  Diagnostic refusal(const std::string& errors) const {
    std::string said;
    for (const auto line : split(errors, '\n')) {
      std::string_view text = trim(line);
      if (text.starts_with("ERROR: ")) text.remove_prefix(7);
      if (!text.empty() && !text.starts_with("WARNING")) {
        said = escape_terminal(repair_utf8(text.substr(0, 300)));
        break;
      }
    }
    const bool signed_out =
        errors.find("az login") != std::string::npos || errors.find("AADSTS") != std::string::npos;
    return {"HB-R102",
            "the Azure CLI gives no token: " + (said.empty() ? "it says nothing" : said),
            {},
            signed_out ? (tenant_.empty() ? "az login" : "az login --tenant " + tenant_)
                       : "try: az account get-access-token",
            "",
            ""};
  }

  std::string program_, tenant_;
  bool offline_;
  const CancelToken* cancel_;
  TokenCache cache_;
};

bool applies(const ProviderArguments&) { return false; }  // only when it is named

Result<std::unique_ptr<TokenSource>> make(const SignInRequest& request) {
  std::string program = find_program("az", request.variables());
  if (program.empty())
    return Diagnostic{"HB-R106", "the Azure CLI (`az`) is in no folder of PATH",
                      {},        "install it, or choose another `sign_in`",
                      "",        ""};
  const std::string tenant = request.arguments.text("tenant_id");
  if (tenant.starts_with('-'))
    return Diagnostic{"HB-R003", fmt::format("setting `tenant_id` cannot be `{}`", tenant), {}, "", "", ""};
  return std::unique_ptr<TokenSource>(
      std::make_unique<AzureCliSource>(std::move(program), tenant, request.offline, request.client.cancel));
}

}  // namespace

const SignInWay kAzureCliSignIn = {"azure_cli", "whoever is signed in to the Azure CLI", &applies, &make};

}  // namespace huntbook
