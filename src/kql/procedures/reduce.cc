// reduce: groups texts by what they have in common. Words that are frequent at their place make the pattern,
// as in the Simple Logfile Clustering Tool (Vaarandi 2003); all else is `*`.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/json.h"
#include "kql/procedures/procedure.h"

namespace huntbook::kql {
namespace {

// Words past this place are not told apart, which bounds memory on hostile lines.
constexpr size_t kMaxWords = 256;

struct Split {
  std::vector<std::string_view> words;  ///< runs of letters and digits
  std::vector<std::string_view> gaps;   ///< what stands before each word, and behind the last
};

class Splitter {
 public:
  explicit Splitter(std::string_view more) {
    for (unsigned c = 0; c < 256; ++c)
      word_[c] = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    for (char c : more) word_[static_cast<uint8_t>(c)] = false;
  }
  Split split(std::string_view text) const {
    Split parts;
    size_t at = 0;
    while (true) {
      const size_t gap = at;
      while (at < text.size() && !is_word(text[at])) ++at;
      parts.gaps.push_back(text.substr(gap, at - gap));
      if (at == text.size() || parts.words.size() == kMaxWords) return parts;
      const size_t word = at;
      while (at < text.size() && is_word(text[at])) ++at;
      parts.words.push_back(text.substr(word, at - word));
    }
  }

 private:
  bool is_word(char c) const { return word_[static_cast<uint8_t>(c)]; }
  bool word_[256] = {};
};

std::string word_key(size_t place, std::string_view word) {
  return std::to_string(place) + ":" + std::string(word);
}

// The frequent words with what stands between them; runs of others become one `*`. Empty when none is
// frequent.
std::string pattern_of(const Split& parts, const std::unordered_set<std::string>& frequent,
                       std::string_view more) {
  // Separators that the query added go into the `*`, all others stay beside it.
  const auto kept = [&](std::string_view gap) {
    return gap.find_first_of(more) == std::string_view::npos ? gap : std::string_view();
  };
  std::string pattern;
  bool any = false, open = false;
  for (size_t i = 0; i < parts.words.size(); ++i) {
    if (!frequent.contains(word_key(i, parts.words[i]))) {
      if (!open) pattern.append(kept(parts.gaps[i])) += '*';
      open = true;
      continue;
    }
    pattern += open ? kept(parts.gaps[i]) : parts.gaps[i];
    pattern += parts.words[i];
    any = true;
    open = false;
  }
  if (!any) return {};
  return pattern.append(open ? kept(parts.gaps.back()) : parts.gaps.back());
}

struct Group {
  int64_t count = 0;
  std::string representative;
};

Result<Table> reduce(const ProcedureCall& call) {
  auto options = parse_json(call.options);
  if (!options) return Diagnostic{"HB-E001", "reduce got options that are no JSON", {}, "", "", ""};
  const std::string& characters = options->find("characters")->as_string();
  const Splitter splitter(characters);
  const double threshold = options->find("threshold")->as_real();
  const size_t rows = call.inputs[0].rows();
  const double least = std::max(2.0, threshold * static_cast<double>(rows));
  const auto each_text = [&](const auto& visit) -> Status {
    for (const auto& batch : call.inputs[0].batches) {
      if (call.cancel && call.cancel->cancelled()) return interrupted();
      for (size_t i = 0; i < batch->rows; ++i) visit(batch->columns[0].text_at(i));
    }
    return {};
  };
  std::unordered_map<std::string, size_t> counts;
  Status status = each_text([&](std::string_view text) {
    const Split parts = splitter.split(text);
    for (size_t i = 0; i < parts.words.size(); ++i) ++counts[word_key(i, parts.words[i])];
  });
  if (!status.ok()) return status.error();
  std::unordered_set<std::string> frequent;
  for (const auto& [key, count] : counts) {
    if (static_cast<double>(count) >= least) frequent.insert(key);
  }
  std::map<std::string, Group> groups;
  int64_t others = 0;
  status = each_text([&](std::string_view text) {
    std::string pattern = pattern_of(splitter.split(text), frequent, characters);
    if (pattern.empty()) {
      ++others;
      return;
    }
    Group& group = groups[std::move(pattern)];
    if (group.count++ == 0) group.representative = text;
  });
  if (!status.ok()) return status.error();
  std::vector<std::pair<std::string, Group>> found;
  for (auto& [pattern, group] : groups) {
    if (static_cast<double>(group.count) >= least) found.emplace_back(pattern, std::move(group));
    else others += group.count;
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  if (others > 0) found.emplace_back("others", Group{others, ""});
  auto builders = builders_of(call);
  for (const auto& [pattern, group] : found) {
    builders[0].append_text(pattern);
    builders[1].append_long(group.count);
    builders[2].append_text(group.representative);
  }
  return make_table(call.output, std::move(builders));
}

constexpr ProcedureEntry kEntries[] = {{"reduce", reduce}};

}  // namespace

std::span<const ProcedureEntry> reduce_procedures() { return kEntries; }

}  // namespace huntbook::kql
