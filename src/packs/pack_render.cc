// A query's final text.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "base/time.h"
#include "packs/pack.h"
#include "packs/values.h"

namespace huntbook {
namespace {

Diagnostic failure(const char* code, std::string message, std::string hint = {}) {
  Diagnostic made;
  made.code = code;
  made.message = std::move(message);
  made.hint = std::move(hint);
  return made;
}

bool is_number(std::string_view text, bool whole) {
  double value = 0;
  int64_t integer = 0;
  const char* last = text.data() + text.size();
  if (whole) {
    const auto [end, error] = std::from_chars(text.data(), last, integer);
    return error == std::errc() && end == last;
  }
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc() && end == last;
}

bool is_time_parameter(const PackParam& param) {
  return param.type == "datetime" && (param.name == "start" || param.name == "end");
}

// A value that is ready to stand in the text, and whether the user gave it.
struct Value {
  std::string text;
  bool free = false;  ///< text that a literal around it must not be ended by
};

// Values of parameters for one rendering.
class Values {
 public:
  Values(const PackQuery& query, const PackArguments& arguments, const QueryTime& time, Dialect dialect)
      : query_(query), arguments_(arguments), time_(time), dialect_(dialect) {}

  // What was given, or the default; nullptr: neither. `given` says which.
  const std::string* find(const PackParam& param, bool& given) const {
    const std::string* found = nullptr;
    for (const auto& [name, value] : arguments_) {
      if (query_.find_param(name) == &param) found = &value;
    }
    given = found != nullptr;
    return found ? found : param.default_value ? &*param.default_value : nullptr;
  }

  Result<int64_t> time(const PackParam& param) const {
    bool given = false;
    const std::string* value = find(param, given);
    if (!value && is_time_parameter(param)) return param.name == "start" ? time_.start : time_.end;
    if (!value) return missing(param);
    if (auto ticks = parse_query_time(*value, time_.now)) return *ticks;
    return failure("HB-P012", fmt::format("`{}` is not a time (parameter `{}`)", *value, param.name),
                   "2026-03-02T10:00:00Z, -2d or -2d@d");
  }

  Result<Value> write(const PackParam& param) const {
    if (param.type == "datetime") {
      auto ticks = time(param);
      if (!ticks.ok()) return ticks.error();
      return Value{write_time(dialect_, *ticks)};
    }
    bool given = false;
    const std::string* value = find(param, given);
    if (!value) return missing(param);
    if (param.type == "list") return Value{write_list(dialect_, *value)};
    if (!given) return Value{*value};  // as the pack's author wrote it
    if (param.type == "int" || param.type == "long" || param.type == "float" || param.type == "real") {
      const bool whole = param.type == "int" || param.type == "long";
      if (is_number(*value, whole)) return Value{*value};
      return failure("HB-P012", fmt::format("`{}` is not a {} (parameter `{}`)", *value,
                                            whole ? "whole number" : "number", param.name));
    }
    if (param.type == "bool") {
      const std::string lower = to_lower(trim(*value));
      if (lower == "true" || lower == "false") return Value{lower};
      return failure("HB-P012", fmt::format("`{}` is not a bool (parameter `{}`)", *value, param.name),
                     "true or false");
    }
    if (param.type == "timespan") return write_timespan(param, *value);
    return Value{*value, true};
  }

  Diagnostic missing(const PackParam& param) const {
    return failure("HB-P011",
                   fmt::format("parameter `{}` of query `{}` has no value", param.name, query_.name),
                   fmt::format("give it, as in {}({}=\"...\")", query_.name, param.name));
  }

 private:
  // `30m` stays as it is; KQL takes `1.02:00:00` only as time(1.02:00:00).
  Result<Value> write_timespan(const PackParam& param, std::string_view value) const {
    value = trim(value);
    const auto letters = std::find_if_not(value.begin(), value.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-';
    });
    if (letters == value.end() && parse_timespan(value)) return Value{std::string(value)};
    if (dialect_ == Dialect::kKql) {
      if (auto ticks = parse_timespan(value)) return Value{"time(" + format_timespan(*ticks) + ")"};
    } else if (!value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
                 return std::isalnum(static_cast<unsigned char>(c)) || c == ' ' || c == '.' || c == ':' ||
                        c == '@' || c == '-' || c == '+';
               })) {
      return Value{std::string(value)};  // "1 hour", "-1h@h": the service's own words
    }
    return failure("HB-P012", fmt::format("`{}` is not a timespan (parameter `{}`)", value, param.name),
                   "30m, 1d or 02:30:00");
  }

  const PackQuery& query_;
  const PackArguments& arguments_;
  const QueryTime& time_;
  Dialect dialect_;
};

// The end of the placeholder that begins at `at`, and its parameter; nullptr when there is none.
const PackParam* placeholder_at(const PackQuery& query, std::string_view text, size_t at, size_t& end) {
  end = at + 1;
  if (text[at] != '{') return nullptr;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
    ++end;
  if (end >= text.size() || text[end] != '}') return nullptr;
  const PackParam* found = query.find_param(text.substr(at + 1, end - at - 1));
  ++end;
  return found;
}

