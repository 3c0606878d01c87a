// Every way to sign in against a server that answers what it is told; a keyring is never there.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "base/json.h"
#include "config/file.h"
#include "net/test_server.h"
#include "providers/crypto.h"
#include "providers/process.h"
#include "providers/sign_in.h"
#include "providers/token_store.h"

namespace huntbook {
namespace {

using net::reply;
constexpr const char* kJson = "Content-Type: application/json\r\n";

class Ways : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "huntbook-sign-in-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    variables_["HOME"] = folder_;
    variables_["PATH"] = "/usr/bin:/bin";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(folder_ + "/" + name) << text;
    chmod((folder_ + "/" + name).c_str(), mode);
    return folder_ + "/" + name;
  }
  Result<std::unique_ptr<TokenSource>> make() {
    net::ClientOptions client;
    client.retry = {.attempts = 2, .first = net::Milliseconds(1)};
    return make_sign_in({arguments_, *find_cloud("global"), client, false,
                         [this](const std::string& variable) -> std::optional<std::string> {
                           auto it = variables_.find(variable);
                           if (it == variables_.end()) return std::nullopt;
                           return it->second;
                         },
                         tell_});
  }
  // The token, or the failure in one line.
  std::string token(const std::string& scope = "https://api.example/.default") {
    auto source = make();
    if (!source.ok()) return line(source.error());
    auto token = (*source)->token(scope, false);
    return token.ok() ? std::string(token->reveal()) : line(token.error());
  }
  std::string line(const Diagnostic& failure) const {
    std::string out = failure.code + " " + failure.message + " | " + failure.hint;
    for (size_t at = out.find(folder_); at != std::string::npos; at = out.find(folder_, at))
      out.replace(at, folder_.size(), "@");
    return out;
  }
  std::string openssl(const std::string& words) {
    std::vector<std::string> split;
    std::istringstream in(words);
    for (std::string word; in >> word;) split.push_back(std::regex_replace(word, std::regex("@"), folder_));
    auto done = run_program("/usr/bin/openssl", split, std::chrono::seconds(60), nullptr);
    if (!done.ok()) return done.error().message;
    return done->status == 0 ? done->output : "failed: " + done->errors;
  }

  std::string folder_;
  std::map<std::string, std::string> variables_;
  ProviderArguments arguments_;
  std::function<void(std::string_view)> tell_;
};

std::string from_base64_url(std::string text) {
  std::string out;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    const auto digit =
        std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_").find(c);
    if (digit == std::string_view::npos) return "not base64url";
    value = (value << 6 | static_cast<unsigned>(digit)) & 0xffff;
    bits += 6;
    if (bits >= 8) out += static_cast<char>(value >> (bits -= 8));
  }
  return out;
}

