// Attack simulations and other real files, counted by means that share nothing with the readers.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "evidence/evidence.h"
#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

namespace fs = std::filesystem;

std::string shared(std::string_view name) {
  return std::string(HB_SHARED_DIR) + "/data/" + std::string(name);
}

std::vector<std::string> files_below(const std::string& folder, std::string_view extension) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().string().ends_with(extension))
      found.push_back(entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Calls `line` for every line that is not blank in the members called .json.
void json_lines(const std::string& zip,
                const std::function<void(const std::string& member, std::string_view line)>& line) {
  archive* in = archive_read_new();
  archive_read_support_format_zip(in);
  archive_read_open_filename(in, zip.c_str(), 1 << 16);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(in, &entry) == ARCHIVE_OK) {
    const std::string name = archive_entry_pathname(entry);
    if (!name.ends_with(".json")) continue;
    std::string bytes, buffer(1 << 20, '\0');
    for (la_ssize_t got = 0; (got = archive_read_data(in, buffer.data(), buffer.size())) > 0;)
      bytes.append(buffer, 0, static_cast<size_t>(got));
    for (auto text : split(bytes, '\n')) {
      if (!trim(text).empty()) line(name, text);
    }
  }
  archive_read_free(in);
}

TEST(RealData, EveryLineOfTheSimulationsIsARowOrAReject) {
  if (!fs::exists(shared("otrf"))) GTEST_SKIP() << "no " << shared("otrf");
  const auto zips = files_below(shared("otrf"), ".zip");
  std::map<std::string, uint64_t> lines;
  for (const auto& zip : zips) {
    json_lines(zip, [&](const std::string& member, std::string_view) { ++lines[zip + "!" + member]; });
  }
  const Catalog catalog = scan_or_fail(zips);
  uint64_t members = 0, rows = 0, rejected = 0;
  for (const auto& file : catalog.files) {
    if (!file.path.ends_with(".json")) continue;
    ++members;
    rows += file.rows;
    rejected += file.rejected;
    EXPECT_EQ(file.rows + file.rejected, lines[file.path]) << file.path << " " << file.note;
  }
  EXPECT_EQ(members, 63u);
  EXPECT_EQ(rows + rejected, 374'996u);
}

TEST(RealData, EveryKeyAndCellOfAMemberIsThere) {
  const std::string zip =
      shared("otrf/compound/LSASS_campaign_05/metasploit_sharpdump_lsass_memory_dump.zip");
  if (!fs::exists(zip)) GTEST_SKIP() << "no " << zip;
  std::set<std::string> keys;
  uint64_t cells = 0, rows = 0, bags = 0;
  json_lines(zip, [&](const std::string&, std::string_view line) {
    const auto json = parse_json(line);
    ASSERT_TRUE(json.ok());
    ++rows;
    for (const auto& [key, value] : json->as_object()) {
      keys.insert(key);
      cells += !value.is_null() && !(value.kind() == Json::Kind::kString && value.as_string().empty());
      bags += key == "EventData" || key == "event_data" || key == "winlog";
    }
  });
  EXPECT_EQ(bags, 0u);  // nothing is spread: all cells are the rows' own
  const Catalog catalog = scan_or_fail({zip});
  ASSERT_EQ(catalog.tables.size(), 1u);
  const Table table = load_all(catalog, "WindowsEvent");
  uint64_t loaded = 0, times = 0;
  for (const auto& batch : table.batches) {
    for (size_t c = 0; c < table.schema.size(); ++c) {
      const Column& column = batch->columns[c];
      for (size_t i = 0; i < batch->rows; ++i) {
        const bool there = !column.is_null(i) && (column.type != Type::kString || !column.text_at(i).empty());
        (table.schema.fields[c].name == "TimeGenerated" ? times : loaded) += there;
      }
    }
  }
  EXPECT_EQ(table.rows(), rows);
  EXPECT_EQ(times, rows);
  EXPECT_EQ(loaded, cells);
  const std::map<std::string, std::string> renamed{
      {"Hostname", "Computer"}, {"SourceName", "Provider"}, {"RecordNumber", "EventRecordID"}};
  for (const auto& key : keys) {
    const auto it = renamed.find(key);
    EXPECT_TRUE(table.schema.find(it == renamed.end() ? key : it->second)) << key;
  }
}

TEST(RealData, ZeekLogs) {
  if (!fs::exists(shared("zeek"))) GTEST_SKIP() << "no " << shared("zeek");
  const Catalog catalog = scan_or_fail({shared("zeek")});
  for (const auto& file : catalog.files) {
    if (!file.path.ends_with(".log")) continue;
    std::ifstream in(file.path);
    uint64_t lines = 0;
    for (std::string line; std::getline(in, line);) lines += !trim(line).empty();
    EXPECT_EQ(file.rows, lines) << file.path << " " << file.note;
    EXPECT_EQ(file.rejected, 0u) << file.path;
    EXPECT_TRUE(file.first_time) << file.path;
  }
  for (const auto& table : catalog.tables) {
    EXPECT_TRUE(table.name.starts_with("zeek_")) << table.name;
    const auto ts = table.schema.find("ts");
    ASSERT_TRUE(ts) << table.name;
    EXPECT_EQ(table.schema.fields[*ts].type, Type::kDatetime);
    load_all(catalog, table.name);
  }
  EXPECT_NE(catalog.find("zeek_conn"), nullptr);
}

TEST(RealData, CsvFiles) {
  if (!fs::exists(shared("msticpy"))) GTEST_SKIP() << "no " << shared("msticpy");
  for (const auto& path : files_below(shared("msticpy"), ".csv")) {
    const Catalog catalog = scan_or_fail({path});
    ASSERT_EQ(catalog.files.size(), 1u) << path;
    EXPECT_EQ(catalog.files[0].reader, "csv") << path << " " << catalog.files[0].note;
    EXPECT_GT(catalog.files[0].rows, 0u) << path;
    for (const auto& table : catalog.tables) load_all(catalog, table.name);
  }
}

}  // namespace
}  // namespace huntbook::evidence
