// Files that may hold secrets: read with their rights, written whole or not at all.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "huntbook/result.h"

namespace huntbook {

struct FileContent {
  std::string text;
  uint32_t mode = 0;  ///< permission bits
  bool own = false;   ///< belongs to the user who runs the program
};

/// A regular file of at most 1 MB; HB-K001 says why not. Never waits, whatever the path names.
Result<FileContent> read_settings_file(const std::string& path);
/// A file that holds one secret: it must belong to the user and nobody else may read or write it (HB-K005).
/// One line end at the end is not part of the secret.
Result<Secret> read_secret_file(const std::string& path);
/// Replaces a file in one step; makes the folders above it (0700). A new file gets `mode`; an old one keeps
/// its own, without the bits that `mode` lacks when `tighten`.
Status write_settings_file(const std::string& path, std::string_view text, uint32_t mode, bool tighten);

}  // namespace huntbook
