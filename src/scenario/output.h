// The log files: events may be added in any order up to hours ahead, and come out ordered by time, window by
// window.
#pragma once
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/result.h"
#include "scenario/stamp.h"

namespace huntbook::scenario {

enum class LogFile : uint8_t {
  kSecurity,
  kSysmon,
  kPowershell,
  kSystem,
  kSyslog,
  kAudit,
  kConn,
  kDns,
  kHttp,
  kSignin,
  kAuditLogs
};
constexpr size_t kLogFiles = 11;

/// "evidence/windows/security.ndjson" and so on, relative to the scenario's folder.
std::string_view log_path(LogFile file);
/// True for the files whose lines are JSON objects.
bool is_json(LogFile file);

/// Told where a marked event ended up.
class PlacedEvents {
 public:
  virtual ~PlacedEvents() = default;
  virtual void placed(uint32_t mark, uint64_t line, uint64_t record, std::string_view text) = 0;
};

constexpr uint32_t kUnmarked = 0xffffffff;

/// One log file. Memory holds only events that are not written yet.
class LogStream {
 public:
  LogStream() = default;
  /// `window` is the length of the slices that flush() writes.
  Status open(const std::filesystem::path& folder, LogFile file, Micros window);
  /// The text to append one event to, until end(). Events before the flushed windows or after the scenario
  /// are dropped.
  std::string& begin(Micros t, uint32_t host, uint32_t mark);
  void end();
  /// Writes the events of all windows that end at or before `until`, in order.
  Status flush(Micros until, PlacedEvents& placed);
  Status close(Micros end);
  uint64_t bytes() const { return bytes_; }
  uint64_t events() const { return events_; }

 private:
  struct Entry {
    Micros time;
    uint64_t offset;
    uint32_t length;
    uint32_t host;
    uint32_t mark;
  };
  struct Window {
    std::string text;
    std::vector<Entry> entries;
  };
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Status write(std::string_view text);
  void write_window(Window& window, PlacedEvents& placed);
  uint64_t next_record(uint32_t host);

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::filesystem::path path_;
  LogFile kind_ = LogFile::kSecurity;
  Micros window_ = kHour;
  std::map<int64_t, Window> windows_;
  Window* current_ = nullptr;
  Window dropped_;
  int64_t first_open_ = 0;  ///< windows before this one are written
  std::vector<uint64_t> records_;
  std::string buffer_;
  uint64_t lines_ = 0;
  uint64_t bytes_ = 0;
  uint64_t events_ = 0;
};

/// All of them.
class Output {
 public:
  Status open(const std::filesystem::path& folder, Micros window);
  LogStream& stream(LogFile file) { return streams_[static_cast<size_t>(file)]; }
  const LogStream& stream(LogFile file) const { return streams_[static_cast<size_t>(file)]; }
  uint64_t bytes() const;
  uint64_t events() const;

 private:
  std::array<LogStream, kLogFiles> streams_;
};

}  // namespace huntbook::scenario
