// Any bytes as a settings file: read, converted and edited; an edit changes the one value and nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/edit.h"
#include "config/msticpy.h"
#include "config/sections.h"
#include "config/settings.h"
#include "config/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace huntbook;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto root = parse_yaml(text, "fuzz.yaml");
  if (!root.ok()) return 0;
  const Environment none = [](const std::string&) { return std::nullopt; };
  for (const bool trusted : {true, false}) {
    Settings settings;
    SettingsFile file{"/nowhere/fuzz.yaml", SettingsLayer::kProject, trusted, false, false};
    read_sections(*root, file, none, settings);
    auto import = convert_msticpy(*root, "fuzz.yaml");
    auto again = parse_yaml(yaml_document(import.root), "again.yaml");
    if (again.ok() && !import.root.items.empty() && !again->same(import.root)) std::abort();
  }
  const std::string path[] = {"connections", "a", "host"};
  YamlNode value;
  value.kind = YamlNode::Kind::kScalar;
  value.text = "b";
  if (auto edited = edit_yaml(text, "fuzz.yaml", path, value); edited.ok()) {
    auto again = parse_yaml(*edited, "fuzz.yaml");
    if (!again.ok()) std::abort();
  }
  return 0;
}