TEST_F(Ways, ACertificateSignsWhatTheServiceVerifies) {
  ASSERT_EQ(
      openssl("req -x509 -newkey rsa:2048 -nodes -keyout @/key.pem -out @/cert.pem -days 2 -subj /CN=app")
          .find("failed"),
      std::string::npos);
  chmod((folder_ + "/key.pem").c_str(), 0600);
  openssl("pkcs12 -export -inkey @/key.pem -in @/cert.pem -out @/app.pfx -passout pass:canary-word");
  chmod((folder_ + "/app.pfx").c_str(), 0600);
  openssl("x509 -in @/cert.pem -pubkey -noout -out @/public.pem");
  openssl("x509 -in @/cert.pem -outform DER -out @/cert.der");
  std::ifstream der(folder_ + "/cert.der", std::ios::binary);
  const std::string certificate((std::istreambuf_iterator<char>(der)), {});
  for (const std::string algorithm : {"PS256", "RS256"}) {
    net::TestServer server({reply("200 OK", kJson, R"({"access_token":"T","expires_in":3600})")});
    arguments_ = ProviderArguments();
    arguments_.set("authority", server.url());
    arguments_.set("tenant_id", "t");
    arguments_.set("client_id", "app-1");
    arguments_.set("certificate_algorithm", algorithm);
    if (algorithm == "PS256") {
      arguments_.set("certificate", "~/cert.pem");
      arguments_.set("private_key", Secret(folder_ + "/key.pem"));
    } else {
      arguments_.set("certificate", folder_ + "/app.pfx");
      arguments_.set("certificate_password", Secret("canary-word"));
    }
    ASSERT_EQ(token(), "T");
    const std::string sent = server.requests().at(0);
    const std::string body = sent.substr(sent.find("\r\n\r\n") + 4);
    const std::string before =
        "grant_type=client_credentials&client_id=app-1&scope=https%3A%2F%2Fapi.example%2F.default&client_"
        "assertion_type="
        "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";
    ASSERT_TRUE(body.starts_with(before)) << body;
    const std::string jwt = body.substr(before.size());
    const size_t first = jwt.find('.'), second = jwt.find('.', first + 1);
    EXPECT_EQ(from_base64_url(jwt.substr(0, first)), R"({"alg":")" + algorithm +
                                                         R"(","typ":"JWT","x5t#S256":")" +
                                                         base64_url(sha256(certificate)) + "\"}");
    auto claims = parse_json(from_base64_url(jwt.substr(first + 1, second - first - 1)));
    ASSERT_TRUE(claims.ok());
    EXPECT_EQ(claims->find("aud")->as_string(), server.url() + "t/oauth2/v2.0/token");
    EXPECT_EQ(claims->find("iss")->as_string(), "app-1");
    EXPECT_EQ(claims->find("sub")->as_string(), "app-1");
    EXPECT_EQ(claims->find("jti")->as_string().size(), 32u);
    EXPECT_NEAR(static_cast<double>(claims->find("iat")->as_long()), static_cast<double>(time(nullptr)), 60);
    EXPECT_EQ(claims->find("exp")->as_long() - claims->find("iat")->as_long(), 600);
    write("signed", jwt.substr(0, second));
    write("signature", from_base64_url(jwt.substr(second + 1)));
    EXPECT_EQ(
        openssl("dgst -sha256 -verify @/public.pem -signature @/signature " +
                std::string(algorithm == "PS256" ? "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
                                                 : "") +
                "@/signed"),
        "Verified OK\n");
  }
}

TEST_F(Ways, ACertificateThatCannotBeUsedSaysWhy) {
  openssl("req -x509 -newkey rsa:2048 -nodes -keyout @/key.pem -out @/cert.pem -days 2 -subj /CN=app");
  openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout @/other.pem -out @/other-cert.pem -days 2 -subj /CN=app");
  openssl("rsa -in @/key.pem -aes128 -passout pass:canary-word -out @/locked.pem");
  for (const char* name : {"/key.pem", "/other.pem", "/locked.pem"}) chmod((folder_ + name).c_str(), 0600);
  const auto with = [&](const std::string& certificate, const std::string& key,
                        const std::string& password = {}) {
    arguments_ = ProviderArguments();
    arguments_.set("tenant_id", "t");
    arguments_.set("client_id", "app-1");
    arguments_.set("sign_in", "certificate");
    if (!certificate.empty()) arguments_.set("certificate", certificate);
    if (!key.empty()) arguments_.set("private_key", Secret(key));
    if (!password.empty()) arguments_.set("certificate_password", Secret(password));
    auto made = make();
    return made.ok() ? (*made)->description().substr(0, 12) : line(made.error());
  };
  EXPECT_EQ(with("", ""), "HB-R002 setting `certificate` is missing | sign-in with a certificate needs it");
  EXPECT_EQ(with("~/cert.pem", "~/key.pem"), "certificate ");
  EXPECT_EQ(with("~/cert.pem", "~/locked.pem", "canary-word"), "certificate ");
  EXPECT_EQ(with("~/cert.pem", "~/locked.pem", "wrong"),
            "HB-R105 the private key of the certificate cannot be read | set `private_key` where it stands "
            "in a file of its own, and "
            "`certificate_password` where it has one");
  EXPECT_EQ(with("~/cert.pem", "~/locked.pem"),
            "HB-R105 the private key of the certificate cannot be read | set `private_key` where it stands "
            "in a file of its own, and "
            "`certificate_password` where it has one");
  EXPECT_EQ(with("~/cert.pem", "~/other.pem"),
            "HB-R105 the private key is not that of the certificate | check `certificate` and `private_key`");
  EXPECT_EQ(with("~/cert.pem", "~/canary"),
            "HB-R003 setting `private_key`: cannot read the file: No such file or directory | ");
  EXPECT_EQ(
      with("~/nothing.pem", "~/key.pem"),
      "HB-R003 setting `certificate`: @/nothing.pem: cannot read the file: No such file or directory | ");
  EXPECT_EQ(with(write("noise", "noise"), "~/key.pem"),
            "HB-R105 the certificate is neither PEM nor PKCS #12 | ");
  chmod((folder_ + "/key.pem").c_str(), 0644);
  EXPECT_EQ(with("~/cert.pem", "~/key.pem"),
            "HB-R003 setting `private_key`: the secret's file has mode 0644, others might read it | ");
}

