// When a request is tried again, and after how long. Pure, so that every rule is tested without waiting.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace huntbook::net {

using Milliseconds = std::chrono::milliseconds;

struct RetryRule {
  unsigned attempts = 6;
  Milliseconds first{500};            ///< doubled with each attempt
  Milliseconds most{30'000};          ///< of one wait that the service did not ask for
  Milliseconds total{5 * 60 * 1000};  ///< of all waits of one request together
};

/// Whether a service that answers so may answer otherwise soon: 408, 429, 502, 503, 504.
bool is_passing(int status);

/// What a Retry-After header asks for: seconds, or a date (`now` in seconds since 1970). Nothing when it is
/// neither.
std::optional<Milliseconds> parse_retry_after(std::string_view header, int64_t now);

/// How long to wait before attempt `next` (2 is the first repetition). `asked` is the service's wish,
/// `waited` what was waited already, `chance` in [0, 1) spreads clients. Nothing when it is not worth to go
/// on.
std::optional<Milliseconds> wait_before(const RetryRule& rule, unsigned next,
                                        std::optional<Milliseconds> asked, Milliseconds waited,
                                        double chance);

}  // namespace huntbook::net
