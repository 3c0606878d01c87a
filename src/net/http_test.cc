#include "net/http.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/test_server.h"

namespace huntbook::net {
namespace {

using std::chrono::steady_clock;

ClientOptions quick() {
  ClientOptions options;
  options.times = {Milliseconds(2000), Milliseconds(1000), Milliseconds(3000)};
  options.retry = {
      .attempts = 4, .first = Milliseconds(4), .most = Milliseconds(10), .total = Milliseconds(2500)};
  return options;
}

// A client that may go to the server.
std::unique_ptr<HttpClient> client_for(const TestServer& server, ClientOptions options = quick()) {
  auto client = std::make_unique<HttpClient>(std::move(options));
  EXPECT_TRUE(client->egress().allow(*parse_url(server.url()), true).ok());
  return client;
}

std::string outcome(const Result<Response>& result) {
  if (!result.ok()) return result.error().code + " " + result.error().message;
  return fmt::format("{} {} ({})", result->status, result->body, result->attempts);
}

// The message with the port, which differs each time, as PORT.
std::string without_port(std::string text, const TestServer& server) {
  const std::string port = std::to_string(server.port());
  for (size_t at = text.find(port); at != std::string::npos; at = text.find(port))
    text.replace(at, port.size(), "PORT");
  return text;
}

TEST(Http, SendsAndReads) {
  TestServer server({reply("200 OK", "X-Thing: one\r\n", "hello")});
  auto client = client_for(server);
  auto result = client->send({.method = "POST",
                              .url = server.url("/a?b=c"),
                              .headers = {{"Content-Type", "application/json"}},
                              .secret_headers = {{"Authorization", "Bearer ", Secret("canary")}},
                              .body = "{}"});
  EXPECT_EQ(outcome(result), "200 hello (1)");
  EXPECT_EQ(result->header("x-thing"), "one");
  EXPECT_EQ(result->header("none"), "");
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with("POST /a?b=c HTTP/1.1\r\n")) << sent;
  EXPECT_NE(sent.find("\r\nAuthorization: Bearer canary\r\n"), std::string::npos) << sent;
  EXPECT_NE(sent.find("\r\nContent-Length: 2\r\n"), std::string::npos) << sent;
  EXPECT_TRUE(sent.ends_with("\r\n\r\n{}")) << sent;
}

TEST(Http, RepeatsWhatPasses) {
  TestServer server({reply("503 Busy", "", "x"),
                     reply("429 Slow", "Retry-After: 1\r\n", "x"),
                     {{""}},
                     reply("200 OK", "", "done")});
  auto options = quick();
  std::vector<std::string> told;
  options.on_wait = [&](std::string_view why, Milliseconds) { told.emplace_back(why); };
  auto client = client_for(server, std::move(options));
  const auto begin = steady_clock::now();
  EXPECT_EQ(outcome(client->send({.url = server.url()})), "200 done (4)");
  EXPECT_GE(steady_clock::now() - begin, std::chrono::milliseconds(1000));
  EXPECT_EQ(told,
            (std::vector<std::string>{"`127.0.0.1` answered 503", "`127.0.0.1` answered 429",
                                      "the connection to `127.0.0.1` was lost after 0 bytes of the reply"}));
}

TEST(Http, StopsRepeating) {
  TestServer server({reply("503 Busy", "", "no")});
  auto client = client_for(server);
  EXPECT_EQ(outcome(client->send({.url = server.url()})), "503 no (4)");
  TestServer patient({reply("429 Slow", "Retry-After: 3600\r\n", "later")});
  EXPECT_EQ(outcome(client_for(patient)->send({.url = patient.url()})), "429 later (1)");
  TestServer wrong({reply("500 Oops", "", "x")});
  EXPECT_EQ(outcome(client_for(wrong)->send({.url = wrong.url()})), "500 x (1)");
}

TEST(Http, DoesNotRepeatWhatMayHaveBeenDone) {
  TestServer server({{{""}}, reply("200 OK", "", "done")});
  EXPECT_EQ(outcome(client_for(server)->send({.method = "POST", .url = server.url(), .repeatable = false})),
            "HB-W007 the connection to `127.0.0.1` was lost after 0 bytes of the reply");
  TestServer throttled({reply("429 Slow", "", ""), reply("200 OK", "", "done")});
  EXPECT_EQ(
      outcome(client_for(throttled)->send({.method = "POST", .url = throttled.url(), .repeatable = false})),
      "200 done (2)");
}

TEST(Http, GivesTheBodyToASink) {
  TestServer server({{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n", "3\r\nabc\r\n",
                       "2\r\nde\r\n0\r\n\r\n"},
                      std::chrono::milliseconds(30)},
                     reply("404 No", "", "missing")});
  auto client = client_for(server);
  std::string got, header;
  const Request request{.url = server.url(),
                        .sink = [&](const Response& head, std::string_view piece) -> Status {
                          header = head.header("a");
                          got += piece;
                          return {};
                        }};
  EXPECT_EQ(outcome(client->send(request)), "200  (1)");
  EXPECT_EQ(got, "abcde");
  EXPECT_EQ(header, "b");
  EXPECT_EQ(outcome(client->send(request)), "404 missing (1)");
}

