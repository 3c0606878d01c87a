#include "providers/kusto_reply.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "table/write.h"

namespace huntbook {
namespace {

std::string outcome(const Result<Table>& table) {
  if (!table.ok()) return table.error().code + " " + table.error().message;
  return fmt::format("{} rows {} [{}]", table->rows(), completeness_name(table->completeness),
                     fmt::join(table->reasons, "; "));
}

Result<Table> read(std::string_view text, const RunLimits& limits = {},
                   const std::optional<Diagnostic>& lost = {}) {
  KustoReply reply(limits, [](std::string_view said) { return std::string(said); });
  for (size_t at = 0; at < text.size(); at += 7) {
    if (auto status = reply.stream().push(text.substr(at, 7)); !status.ok()) return status.error();
  }
  std::optional<Diagnostic> broken = lost;
  if (auto status = reply.stream().finish(); !status.ok() && !broken) broken = status.error();
  return reply.finish(broken);
}

const char* const kTwoRows =
    R"({"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":[{"ColumnName":"a","ColumnType":"long"},{"ColumnName":"a","ColumnType":"string"}],"Rows":[[1,"x"],[2,"y"]]})";

std::string frames(const std::string& more,
                   const std::string& completion = R"("HasErrors":false,"Cancelled":false)") {
  return std::string(R"([{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},)") + kTwoRows +
         more + R"(,{"FrameType":"DataSetCompletion",)" + completion + "}]";
}

TEST(KustoReply, ReadsFrames) {
  auto table = read(frames(""));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(
      to_json(*table),
      R"({"columns":[{"name":"a","type":"long"},{"name":"a1","type":"string"}],"rows":[[1,"x"],[2,"y"]],"completeness":"complete","rejected":0}
)");
}

TEST(KustoReply, SaysThatTheServiceCutTheResult) {
  const std::string error =
      R"([{"error":{"code":"LimitsExceeded","message":"Request is cut","@message":"Query result set has exceeded the internal record count limit 500000 (E_QUERY_RESULT_SET_TOO_LARGE; 80DA0003)."}}])";
  EXPECT_EQ(outcome(read(frames("", R"("HasErrors":true,"Cancelled":false,"OneApiErrors":)" + error))),
            "2 rows truncated [the service cut the result: Query result set has exceeded the internal record "
            "count limit "
            "500000 (E_QUERY_RESULT_SET_TOO_LARGE; 80DA0003).]");
}

TEST(KustoReply, SaysThatAPartIsLost) {
  EXPECT_EQ(
      outcome(read(frames(
          "",
          R"("HasErrors":true,"Cancelled":false,"OneApiErrors":[{"error":{"code":"General_X","@message":"a shard is gone"}}])"))),
      "2 rows partial [the service failed in part: a shard is gone]");
  EXPECT_EQ(outcome(read(frames("", R"("HasErrors":true)"))),
            "2 rows partial [the service says that the query failed in part]");
  EXPECT_EQ(outcome(read(frames("", R"("HasErrors":false,"Cancelled":true)"))),
            "2 rows partial [the service cancelled the query]");
  EXPECT_EQ(outcome(read(std::string("[") + kTwoRows + "]")),
            "2 rows partial [the reply ends without saying that it is whole]");
  EXPECT_EQ(outcome(read(frames(std::string(",") + kTwoRows))),
            "2 rows partial [1 further result of the query is left out]");
  const std::string status =
      R"(,{"FrameType":"DataTable","TableId":2,"TableKind":"QueryCompletionInformation","TableName":"QueryCompletionInformation","Columns":[{"ColumnName":"Level","ColumnType":"int"},{"ColumnName":"StatusCodeName","ColumnType":"string"},{"ColumnName":"Payload","ColumnType":"string"}],"Rows":[[4,"Info","fine"],[2,"E_FAIL","node 7 failed"]]})";
  EXPECT_EQ(outcome(read(frames(status))), "2 rows partial [the service failed in part: node 7 failed]");
}

TEST(KustoReply, KeepsRowsOfAReplyThatBreaksOff) {
  const std::string whole = frames("");
  const Diagnostic lost{"HB-W007", "the connection to `x` was lost after 300 bytes of the reply", {}, "", "",
                        ""};
  EXPECT_EQ(outcome(read(whole.substr(0, whole.find(",[2,\"y\"]") + 3), {}, lost)),
            "1 rows partial [the connection to `x` was lost after 300 bytes of the reply; the 1 rows that "
            "came before are kept]");
  EXPECT_EQ(outcome(read(whole.substr(0, 30), {}, lost)),
            "HB-W007 the connection to `x` was lost after 300 bytes of the reply");
  EXPECT_EQ(outcome(read(whole.substr(0, 100))), "HB-J003 the JSON text ends too early, at offset 100");
}

TEST(KustoReply, ReadsVersionOne) {
  const auto v1 = [](const std::string& status) {
    return R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"n","DataType":"Int64","ColumnType":"long"},{"ColumnName":"b","DataType":"SByte"}],"Rows":[[7,1],[8,0]]},)"
           R"({"TableName":"Table_1","Columns":[{"ColumnName":"Value","DataType":"String"}],"Rows":[["{}"]]},)"
           R"({"TableName":"Table_2","Columns":[{"ColumnName":"Timestamp","DataType":"DateTime"},{"ColumnName":"Severity","DataType":"Int32"},{"ColumnName":"SeverityName","DataType":"String"},{"ColumnName":"StatusCode","DataType":"Int32"},{"ColumnName":"StatusDescription","DataType":"String"}],"Rows":[)" +
           status +
           R"(]},{"TableName":"Table_3","Columns":[{"ColumnName":"Ordinal","DataType":"Int64"},{"ColumnName":"Kind","DataType":"String"}],"Rows":[[0,"QueryResult"],[1,"QueryProperties"],[2,"QueryStatus"]]}]})";
  };
  auto good = read(v1(R"(["2024-01-01T00:00:00Z",4,"Info",0,"Query completed successfully"])"));
  EXPECT_EQ(outcome(good), "2 rows complete []");
  EXPECT_EQ(to_json_lines(*good), "{\"n\":7,\"b\":true}\n{\"n\":8,\"b\":false}\n");
  EXPECT_EQ(
      outcome(read(v1(
          R"(["2024-01-01T00:00:00Z",2,"Error",-2133196797,"Query result set has exceeded the internal data size limit 67108864 (E_QUERY_RESULT_SET_TOO_LARGE)."])"))),
      "2 rows truncated [the service cut the result: Query result set has exceeded the internal data size "
      "limit 67108864 "
      "(E_QUERY_RESULT_SET_TOO_LARGE).]");
  EXPECT_EQ(
      outcome(read(
          R"({"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"n","DataType":"Int64"}],"Rows":[[1],{"Exceptions":["the rest is gone"]}]}],"Exceptions":["the rest is gone"]})")),
      "1 rows partial [the service failed in part: the rest is gone]");
}

