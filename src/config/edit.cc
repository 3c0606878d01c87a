#include "config/edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/value.h"

namespace huntbook {
namespace {

// Past a quoted text that begins at `at`; npos when it does not end.
size_t after_quoted(std::string_view text, size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '\'' && at + 1 < text.size() && text[at + 1] == '\'') ++at;
      else return at + 1;
    }
  }
  return std::string_view::npos;
}

// The bracket that closes the one at `at`.
size_t closing(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    const bool starts_word =
        at == 0 || std::string_view(" ,:[{\n").find(text[at - 1]) != std::string_view::npos;
    if ((c == '"' || c == '\'') && starts_word) {
      at = after_quoted(text, at);
      if (at == std::string_view::npos) return at;
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && --depth == 0) return at;
    ++at;
  }
  return std::string_view::npos;
}

size_t line_end(std::string_view text, size_t at) { return std::min(text.find('\n', at), text.size()); }

// Where a value on one line ends; npos when it does not end there.
size_t value_end(std::string_view text, size_t at, bool in_flow) {
  if (at >= text.size()) return at;
  const size_t line = line_end(text, at);
  size_t end = std::string_view::npos;
  if (text[at] == '"' || text[at] == '\'') {
    end = after_quoted(text, at);
  } else if (text[at] == '[' || text[at] == '{') {
    end = closing(text, at);
    if (end != std::string_view::npos) ++end;
  } else if (std::string_view("|>&*!").find(text[at]) == std::string_view::npos) {
    end = in_flow ? std::min(text.find_first_of(",]}", at), line) : line;
    if (const size_t comment = text.find(" #", at); comment < end) end = comment;
    while (end > at && (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\r')) --end;
  }
  return end <= line ? end : std::string_view::npos;
}

// The tree with the path set.
void set_path(YamlNode& node, std::span<const std::string> path, const YamlNode& value) {
  if (path.empty()) {
    node = value;
    return;
  }
  if (!node.is_map()) {
    node = YamlNode();
    node.kind = YamlNode::Kind::kMap;
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    if (node.keys[i].text == path[0]) return set_path(node.items[i], path.subspan(1), value);
  }
  YamlNode key;
  key.kind = YamlNode::Kind::kScalar;
  key.text = path[0];
  node.keys.push_back(std::move(key));
  node.items.emplace_back();
  set_path(node.items.back(), path.subspan(1), value);
}

struct Editor {
  std::string text;
  std::span<const std::string> path;
  std::string value;

  // The lines of what is missing, below an indentation.
  std::string lines(size_t from, size_t indent) const {
    std::string out;
    for (size_t i = from; i < path.size(); ++i, indent += 2) {
      out += std::string(indent, ' ') + yaml_scalar(path[i]) + ":";
      out += i + 1 == path.size() ? " " + value + "\n" : "\n";
    }
    return out;
  }

  // The same in braces.
  std::string flow(size_t from) const {
    std::string out;
    for (size_t i = from; i < path.size(); ++i)
      out += yaml_scalar(path[i]) + ": " + (i + 1 < path.size() ? "{" : "");
    return out + value + std::string(path.size() - from - 1, '}');
  }

  // Past the last line that belongs to a block whose keys stand at `indent`, from a line of it on.
  size_t block_end(size_t at, size_t indent) const {
    size_t end = std::min(line_end(text, at) + 1, text.size());
    for (size_t line = end; line < text.size();) {
      const size_t next = std::min(line_end(text, line) + 1, text.size());
      const size_t first = text.find_first_not_of(" \r\n", line);
      const bool blank = first >= next || text[first] == '#';
      if (!blank && first - line <= indent && !(first - line == indent && text[first] == '-')) break;
      if (!blank) end = next;
      line = next;
    }
    return end;
  }

  void insert_lines(size_t at, const std::string& added) {
    if (at > 0 && text[at - 1] != '\n') text.insert(at++, "\n");
    text.insert(at, added);
  }

  bool apply(const YamlNode& root) {
    const YamlNode* node = &root;
    const YamlNode* key = nullptr;
    bool in_flow = false;
    size_t depth = 0;
    for (; depth < path.size() && node->is_map(); ++depth) {
      const auto is_key = [&](const YamlNode& known) { return known.text == path[depth]; };
      const auto found = std::find_if(node->keys.begin(), node->keys.end(), is_key);
      if (found == node->keys.end()) break;
      in_flow = in_flow ||
                (node->offset < text.size() && text[node->offset] == '{' && found->offset > node->offset);
      key = &*found;
      node = &node->items[static_cast<size_t>(found - node->keys.begin())];
    }
    const bool is_null = node->kind == YamlNode::Kind::kNull;
    if (depth == path.size()) return replace(*node, *key, in_flow, is_null);
    if (is_null && key) {
      if (in_flow) return false;
      insert_lines(std::min(line_end(text, key->offset) + 1, text.size()), lines(depth, key->column + 1));
      return true;
    }
    if (!node->is_map()) return false;
    if (node->items.empty() && !key && text.find('{') == std::string::npos) {  // nothing but comments
      insert_lines(text.size(), lines(depth, 0));
      return true;
    }
    if (node->offset < text.size() && text[node->offset] == '{') {
      const size_t end = closing(text, node->offset);
      if (end == std::string::npos) return false;
      text.insert(end, (node->items.empty() ? "" : ", ") + flow(depth));
      return true;
    }
    if (node->items.empty()) return false;
    const size_t indent = node->keys[0].column - 1;
    insert_lines(block_end(node->keys.back().offset, indent), lines(depth, indent));
    return true;
  }

  bool replace(const YamlNode& node, const YamlNode& key, bool in_flow, bool is_null) {
    if (is_null) {
      const size_t colon = text.find(':', key.offset);
      if (colon == std::string::npos) return false;
      text.insert(colon + 1, " " + value);
      return true;
    }
    const char first = node.offset < text.size() ? text[node.offset] : '\0';
    if ((node.is_map() && first != '{') || (node.is_list() && first != '[')) return false;
    const size_t end = value_end(text, node.offset, in_flow);
    if (end == std::string::npos || end < node.offset) return false;
    text.replace(node.offset, end - node.offset, value);
    return true;
  }
};

void append_block(std::string& out, const YamlNode& node, size_t indent) {
  for (size_t i = 0; i < node.items.size(); ++i) {
    out += std::string(indent, ' ') + yaml_scalar(node.keys[i].text) + ":";
    const YamlNode& item = node.items[i];
    const bool is_reference = item.is_map() && item.items.size() == 1 && indent > 0 &&
                              (!item.items[0].is_map() || indent > 2) && item.keys[0].text != "provider";
    if (item.is_map() && !item.items.empty() && !is_reference) {
      out += "\n";
      append_block(out, item, indent + 2);
    } else {
      out += " " + yaml_flow(item) + "\n";
    }
  }
}

}  // namespace

std::string yaml_flow(const YamlNode& node) {
  if (node.is_scalar()) return yaml_scalar(node.text);
  if (node.kind == YamlNode::Kind::kNull) return "null";
  std::string out = node.is_map() ? "{" : "[";
  for (size_t i = 0; i < node.items.size(); ++i) {
    if (i) out += ", ";
    if (node.is_map()) out += yaml_scalar(node.keys[i].text) + ": ";
    out += yaml_flow(node.items[i]);
  }
  return out + (node.is_map() ? "}" : "]");
}

std::string yaml_document(const YamlNode& root) {
  std::string out;
  append_block(out, root, 0);
  return out;
}

Result<std::string> edit_yaml(std::string_view text, const std::string& file,
                              std::span<const std::string> path, const YamlNode& value) {
  auto root = parse_yaml(text, file);
  if (!root.ok()) return root.error();
  Editor editor{std::string(text), path, yaml_flow(value)};
  const bool done = editor.apply(*root);
  set_path(*root, path, value);
  if (done) {
    // What came out must differ in this one value and in nothing else.
    auto again = parse_yaml(editor.text, file);
    if (again.ok() && again->same(*root)) return std::move(editor.text);
  }
  return Diagnostic{"HB-K008",
                    fmt::format("`{}` cannot be changed in the file as it is laid out", fmt::join(path, ".")),
                    {},
                    fmt::format("edit the file by hand: {}: {}", path.back(),
                                is_secret_name(path.back()) && value.is_scalar() ? "..." : yaml_flow(value)),
                    "",
                    file};
}

}  // namespace huntbook
