// Tokens that outlive the program, encrypted; where there is no place for the key, nothing is kept.
#pragma once
#include <string>

#include "base/secret.h"
#include "config/settings.h"

namespace huntbook {

/// One file for each name in a folder of the user's cache, under a key that only the Secret Service has.
class TokenStore {
 public:
  /// `folder` empty: huntbook/tokens below XDG_CACHE_HOME or ~/.cache. The Secret Service is asked when the
  /// first text is wanted.
  TokenStore(Environment environment, std::string folder = {});
  /// What was kept; empty when there is none, or it cannot be opened.
  Secret load(const std::string& name);
  /// Keeps a text until the next; an empty one forgets. Without a Secret Service nothing is written.
  void save(const std::string& name, const Secret& text);

 private:
  std::string path(const std::string& name) const;
  const Secret& key(bool make);

  Environment environment_;
  std::string folder_;
  Secret key_;
  bool asked_ = false;
};

}  // namespace huntbook
