// Damaged and hostile input: each has its message or reject, nothing is lost, nothing else stops.
#include <unistd.h>

#include "base/json.h"
#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

std::string scan_error(const std::string& path) {
  const std::vector<std::string> paths{path};
  const auto catalog = scan(paths, {});
  return catalog.ok() ? "" : catalog.error().code + " " + catalog.error().message;
}

std::string report_of(const std::string& name, std::string_view bytes) {
  TempFolder folder;
  return report(scan_or_fail({folder.write(name, bytes)}));
}

TEST(BadInput, EmptyFilesAreListed) {
  EXPECT_EQ(report_of("a.json", ""), "a.json [] 0+0 | empty file\n");
  EXPECT_EQ(report_of("a.csv", ""), "a.csv [] 0+0 | empty file\n");
  EXPECT_EQ(report_of("a.log", "\n\n  \n"), "a.log [] 0+0 | only blanks\n");
  EXPECT_EQ(report_of("a.csv", "a,b\n"), "a.csv [csv] 0+0\n");
  EXPECT_EQ(report_of("a.json", "[]"), "a.json [json] 0+0\n");
  EXPECT_EQ(report_of("a.zip", pack("zip", {})), "a.zip [] 0+0 | an archive without members\n");
}

TEST(BadInput, APathThatDoesNotExist) {
  EXPECT_EQ(scan_error("/no/such/path"), "HB-V001 path `/no/such/path` does not exist");
}

TEST(BadInput, FilesAndFoldersWithoutRights) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to give up its rights";
  TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const std::string good = folder.write("good.json", "{\"a\":1}\n");
  const std::string file = folder.write("secret.json", "{\"a\":1}\n");
  const std::string inner =
      std::filesystem::path(folder.write("closed/x.json", "{\"a\":1}\n")).parent_path().string();
  std::filesystem::permissions(file, std::filesystem::perms::none);
  std::filesystem::permissions(inner, std::filesystem::perms::none);
  ASSERT_EQ(seteuid(65534), 0);
  const std::string file_error = scan_error(file), folder_error = scan_error(inner);
  const std::string whole = report(scan_or_fail({folder.path()}));
  ASSERT_EQ(seteuid(0), 0);
  EXPECT_EQ(file_error, "HB-V002 file `" + file + "` cannot be opened: Permission denied");
  EXPECT_EQ(folder_error, "HB-V002 folder `" + inner + "` cannot be opened: Permission denied");
  EXPECT_EQ(whole,
            "good.json [ndjson] 1+0 good\nsecret.json [] 0+0 | cannot be opened: Permission denied\nclosed "
            "[] 0+0 | cannot be opened: Permission denied\n");
}

TEST(BadInput, ATruncatedGzKeepsTheRowsBeforeTheCut) {
  std::string lines;
  for (int i = 0; i < 20000; ++i) lines += "{\"n\":" + std::to_string(i * 7919 % 100003) + "}\n";
  const std::string whole = pack("gz", {{"-", lines}});
  TempFolder folder;
  const Catalog catalog =
      scan_or_fail({folder.write("cut.json.gz", std::string_view(whole).substr(0, whole.size() / 2))});
  ASSERT_EQ(catalog.files.size(), 1u);
  EXPECT_GT(catalog.files[0].rows, 1000u);
  EXPECT_LT(catalog.files[0].rows, 20000u);
  EXPECT_EQ(catalog.files[0].rejected, 2u);  // the line that was cut, and what cannot be read
  EXPECT_EQ(catalog.files[0].note, "ends early: truncated gzip input");
  ASSERT_EQ(catalog.rejects.size(), 2u);
  EXPECT_EQ(load_all(catalog, "cut").rows(), catalog.files[0].rows);
}

TEST(BadInput, AZipWithABadMemberReadsTheOthers) {
  std::string big;
  for (int i = 0; i < 3000; ++i) big += "{\"n\":" + std::to_string(i) + "}\n";
  std::string zip = pack("zip", {{"a.json", "{\"x\":1}\n"}, {"b.json", big}, {"c.json", "{\"x\":3}\n"}});
  const size_t at = zip.find("b.json");
  for (size_t i = at + 200; i < at + 260; ++i) zip[i] = static_cast<char>(zip[i] ^ 0x5a);
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("bad.zip", zip)});
  ASSERT_EQ(catalog.files.size(), 3u);
  EXPECT_EQ(catalog.files[0].rows, 1u);
  EXPECT_GT(catalog.files[1].rejected, 0u);
  EXPECT_NE(catalog.files[1].note, "");
  EXPECT_EQ(catalog.files[2].rows, 1u);
  EXPECT_EQ(dump(catalog, "c"), "x:long\n{\"x\":3}\n");
}

