// The shapes in which exporters write Windows events, all in one table.
#include "evidence/windows.h"
#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

std::string read_one(std::string_view bytes) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("x.json", bytes)});
  return report(catalog) + dump(catalog, kWindowsTable);
}

constexpr std::string_view kColumns =
    "TimeGenerated:datetime, Computer:string, Channel:string, Provider:string, EventID:long, "
    "EventRecordID:long, Message:string";

TEST(Windows, PowerShellShape) {
  EXPECT_EQ(
      read_one("{\"SourceName\":\"Sec\",\"TimeCreated\":\"2020-10-19T10:46:42.027Z\",\"Hostname\":\"W5\","
               "\"Task\":\"104\",\"Channel\":\"Security\",\"Message\":\"m\",\"EventID\":\"1102\"}\n"),
      "x.json [ndjson] 1+0 WindowsEvent\n" + std::string(kColumns) +
          ", TimeCreated:datetime, Task:string\n"
          "{\"TimeGenerated\":\"2020-10-19T10:46:42.0270000Z\",\"Computer\":\"W5\",\"Channel\":\"Security\","
          "\"Provider\":\"Sec\",\"EventID\":1102,\"EventRecordID\":null,\"Message\":\"m\","
          "\"TimeCreated\":\"2020-10-19T10:46:42.0270000Z\",\"Task\":\"104\"}\n");
}

TEST(Windows, LocalClocksAreFoundBySysmon) {
  EXPECT_EQ(read_one("{\"EventTime\":\"2020-08-07 "
                     "10:32:22\",\"@timestamp\":\"2020-08-07T14:32:25.358Z\",\"UtcTime\":\"2020-08-07 "
                     "14:32:22.692\",\"Channel\":\"S\",\"EventID\":10,\"RecordNumber\":7}\n"
                     "{\"EventTime\":\"2020-08-07 "
                     "10:32:23\",\"@timestamp\":\"2020-08-07T14:32:25.400Z\",\"Channel\":\"Security\","
                     "\"EventID\":4688,\"RecordNumber\":8}\n"),
            "x.json [ndjson] 2+0 WindowsEvent | times without a zone are read as 4:00 h behind UTC, as other "
            "times of the same events show\n" +
                std::string(kColumns) +
                ", EventTime:datetime, @timestamp:datetime, UtcTime:datetime\n"
                "{\"TimeGenerated\":\"2020-08-07T14:32:22.6920000Z\",\"Computer\":\"\",\"Channel\":\"S\","
                "\"Provider\":\"\",\"EventID\":10,\"EventRecordID\":7,\"Message\":\"\","
                "\"EventTime\":\"2020-08-07T10:32:22.0000000Z\",\"@timestamp\":\"2020-08-07T14:32:25."
                "3580000Z\",\"UtcTime\":\"2020-08-07T14:32:22.6920000Z\"}\n"
                "{\"TimeGenerated\":\"2020-08-07T14:32:23.0000000Z\",\"Computer\":\"\",\"Channel\":"
                "\"Security\",\"Provider\":\"\",\"EventID\":4688,\"EventRecordID\":8,\"Message\":\"\","
                "\"EventTime\":\"2020-08-07T10:32:23.0000000Z\",\"@timestamp\":\"2020-08-07T14:32:25."
                "4000000Z\",\"UtcTime\":null}\n");
}

