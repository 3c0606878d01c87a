#include "net/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "base/text.h"

namespace huntbook::net {

bool is_passing(int status) {
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

std::optional<Milliseconds> parse_retry_after(std::string_view header, int64_t now) {
  const std::string text(trim(header));
  constexpr int64_t kMost = 7 * 24 * 3600;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size() && seconds >= 0)
    return Milliseconds(std::min(seconds, kMost) * 1000);
  if (text.find(':') == std::string::npos) return std::nullopt;
  const time_t date = curl_getdate(text.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return Milliseconds(std::clamp<int64_t>(static_cast<int64_t>(date) - now, 0, kMost) * 1000);
}

std::optional<Milliseconds> wait_before(const RetryRule& rule, unsigned next,
                                        std::optional<Milliseconds> asked, Milliseconds waited,
                                        double chance) {
  if (next > rule.attempts) return std::nullopt;
  Milliseconds wait = rule.first;
  for (unsigned i = 2; i < next && wait < rule.most; ++i) wait *= 2;
  wait = std::min(wait, rule.most);
  // Half of the wait is fixed, half is by chance: clients that were refused together do not come back
  // together.
  wait = wait / 2 + Milliseconds(static_cast<int64_t>(chance * static_cast<double>(wait.count() / 2)));
  if (asked) wait = *asked + Milliseconds(static_cast<int64_t>(chance * 200));
  if (waited + wait > rule.total) return std::nullopt;
  return wait;
}

}  // namespace huntbook::net
