// One setting's value: text, a list of texts, or a reference to where the text stands.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace huntbook {

/// Where a setting is written.
struct SettingPlace {
  std::string file;
  uint32_t line = 0;
  std::string text() const;  ///< "file:line"
};

enum class ValueSource : uint8_t {
  kLiteral,
  kNamed,  ///< an entry of the section `secrets`
  kEnv,
  kFile,
  kSecretService,
  kKeyVault,
  kAwsSecret,
  kHashicorpVault,
};

/// A kind of reference as it is written: `{env: NAME}` or `{key_vault: {vault: V, secret: S}}`. The first
/// field is the one that a plain text fills; the `required` first ones must be given.
struct ReferenceKind {
  ValueSource source;
  std::string_view key;
  std::vector<std::string_view> fields;
  size_t required;
};
const std::vector<ReferenceKind>& reference_kinds();
const ReferenceKind* find_reference_kind(std::string_view key);
const ReferenceKind& reference_kind(ValueSource source);

struct SettingValue {
  ValueSource source = ValueSource::kLiteral;
  std::string text;                                         ///< of a literal that may be shown
  Secret hidden;                                            ///< of a literal that must not
  bool is_list = false;                                     ///< a literal list, in `list`
  std::vector<std::string> list;                            ///< items of a literal list
  std::vector<std::pair<std::string, std::string>> fields;  ///< of a reference
  bool secret = false;                                      ///< its name says that it must not be shown
  bool trusted = true;                                      ///< written where the user has the say
  SettingPlace place;

  bool is_reference() const { return source != ValueSource::kLiteral; }
  std::string_view literal() const { return secret ? hidden.reveal() : std::string_view(text); }
  /// A field of a reference; empty when it is not given.
  std::string_view field(std::string_view name) const;
  /// What may be shown: a literal secret as ***, a reference as it is written, a password in an address as
  /// ***.
  std::string shown() const;
};

/// Whether a setting of this name holds something that must not be shown (`client_secret`, `AuthKey`,
/// `password`).
bool is_secret_name(std::string_view name);
/// An address without the password it may hold (`https://user:***@host`).
std::string hide_password(std::string_view text);
/// Whether an address holds a password.
bool has_password(std::string_view text);

}  // namespace huntbook