TEST(Windows, WinlogbeatSpreadsItsEventData) {
  EXPECT_EQ(
      read_one(
          "{\"@timestamp\":\"2019-05-18T20:36:46.254Z\",\"message\":\"m\",\"record_number\":\"54\",\"source_"
          "name\":\"Sysmon\",\"log_name\":\"Op\",\"event_id\":3,\"computer_name\":\"D\","
          "\"level\":\"Info\",\"event_data\":{\"Image\":\"C:\\\\a.exe\",\"n\":1,\"level\":\"x\",\"gone\":"
          "null}}\n"
          "{\"@timestamp\":\"2019-05-18T20:36:47Z\",\"winlog\":{\"event_id\":4624,\"channel\":\"Security\","
          "\"provider_name\":\"P\",\"record_id\":5,\"event_data\":{\"LogonType\":\"3\"}}}\n"),
      "x.json [ndjson] 2+0 WindowsEvent\n" + std::string(kColumns) +
          ", @timestamp:datetime, level:string, event_data:dynamic, Image:string, n:long, winlog:dynamic, "
          "LogonType:string\n"
          "{\"TimeGenerated\":\"2019-05-18T20:36:46.2540000Z\",\"Computer\":\"D\",\"Channel\":\"Op\","
          "\"Provider\":\"Sysmon\",\"EventID\":3,\"EventRecordID\":54,\"Message\":\"m\","
          "\"@timestamp\":\"2019-05-18T20:36:46.2540000Z\",\"level\":\"Info\",\"event_data\":{\"Image\":\"C:"
          "\\\\a.exe\",\"n\":1,\"level\":\"x\",\"gone\":null},\"Image\":\"C:\\\\a.exe\",\"n\":1,\"winlog\":"
          "null,\"LogonType\":\"\"}\n"
          "{\"TimeGenerated\":\"2019-05-18T20:36:47.0000000Z\",\"Computer\":\"\",\"Channel\":\"Security\","
          "\"Provider\":\"P\",\"EventID\":4624,\"EventRecordID\":5,\"Message\":\"\","
          "\"@timestamp\":\"2019-05-18T20:36:47.0000000Z\",\"level\":\"\",\"event_data\":{\"LogonType\":"
          "\"3\"},\"Image\":\"\",\"n\":null,"
          "\"winlog\":{\"event_id\":4624,\"channel\":\"Security\",\"provider_name\":\"P\",\"record_id\":5,"
          "\"event_data\":{\"LogonType\":\"3\"}},\"LogonType\":\"3\"}\n");
}

TEST(Windows, LogAnalyticsExportsWithJsonOrXmlEventData) {
  EXPECT_EQ(
      read_one("{\"TimeGenerated\":\"2022-05-13T08:54:06.347Z\",\"Provider\":\"P\",\"Channel\":\"C\","
               "\"Computer\":\"W\",\"EventID\":3,\"EventData\":\"{\\\"Image\\\":\\\"a\\\"}\"}\n"
               "{\"TimeGenerated\":\"2022-05-13T08:54:07Z\",\"Provider\":\"P\",\"EventID\":1,\"EventData\":"
               "\"<EventData><Data Name=\\\"Image\\\">&lt;b&gt; &amp;#65;&#x42;&bad;</Data><Data "
               "Name='Empty'/><Data>x</Data></EventData>\"}\n"),
      "x.json [ndjson] 2+0 WindowsEvent\n" + std::string(kColumns) +
          ", EventData:string, Image:string, Empty:string\n"
          "{\"TimeGenerated\":\"2022-05-13T08:54:06.3470000Z\",\"Computer\":\"W\",\"Channel\":\"C\","
          "\"Provider\":\"P\",\"EventID\":3,\"EventRecordID\":null,\"Message\":\"\",\"EventData\":\"{"
          "\\\"Image\\\":\\\"a\\\"}\",\"Image\":\"a\",\"Empty\":\"\"}\n"
          "{\"TimeGenerated\":\"2022-05-13T08:54:07.0000000Z\",\"Computer\":\"\",\"Channel\":\"\","
          "\"Provider\":\"P\",\"EventID\":1,\"EventRecordID\":null,\"Message\":\"\","
          "\"EventData\":\"<EventData><Data Name=\\\"Image\\\">&lt;b&gt; &amp;#65;&#x42;&bad;</Data><Data "
          "Name='Empty'/><Data>x</Data></EventData>\",\"Image\":\"<b> &#65;B&bad;\",\"Empty\":\"\"}\n");
}

