// A text that must not be shown: passwords, keys, tokens. It prints as `***`, leaves no copy in a core dump
// and is wiped when it goes.
#pragma once
#include <fmt/core.h>

#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace huntbook {

/// Immutable; copies share the one place in memory, which is locked (where the system lets us), left out of
/// core dumps and overwritten with zeros at the end. The first secret of a process also forbids core dumps of
/// it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  /// Takes the text and overwrites it where it was.
  static Secret take(std::string&& text);

  bool empty() const { return !memory_; }
  /// The text itself, for the request that needs it and for nothing else.
  std::string_view reveal() const;
  /// Whether both hold the same text, in a time that depends on the length alone.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  struct Memory;
  std::shared_ptr<const Memory> memory_;
};

/// From now on a crash of this process leaves no core dump.
void forbid_core_dumps();

/// Overwrites a text with zeros and empties it.
void wipe(std::string& text);

/// The text with every secret in it, plain, percent-encoded or as JSON writes it, replaced by `***`. For
/// texts that come from a service, which may repeat what it was sent.
std::string redact(std::string_view text, std::span<const Secret> secrets);

inline std::ostream& operator<<(std::ostream& out, const Secret& secret) {
  return out << (secret.empty() ? "" : "***");
}

}  // namespace huntbook

template <>
struct fmt::formatter<huntbook::Secret> : fmt::formatter<std::string_view> {
  auto format(const huntbook::Secret& secret, format_context& context) const {
    return fmt::formatter<std::string_view>::format(secret.empty() ? "" : "***", context);
  }
};
