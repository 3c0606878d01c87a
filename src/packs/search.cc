#include "packs/search.h"

#include <algorithm>

#include "base/text.h"

namespace huntbook {
namespace {

bool has(std::string_view text, const std::string& word) {
  return to_lower(text).find(word) != std::string::npos;
}

bool any_has(const std::vector<std::string>& list, const std::string& word) {
  return std::any_of(list.begin(), list.end(), [&](const auto& text) { return has(text, word); });
}

bool any_param(const PackQuery& query, const std::string& word) {
  return std::any_of(query.params.begin(), query.params.end(), [&](const auto& param) {
    return has(param.name, word) || any_has(param.aliases, word);
  });
}

// How well a name fits a word: the whole of it, one of its words, the beginning of one, or anything inside.
int name_score(std::string_view name, const std::string& word) {
  const std::string lower = to_lower(name);
  if (lower == word) return 40;
  int score = lower.find(word) == std::string::npos ? 0 : 8;
  for (auto part : split(lower, '_')) {
    if (part == word) return 16;
    if (part.starts_with(word)) score = 12;
  }
  return score;
}

int word_score(const PackQuery& query, const std::string& word) {
  int score = name_score(query.name, word);
  if (any_has(query.techniques, word)) score += 8;
  if (any_has(query.tables, word)) score += 6;
  if (any_has(query.families, word)) score += 5;
  if (has(query.doc, word)) score += 4;
  if (any_param(query, word)) score += 3;
  if (has(query.text, word)) score += 1;
  return score;
}

bool of_technique(const PackQuery& query, const std::string& technique) {
  return std::any_of(query.techniques.begin(), query.techniques.end(), [&](const std::string& id) {
    const std::string lower = to_lower(id);
    return lower == technique || lower.starts_with(technique + ".");
  });
}

}  // namespace

std::vector<const PackQuery*> search_queries(const PackLibrary& library, const QuerySearch& search) {
  std::vector<std::string> words;
  for (auto word : split(search.words, ' ')) {
    if (!trim(word).empty()) words.push_back(to_lower(trim(word)));
  }
  const std::string table = to_lower(search.table), parameter = to_lower(search.parameter),
                    technique = to_lower(search.technique);
  std::vector<std::pair<int, const PackQuery*>> found;
  for (const auto& query : library.queries) {
    if (!search.provider.empty() && !query.serves(search.provider)) continue;
    if (!table.empty() && !any_has(query.tables, table)) continue;
    if (!parameter.empty() && !any_param(query, parameter)) continue;
    if (!technique.empty() && !of_technique(query, technique)) continue;
    int total = 0;
    const bool all = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      const int score = word_score(query, word);
      total += score;
      return score > 0;
    });
    if (all) found.emplace_back(total, &query);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const PackQuery*> out;
  for (const auto& [score, query] : found) out.push_back(query);
  return out;
}

}  // namespace huntbook
