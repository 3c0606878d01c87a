#include "config/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace huntbook {
namespace {

constexpr off_t kMaxBytes = 1 << 20;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Diagnostic failure(const char* what, const std::string& path, const std::string& reason) {
  return {"HB-K001", fmt::format("cannot {}: {}", what, reason), {}, "", "", path};
}

Status write_all(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failure("write the file", path, std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(descriptor) != 0) return failure("write the file", path, std::strerror(errno));
  return {};
}

}  // namespace

Result<FileContent> read_settings_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return failure("read the file", path, std::strerror(errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return failure("read the file", path, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return failure("read the file", path, "it is a folder");
  if (!S_ISREG(status.st_mode)) return failure("read the file", path, "it is no regular file");
  if (status.st_size > kMaxBytes) return failure("read the file", path, "it is larger than 1 MB");
  FileContent content;
  content.mode = status.st_mode & 07777;
  content.own = status.st_uid == geteuid();
  content.text.resize(static_cast<size_t>(status.st_size) + 1);  // one more: has it grown meanwhile?
  size_t size = 0;
  while (size < content.text.size()) {
    const ssize_t got = read(file.get(), content.text.data() + size, content.text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read the file", path, std::strerror(errno));
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > static_cast<size_t>(status.st_size))
    return failure("read the file", path, "it changed while it was read");
  content.text.resize(size);
  return content;
}

Result<Secret> read_secret_file(const std::string& path) {
  auto content = read_settings_file(path);
  if (!content.ok()) return content.error();
  std::string& text = content->text;
  Diagnostic refused{"HB-K005", "", {}, "", "", path};
  if (!content->own) {
    refused.message = "the secret's file belongs to another user";
    refused.hint = "copy it into a file of your own with mode 0600";
  } else if ((content->mode & 0177) != 0) {
    refused.message = fmt::format("the secret's file has mode {:04o}, others might read it", content->mode);
    refused.hint = fmt::format("chmod 600 {}", path);
  }
  if (!refused.message.empty()) {
    wipe(text);
    return refused;
  }
  size_t size = text.size();
  if (size > 0 && text[size - 1] == '\n') --size;
  if (size > 0 && text[size - 1] == '\r' && size < text.size()) --size;
  Secret secret(std::string_view(text).substr(0, size));
  wipe(text);
  if (secret.empty()) return failure("use the secret's file", path, "it is empty");
  return secret;
}

Status write_settings_file(const std::string& path, std::string_view text, uint32_t mode, bool tighten) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path target(path);
  if (fs::is_symlink(target, error)) {
    target = fs::canonical(target, error);
    if (error) return failure("write the file", path, error.message());
  }
  for (fs::path at; const auto& part : target.parent_path()) {
    at /= part;
    if (!fs::exists(at, error) && mkdir(at.c_str(), 0700) != 0 && errno != EEXIST)
      return failure("make the folder", at.string(), std::strerror(errno));
  }
  struct stat status {};
  uint32_t wanted = mode;
  if (stat(target.c_str(), &status) == 0) {
    wanted = status.st_mode & 07777;
    if (tighten) wanted &= mode;
  }
  std::string made = target.string() + ".XXXXXX";
  const Descriptor file(mkostemp(made.data(), O_CLOEXEC));  // 0600 from the start
  if (file.get() < 0) return failure("write the file", path, std::strerror(errno));
  Status done = write_all(file.get(), text, path);
  if (done.ok() && fchmod(file.get(), wanted) != 0)
    done = failure("write the file", path, std::strerror(errno));
  if (done.ok() && std::rename(made.c_str(), target.c_str()) != 0)
    done = failure("write the file", path, std::strerror(errno));
  if (!done.ok()) unlink(made.c_str());
  return done;
}

}  // namespace huntbook