TEST(BadInput, ALineCutInHalf) {
  EXPECT_EQ(report_of("a.json", "{\"a\":1}\n{\"a\":2,\"b\":\"x\n{\"a\":3}\n{\"a\":"),
            "a.json [ndjson] 2+2 a\n"
            "  @8 not JSON: a string is not closed: {\"a\":2,\"b\":\"x\n"
            "  @30 not JSON: it ends too early: {\"a\":\n");
}

TEST(BadInput, WhatIsNoObject) {
  EXPECT_EQ(report_of("a.json",
                      "{\"a\":1}\n[1,2]\n7\nnull\n{\"a\":01}\n{\"a\":tru}\n{\"a\":1}{\"a\":2}\n{\"a\":1,}\n{"
                      "a:1}\n{\"a\":NaN}\n"),
            "a.json [ndjson] 1+9 a\n"
            "  @8 a JSON value that is not an object: [1,2]\n"
            "  @14 a JSON value that is not an object: 7\n"
            "  @16 a JSON value that is not an object: null\n"
            "  @21 not JSON: a malformed number: {\"a\":01}\n"
            "  @30 not JSON: a malformed word: {\"a\":tru}\n"
            "  @40 not JSON: text after the object: {\"a\":1}{\"a\":2}\n"
            "  @55 not JSON: a comma, brace, bracket or key is missing or too many: {\"a\":1,}\n"
            "  @64 not JSON: a comma, brace, bracket or key is missing or too many: {a:1}\n"
            "  @70 not JSON: a comma, brace, bracket or key is missing or too many: {\"a\":NaN}\n");
}

TEST(BadInput, InvalidUtf8IsRepairedAndCounted) {
  TempFolder folder;
  const Catalog catalog =
      scan_or_fail({folder.write("a.json", "{\"a\":\"x\xff\"}\n{\"a\":\"y\"}\n{\"a\":\"\xc3\"}\n"),
                    folder.write("b.csv", "k,v\n1,\xfe\n")});
  EXPECT_EQ(report(catalog),
            "a.json [ndjson] 3+0 a | invalid UTF-8 replaced by U+FFFD (in 2 rows)\n"
            "b.csv [csv] 1+0 b | invalid UTF-8 replaced by U+FFFD (in 1 row)\n");
  EXPECT_EQ(dump(catalog, "a"),
            "a:string\n{\"a\":\"x\xef\xbf\xbd\"}\n{\"a\":\"y\"}\n{\"a\":\"\xef\xbf\xbd\"}\n");
}

TEST(BadInput, ALineOf50Megabytes) {
  TempFolder folder;
  const std::string path =
      folder.write("long.json", "{\"a\":\"" + std::string(50 << 20, 'x') + "\"}\n{\"a\":\"y\"}\n{\"a\":\"" +
                                    std::string(50 << 20, 'z') + "\n");
  const Catalog catalog = scan_or_fail({path});
  ASSERT_EQ(catalog.files.size(), 1u);
  EXPECT_EQ(catalog.files[0].rows, 2u);
  EXPECT_EQ(catalog.files[0].rejected, 1u);
  EXPECT_EQ(catalog.rejects[0].bytes.size(), 200u);
  const Table table = load_all(catalog, "long");
  ASSERT_EQ(table.batches.size(), 1u);
  EXPECT_EQ(table.batches[0]->columns[0].text_at(0).size(), size_t{50} << 20);
}

