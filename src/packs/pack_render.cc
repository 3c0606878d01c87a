// A query's final text, its help, and finding queries.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/time.h"
#include "packs/pack.h"

namespace huntbook {
namespace {

bool provider_is(const PackQuery& query, std::initializer_list<std::string_view> names) {
  return std::any_of(query.providers.begin(), query.providers.end(), [&](const std::string& provider) {
    return std::any_of(names.begin(), names.end(),
                       [&](auto name) { return to_lower(provider) == to_lower(name); });
  });
}

std::string format_time(const PackQuery& query, int64_t ticks) {
  const Civil c = civil_from_ticks(ticks);
  const int64_t micros = c.fraction / kTicksPerMicrosecond;
  if (provider_is(query, {"Splunk", "Elastic"})) {
    return fmt::format("\"{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}\"", c.year, c.month, c.day, c.hour,
                       c.minute, c.second, micros);
  }
  if (provider_is(query, {"Sumologic"})) {
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute,
                       c.second);
  }
  if (provider_is(query, {"Cybereason"}))
    return std::to_string((ticks - kUnixEpochTicks) / kTicksPerMillisecond);
  return format_datetime(ticks);
}

bool is_number(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// A list as the provider takes it; the value is comma separated or a JSON array.
std::string format_list(const PackQuery& query, std::string_view value) {
  value = trim(value);
  if (value.size() > 1 && value.front() == '[' && value.back() == ']')
    value = value.substr(1, value.size() - 2);
  const bool doubled = provider_is(query, {"Splunk", "Elastic", "Cybereason"});
  std::string out;
  for (auto item : split(value, ',')) {
    item = trim(item);
    if (item.size() > 1 && (item.front() == '"' || item.front() == '\'') && item.back() == item.front())
      item = item.substr(1, item.size() - 2);
    if (item.empty()) continue;
    if (!out.empty()) out += doubled ? "," : ", ";
    if (is_number(item) && !doubled) {
      out += item;
      continue;
    }
    out += doubled ? '"' : '\'';
    for (char c : item) {
      if (c == '\\' || c == (doubled ? '"' : '\'')) out += '\\';
      out += c;
    }
    out += doubled ? '"' : '\'';
  }
  return out;
}

Diagnostic failure(const char* code, std::string message, std::string hint = {}) {
  Diagnostic made;
  made.code = code;
  made.message = std::move(message);
  made.hint = std::move(hint);
  return made;
}

// Inside "..." or '...' of the query text a value's quotes and backslashes are escaped.
std::string escape_for_literal(std::string_view value, char quote) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == quote) out += '\\';
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    out += c;
  }
  return out;
}

}  // namespace

bool PackQuery::is_kql() const {
  return provider_is(*this, {"Huntbook", "MSSentinel", "AzureSentinel", "LogAnalytics", "MSSentinel_New",
                             "MSSentinel_Legacy", "Kusto", "AzureDataExplorer", "Kusto_New", "MDE", "MDATP",
                             "M365D", "M365DGraph", "ResourceGraph"});
}

const PackParam* PackQuery::find_param(std::string_view wanted) const {
  for (const auto& param : params) {
    if (param.name == wanted ||
        std::find(param.aliases.begin(), param.aliases.end(), wanted) != param.aliases.end())
      return &param;
  }
  return nullptr;
}

bool PackQuery::is_called(std::string_view called) const {
  if (called == name) return true;
  return std::any_of(families.begin(), families.end(), [&](const std::string& each) {
    return called.size() == each.size() + 1 + name.size() && called.starts_with(each) &&
           called[each.size()] == '.' && called.ends_with(name);
  });
}

const PackQuery* PackLibrary::find(std::string_view name) const {
  const auto found = std::find_if(queries.rbegin(), queries.rend(),
                                  [&](const auto& query) { return query.is_called(name); });
  return found == queries.rend() ? nullptr : &*found;
}

FilePosition query_position(const PackQuery& query, const std::vector<uint32_t>& origins, size_t at) {
  const size_t origin = at < origins.size() ? origins[at] : origins.empty() ? 0 : query.text.size();
  return query.place.position(query.text, origin);
}

