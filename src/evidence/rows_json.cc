// JSON rows through simdjson's on-demand parser: one object a record.
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "evidence/rows.h"

namespace huntbook::evidence {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int kMaxDepth = 1000;

std::string_view strip(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

}  // namespace

bool is_json_number(std::string_view token) {
  size_t i = !token.empty() && token[0] == '-';
  const auto digits = [&] {
    const size_t start = i;
    while (i < token.size() && token[i] >= '0' && token[i] <= '9') ++i;
    return i > start;
  };
  const size_t first = i;
  if (!digits() || (token[first] == '0' && i - first > 1)) return false;
  if (i < token.size() && token[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < token.size() && (token[i] == 'e' || token[i] == 'E')) {
    ++i;
    if (i < token.size() && (token[i] == '+' || token[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == token.size();
}

namespace {

class JsonReader {
 public:
  JsonReader(const FormatContext& context, RowSink& sink) : context_(context), sink_(sink) {}

  // `bytes` is followed by readable padding.
  void record(std::string_view bytes, uint64_t offset) {
    if (!context_.rejected.empty() &&
        std::binary_search(context_.rejected.begin(), context_.rejected.end(), offset))
      return;
    std::string error = parse(bytes);
    if (error.empty()) return;
    if (error == "utf8") {
      repaired_ = repair_utf8(bytes);
      const size_t size = repaired_.size();
      repaired_.resize(size + kPadding);
      error = parse(std::string_view(repaired_).substr(0, size));
      if (error.empty()) {
        sink_.remark("invalid UTF-8 replaced by U+FFFD");
        return;
      }
    }
    sink_.reject(offset, error == "utf8" ? "invalid UTF-8" : error, bytes);
  }

 private:
  // Fills `fields_` and gives the row on; the text of what is wrong otherwise.
  std::string parse(std::string_view bytes) {
    fields_.clear();
    nested_used_ = 0;
    guess_.start_row();
    ondemand::document document;
    auto error = parser_
                     .iterate(simdjson::padded_string_view(bytes.data(), bytes.size(),
                                                           bytes.size() + simdjson::SIMDJSON_PADDING))
                     .get(document);
    if (error == simdjson::UTF8_ERROR) return "utf8";
    if (error) return not_json(error);
    ondemand::object object;
    if ((error = document.get_object().get(object))) {
      return error == simdjson::INCORRECT_TYPE ? "a JSON value that is not an object" : not_json(error);
    }
    for (auto entry : object) {
      ondemand::field field;
      if ((error = std::move(entry).get(field))) return not_json(error);
      Field out;
      if ((error = field.unescaped_key().get(out.key))) return not_json(error);
      if (context_.wanted && !is_wanted(out.key)) continue;
      ondemand::value value = field.value();
      if (std::string failed = read_value(value, out); !failed.empty()) return failed;
      fields_.push_back(out);
    }
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) return "not JSON: text after the object";
    if (context_.unix_times) read_unix_times();
    sink_.row(fields_);
    return {};
  }

  bool is_wanted(std::string_view key) {
    const uint32_t place = guess_.find(context_.wanted->index, key);
    return place != KeyIndex::kNone && context_.wanted->wanted[place];
  }

  std::string read_value(ondemand::value& value, Field& out) {
    ondemand::json_type type;
    if (auto error = value.type().get(type)) return not_json(error);
    switch (type) {
      case ondemand::json_type::string: {
        out.kind = FieldKind::kString;
        if (auto error = value.get_string().get(out.text)) return not_json(error);
        return {};
      }
      case ondemand::json_type::number:
        out.kind = FieldKind::kNumber;
        out.text = strip(value.raw_json_token());
        return is_json_number(out.text) ? "" : "not JSON: a malformed number";
      case ondemand::json_type::boolean:
        out.kind = FieldKind::kBool;
        out.text = strip(value.raw_json_token());
        return out.text == "true" || out.text == "false" ? "" : "not JSON: a malformed word";
      case ondemand::json_type::null:
        out.kind = FieldKind::kNull;
        return strip(value.raw_json_token()) == "null" ? "" : "not JSON: a malformed word";
      default: break;
    }
    out.kind = FieldKind::kNested;
    if (nested_used_ == nested_.size()) nested_.push_back(std::make_unique<std::string>());
    std::string& text = *nested_[nested_used_++];
    text.clear();
    if (std::string failed = append_compact(value, text, 0); !failed.empty()) return failed;
    out.text = text;
    return {};
  }

  static std::string not_json(simdjson::error_code error) {
    switch (error) {
      case simdjson::UNCLOSED_STRING: return "not JSON: a string is not closed";
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "not JSON: it ends too early";
      case simdjson::TAPE_ERROR: return "not JSON: a comma, brace, bracket or key is missing or too many";
      case simdjson::UNESCAPED_CHARS: return "not JSON: a control character inside a string";
      case simdjson::STRING_ERROR: return "not JSON: a malformed escape in a string";
      case simdjson::DEPTH_ERROR: return "nested too deep";
      default: return std::string("not JSON: ") + simdjson::error_message(error);
    }
  }

  // Checks the value in full and writes it without blanks; numbers stay as they are written.
  std::string append_compact(ondemand::value& value, std::string& out, int depth) {
    if (depth > kMaxDepth) return "nested deeper than " + std::to_string(kMaxDepth) + " levels";
    ondemand::json_type type;
    if (auto error = value.type().get(type)) return not_json(error);
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      if (auto error = value.get_object().get(object)) return not_json(error);
      out += '{';
      for (auto entry : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = std::move(entry).get(field)) return not_json(error);
        if (auto error = field.unescaped_key().get(key)) return not_json(error);
        if (out.back() != '{') out += ',';
        append_json_string(out, key);
        out += ':';
        if (std::string failed = append_compact(field.value(), out, depth + 1); !failed.empty())
          return failed;
      }
      out += '}';
      return {};
    }
    if (type == ondemand::json_type::array) {
      ondemand::array array;
      if (auto error = value.get_array().get(array)) return not_json(error);
      out += '[';
      for (auto entry : array) {
        ondemand::value element;
        if (auto error = std::move(entry).get(element)) return not_json(error);
        if (out.back() != '[') out += ',';
        if (std::string failed = append_compact(element, out, depth + 1); !failed.empty()) return failed;
      }
      out += ']';
      return {};
    }
    Field scalar;
    if (std::string failed = read_value(value, scalar); !failed.empty()) return failed;
    if (scalar.kind == FieldKind::kString) append_json_string(out, scalar.text);
    else if (scalar.kind == FieldKind::kNull) out += "null";
    else out += scalar.text;
    return {};
  }

  // Zeek's `ts` in seconds; microseconds are exact in ticks.
  void read_unix_times() {
    for (auto& field : fields_) {
      if (field.key != "ts" || field.kind != FieldKind::kNumber) continue;
      const auto ticks = ticks_from_unix(field.text);
      if (!ticks) continue;
      field.kind = FieldKind::kTime;
      field.ticks = *ticks;
    }
  }

  const FormatContext& context_;
  RowSink& sink_;
  ondemand::parser parser_;
  std::vector<Field> fields_;
  KeyGuess guess_;
  std::vector<std::unique_ptr<std::string>> nested_;  ///< kept for the next row
  size_t nested_used_ = 0;
  std::string repaired_;
};

}  // namespace

struct ObjectReader::State : RowSink {
  FormatContext context;
  JsonReader reader{context, *this};
  std::string padded;
  const std::vector<Field>* fields = nullptr;
  void row(std::vector<Field>& found) override { fields = &found; }
  void reject(uint64_t, std::string, std::string_view) override {}
  void remark(std::string_view) override {}
};

ObjectReader::ObjectReader() : state_(std::make_unique<State>()) {}
ObjectReader::~ObjectReader() = default;
ObjectReader::ObjectReader(ObjectReader&&) noexcept = default;

const std::vector<Field>* ObjectReader::read(std::string_view json) {
  state_->padded.assign(json);
  state_->padded.resize(json.size() + kPadding);
  state_->fields = nullptr;
  state_->reader.record(std::string_view(state_->padded).substr(0, json.size()), 0);
  return state_->fields;
}

void read_json_rows(const Chunk& chunk, const FormatContext& context, RowSink& sink) {
  JsonReader reader(context, sink);
  const std::string_view bytes(chunk.bytes.data(), chunk.size);
  if (context.format == Format::kJson) {
    for (const auto& [begin, end] : chunk.records)
      reader.record(bytes.substr(begin, end - begin), chunk.offset + begin);
    return;
  }
  for (size_t at = 0; at < bytes.size();) {
    size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) end = bytes.size();
    const std::string_view line = bytes.substr(at, end - at);
    if (!trim(line).empty()) reader.record(line, chunk.offset + at);
    at = end + 1;
  }
}

}  // namespace huntbook::evidence
