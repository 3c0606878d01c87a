#include "net/url.h"

#include <gtest/gtest.h>

namespace huntbook::net {
namespace {

std::string parsed(std::string_view text) {
  auto url = parse_url(text);
  return url.ok() ? url->text() : url.error().code + " " + url.error().message;
}

TEST(Url, Parses) {
  EXPECT_EQ(parsed("https://API.example.com"), "https://api.example.com/");
  EXPECT_EQ(parsed("https://a.example:8443/b/c?d=e&f=%20#part"), "https://a.example:8443/b/c?d=e&f=%20");
  EXPECT_EQ(parsed("http://[::1]:80/x"), "http://[::1]/x");
  EXPECT_EQ(parsed("http://0x7f.1/"), "http://127.0.0.1/");
  EXPECT_EQ(parse_url("https://[fe80::1]:9/")->host, "fe80::1");
}

TEST(Url, RefusesWhatIsNone) {
  const std::string begin = "HB-W001 the address is no web address: ";
  EXPECT_EQ(parsed("ftp://a/"), begin + "scheme `ftp` is neither https nor http");
  EXPECT_EQ(parsed("file:///etc/passwd"), begin + "scheme `file` is neither https nor http");
  EXPECT_EQ(parsed("https://user:canary@a/"),
            begin + "it holds a user or a password, which belong into settings of their own");
  EXPECT_EQ(parsed("https://a/ b"), begin + "it holds blanks, control characters or letters beyond ASCII");
  EXPECT_EQ(parsed("https://a/\r\nX: y"),
            begin + "it holds blanks, control characters or letters beyond ASCII");
  EXPECT_EQ(parsed("https://a%0a.b/").substr(0, begin.size()), begin);
  EXPECT_EQ(parsed("nothing").substr(0, begin.size()), begin);
  EXPECT_EQ(parsed(std::string(70'000, 'a')), begin + "it is too long");
  EXPECT_EQ(parsed("https://a:99999/").substr(0, begin.size()), begin);
}

TEST(Url, Resolves) {
  const Url base = *parse_url("https://a.example/b/c?d=e");
  EXPECT_EQ(resolve_url(base, "/x")->text(), "https://a.example/x");
  EXPECT_EQ(resolve_url(base, "x?y=z")->text(), "https://a.example/b/x?y=z");
  EXPECT_EQ(resolve_url(base, "//evil.example/x")->text(), "https://evil.example/x");
  EXPECT_EQ(resolve_url(base, "http://evil.example/")->text(), "http://evil.example/");
  EXPECT_FALSE(resolve_url(base, "javascript:alert(1)").ok());
}

TEST(Url, Encodes) {
  EXPECT_EQ(percent_encode("a b&c=ü/~"), "a%20b%26c%3D%C3%BC%2F~");
  EXPECT_EQ(form_encode({{"a", "1 2"}, {"b&", ""}}), "a=1%202&b%26=");
  EXPECT_EQ(secret_form({{"a", "1"}}, "secret", Secret("x&y")).reveal(), "a=1&secret=x%26y");
  EXPECT_EQ(secret_form({}, "secret", Secret("x")).reveal(), "secret=x");
}

}  // namespace
}  // namespace huntbook::net