const TableSchema* PackLibrary::find_schema(std::string_view table) const {
  const auto found = std::find_if(schemas.rbegin(), schemas.rend(),
                                  [&](const auto& schema) { return schema.name == table; });
  return found == schemas.rend() ? nullptr : &*found;
}

Result<std::string> render_query(const PackQuery& query, const PackArguments& arguments,
                                 const QueryTime& time, std::vector<uint32_t>* origins) {
  std::vector<std::string> names;
  for (const auto& param : query.params) names.push_back(param.name);
  for (const auto& [name, value] : arguments) {
    if (query.find_param(name)) continue;
    auto near = nearest_name(name, names);
    return failure("HB-P010", fmt::format("query `{}` has no parameter `{}`", query.name, name),
                   near            ? "did you mean `" + *near + "`?"
                   : names.empty() ? "it has none"
                                   : fmt::format("it has {}", fmt::join(names, ", ")));
  }
  std::string out;
  const std::string& text = query.text;
  std::vector<uint32_t> from;  // per byte of `out`
  size_t written_from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    from.resize(out.size(), static_cast<uint32_t>(written_from));
    written_from = i;
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    size_t end = i + 1;
    if (c == '{') {
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
        ++end;
    }
    const PackParam* param = c == '{' && end < text.size() && text[end] == '}'
                                 ? query.find_param(std::string_view(text).substr(i + 1, end - i - 1))
                                 : nullptr;
    if (!param) {
      out += c;
      continue;
    }
    const char before = i > 0 ? text[i - 1] : ' ';
    const char quote = end + 1 < text.size() && text[end + 1] == before &&
                               (before == '"' || before == '\'') && (i < 2 || text[i - 2] != '@')
                           ? before
                           : 0;
    i = end;
    const std::string* given = nullptr;
    for (const auto& [name, value] : arguments) {
      if (query.find_param(name) == param) given = &value;
    }
    if (!given && !param->default_value) {
      if (param->type == "datetime" && (param->name == "start" || param->name == "end")) {
        out += format_time(query, param->name == "start" ? time.start : time.end);
        continue;
      }
      return failure("HB-P011",
                     fmt::format("parameter `{}` of query `{}` has no value", param->name, query.name),
                     fmt::format("give it, as in {}({}=\"...\")", query.name, param->name));
    }
    const std::string& value = given ? *given : *param->default_value;
    if (param->type == "datetime") {
      auto ticks = parse_query_time(value, time.now);
      if (!ticks)
        return failure("HB-P012", fmt::format("`{}` is not a time (parameter `{}`)", value, param->name),
                       "2026-03-02T10:00:00Z, -2d or -2d@d");
      out += format_time(query, *ticks);
    } else if (param->type == "list") {
      out += format_list(query, value);
    } else if ((param->type == "int" || param->type == "long" || param->type == "float" ||
                param->type == "real") &&
               given) {
      if (!is_number(value))
        return failure("HB-P012", fmt::format("`{}` is not a number (parameter `{}`)", value, param->name));
      out += value;
    } else if (param->type == "bool" && given) {
      const std::string lower = to_lower(value);
      if (lower != "true" && lower != "false")
        return failure("HB-P012", fmt::format("`{}` is not a bool (parameter `{}`)", value, param->name),
                       "true or false");
      out += lower;
    } else if (given && quote) {
      out += escape_for_literal(value, quote);
    } else {
      out += value;
    }
  }
  from.resize(out.size(), static_cast<uint32_t>(written_from));
  // Blank lines, which empty parameters leave, are dropped.
  std::string packed;
  if (origins) origins->clear();
  for (auto line : split(out, '\n')) {
    if (trim(line).empty()) continue;
    const auto begin = from.begin() + (line.data() - out.data());
    if (!packed.empty()) {
      packed += '\n';
      if (origins) origins->push_back(*begin);
    }
    packed += line;
    if (origins) origins->insert(origins->end(), begin, begin + static_cast<std::ptrdiff_t>(line.size()));
  }
  return packed;
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
      std::string value(trim(*param.default_value));
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
      std::string value(trim(*param.default_value));
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
