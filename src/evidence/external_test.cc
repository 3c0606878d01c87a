#include "evidence/external.h"

#include "evidence/test_files.h"

namespace huntbook::evidence {
namespace {

// The rows as lines of cells, or what went wrong.
std::string read(ExternalFiles files, uint64_t* rejected = nullptr) {
  std::string out;
  uint64_t count = 0;
  const Status status = read_external(
      files,
      [&](const Batch& batch) -> Status {
        for (size_t i = 0; i < batch.rows; ++i) {
          for (size_t c = 0; c < batch.columns.size(); ++c)
            out += (c ? "|" : "") + std::string(batch.columns[c].text_at(i));
          out += '\n';
        }
        return {};
      },
      {}, count);
  if (rejected) *rejected = count;
  return status.ok() ? out : status.error().code;
}

TEST(External, SeparatedValuesGoByPlace) {
  const TempFolder folder;
  const std::string path = folder.write("a.csv", "name,n\nx,1\n\n\"a,\"\"b\"\"\nc\",2,3\nshort\r\n");
  EXPECT_EQ(read({{path}, "csv", true, {{"p"}, {"q"}}}), "x|1\na,\"b\"\nc|2\nshort|\n");
  EXPECT_EQ(read({{path, path}, "CSV", true, {{"p"}}}), "x\na,\"b\"\nc\nshort\nx\na,\"b\"\nc\nshort\n");
  EXPECT_EQ(read({{folder.write("b", "1\t2\n3\t4")}, "tsv", false, {{"p"}, {"q"}}}), "1|2\n3|4\n");
  EXPECT_EQ(read({{folder.write("b",
                                "\xef\xbb\xbf"
                                "1|2\n")},
                  "psv",
                  false,
                  {{"p"}, {"q"}}}),
            "1|2\n");
}

TEST(External, BadRecordsAreCounted) {
  const TempFolder folder;
  uint64_t rejected = 0;
  EXPECT_EQ(read({{folder.write("a", "x,1\n\"y,2\nz,3\n")}, "csv", false, {{"p"}}}, &rejected), "x\nz\n");
  EXPECT_EQ(rejected, 1u);
  EXPECT_EQ(read({{folder.write("a", "{\"p\":1}\n[]\n{\"p\":\n")}, "json", false, {{"p"}}}, &rejected),
            "1\n");
  EXPECT_GT(rejected, 0u);
}

TEST(External, ObjectsGoByName) {
  const TempFolder folder;
  const std::string text = R"({"a":"t","b":{"c":[1]},"n":1.50,"t":true,"z":null})";
  const std::vector<ExternalColumn> columns = {{"b", true}, {"a", true}, {"a"},   {"n"},
                                               {"t"},       {"z"},       {"none"}};
  const std::string row = "{\"c\":[1]}|\"t\"|t|1.50|true||\n";
  for (const std::string& form : {text + "\n" + text, "[" + text + ",\n" + text + "]", text + text})
    EXPECT_EQ(read({{folder.write("a.json", form)}, "multijson", false, columns}), row + row) << form;
}

TEST(External, TextIsLinesAndRawIsOneCell) {
  const TempFolder folder;
  const std::string path = folder.write("a.txt", "one,\n\n two\xff");
  EXPECT_EQ(read({{path}, "txt", false, {{"line"}, {"more"}}}), "one,|\n|\n two\xef\xbf\xbd|\n");
  EXPECT_EQ(read({{path}, "txt", true, {{"line"}}}), "\n two\xef\xbf\xbd\n");
  EXPECT_EQ(read({{path}, "raw", false, {{"all"}}}), "one,\n\n two\xef\xbf\xbd\n");
}

TEST(External, NamesTellTheFormat) {
  EXPECT_EQ(external_format_of("/x/A.CSV.gz"), "csv");
  EXPECT_EQ(external_format_of("a.tsv"), "tsv");
  EXPECT_EQ(external_format_of("a.jsonl"), "multijson");
  EXPECT_EQ(external_format_of("a.txt"), "txt");
  EXPECT_EQ(external_format_of("a"), "csv");
  EXPECT_FALSE(is_external_format("parquet"));
}

TEST(External, ManyRowsComeInBatches) {
  const TempFolder folder;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i) + "\n";
  EXPECT_EQ(read({{folder.write("a.csv", text)}, "csv", false, {{"n"}}}), text);
}

TEST(External, AFileThatIsNotThereFails) {
  EXPECT_EQ(read({{"/nowhere/a.csv"}, "csv", false, {{"n"}}}), "HB-V002");
}

}  // namespace
}  // namespace huntbook::evidence