// The value where the parameter's `format` has its {}.
std::string framed(const PackParam& param, const std::string& value) {
  if (param.format.empty()) return value;
  std::string out = param.format;
  for (const std::string& mark : {std::string("{}"), std::string("{value}"), "{" + param.name + "}"}) {
    const size_t at = out.find(mark);
    if (at != std::string::npos) return out.replace(at, mark.size(), value);
  }
  return out;
}

struct Written {
  std::string text;
  std::vector<uint32_t> from;  // per byte: the place in the query's text
};

Result<Written> write_text(const PackQuery& query, const Values& values, Dialect dialect) {
  Written out;
  const std::string& text = query.text;
  LiteralTracker literals(dialect);
  size_t origin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    out.from.resize(out.text.size(), static_cast<uint32_t>(origin));
    origin = i;
    literals.step(text, i);
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      out.text += c;
      ++i;
      continue;
    }
    size_t end = 0;
    const PackParam* param = placeholder_at(query, text, i, end);
    if (!param) {
      out.text += c;
      continue;
    }
    auto value = values.write(*param);
    if (!value.ok()) return value.error();
    out.text += framed(*param, value->free && literals.inside() ? literals.escape(value->text) : value->text);
    i = end - 1;
  }
  out.from.resize(out.text.size(), static_cast<uint32_t>(origin));
  return out;
}

// A text that is JSON, its strings replaced: one that is a placeholder alone becomes the value, a list inside
// an array its items.
class JsonFiller {
 public:
  JsonFiller(const PackQuery& query, const Values& values) : query_(query), values_(values) {}

  Result<Json> fill(const Json& node) const {
    switch (node.kind()) {
      case Json::Kind::kString: return fill_text(node.as_string());
      case Json::Kind::kArray: {
        Json::Array items;
        for (const auto& item : node.as_array()) {
          auto filled = fill(item);
          if (!filled.ok()) return filled;
          if (item.kind() == Json::Kind::kString && filled->kind() == Json::Kind::kArray)
            items.insert(items.end(), filled->as_array().begin(), filled->as_array().end());
          else items.push_back(std::move(*filled));
        }
        return Json::array(std::move(items));
      }
      case Json::Kind::kObject: {
        Json::Object members;
        for (const auto& [key, value] : node.as_object()) {
          auto filled = fill(value);
          if (!filled.ok()) return filled;
          members.emplace_back(key, std::move(*filled));
        }
        return Json::object(std::move(members));
      }
      default: return node;
    }
  }

 private:
  Result<Json> fill_text(const std::string& text) const {
    std::string out;
    for (size_t i = 0; i < text.size();) {
      size_t end = 0;
      const PackParam* param = placeholder_at(query_, text, i, end);
      if (!param) {
        out += text[i++];
        continue;
      }
      auto value = values_.write(*param);
      if (!value.ok()) return value.error();
      if (i == 0 && end == text.size()) {
        const bool typed = param->type != "str" && param->type != "timespan";
        auto parsed = typed ? parse_json(value->text) : Result<Json>(Json::string(value->text));
        return parsed.ok() ? std::move(*parsed) : Json::string(value->text);
      }
      out += value->text;
      i = end;
    }
    return Json::string(std::move(out));
  }

  const PackQuery& query_;
  const Values& values_;
};

// Blank lines, which empty parameters leave, are dropped.
std::string without_blank_lines(const Written& written, std::vector<uint32_t>* origins) {
  std::string out;
  if (origins) origins->clear();
  for (auto line : split(written.text, '\n')) {
    if (trim(line).empty()) continue;
    const auto begin = written.from.begin() + (line.data() - written.text.data());
    if (!out.empty()) {
      out += '\n';
      if (origins) origins->push_back(*begin);
    }
    out += line;
    if (origins) origins->insert(origins->end(), begin, begin + static_cast<std::ptrdiff_t>(line.size()));
  }
  return out;
}

}  // namespace

Result<std::string> render_query(const PackQuery& query, const PackArguments& arguments,
                                 const QueryTime& time, std::vector<uint32_t>* origins,
                                 std::string_view provider) {
  if (!provider.empty() && !query.serves(provider)) {
    return failure("HB-P015", fmt::format("query `{}` is not for the provider `{}`", query.name, provider),
                   fmt::format("it is for {}", fmt::join(query.providers, ", ")));
  }
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
  const Dialect dialect = query.dialect(provider);
  const Values values(query, arguments, time, dialect);
  if (dialect == Dialect::kCybereason) {
    if (auto body = parse_json(query.text); body.ok()) {
      auto filled = JsonFiller(query, values).fill(*body);
      if (!filled.ok()) return filled.error();
      if (origins) origins->clear();
      return filled->text();
    }
  }
  auto written = write_text(query, values, dialect);
  if (!written.ok()) return written.error();
  return without_blank_lines(*written, origins);
}

FilePosition query_position(const PackQuery& query, const std::vector<uint32_t>& origins, size_t at) {
  const size_t origin = at < origins.size() ? origins[at] : origins.empty() ? 0 : query.text.size();
  return query.place.position(query.text, origin);
}

}  // namespace huntbook
