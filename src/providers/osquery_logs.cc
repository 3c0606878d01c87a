// osquery's logs of results and snapshots: one table for each scheduled query.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "providers/local_files.h"
#include "providers/rows.h"
#include "providers/service.h"

namespace huntbook {
namespace {

const std::vector<std::string> kEndings{".log", ".json", ".jsonl"};
const std::vector<std::string> kSecondTimes{"unixTime", "time",  "atime",         "ctime",
                                            "mtime",    "btime", "last_run_time", "start_time"};
constexpr size_t kPiece = 1 << 20;
constexpr size_t kMaxLine = 64 << 20;

// "pack_NAME_query" and "pack/NAME/query" without the pack. A pack's own name may hold underscores only where
// the configuration's other queries show it, so the shortest name without one counts.
std::string table_name(const std::string& name) {
  if (name.starts_with("pack/")) {
    const size_t slash = name.find('/', 5);
    if (slash != std::string::npos) return name.substr(slash + 1);
  }
  if (name.starts_with("pack_")) {
    const size_t end = name.find('_', 5);
    if (end != std::string::npos && end + 1 < name.size()) return name.substr(end + 1);
  }
  return name;
}

class OsqueryDriver : public Driver {
 public:
  explicit OsqueryDriver(LocalFiles files) : files_(std::move(files)) {}

  Status connect() override {
    auto found = files_.list(kEndings);
    if (!found.ok()) return found.error();
    return {};
  }
  Result<std::vector<RemoteTable>> schema() override {
    auto counts = count();
    if (!counts.ok()) return counts.error();
    std::vector<RemoteTable> out;
    for (const auto& [name, rows] : *counts) {
      RunRequest request;
      request.text = name;
      auto table = run(request);
      if (!table.ok()) return table.error();
      out.push_back({name, table->schema, fmt::format("{} rows", rows)});
    }
    return out;
  }
  Result<std::vector<RemoteQuery>> queries() override {
    auto counts = count();
    if (!counts.ok()) return counts.error();
    std::vector<RemoteQuery> out;
    for (const auto& [name, rows] : *counts) out.push_back({name, fmt::format("{} rows", rows), name, {}});
    return out;
  }
  Result<Table> run(const RunRequest& request) override;

