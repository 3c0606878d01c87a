#include "evidence/member.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "base/time.h"

namespace huntbook::evidence {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxMembers = 100'000;
constexpr int kMaxDamaged = 100;  // members of one zip
constexpr uint64_t kMaxMemberBytes = uint64_t{1} << 40;
constexpr uint64_t kMaxRatio = 2000;  // a text log compresses by 10 to 100

int64_t ticks_of(time_t seconds, long nanos) {
  return kUnixEpochTicks + static_cast<int64_t>(seconds) * kTicksPerSecond + nanos / 100;
}

class PlainMember : public Member {
 public:
  explicit PlainMember(int fd) : fd_(fd) {}
  ~PlainMember() override { close(fd_); }
  PlainMember(const PlainMember&) = delete;
  PlainMember& operator=(const PlainMember&) = delete;
  size_t read(char* buffer, size_t size) override {
    size_t total = 0;
    while (total < size) {
      const ssize_t got = ::read(fd_, buffer + total, size - total);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) error = std::strerror(errno);
      if (got <= 0) break;
      total += static_cast<size_t>(got);
    }
    return total;
  }

 private:
  int fd_;
};

bool is_packed(std::string_view head) {
  const auto starts = [&](std::string_view magic) { return head.substr(0, magic.size()) == magic; };
  return starts("PK\x03\x04") || starts(std::string_view("PK\x05\x06", 4)) || starts("\x1f\x8b") ||
         starts("\x28\xb5\x2f\xfd") || starts("BZh") ||
         starts(std::string_view("\xfd"
                                 "7zXZ\0",
                                 6)) ||
         (head.size() > 262 && head.substr(257, 5) == "ustar");
}

class ArchiveMember : public Member {
 public:
  ArchiveMember(archive* source, uint64_t packed, uint64_t& unpacked)
      : archive_(source), packed_(packed), all_(unpacked) {}
  size_t read(char* buffer, size_t size) override {
    size_t total = std::min(size, peeked_.size() - given_);
    std::memcpy(buffer, peeked_.data() + given_, total);
    given_ += total;
    return total + unpack(buffer + total, size - total);
  }
  /// The first bytes, which read() gives again.
  std::string_view peek() {
    peeked_.resize(kPeek);
    peeked_.resize(unpack(peeked_.data(), kPeek));
    return peeked_;
  }
  bool fatal = false;

 private:
  static constexpr size_t kPeek = 512;

  // Block by block: archive_read_data() would lose what precedes an error.
  size_t unpack(char* buffer, size_t size) {
    size_t total = 0;
    while (total < size) {
      if (taken_ == block_.size()) {
        if (!error.empty() || !next_block()) break;
        continue;
      }
      const size_t part = std::min(size - total, block_.size() - taken_);
      std::memcpy(buffer + total, block_.data() + taken_, part);
      taken_ += part;
      total += part;
    }
    return total;
  }
  bool next_block() {
    const void* data = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;  // the gaps of a sparse file hold nothing to read
    const int state = archive_read_data_block(archive_, &data, &size, &offset);
    block_ = {};
    taken_ = 0;
    if (state == ARCHIVE_EOF) return false;
    if (state < ARCHIVE_WARN) {
      const char* text = archive_error_string(archive_);
      error = text ? repair_utf8(text) : "damaged archive member";
      fatal = state == ARCHIVE_FATAL;
      return false;
    }
    block_ = {static_cast<const char*>(data), size};
    done_ += size;
    all_ += size;
    if (done_ > kMaxMemberBytes ||
        (packed_ > 0 && all_ > (uint64_t{1} << 30) && all_ / packed_ > kMaxRatio)) {
      error = "the archive expands to more than is plausible";
      fatal = true;
      block_ = {};
      return false;
    }
    return true;
  }

  archive* archive_;
  uint64_t packed_;
  uint64_t done_ = 0;
  std::string_view block_;
  size_t taken_ = 0;
  uint64_t& all_;  ///< unpacked from the file, all members together
  std::string peeked_;
  size_t given_ = 0;
};

