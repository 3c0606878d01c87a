// Bodies over IPv4 and IPv6 addresses. An address may carry a prefix length ("10.0.0.0/8").
#include <algorithm>
#include <array>
#include <vector>

#include "kql/runtime/address.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
std::string dotted(uint32_t bits) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out += std::to_string(bits >> shift & 255) + (shift ? "." : "");
  return out;
}

std::string full_ipv6(Bits bits) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (int shift = 124; shift >= 0; shift -= 4) {
    out += kHex[static_cast<size_t>(bits >> shift & 15)];
    if (shift && shift % 16 == 0) out += ':';
  }
  return out;
}

// The third argument's prefix length, `highest` when it is absent, nothing when it is out of range.
std::optional<int> prefix_argument(Args args, size_t i, int highest) {
  if (args.size() <= i) return highest;
  if (args[i].null || args[i].integer < 0 || args[i].integer > highest) return std::nullopt;
  return static_cast<int>(args[i].integer);
}

std::optional<int> order4(Args args) {
  const auto a = read_ipv4(args[0].text), b = read_ipv4(args[1].text);
  const auto limit = prefix_argument(args, 2, 32);
  if (!a || !b || !limit) return std::nullopt;
  const uint32_t mask = mask4(std::min({a->prefix, b->prefix, *limit}));
  const uint32_t x = a->bits & mask, y = b->bits & mask;
  return x < y ? -1 : x > y ? 1 : 0;
}

std::optional<int> order6(Args args) {
  const auto a = read_ipv6(args[0].text), b = read_ipv6(args[1].text);
  const auto limit = prefix_argument(args, 2, 128);
  if (!a || !b || !limit) return std::nullopt;
  const Bits mask = mask6(std::min({a->prefix, b->prefix, *limit}));
  const Bits x = a->bits & mask, y = b->bits & mask;
  return x < y ? -1 : x > y ? 1 : 0;
}

void ipv4_compare(Args args, Value& out, Context&) {
  if (const auto order = order4(args)) set_long(out, *order);
}
void ipv6_compare(Args args, Value& out, Context&) {
  if (const auto order = order6(args)) set_long(out, *order);
}
void ipv4_is_match(Args args, Value& out, Context&) {
  if (const auto order = order4(args)) set_bool(out, *order == 0);
}
void ipv6_is_match(Args args, Value& out, Context&) {
  if (const auto order = order6(args)) set_bool(out, *order == 0);
}

std::optional<bool> in_range4(std::string_view address, std::string_view range) {
  const auto ip = read_ipv4(address), net = read_ipv4(range);
  if (!ip || !net) return std::nullopt;
  const uint32_t mask = mask4(net->prefix);
  return ip->prefix >= net->prefix && (ip->bits & mask) == (net->bits & mask);
}

std::optional<bool> in_range6(std::string_view address, std::string_view range) {
  const auto ip = read_ipv6(address), net = read_ipv6(range);
  if (!ip || !net) return std::nullopt;
  const Bits mask = mask6(net->prefix);
  return ip->prefix >= net->prefix && (ip->bits & mask) == (net->bits & mask);
}

using InRange = std::optional<bool> (*)(std::string_view, std::string_view);

template <InRange test>
void is_in_range(Args args, Value& out, Context&) {
  if (const auto in = test(args[0].text, args[1].text)) set_bool(out, *in);
}

// The texts after the first argument: single ones, or the elements of an array.
std::vector<std::string> listed(Args args) {
  std::vector<std::string> texts;
  for (const Value& arg : args.subspan(1)) {
    if (const auto elements = arg.type == Type::kDynamic ? elements_of(arg) : std::nullopt) {
      for (const auto raw : *elements) texts.push_back(text_of(raw));
    } else {
      texts.push_back(arg.type == Type::kDynamic ? text_of(arg.text) : std::string(arg.text));
    }
  }
  return texts;
}

template <InRange test>
void is_in_any_range(Args args, Value& out, Context&) {
  bool known = false;
  for (const auto& range : listed(args)) {
    const auto in = test(args[0].text, range);
    if (in && *in) return set_bool(out, true);
    known = known || in;
  }
  if (known) set_bool(out, false);
}

void ipv4_is_private(Args args, Value& out, Context&) {
  if (!read_ipv4(args[0].text)) return;
  bool inside = false;
  for (const auto net : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}) {
    inside = inside || in_range4(args[0].text, net).value_or(false);
  }
  set_bool(out, inside);
}

void parse_ipv4(Args args, Value& out, Context&) {
  if (const auto ip = read_ipv4(args[0].text)) set_long(out, ip->bits & mask4(ip->prefix));
}

void parse_ipv4_mask(Args args, Value& out, Context&) {
  const auto ip = read_ipv4(args[0].text);
  const auto prefix = prefix_argument(args, 1, 32);
  if (ip && prefix) set_long(out, ip->bits & mask4(std::min(ip->prefix, *prefix)));
}

