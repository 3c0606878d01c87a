#include "config/edit.h"

#include <gtest/gtest.h>

#include "config/msticpy.h"

namespace huntbook {
namespace {

std::string edit(std::string_view text, const std::vector<std::string>& path, const std::string& value) {
  auto parsed = parse_yaml("v: " + value, "value");
  if (!parsed.ok()) return parsed.error().message;
  auto done = edit_yaml(text, "f", path, parsed->items[0]);
  return done.ok() ? *done : done.error().code + " " + done.error().message + " (" + done.error().hint + ")";
}

TEST(Edit, ReplacesAValueInItsPlace) {
  const std::string text =
      "# mine\n"
      "connections:   # all\n"
      "  prod:\n"
      "    provider: MSSentinel  # the cloud\n"
      "    secret: {env: A}  # old\n"
      "    name: 'it''s'\n"
      "  flow: {provider: Splunk, host: \"a, b\", port: 8089}\n"
      "query_time:\n"
      "  before: -2d\n";
  const auto changed = [&](std::string from, std::string to) {
    std::string copy = text;
    copy.replace(copy.find(from), from.size(), to);
    return copy;
  };
  EXPECT_EQ(edit(text, {"connections", "prod", "provider"}, "Kusto"), changed("MSSentinel", "Kusto"));
  EXPECT_EQ(edit(text, {"connections", "prod", "secret"}, "{file: ~/s}"), changed("{env: A}", "{file: ~/s}"));
  EXPECT_EQ(edit(text, {"connections", "prod", "name"}, "plain"), changed("'it''s'", "plain"));
  EXPECT_EQ(edit(text, {"connections", "flow", "host"}, "c"), changed("\"a, b\"", "c"));
  EXPECT_EQ(edit(text, {"connections", "flow", "port"}, "1"), changed("8089", "1"));
  EXPECT_EQ(edit(text, {"query_time", "before"}, "[a, 'b: c']"), changed("-2d", "[a, \"b: c\"]"));
}

TEST(Edit, AddsWhatIsMissingWhereItBelongs) {
  const std::string text =
      "connections:\n"
      "    prod:\n"
      "        provider: A\n"
      "        list:\n"
      "        - x\n"
      "\n"
      "    # the next one\n"
      "    flow: {provider: B}\n"
      "    empty: {}\n"
      "    none:\n"
      "# end\n";
  EXPECT_EQ(edit(text, {"connections", "prod", "host"}, "h"),
            "connections:\n    prod:\n        provider: A\n        list:\n        - x\n        host: h\n\n   "
            " # the next one\n"
            "    flow: {provider: B}\n    empty: {}\n    none:\n# end\n");
  EXPECT_EQ(edit(text, {"connections", "flow", "host"}, "h"),
            "connections:\n    prod:\n        provider: A\n        list:\n        - x\n\n    # the next one\n"
            "    flow: {provider: B, host: h}\n    empty: {}\n    none:\n# end\n");
  EXPECT_EQ(edit(text, {"connections", "empty", "host"}, "{env: H}"),
            "connections:\n    prod:\n        provider: A\n        list:\n        - x\n\n    # the next one\n"
            "    flow: {provider: B}\n    empty: {host: {env: H}}\n    none:\n# end\n");
  EXPECT_EQ(edit(text, {"connections", "new", "provider"}, "C"),
            "connections:\n    prod:\n        provider: A\n        list:\n        - x\n\n    # the next one\n"
            "    flow: {provider: B}\n    empty: {}\n    none:\n    new:\n      provider: C\n# end\n");
  EXPECT_EQ(edit("", {"a", "b", "c"}, "d"), "a:\n  b:\n    c: d\n");
  EXPECT_EQ(edit("# only words", {"a"}, "d"), "# only words\na: d\n");
  EXPECT_EQ(edit("a:\nb: 1\n", {"a", "x"}, "d"), "a:\n  x: d\nb: 1\n");
  EXPECT_EQ(edit("a:\nb: 1\n", {"a"}, "d"), "a: d\nb: 1\n");
  EXPECT_EQ(edit("a: 1", {"b"}, "d"), "a: 1\nb: d\n");
}

TEST(Edit, RefusesWhatItCannotDoAndShowsNoSecret) {
  EXPECT_EQ(edit("a: |\n  text\n", {"a"}, "b"),
            "HB-K008 `a` cannot be changed in the file as it is laid out (edit the file by hand: a: b)");
  EXPECT_EQ(edit("a:\n  b: 1\n", {"a"}, "b"),
            "HB-K008 `a` cannot be changed in the file as it is laid out (edit the file by hand: a: b)");
  EXPECT_EQ(edit("a: &x 1\nb: *x\n", {"b"}, "2"),
            "HB-K008 `b` cannot be changed in the file as it is laid out (edit the file by hand: b: 2)");
  EXPECT_EQ(edit("password: >\n  a\n", {"password"}, "canary"),
            "HB-K008 `password` cannot be changed in the file as it is laid out (edit the file by hand: "
            "password: ...)");
  EXPECT_EQ(edit("a: 1\n", {"a", "b"}, "2"),
            "HB-K008 `a.b` cannot be changed in the file as it is laid out (edit the file by hand: b: 2)");
}

TEST(Msticpy, IsReadInOurTerms) {
  auto root = parse_yaml(
      "msticpy:\n"
      "  http_timeout: 30\n"
      "  Proxies: {https: {Url: 'http://p:1', Password: {EnvironmentVar: PP}}}\n"
      "AzureSentinel:\n"
      "  Workspaces:\n"
      "    Default: {WorkspaceId: w1, TenantId: t1}\n"
      "    My WS:\n"
      "      WorkspaceId: w2\n"
      "      TenantId: t2\n"
      "      Args: {TenantId: t3, ClientSecret: {KeyVault: null}}\n"
      "Azure: {cloud: usgov, auth_methods: [env, msi, interactive]}\n"
      "KeyVault: {VaultName: v}\n"
      "QueryDefinitions: {Default: [queries], Custom: [mine, yours]}\n"
      "TIProviders:\n"
      "  VirusTotal: {Args: {AuthKey: {KeyVault: other/key}}, Primary: True, Provider: VirusTotal}\n"
      "  Off: {Provider: --no-load--}\n"
      "  Empty: {Args: {AuthKey: '[PLACEHOLDER]'}, Provider: OTX}\n"
      "DataProviders:\n"
      "  Kusto-one: {Args: {Cluster: 'https://c', IntegratedAuth: True}}\n"
      "  Splunk: {Args: {host: h, password: p, verify: false}}\n"
      "  AzureCLI: {Args: {clientId: a}}\n"
      "KustoClusters:\n"
      "  ClusterDefaults: {Args: {TenantId: t9}}\n"
      "  Help: {Args: {Cluster: 'https://help', Database: Samples}}\n"
      "Pivots: {}\n",
      "m.yaml");
  ASSERT_TRUE(root.ok());
  EXPECT_TRUE(is_msticpy(*root));
  auto import = convert_msticpy(*root, "m.yaml");
  EXPECT_EQ(
      yaml_document(import.root),
      "network:\n"
      "  proxy: http://p:1\n"
      "  proxy_password: {env: PP}\n"
      "connections:\n"
      "  Default:\n"
      "    provider: MSSentinel\n"
      "    workspace_id: w1\n"
      "    tenant_id: t1\n"
      "  My_WS:\n"
      "    provider: MSSentinel\n"
      "    tenant_id: t3\n"
      "    client_secret: {key_vault: {vault: v, secret: AzureSentinel-Workspaces-My-WS-Args-ClientSecret}}\n"
      "    workspace_id: w2\n"
      "  Kusto-one:\n"
      "    provider: Kusto\n"
      "    cluster: https://c\n"
      "  Splunk:\n"
      "    provider: Splunk\n"
      "    host: h\n"
      "    password: p\n"
      "  Help:\n"
      "    provider: Kusto\n"
      "    cluster: https://help\n"
      "    database: Samples\n"
      "    tenant_id: t9\n"
      "sign_in:\n"
      "  cloud: us_government\n"
      "  methods: [environment, managed_identity]\n"
      "query_paths: [mine, yours]\n"
      "ti_providers:\n"
      "  VirusTotal:\n"
      "    provider: VirusTotal\n"
      "    primary: true\n"
      "    auth_key: {key_vault: {vault: other, secret: key}}\n"
      "  Empty:\n"
      "    provider: OTX\n");
  std::string left;
  for (const auto& item : import.left)
    left += item.place + " " + item.message + (item.hint.empty() ? "" : " (" + item.hint + ")") + "\n";
  EXPECT_EQ(
      left,
      "m.yaml:2 `msticpy.http_timeout` is not taken over: it has no counterpart\n"
      "m.yaml:11 `Azure.auth_methods` is not taken over: `interactive` has no counterpart (device_code, or "
      "azure_cli "
      "after az login)\n"
      "m.yaml:13 `QueryDefinitions.Default` is not taken over: it names the queries of another program\n"
      "m.yaml:16 `TIProviders.Off` is not taken over: it is switched off\n"
      "m.yaml:17 `TIProviders.Empty.Args.AuthKey` is not taken over: it is a placeholder\n"
      "m.yaml:20 `DataProviders.Splunk.Args.verify` is not taken over: certificates are always verified "
      "(network.ca_bundle adds one of your own)\n"
      "m.yaml:21 `DataProviders.AzureCLI` is not taken over: an application is named in each connection "
      "(give the "
      "connection client_id, tenant_id and client_secret)\n"
      "m.yaml:25 `Pivots` is not taken over: it has no counterpart\n");
  auto again = parse_yaml(yaml_document(import.root), "h.yaml");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->same(import.root));
}

TEST(Msticpy, ListsWhereSectionsBelongAreLeftOut) {
  auto list = parse_yaml("- a\n- b\n", "m.yaml");
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(convert_msticpy(*list, "m.yaml").root.items.size(), 0u);
  auto root = parse_yaml(
      "AzureSentinel:\n  - a\nDataProviders:\n  Splunk: [x]\nKustoClusters:\n  C:\n    Args: [y]\n",
      "m.yaml");
  ASSERT_TRUE(root.ok());
  const auto import = convert_msticpy(*root, "m.yaml");
  ASSERT_FALSE(import.left.empty());
  EXPECT_EQ(import.left[0].place, "m.yaml:1");
  EXPECT_NE(import.left[0].message.find("AzureSentinel"), std::string::npos) << import.left[0].message;
}

}  // namespace
}  // namespace huntbook
