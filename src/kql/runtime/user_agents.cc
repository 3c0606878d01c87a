// parse_user_agent: which browser, system and device a client says it is, by the patterns of uap-core
// (https://github.com/ua-parser/uap-core; its specification says how they are used).
#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

struct Pattern {
  const char* regex;
  bool folded;
  const char* replacements[5];  ///< null: the group of the field
};

#include "user_agents.inc"

constexpr size_t kMostGroups = 10;

// One list of patterns, of which the first that matches counts. A text is searched for all literals that the
// patterns need at once; only patterns whose literals are there are tried.
class PatternList {
 public:
  explicit PatternList(std::span<const Pattern> patterns)
      : patterns_(patterns), filter_(kShortestLiteral), atoms_(atom_options(), re2::RE2::UNANCHORED) {
    for (const auto& pattern : patterns) {
      re2::RE2::Options options = quiet();
      options.set_case_sensitive(!pattern.folded);
      int id = 0;
      filter_.Add(pattern.regex, options, &id);
    }
    std::vector<std::string> atoms;
    filter_.Compile(&atoms);
    for (const auto& atom : atoms) atoms_.Add(re2::RE2::QuoteMeta(atom), nullptr);
    atoms_.Compile();
  }

  /// The fields of the first pattern that matches; nothing when none does.
  std::optional<std::vector<std::string>> find(std::string_view text, size_t fields) const {
    std::vector<int> present;
    atoms_.Match(re2::StringPiece(text.data(), text.size()), &present);
    const int found = filter_.FirstMatch(re2::StringPiece(text.data(), text.size()), present);
    if (found < 0) return std::nullopt;
    std::array<re2::StringPiece, kMostGroups> groups;
    const re2::RE2& regex = filter_.GetRE2(found);
    const int count = std::min<int>(regex.NumberOfCapturingGroups() + 1, kMostGroups);
    regex.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED,
                groups.data(), count);
    std::vector<std::string> out;
    for (size_t i = 0; i < fields; ++i) {
      const char* replacement = patterns_[static_cast<size_t>(found)].replacements[i];
      out.emplace_back(trim(replacement ? filled(replacement, groups) : std::string(groups[i + 1])));
    }
    return out;
  }

 private:
  static constexpr int kShortestLiteral = 3;

  static re2::RE2::Options quiet() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    return options;
  }
  static re2::RE2::Options atom_options() {
    re2::RE2::Options options = quiet();
    options.set_case_sensitive(false);
    options.set_max_mem(64 << 20);
    return options;
  }
  // $1 to $9 are the groups.
  static std::string filled(std::string_view replacement,
                            const std::array<re2::StringPiece, kMostGroups>& groups) {
    std::string out;
    for (size_t i = 0; i < replacement.size(); ++i) {
      const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
      if (replacement[i] == '$' && next >= '1' && next <= '9') {
        out += std::string_view(groups[static_cast<size_t>(next - '0')]);
        ++i;
      } else {
        out += replacement[i];
      }
    }
    return out;
  }

  std::span<const Pattern> patterns_;
  re2::FilteredRE2 filter_;
  re2::RE2::Set atoms_;
};

struct Part {
  std::string_view word;  ///< as the call asks for it
  std::string_view name;  ///< in the result
  std::array<std::string_view, 5> fields;
  size_t field_count;
  std::string_view otherwise;  ///< the family when nothing matches
  const PatternList& (*list)();
};

const PatternList& browsers() {
  static const PatternList list{kBrowserPatterns};
  return list;
}
const PatternList& systems() {
  static const PatternList list{kSystemPatterns};
  return list;
}
const PatternList& devices() {
  static const PatternList list{kDevicePatterns};
  return list;
}

constexpr Part kParts[] = {
    {"browser", "Browser", {"Family", "MajorVersion", "MinorVersion", "Patch"}, 4, "Other", browsers},
    {"os",
     "OperatingSystem",
     {"Family", "MajorVersion", "MinorVersion", "Patch", "PatchMinor"},
     5,
     "Other",
     systems},
    {"device", "Device", {"Family", "Brand", "Model"}, 3, "Other", devices},
};

void append_part(std::string& json, const Part& part, std::string_view text) {
  auto values = part.list().find(text, part.field_count);
  if (!values) {
    values.emplace(part.field_count);
    values->front() = part.otherwise;
  }
  append_json_string(json, part.name);
  json += ":{";
  for (size_t i = 0; i < part.field_count; ++i) {
    if (i) json += ',';
    append_json_string(json, part.fields[i]);
    json += ':';
    append_json_string(json, (*values)[i]);
  }
  json += '}';
}

// parse_user_agent(text, "browser" | "os" | "device" or an array of them)
void parse_user_agent(Args args, Value& out, Context& context) {
  constexpr size_t kLongest = 4096;  // no client is that talkative; bounds the work per row
  const std::string_view text = args[0].text.substr(0, kLongest);
  std::vector<std::string> wanted;
  if (const auto elements = elements_of(args[1])) {
    for (const auto element : *elements) wanted.push_back(text_of(element));
  } else {
    wanted.push_back(args[1].type == Type::kDynamic ? text_of(args[1].text) : std::string(args[1].text));
  }
  std::string json;
  for (const auto& part : kParts) {
    if (std::none_of(wanted.begin(), wanted.end(),
                     [&](const auto& word) { return fold_case(word) == part.word; }))
      continue;
    json += json.empty() ? "{" : ",";
    append_part(json, part, text);
  }
  if (!json.empty()) set_dynamic(out, json + "}", context);
}

constexpr BodyEntry kBodies[] = {{"parse_user_agent", parse_user_agent}};

}  // namespace

std::span<const BodyEntry> user_agent_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
