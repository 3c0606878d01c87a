// The bytes of a file or archive member, read once from front to back.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/evidence.h"

namespace huntbook::evidence {

class Member {
 public:
  virtual ~Member() = default;
  std::string path;      ///< "archive.zip!member" inside archives
  std::string name;      ///< its own file name
  int64_t modified = 0;  ///< ticks
  /// Up to `size` bytes; 0 at the end. What goes wrong is in `error`, and the end follows.
  virtual size_t read(char* buffer, size_t size) = 0;
  std::string error;  ///< empty while all is well
};

/// The files below the paths, sorted; folders that cannot be read are noted.
struct Found {
  std::vector<std::string> files;
  std::vector<SourceFile> problems;
};
Result<Found> find_files(std::span<const std::string> paths);

/// Takes a member; false when it wants no more.
using MemberVisitor = std::function<bool(Member&)>;
using ProblemVisitor = std::function<void(const std::string& path, const std::string& note)>;

/// Calls `visit` for the file, or for every member when it is an archive (zip, tar, gz, zst, xz, bz2; also
/// one inside another). What is wrong with an archive itself goes to `problem`.
void for_each_member(const std::string& file, const MemberVisitor& visit, const ProblemVisitor& problem);

}  // namespace huntbook::evidence