 private:
  using Visit = std::function<void(const Json::Object& event, const std::string& name)>;
  struct Lost {
    uint64_t lines = 0;
    std::string first;  // where
  };
  Result<Lost> each(const Visit& visit) const;
  Result<std::map<std::string, uint64_t>> count() const {
    std::map<std::string, uint64_t> out;
    auto lost = each([&](const Json::Object&, const std::string& name) { ++out[name]; });
    if (!lost.ok()) return lost.error();
    return out;
  }
  LocalFiles files_;
};

// Every event of every file, line by line; lines that are none are counted.
Result<OsqueryDriver::Lost> OsqueryDriver::each(const Visit& visit) const {
  auto found = files_.list(kEndings);
  if (!found.ok()) return found.error();
  Lost lost;
  for (const auto& file : *found) {
    std::ifstream in(file.path, std::ios::binary);
    std::string line;
    for (uint64_t number = 1; in; ++number) {
      line.clear();
      for (char c; in.get(c) && c != '\n';) {
        if (line.size() < kMaxLine) line += c;
      }
      if (trim(line).empty()) continue;
      auto json = parse_json(line);
      const bool good = json.ok() && json->kind() == Json::Kind::kObject && !text_of(*json, "name").empty();
      if (!good) {
        if (lost.lines++ == 0) lost.first = fmt::format("{}:{}", file.relative, number);
        continue;
      }
      visit(json->as_object(), table_name(text_of(*json, "name")));
    }
  }
  return lost;
}

Json as_time(const Json& value) {
  int64_t seconds = value.kind() == Json::Kind::kLong ? value.as_long() : 0;
  if (value.kind() == Json::Kind::kString && !value.as_string().empty() && value.as_string().size() < 12 &&
      value.as_string().find_first_not_of("0123456789") == std::string::npos)
    seconds = std::atoll(value.as_string().c_str());
  return seconds > 0 && seconds < 253'402'300'800
             ? Json::string(format_datetime(kUnixEpochTicks + seconds * kTicksPerSecond))
             : value;
}

Result<Table> OsqueryDriver::run(const RunRequest& request) {
  const std::string wanted(trim(request.text));
  std::vector<std::string> times = kSecondTimes;
  InferredRows rows(times, true);
  std::set<std::string> names;
  bool cut = false;
  const auto append = [&](const Json::Object& event, const Json& columns) {
    Json::Object row;
    std::set<std::string> taken;
    std::optional<int64_t> when;
    const auto add = [&](std::string name, const Json& value) {
      while (!taken.insert(name).second) name += '_';
      const bool time = std::find(times.begin(), times.end(), name) != times.end();
      row.emplace_back(name, time ? as_time(value) : value);
    };
    for (const auto& [name, value] : event) {
      if (name == "unixTime" && value.kind() == Json::Kind::kLong)
        when = kUnixEpochTicks + value.as_long() * kTicksPerSecond;
      if (name == "name") add("query", value);
      else if (name != "columns" && name != "decorations" && name != "snapshot") add(name, value);
    }
    if ((request.range.start && (!when || *when < *request.range.start)) ||
        (request.range.end && (!when || *when >= *request.range.end)))
      return;
    if (request.limits.reached(rows.rows(), rows.bytes())) {
      cut = true;
      return;
    }
    for (const auto& [name, value] : event) {
      if (name != "decorations" || value.kind() != Json::Kind::kObject) continue;
      for (const auto& [inner, cell] : value.as_object()) add(inner, cell);
    }
    if (columns.kind() == Json::Kind::kObject) {
      for (const auto& [inner, cell] : columns.as_object()) add(inner, cell);
    }
    rows.append(row);
  };
  auto lost = each([&](const Json::Object& event, const std::string& name) {
    names.insert(name);
    if (name != wanted) return;
    for (const auto& [key, value] : event) {
      if (key == "columns") append(event, value);
      if (key == "snapshot" && value.kind() == Json::Kind::kArray) {
        for (const auto& columns : value.as_array()) append(event, columns);
      }
    }
  });
  if (!lost.ok()) return lost.error();
  if (!names.count(wanted)) {
    const std::vector<std::string> known(names.begin(), names.end());
    const auto near = nearest_name(wanted, known);
    return Diagnostic{
        "HB-R010",
        fmt::format("no table `{}` in the logs", wanted),
        {},
        near ? fmt::format("did you mean `{}`?", *near) : "huntbook connect NAME --queries lists them",
        "",
        ""};
  }
  const uint64_t got = rows.rows();
  Table table = rows.finish({"unixTime", "hostIdentifier"});
  if (cut) mark_cut(table, got);
  if (lost->lines)
    mark(table, Completeness::kPartial,
         fmt::format("{} line{} no event of osquery, the first at {}", lost->lines,
                     lost->lines == 1 ? " is" : "s are", repair_utf8(lost->first)));
  table.provenance = {"osquery", request.text, now_ticks()};
  return table;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  auto files = LocalFiles::open(arguments, context);
  if (!files.ok()) return files.error();
  return std::unique_ptr<Driver>(std::make_unique<OsqueryDriver>(std::move(*files)));
}

}  // namespace

const ProviderKind& osquery_provider() {
  static const ProviderKind kKind{
      "OSQueryLogs",
      {"OSQuery"},
      "osquery's logs of results and snapshots; a query is a scheduled query's name",
      {.language = "table name", .threads = 1, .time_pushed = true, .online = false},
      {{"path", "the folder with osqueryd.results.log and the like", true, false}},
      &make};
  return kKind;
}

}  // namespace huntbook
