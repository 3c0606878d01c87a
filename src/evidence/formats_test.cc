// Every format: what is read, under which names and types.
#include <sys/time.h>

#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

std::string read_one(const std::string& name, std::string_view bytes, std::string_view table) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write(name, bytes)});
  return report(catalog) + dump(catalog, table);
}

TEST(Formats, NdjsonTypesAreTheNarrowestThatLoseNothing) {
  EXPECT_EQ(read_one("a-1.json",
                     "{\"b\":true,\"l\":1,\"r\":1,\"t\":\"2020-01-02T03:04:05Z\",\"d\":{\"x\": [1, "
                     "2.50]},\"m\":1,\"n\":null,\"w\":9007199254740993}\n"
                     "{\"b\":false,\"l\":-9223372036854775808,\"r\":1.5,\"t\":\"2020-01-02 "
                     "03:04:05.1234567+01:00\",\"d\":\"x\",\"m\":\"0x1\",\"w\":0.5}\n",
                     "a_1"),
            "a-1.json [ndjson] 2+0 a_1\n"
            "b:bool, l:long, r:real, t:datetime, d:dynamic, m:string, n:string, w:string\n"
            "{\"b\":true,\"l\":1,\"r\":1.0,\"t\":\"2020-01-02T03:04:05.0000000Z\",\"d\":{\"x\":[1,2.50]},"
            "\"m\":\"1\",\"n\":\"\",\"w\":\"9007199254740993\"}\n"
            "{\"b\":false,\"l\":-9223372036854775808,\"r\":1.5,\"t\":\"2020-01-02T02:04:05.1234567Z\",\"d\":"
            "\"x\",\"m\":\"0x1\",\"n\":\"\",\"w\":\"0.5\"}\n");
}

TEST(Formats, OneKeyWithSixTypesKeepsEveryValue) {
  EXPECT_EQ(read_one("six.ndjson",
                     "{\"k\":1}\n{\"k\":\"a\"}\n{\"k\":true}\n{\"k\":1.25}\n{\"k\":[1]}\n{\"k\":{\"a\":null}}"
                     "\n{\"k\":null}\n",
                     "six"),
            "six.ndjson [ndjson] 7+0 six\n"
            "k:dynamic\n"
            "{\"k\":1}\n{\"k\":\"a\"}\n{\"k\":true}\n{\"k\":1.25}\n{\"k\":[1]}\n{\"k\":{\"a\":null}}\n{\"k\":"
            "null}\n");
}

TEST(Formats, NumbersBeyondEveryTypeStayText) {
  EXPECT_EQ(read_one("n.json", "{\"k\":18446744073709551616,\"r\":1e400,\"z\":-0}\n", "n"),
            "n.json [ndjson] 1+0 n\n"
            "k:string, r:string, z:string\n"
            "{\"k\":\"18446744073709551616\",\"r\":\"1e400\",\"z\":\"-0\"}\n");
}

TEST(Formats, TimesThatTicksCannotHoldStayText) {
  EXPECT_EQ(read_one("t.json",
                     "{\"a\":\"2020-01-01T00:00:00.123456789Z\",\"b\":\"2020-01-01T00:00:00.123456700Z\","
                     "\"c\":\"2020-01-01T00:00:00Z\"}\n{\"c\":\"\"}\n",
                     "t"),
            "t.json [ndjson] 2+0 t\n"
            "a:string, b:datetime, c:string\n"
            "{\"a\":\"2020-01-01T00:00:00.123456789Z\",\"b\":\"2020-01-01T00:00:00.1234567Z\",\"c\":\"2020-"
            "01-01T00:00:00Z\"}\n"
            "{\"a\":\"\",\"b\":null,\"c\":\"\"}\n");
}

TEST(Formats, JsonArraysAndSingleObjects) {
  EXPECT_EQ(read_one("list.json", "[ {\"a\":1},\n {\"a\":2, \"b\":\"],[}\"} ]\n", "list"),
            "list.json [json] 2+0 list\na:long, b:string\n{\"a\":1,\"b\":\"\"}\n{\"a\":2,\"b\":\"],[}\"}\n");
  EXPECT_EQ(read_one("one.json", "{\n  \"a\": 1,\n  \"b\": {\"c\": []}\n}\n", "one"),
            "one.json [json] 1+0 one\na:long, b:dynamic\n{\"a\":1,\"b\":{\"c\":[]}}\n");
}