TEST_F(Ways, AWorkloadsTokenIsReadAnewForEachRequest) {
  net::TestServer server(
      {reply("200 OK", kJson, R"({"access_token":"T1","expires_in":60})"),
       reply("200 OK", kJson, R"({"access_token":"T2","expires_in":60})"),
       reply("401 Unauthorized", kJson,
             R"({"error":"invalid_client","error_description":"AADSTS700213: no record for canary-2"})")});
  variables_["AZURE_AUTHORITY_HOST"] = server.url();
  variables_["AZURE_TENANT_ID"] = "t";
  arguments_.set("client_id", "app-1");
  arguments_.set("sign_in", "workload_identity");
  EXPECT_EQ(token(),
            "HB-R002 setting `federated_token_file` is missing | sign-in with a workload's identity needs "
            "it, or the variable "
            "AZURE_FEDERATED_TOKEN_FILE");
  variables_["AZURE_FEDERATED_TOKEN_FILE"] = write("token", "canary-1\n", 0644);
  auto source = make();
  ASSERT_TRUE(source.ok()) << line(source.error());
  EXPECT_EQ((*source)->token("s", false)->reveal(), "T1");
  write("token", "canary-2");
  EXPECT_EQ((*source)->token("s", false)->reveal(), "T2");
  EXPECT_TRUE(server.requests().at(0).ends_with("jwt-bearer&client_assertion=canary-1"));
  EXPECT_TRUE(server.requests().at(1).ends_with("jwt-bearer&client_assertion=canary-2"));
  EXPECT_EQ(line((*source)->token("s", true).error()),
            "HB-R102 sign-in refused (invalid_client): AADSTS700213: no record for *** | no federated "
            "credential has this subject: "
            "check the application's federated credentials");
  std::filesystem::remove(folder_ + "/token");
  EXPECT_EQ(
      line((*source)->token("s", true).error()),
      "HB-R003 setting `federated_token_file`: @/token: cannot read the file: No such file or directory | ");
}

TEST_F(Ways, TheEnvironmentSaysHow) {
  net::TestServer server({reply("200 OK", kJson, R"({"access_token":"T","expires_in":3600})")});
  arguments_.set("sign_in", "environment");
  arguments_.set("authority", server.url());
  EXPECT_EQ(token(),
            "HB-R002 the environment variable `AZURE_TENANT_ID` is not set | sign-in as the environment says "
            "needs it");
  variables_["AZURE_TENANT_ID"] = "t";
  variables_["AZURE_CLIENT_ID"] = "app-1";
  EXPECT_EQ(
      token(),
      "HB-R002 the environment names no secret, certificate or federated token | set AZURE_CLIENT_SECRET, "
      "AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE");
  variables_["AZURE_CLIENT_SECRET"] = "canary";
  EXPECT_EQ(token(), "T");
  EXPECT_TRUE(server.requests().at(0).ends_with("client_secret=canary"));
}

TEST_F(Ways, TheMachinesIdentityIsAskedAtItsEndpoint) {
  net::TestServer server({reply("200 OK", kJson, R"({"access_token":"T","expires_on":"99999999999"})"),
                          reply("400 Bad Request", kJson,
                                R"({"error":"invalid_request","error_description":"Identity not found"})")});
  variables_["IDENTITY_ENDPOINT"] = server.url("/msi/token");
  variables_["IDENTITY_HEADER"] = "canary";
  arguments_.set("sign_in", "managed_identity");
  arguments_.set("client_id", "id-1");
  EXPECT_EQ(token(), "T");
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with(
      "GET /msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fapi.example&client_id=id-1 HTTP/1.1\r\n"))
      << sent;
  EXPECT_NE(sent.find("\r\nX-IDENTITY-HEADER: canary\r\n"), std::string::npos) << sent;
  EXPECT_EQ(token(),
            "HB-R102 sign-in refused (invalid_request): Identity not found | check the setting `client_id`");
  variables_["IDENTITY_ENDPOINT"] = "http://169.254.1.1/token";
  EXPECT_EQ(token(),
            "HB-R003 variable `IDENTITY_ENDPOINT`: `http://169.254.1.1` would send everything in the clear | "
            "use https; plain http is "
            "for this machine alone (localhost)");
}