void parse_ipv6(Args args, Value& out, Context& context) {
  if (const auto ip = read_ipv6(args[0].text, true))
    set_text(out, full_ipv6(ip->bits & mask6(ip->prefix)), context);
}

void parse_ipv6_mask(Args args, Value& out, Context& context) {
  const auto ip = read_ipv6(args[0].text, true);
  const auto prefix = prefix_argument(args, 1, 128);
  if (ip && prefix) set_text(out, full_ipv6(ip->bits & mask6(std::min(ip->prefix, *prefix))), context);
}

void ipv4_netmask_suffix(Args args, Value& out, Context&) {
  if (const auto ip = read_ipv4(args[0].text)) set_long(out, ip->prefix);
}

// Text or number, and a prefix length.
template <bool with_suffix>
void format_ipv4(Args args, Value& out, Context& context) {
  std::optional<Ipv4> ip;
  if (args[0].type == Type::kLong) {
    if (args[0].integer < 0 || args[0].integer > 0xffffffff) return;
    ip = Ipv4{static_cast<uint32_t>(args[0].integer), 32};
  } else {
    ip = read_ipv4(args[0].text);
  }
  const auto limit = prefix_argument(args, 1, 32);
  if (!ip || !limit) return;
  const int prefix = std::min(ip->prefix, *limit);
  std::string text = dotted(ip->bits & mask4(prefix));
  if (with_suffix) text += "/" + std::to_string(prefix);
  set_text(out, std::move(text), context);
}

void ipv4_range_to_cidr_list(Args args, Value& out, Context& context) {
  const auto first = read_ipv4(args[0].text), last = read_ipv4(args[1].text);
  if (!first || !last || first->bits > last->bits) return;
  std::string list = "[";
  for (uint64_t at = first->bits; at <= last->bits;) {
    int prefix = 32;
    while (prefix > 0) {
      const uint64_t size = uint64_t{1} << (33 - prefix);
      if (at % size != 0 || at + size - 1 > last->bits) break;
      --prefix;
    }
    if (list.size() > 1) list += ',';
    list += '"' + dotted(static_cast<uint32_t>(at)) + "/" + std::to_string(prefix) + '"';
    at += uint64_t{1} << (32 - prefix);
  }
  set_dynamic(out, list + "]", context);
}

// ------------------------------------------------------------ addresses in texts

// Whether `test` holds for an address that stands alone in the text.
template <typename Test>
bool any_address(std::string_view text, Test test) {
  const auto is_part = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  for (size_t at = 0; at < text.size();) {
    if (text[at] < '0' || text[at] > '9') {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.')) ++at;
    size_t end = at;
    while (end > begin && text[end - 1] == '.') --end;
    const bool alone = (begin == 0 || (!is_part(text[begin - 1]) && text[begin - 1] != '.')) &&
                       (at >= text.size() || !is_part(text[at]));
    const std::string_view candidate = text.substr(begin, end - begin);
    if (alone && read_dotted(candidate) && test(candidate)) return true;
  }
  return false;
}

void has_ipv4(Args args, Value& out, Context&) {
  bool found = false;
  for (const auto& wanted : listed(args)) {
    found = found || (read_dotted(wanted) &&
                      any_address(args[0].text, [&](std::string_view ip) { return ip == wanted; }));
  }
  set_bool(out, found);
}

void has_ipv4_prefix(Args args, Value& out, Context&) {
  bool found = false;
  for (const auto& wanted : listed(args)) {
    if (!wanted.ends_with('.') && !read_dotted(wanted)) continue;
    const bool whole = !wanted.ends_with('.');
    found = found || any_address(args[0].text, [&](std::string_view ip) {
              return whole ? ip == wanted : ip.starts_with(wanted);
            });
  }
  set_bool(out, found);
}

constexpr BodyEntry kBodies[] = {
    {"ipv4_compare", ipv4_compare},
    {"ipv6_compare", ipv6_compare},
    {"ipv4_is_match", ipv4_is_match},
    {"ipv6_is_match", ipv6_is_match},
    {"ipv4_is_in_range", is_in_range<in_range4>},
    {"ipv6_is_in_range", is_in_range<in_range6>},
    {"ipv4_is_in_any_range", is_in_any_range<in_range4>},
    {"ipv6_is_in_any_range", is_in_any_range<in_range6>},
    {"ipv4_is_private", ipv4_is_private},
    {"parse_ipv4", parse_ipv4},
    {"parse_ipv4_mask", parse_ipv4_mask},
    {"parse_ipv6", parse_ipv6},
    {"parse_ipv6_mask", parse_ipv6_mask},
    {"ipv4_netmask_suffix", ipv4_netmask_suffix},
    {"format_ipv4", format_ipv4<false>},
    {"format_ipv4_mask", format_ipv4<true>},
    {"ipv4_range_to_cidr_list", ipv4_range_to_cidr_list},
    {"has_ipv4", has_ipv4},
    {"has_ipv4_prefix", has_ipv4_prefix},
};

}  // namespace

std::span<const BodyEntry> network_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