struct CloseArchive {
  void operator()(archive* source) const { archive_read_free(source); }
};
using ArchivePointer = std::unique_ptr<archive, CloseArchive>;

ArchivePointer new_archive() {
  ArchivePointer source(archive_read_new());
  // Not all filters: some would run another program on what the evidence holds.
  archive_read_support_filter_gzip(source.get());
  archive_read_support_filter_zstd(source.get());
  archive_read_support_filter_bzip2(source.get());
  archive_read_support_filter_xz(source.get());
  archive_read_support_format_zip(source.get());
  archive_read_support_format_tar(source.get());
  archive_read_support_format_raw(source.get());
  return source;
}

std::string error_of(archive* source) {
  const char* text = archive_error_string(source);
  return text ? repair_utf8(text) : "unknown damage";
}

// Walks an archive and the archives in it.
class Walker {
 public:
  Walker(const MemberVisitor& visit, const ProblemVisitor& problem, uint64_t packed, int64_t modified)
      : visit_(visit), problem_(problem), packed_(packed), modified_(modified) {}

  enum class Outcome : uint8_t { kDone, kStopped, kDamaged };

  // Visits the members behind the first `skip` entries. Stopped: the visitor wants no more. Damaged: `skip`
  // now stands behind a member that spoiled the reader. `source` is open; `path` is the archive's own.
  Outcome walk(archive* source, const std::string& path, int depth, size_t& skip) {
    archive_entry* entry = nullptr;
    bool any = false;
    for (size_t index = 0;; ++index) {
      const int state = archive_read_next_header(source, &entry);
      if (state == ARCHIVE_EOF) break;
      if (state == ARCHIVE_RETRY) continue;
      if (state < ARCHIVE_WARN) {
        problem_(path, "the archive is damaged: " + error_of(source));
        return Outcome::kDone;
      }
      const bool raw = archive_format(source) == ARCHIVE_FORMAT_RAW;
      any = true;
      if (index < skip) continue;
      if (!raw && archive_entry_filetype(entry) != AE_IFREG) continue;
      if (++count_ > kMaxMembers) {
        problem_(path, "more than " + std::to_string(kMaxMembers) + " members: the rest is not read");
        return Outcome::kDone;
      }
      ArchiveMember member(source, packed_, unpacked_);
      const char* name = archive_entry_pathname_utf8(entry);
      if (!name) name = archive_entry_pathname(entry);
      const std::string own = raw    ? fs::path(path.substr(path.rfind('!') + 1)).stem().string()
                              : name ? repair_utf8(name)
                                     : "?";
      member.path = raw ? path : path + "!" + own;
      member.name = own.substr(own.find_last_of("/\\") + 1);
      member.modified = !raw && archive_entry_mtime_is_set(entry)
                            ? ticks_of(archive_entry_mtime(entry), archive_entry_mtime_nsec(entry))
                            : modified_;
      const bool nested = is_packed(member.peek());
      const bool go_on = nested && depth < kMaxDepth ? walk_nested(member, depth) : visit_(member);
      if (!go_on) return Outcome::kStopped;
      if (raw) return Outcome::kDone;
      if (member.fatal) {
        skip = index + 1;
        return Outcome::kDamaged;
      }
    }
    if (!any) problem_(path, "an archive without members");
    return Outcome::kDone;
  }

 private:
  static constexpr int kMaxDepth = 2;