TEST(Http, ASinkEndsTheRequest) {
  TestServer server({reply("200 OK", "", "abc")});
  const Request request{.url = server.url(), .sink = [](const Response&, std::string_view) -> Status {
                          return Diagnostic{"X-1", "enough", {}, "", "", ""};
                        }};
  EXPECT_EQ(outcome(client_for(server)->send(request)), "X-1 enough");
}

TEST(Http, SaysThatABodyIsCut) {
  TestServer server({{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}}});
  std::string got;
  const Request request{.url = server.url(), .sink = [&](const Response&, std::string_view piece) -> Status {
                          got += piece;
                          return {};
                        }};
  EXPECT_EQ(outcome(client_for(server)->send(request)),
            "HB-W007 the connection to `127.0.0.1` was lost after 3 bytes of the reply");
  EXPECT_EQ(got, "abc");
  EXPECT_EQ(server.requests().size(), 1u);
  TestServer chunked({{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}}});
  EXPECT_EQ(outcome(client_for(chunked)->send({.url = chunked.url()})),
            "HB-W007 the connection to `127.0.0.1` was lost after 2 bytes of the reply (4 attempts)");
}

TEST(Http, BoundsTheReply) {
  TestServer server({reply("200 OK", "", std::string(5000, 'x'))});
  EXPECT_EQ(outcome(client_for(server)->send({.url = server.url(), .max_bytes = 4999})),
            "HB-W008 the reply of `127.0.0.1` is longer than 4999 bytes");
  EXPECT_EQ(client_for(server)->send({.url = server.url(), .max_bytes = 5000})->body.size(), 5000u);
  TestServer heads({{{"HTTP/1.1 200 OK\r\nA: " + std::string(90'000, 'x') + "\r\n\r\n"}}});
  EXPECT_EQ(outcome(client_for(heads)->send({.url = heads.url()})).substr(0, 7), "HB-W008");
}

TEST(Http, TimesOut) {
  TestServer silent({{{"", "HTTP/1.1 200 OK\r\n\r\n"}, std::chrono::milliseconds(60'000)}});
  auto options = quick();
  options.retry.attempts = 1;
  EXPECT_EQ(outcome(client_for(silent, options)->send({.url = silent.url()})),
            "HB-W006 `127.0.0.1` sent nothing for 1.0 s");
  std::vector<std::string> drips(200, "x");
  drips[0] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
  TestServer slow({{drips, std::chrono::milliseconds(100)}});
  EXPECT_EQ(outcome(client_for(slow, options)->send({.url = slow.url()})),
            "HB-W006 `127.0.0.1` was not done after 3.0 s");
}

TEST(Http, IsInterrupted) {
  TestServer silent({{{"x"}, std::chrono::milliseconds(60'000)}});
  auto options = quick();
  CancelToken cancel;
  options.cancel = &cancel;
  auto client = client_for(silent, options);
  std::thread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    cancel.cancel();
  });
  const auto begin = steady_clock::now();
  EXPECT_EQ(outcome(client->send({.url = silent.url()})), "HB-E130 interrupted");
  EXPECT_LT(steady_clock::now() - begin, std::chrono::milliseconds(900));
  stop.join();
  EXPECT_EQ(client->pause(Milliseconds(10'000)).error().code, "HB-E130");
}

TEST(Http, FollowsRedirectsToItsOwnHostsAlone) {
  TestServer other({reply("200 OK", "", "other")});
  TestServer server({reply("302 Found", "Location: /next\r\n", ""), reply("200 OK", "", "next"),
                     reply("302 Found", "Location: " + other.url() + "\r\n", ""),
                     reply("302 Found", "Location: http://169.254.169.254/latest/meta-data\r\n", ""),
                     reply("302 Found", "Location: http://canary@127.0.0.1/\r\n", ""),
                     reply("302 Found", "Location: /again\r\n", "")});
  auto client = client_for(server);
  const Request request{.url = server.url(), .secret_headers = {{"Authorization", "", Secret("canary")}}};
  EXPECT_EQ(outcome(client->send(request)), "200 next (1)");
  EXPECT_EQ(without_port(outcome(client->send(request)), other),
            "HB-W009 `127.0.0.1` redirects to `http://127.0.0.1:PORT`, which is no host of this connection");
  EXPECT_TRUE(other.requests().empty());
  EXPECT_EQ(outcome(client->send(request)),
            "HB-W009 `127.0.0.1` redirects to `http://169.254.169.254`, which is no host of this connection");
  EXPECT_EQ(outcome(client->send(request)), "HB-W009 `127.0.0.1` redirects to what is no web address");
  EXPECT_EQ(outcome(client->send(request)), "HB-W009 `127.0.0.1` redirects again and again");
}

TEST(Http, SendsNoSecretToAnotherHost) {
  TestServer other({reply("200 OK", "", "other")});
  TestServer server({reply("307 Moved", "Location: " + other.url("/x") + "\r\n", "")});
  auto client = client_for(server);
  ASSERT_TRUE(client->egress().allow(*parse_url(other.url()), true).ok());
  Request request{.url = server.url(), .secret_headers = {{"Authorization", "", Secret("canary")}}};
  EXPECT_EQ(outcome(client->send(request)), "200 other (1)");
  EXPECT_EQ(other.requests().at(0).find("canary"), std::string::npos);
  request.method = "POST";
  request.secret_body = Secret("secret=canary");
  EXPECT_EQ(outcome(client->send(request)),
            "HB-W009 `127.0.0.1` redirects a request with a body to another host, `127.0.0.1`");
  EXPECT_EQ(other.requests().size(), 1u);
}

TEST(Http, RefusesWhatIsNotAllowed) {
  TestServer server({reply("200 OK", "", "x")});
  HttpClient client(quick());
  EXPECT_EQ(without_port(outcome(client.send({.url = server.url()})), server),
            "HB-W002 `http://127.0.0.1:PORT` is no host of this connection");
  ASSERT_TRUE(client.egress().allow(*parse_url(server.url()), true).ok());
  client.egress().set_offline(true);
  EXPECT_EQ(outcome(client.send({.url = server.url()})),
            "HB-W003 nothing is asked of `127.0.0.1`: the program runs offline");
  EXPECT_TRUE(server.requests().empty());
}

TEST(Http, RefusesPrivateAddressesOfHostsItKnowsItself) {
  HttpClient client(quick());
  ASSERT_TRUE(client.egress().allow(*parse_url("https://localhost:1"), false).ok());
  EXPECT_EQ(outcome(client.send({.url = "https://localhost:1/"})),
            "HB-W002 the name `localhost` leads into a private network");
}

TEST(Http, SaysWhyNothingIsReached) {
  auto options = quick();
  options.retry.attempts = 2;
  HttpClient client(options);
  ASSERT_TRUE(client.egress().allow(*parse_url("http://127.0.0.1:1"), true).ok());
  EXPECT_EQ(outcome(client.send({.url = "http://127.0.0.1:1/"})),
            "HB-W004 `http://127.0.0.1:1` cannot be reached (2 attempts)");
  TestServer server({{{"this is no HTTP\r\n"}}});
  EXPECT_EQ(outcome(client_for(server, options)->send({.url = server.url()})),
            "HB-W007 `127.0.0.1` answered with what is no HTTP: Unsupported protocol");
  options.ca_file = "/dev/null";
  EXPECT_EQ(outcome(client_for(server, options)->send({.url = server.url()})),
            "HB-W005 `/dev/null` holds no certificate");
}

TEST(Http, QuotesWithoutSecrets) {
  TestServer server({reply("400 Bad", "", "you sent canary%2F1\x1b[31m\n" + std::string(500, 'y'))});
  auto client = client_for(server);
  auto result =
      client->send({.url = server.url(), .secret_headers = {{"Authorization", "", Secret("canary/1")}}});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(client->quote(result->body), "you sent *** [31m " + std::string(382, 'y') + "...");
}

TEST(Http, RefusesHeadersThatBreakLines) {
  TestServer server({reply("200 OK", "", "x")});
  auto client = client_for(server);
  EXPECT_EQ(outcome(client->send({.url = server.url(), .headers = {{"A", "b\r\nC: d"}}})),
            "HB-W001 header `A` holds control characters");
  EXPECT_EQ(outcome(client->send(
                {.url = server.url(), .secret_headers = {{"Authorization", "", Secret("canary\n")}}})),
            "HB-W001 the secret for `Authorization` holds control characters");
  EXPECT_TRUE(server.requests().empty());
}

TEST(Http, GoesThroughAProxyThatAsksForAPassword) {
  TestServer proxy(
      {reply("407 Who", "Proxy-Authenticate: Basic realm=\"x\"\r\n", ""), reply("200 OK", "", "proxied")});
  auto options = quick();
  options.proxy = proxy.url();
  options.proxy_user = "me";
  options.proxy_password = Secret("canary");
  HttpClient client(options);
  ASSERT_TRUE(client.egress().allow(*parse_url("http://localhost:1"), true).ok());
  EXPECT_EQ(outcome(client.send({.url = "http://localhost:1/x"})), "200 proxied (1)");
  EXPECT_TRUE(proxy.requests().at(1).starts_with("GET http://localhost:1/x HTTP/1.1\r\n"));
  EXPECT_NE(proxy.requests().at(1).find("Proxy-Authorization: Basic bWU6Y2FuYXJ5\r\n"), std::string::npos);
  TestServer closed({reply("407 Who", "Proxy-Authenticate: Basic realm=\"x\"\r\n", "")});
  options.proxy = closed.url();
  HttpClient refused(options);
  ASSERT_TRUE(refused.egress().allow(*parse_url("https://service.example"), true).ok());
  EXPECT_EQ(outcome(refused.send({.url = "https://service.example/"})),
            "HB-W010 the proxy does not let us through to `service.example`");
}

}  // namespace
}  // namespace huntbook::net
