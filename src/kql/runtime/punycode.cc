// Punycode (RFC 3492), for texts and for the labels of domain names.
#include <string>
#include <vector>

#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
using Points = std::vector<char32_t>;

constexpr uint32_t kBase = 36, kLow = 1, kHigh = 26, kSkew = 38, kDamp = 700, kFirstBias = 72,
                   kFirstPoint = 128;
constexpr size_t kMaxPoints = 4096;

uint32_t adapt(uint32_t delta, uint32_t count, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / count;
  uint32_t k = 0;
  for (; delta > (kBase - kLow) * kHigh / 2; k += kBase) delta /= kBase - kLow;
  return k + (kBase - kLow + 1) * delta / (delta + kSkew);
}

uint32_t threshold(uint32_t k, uint32_t bias) {
  return k <= bias ? kLow : k >= bias + kHigh ? kHigh : k - bias;
}
char digit(uint32_t value) { return static_cast<char>(value < 26 ? 'a' + value : '0' + value - 26); }

Points points_of(std::string_view text) {
  Points points;
  for (size_t at = 0; at < text.size();) points.push_back(next_code_point(text, at));
  return points;
}

std::optional<std::string> encode(const Points& points) {
  if (points.size() > kMaxPoints) return std::nullopt;
  std::string out;
  for (const char32_t point : points) {
    if (point < 128) out += static_cast<char>(point);
  }
  uint32_t done = static_cast<uint32_t>(out.size());
  const uint32_t basic = done;
  if (basic) out += '-';
  uint32_t point = kFirstPoint, bias = kFirstBias;
  uint64_t delta = 0;
  while (done < points.size()) {
    uint32_t next = UINT32_MAX;
    for (const char32_t p : points) {
      if (p >= point && p < next) next = static_cast<uint32_t>(p);
    }
    delta += uint64_t{next - point} * (done + 1);
    if (delta > UINT32_MAX) return std::nullopt;
    point = next;
    for (const char32_t p : points) {
      if (p < point) ++delta;
      if (p != point) continue;
      uint32_t rest = static_cast<uint32_t>(delta);
      for (uint32_t k = kBase;; k += kBase) {
        const uint32_t t = threshold(k, bias);
        if (rest < t) break;
        out += digit(t + (rest - t) % (kBase - t));
        rest = (rest - t) / (kBase - t);
      }
      out += digit(rest);
      bias = adapt(static_cast<uint32_t>(delta), done + 1, done == basic);
      delta = 0;
      ++done;
    }
    ++delta;
    ++point;
  }
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  if (text.size() > kMaxPoints) return std::nullopt;
  Points points;
  const size_t dash = text.rfind('-');
  size_t at = 0;
  if (dash != std::string_view::npos) {
    for (const char c : text.substr(0, dash)) {
      if (static_cast<unsigned char>(c) >= 128) return std::nullopt;
      points.push_back(static_cast<char32_t>(c));
    }
    at = dash + 1;
  }
  uint64_t point = kFirstPoint, i = 0;
  uint32_t bias = kFirstBias;
  while (at < text.size()) {
    const uint64_t before = i;
    uint64_t weight = 1;
    for (uint32_t k = kBase;; k += kBase) {
      if (at >= text.size()) return std::nullopt;
      const char c = text[at++];
      const uint32_t value = c >= 'a' && c <= 'z'   ? static_cast<uint32_t>(c - 'a')
                             : c >= 'A' && c <= 'Z' ? static_cast<uint32_t>(c - 'A')
                             : c >= '0' && c <= '9' ? static_cast<uint32_t>(c - '0' + 26)
                                                    : kBase;
      if (value >= kBase) return std::nullopt;
      i += value * weight;
      if (i > UINT32_MAX) return std::nullopt;
      const uint32_t t = threshold(k, bias);
      if (value < t) break;
      weight *= kBase - t;
      if (weight > UINT32_MAX) return std::nullopt;
    }
    const uint32_t count = static_cast<uint32_t>(points.size() + 1);
    bias = adapt(static_cast<uint32_t>(i - before), count, before == 0);
    point += i / count;
    i %= count;
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return std::nullopt;
    points.insert(points.begin() + static_cast<std::ptrdiff_t>(i), static_cast<char32_t>(point));
    ++i;
  }
  std::string out;
  for (const char32_t p : points) append_utf8(out, p);
  return out;
}

void punycode_from_string(Args args, Value& out, Context& context) {
  if (auto text = encode(points_of(args[0].text))) set_text(out, std::move(*text), context);
}

void punycode_to_string(Args args, Value& out, Context& context) {
  if (auto text = decode(args[0].text)) set_text(out, std::move(*text), context);
}

void punycode_domain_from_string(Args args, Value& out, Context& context) {
  std::string domain;
  bool first = true;
  for (const auto label : split(args[0].text, '.')) {
    if (!first) domain += '.';
    first = false;
    if (!label.starts_with("xn--")) {
      domain += label;
      continue;
    }
    const auto plain = decode(label.substr(4));
    if (!plain) return;
    domain += *plain;
  }
  set_text(out, std::move(domain), context);
}

void punycode_domain_to_string(Args args, Value& out, Context& context) {
  std::string domain;
  Points label;
  bool failed = false;
  const auto flush = [&] {
    bool ascii = true;
    for (const char32_t p : label) ascii = ascii && p < 128;
    const auto coded = encode(label);
    failed = failed || !coded;
    if (ascii) {
      for (const char32_t p : label) append_utf8(domain, p);
    } else if (coded) {
      domain += "xn--" + *coded;
    }
    label.clear();
  };
  for (const char32_t p : points_of(args[0].text)) {
    if (p == U'.' || p == U'\u3002' || p == U'\uFF0E' || p == U'\uFF61') {
      flush();
      domain += '.';
    } else {
      label.push_back(p);
    }
  }
  flush();
  if (!failed) set_text(out, std::move(domain), context);
}

constexpr BodyEntry kBodies[] = {
    {"punycode_from_string", punycode_from_string},
    {"punycode_to_string", punycode_to_string},
    {"punycode_domain_from_string", punycode_domain_from_string},
    {"punycode_domain_to_string", punycode_domain_to_string},
};

}  // namespace

std::span<const BodyEntry> punycode_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