TEST(Formats, WrappedArrays) {
  EXPECT_EQ(read_one("r.json", "{\"Records\":[{\"a\":1},{\"a\":2}]}\n{\"Records\":[{\"a\":3}]}\n", "r"),
            "r.json [json] 3+0 r\na:long\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
  EXPECT_EQ(
      read_one("v.json", "{\"value\": [{\"a\":1}], \"next\":\"x\"}\n", "v"),
      "v.json [json] 1+1 v\n  @21 a JSON value that is not an object: \"next\":\"x\"\na:long\n{\"a\":1}\n");
}

TEST(Formats, CsvKeepsWhatNumbersWouldLose) {
  EXPECT_EQ(read_one("c.csv",
                     "id,zip,version,price,flag,when,text\r\n"
                     "1,00501,1.10,1.50,true,2020-01-01 00:00:00,\"a \"\"quoted\"\", line\nbreak\"\r\n"
                     "2,10001,1.9,2.25,false,,5\" disk\r\n"
                     "\r\n"
                     "3,,1.2,10.00,,2020-01-02T00:00:00Z,\"\"\r\n",
                     "c"),
            "c.csv [csv] 3+0 c\n"
            "id:long, zip:string, version:string, price:real, flag:bool, when:datetime, text:string\n"
            "{\"id\":1,\"zip\":\"00501\",\"version\":\"1.10\",\"price\":1.5,\"flag\":true,\"when\":\"2020-01-"
            "01T00:00:00.0000000Z\",\"text\":\"a \\\"quoted\\\", line\\nbreak\"}\n"
            "{\"id\":2,\"zip\":\"10001\",\"version\":\"1.9\",\"price\":2.25,\"flag\":false,\"when\":null,"
            "\"text\":\"5\\\" disk\"}\n"
            "{\"id\":3,\"zip\":\"\",\"version\":\"1.2\",\"price\":10.0,\"flag\":null,\"when\":\"2020-01-"
            "02T00:00:00.0000000Z\",\"text\":\"\"}\n");
}

TEST(Formats, CsvDelimitersAndNames) {
  EXPECT_EQ(read_one("semi.csv", "a;b;b;\n1;2;3;4\n", "semi"),
            "semi.csv [csv] 1+0 semi\na:long, b:long, b_3:long, "
            "Column4:long\n{\"a\":1,\"b\":2,\"b_3\":3,\"Column4\":4}\n");
  EXPECT_EQ(read_one("tab.tsv",
                     "\xef\xbb\xbf"
                     "a\tb\n1,5\tx\n",
                     "tab"),
            "tab.tsv [csv] 1+0 tab\na:string, b:string\n{\"a\":\"1,5\",\"b\":\"x\"}\n");
  EXPECT_EQ(read_one("one.csv", "name\nx\n", "one"),
            "one.csv [csv] 1+0 one\nname:string\n{\"name\":\"x\"}\n");
}

TEST(Formats, CsvRejectsNameWhatIsWrong) {
  EXPECT_EQ(read_one("bad.csv", "a,b,c\n1,2,3\n1,2\n1,\"2,3\n4,5,6\n", "bad"),
            "bad.csv [csv] 2+2 bad\n"
            "  @12 the row has 2 cells, the header 3: 1,2\n"
            "  @16 a quoted cell is not closed: 1,\"2,3\n"
            "a:long, b:long, c:long\n{\"a\":1,\"b\":2,\"c\":3}\n{\"a\":4,\"b\":5,\"c\":6}\n");
}

TEST(Formats, ZeekTsvHasTheTypesOfItsHeader) {
  EXPECT_EQ(
      read_one("conn.log",
               "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
               "#fields\tts\tuid\tid.orig_p\tduration\tlocal_orig\ttunnel_parents\n"
               "#types\ttime\tstring\tport\tinterval\tbool\tset[string]\n"
               "1583020800.123456\tC1\t443\t-\tT\t(empty)\n"
               "1583020801.5\tC2\t80\t-\t-\tC1\n"
               "broken\n#close\t2020\n",
               "zeek_conn"),
      "conn.log [zeek] 2+1 zeek_conn\n"
      "  @253 the row has 1 cells, the header 6: broken\n"
      "ts:datetime, uid:string, id.orig_p:long, duration:real, local_orig:bool, tunnel_parents:string\n"
      "{\"ts\":\"2020-03-01T00:00:00.1234560Z\",\"uid\":\"C1\",\"id.orig_p\":443,\"duration\":null,\"local_"
      "orig\":true,\"tunnel_parents\":\"\"}\n"
      "{\"ts\":\"2020-03-01T00:00:01.5000000Z\",\"uid\":\"C2\",\"id.orig_p\":80,\"duration\":null,\"local_"
      "orig\":null,\"tunnel_parents\":\"C1\"}\n");
}

TEST(Formats, ZeekJson) {
  EXPECT_EQ(
      read_one("SCRANTON_dns.log",
               "{\"ts\":1583020800.123456,\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.1\",\"answers\":[\"a\"]}\n",
               "zeek_dns"),
      "SCRANTON_dns.log [ndjson] 1+0 zeek_dns\n"
      "ts:datetime, uid:string, id.orig_h:string, answers:dynamic\n"
      "{\"ts\":\"2020-03-01T00:00:00.1234560Z\",\"uid\":\"C1\",\"id.orig_h\":\"10.0.0.1\",\"answers\":[\"a\"]"
      "}\n");
  EXPECT_EQ(
      read_one("all.json", "{\"_path\":\"http\",\"ts\":1.0,\"uri\":\"/\"}\n{\"_path\":\"dns\",\"ts\":2}\n",
               "zeek_http"),
      "all.json [ndjson] 2+0 zeek_http zeek_dns\n"
      "_path:string, ts:datetime, uri:string\n"
      "{\"_path\":\"http\",\"ts\":\"1970-01-01T00:00:01.0000000Z\",\"uri\":\"/\"}\n");
}

TEST(Formats, Syslog) {
  EXPECT_EQ(read_one("messages",
                     "<86>1 2020-03-01T10:00:00.5Z web01 sshd 4711 ID1 - Accepted password for root\n"
                     "<34>1 2020-03-01T10:00:01+01:00 - su - - - failed\n"
                     "2020-03-01T10:00:02Z web01 cron[abc]: (root) CMD (x)\n"
                     "no time here\n",
                     "syslog"),
            "messages [syslog] 3+1 syslog\n"
            "  @181 no syslog time at the start of the line: no time here\n"
            "TimeGenerated:datetime, Computer:string, Facility:string, SeverityLevel:string, "
            "ProcessName:string, ProcessID:string, SyslogMessage:string, MessageID:string\n"
            "{\"TimeGenerated\":\"2020-03-01T10:00:00.5000000Z\",\"Computer\":\"web01\",\"Facility\":"
            "\"authpriv\",\"SeverityLevel\":\"info\",\"ProcessName\":\"sshd\",\"ProcessID\":\"4711\","
            "\"SyslogMessage\":\"Accepted password for root\",\"MessageID\":\"ID1\"}\n"
            "{\"TimeGenerated\":\"2020-03-01T09:00:01.0000000Z\",\"Computer\":\"\",\"Facility\":\"auth\","
            "\"SeverityLevel\":\"crit\",\"ProcessName\":\"su\",\"ProcessID\":\"\",\"SyslogMessage\":"
            "\"failed\",\"MessageID\":\"\"}\n"
            "{\"TimeGenerated\":\"2020-03-01T10:00:02.0000000Z\",\"Computer\":\"web01\",\"Facility\":\"\","
            "\"SeverityLevel\":\"\",\"ProcessName\":\"cron\",\"ProcessID\":\"abc\",\"SyslogMessage\":\"(root)"
            " CMD (x)\",\"MessageID\":\"\"}\n");
}

TEST(Formats, SyslogWithoutAYearTakesTheFilesOwn) {
  TempFolder folder;
  const std::string path =
      folder.write("auth.log", "Dec 31 23:59:59 web01 sshd[7]: late\nMar  2 08:15:01 web01 sudo: early\n");
  const timeval june_2021[2] = {{1622505600, 0}, {1622505600, 0}};
  ASSERT_EQ(utimes(path.c_str(), june_2021), 0);
  const Catalog catalog = scan_or_fail({path});
  const Table table = load_all(catalog, "syslog");
  EXPECT_EQ(cell_text(table.batches[0]->columns[0], 0), "2020-12-31T23:59:59.0000000Z");
  EXPECT_EQ(cell_text(table.batches[0]->columns[0], 1), "2021-03-02T08:15:01.0000000Z");
}

TEST(Formats, Auditd) {
  EXPECT_EQ(
      read_one("audit.log",
               "node=web01 type=SYSCALL msg=audit(1583020800.123:42): arch=c000003e exe=\"/bin/sh\" key=\"a "
               "b\"\nrubbish\n",
               "auditd"),
      "audit.log [auditd] 1+1 auditd\n"
      "  @92 no audit record: type= and msg=audit(...) are missing: rubbish\n"
      "TimeGenerated:datetime, Computer:string, Type:string, Serial:long, Fields:dynamic, RawData:string\n"
      "{\"TimeGenerated\":\"2020-03-01T00:00:00.1230000Z\",\"Computer\":\"web01\",\"Type\":\"SYSCALL\","
      "\"Serial\":42,\"Fields\":{\"arch\":\"c000003e\",\"exe\":\"/bin/sh\",\"key\":\"a b\"},"
      "\"RawData\":\"node=web01 type=SYSCALL msg=audit(1583020800.123:42): arch=c000003e exe=\\\"/bin/sh\\\" "
      "key=\\\"a b\\\"\"}\n");
}

TEST(Formats, WhatIsNotReadIsListedByItsKind) {
  TempFolder folder;
  folder.write("a.evtx", std::string("ElfFile\0", 8) + std::string(100, '\0'));
  folder.write("b.pcap", std::string("\xd4\xc3\xb2\xa1", 4) + std::string(20, '\0'));
  folder.write("c.bin", std::string(100, '\1'));
  folder.write("d.txt", "some words\nthat are no log\n");
  folder.write("e.csv",
               "\xff\xfe"
               "a,b");
  folder.write("._f", std::string("\x00\x05\x16\x07", 4) + "x");
  folder.write("g.parquet", "PAR1....PAR1");
  const Catalog catalog = scan_or_fail({folder.path()});
  EXPECT_EQ(report(catalog),
            "._f [] 0+0 | not yet readable: an AppleDouble file\n"
            "a.evtx [] 0+0 | not yet readable: a Windows event log (EVTX)\n"
            "b.pcap [] 0+0 | not yet readable: a packet capture (pcap)\n"
            "c.bin [] 0+0 | not yet readable: binary data\n"
            "d.txt [] 0+0 | not yet readable: text of an unknown form\n"
            "e.csv [] 0+0 | not yet readable: UTF-16 text\n"
            "g.parquet [parquet] 0+0 g\n");
  ASSERT_EQ(catalog.tables.size(), 1u);
  EXPECT_EQ(catalog.tables[0].parquet, std::vector<std::string>{folder.file("g.parquet")});
}

TEST(Formats, ArchivesAreReadInPlaceAndPartsShareATable) {
  TempFolder folder;
  folder.write("1.zip", pack("zip", {{"x/logs.json", "{\"a\":1}\n"}, {"y/logs.json", "{\"a\":\"two\"}\n"}}));
  folder.write("2.tar.gz", pack("tar.gz", {{"logs.json", "{\"b\":3}\n"}, {"readme", "words only\n"}}));
  folder.write("logs.json.gz", pack("gz", {{"-", "{\"a\":4}\n"}}));
  folder.write("logs.json.zst", pack("zst", {{"-", "{\"a\":5}\n"}}));
  folder.write("n.zip", pack("zip", {{"logs.json.gz", pack("gz", {{"-", "{\"a\":6}\n"}})},
                                     {"in.zip", pack("zip", {{"logs.json", "{\"a\":7}\n"}})}}));
  const Catalog catalog = scan_or_fail({folder.path()});
  EXPECT_EQ(report(catalog),
            "1.zip!x/logs.json [ndjson] 1+0 logs\n1.zip!y/logs.json [ndjson] 1+0 logs\n"
            "2.tar.gz!logs.json [ndjson] 1+0 logs\n2.tar.gz!readme [] 0+0 | not yet readable: text of an "
            "unknown form\n"
            "logs.json.gz [ndjson] 1+0 logs\nlogs.json.zst [ndjson] 1+0 logs\n"
            "n.zip!logs.json.gz [ndjson] 1+0 logs\nn.zip!in.zip!logs.json [ndjson] 1+0 logs\n");
  EXPECT_EQ(dump(catalog, "logs"),
            "a:string, "
            "b:long\n{\"a\":\"1\",\"b\":null}\n{\"a\":\"two\",\"b\":null}\n{\"a\":\"\",\"b\":3}\n{\"a\":"
            "\"4\",\"b\":null}\n{\"a\":\"5\",\"b\":null}\n"
            "{\"a\":\"6\",\"b\":null}\n{\"a\":\"7\",\"b\":null}\n");
  EXPECT_EQ(catalog.files[0].sha256, "e346432021b04179518d9614f3560ccd71354a4ee101ddcb893d6959a9d6301c");
}

}  // namespace
}  // namespace huntbook::evidence