TEST_F(Ways, TheAzureCliIsRunWithoutAShellAndFromFixedFolders) {
  std::filesystem::create_directory(folder_ + "/bin");
  arguments_.set("sign_in", "azure_cli");
  arguments_.set("tenant_id", "a tenant; $(touch pwned)");
  variables_["PATH"] = "bin::" + folder_ + "/bin";
  const auto az = [&](const std::string& script) { write("bin/az", "#!/bin/sh\n" + script, 0700); };
  EXPECT_EQ(token(),
            "HB-R106 the Azure CLI (`az`) is in no folder of PATH | install it, or choose another `sign_in`");
  az("for word in \"$@\"; do echo \"$word\" >> " + folder_ +
     "/words; done\necho '{\"accessToken\":\"T\",\"expires_on\":99999999999}'\n");
  EXPECT_EQ(token(), "T");
  std::ifstream words(folder_ + "/words");
  EXPECT_EQ(std::string((std::istreambuf_iterator<char>(words)), {}),
            "account\nget-access-token\n--output\njson\n--scope\nhttps://api.example/.default\n--tenant\na "
            "tenant; $(touch pwned)\n");
  az("echo 'WARNING: old' >&2\necho \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1\n");
  EXPECT_EQ(token(),
            "HB-R102 the Azure CLI gives no token: Please run 'az login' to setup account. | az login "
            "--tenant a tenant; $(touch pwned)");
  az("printf 'ERROR: \\033[31mred' >&2; exit 3\n");
  EXPECT_EQ(token().find('\x1b'), std::string::npos);
  az("echo '{\"accessToken\":17}'\n");
  EXPECT_EQ(token(), "HB-R103 the Azure CLI answered without a token | try: az account get-access-token");
  az("yes canary | head -c 5000000\n");
  EXPECT_EQ(token(), "HB-R103 the Azure CLI answered without a token | try: az account get-access-token");
}

TEST_F(Ways, AProgramThatDoesNotEndIsEnded) {
  const std::string script = write("slow", "#!/bin/sh\nsleep 60 &\nsleep 60\n", 0700);
  const auto began = std::chrono::steady_clock::now();
  auto done = run_program(script, {}, std::chrono::milliseconds(200), nullptr);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(line(done.error()), "HB-R106 @/slow did not end within 0.2 s | ");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(run_program(script, {}, std::chrono::seconds(60), &cancel).error().code, "HB-E130");
}

TEST_F(Ways, ACodeIsShownAndWaitedFor) {
  const auto pending =
      reply("400 Bad Request", kJson,
            R"({"error":"authorization_pending","error_description":"AADSTS70016: pending"})");
  net::TestServer server(
      {reply(
           "200 OK", kJson,
           R"({"device_code":"canary-code","user_code":"AB\u001bCD","verification_uri":"https://example.com/device","interval":1,"expires_in":900})"),
       pending,
       reply("200 OK", kJson, R"({"access_token":"T1","refresh_token":"canary-renewal","expires_in":10})"),
       reply("200 OK", kJson, R"({"access_token":"T2","expires_in":10})"),
       reply("400 Bad Request", kJson,
             R"({"error":"invalid_grant","error_description":"AADSTS700082: canary-renewal ended"})"),
       reply("400 Bad Request", kJson,
             R"({"error":"unauthorized_client","error_description":"AADSTS7000218: no client_assertion"})")});
  arguments_.set("authority", server.url());
  arguments_.set("client_id", "app-1");
  arguments_.set("sign_in", "device_code");
  EXPECT_EQ(token(),
            "HB-R104 sign-in by device code needs somebody to type the code | choose another `sign_in` where "
            "nobody looks on");
  std::string told;
  tell_ = [&](std::string_view text) { told += std::string(text) + "\n"; };
  auto source = make();
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->token("s", false)->reveal(), "T1");
  EXPECT_EQ(told.find('\x1b'), std::string::npos);
  EXPECT_TRUE(told.starts_with("To sign in, open https://example.com/device and type the code AB")) << told;
  EXPECT_EQ((*source)->token("s", false)->reveal(), "T2");
  EXPECT_EQ(line((*source)->token("s", false).error()),
            "HB-R102 sign-in refused (unauthorized_client): AADSTS7000218: no client_assertion | the "
            "application is not public: allow "
            "public client flows in its registration, or use another `sign_in`");
  const auto sent = server.requests();
  ASSERT_EQ(sent.size(), 6u);
  EXPECT_TRUE(sent[0].starts_with("POST /organizations/oauth2/v2.0/devicecode HTTP/1.1\r\n"));
  EXPECT_TRUE(sent[0].ends_with("\r\n\r\nclient_id=app-1&scope=s%20offline_access")) << sent[0];
  EXPECT_TRUE(
      sent[1].ends_with("\r\n\r\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id="
                        "app-1&device_code=canary-code"))
      << sent[1];
  EXPECT_EQ(sent[1].substr(sent[1].find("\r\n\r\n")), sent[2].substr(sent[2].find("\r\n\r\n")));
  EXPECT_TRUE(
      sent[3].ends_with("\r\n\r\ngrant_type=refresh_token&client_id=app-1&scope=s%20offline_access&refresh_"
                        "token=canary-renewal"))
      << sent[3];
}

