#include "scenario/stamp.h"

#include <array>
#include <charconv>

#include "base/time.h"

namespace huntbook::scenario {
namespace {

Civil civil(Micros t) { return civil_from_ticks(kUnixEpochTicks + t * kTicksPerMicrosecond); }

void append_date(std::string& out, const Civil& c) {
  append_padded(out, c.year, 4);
  out += '-';
  append_padded(out, c.month, 2);
  out += '-';
  append_padded(out, c.day, 2);
}

void append_clock(std::string& out, const Civil& c) {
  append_padded(out, c.hour, 2);
  out += ':';
  append_padded(out, c.minute, 2);
  out += ':';
  append_padded(out, c.second, 2);
}

void append_fraction(std::string& out, int64_t ticks, int digits) {
  if (digits == 0) return;
  for (int i = digits; i < 7; ++i) ticks /= 10;
  out += '.';
  append_padded(out, ticks, digits);
}

}  // namespace

void append_number(std::string& out, int64_t value) {
  std::array<char, 24> buffer;
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

void append_padded(std::string& out, int64_t value, int digits) {
  std::array<char, 20> buffer;
  for (int i = digits - 1; i >= 0; --i, value /= 10)
    buffer[static_cast<size_t>(i)] = static_cast<char>('0' + value % 10);
  out.append(buffer.data(), static_cast<size_t>(digits));
}

void append_hex(std::string& out, uint64_t value, int digits, bool upper) {
  const char* alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  if (digits == 0) do
      ++digits;
    while (digits < 16 && (value >> (4 * digits)) != 0);
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += alphabet[(value >> shift) & 15];
}

std::string hex_text(uint64_t value) {
  std::string out = "0x";
  append_hex(out, value);
  return out;
}

std::string number_text(int64_t value) {
  std::string out;
  append_number(out, value);
  return out;
}

void append_iso(std::string& out, Micros t, int fraction_digits) {
  Civil c = civil(t);
  append_date(out, c);
  out += 'T';
  append_clock(out, c);
  append_fraction(out, c.fraction, fraction_digits);
  out += 'Z';
}

void append_plain(std::string& out, Micros t, int fraction_digits) {
  Civil c = civil(t);
  append_date(out, c);
  out += ' ';
  append_clock(out, c);
  append_fraction(out, c.fraction, fraction_digits);
}

void append_syslog(std::string& out, Micros t) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  Civil c = civil(t);
  out += kMonths[static_cast<size_t>(c.month - 1)];
  out += c.day < 10 ? "  " : " ";
  append_number(out, c.day);
  out += ' ';
  append_clock(out, c);
}

void append_epoch(std::string& out, Micros t, int fraction_digits) {
  append_number(out, t / kSecond);
  append_fraction(out, (t % kSecond) * kTicksPerMicrosecond, fraction_digits);
}

void append_interval(std::string& out, Micros duration) {
  append_number(out, duration / kSecond);
  out += '.';
  append_padded(out, duration % kSecond, 6);
}

std::string iso_text(Micros t, int fraction_digits) {
  std::string out;
  append_iso(out, t, fraction_digits);
  return out;
}

void append_guid(std::string& out, uint64_t high, uint64_t low) {
  append_hex(out, high >> 32, 8);
  out += '-';
  append_hex(out, (high >> 16) & 0xffff, 4);
  out += '-';
  append_hex(out, high & 0xffff, 4);
  out += '-';
  append_hex(out, low >> 48, 4);
  out += '-';
  append_hex(out, low & 0xffffffffffffULL, 12);
}

std::string guid_text(uint64_t high, uint64_t low) {
  std::string out;
  append_guid(out, high, low);
  return out;
}

std::string encode_powershell(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string wide;
  for (char c : text) (wide += c) += '\0';
  std::string out;
  for (size_t i = 0; i < wide.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = (group << 8) | (i + k < wide.size() ? static_cast<unsigned char>(wide[i + k]) : 0U);
    out += kAlphabet[group >> 18];
    out += kAlphabet[(group >> 12) & 63];
    out += i + 1 < wide.size() ? kAlphabet[(group >> 6) & 63] : '=';
    out += i + 2 < wide.size() ? kAlphabet[group & 63] : '=';
  }
  return out;
}

}  // namespace huntbook::scenario
