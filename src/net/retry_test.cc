#include "net/retry.h"

#include <gtest/gtest.h>

namespace huntbook::net {
namespace {

TEST(Retry, ReadsRetryAfter) {
  EXPECT_EQ(parse_retry_after("7", 0), Milliseconds(7000));
  EXPECT_EQ(parse_retry_after(" 0 ", 0), Milliseconds(0));
  // 784111777 is that instant.
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 - 30), Milliseconds(30'000));
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", 784111777 - 30), Milliseconds(30'000));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 30), Milliseconds(0));
  EXPECT_EQ(parse_retry_after("99999999999999", 0), Milliseconds(7 * 24 * 3600 * 1000));
  for (const char* wrong : {"", "soon", "-5", "1.5", "99999999999999999999999", "7s"})
    EXPECT_EQ(parse_retry_after(wrong, 0), std::nullopt) << wrong;
}

TEST(Retry, WaitsDouble) {
  const RetryRule rule{.attempts = 9, .first = Milliseconds(100), .most = Milliseconds(1000)};
  EXPECT_EQ(wait_before(rule, 2, {}, {}, 0), Milliseconds(50));
  EXPECT_EQ(wait_before(rule, 2, {}, {}, 0.999), Milliseconds(99));
  EXPECT_EQ(wait_before(rule, 3, {}, {}, 0), Milliseconds(100));
  EXPECT_EQ(wait_before(rule, 5, {}, {}, 0), Milliseconds(400));
  EXPECT_EQ(wait_before(rule, 6, {}, {}, 0), Milliseconds(500));
  EXPECT_EQ(wait_before(rule, 9, {}, {}, 0), Milliseconds(500));
  EXPECT_EQ(wait_before(rule, 10, {}, {}, 0), std::nullopt);
}

TEST(Retry, ObeysTheServiceWithinItsBounds) {
  const RetryRule rule{.total = Milliseconds(10'000)};
  EXPECT_EQ(wait_before(rule, 2, Milliseconds(3000), {}, 0), Milliseconds(3000));
  EXPECT_EQ(wait_before(rule, 2, Milliseconds(3000), {}, 0.5), Milliseconds(3100));
  EXPECT_EQ(wait_before(rule, 2, Milliseconds(3000), Milliseconds(8000), 0), std::nullopt);
  EXPECT_EQ(wait_before(rule, 2, Milliseconds(11'000), {}, 0), std::nullopt);
}

TEST(Retry, KnowsWhatPasses) {
  for (const int status : {408, 429, 502, 503, 504}) EXPECT_TRUE(is_passing(status)) << status;
  for (const int status : {200, 301, 400, 401, 403, 404, 500, 501})
    EXPECT_FALSE(is_passing(status)) << status;
}

}  // namespace
}  // namespace huntbook::net
