#include "base/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cmath>

#include "base/escape.h"

namespace huntbook {
namespace {

namespace dom = simdjson::dom;

Json from_element(const dom::element& element);

Json from_element(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::NULL_VALUE: return {};
    case dom::element_type::BOOL: return Json::boolean(element.get_bool().value_unsafe());
    case dom::element_type::INT64: return Json::number(element.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return Json::number(static_cast<double>(element.get_uint64().value_unsafe()));
    case dom::element_type::DOUBLE: return Json::number(element.get_double().value_unsafe());
    case dom::element_type::STRING: return Json::string(std::string(element.get_string().value_unsafe()));
    case dom::element_type::ARRAY: {
      Json::Array items;
      const dom::array array = element.get_array().value_unsafe();
      for (dom::element item : array) items.push_back(from_element(item));
      return Json::array(std::move(items));
    }
    case dom::element_type::OBJECT: {
      Json::Object members;
      const dom::object object = element.get_object().value_unsafe();
      for (auto field : object) {
        Json value = from_element(field.value);
        bool replaced = false;
        if (members.size() < 64) {
          for (auto& member : members) {
            if (member.first == field.key) {
              member.second = value;
              replaced = true;
              break;
            }
          }
        }
        if (!replaced) members.emplace_back(std::string(field.key), std::move(value));
      }
      return Json::object(std::move(members));
    }
  }
  return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Numbers beyond 64 bits stop simdjson's tree; they are written as reals before a second try.
std::string soften_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < text.size()) out += text[++i];
      else if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (!is_digit(c) && c != '-') {
      out += c;
      continue;
    }
    size_t end = i + 1;
    bool integer = true;
    while (end < text.size() && (is_digit(text[end]) || text[end] == '.' || text[end] == 'e' ||
                                 text[end] == 'E' || text[end] == '+' || text[end] == '-')) {
      integer = integer && is_digit(text[end]);
      ++end;
    }
    const std::string_view number = text.substr(i, end - i);
    if (integer && number.size() > 18) {
      double value = HUGE_VAL;  // stays when there are more digits than a double holds
      std::from_chars(number.data(), number.data() + number.size(), value);
      append_real(out, std::isfinite(value) ? value
                       : c == '-'           ? -1.7976931348623157e308
                                            : 1.7976931348623157e308);
    } else if (!integer) {
      double value = 0;
      auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      if (error == std::errc::result_out_of_range)
        out += number.find("e-") != std::string_view::npos || number.find("E-") != std::string_view::npos
                   ? "0.0"
               : c == '-' ? "-1.7976931348623157e308"
                          : "1.7976931348623157e308";
      else out += number;
      (void)stop;
    } else {
      out += number;
    }
    i = end - 1;
  }
  return out;
}

}  // namespace

Json Json::boolean(bool value) {
  Json made;
  made.kind_ = Kind::kBool;
  made.long_ = value;
  return made;
}

Json Json::number(int64_t value) {
  Json made;
  made.kind_ = Kind::kLong;
  made.long_ = value;
  return made;
}

Json Json::number(double value) {
  Json made;
  made.kind_ = Kind::kReal;
  made.real_ = value;
  return made;
}

Json Json::string(std::string value) {
  Json made;
  made.kind_ = Kind::kString;
  made.string_ = std::move(value);
  return made;
}

Json Json::array(Array value) {
  Json made;
  made.kind_ = Kind::kArray;
  made.array_ = std::make_shared<const Array>(std::move(value));
  return made;
}

Json Json::object(Object value) {
  Json made;
  made.kind_ = Kind::kObject;
  made.object_ = std::make_shared<const Object>(std::move(value));
  return made;
}

const Json* Json::find(std::string_view key) const {
  if (kind_ != Kind::kObject) return nullptr;
  const Json* found = nullptr;
  for (const auto& [name, value] : *object_) {
    if (name == key) found = &value;
  }
  return found;
}

void Json::append_to(std::string& out) const {
  switch (kind_) {
    case Kind::kNull: out += "null"; break;
    case Kind::kBool: out += long_ ? "true" : "false"; break;
    case Kind::kLong: fmt::format_to(std::back_inserter(out), "{}", long_); break;
    case Kind::kReal:
      if (std::isnan(real_)) out += "\"NaN\"";
      else if (std::isinf(real_)) out += real_ > 0 ? "\"Infinity\"" : "\"-Infinity\"";
      else append_real(out, real_);
      break;
    case Kind::kString: append_json_string(out, string_); break;
    case Kind::kArray: {
      out += '[';
      bool first = true;
      for (const auto& item : *array_) {
        if (!first) out += ',';
        first = false;
        item.append_to(out);
      }
      out += ']';
      break;
    }
    case Kind::kObject: {
      out += '{';
      bool first = true;
      for (const auto& [name, value] : *object_) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, name);
        out += ':';
        value.append_to(out);
      }
      out += '}';
      break;
    }
  }
}

std::string Json::text() const {
  std::string out;
  append_to(out);
  return out;
}

bool operator==(const Json& a, const Json& b) {
  const auto number = [](const Json& j) {
    return j.kind_ == Json::Kind::kLong || j.kind_ == Json::Kind::kReal;
  };
  if (number(a) && number(b))
    return a.kind_ == Json::Kind::kLong && b.kind_ == Json::Kind::kLong ? a.long_ == b.long_
                                                                        : a.as_real() == b.as_real();
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Json::Kind::kNull: return true;
    case Json::Kind::kBool: return a.long_ == b.long_;
    case Json::Kind::kString: return a.string_ == b.string_;
    case Json::Kind::kArray: return *a.array_ == *b.array_;
    case Json::Kind::kObject: {
      if (a.object_->size() != b.object_->size()) return false;
      for (const auto& [name, value] : *a.object_) {
        const Json* other = b.find(name);
        if (!other || !(*other == value)) return false;
      }
      return true;
    }
    default: return true;
  }
}

Result<Json> parse_json(std::string_view text) {
  const auto failure = [&](std::string message) {
    Diagnostic made;
    made.code = "HB-J001";
    made.message = "not JSON: " + std::move(message);
    made.span = {0, static_cast<uint32_t>(std::min<size_t>(text.size(), UINT32_MAX))};
    return made;
  };
  dom::parser parser;
  if (parser.allocate(text.size() + 1, 1000) != simdjson::SUCCESS) return failure("too large");
  auto parsed = parser.parse(text.data(), text.size());
  if (parsed.error() == simdjson::NUMBER_ERROR) {
    const std::string soft = soften_numbers(text);
    dom::parser second;
    if (second.allocate(soft.size() + 1, 1000) != simdjson::SUCCESS) return failure("too large");
    auto again = second.parse(soft);
    if (again.error()) return failure(simdjson::error_message(again.error()));
    return from_element(again.value_unsafe());
  }
  if (parsed.error()) return failure(simdjson::error_message(parsed.error()));
  return from_element(parsed.value_unsafe());
}

void append_real(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    return;
  }
  const double magnitude = std::fabs(value);
  const bool fixed = magnitude == 0 || (magnitude < 1e15 && magnitude >= 1e-5);
  char buffer[64];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value,
                                     fixed ? std::chars_format::fixed : std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<size_t>(written.ptr - buffer));
  out += text;
  if (fixed && text.find('.') == std::string_view::npos) out += ".0";
}

}  // namespace huntbook
