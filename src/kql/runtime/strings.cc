// Functions of plain text. Places and lengths count code points.
#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// The byte where code point `index` starts, from byte `from` on; the size when there are fewer.
size_t byte_of(std::string_view text, int64_t index, size_t from = 0) {
  size_t pos = from;
  for (; index > 0 && pos < text.size(); --index) next_code_point(text, pos);
  return pos;
}

void tolower_body(Args args, Value& out, Context& context) { set_text(out, to_lower(args[0].text), context); }
void toupper_body(Args args, Value& out, Context& context) { set_text(out, to_upper(args[0].text), context); }

void substring(Args args, Value& out, Context&) {
  const std::string_view text = args[0].text;
  int64_t start = args[1].integer;
  int64_t length = args.size() > 2 ? args[2].integer : INT64_MAX;
  if (length <= 0) return;
  if (start < 0) {
    const auto size = static_cast<int64_t>(count_code_points(text));
    start = start < -size - INT32_MAX ? -INT32_MAX : size + start;
    if (start < 0 && length != INT64_MAX) length += start;
    start = std::max<int64_t>(start, 0);
    if (length <= 0) return;
  }
  const size_t begin = byte_of(text, start);
  const size_t end = length == INT64_MAX ? text.size() : byte_of(text, length, begin);
  out.text = text.substr(begin, end - begin);
}

// indexof(text, what, start, length, occurrence)
void indexof(Args args, Value& out, Context&) {
  const std::string_view text = args[0].text, what = args[1].text;
  int64_t start = args.size() > 2 ? args[2].integer : 0;
  const int64_t length = args.size() > 3 ? args[3].integer : -1;
  const int64_t occurrence = args.size() > 4 ? args[4].integer : 1;
  if (what.empty() || length < -1 || occurrence < 0) return;
  if (start < 0) start = std::max<int64_t>(0, static_cast<int64_t>(count_code_points(text)) + start);
  const size_t begin = byte_of(text, start);
  const size_t end = length < 0 ? text.size() : byte_of(text, length, begin);  // the last places to begin at
  int64_t seen = 0;
  for (size_t at = text.find(what, begin); at < end; at = text.find(what, at + 1)) {
    if (++seen >= occurrence)
      return set_long(out, static_cast<int64_t>(count_code_points(text.substr(0, at))));
  }
  set_long(out, -1);
}

void split_body(Args args, Value& out, Context& context) {
  std::vector<std::string_view> parts;
  std::string_view rest = args[0].text;
  const std::string_view delimiter = args[1].text;
  while (true) {
    const size_t at = delimiter.empty() ? std::string_view::npos : rest.find(delimiter);
    parts.push_back(rest.substr(0, at));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + delimiter.size());
  }
  std::string json = "[";
  if (args.size() > 2) {
    const int64_t index = args[2].integer;
    if (index < 0 || index >= static_cast<int64_t>(parts.size())) return;
    append_json_string(json, parts[static_cast<size_t>(index)]);
  } else {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (i) json += ',';
      append_json_string(json, parts[i]);
    }
  }
  set_dynamic(out, json + "]", context);
}

std::string replace_all(std::string_view text, std::string_view what, std::string_view with) {
  std::string made;
  size_t done = 0;
  for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, done)) {
    made.append(text, done, at - done).append(with);
    done = at + what.size();
  }
  return made.append(text, done);
}

void replace_string(Args args, Value& out, Context& context) {
  if (args[1].text.empty() || args[0].text.find(args[1].text) == std::string_view::npos) {
    out.text = args[0].text;
  } else {
    set_text(out, replace_all(args[0].text, args[1].text, args[2].text), context);
  }
}

// One lookup after the other; what a lookup found is not searched again. One whose replacement is no string
// stays.
void replace_strings(Args args, Value& out, Context& context) {
  struct Piece {
    std::string text;
    bool done = false;
  };
  const auto lookups = elements_of(args[1]), replacements = elements_of(args[2]);
  out.text = args[0].text;
  if (!lookups || !replacements || lookups->size() != replacements->size()) return;
  std::vector<Piece> pieces = {{std::string(args[0].text), false}};
  for (size_t i = 0; i < lookups->size(); ++i) {
    const std::string lookup = text_of((*lookups)[i]);
    const std::string with =
        json_kind((*replacements)[i]) == JsonKind::kString ? text_of((*replacements)[i]) : lookup;
    if (lookup.empty()) continue;
    std::vector<Piece> next;
    for (auto& piece : pieces) {
      size_t from = 0;
      for (size_t at = piece.done ? std::string::npos : piece.text.find(lookup); at != std::string::npos;
           at = piece.text.find(lookup, from)) {
        if (at > from) next.push_back({piece.text.substr(from, at - from), false});
        next.push_back({with, true});
        from = at + lookup.size();
      }
      if (from == 0) next.push_back(std::move(piece));
      else if (from < piece.text.size()) next.push_back({piece.text.substr(from), false});
    }
    pieces = std::move(next);
  }
  std::string made;
  for (const auto& piece : pieces) made += piece.text;
  set_text(out, std::move(made), context);
}

