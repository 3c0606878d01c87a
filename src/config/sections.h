// The sections of one settings file into Settings. Private to src/config.
#pragma once
#include <string>

#include "config/settings.h"
#include "config/yaml.h"

namespace huntbook {

/// Adds what a file says to what is there; its own rights are in `file`. Sets `file.holds_secrets`.
void read_sections(const YamlNode& root, SettingsFile& file, const Environment& environment,
                   Settings& settings);

/// A value as it is written: text, list of texts or reference. `name` is the last part of its key. Fails with
/// HB-K003.
Result<SettingValue> read_value(const YamlNode& node, const std::string& name, const SettingsFile& file);

}  // namespace huntbook
