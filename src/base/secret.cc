#include "base/secret.h"

#include <fmt/format.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "base/escape.h"

namespace huntbook {
namespace {

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(static_cast<char>(c)) != std::string_view::npos;
    if (plain) out += static_cast<char>(c);
    else out += fmt::format("%{:02X}", c);
  }
  return out;
}

void replace_all(std::string& text, std::string_view from) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 3))
    text.replace(at, from.size(), "***");
}

}  // namespace

// Libraries keep copies of secrets that we cannot mark. A process that is not dumpable cannot be looked at by
// the leak checker, which the sanitized build needs.
void forbid_core_dumps() {
  static const bool once = [] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    return true;
  }();
  (void)once;
}

// Pages of its own, so that locking and leaving out concern nothing else.
struct Secret::Memory {
  char* data = nullptr;
  size_t size = 0;
  size_t mapped = 0;

  explicit Memory(std::string_view text) : size(text.size()) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    mapped = (size + page - 1) / page * page;
    void* memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    data = static_cast<char*>(memory);
    mlock(data, mapped);
    madvise(data, mapped, MADV_DONTDUMP);
    std::memcpy(data, text.data(), size);
  }
  ~Memory() {
    explicit_bzero(data, size);
    munmap(data, mapped);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
};

Secret::Secret(std::string_view text) {
  if (text.empty()) return;
  forbid_core_dumps();
  memory_ = std::make_shared<const Memory>(text);
}

Secret Secret::take(std::string&& text) {
  Secret made(text);
  wipe(text);
  return made;
}

std::string_view Secret::reveal() const {
  return memory_ ? std::string_view(memory_->data, memory_->size) : std::string_view();
}

bool operator==(const Secret& a, const Secret& b) {
  const auto left = a.reveal(), right = b.reveal();
  if (left.size() != right.size()) return false;
  unsigned char different = 0;
  for (size_t i = 0; i < left.size(); ++i)
    different |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
  return different == 0;
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

std::string redact(std::string_view text, std::span<const Secret> secrets) {
  std::string out(text);
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    std::string json;
    append_json_string(json, secret.reveal());
    std::string encoded = percent_encoded(secret.reveal());
    replace_all(out, secret.reveal());
    replace_all(out, std::string_view(json).substr(1, json.size() - 2));
    replace_all(out, encoded);
    wipe(json);
    wipe(encoded);
  }
  return out;
}

}  // namespace huntbook