TEST(BadInput, KeysWithQuotesNewlinesAndMarkup) {
  TempFolder folder;
  const Catalog catalog =
      scan_or_fail({folder.write("k.json",
                                 "{\"a\\\"b\":1,\"c\\nd\":2,\"\":3,\"<script>\":\"\\u001b[31m<script>alert(1)"
                                 "</script>\",\"'; drop\":4,\"_Extra\":5}\n")});
  const SourceTable* table = catalog.find("k");
  ASSERT_NE(table, nullptr);
  std::vector<std::string> names;
  for (const auto& field : table->schema.fields) names.push_back(field.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a\"b", "c\nd", "", "<script>", "'; drop", "_Extra"}));
  const Table rows = load_all(catalog, "k");
  EXPECT_EQ(cell_text(rows.batches[0]->columns[3], 0), "\x1b[31m<script>alert(1)</script>");
}

TEST(BadInput, ThreeThousandKeys) {
  std::string lines;
  for (int row = 0; row < 3; ++row) {
    lines += "{\"_Extra\":\"mine\"";
    for (int i = 0; i < 1000; ++i)
      lines += ",\"k" + std::to_string(row * 1000 + i) + "\":" + std::to_string(i);
    lines += "}\n";
  }
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("keys.json", lines)});
  const Table table = load_all(catalog, "keys");
  ASSERT_EQ(table.schema.size(), 2001u);
  EXPECT_EQ(table.schema.fields[0].name, "_Extra");
  EXPECT_EQ(table.schema.fields[2000].name, "__Extra");
  EXPECT_EQ(table.schema.fields[2000].type, Type::kDynamic);
  size_t cells = 0;
  for (size_t row = 0; row < 3; ++row) {
    for (size_t i = 1; i < 2000; ++i) cells += !table.batches[0]->columns[i].is_null(row);
    const Column& extra = table.batches[0]->columns[2000];
    if (!extra.is_null(row)) cells += parse_json(extra.text_at(row))->as_object().size();
  }
  EXPECT_EQ(cells, 3000u);
}

TEST(BadInput, RepeatedKeysAreNoted) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("r.json", "{\"a\":1,\"b\":2,\"a\":3}\n{\"a\":4}\n")});
  EXPECT_EQ(report(catalog),
            "r.json [ndjson] 2+0 r | a key is repeated in one object, the last value is kept (in 1 row)\n");
  EXPECT_EQ(dump(catalog, "r"), "a:long, b:long\n{\"a\":3,\"b\":2}\n{\"a\":4,\"b\":null}\n");
}

TEST(BadInput, DeepNestingIsARejectAndNoCrash) {
  const std::string deep = "{\"a\":" + std::string(10000, '[') + std::string(10000, ']') + "}\n";
  const std::string objects = [] {
    std::string text;
    for (int i = 0; i < 10000; ++i) text += "{\"a\":";
    return text + "1" + std::string(10000, '}') + "\n";
  }();
  const std::string found = report_of("d.json", "{\"a\":[[1]]}\n" + deep + objects);
  EXPECT_EQ(found.substr(0, found.find('\n') + 1), "d.json [ndjson] 1+2 d\n");
  EXPECT_NE(found.find("@12 nested deeper than 1000 levels"), std::string::npos) << found;
}

TEST(BadInput, AFileChangedAfterTheScanIsAnErrorAndAGrownOneIsNot) {
  TempFolder folder;
  const std::string path = folder.write("f.json", "{\"a\":1}\n{\"a\":2}\n");
  const Catalog catalog = scan_or_fail({path});
  const auto rows = [&](std::string& error) {
    size_t count = 0;
    const std::vector<size_t> columns{0};
    const Status status = load(catalog, "f", columns,
                               [&](const Batch& batch) -> Status {
                                 count += batch.rows;
                                 return {};
                               },
                               {});
    error = status.ok() ? "" : status.error().code + " " + status.error().message;
    return count;
  };
  std::string error;
  folder.write("f.json", "{\"a\":1}\n{\"a\":2}\n{\"a\":\"new\"}\n");
  EXPECT_EQ(rows(error), 2u);
  EXPECT_EQ(error, "");
  folder.write("f.json", "{\"a\":\"x\"}\n{\"a\":2}\n");
  rows(error);
  EXPECT_EQ(error, "HB-V004 the files of `f` were changed after they were opened");
}

