#include "analysis/process_tree.h"

#include <gtest/gtest.h>

#include <random>

#include "analysis/test_table.h"
#include "table/write.h"

namespace huntbook {
namespace {

/// The tree as lines: indent, name, id, "?" for a placeholder, the input row.
std::string print(const Table& tree) {
  std::string out;
  for (const auto& batch : tree.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      const auto cell = [&](size_t column) { return cell_text(batch->columns[column], row); };
      out +=
          std::string(2 * static_cast<size_t>(batch->columns[2].int_at(row)), ' ') + cell(5) + " " + cell(6);
      out += batch->columns[9].is_null(row) ? " ?" : " #" + cell(9);
      out += "\n";
    }
  }
  return out;
}

std::vector<Field> security_fields() {
  return {{"TimeGenerated", Type::kDatetime},
          {"Computer", Type::kString},
          {"EventID", Type::kInt},
          {"NewProcessId", Type::kString},
          {"ProcessId", Type::kString},
          {"NewProcessName", Type::kString},
          {"ParentProcessName", Type::kString},
          {"CommandLine", Type::kString},
          {"SubjectUserName", Type::kString},
          {"SubjectDomainName", Type::kString}};
}

TEST(ProcessTree, JoinsSecurityEventsByTimeAndHost) {
  const Table events = text_table(
      security_fields(), {
                             {"2024-01-01T10:00:00Z", "A", "4688", "0x64", "0x4", "C:\\Windows\\explorer.exe",
                              "C:\\x\\userinit.exe", "explorer", "ann", "CORP"},
                             {"2024-01-01T10:01:00Z", "A", "4688", "0xc8", "0x64", "C:\\cmd.exe",
                              "C:\\Windows\\explorer.exe", "cmd /c x", "ann", "CORP"},
                             {"2024-01-01T10:02:00Z", "A", "4624", "", "0xc8", "", "", "", "", ""},
                             {"2024-01-01T10:03:00Z", "b", "4688", "0x12c", "0x64", "C:\\other.exe",
                              "C:\\Windows\\explorer.exe", "", "", ""},
                             {"2024-01-01T10:04:00Z", "a", "4688", "0x12c", "200", "C:\\whoami.exe",
                              "C:\\CMD.EXE", "whoami", "ann", "CORP"},
                         });
  auto tree = process_tree(events);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(print(*tree),
            "C:\\x\\userinit.exe 0x4 ?\n"
            "  C:\\Windows\\explorer.exe 0x64 #0\n"
            "    C:\\cmd.exe 0xc8 #1\n"
            "      C:\\whoami.exe 0x12c #4\n"
            "C:\\Windows\\explorer.exe 0x64 ?\n"
            "  C:\\other.exe 0x12c #3\n");
  EXPECT_EQ(cell_text(tree->batches[0]->columns[8], 1), "CORP\\ann");
  EXPECT_EQ(cell_text(tree->batches[0]->columns[3], 1), "2024-01-01T10:00:00.0000000Z");
}

TEST(ProcessTree, TakesTheLatestHolderOfAReusedId) {
  const Table events = text_table(
      security_fields(),
      {
          {"2024-01-01T10:00:00Z", "A", "4688", "0x64", "0x0", "first.exe", "", "", "", ""},
          {"2024-01-01T10:01:00Z", "A", "4688", "0x65", "0x64", "child1.exe", "first.exe", "", "", ""},
          {"2024-01-01T10:02:00Z", "A", "4688", "0x64", "0x0", "second.exe", "", "", "", ""},
          {"2024-01-01T10:03:00Z", "A", "4688", "0x66", "0x64", "child2.exe", "second.exe", "", "", ""},
          {"2024-01-01T10:04:00Z", "A", "4688", "0x67", "0x64", "child3.exe", "third.exe", "", "", ""},
      });
  auto tree = process_tree(events);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(print(*tree),
            "first.exe 0x64 #0\n"
            "  child1.exe 0x65 #1\n"
            "second.exe 0x64 #2\n"
            "  child2.exe 0x66 #3\n"
            "third.exe 0x64 ?\n"
            "  child3.exe 0x67 #4\n");
}

TEST(ProcessTree, ReadsTablesThatRunBackwardsInTime) {
  const Table events =
      text_table(security_fields(),
                 {
                     {"2024-01-01T10:05:00Z", "A", "4688", "0x66", "0x1", "late.exe", "", "", "", ""},
                     {"2024-01-01T10:00:00Z", "A", "4688", "0x65", "0x64", "child.exe", "", "", "", ""},
                     {"2024-01-01T10:00:00Z", "A", "4688", "0x64", "0x0", "parent.exe", "", "", "", ""},
                 });
  auto tree = process_tree(events);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(print(*tree), "parent.exe 0x64 #2\n  child.exe 0x65 #1\n 0x1 ?\n  late.exe 0x66 #0\n");
}

TEST(ProcessTree, JoinsSysmonByGuid) {
  const Table events = text_table(
      {{"UtcTime", Type::kDatetime},
       {"Computer", Type::kString},
       {"EventID", Type::kLong},
       {"ProcessGuid", Type::kString},
       {"ProcessId", Type::kLong},
       {"Image", Type::kString},
       {"ParentProcessGuid", Type::kString},
       {"ParentProcessId", Type::kLong},
       {"ParentImage", Type::kString},
       {"User", Type::kString},
       {"CommandLine", Type::kString}},
      {{"2024-01-01T10:00:00Z", "A", "1", "{AA}", "10", "a.exe", "{00}", "4", "init.exe", "u", "a"},
       {"2024-01-01T10:00:01Z", "A", "1", "{BB}", "10", "b.exe", "{aa}", "10", "a.exe", "u", "b"},
       {"2024-01-01T10:00:02Z", "A", "1", "{CC}", "11", "c.exe", "{AA}", "10", "a.exe", "u", "c"},
       {"2024-01-01T10:00:03Z", "A", "3", "{CC}", "11", "c.exe", "", "", "", "", ""}});
  auto tree = process_tree(events);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(print(*tree), "init.exe 4 ?\n  a.exe 10 #0\n    b.exe 10 #1\n    c.exe 11 #2\n");
}

TEST(ProcessTree, UsesTheParentsStartOfDeviceProcessEvents) {
  const Table events =
      text_table({{"Timestamp", Type::kDatetime},
                  {"DeviceName", Type::kString},
                  {"ActionType", Type::kString},
                  {"ProcessId", Type::kLong},
                  {"FileName", Type::kString},
                  {"ProcessCommandLine", Type::kString},
                  {"ProcessCreationTime", Type::kDatetime},
                  {"InitiatingProcessId", Type::kLong},
                  {"InitiatingProcessFileName", Type::kString},
                  {"InitiatingProcessCreationTime", Type::kDatetime}},
                 {{"2024-01-01T10:00:00Z", "A", "ProcessCreated", "10", "a.exe", "a", "2024-01-01T10:00:00Z",
                   "4", "init", "2024-01-01T09:00:00Z"},
                  {"2024-01-01T10:00:05Z", "A", "ProcessCreated", "11", "b.exe", "b", "2024-01-01T10:00:05Z",
                   "10", "A.exe", "2024-01-01T10:00:00Z"},
                  {"2024-01-01T10:00:06Z", "A", "ProcessCreated", "12", "c.exe", "c", "2024-01-01T10:00:06Z",
                   "10", "a.exe", "2024-01-01T08:00:00Z"},
                  {"2024-01-01T10:00:07Z", "A", "OpenProcess", "13", "d.exe", "d", "", "10", "a.exe", ""}});
  auto tree = process_tree(events);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(print(*tree), "init 4 ?\n  a.exe 10 #0\n    b.exe 11 #1\na.exe 10 ?\n  c.exe 12 #2\n");
}

TEST(ProcessTree, NoInputMakesACycleOrLosesARow) {
  std::mt19937 random(7);
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(std::to_string(i));
  std::vector<std::vector<std::string_view>> rows;
  for (int i = 0; i < 5000; ++i) {
    const std::string_view time = i % 7 == 0   ? ""
                                  : i % 3 == 0 ? "2024-01-01T10:00:00Z"
                                               : "2024-01-01T11:00:00Z";
    rows.push_back({time, "A", "4688", ids[random() % 40], ids[random() % 40], "x.exe", "", "", "", ""});
  }
  auto tree = process_tree(text_table(security_fields(), rows));
  ASSERT_TRUE(tree.ok());
  const Batch& batch = *tree->batches[0];
  std::vector<bool> seen(rows.size(), false);
  for (size_t row = 0; row < batch.rows; ++row) {
    EXPECT_EQ(batch.columns[0].long_at(row), static_cast<int64_t>(row));
    if (!batch.columns[1].is_null(row)) {
      const auto parent = static_cast<size_t>(batch.columns[1].long_at(row));
      ASSERT_LT(parent, row);
      EXPECT_EQ(batch.columns[2].int_at(parent) + 1, batch.columns[2].int_at(row));
    }
    if (!batch.columns[9].is_null(row)) seen[static_cast<size_t>(batch.columns[9].long_at(row))] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 5000);
}

TEST(ProcessTree, SaysWhichColumnsItNeeds) {
  auto tree = process_tree(text_table({{"A", Type::kString}}, {{"x"}}));
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().code, "HB-D010");
  EXPECT_EQ(tree.error().message, "the table has no columns of process starts");
  EXPECT_EQ(tree.error().hint,
            "a process tree needs `NewProcessId` and `ProcessId` (Windows event 4688), `ProcessGuid` and "
            "`ParentProcessGuid` (Sysmon event 1), or `ProcessId` and `InitiatingProcessId`");
}

TEST(ProcessTree, IsEmptyWithoutProcessStarts) {
  auto tree =
      process_tree(text_table(security_fields(), {{"2024-01-01", "A", "4624", "", "", "", "", "", "", ""}}));
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(tree->rows(), 0u);
  EXPECT_EQ(tree->schema.size(), 10u);
}

}  // namespace
}  // namespace huntbook