TEST_F(Ways, ACodeThatIsDeclinedOrForgottenEndsTheWait) {
  const auto with = [&](const std::string& answer, const std::string& ends) {
    net::TestServer server(
        {reply(
             "200 OK", kJson,
             R"({"device_code":"c","user_code":"u","verification_uri":"https://e","interval":1,"expires_in":)" +
                 ends + "}"),
         reply("400 Bad Request", kJson, R"({"error":")" + answer + "\"}")});
    arguments_ = ProviderArguments();
    arguments_.set("authority", server.url());
    arguments_.set("client_id", "app-1");
    arguments_.set("sign_in", "device_code");
    tell_ = [](std::string_view) {};
    return token();
  };
  EXPECT_EQ(with("authorization_declined", "900"), "HB-R104 the sign-in was declined in the browser | ");
  EXPECT_EQ(with("expired_token", "900"), "HB-R104 the code was not typed in time | try again");
  EXPECT_EQ(with("authorization_pending", "1"), "HB-R104 the code was not typed in time | try again");
}

TEST_F(Ways, AChainTriesOneAfterTheOtherAndTellsAllFailures) {
  net::TestServer server({reply("401 Unauthorized", kJson,
                                R"({"error":"invalid_client","error_description":"AADSTS7000222: ended"})"),
                          reply("200 OK", kJson, R"({"access_token":"T","expires_in":3600})")});
  arguments_.set("authority", server.url());
  arguments_.set("tenant_id", "t");
  arguments_.set("client_id", "app-1");
  arguments_.set("client_secret", Secret("canary"));
  arguments_.set("sign_in", "environment, client_secret");
  EXPECT_EQ(token(),
            "HB-R107 no way to sign in worked; environment: the environment names no secret, certificate or "
            "federated token; "
            "client_secret: sign-in refused (invalid_client): AADSTS7000222: ended | environment: set "
            "AZURE_CLIENT_SECRET, "
            "AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE; client_secret: the secret has "
            "ended: make a new one and "
            "set `client_secret`");
  EXPECT_EQ(token(), "T");
  arguments_.set("sign_in", "azure_cly");
  EXPECT_EQ(token(), "HB-R101 sign-in `azure_cly` is not known | did you mean `azure_cli`?");
}

TEST_F(Ways, WithoutAKeyringNoTokenReachesTheDisk) {
  TokenStore store([this](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional(folder_) : std::nullopt;
  });
  store.save("a", Secret("canary"));
  EXPECT_TRUE(store.load("a").empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST(Crypto, SealsUnderOneKeyAndOneName) {
  const Secret key(std::string(32, 'k')), other(std::string(32, 'o'));
  const std::string sealed = seal(key, "canary", "name");
  EXPECT_EQ(sealed.find("canary"), std::string::npos);
  EXPECT_EQ(unseal(key, sealed, "name").reveal(), "canary");
  EXPECT_TRUE(unseal(other, sealed, "name").empty());
  EXPECT_TRUE(unseal(key, sealed, "other").empty());
  EXPECT_TRUE(unseal(key, sealed.substr(1), "name").empty());
  EXPECT_TRUE(unseal(key, "", "name").empty());
  EXPECT_NE(seal(key, "canary", "name"), sealed);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_TRUE(unseal(key, changed, "name").empty()) << i;
  }
}

TEST(Crypto, AnswersAsTheStandardsSay) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  EXPECT_EQ(base64_url("\xfb\xff?"), "-_8_");
  EXPECT_EQ(base64_url("a"), "YQ");
  EXPECT_EQ(base64_url(""), "");
}

}  // namespace
}  // namespace huntbook
