// The few pieces of cryptography that signing in needs, over OpenSSL.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "huntbook/result.h"

namespace huntbook {

std::string sha256(std::string_view text);
std::string hmac_sha256(std::string_view key, std::string_view text);
std::string to_hex(std::string_view bytes);
/// RFC 4648, with padding; for URLs, without.
std::string base64(std::string_view bytes);
std::string base64_url(std::string_view bytes);
/// Bytes that nobody can guess.
std::string random_bytes(size_t count);

/// AES-256-GCM under a key of 32 bytes: nonce, text, tag. `name` is what the text belongs to; under another
/// name it does not open.
std::string seal(const Secret& key, std::string_view text, std::string_view name);
/// Empty when the bytes, the key or the name are not the right ones.
Secret unseal(const Secret& key, std::string_view bytes, std::string_view name);

/// A certificate with its private RSA key.
class KeyPair {
 public:
  /// From PEM texts (the key may stand in the certificate's) or PKCS #12 bytes. HB-R105.
  static Result<KeyPair> read(const Secret& certificate, const Secret& key, const Secret& password);
  /// SHA-256 of the certificate.
  const std::string& thumbprint() const { return thumbprint_; }
  /// When it ends, "2030-01-01"; and whether that has passed.
  const std::string& ends() const { return ends_; }
  bool ended() const { return ended_; }
  /// A signature of "PS256" or "RS256".
  Result<std::string> sign(std::string_view algorithm, std::string_view text) const;

 private:
  std::shared_ptr<void> key_;
  std::string thumbprint_, ends_;
  bool ended_ = false;
};

}  // namespace huntbook
