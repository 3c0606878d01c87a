// What plugins ask of single values.
#include <charconv>
#include <string>
#include <vector>

#include "kql/runtime/address.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

char slot_mark(std::string_view raw) {
  switch (json_kind(raw)) {
    case JsonKind::kNull: return 'n';
    case JsonKind::kBool: return 'b';
    case JsonKind::kNumber: {
      const auto number = json_number(raw);
      return number && number->whole ? 'l' : 'r';
    }
    case JsonKind::kString: return 's';
    default: return 'd';
  }
}

// The slots of a bag as texts: a mark for the value's type, then the key.
void bag_slots(Args args, Value& out, Context& context) {
  if (json_kind(args[0].text) != JsonKind::kObject) return;
  std::string slots = "[";
  for (JsonMembers it(args[0].text); it.next();) {
    if (slots.size() > 1) slots += ',';
    slots += '"';
    slots += slot_mark(it.value);
    slots += it.key.substr(1);
  }
  if (slots.size() == 1) return;
  set_dynamic(out, slots + "]", context);
}

// An address of either family as bits from the left.
struct Address {
  Bits bits = 0;
  int prefix = 0;
};

template <bool v4>
std::optional<Address> read_address(std::string_view text) {
  if constexpr (v4) {
    const auto ip = read_ipv4(text);
    if (!ip) return std::nullopt;
    return Address{Bits{ip->bits} << 96, ip->prefix};
  } else {
    const auto ip = read_ipv6(text);
    if (!ip) return std::nullopt;
    return Address{ip->bits, ip->prefix};
  }
}

template <bool v4>
void address_prefix(Args args, Value& out, Context&) {
  if (const auto address = read_address<v4>(args[0].text)) set_long(out, address->prefix);
}

void append_key(std::string& keys, char side, Bits bits, int prefix) {
  static constexpr char kHex[] = "0123456789abcdef";
  keys += keys.size() > 1 ? ",\"" : "\"";
  keys += side;
  const Bits masked = bits & mask6(prefix);
  for (int shift = 124; shift >= 128 - (prefix + 3) / 4 * 4; shift -= 4)
    keys += kHex[static_cast<size_t>(masked >> shift & 15)];
  keys += '/';
  keys += std::to_string(prefix);
  keys += '"';
}

// Keys under which an address (args[0]) and a network meet in a join when they match. args[1] is the prefix
// lengths of the other side, with commas between them. Networks that are as wide as the address, or wider,
// meet it under "a"; narrower ones, which an address that is a network itself matches too, under "b".
template <bool v4, bool source>
void address_keys(Args args, Value& out, Context& context) {
  constexpr int kWhole = v4 ? 32 : 128;
  std::string keys = "[";
  if (const auto address = read_address<v4>(args[0].text)) {
    if (source && address->prefix < kWhole) append_key(keys, 'b', address->bits, address->prefix);
    if (!source) append_key(keys, 'a', address->bits, address->prefix);
    std::string_view rest = args[1].text;
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      int length = 0;
      std::from_chars(rest.data(), rest.data() + comma, length);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (source ? length <= address->prefix : length < address->prefix)
        append_key(keys, source ? 'a' : 'b', address->bits, length);
    }
  }
  set_dynamic(out, keys + "]", context);
}

constexpr BodyEntry kBodies[] = {
    {"ipv4_prefix", address_prefix<true>},
    {"ipv6_prefix", address_prefix<false>},
    {"ipv4_source_keys", address_keys<true, true>},
    {"ipv4_lookup_keys", address_keys<true, false>},
    {"ipv6_source_keys", address_keys<false, true>},
    {"ipv6_lookup_keys", address_keys<false, false>},
    {"bag_slots", bag_slots},
};

}  // namespace

std::span<const BodyEntry> plugin_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
