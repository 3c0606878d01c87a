// A YAML document as an inert tree with the line of every node.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/result.h"

namespace huntbook {

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;             ///< of a scalar
  std::vector<YamlNode> items;  ///< of a list; the values of a map
  std::vector<YamlNode> keys;   ///< of a map, one for each item
  uint32_t line = 0;            ///< from 1
  uint32_t column = 0;          ///< from 1
  uint32_t offset = 0;          ///< in bytes
  bool quoted = false;

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  /// The value of a key in a map; null when there is none.
  const YamlNode* find(std::string_view key) const;
  /// The same content, wherever it stands.
  bool same(const YamlNode& other) const;
};

/// Parses one document of at most 1 MB; HB-K001 with the line when it is not YAML. An empty text is an empty
/// map.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& file);
/// How many documents a text has; nothing when it is not YAML. Asked before YAML::LoadAll, which never ends
/// on some texts that are none.
std::optional<size_t> count_documents(std::string_view text);
/// Overwrites every text of a tree.
void wipe_yaml(YamlNode& node);
/// A text as a YAML scalar: plain where that reads back as the same text, else double-quoted.
std::string yaml_scalar(std::string_view text);

}  // namespace huntbook
