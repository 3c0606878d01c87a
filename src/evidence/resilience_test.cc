// No row, key or archive member spoils the table that the others are in.
#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

std::string windows_rows(std::string_view bytes) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("x.json", bytes)});
  const std::string text = dump(catalog, "WindowsEvent");
  return text.substr(text.find("Message:string") + std::string_view("Message:string").size());
}

constexpr std::string_view kNoTime =
    "{\"TimeGenerated\":null,\"Computer\":\"\",\"Channel\":\"a\",\"Provider\":\"\",\"EventID\":1,"
    "\"EventRecordID\":null,\"Message\":\"\"";

TEST(Resilience, EventDataThatCommonColumnsCannotHold) {
  EXPECT_EQ(windows_rows("{\"EventID\":1,\"Channel\":\"a\",\"EventData\":\"{\\\"EventRecordID\\\":\\\"x\\\","
                         "\\\"TimeGenerated\\\":\\\"soon\\\"}\"}\n"),
            ", EventData:string, _EventRecordID:string, _TimeGenerated:string\n" + std::string(kNoTime) +
                ",\"EventData\":\"{\\\"EventRecordID\\\":\\\"x\\\",\\\"TimeGenerated\\\":\\\"soon\\\"}\",\"_"
                "EventRecordID\":\"x\",\"_TimeGenerated\":\"soon\"}\n");
}

TEST(Resilience, RepeatedKeysThatCommonColumnsCannotHold) {
  EXPECT_EQ(windows_rows("{\"EventID\":1,\"Channel\":\"a\",\"EventRecordID\":\"x\",\"EventRecordID\":\"y\","
                         "\"TimeGenerated\":\"now\",\"TimeGenerated\":\"then\"}\n"),
            ", _EventRecordID:string, _TimeGenerated:string\n" + std::string(kNoTime) +
                ",\"_EventRecordID\":\"y\",\"_TimeGenerated\":\"then\"}\n");
}

TEST(Resilience, AHeaderOfOneColumnHasAValidName) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("h.csv",
                                                     "na\xff"
                                                     "me\nx\n"),
                                        folder.write("q.csv", "\"a b\"\nx\n")});
  EXPECT_EQ(dump(catalog, "h"), "na\xef\xbf\xbdme:string\n{\"na\xef\xbf\xbdme\":\"x\"}\n");
  EXPECT_EQ(dump(catalog, "q"), "a b:string\n{\"a b\":\"x\"}\n");
}

TEST(Resilience, SyslogTimesMayHaveAFraction) {
  TempFolder folder;
  const Catalog catalog =
      scan_or_fail({folder.write("m", "Mar  2 08:15:01 web01 a: x\nMar  2 08:15:01.250 web01 b: y\n")});
  const Table table = load_all(catalog, "syslog");
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(cell_text(table.batches[0]->columns[0], 1).substr(4), "-03-02T08:15:01.2500000Z");
  EXPECT_EQ(cell_text(table.batches[0]->columns[1], 1), "web01");
}

TEST(Resilience, MembersOfOneNameAreAllRead) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail(
      {folder.write("twice.tar.gz", pack("tar.gz", {{"x.json", "{\"a\":1}\n"},
                                                    {"x.json", "{\"a\":2}\n{\"a\":3}\n"},
                                                    {"x.json", "{\"EventID\":1,\"Channel\":\"c\"}\n"}}))});
  EXPECT_EQ(report(catalog),
            "twice.tar.gz!x.json [ndjson] 1+0 x\ntwice.tar.gz!x.json [ndjson] 2+0 x\ntwice.tar.gz!x.json "
            "[ndjson] 1+0 WindowsEvent\n");
  EXPECT_EQ(dump(catalog, "x"), "a:long\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
}

// Far behind, in a piece of the file with more keys than are counted, a column changes its type.
TEST(Resilience, TypesBehindMoreKeysThanAreCounted) {
  const auto object = [](const std::string& prefix, int keys) {
    std::string line;
    for (int i = 0; i < keys; ++i)
      line += (i ? ",\"" : "{\"") + prefix + std::to_string(i) + "\":" + std::to_string(i);
    return line + "}\n";
  };
  std::string text = object("k", 2500);
  while (text.size() < (5 << 20)) text += "{\"k1\":1,\"pad\":\"" + std::string(1000, 'x') + "\"}\n";
  for (int row = 0; row < 20; ++row) text += object("z" + std::to_string(row) + "_", 600);
  text += "{\"k7\":\"text\"}\n";
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("keys.json", text)});
  const SourceTable* table = catalog.find("keys");
  ASSERT_NE(table, nullptr);
  const auto column = table->schema.find("k7");
  ASSERT_TRUE(column);
  EXPECT_EQ(table->schema.fields[*column].type, Type::kString);
  EXPECT_EQ(load_all(catalog, "keys").rows(), table->rows);
}

}  // namespace
}  // namespace huntbook::evidence
