#include "providers/sign_in.h"

#include <gtest/gtest.h>

#include "net/test_server.h"

namespace huntbook {
namespace {

using net::reply;

struct Fixture {
  ProviderArguments arguments;
  explicit Fixture(const net::TestServer& server) {
    arguments.set("authority", server.url());
    arguments.set("tenant_id", "contoso.example");
    arguments.set("client_id", "app-1");
    arguments.set("client_secret", Secret("canary&secret"));
  }
  Result<std::unique_ptr<TokenSource>> make() const {
    net::ClientOptions client;
    client.retry = {.attempts = 2, .first = net::Milliseconds(1)};
    return make_sign_in({arguments, *find_cloud("global"), client, false});
  }
};

TEST(SignIn, FetchesATokenWithTheClientSecret) {
  net::TestServer server(
      {reply("200 OK", "Content-Type: application/json\r\n", R"({"access_token":"T1","expires_in":3600})"),
       reply("200 OK", "Content-Type: application/json\r\n", R"({"access_token":"T2","expires_in":"200"})")});
  const Fixture fixture(server);
  auto source = fixture.make();
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->description(), "client secret of application app-1");
  auto token = (*source)->token("https://api.example/.default", false);
  ASSERT_TRUE(token.ok()) << token.error().message;
  EXPECT_EQ(token->reveal(), "T1");
  EXPECT_EQ((*source)->token("https://api.example/.default", false)->reveal(), "T1");
  EXPECT_EQ(server.requests().size(), 1u);
  // A new one is asked for when the service refused the last, and each time when the last one ends within
  // minutes.
  EXPECT_EQ((*source)->token("https://api.example/.default", true)->reveal(), "T2");
  EXPECT_EQ((*source)->token("https://api.example/.default", false)->reveal(), "T2");
  EXPECT_EQ(server.requests().size(), 3u);
  const std::string sent = server.requests()[0];
  EXPECT_TRUE(sent.starts_with("POST /contoso.example/oauth2/v2.0/token HTTP/1.1\r\n")) << sent;
  EXPECT_TRUE(sent.ends_with(
      "\r\n\r\ngrant_type=client_credentials&client_id=app-1&scope=https%3A%2F%2Fapi.example%2F.default&"
      "client_secret=canary%26secret"))
      << sent;
}

TEST(SignIn, ARefusalNamesTheSettingAndNoSecret) {
  const auto refusal = [](const std::string& body) {
    net::TestServer server({reply("401 Unauthorized", "Content-Type: application/json\r\n", body)});
    auto token = (*Fixture(server).make())->token("s", false);
    EXPECT_FALSE(token.ok());
    return token.ok() ? std::string()
                      : token.error().code + " " + token.error().message + " | " + token.error().hint;
  };
  EXPECT_EQ(
      refusal(
          R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid secret 'canary&secret' (canary%26secret).\r\nTrace ID: 1"})"),
      "HB-R102 sign-in refused (invalid_client): AADSTS7000215: Invalid secret '***' (***). | the secret is "
      "wrong: set `client_secret` to the secret's value, not to its id");
  EXPECT_EQ(
      refusal(R"({"error":"unauthorized_client","error_description":"AADSTS700016: no such application"})"),
      "HB-R102 sign-in refused (unauthorized_client): AADSTS700016: no such application | there is no such "
      "application in this directory: check the settings `client_id` and `tenant_id`");
  EXPECT_EQ(refusal(R"({"error":"invalid_request","error_description":"AADSTS90002: Tenant not found"})"),
            "HB-R102 sign-in refused (invalid_request): AADSTS90002: Tenant not found | there is no such "
            "directory: "
            "check the settings `tenant_id` and `cloud`");
  EXPECT_EQ(refusal("<html>"),
            "HB-R103 signing in: `127.0.0.1` answered 401 | check the setting `authority` and the network");
  net::TestServer empty(
      {reply("200 OK", "Content-Type: application/json\r\n", R"({"token_type":"Bearer"})")});
  EXPECT_EQ((*Fixture(empty).make())->token("s", false).error().message,
            "signing in: `127.0.0.1` answered without a token");
}

TEST(SignIn, SaysWhatIsMissing) {
  const ProviderArguments none;
  auto source = make_sign_in({none, *find_cloud("global"), {}, false});
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.error().code + " " + source.error().message, "HB-R101 no way to sign in is set up");
  ProviderArguments some;
  some.set("sign_in", "client_secret");
  EXPECT_EQ(make_sign_in({some, *find_cloud("global"), {}, false}).error().message,
            "setting `tenant_id` is missing");
  some.set("sign_in", "magic");
  EXPECT_EQ(make_sign_in({some, *find_cloud("global"), {}, false}).error().message,
            "sign-in `magic` is not known");
}

TEST(SignIn, KeepsToTheCloudsAddress) {
  ProviderArguments arguments;
  arguments.set("tenant_id", "t");
  arguments.set("client_id", "c");
  arguments.set("client_secret", Secret("canary"));
  arguments.set("authority", "http://login.example");
  EXPECT_EQ(make_sign_in({arguments, *find_cloud("global"), {}, false}).error().message,
            "setting `authority`: `http://login.example` would send everything in the clear");
}

}  // namespace
}  // namespace huntbook