TEST(BadInput, AFileThatChangesWhileItIsReadIsNoted) {
  struct Grower : Progress {
    std::string path;
    void update(std::string_view, uint64_t, uint64_t) override {
      std::ofstream(path, std::ios::app) << "{\"a\":1}\n";
    }
  } grower;
  TempFolder folder;
  grower.path = folder.write("g.json", "{\"a\":1}\n");
  Options options;
  options.progress = &grower;
  const std::vector<std::string> paths{grower.path};
  const auto catalog = scan(paths, options);
  ASSERT_TRUE(catalog.ok());
  EXPECT_EQ(catalog->files[0].note, "changed while it was read");
}

TEST(BadInput, InterruptsStopBothPasses) {
  TempFolder folder;
  const std::string path = folder.write("f.json", "{\"a\":1}\n");
  const Catalog catalog = scan_or_fail({path});
  CancelToken token;
  token.cancel();
  Options options;
  options.cancel = &token;
  const std::vector<std::string> paths{path};
  const auto stopped = scan(paths, options);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, "HB-E130");
  const std::vector<size_t> columns{0};
  const Status status = load(
      catalog, "f", columns, [](const Batch&) -> Status { return {}; }, options);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, "HB-E130");
}

TEST(BadInput, UnknownTablesAndFailingSinks) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("f.json", "{\"a\":1}\n")});
  const std::vector<size_t> columns{0};
  Status status = load(catalog, "nope", columns, [](const Batch&) -> Status { return {}; }, {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code + " " + status.error().message, "HB-V003 table `nope` is in no evidence");
  status = load(catalog, "f", columns,
                [](const Batch&) -> Status { return Diagnostic{"HB-E002", "full", {}, "", "", ""}; }, {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "full");
}

TEST(BadInput, EveryLineIsARowOrARejectWhereverChunksAreCut) {
  std::string text;
  size_t lines = 0;
  for (int i = 0; text.size() < (20 << 20); ++i) {
    if (i % 97 == 0) text += "\n";
    else if (i % 89 == 0) text += "{\"broken\":\n", ++lines;
    else
      text += "{\"i\":" + std::to_string(i) + ",\"s\":\"" +
              std::string(static_cast<size_t>(i * 31 % 900), 'q') + "\"}\r\n",
          ++lines;
  }
  TempFolder folder;
  const std::string path = folder.write("many.json", text);
  const Catalog one = scan_or_fail({path}, 1), two = scan_or_fail({path}, 2);
  EXPECT_EQ(one.files[0].rows + one.files[0].rejected, lines);
  EXPECT_EQ(report(one), report(two));
  const Table table = load_all(two, "many");
  int64_t last = -1;
  bool sorted = true;
  for (const auto& batch : table.batches) {
    for (size_t row = 0; row < batch->rows; ++row) {
      sorted = sorted && batch->columns[0].long_at(row) > last;
      last = batch->columns[0].long_at(row);
    }
  }
  EXPECT_TRUE(sorted);
}

TEST(BadInput, TheTablesOfEvidenceAndRejects) {
  TempFolder folder;
  const Catalog catalog = scan_or_fail({folder.write("f.json", "{\"time\":\"2020-01-01T00:00:00Z\"}\n{\n")});
  std::string evidence = to_json_lines(evidence_table(catalog)),
              rejects = to_json_lines(rejects_table(catalog));
  for (auto* text : {&evidence, &rejects}) {
    for (size_t at = text->find(folder.path()); at != std::string::npos; at = text->find(folder.path()))
      text->replace(at, folder.path().size(), "DIR");
  }
  EXPECT_EQ(
      evidence,
      "{\"Path\":\"DIR/"
      "f.json\",\"Size\":34,\"Sha256\":\"262dfae5b0543bf7d7d779a08298979da1f060570506ff0d9611d2c0f0ef19f2\","
      "\"Reader\":\"ndjson\",\"Tables\":\"f\",\"Rows\":1,\"Rejected\":1,"
      "\"FirstTime\":\"2020-01-01T00:00:00.0000000Z\",\"LastTime\":\"2020-01-01T00:00:00.0000000Z\",\"Note\":"
      "\"\"}\n");
  EXPECT_EQ(
      rejects,
      "{\"Path\":\"DIR/f.json\",\"Offset\":32,\"Reason\":\"not JSON: it ends too early\",\"Bytes\":\"{\"}\n");
}

}  // namespace
}  // namespace huntbook::evidence
