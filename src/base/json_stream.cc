#include "base/json_stream.h"

#include <fmt/format.h>

#include "base/json.h"

namespace huntbook {
namespace {

constexpr size_t kMaxDepth = 1000;
constexpr size_t kMaxKey = 64 * 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_scalar_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
         c == '.';
}

}  // namespace

JsonStream::JsonStream(Wants wants, Take take, size_t max_value)
    : wants_(std::move(wants)), take_(std::move(take)), max_value_(max_value) {}

Status JsonStream::fail(std::string_view what) const {
  return Diagnostic{"HB-J001", fmt::format("not JSON at offset {}: {}", offset_, what), {}, "", "", ""};
}

Status JsonStream::push(std::string_view piece) {
  for (size_t at = 0; at < piece.size(); ++at, ++offset_) {
    // The long runs: text of strings, and everything inside a wanted value that opens and closes nothing.
    if (in_string_ && !escaped_) {
      size_t end = piece.find_first_of("\"\\", at);
      if (end == std::string_view::npos) end = piece.size();
      const std::string_view run = piece.substr(at, end - at);
      if (collecting_) value_ += run;
      else if (is_key_) key_ += run;
      offset_ += run.size();
      at = end;
      if (value_.size() > max_value_ || key_.size() > kMaxKey)
        return Diagnostic{
            "HB-J002", fmt::format("a JSON value at offset {} is too long", offset_), {}, "", "", ""};
      if (at == piece.size()) break;
    }
    if (auto status = step(piece[at]); !status.ok()) return status;
  }
  return {};
}

Status JsonStream::step(char c) {
  if (in_string_) {
    if (collecting_) value_ += c;
    else if (is_key_) key_ += c;
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      if (!is_key_) return end_value();
      is_key_ = false;
      if (!collecting_) {
        auto key = parse_json(key_);
        if (!key.ok()) return fail("a key that is no text");
        path_.back() = key->as_string();
      }
      expect_ = Expect::kColon;
    }
    return {};
  }
  if (in_scalar_) {
    if (is_scalar_character(c)) {
      (collecting_ ? value_ : scalar_) += c;
      if (scalar_.size() > kMaxKey || value_.size() > max_value_)
        return Diagnostic{
            "HB-J002", fmt::format("a JSON value at offset {} is too long", offset_), {}, "", "", ""};
      return {};
    }
    in_scalar_ = false;
    if (!collecting_ && !parse_json(scalar_).ok()) return fail("`" + scalar_.substr(0, 40) + "`");
    if (auto status = end_value(); !status.ok()) return status;
  }
  if (is_blank(c)) return {};
  switch (expect_) {
    case Expect::kValueOrEnd:
      if (c == ']') break;
      [[fallthrough]];
    case Expect::kValue: return begin_value(c);
    case Expect::kKeyOrEnd:
      if (c == '}') break;
      [[fallthrough]];
    case Expect::kKey:
      if (c != '"') return fail("a key is missing");
      in_string_ = is_key_ = true;
      if (collecting_) value_ += c;
      else key_ = "\"";
      return {};
    case Expect::kColon:
      if (c != ':') return fail("`:` is missing");
      if (collecting_) value_ += c;
      expect_ = Expect::kValue;
      return {};
    case Expect::kCommaOrEnd:
      if (c == ',') {
        if (collecting_) value_ += c;
        expect_ = levels_.back().object ? Expect::kKey : Expect::kValue;
        return {};
      }
      if (c == (levels_.back().object ? '}' : ']')) break;
      return fail(levels_.back().object ? "`,` or `}` is missing" : "`,` or `]` is missing");
    case Expect::kNothing:
      if (!many_) return fail("text after the end");
      expect_ = Expect::kValue;
      return begin_value(c);
  }
  // The end of an object or an array.
  if (collecting_) value_ += c;
  else path_.pop_back();
  levels_.pop_back();
  return end_value();
}

Status JsonStream::begin_value(char c) {
  if (!collecting_ && wants_(path_)) {
    collecting_ = true;
    collect_depth_ = levels_.size();
    value_.clear();
  }
  if (collecting_) value_ += c;
  if (c == '{' || c == '[') {
    if (levels_.size() >= kMaxDepth)
      return Diagnostic{"HB-J002", fmt::format("JSON is nested too deep at offset {}", offset_), {}, "", "",
                        ""};
    levels_.push_back({c == '{'});
    if (!collecting_) path_.emplace_back(c == '{' ? "" : "*");
    expect_ = c == '{' ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
    return {};
  }
  if (c == '"') {
    in_string_ = true;
    return {};
  }
  if (!is_scalar_character(c)) return fail("a value is missing");
  in_scalar_ = true;
  if (!collecting_) scalar_ = c;
  return {};
}

Status JsonStream::end_value() {
  expect_ = levels_.empty() ? Expect::kNothing : Expect::kCommaOrEnd;
  if (collecting_ && levels_.size() == collect_depth_) {
    collecting_ = false;
    if (auto status = take_(path_, value_); !status.ok()) return status;
    value_.clear();
  } else if (collecting_ && value_.size() > max_value_) {
    return Diagnostic{"HB-J002", fmt::format("a JSON value at offset {} is too long", offset_), {}, "", "",
                      ""};
  }
  return {};
}

Status JsonStream::finish() {
  if (in_scalar_ && levels_.empty()) {
    in_scalar_ = false;
    if (!collecting_ && !parse_json(scalar_).ok()) return fail("`" + scalar_.substr(0, 40) + "`");
    if (auto status = end_value(); !status.ok()) return status;
  }
  if (expect_ == Expect::kNothing || (many_ && levels_.empty() && !in_string_ && expect_ == Expect::kValue))
    return {};
  return Diagnostic{"HB-J003", fmt::format("the JSON text ends too early, at offset {}", offset_), {}, "", "",
                    ""};
}

}  // namespace huntbook
