// The settings of one connection by name: plain ones, and secrets that are never shown.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "huntbook/result.h"

namespace huntbook {

class ProviderArguments {
 public:
  void set(std::string name, std::string text);
  void set(std::string name, Secret secret);
  bool has(std::string_view name) const;
  /// A plain setting; empty when it is not given or a secret.
  std::string text(std::string_view name) const;
  /// A secret, or a plain setting taken as one; empty when it is not given.
  Secret secret(std::string_view name) const;
  std::vector<std::string> names() const;

  /// A whole number of a range; `fallback` when it is not given. Fails with HB-R003.
  Result<int64_t> number(std::string_view name, int64_t fallback, int64_t low, int64_t high) const;
  /// Texts separated by commas, trimmed, without empty ones.
  std::vector<std::string> list(std::string_view name) const;

 private:
  struct Argument {
    std::string name;
    std::string text;
    Secret secret;
  };
  const Argument* find(std::string_view name) const;
  std::vector<Argument> arguments_;
};

}  // namespace huntbook
