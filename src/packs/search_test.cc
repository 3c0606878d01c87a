#include "packs/search.h"

#include <gtest/gtest.h>

namespace huntbook {
namespace {

constexpr const char* kPack = R"(metadata: {data_environments: [Kusto], data_families: [Hosts]}
sources:
  list_logons:
    description: Lists the logons of a host.
    metadata: {tables: [SecurityEvent], techniques: [T1078]}
    args: {query: "SecurityEvent | where Computer == '{host}'"}
    parameters: {host: {type: str, description: the host, aliases: [computer_name]}}
  logon:
    description: One logon.
    args: {query: "SigninLogs | count"}
  spray:
    description: Finds a spray of passwords by its failed logons.
    metadata: {data_environments: [MSSentinel], techniques: [T1110.003]}
    args: {query: "SigninLogs | where ResultType == '50126'"}
  dump:
    description: Finds dumps of memory.
    metadata: {techniques: [T1003.001]}
    args: {query: "T"}
)";

std::string found(const QuerySearch& search) {
  PackLibrary library;
  library.load_text(kPack, "p.yaml");
  std::string out;
  for (const auto* query : search_queries(library, search)) out += (out.empty() ? "" : " ") + query->name;
  return out;
}

TEST(Search, RanksNamesBeforeAllElse) {
  EXPECT_EQ(found({.words = "logon"}), "logon list_logons spray");
  EXPECT_EQ(found({.words = "LOGONS list"}), "list_logons");
  EXPECT_EQ(found({.words = "signinlogs"}), "logon spray");
  EXPECT_EQ(found({.words = "nothing"}), "");
  EXPECT_EQ(found({}), "list_logons logon spray dump");
}

TEST(Search, AsksForTablesParametersTechniquesAndProviders) {
  EXPECT_EQ(found({.table = "securityevent"}), "list_logons");
  EXPECT_EQ(found({.parameter = "computer"}), "list_logons");
  EXPECT_EQ(found({.technique = "t1003"}), "dump");
  EXPECT_EQ(found({.technique = "T1110.003"}), "spray");
  EXPECT_EQ(found({.technique = "T111"}), "");  // part of a number is none
  EXPECT_EQ(found({.provider = "AzureSentinel"}), "spray");
  EXPECT_EQ(found({.words = "finds", .provider = "Kusto"}), "dump");
}

}  // namespace
}  // namespace huntbook
