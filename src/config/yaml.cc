#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

#include "base/secret.h"
#include "base/text.h"

namespace huntbook {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxNodes = 100'000;  // aliases can multiply a small text
constexpr int kMaxDepth = 32;

Diagnostic bad(const std::string& file, int line, std::string message, std::string hint = {}) {
  return {"HB-K001", std::move(message), {}, std::move(hint), "", fmt::format("{}:{}", file, line + 1)};
}

struct Converter {
  const std::string& file;
  size_t nodes = 0;

  Status convert(const YAML::Node& from, int depth, YamlNode& to) {
    const YAML::Mark mark = from.Mark();
    if (depth > kMaxDepth)
      return bad(file, mark.line, fmt::format("nested deeper than {} levels", kMaxDepth));
    if (++nodes > kMaxNodes) return bad(file, mark.line, fmt::format("more than {} values", kMaxNodes));
    to.line = static_cast<uint32_t>(mark.line + 1);
    to.column = static_cast<uint32_t>(mark.column + 1);
    to.offset = static_cast<uint32_t>(mark.pos);
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        to.kind = YamlNode::Kind::kScalar;
        to.text = from.Scalar();
        to.quoted = from.Tag() == "!";
        if (!is_valid_utf8(to.text)) return bad(file, mark.line, "text is not UTF-8");
        return {};
      case YAML::NodeType::Sequence:
        to.kind = YamlNode::Kind::kList;
        for (const auto& item : from) {
          to.items.emplace_back();
          if (auto done = convert(item, depth + 1, to.items.back()); !done.ok()) return done;
        }
        return {};
      case YAML::NodeType::Map:
        to.kind = YamlNode::Kind::kMap;
        for (const auto& entry : from) {
          to.keys.emplace_back();
          if (auto done = convert(entry.first, depth + 1, to.keys.back()); !done.ok()) return done;
          if (!to.keys.back().is_scalar()) return bad(file, mark.line, "a key is not a plain text");
          const std::string& key = to.keys.back().text;
          if (to.find(key)) {
            return bad(file, static_cast<int>(to.keys.back().line) - 1,
                       fmt::format("key `{}` stands twice", key), "remove one of them");
          }
          to.items.emplace_back();
          if (auto done = convert(entry.second, depth + 1, to.items.back()); !done.ok()) return done;
        }
        return {};
      default: to.kind = YamlNode::Kind::kNull; return {};
    }
  }
};

// Sees where documents begin and nothing else.
struct Beginnings : YAML::EventHandler {
  std::vector<int> positions;
  void OnDocumentStart(const YAML::Mark& mark) override { positions.push_back(mark.pos); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

}  // namespace

std::optional<size_t> count_documents(std::string_view text) {
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Beginnings seen;
    while (parser.HandleNextDocument(seen)) {
      const size_t count = seen.positions.size();
      if (count > 1 && seen.positions[count - 1] <= seen.positions[count - 2]) return std::nullopt;
    }
    return seen.positions.size();
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

const YamlNode* YamlNode::find(std::string_view key) const {
  if (kind != Kind::kMap) return nullptr;
  for (size_t i = 0; i < items.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

bool YamlNode::same(const YamlNode& other) const {
  if (kind != other.kind || text != other.text || items.size() != other.items.size()) return false;
  for (size_t i = 0; i < items.size(); ++i) {
    if (kind == Kind::kMap && keys[i].text != other.keys[i].text) return false;
    if (!items[i].same(other.items[i])) return false;
  }
  return true;
}

Result<YamlNode> parse_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) return bad(file, 0, "the file is larger than 1 MB");
  if (text.find('\0') != std::string_view::npos) return bad(file, 0, "the file is not text");
  YamlNode root;
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    const auto count = count_documents(text);
    if (!count) return bad(file, 0, "not YAML");
    if (*count > 1) return bad(file, 0, "more than one document in the file");
    if (!document.IsDefined() || document.IsNull()) {
      root.kind = YamlNode::Kind::kMap;
      root.line = 1;
      return root;
    }
    Converter converter{file};
    if (auto done = converter.convert(document, 0, root); !done.ok()) return done.error();
  } catch (const YAML::Exception& failure) {
    return bad(file, std::max(failure.mark.line, 0), "not YAML: " + failure.msg);
  }
  return root;
}

void wipe_yaml(YamlNode& node) {
  wipe(node.text);
  for (auto& item : node.items) wipe_yaml(item);
}

std::string yaml_scalar(std::string_view text) {
  static constexpr std::string_view kWords[] = {"null", "~"};
  const std::string lower = to_lower(text);
  // A dash, question mark or colon only means something before a space.
  const bool sign =
      text.size() > 1 && text[1] != ' ' && std::string_view("-?:").find(text[0]) != std::string_view::npos;
  bool plain =
      !text.empty() && text.size() == trim(text).size() &&
      (sign || std::string_view("-?:,[]{}#&*!|>'\"%@`=<. ").find(text[0]) == std::string_view::npos) &&
      text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos &&
      text.back() != ':' && text.find_first_of(",[]{}\"'\\") == std::string_view::npos;
  for (const char c : text) plain = plain && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  for (const auto word : kWords) plain = plain && lower != word;
  if (plain) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace huntbook
