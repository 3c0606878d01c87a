#include "providers/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace huntbook {

const ProviderArguments::Argument* ProviderArguments::find(std::string_view name) const {
  const auto at = std::find_if(arguments_.begin(), arguments_.end(), [&](auto& a) { return a.name == name; });
  return at == arguments_.end() ? nullptr : &*at;
}

void ProviderArguments::set(std::string name, std::string text) {
  std::erase_if(arguments_, [&](auto& a) { return a.name == name; });
  arguments_.push_back({std::move(name), std::move(text), Secret()});
}

void ProviderArguments::set(std::string name, Secret secret) {
  std::erase_if(arguments_, [&](auto& a) { return a.name == name; });
  arguments_.push_back({std::move(name), "", std::move(secret)});
}

bool ProviderArguments::has(std::string_view name) const {
  const Argument* found = find(name);
  return found && (!found->text.empty() || !found->secret.empty());
}

std::string ProviderArguments::text(std::string_view name) const {
  const Argument* found = find(name);
  return found ? found->text : std::string();
}

Secret ProviderArguments::secret(std::string_view name) const {
  const Argument* found = find(name);
  if (!found) return Secret();
  return found->secret.empty() ? Secret(found->text) : found->secret;
}

std::vector<std::string> ProviderArguments::names() const {
  std::vector<std::string> out;
  for (const auto& argument : arguments_) out.push_back(argument.name);
  return out;
}

Result<int64_t> ProviderArguments::number(std::string_view name, int64_t fallback, int64_t low,
                                          int64_t high) const {
  const std::string given(trim(text(name)));
  if (given.empty()) return fallback;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (error != std::errc() || end != given.data() + given.size() || value < low || value > high)
    return Diagnostic{"HB-R003", fmt::format("setting `{}` cannot be `{}`", name, given),
                      {},        fmt::format("a whole number from {} to {}", low, high),
                      "",        ""};
  return value;
}

std::vector<std::string> ProviderArguments::list(std::string_view name) const {
  std::vector<std::string> out;
  const std::string given = text(name);
  for (const auto part : split(given, ',')) {
    if (!trim(part).empty()) out.emplace_back(trim(part));
  }
  return out;
}

}  // namespace huntbook
