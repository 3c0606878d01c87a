// The query files of MSTICPy, where they are at hand beside the repository.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/time.h"
#include "packs/pack.h"

namespace huntbook {
namespace {

std::string data(const std::string& path) { return std::string(HB_SHARED_DIR) + "/data/msticpy/" + path; }

#define SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there: nothing to read"

std::string problems(const PackLibrary& library) {
  std::string out;
  for (const auto& problem : library.problems) {
    const std::string place = std::filesystem::path(problem.place).filename();
    out += place + " " + problem.code + " " + problem.message + "\n";
  }
  return out;
}

TEST(Msticpy, AllFilesLoad) {
  const std::string folder = data("queries");
  SKIP_WITHOUT(folder);
  PackLibrary library;
  library.load_path(folder);
  EXPECT_EQ(problems(library), "");
  EXPECT_EQ(library.queries.size(), 308u);
  std::set<std::string> files;
  for (const auto& query : library.queries) {
    files.insert(query.file);
    EXPECT_FALSE(query.doc.empty()) << query.name;
    EXPECT_FALSE(query.text.empty()) << query.name;
  }
  EXPECT_EQ(files.size(), 50u);
}

TEST(Msticpy, ProvidersHaveTheirQueries) {
  const std::string folder = data("queries");
  SKIP_WITHOUT(folder);
  PackLibrary library;
  library.load_path(folder);
  struct Wanted {
    const char* provider;
    size_t definitions, names;
  };
  for (const auto& [provider, definitions, names] : {Wanted{"MSSentinel", 149, 191},
                                                     {"AzureSentinel", 149, 191},
                                                     {"LogAnalytics", 149, 191},
                                                     {"MDE", 99, 125},
                                                     {"MDATP", 99, 125},
                                                     {"M365D", 53, 73},
                                                     {"M365DGraph", 53, 73},
                                                     {"Prismacloud", 67, 67},
                                                     {"Splunk", 13, 13},
                                                     {"LocalData", 9, 9},
                                                     {"ResourceGraph", 9, 9},
                                                     {"MSGraph", 7, 7},
                                                     {"SecurityGraph", 7, 7},
                                                     {"Cybereason", 5, 5},
                                                     {"OpenObserve", 2, 2},
                                                     {"Sumologic", 1, 1},
                                                     {"Kusto", 0, 0},
                                                     {"Elastic", 0, 0}}) {
    const auto found = library.of_provider(provider);
    EXPECT_EQ(found.size(), definitions) << provider;
    std::set<std::string> listed;
    for (const auto* query : found) {
      for (const auto& family : query->families) listed.insert(family + "." + query->name);
    }
    EXPECT_EQ(listed.size(), names) << provider;
  }
}

TEST(Msticpy, FamiliesHaveTheirQueries) {
  const std::string folder = data("queries");
  SKIP_WITHOUT(folder);
  const auto count = [&](const char* part) {
    PackLibrary library;
    library.load_path(folder + "/" + part);
    EXPECT_EQ(problems(library), "");
    std::map<std::string, int> families;
    for (const auto& query : library.queries) {
      for (const auto& family : query.families) ++families[family];
    }
    return families;
  };
  using Families = std::map<std::string, int>;
  EXPECT_EQ(count("mssentinel"), (Families{{"WindowsSecurity", 23},
                                           {"AzureNetwork", 16},
                                           {"LinuxSyslog", 16},
                                           {"Network", 12},
                                           {"Azure", 10},
                                           {"AzureSentinel", 8},
                                           {"MSSentinel", 8},
                                           {"ThreatIntelligence", 7},
                                           {"SecurityAlert", 5},
                                           {"MultiDataSource", 5},
                                           {"Heartbeat", 4},
                                           {"Office365", 3},
                                           {"LinuxAudit", 1}}));
  EXPECT_EQ(count("m365d"),
            (Families{{"M365D", 30}, {"MDEHunting", 20}, {"M365DHunting", 20}, {"IdentityOnPrem", 3}}));
  EXPECT_EQ(count("mde"), (Families{{"MDE", 26}, {"MDATP", 26}, {"MDEHunting", 20}, {"M365DHunting", 20}}));
  EXPECT_EQ(count("splunk"),
            (Families{{"Alerts", 5}, {"Authentication", 4}, {"SplunkGeneral", 3}, {"audittrail", 1}}));
  EXPECT_EQ(count("localdata"),
            (Families{{"WindowsSecurity", 5}, {"Network", 2}, {"SecurityAlert", 1}, {"Azure", 1}}));
  EXPECT_EQ(count("resourcegraph"), (Families{{"ResourceGraph", 6}, {"Sentinel", 3}}));
  EXPECT_EQ(count("cybereason"), (Families{{"Process", 3}, {"Host", 1}, {"Connection", 1}}));
  EXPECT_EQ(count("msgraph"), (Families{{"SecurityGraphAlert", 7}}));
}

TEST(Msticpy, SaysWhichQueriesAreShadowedAndTheLaterOneWins) {
  const std::string folder = data("queries");
  SKIP_WITHOUT(folder);
  PackLibrary library;
  library.load_path(folder);
  ASSERT_EQ(library.shadowed.size(), 20u);  // the hunting queries of MDE, in the folders mde and m365d
  const PackQuery* query = library.find("MDEHunting.doc_with_link", "MDE");
  ASSERT_NE(query, nullptr);
  EXPECT_EQ(std::filesystem::path(query->file).parent_path().filename(), "m365d");
  EXPECT_TRUE(library.shadowed[0].message.starts_with("query `MDEHunting."));
  EXPECT_NE(library.shadowed[0].place.find("/m365d/kql_m365_hunting.yaml:"), std::string::npos);
  EXPECT_NE(library.shadowed[0].hint.find("/mde/kql_mdatp_hunting.yaml:"), std::string::npos);
}

// Every query gets its final text when each parameter has some value: nothing of a template is left.
TEST(Msticpy, EveryQueryHasAFinalText) {
  const std::string folder = data("queries");
  SKIP_WITHOUT(folder);
  PackLibrary library;
  library.load_path(folder);
  const QueryTime time{*parse_datetime("2024-05-01"), *parse_datetime("2024-05-02"),
                       *parse_datetime("2024-05-03")};
  for (const auto& query : library.queries) {
    PackArguments arguments;
    for (const auto& param : query.params) {
      const bool number = param.type == "int";
      if (!param.default_value && param.type != "datetime")
        arguments.emplace_back(param.name, number ? "7" : "some");
    }
    for (const auto& provider : query.providers) {
      auto text = render_query(query, arguments, time, nullptr, provider);
      ASSERT_TRUE(text.ok()) << query.name << ": " << text.error().message;
      EXPECT_FALSE(text->empty()) << query.name;
      for (const auto& param : query.params) {
        const bool doubled = query.text.find("{{" + param.name + "}}") != std::string::npos;
        const bool left = text->find("{" + param.name + "}") != std::string::npos;
        EXPECT_EQ(left, doubled) << query.name;
      }
    }
  }
}

TEST(Msticpy, FixturesLoadOrFailAsTheirNamesSay) {
  const std::string folder = data("fixtures");
  SKIP_WITHOUT(folder);
  const auto load = [&](const std::string& path) {
    PackLibrary library;
    library.load_path(folder + "/" + path);
    return problems(library) + std::to_string(library.queries.size());
  };
  EXPECT_EQ(load("queries/valid/sample_minimal.yaml"), "1");
  EXPECT_EQ(load("queries/valid/sample_complete.yaml"), "1");
  const std::string invalid = "queries/invalid/sample_minimal_";
  EXPECT_EQ(
      load(invalid + "empty_parameter_default.yaml"),
      "sample_minimal_empty_parameter_default.yaml:12 HB-P009 the default of parameter `parameter1` is empty "
      "(the file's defaults)\n0");
  EXPECT_EQ(load(invalid + "incorrect_version.yaml"),
            "sample_minimal_incorrect_version.yaml:2 HB-P001 the version is not a whole number\n0");
  EXPECT_EQ(load(invalid + "invalid_parameter_type.yaml"),
            "sample_minimal_invalid_parameter_type.yaml:11 HB-P005 parameter `parameter1` of the file's "
            "defaults has "
            "the unknown type `string`\n0");
  EXPECT_EQ(load(invalid + "long_parameter_description.yaml"),
            "sample_minimal_long_parameter_description.yaml:12 HB-P009 the description of parameter "
            "`parameter1` has "
            "1324 characters (the file's defaults)\n0");
  EXPECT_EQ(load(invalid + "short_parameter_description.yaml"),
            "sample_minimal_short_parameter_description.yaml:12 HB-P009 the description of parameter "
            "`parameter1` has "
            "1 character (the file's defaults)\n0");
  EXPECT_EQ(load(invalid + "missing_metadata.yaml"),
            "sample_minimal_missing_metadata.yaml:1 HB-P001 the file has no metadata\n0");
  EXPECT_EQ(load(invalid + "missing_sources.yaml"),
            "sample_minimal_missing_sources.yaml:1 HB-P001 the file has no sources\n0");
  EXPECT_EQ(
      load("data_q_source_fail_param.yaml"),
      "data_q_source_fail_param.yaml:45 HB-P004 placeholder `{foo}` of query `missing_param_source` is no "
      "parameter\n0");
  EXPECT_EQ(
      load("data_q_source_fail_type.yaml"),
      "data_q_source_fail_type.yaml:42 HB-P005 parameter `host_name` of query `missing_type` has no type\n0");
  const std::string meta = load("data_q_meta_fail.yaml");
  EXPECT_TRUE(meta.ends_with("has no data_families\n0")) << meta;
  EXPECT_EQ(load("data_q_success.yaml"), "3");
  for (const char* file : {"kusto/T1_MDE_Cluster.yaml", "kusto/T2_MDE_Clusters.yaml",
                           "kusto/T3_MDE_Cluster_Group1.yaml", "kusto/T4_NoCluster_Info.yaml",
                           "kusto/T5_Help_Cluster_Group1.yaml", "localdata/test_localdata_queries.yaml"})
    EXPECT_EQ(load(file).find('\n'), std::string::npos) << load(file);
}

}  // namespace
}  // namespace huntbook