  struct Stream {
    ArchiveMember* member;
    std::vector<char> buffer = std::vector<char>(1 << 16);
  };
  static la_ssize_t read_stream(archive* source, void* data, const void** buffer) {
    auto& stream = *static_cast<Stream*>(data);
    *buffer = stream.buffer.data();
    const size_t got = stream.member->read(stream.buffer.data(), stream.buffer.size());
    if (got == 0 && !stream.member->error.empty()) {
      archive_set_error(source, EIO, "%s", stream.member->error.c_str());
      return ARCHIVE_FATAL;
    }
    return static_cast<la_ssize_t>(got);
  }
  bool walk_nested(ArchiveMember& member, int depth) {
    Stream stream{&member};
    ArchivePointer inner = new_archive();
    if (archive_read_open(inner.get(), &stream, nullptr, read_stream, nullptr) != ARCHIVE_OK) {
      problem_(member.path, "cannot be read: " + error_of(inner.get()));
      return true;
    }
    size_t skip = 0;
    const Outcome outcome = walk(inner.get(), member.path, depth + 1, skip);
    if (outcome == Outcome::kDamaged)
      problem_(member.path, "the archive is damaged: members behind are not read");
    return outcome != Outcome::kStopped;
  }

  const MemberVisitor& visit_;
  const ProblemVisitor& problem_;
  uint64_t packed_;
  int64_t modified_;
  size_t count_ = 0;
  uint64_t unpacked_ = 0;
};

}  // namespace

Result<Found> find_files(std::span<const std::string> paths) {
  Found found;
  for (const auto& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
      Diagnostic made;
      made.code = "HB-V001";
      made.message = "path `" + path + "` does not exist";
      made.hint = "-d takes files, folders and archives";
      if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
        made.code = "HB-V002";
        made.message = "path `" + path + "` cannot be opened: " + error.message();
        made.hint.clear();
      }
      return made;
    }
    if (!fs::is_directory(status)) {
      if (faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0)
        return Diagnostic{
            "HB-V002", "file `" + path + "` cannot be opened: " + std::strerror(errno), {}, "", "", ""};
      found.files.push_back(path);
      continue;
    }
    std::vector<std::string> todo{path};
    std::vector<std::string> inside;
    while (!todo.empty()) {
      const std::string folder = todo.back();
      todo.pop_back();
      fs::directory_iterator it(folder, error);
      if (error) {
        if (folder == path)
          return Diagnostic{
              "HB-V002", "folder `" + path + "` cannot be opened: " + error.message(), {}, "", "", ""};
        SourceFile problem;
        problem.path = folder;
        problem.note = "cannot be opened: " + error.message();
        found.problems.push_back(std::move(problem));
        continue;
      }
      for (const fs::directory_iterator end; it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_symlink(ignored) && it->is_directory(ignored)) continue;  // no cycles
        if (it->is_directory(ignored)) todo.push_back(it->path().string());
        else if (it->is_regular_file(ignored)) inside.push_back(it->path().string());
        if (error) break;
      }
    }
    std::sort(inside.begin(), inside.end());
    found.files.insert(found.files.end(), inside.begin(), inside.end());
  }
  return found;
}

void for_each_member(const std::string& file, const MemberVisitor& visit, const ProblemVisitor& problem) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return problem(file, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info {};
  fstat(fd, &info);
  char head[512];
  const ssize_t got = pread(fd, head, sizeof head, 0);
  const int64_t modified = ticks_of(info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  if (got <= 0 || !is_packed({head, static_cast<size_t>(got)})) {
    PlainMember member(fd);
    member.path = file;
    member.name = fs::path(file).filename().string();
    member.modified = modified;
    visit(member);
    return;
  }
  Walker walker(visit, problem, static_cast<uint64_t>(info.st_size), modified);
  size_t skip = 0;
  for (int damaged = 0;; ++damaged) {
    lseek(fd, 0, SEEK_SET);
    ArchivePointer source = new_archive();
    if (archive_read_open_fd(source.get(), fd, 1 << 18) != ARCHIVE_OK) {
      problem(file, "cannot be read: " + error_of(source.get()));
      break;
    }
    // A zip goes on behind a damaged member; a stream does not get there again.
    if (walker.walk(source.get(), file, 1, skip) != Walker::Outcome::kDamaged) break;
    if (damaged == kMaxDamaged ||
        (archive_format(source.get()) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_ZIP) {
      problem(file, "the archive is damaged: members behind are not read");
      break;
    }
  }
  close(fd);
}

}  // namespace huntbook::evidence