TEST(Windows, KeysOfOneMeaningAreAllKept) {
  EXPECT_EQ(
      read_one("{\"EventID\":1,\"Channel\":\"a\",\"channel\":\"b\",\"Hostname\":\"h\",\"Computer\":\"c\","
               "\"hostname\":\"d\",\"EventRecordID\":\"x\",\"TimeGenerated\":\"soon\"}\n"),
      "x.json [ndjson] 1+0 WindowsEvent\n" + std::string(kColumns) +
          ", channel:string, Hostname:string, hostname:string, _EventRecordID:string, _TimeGenerated:string\n"
          "{\"TimeGenerated\":null,\"Computer\":\"c\",\"Channel\":\"a\",\"Provider\":\"\",\"EventID\":1,"
          "\"EventRecordID\":null,\"Message\":\"\",\"channel\":\"b\",\"Hostname\":\"h\",\"hostname\":\"d\","
          "\"_EventRecordID\":\"x\",\"_TimeGenerated\":\"soon\"}\n");
}

TEST(Windows, OtherRowsOfTheFileHaveATableOfTheirOwn) {
  TempFolder folder;
  const Catalog catalog =
      scan_or_fail({folder.write("mixed.json",
                                 "{\"EventID\":1,\"Channel\":\"a\"}\n{\"EventID\":\"none\",\"Channel\":\"a\"}"
                                 "\n{\"EventTime\":\"2020-01-01T00:00:00Z\"}\n")});
  EXPECT_EQ(report(catalog), "mixed.json [ndjson] 3+0 WindowsEvent mixed\n");
  EXPECT_EQ(dump(catalog, "mixed"),
            "EventID:string, Channel:string, "
            "EventTime:datetime\n{\"EventID\":\"none\",\"Channel\":\"a\",\"EventTime\":null}\n{\"EventID\":"
            "\"\",\"Channel\":\"\",\"EventTime\":\"2020-01-01T00:00:00.0000000Z\"}\n");
}

// A load of a few columns passes over what it does not want; it must find what a load of all finds.
TEST(Windows, EveryColumnAloneIsAsItIsWithAllOthers) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail(
      {folder.write("x.json",
                    "{\"EventTime\":\"2020-08-07 10:32:22\",\"UtcTime\":\"2020-08-07 "
                    "14:32:22.692\",\"Channel\":\"S\",\"EventID\":10,\"RecordNumber\":7,\"Hostname\":\"h\","
                    "\"Computer\":\"c\",\"Message\":\"M\",\"message\":\"m\"}\n"
                    "{\"broken\":tru,\"EventID\":1,\"Channel\":\"x\"}\n"
                    "{\"@timestamp\":\"2019-05-18T20:36:46.254Z\",\"message\":\"m\",\"record_number\":\"54\","
                    "\"source_name\":\"P\",\"event_id\":3,\"computer_name\":\"D\",\"event_data\":{\"Image\":"
                    "\"C:\\\\a.exe\",\"n\":1}}\n"
                    "{\"winlog\":{\"event_id\":4624,\"channel\":\"Security\",\"event_data\":{\"LogonType\":"
                    "\"3\"}},\"EventRecordID\":\"x\"}\n"
                    "{\"other\":1,\"Message\":\"no event\",\"EventID\":\"x\"}\n"
                    "{\"TimeGenerated\":\"soon\",\"TimeCreated\":\"2020-10-19T10:46:42.027Z\",\"Provider\":"
                    "\"P\",\"EventId\":\"7\",\"EventData\":\"<Data Name='Image'>x</Data>\"}\n")});
  EXPECT_EQ(catalog.rejected, 1u);
  for (const auto& source : catalog.tables) {
    const Table all = load_all(catalog, source.name);
    for (size_t column = 0; column < source.schema.size(); ++column) {
      const Table alone = load_columns(catalog, source.name, {column});
      ASSERT_EQ(alone.rows(), all.rows()) << source.schema.fields[column].name;
      for (size_t row = 0; row < all.rows(); ++row) {
        EXPECT_EQ(cell_text(alone.batches[0]->columns[0], row),
                  cell_text(all.batches[0]->columns[column], row))
            << source.schema.fields[column].name;
      }
    }
  }
  EXPECT_EQ(load_columns(catalog, kWindowsTable, {}).rows(), 4u);
}

}  // namespace
}  // namespace huntbook::evidence
