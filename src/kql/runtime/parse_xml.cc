// parse_xml(): elements, attributes and texts as a dynamic value; everything else is skipped.
#include <pugixml.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

constexpr size_t kMaxText = 1'048'576;
constexpr int kMaxDepth = 1000;

void append_member(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  append_json_string(out, key);
  out += ':';
}

// An element without anything is null, one with nothing but text is that text.
bool append_element(std::string& out, const pugi::xml_node& element, int depth) {
  if (depth > kMaxDepth) return false;
  std::string text;
  std::vector<pugi::xml_node> children;
  for (const auto child : element.children()) {
    if (child.type() == pugi::node_element) children.push_back(child);
    else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  }
  if (element.first_attribute().empty() && children.empty()) {
    if (text.empty()) out += "null";
    else append_json_string(out, text);
    return true;
  }
  out += '{';
  for (const auto attribute : element.attributes()) {
    append_member(out, "@" + std::string(attribute.name()));
    append_json_string(out, attribute.value());
  }
  if (const std::string_view plain = trim(text); !plain.empty()) {
    append_member(out, "#text");
    append_json_string(out, plain);
  }
  // Elements of one name stand together, in the place of the first.
  std::stable_sort(children.begin(), children.end(),
                   [](const auto& a, const auto& b) { return std::string_view(a.name()) < b.name(); });
  std::vector<std::pair<ptrdiff_t, std::pair<size_t, size_t>>> groups;
  for (size_t i = 0; i < children.size();) {
    size_t end = i + 1;
    while (end < children.size() && std::string_view(children[end].name()) == children[i].name()) ++end;
    groups.push_back({children[i].offset_debug(), {i, end}});
    i = end;
  }
  std::sort(groups.begin(), groups.end());
  for (const auto& group : groups) {
    const auto [begin, end] = group.second;
    append_member(out, children[begin].name());
    if (end - begin > 1) out += '[';
    for (size_t i = begin; i < end; ++i) {
      if (i > begin) out += ',';
      if (!append_element(out, children[i], depth + 1)) return false;
    }
    if (end - begin > 1) out += ']';
  }
  out += '}';
  return true;
}

void parse_xml(Args args, Value& out, Context& context) {
  const std::string_view text = args[0].text;
  if (text.empty() || text.size() > kMaxText) return;
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8)) return;
  const pugi::xml_node root = document.document_element();
  if (!root) return;
  std::string json = "{";
  append_member(json, root.name());
  if (append_element(json, root, 0)) set_dynamic(out, json + "}", context);
}

constexpr BodyEntry kBodies[] = {{"parse_xml", parse_xml}};

}  // namespace

std::span<const BodyEntry> xml_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