TEST(KustoReply, ReadsLogAnalytics) {
  const std::string table =
      R"({"tables":[{"name":"PrimaryResult","columns":[{"name":"t","type":"datetime"},{"name":"d","type":"dynamic"}],"rows":[["2024-01-01T00:00:00Z","{\"a\":1}"]]}])";
  auto good = read(table + R"(,"statistics":{"query":{"x":[1,{"y":[]}]}}})");
  EXPECT_EQ(outcome(good), "1 rows complete []");
  EXPECT_EQ(to_json_lines(*good), "{\"t\":\"2024-01-01T00:00:00.0000000Z\",\"d\":{\"a\":1}}\n");
  EXPECT_EQ(
      outcome(read(
          table +
          R"(,"error":{"code":"PartialError","message":"There were some errors when processing your query.","details":[{"code":"EngineError","message":"outer","innererror":{"code":"-2133196797","message":"The results of this query exceed the set limit of 500000 records, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003)."}}]}})")),
      "1 rows truncated [the service cut the result: There were some errors when processing your query. The "
      "results of "
      "this query exceed the set limit of 500000 records, so not all records were returned "
      "(E_QUERY_RESULT_SET_TOO_LARGE, "
      "0x80DA0003).]");
  EXPECT_EQ(outcome(read(table + R"(,"error":{"code":"PartialError","message":"One workspace failed"}})")),
            "1 rows partial [the service failed in part: One workspace failed]");
  EXPECT_EQ(outcome(read(R"({"columns":[{"name":"t","type":"long"}],"rows":[[1],[2]]})")),
            "2 rows complete []");
}

TEST(KustoReply, RefusesWhatItDoesNotUnderstand) {
  EXPECT_EQ(outcome(read("{}")), "HB-R011 the reply holds no result");
  EXPECT_EQ(outcome(read("[]")), "HB-R011 the reply holds no result");
  EXPECT_EQ(outcome(read(R"({"error":{"code":"BadArgument","message":"no such table"}})")),
            "HB-R010 the service refuses the query: BadArgument: no such table");
  EXPECT_EQ(outcome(read(R"({"tables":[{"name":"a","rows":[[1]],"columns":[]}]})")),
            "HB-R011 the reply's rows come before their columns");
  EXPECT_EQ(outcome(read(R"({"tables":[{"name":"a","columns":7}]})")),
            "HB-R011 the reply's columns are not understood");
  EXPECT_EQ(outcome(read("<html>")), "HB-J001 not JSON at offset 0: a value is missing");
}

TEST(KustoReply, ObeysOurLimits) {
  EXPECT_EQ(outcome(read(frames(""), {.max_rows = 1})),
            "1 rows truncated [1 further rows are beyond the limit of this run]");
  EXPECT_EQ(outcome(read(frames(""), {.max_bytes = 1})),
            "1 rows truncated [1 further rows are beyond the limit of this run]");
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

TEST(KustoReply, ReadsRecordedReplies) {
  const std::string folder = HB_SHARED_DIR "/data/msticpy/fixtures/";
  const std::string sentinel = file_text(folder + "azmondata/az_mon_raw_query.json");
  if (sentinel.empty()) GTEST_SKIP() << "no recorded replies at " << folder;
  auto alerts = read(sentinel);
  EXPECT_EQ(outcome(alerts), "3 rows complete []");
  EXPECT_GT(alerts->schema.size(), 30u);
  auto kusto = read(file_text(folder + "kusto/kusto_raw_resp.json"));
  EXPECT_EQ(outcome(kusto), "10 rows complete []");
}

}  // namespace
}  // namespace huntbook
