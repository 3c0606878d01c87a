// The settings: huntbook.yaml of the user and of the project, shown, checked and changed. No secret is ever
// given.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "huntbook/table.h"

namespace huntbook {

/// Which settings to read.
struct SettingsChoice {
  std::string file;  ///< this file in place of the project's; empty: HUNTBOOK_CONFIG, then the nearest
  bool trust_project = false;  ///< the project's file may name secrets and services
};

/// Key, Value (secrets as ***), Source ("file:line").
Result<Table> show_settings(const SettingsChoice& choice);
/// What is wrong with the files, and every reference that leads nowhere.
Diagnostics check_settings(const SettingsChoice& choice);
/// One value, or "key: value" for each below a key.
Result<std::vector<std::string>> get_setting(const SettingsChoice& choice, std::string_view key);

/// A change of one setting.
struct SettingChange {
  std::string key;               ///< "connections.prod.client_secret"
  std::string value;             ///< a text, `[a, b]` or a reference such as `{env: NAME}`
  bool visible = false;          ///< given where others may see it: refused for a secret
  bool allow_literal = false;    ///< write a secret into the file all the same
  bool keep_in_service = false;  ///< keep the value in the Secret Service and write a reference
  bool project = false;          ///< change the project's file, not the user's
};
/// Whether the value of this key must not be shown.
bool is_secret_setting(std::string_view key);
/// Changes the file and gives its path; comments and order stay.
Result<std::string> set_setting(const SettingsChoice& choice, const SettingChange& change);

/// What an import made.
struct SettingsImport {
  std::string file;  ///< that was written
  size_t taken = 0;  ///< settings in it
  Diagnostics left;  ///< what was not taken over, with file:line and the reason
};
/// Writes an msticpyconfig.yaml as a huntbook.yaml, which must not be there yet unless `overwrite`.
Result<SettingsImport> import_settings(const SettingsChoice& choice, const std::string& from, bool project,
                                       bool overwrite);

}  // namespace huntbook
