// What a query is called with, and its help.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "packs/pack.h"
#include "packs/values.h"

namespace huntbook {

std::string default_text(const PackParam& param) {
  const std::string& value = *param.default_value;
  if (param.type != "list" || !value.starts_with('[')) return value;
  std::string out;
  for (const auto& item : list_items(value)) {
    if (!out.empty()) out += ",";
    out += item.kind() == Json::Kind::kString ? item.as_string() : item.text();
  }
  return out;
}

std::string query_signature(const PackQuery& query) {
  std::string out = query.name + "(";
  std::vector<const PackParam*> ordered;
  for (const auto& param : query.params) ordered.push_back(&param);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](auto* a, auto* b) { return !a->default_value && b->default_value; });
  for (size_t i = 0; i < ordered.size(); ++i) {
    const auto& param = *ordered[i];
    out += fmt::format("{}{}: {}", i ? ", " : "", param.name, param.type);
    const bool time = param.type == "datetime" && (param.name == "start" || param.name == "end");
    if (param.default_value) {
      std::string value(trim(default_text(param)));
      if (value.size() > 50) value = value.substr(0, 47) + "...";
      std::replace(value.begin(), value.end(), '\n', ' ');
      out += " = " + value;
    } else if (time) {
      out += " = query time";
    }
  }
  return out + ")";
}

std::string query_help_text(const PackQuery& query) {
  std::string out = fmt::format("{}\n\n{}\n\nFamily: {}\nProviders: {}\n", query_signature(query),
                                trim(query.doc), query.family, fmt::join(query.providers, ", "));
  if (!query.tables.empty()) out += fmt::format("Tables: {}\n", fmt::join(query.tables, ", "));
  if (!query.techniques.empty()) out += fmt::format("ATT&CK: {}\n", fmt::join(query.techniques, ", "));
  if (!query.params.empty()) out += "\nParameters\n";
  for (const auto& param : query.params) {
    const bool time = param.type == "datetime" && (param.name == "start" || param.name == "end");
    out +=
        fmt::format("  {}: {}{}\n", param.name, param.type, param.default_value || time ? " (optional)" : "");
    if (!param.doc.empty()) out += fmt::format("      {}\n", trim(param.doc));
    if (param.default_value && !trim(*param.default_value).empty()) {
      std::string value(trim(default_text(param)));
      std::replace(value.begin(), value.end(), '\n', ' ');
      if (value.size() > 50) value = value.substr(0, 47) + "...";
      out += fmt::format("      default: {}\n", value);
    } else if (time) {
      out += "      default: the query time\n";
    }
    if (!param.aliases.empty()) out += fmt::format("      also called: {}\n", fmt::join(param.aliases, ", "));
  }
  if (!query.example.empty()) out += fmt::format("\nExample\n  {}\n", trim(query.example));
  return out;
}

}  // namespace huntbook
