#include "providers/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <ctime>
#include <new>

namespace huntbook {
namespace {

template <typename T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* pointer) const { Free(pointer); }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO, BIO_free_all>>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Pkcs12 = std::unique_ptr<PKCS12, Deleter<PKCS12, PKCS12_free>>;
using X509Pointer = std::unique_ptr<X509, Deleter<X509, X509_free>>;

constexpr size_t kNonce = 12, kTag = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Bio memory(const Secret& secret) {
  Bio bio(BIO_new_mem_buf(secret.reveal().data(), static_cast<int>(secret.reveal().size())));
  if (!bio) throw std::bad_alloc();
  return bio;
}

// Gives the password, or none where one is asked for: never asks a terminal.
int give_password(char* to, int size, int, void* password) {
  const auto text = static_cast<const Secret*>(password)->reveal();
  if (text.empty() || text.size() > static_cast<size_t>(size)) return -1;
  text.copy(to, text.size());
  return static_cast<int>(text.size());
}

Diagnostic bad(std::string message, std::string hint) {
  ERR_clear_error();
  return {"HB-R105", std::move(message), {}, std::move(hint), "", ""};
}

}  // namespace

std::string sha256(std::string_view text) {
  std::string out(32, '\0');
  EVP_Digest(text.data(), text.size(), bytes_of(out), nullptr, EVP_sha256(), nullptr);
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string out(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), bytes_of(out),
       &size);
  return out;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(bytes_of(out), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

std::string base64_url(std::string_view bytes) {
  std::string out = base64(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(bytes_of(out), static_cast<int>(count)) != 1) throw std::bad_alloc();
  return out;
}

std::string seal(const Secret& key, std::string_view text, std::string_view name) {
  std::string out = random_bytes(kNonce);
  out.resize(kNonce + text.size() + kTag);
  Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool done =
      cipher && key.reveal().size() == 32 &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()), bytes_of(out)) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(name), static_cast<int>(name.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(out) + kNonce, &size, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(out) + kNonce + text.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, out.data() + kNonce + text.size()) == 1;
  return done ? out : std::string();
}

Secret unseal(const Secret& key, std::string_view bytes, std::string_view name) {
  if (bytes.size() < kNonce + kTag || bytes.size() > (1 << 24) || key.reveal().size() != 32) return Secret();
  std::string text(bytes.size() - kNonce - kTag, '\0'), tag(bytes.substr(bytes.size() - kTag));
  Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool right =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()), bytes_of(bytes)) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(name), static_cast<int>(name.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(text), &size, bytes_of(bytes.substr(kNonce)),
                        static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(tag), &size) == 1;
  if (!right) {
    wipe(text);
    return Secret();
  }
  return Secret::take(std::move(text));
}

Result<KeyPair> KeyPair::read(const Secret& certificate, const Secret& key, const Secret& password) {
  X509Pointer x509;
  Key private_key;
  if (certificate.reveal().find("-----BEGIN") != std::string_view::npos) {
    x509.reset(PEM_read_bio_X509(memory(certificate).get(), nullptr, nullptr, nullptr));
    if (!x509)
      return bad("the certificate cannot be read", "a PEM file with the certificate, or a PKCS #12 file");
    const Secret& from = key.empty() ? certificate : key;
    private_key.reset(
        PEM_read_bio_PrivateKey(memory(from).get(), nullptr, give_password, const_cast<Secret*>(&password)));
  } else {
    const Bio bio = memory(certificate);
    const Pkcs12 store(d2i_PKCS12_bio(bio.get(), nullptr));
    if (!store) return bad("the certificate is neither PEM nor PKCS #12", "");
    X509* read_certificate = nullptr;
    EVP_PKEY* read_key = nullptr;
    const std::string word(password.reveal());
    PKCS12_parse(store.get(), word.c_str(), &read_key, &read_certificate, nullptr);
    x509.reset(read_certificate);
    private_key.reset(read_key);
  }
  if (!private_key || !x509)
    return bad("the private key of the certificate cannot be read",
               "set `private_key` where it stands in a file of its own, and `certificate_password` where it "
               "has one");
  if (X509_check_private_key(x509.get(), private_key.get()) != 1)
    return bad("the private key is not that of the certificate", "check `certificate` and `private_key`");
  if (EVP_PKEY_get_base_id(private_key.get()) != EVP_PKEY_RSA)
    return bad("the private key is no RSA key", "the service takes RSA certificates alone");
  KeyPair made;
  made.thumbprint_.resize(32);
  unsigned size = 0;
  X509_digest(x509.get(), EVP_sha256(), bytes_of(made.thumbprint_), &size);
  std::tm end{};
  ASN1_TIME_to_tm(X509_get0_notAfter(x509.get()), &end);
  char date[16];
  std::strftime(date, sizeof date, "%Y-%m-%d", &end);
  made.ends_ = date;
  made.ended_ = X509_cmp_current_time(X509_get0_notAfter(x509.get())) < 0;
  made.key_ = std::shared_ptr<void>(private_key.release(),
                                    [](void* pointer) { EVP_PKEY_free(static_cast<EVP_PKEY*>(pointer)); });
  return made;
}

Result<std::string> KeyPair::sign(std::string_view algorithm, std::string_view text) const {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // belongs to the digest
  bool done = digest && EVP_DigestSignInit(digest.get(), &context, EVP_sha256(), nullptr,
                                           static_cast<EVP_PKEY*>(key_.get())) == 1;
  if (done && algorithm == "PS256") {
    done = EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  size_t size = 0;
  done = done && EVP_DigestSign(digest.get(), nullptr, &size, bytes_of(text), text.size()) == 1;
  std::string signature(size, '\0');
  done = done && EVP_DigestSign(digest.get(), bytes_of(signature), &size, bytes_of(text), text.size()) == 1;
  if (!done) return bad("the private key cannot sign", "check `private_key`");
  signature.resize(size);
  return signature;
}

}  // namespace huntbook
