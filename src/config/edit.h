// Changing one setting in a file's text; comments, order and layout of the rest stay.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "config/yaml.h"
#include "huntbook/result.h"

namespace huntbook {

/// The text with `path` (keys from the root down) set to a value, a text, a flow list or a flow map. HB-K008
/// says why the file must be edited by hand: what is replaced spans lines, or the change would touch more.
Result<std::string> edit_yaml(std::string_view text, const std::string& file,
                              std::span<const std::string> path, const YamlNode& value);
/// A value on one line: `text`, `[a, b]`, `{env: NAME}`.
std::string yaml_flow(const YamlNode& node);
/// A whole document in block form.
std::string yaml_document(const YamlNode& root);

}  // namespace huntbook
