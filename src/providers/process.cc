#include "providers/process.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/secret.h"
#include "base/text.h"

namespace huntbook {
namespace {

constexpr size_t kMaxOutput = 1 << 20, kMaxErrors = 1 << 14;

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int end(int which) const { return ends_[which]; }
  void close_end(int which) {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  int ends_[2];
};

Diagnostic failure(std::string message, std::string hint = {}) {
  return {"HB-R106", std::move(message), {}, std::move(hint), "", ""};
}

// Takes what there is; false at the end.
bool take(int from, std::string& into, size_t most) {
  char piece[4096];
  const ssize_t got = read(from, piece, sizeof piece);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  into.append(piece, std::min(static_cast<size_t>(got), most - std::min(most, into.size())));
  explicit_bzero(piece, sizeof piece);
  return got > 0;
}

}  // namespace

std::string find_program(const std::string& name, const Environment& environment) {
  const std::string path = environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (const auto folder : split(path, ':')) {
    if (!folder.starts_with('/')) continue;  // the current folder may be anybody's
    std::string candidate = std::string(folder) + "/" + name;
    struct stat status {};
    if (stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  return {};
}

Result<ProcessResult> run_program(const std::string& path, const std::vector<std::string>& arguments,
                                  std::chrono::milliseconds timeout, const CancelToken* cancel) {
  std::vector<char*> words{const_cast<char*>(path.c_str())};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  Pipe output, errors;
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (output.end(0) < 0 || errors.end(0) < 0 || nothing < 0)
    return failure(fmt::format("cannot start {}: {}", path, strerror(errno)));
  const pid_t child = fork();
  if (child == 0) {  // nothing here may take a lock
    setpgid(0, 0);
    dup2(nothing, 0);
    dup2(output.end(1), 1);
    dup2(errors.end(1), 2);
    signal(SIGPIPE, SIG_DFL);
    execve(path.c_str(), words.data(), environ);
    _exit(127);
  }
  close(nothing);
  if (child < 0) return failure(fmt::format("cannot start {}: {}", path, strerror(errno)));
  setpgid(child, child);
  output.close_end(1);
  errors.close_end(1);
  ProcessResult result;
  const auto end = std::chrono::steady_clock::now() + timeout;
  const char* stopped = nullptr;
  pollfd open_ends[2] = {{output.end(0), POLLIN, 0}, {errors.end(0), POLLIN, 0}};
  while (open_ends[0].fd >= 0 || open_ends[1].fd >= 0) {
    if (cancel && cancel->cancelled()) stopped = "interrupted";
    else if (std::chrono::steady_clock::now() >= end) stopped = "no end in time";
    if (stopped) break;
    if (poll(open_ends, 2, 50) <= 0) continue;
    if (open_ends[0].revents && !take(open_ends[0].fd, result.output, kMaxOutput)) open_ends[0].fd = -1;
    if (open_ends[1].revents && !take(open_ends[1].fd, result.errors, kMaxErrors)) open_ends[1].fd = -1;
  }
  int status = 0;
  while (!stopped) {  // it may have closed its ends and live on
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) break;
    if (cancel && cancel->cancelled()) stopped = "interrupted";
    else if (std::chrono::steady_clock::now() >= end) stopped = "no end in time";
    else poll(nullptr, 0, 5);
  }
  if (stopped) {
    kill(-child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    wipe(result.output);
    if (cancel && cancel->cancelled()) return Diagnostic{"HB-E130", "interrupted", {}, "", "", ""};
    return failure(
        fmt::format("{} did not end within {} s", path, static_cast<double>(timeout.count()) / 1000));
  }
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace huntbook
