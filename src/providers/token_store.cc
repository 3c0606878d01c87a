#include "providers/token_store.h"

#include <unistd.h>

#include "config/file.h"
#include "config/secret_service.h"
#include "providers/crypto.h"

namespace huntbook {
namespace {

constexpr const char* kService = "huntbook";
constexpr const char* kAccount = "token-cache-key";
constexpr std::chrono::milliseconds kTime{3'000};
constexpr std::string_view kMagic = "huntbook tokens 1\n";

}  // namespace

TokenStore::TokenStore(Environment environment, std::string folder)
    : environment_(std::move(environment)), folder_(std::move(folder)) {
  if (!folder_.empty()) return;
  const std::string cache = environment_("XDG_CACHE_HOME").value_or("");
  const std::string home = environment_("HOME").value_or("");
  if (cache.starts_with('/')) folder_ = cache + "/huntbook/tokens";
  else if (home.starts_with('/')) folder_ = home + "/.cache/huntbook/tokens";
}

std::string TokenStore::path(const std::string& name) const { return folder_ + "/" + to_hex(sha256(name)); }

// The key in the Secret Service is text: 64 hexadecimal digits, of which the SHA-256 is the key.
const Secret& TokenStore::key(bool make) {
  if (!key_.empty() || (asked_ && !make)) return key_;
  asked_ = true;
  auto kept = secret_service_get(kService, kAccount, environment_, kTime);
  if (!kept.ok() && make) {
    Secret made = Secret::take(to_hex(random_bytes(32)));
    if (secret_service_set(kService, kAccount, made, environment_, kTime).ok()) kept = std::move(made);
  }
  if (kept.ok()) key_ = Secret::take(sha256(kept->reveal()));
  return key_;
}

Secret TokenStore::load(const std::string& name) {
  if (folder_.empty() || access(path(name).c_str(), R_OK) != 0) return Secret();
  auto content = read_settings_file(path(name));
  if (!content.ok() || !content->text.starts_with(kMagic)) return Secret();
  const Secret& opened = key(false);
  if (opened.empty()) return Secret();
  return unseal(opened, std::string_view(content->text).substr(kMagic.size()), name);
}

void TokenStore::save(const std::string& name, const Secret& text) {
  if (folder_.empty()) return;
  if (text.empty()) {
    unlink(path(name).c_str());
    return;
  }
  const Secret& opened = key(true);
  if (opened.empty()) return;
  // A cache that cannot be written is none.
  (void)write_settings_file(path(name), std::string(kMagic) + seal(opened, text.reveal(), name), 0600, true);
}

}  // namespace huntbook
