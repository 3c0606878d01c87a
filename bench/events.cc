#include "events.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/time.h"
#include "table/builder.h"

namespace huntbook::bench {
namespace {

// splitmix64: each row has its own stream.
struct Random {
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t n) { return next() % n; }
  /// Small numbers far more often than great ones.
  uint64_t skewed(uint64_t n) {
    const double u = static_cast<double>(next() >> 11) / 9007199254740992.0;
    return static_cast<uint64_t>(u * u * u * static_cast<double>(n));
  }
};

constexpr std::array kActions = {"ProcessCreated", "ConnectionSuccess", "ConnectionFailed", "FileCreated",
                                 "LogonSuccess",   "LogonFailed",       "RegistryValueSet", "ImageLoaded"};
constexpr std::array kPrograms = {"svchost.exe",  "chrome.exe",  "cmd.exe",      "powershell.exe",
                                  "explorer.exe", "outlook.exe", "winword.exe",  "rundll32.exe",
                                  "wscript.exe",  "msbuild.exe", "certutil.exe", "regsvr32.exe"};
constexpr std::array kFolders = {R"(C:\Windows\System32)", R"(C:\Program Files\App)", R"(C:\Users\Public)",
                                 R"(C:\Users\worker\AppData\Local\Temp)", R"(C:\ProgramData\Updater)"};
constexpr std::array kPorts = {443, 80, 53, 445, 3389, 8080, 4444, 22};

std::string program(Random& random) {
  const uint64_t n = random.skewed(400);
  return n < kPrograms.size() ? kPrograms[n] : fmt::format("tool{}.exe", n);
}

std::string command_line(Random& random, const std::string& file) {
  switch (random.below(12)) {
    case 0:
      return fmt::format("{} -NoProfile -EncodedCommand {:016x}{:016x}{:016x}", file, random.next(),
                         random.next(), random.next());
    case 1: return fmt::format("{} /c whoami /all > C:\\Temp\\{}.txt", file, random.below(100000));
    case 2:
      return fmt::format("{} -urlcache -f http://host{}.example/{:x}.bin out.dat", file, random.skewed(5000),
                         random.next());
    case 3:
      return fmt::format("\"C:\\Program Files\\App\\{}\" --type=renderer --lang=en-GB --id={}", file,
                         random.below(1000000));
    case 4:
      return fmt::format("{} \\\\FS{:02}\\share\\docs\\report-{}.docx", file, random.below(20),
                         random.below(100000));
    default:
      return fmt::format("{} -k netsvcs -p -s Service{} --session {} --verbose", file, random.below(300),
                         random.next() % 10000000);
  }
}

}  // namespace

Schema event_schema() {
  return Schema{{{"Timestamp", Type::kDatetime, ""},
                 {"DeviceName", Type::kString, ""},
                 {"AccountName", Type::kString, ""},
                 {"ActionType", Type::kString, ""},
                 {"FileName", Type::kString, ""},
                 {"FolderPath", Type::kString, ""},
                 {"ProcessCommandLine", Type::kString, ""},
                 {"InitiatingProcessFileName", Type::kString, ""},
                 {"ProcessId", Type::kInt, ""},
                 {"RemoteIP", Type::kString, ""},
                 {"RemotePort", Type::kInt, ""},
                 {"SHA256", Type::kString, ""},
                 {"AdditionalFields", Type::kDynamic, ""}}};
}

Batch event_batch(uint64_t begin, size_t rows) {
  std::vector<ColumnBuilder> columns;
  for (const auto& field : event_schema().fields) columns.emplace_back(field.type);
  const int64_t first = *parse_datetime("2024-03-01");
  for (uint64_t row = begin; row < begin + rows; ++row) {
    Random random{row * 0x2545f4914f6cdd1d};
    const std::string file = program(random), parent = program(random);
    const std::string action = kActions[random.skewed(kActions.size())];
    const bool network = action.starts_with("Connection");
    columns[0].append_long(first + static_cast<int64_t>(row * 2592 + random.below(2592)) *
                                       1000);  // some 30 days for 10M
    columns[1].append_text(fmt::format("host-{:04}.corp.example", random.skewed(2000)));
    columns[2].append_text(fmt::format("user{:04}", random.skewed(3000)));
    columns[3].append_text(action);
    columns[4].append_text(file);
    columns[5].append_text(kFolders[random.skewed(kFolders.size())]);
    columns[6].append_text(command_line(random, file));
    columns[7].append_text(parent);
    columns[8].append_int(static_cast<int32_t>(random.below(60000)));
    columns[9].append_text(
        !network          ? ""
        : random.below(3) ? fmt::format("10.{}.{}.{}", random.below(4), random.below(256), random.below(256))
                          : fmt::format("203.0.{}.{}", random.below(114), random.below(256)));
    columns[10].append_int(network ? kPorts[random.skewed(kPorts.size())] : 0);
    Random hash{random.skewed(20000)};
    columns[11].append_text(
        fmt::format("{:016x}{:016x}{:016x}{:016x}", hash.next(), hash.next(), hash.next(), hash.next()));
    columns[12].append_text(fmt::format(R"({{"result":"{}","score":{},"tags":["t{}"]}})",
                                        random.below(10) ? "ok" : "failed", random.below(100),
                                        random.below(50)));
  }
  Batch batch;
  batch.rows = rows;
  for (auto& column : columns) batch.columns.push_back(column.finish());
  return batch;
}

}  // namespace huntbook::bench
