#include "kql/runtime/address.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace huntbook::kql::runtime {
namespace {

std::optional<int> read_prefix(std::string_view text, int highest) {
  int prefix = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), prefix);
  if (error != std::errc() || end != text.data() + text.size() || prefix < 0 || prefix > highest)
    return std::nullopt;
  return prefix;
}

}  // namespace

uint32_t mask4(int prefix) { return prefix <= 0 ? 0 : prefix >= 32 ? ~0u : ~0u << (32 - prefix); }
Bits mask6(int prefix) { return prefix <= 0 ? 0 : prefix >= 128 ? ~Bits{0} : ~Bits{0} << (128 - prefix); }

std::optional<uint32_t> read_dotted(std::string_view text) {
  uint32_t bits = 0;
  size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part && (at >= text.size() || text[at++] != '.')) return std::nullopt;
    uint32_t number = 0;
    size_t digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 4; ++at, ++digits) {
      number = number * 10 + static_cast<uint32_t>(text[at] - '0');
    }
    if (digits == 0 || digits > 3 || number > 255) return std::nullopt;
    bits = bits << 8 | number;
  }
  if (at != text.size()) return std::nullopt;
  return bits;
}

std::optional<Ipv4> read_ipv4(std::string_view text) {
  text = trim(text);
  Ipv4 ip;
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto prefix = read_prefix(text.substr(slash + 1), 32);
    if (!prefix) return std::nullopt;
    ip.prefix = *prefix;
    text = text.substr(0, slash);
  }
  const auto bits = read_dotted(text);
  if (!bits) return std::nullopt;
  ip.bits = *bits;
  return ip;
}

namespace {

std::optional<Bits> read_groups(std::string_view text) {
  std::vector<uint16_t> groups;
  std::optional<size_t> gap;
  size_t at = 0;
  if (text.starts_with("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    const size_t colon = std::min(text.find(':', at), text.size());
    const std::string_view part = text.substr(at, colon - at);
    if (colon == text.size() && part.find('.') != std::string_view::npos) {
      const auto dotted = read_dotted(part);
      if (!dotted) return std::nullopt;
      groups.push_back(static_cast<uint16_t>(*dotted >> 16));
      groups.push_back(static_cast<uint16_t>(*dotted));
      at = colon;
      break;
    }
    uint16_t group = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), group, 16);
    if (part.empty() || part.size() > 4 || error != std::errc() || end != part.data() + part.size())
      return std::nullopt;
    groups.push_back(group);
    at = colon;
    if (at == text.size()) break;
    ++at;
    if (at < text.size() && text[at] == ':') {
      if (gap) return std::nullopt;
      gap = groups.size();
      ++at;
    } else if (at == text.size()) {
      return std::nullopt;
    }
  }
  if (groups.size() > 8 || (gap ? groups.size() == 8 : groups.size() != 8)) return std::nullopt;
  if (gap) groups.insert(groups.begin() + static_cast<std::ptrdiff_t>(*gap), 8 - groups.size(), 0);
  Bits bits = 0;
  for (const uint16_t group : groups) bits = bits << 16 | group;
  return bits;
}

}  // namespace

std::optional<Ipv6> read_ipv6(std::string_view text, bool tail) {
  text = trim(text);
  if (const auto v4 = read_ipv4(text)) {
    Ipv6 mapped;
    mapped.bits = (Bits{0xffff} << 32) | v4->bits;
    mapped.prefix = 96 + v4->prefix;
    return mapped;
  }
  Ipv6 ip;
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const bool dotted_tail = tail && text.substr(0, slash).find('.') != std::string_view::npos;
    const auto prefix = read_prefix(text.substr(slash + 1), dotted_tail ? 32 : 128);
    if (!prefix) return std::nullopt;
    ip.prefix = dotted_tail ? 96 + *prefix : *prefix;
    text = text.substr(0, slash);
  }
  if (const size_t zone = text.find('%'); zone != std::string_view::npos) text = text.substr(0, zone);
  const auto bits = read_groups(text);
  if (!bits) return std::nullopt;
  ip.bits = *bits;
  return ip;
}

}  // namespace huntbook::kql::runtime
