// Functions that take a regular expression. A pattern that is wrong matches nothing: constant ones are
// refused earlier.
#include <algorithm>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "kql/runtime/dynamic.h"
#include "kql/runtime/regex.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

void matches_regex(Args args, Value& out, Context& context) {
  set_bool(out, context.cached<Regex>(args[1].text).matches(args[0].text));
}

// extract(pattern, group, text)
void extract(Args args, Value& out, Context& context) {
  const auto& regex = context.cached<Regex>(args[0].text);
  const int64_t group = args[1].integer;
  std::vector<std::string_view> found;
  if (group < 0 || static_cast<size_t>(group) > regex.groups() || !regex.find(args[2].text, 0, found)) return;
  out.text = found[static_cast<size_t>(group)];
  if (out.text.data() == nullptr) out.text = "";
}

// extract_all(pattern, [groups], text): an array of texts when one group is asked for, else an array of
// arrays.
void extract_all(Args args, Value& out, Context& context) {
  const auto& regex = context.cached<Regex>(args[0].text);
  std::vector<size_t> groups;
  if (args.size() > 2) {
    const auto wanted = elements_of(args[1]);
    if (!wanted) return;
    for (const auto raw : *wanted) {
      if (json_kind(raw) == JsonKind::kString) {
        if (const auto named = regex.group(text_of(raw))) groups.push_back(*named);
      } else if (const auto number = json_number(raw);
                 number && number->integer >= 0 && static_cast<size_t>(number->integer) <= regex.groups()) {
        groups.push_back(static_cast<size_t>(number->integer));
      }
    }
  } else {
    for (size_t i = 1; i <= regex.groups(); ++i) groups.push_back(i);
    if (groups.empty()) groups.push_back(0);
  }
  if (groups.empty()) return;
  std::string json;
  each_match(regex, args.back().text, [&](const std::vector<std::string_view>& found) {
    json += json.empty() ? "[" : ",";
    if (groups.size() > 1) json += '[';
    for (size_t i = 0; i < groups.size(); ++i) {
      if (i) json += ',';
      append_json_string(json, found[groups[i]]);
    }
    if (groups.size() > 1) json += ']';
    return true;
  });
  if (!json.empty()) set_dynamic(out, json + "]", context);
}

// `\0` to `\9` in the rewrite are groups, `\\` is a backslash.
void append_rewrite(std::string& made, std::string_view rewrite, const std::vector<std::string_view>& found) {
  for (size_t i = 0; i < rewrite.size(); ++i) {
    if (rewrite[i] != '\\' || i + 1 == rewrite.size()) {
      made += rewrite[i];
      continue;
    }
    const char c = rewrite[++i];
    if (c >= '0' && c <= '9') {
      const auto group = static_cast<size_t>(c - '0');
      if (group < found.size()) made += found[group];
    } else if (c == '\\') {
      made += '\\';
    } else {
      made += '\\';
      made += c;
    }
  }
}

void replace_with(std::string_view text, std::string_view pattern, std::string_view rewrite, Value& out,
                  Context& context) {
  if (text.data() == nullptr) text = "";
  std::string made;
  size_t done = 0;
  bool any = false;
  each_match(context.cached<Regex>(pattern), text, [&](const std::vector<std::string_view>& found) {
    const auto at = static_cast<size_t>(found[0].data() - text.data());
    made.append(text, done, at - done);
    append_rewrite(made, rewrite, found);
    done = at + found[0].size();
    return any = true;
  });
  if (!any) {
    out.text = text;
    return;
  }
  made.append(text, done);
  set_text(out, std::move(made), context);
}

// replace_regex(text, pattern, rewrite), and the old replace(pattern, rewrite, text)
void replace_regex(Args args, Value& out, Context& context) {
  replace_with(args[0].text, args[1].text, args[2].text, out, context);
}
void replace_old(Args args, Value& out, Context& context) {
  replace_with(args[2].text, args[0].text, args[1].text, out, context);
}

// One match at an end is cut off; of several that reach the end, the longest.
std::string_view cut_start(const Regex& regex, std::string_view text) {
  std::vector<std::string_view> found;
  if (regex.find(text, 0, found) && found[0].data() == text.data()) text.remove_prefix(found[0].size());
  return text;
}
std::string_view cut_end(const Regex& regex, std::string_view text) {
  std::vector<std::string_view> found;
  if (regex.find(text, 0, found)) text.remove_suffix(found[0].size());
  return text;
}

// trim(pattern, text): the pattern anchored at the start or at the end.
struct Trimmers {
  explicit Trimmers(std::string_view pattern)
      : start("^(?:" + std::string(pattern) + ")"), end("(?:" + std::string(pattern) + ")$") {}
  Regex start, end;
};
void trim_body(Args args, Value& out, Context& context) {
  const auto& trimmers = context.cached<Trimmers>(args[0].text);
  out.text = cut_end(trimmers.end, cut_start(trimmers.start, args[1].text));
}
void trim_start(Args args, Value& out, Context& context) {
  out.text = cut_start(context.cached<Trimmers>(args[0].text).start, args[1].text);
}
void trim_end(Args args, Value& out, Context& context) {
  out.text = cut_end(context.cached<Trimmers>(args[0].text).end, args[1].text);
}

// countof(text, what, kind)
void countof_kind(Args args, Value& out, Context& context) {
  int64_t count = 0;
  const std::string_view text = args[0].text, what = args[1].text;
  if (fold_case(args[2].text) == "regex") {
    each_match(context.cached<Regex>(what), text, [&](const auto&) { return ++count > 0; });
  } else if (!what.empty()) {
    for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  }
  set_long(out, count);
}

// indexof_regex(text, pattern, start, length, occurrence): matches do not overlap.
void indexof_regex(Args args, Value& out, Context& context) {
  const int64_t start = args.size() > 2 ? args[2].integer : 0;
  const int64_t length = args.size() > 3 ? args[3].integer : -1;
  const int64_t occurrence = args.size() > 4 ? args[4].integer : 1;
  if (start < 0 || length < -1 || occurrence < 0) return;
  const std::string_view text = args[0].text.data() == nullptr ? "" : args[0].text;
  size_t begin = 0;
  for (int64_t i = 0; i < start && begin < text.size(); ++i) next_code_point(text, begin);
  size_t end = text.size();
  if (length >= 0) {
    end = begin;
    for (int64_t i = 0; i < length && end < text.size(); ++i) next_code_point(text, end);
  }
  const std::string_view window = text.substr(begin, end - begin);
  int64_t seen = 0;
  size_t place = std::string_view::npos;
  each_match(context.cached<Regex>(args[1].text), window, [&](const std::vector<std::string_view>& found) {
    if (++seen < occurrence) return true;
    place = static_cast<size_t>(found[0].data() - text.data());
    return false;
  });
  set_long(out, place == std::string_view::npos
                    ? -1
                    : static_cast<int64_t>(count_code_points(text.substr(0, place))));
}

constexpr BodyEntry kBodies[] = {
    {"matches_regex", matches_regex}, {"extract", extract},     {"extract_all", extract_all},
    {"replace_regex", replace_regex}, {"replace", replace_old}, {"trim", trim_body},
    {"trim_start", trim_start},       {"trim_end", trim_end},   {"countof_kind", countof_kind},
    {"indexof_regex", indexof_regex},
};

}  // namespace

std::span<const BodyEntry> regex_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
