#include "config/value.h"

#include <algorithm>

#include "base/text.h"

namespace huntbook {
namespace {

// Words of a name: "clientSecret", "client_secret" and "client-secret" are all `client secret`.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  bool lower = false;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (c == '_' || c == '-' || c == ' ' || c == '.' || (is_upper && lower)) words.emplace_back();
    if (c != '_' && c != '-' && c != ' ' && c != '.')
      words.back() += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    lower = c >= 'a' && c <= 'z';
  }
  return words;
}

// Begin and end of the password in "scheme://user:password@host"; nothing when there is none.
std::pair<size_t, size_t> password_of(std::string_view text) {
  const size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return {0, 0};
  const size_t begin = scheme + 3;
  const size_t end = std::min(text.find_first_of("/?#", begin), text.size());
  const size_t at = text.substr(0, end).rfind('@');
  const size_t colon = text.find(':', begin);
  if (at == std::string_view::npos || at < begin || colon == std::string_view::npos || colon >= at)
    return {0, 0};
  return {colon + 1, at};
}

}  // namespace

std::string SettingPlace::text() const { return line ? file + ":" + std::to_string(line) : file; }

const std::vector<ReferenceKind>& reference_kinds() {
  static const std::vector<ReferenceKind> kinds{
      {ValueSource::kNamed, "secret", {"name"}, 1},
      {ValueSource::kEnv, "env", {"name"}, 1},
      {ValueSource::kFile, "file", {"path"}, 1},
      {ValueSource::kSecretService, "secret_service", {"service", "account"}, 2},
      {ValueSource::kKeyVault, "key_vault", {"vault", "secret", "version", "sign_in"}, 2},
      {ValueSource::kAwsSecret, "aws_secret", {"secret", "region", "key", "version"}, 1},
      {ValueSource::kHashicorpVault, "hashicorp_vault", {"path", "key", "address", "namespace"}, 2},
  };
  return kinds;
}

const ReferenceKind* find_reference_kind(std::string_view key) {
  for (const auto& kind : reference_kinds()) {
    if (kind.key == key) return &kind;
  }
  return nullptr;
}

const ReferenceKind& reference_kind(ValueSource source) {
  const auto& kinds = reference_kinds();
  return *std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.source == source; });
}

std::string_view SettingValue::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

std::string SettingValue::shown() const {
  if (is_list) {
    if (secret) return "***";
    std::string out = "[";
    for (const auto& item : list) out += (out.size() > 1 ? ", " : "") + hide_password(item);
    return out + "]";
  }
  if (source == ValueSource::kLiteral) return secret ? "***" : hide_password(text);
  const ReferenceKind& kind = reference_kind(source);
  std::string out = "{" + std::string(kind.key) + ": ";
  if (fields.size() == 1 && fields[0].first == kind.fields[0]) return out + fields[0].second + "}";
  out += "{";
  bool first = true;
  for (const auto& [key, value] : fields) {
    out += (first ? "" : ", ") + key + ": " + hide_password(value);
    first = false;
  }
  return out + "}}";
}

bool is_secret_name(std::string_view name) {
  const auto words = words_of(name);
  const std::string& last = words.back();
  static constexpr std::string_view kLast[] = {
      "secret",    "secrets",      "password",   "passwd",      "passphrase", "token",
      "cookie",    "pwd",          "credential", "credentials", "authkey",    "apikey",
      "accesskey", "clientsecret", "secretkey",  "auth",        "bearer"};
  if (std::find(std::begin(kLast), std::end(kLast), last) != std::end(kLast)) return true;
  // A key is secret unless it is the name of something (`public_key` and `key` of a map are not).
  if (last == "key" && words.size() > 1) return words[words.size() - 2] != "public";
  const bool connection_text = last == "connectionstring" || last == "str" || last == "string";
  return connection_text && words[0].starts_with("connection");
}

bool has_password(std::string_view text) {
  const auto [begin, end] = password_of(text);
  return end > begin;
}

std::string hide_password(std::string_view text) {
  const auto [begin, end] = password_of(text);
  if (end == 0 || begin == end) return std::string(text);
  return std::string(text.substr(0, begin)) + "***" + std::string(text.substr(end));
}

}  // namespace huntbook