void reverse(Args args, Value& out, Context& context) {
  const std::string_view text = args[0].text;
  std::string made(text.size(), '\0');
  size_t to = made.size();
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    next_code_point(text, pos);
    to -= pos - start;
    std::copy(text.begin() + static_cast<ptrdiff_t>(start), text.begin() + static_cast<ptrdiff_t>(pos),
              made.begin() + static_cast<ptrdiff_t>(to));
  }
  set_text(out, std::move(made), context);
}

void strrep(Args args, Value& out, Context& context) {
  const int64_t times = std::min<int64_t>(args[1].integer, 1024);
  std::string made;
  for (int64_t i = 0; i < times && made.size() < (1u << 26); ++i) {
    if (i && args.size() > 2) made += args[2].text;
    made += args[0].text;
  }
  set_text(out, std::move(made), context);
}

void strcmp_body(Args args, Value& out, Context&) {
  const int order = args[0].text.compare(args[1].text);
  set_long(out, order < 0 ? -1 : order > 0);
}

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> all;
  for (size_t pos = 0; pos < text.size();) all.push_back(next_code_point(text, pos));
  return all;
}

// translate(from, to, text): a short `to` is filled with its last character, an empty one deletes.
void translate(Args args, Value& out, Context& context) {
  const auto from = code_points(args[0].text), to = code_points(args[1].text);
  std::string made;
  for (const char32_t c : code_points(args[2].text)) {
    const auto at = std::find(from.begin(), from.end(), c);
    if (at == from.end()) append_utf8(made, c);
    else if (!to.empty())
      append_utf8(made, to[std::min(static_cast<size_t>(at - from.begin()), to.size() - 1)]);
  }
  set_text(out, std::move(made), context);
}

void isascii(Args args, Value& out, Context&) {
  set_bool(out, std::all_of(args[0].text.begin(), args[0].text.end(),
                            [](char c) { return static_cast<uint8_t>(c) < 0x80; }));
}

void isutf8(Args args, Value& out, Context&) { set_bool(out, is_valid_utf8(args[0].text)); }

void regex_quote(Args args, Value& out, Context& context) {
  std::string made;
  for (const char c : args[0].text) {
    if (std::string_view("\\.+*?()|[]{}^$#&-~").find(c) != std::string_view::npos) made += '\\';
    made += c;
  }
  set_text(out, std::move(made), context);
}

std::string hex_of(uint64_t bits, Args args) {
  const int64_t least = args.size() > 1 ? std::clamp<int64_t>(args[1].integer, 0, 1024) : 0;
  return fmt::format("{:0{}x}", bits, least);
}
void tohex_int(Args args, Value& out, Context& context) {
  set_text(out, hex_of(static_cast<uint32_t>(args[0].integer), args), context);
}
void tohex_long(Args args, Value& out, Context& context) {
  set_text(out, hex_of(static_cast<uint64_t>(args[0].integer), args), context);
}

// format_bytes(value, digits, unit)
void format_bytes(Args args, Value& out, Context& context) {
  static constexpr std::string_view kUnits[] = {"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
  double value = args[0].real;
  const int64_t digits = args.size() > 1 ? std::clamp<int64_t>(args[1].integer, 0, 15) : 0;
  size_t unit = 0;
  if (args.size() > 2) {
    const auto wanted = std::find_if(std::begin(kUnits), std::end(kUnits), [&](std::string_view name) {
      return fold_case(name) == fold_case(args[2].text);
    });
    if (wanted == std::end(kUnits)) return;
    unit = static_cast<size_t>(wanted - std::begin(kUnits));
    value /= std::pow(1024.0, static_cast<double>(unit));
  } else {
    for (; unit + 1 < std::size(kUnits) && std::fabs(value) >= 1024; ++unit) value /= 1024;
  }
  std::string number = fmt::format("{:.{}f}", value, digits);
  if (number.find('.') != std::string::npos) {
    while (number.ends_with('0')) number.pop_back();
    if (number.ends_with('.')) number.pop_back();
  }
  set_text(out, number + " " + std::string(kUnits[unit]), context);
}

// How many times `what` stands in `text`; the places may overlap.
void countof(Args args, Value& out, Context&) {
  int64_t count = 0;
  if (!args[1].text.empty()) {
    for (size_t at = args[0].text.find(args[1].text); at != std::string_view::npos;
         at = args[0].text.find(args[1].text, at + 1))
      ++count;
  }
  set_long(out, count);
}

constexpr BodyEntry kBodies[] = {
    {"tolower", tolower_body},
    {"toupper", toupper_body},
    {"substring", substring},
    {"indexof", indexof},
    {"split", split_body},
    {"replace_string", replace_string},
    {"replace_strings", replace_strings},
    {"reverse", reverse},
    {"strrep", strrep},
    {"strcmp", strcmp_body},
    {"translate", translate},
    {"isascii", isascii},
    {"isutf8", isutf8},
    {"regex_quote", regex_quote},
    {"tohex_int", tohex_int},
    {"tohex_long", tohex_long},
    {"format_bytes", format_bytes},
    {"countof", countof},
};

}  // namespace

std::span<const BodyEntry> string_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
