// The same rows in every form that tools write them in.
#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

TEST(JsonForms, GiveTheSameRows) {
  const std::pair<const char*, const char*> forms[] = {
      {"ndjson", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n"},
      {"ndjson", "{\"a\":1,\"b\":\"x\"}\r\n\r\n{\"a\":2}"},
      {"ndjson", "\xef\xbb\xbf{\"a\":1,\"b\":\"x\"}\n{\"a\":2}"},
      {"json", "[{\"a\":1,\"b\":\"x\"},{\"a\":2}]"},
      {"json", "[\n  {\n    \"a\": 1,\n    \"b\": \"x\"\n  },\n  {\n    \"a\": 2\n  }\n]\n"},
      {"json", "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n{\n  \"a\": 2\n}\n"},
      {"json", "{\"value\":[{\"a\":1,\"b\":\"x\"},{\"a\":2}]}"},
      {"json", "{ \"value\" : [\n{\"a\":1,\"b\":\"x\"},\n{\"a\":2}\n]\n}\n"},
      {"json", "{\"Records\":[{\"a\":1,\"b\":\"x\"},{\"a\":2}]}"}};
  for (const auto& [reader, text] : forms) {
    const TempFolder folder;
    const Catalog catalog = scan_or_fail({folder.write("events.json", text)});
    EXPECT_EQ(report(catalog), std::string("events.json [") + reader + "] 2+0 events\n") << text;
    EXPECT_EQ(dump(catalog, "events"), "a:long, b:string\n{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"\"}\n")
        << text;
  }
}

TEST(JsonForms, BracketsThatDoNotMatchLoseNoRow) {
  for (const char* text : {"[{\"a\":1}}}]{\"a\":2}]", "{\n\"a\":1\n}\n}\n{\n\"a\":2\n}\n",
                           "[{\"a\":1},{\"a\":2}", "[{\"a\":1}{\"a\":2}]]]"}) {
    const TempFolder folder;
    const Catalog catalog = scan_or_fail({folder.write("b.json", text)});
    EXPECT_EQ(catalog.files[0].rows, 2u) << text << "\n" << report(catalog);
  }
}

TEST(SyslogForms, ATimeWithoutABlankBehindItCutsNoCharacter) {
  const TempFolder folder;
  const Catalog catalog = scan_or_fail(
      {folder.write("messages", "Mar  2 08:15:01 web1 su: one\nMar  2 08:15:02\xa3 web1 su: two\n")});
  EXPECT_EQ(catalog.files[0].rows, 2u) << report(catalog);
  const Table table = load_all(catalog, "syslog");
  EXPECT_EQ(table.batches[0]->columns[1].text_at(1), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace huntbook::evidence
