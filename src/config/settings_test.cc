#include "config/settings.h"

#include "config/msticpy.h"
#include "config/test_files.h"
#include "config/yaml.h"

namespace huntbook {
namespace {

TEST(Settings, ReadsEverySection) {
  TestFiles files;
  files.write("home/.config/huntbook/queries/a.yaml", "");
  files.user(
      "connections:\n"
      "  prod:\n"
      "    provider: MSSentinel\n"
      "    description: the company's\n"
      "    workspace_id: [a1, b2]\n"
      "    client_secret: {env: PROD_SECRET}\n"
      "  splunk:\n"
      "    provider: Splunk\n"
      "    host: https://me:hunter2@splunk.example.com\n"
      "    password: hunter3\n"
      "secrets:\n"
      "  vt: {secret_service: {service: huntbook, account: vt}}\n"
      "query_paths: queries\n"
      "query_time: {before: -2d, after: 1d}\n"
      "network:\n"
      "  proxy: http://proxy.example.com:3128\n"
      "  proxy_password: {file: ~/proxy}\n"
      "  ca_bundle: ca.pem\n"
      "  offline: true\n"
      "sign_in:\n"
      "  methods: [azure_cli, device_code]\n"
      "  cloud: us_government\n"
      "trust:\n"
      "  - ~/cases\n");
  const Settings settings = files.load();
  EXPECT_EQ(files.problems(settings.problems), "");
  EXPECT_EQ(files.shown(settings),
            "connections.prod.provider = MSSentinel @ @/home/.config/huntbook/huntbook.yaml:3\n"
            "connections.prod.description = the company's @ @/home/.config/huntbook/huntbook.yaml:4\n"
            "connections.prod.workspace_id = [a1, b2] @ @/home/.config/huntbook/huntbook.yaml:5\n"
            "connections.prod.client_secret = {env: PROD_SECRET} @ @/home/.config/huntbook/huntbook.yaml:6\n"
            "connections.splunk.provider = Splunk @ @/home/.config/huntbook/huntbook.yaml:8\n"
            "connections.splunk.host = https://me:***@splunk.example.com @ "
            "@/home/.config/huntbook/huntbook.yaml:9\n"
            "connections.splunk.password = *** @ @/home/.config/huntbook/huntbook.yaml:10\n"
            "secrets.vt = {secret_service: {service: huntbook, account: vt}} @ "
            "@/home/.config/huntbook/huntbook.yaml:12\n"
            "query_paths[0] = @/home/.config/huntbook/queries @ @/home/.config/huntbook/huntbook.yaml:13\n"
            "query_time.before = -2d @ @/home/.config/huntbook/huntbook.yaml:14\n"
            "query_time.after = 1d @ @/home/.config/huntbook/huntbook.yaml:14\n"
            "network.proxy = http://proxy.example.com:3128 @ @/home/.config/huntbook/huntbook.yaml:16\n"
            "network.proxy_password = {file: @/home/proxy} @ @/home/.config/huntbook/huntbook.yaml:17\n"
            "network.ca_bundle = ca.pem @ @/home/.config/huntbook/huntbook.yaml:18\n"
            "network.offline = true @ @/home/.config/huntbook/huntbook.yaml:19\n"
            "sign_in.methods = [azure_cli, device_code] @ @/home/.config/huntbook/huntbook.yaml:21\n"
            "sign_in.cloud = us_government @ @/home/.config/huntbook/huntbook.yaml:22\n"
            "trust[0] = ~/cases @ @/home/.config/huntbook/huntbook.yaml:24\n");
  ASSERT_TRUE(settings.find("prod"));
  EXPECT_EQ(settings.find("prod")->find("workspace_id")->list, (std::vector<std::string>{"a1", "b2"}));
  EXPECT_EQ(settings.network.ca_bundle, files.path("home/.config/huntbook/ca.pem"));
}

TEST(Settings, MistakesAreToldAndTheRestIsRead) {
  TestFiles files;
  files.user(
      "conections: {}\n"
      "connections:\n"
      "  good: {provider: Splunk, token: {env: T}}\n"
      "  no name: {provider: Splunk}\n"
      "  none: {host: a}\n"
      "  list: [a]\n"
      "  odd: {provider: Splunk, token: {enviroment: T}, host: {file: {pth: a}}, port: {key_vault: v}, a: "
      "{b: c, d: e}}\n"
      "secrets: {a: {secret: b}}\n"
      "query_paths: [/nowhere/at/all, {a: b}]\n"
      "query_time: {befor: -1d, origin: [a]}\n"
      "network: {proxy: 'http://u:p@h:1', offline: maybe, proxi: a}\n"
      "sign_in: {methods: [azure_clo], cloud: mars, cache: a}\n");
  const Settings settings = files.load();
  const std::string at = "@/home/.config/huntbook/huntbook.yaml:";
  EXPECT_EQ(
      files.problems(settings.problems),
      at + "1 HB-K002 unknown key `conections` in the file (did you mean `connections`?)\n" + at +
          "4 HB-K003 `no name` is no name for a connection (letters, digits, _ and -, at most 64)\n" + at +
          "5 HB-K003 `connections.none` names no provider (huntbook config set connections.none.provider "
          "NAME)\n" +
          at + "6 HB-K003 `connections.list` must be a map\n" + at +
          "7 HB-K003 `token` refers to an unknown place `enviroment` (secret, env, file, secret_service, "
          "key_vault, "
          "aws_secret, hashicorp_vault)\n" +
          at + "7 HB-K003 unknown key `pth` in `file` (did you mean `path`?)\n" + at +
          "7 HB-K003 `key_vault` lacks `secret` ({key_vault: {secret: ...}})\n" + at +
          "7 HB-K003 `a` is a map of 2 keys, not a reference (secret, env, file, secret_service, key_vault, "
          "aws_secret, hashicorp_vault)\n" +
          at +
          "8 HB-K003 `secrets.a` must be a text or say where it stands ({env: NAME}, {file: PATH}, "
          "{secret_service: {service: S, account: A}})\n" +
          at + "9 HB-K003 an item of `query_paths` must be a text\n" + at +
          "9 HB-K003 query path `/nowhere/at/all` does not exist\n" + at +
          "10 HB-K002 unknown key `befor` in query_time (did you mean `before`?)\n" + at +
          "10 HB-K003 `query_time.origin` must be a text\n" + at +
          "11 HB-K003 `network.proxy` holds a password (use network.proxy_user and "
          "network.proxy_password)\n" +
          at + "11 HB-K003 `network.offline` must be true or false\n" + at +
          "11 HB-K002 unknown key `proxi` in network (did you mean `proxy`?)\n" + at +
          "12 HB-K003 `sign_in.methods` cannot be `azure_clo` (did you mean `azure_cli`?)\n" + at +
          "12 HB-K003 `sign_in.cloud` cannot be `mars` (global, china, us_government)\n" + at +
          "12 HB-K002 unknown key `cache` in sign_in (known keys: methods, cloud, token_cache)\n");
  EXPECT_TRUE(settings.find("good"));
  EXPECT_TRUE(settings.find("odd"));
}

TEST(Settings, FilesThatAreNoYamlAreToldAndHarmless) {
  TestFiles files;
  const std::string at = "@/home/.config/huntbook/huntbook.yaml";
  files.user("connections: [\n");
  EXPECT_EQ(files.problems(files.load().problems),
            at + ":2 HB-K001 not YAML: end of sequence flow not found\n");
  files.user("a: 1\na: 2\n");
  EXPECT_EQ(files.problems(files.load().problems),
            at + ":2 HB-K001 key `a` stands twice (remove one of them)\n");
  files.user("just words");
  EXPECT_EQ(
      files.problems(files.load().problems),
      at +
          ":1 HB-K001 the settings are not a map (sections: connections, ti_providers, secrets, query_paths, "
          "query_time, network, sign_in, trust)\n");
  files.user("---\na: 1\n---\nb: 1\n");
  EXPECT_EQ(files.problems(files.load().problems), at + ":1 HB-K001 more than one document in the file\n");
  files.user(std::string("a: \0b\n", 6));
  EXPECT_EQ(files.problems(files.load().problems), at + ":1 HB-K001 the file is not text\n");
  files.user(",a: b\n");  // a text on which the parser would go round for ever
  EXPECT_EQ(files.problems(files.load().problems), at + ":1 HB-K001 not YAML\n");
  // Aliases of aliases: 10 ^ 8 values in 300 bytes.
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  files.user(bomb);
  EXPECT_EQ(files.problems(files.load().problems), at + ":1 HB-K001 more than 100000 values\n");
  files.user("a: " + std::string(40, '[') + std::string(40, ']') + "\n");
  EXPECT_EQ(files.problems(files.load().problems), at + ":1 HB-K001 nested deeper than 32 levels\n");
  files.user("");
  EXPECT_EQ(files.problems(files.load().problems), "");
}

TEST(Settings, LaterFilesWinAndTheNamedOneTakesTheProjectsPlace) {
  TestFiles files;
  const std::string user = files.user("query_time: {before: -1d, after: 1d}\n");
  const std::string project = files.project("query_time: {before: -2d}\n");
  const std::string named = files.write("other.yaml", "query_time: {before: -3d}\n");
  Settings settings = files.load();
  EXPECT_EQ(settings.query_time.before, "-2d");
  EXPECT_EQ(settings.query_time.after, "1d");
  ASSERT_EQ(settings.files.size(), 2U);
  EXPECT_EQ(settings.files[1].path, project);
  EXPECT_EQ(files.load(named).query_time.before, "-3d");
  files.variables["HUNTBOOK_CONFIG"] = named;
  EXPECT_EQ(files.load().query_time.before, "-3d");
  EXPECT_EQ(files.load(user).query_time.before, "-1d");
  EXPECT_EQ(files.problems(files.load("/nowhere/h.yaml").problems),
            "/nowhere/h.yaml HB-K001 cannot read the file: No such file or directory\n");
  files.variables.erase("HUNTBOOK_CONFIG");
  files.variables["XDG_CONFIG_HOME"] = files.path("xdg");
  files.write("xdg/huntbook/huntbook.yaml", "query_time: {after: 9d}\n");
  EXPECT_EQ(files.load().query_time.after, "9d");
}

TEST(Settings, AProjectThatIsNotTrustedHasNoSayOverSecretsAndPlaces) {
  TestFiles files;
  files.write("case/queries/q.yaml", "");
  std::filesystem::create_symlink("/", files.path("case/root"));
  const std::string user = files.user(
      "connections:\n  prod: {provider: Splunk, host: good, password: {env: P}}\n"
      "secrets: {key: {env: K}}\n"
      "network: {proxy: 'http://good:1', offline: true}\n");
  files.project(
      "connections:\n"
      "  prod: {provider: Splunk, host: evil}\n"
      "  mine: {provider: Splunk, host: evil, password: {secret: key}}\n"
      "secrets: {key: {file: ~/.ssh/id_rsa}}\n"
      "network: {proxy: 'http://evil:1', ca_bundle: evil.pem, offline: false}\n"
      "sign_in: {methods: azure_cli}\n"
      "trust: [.]\n"
      "query_paths: [queries, ../, root/etc]\n"
      "query_time: {before: -9d}\n");
  const Settings settings = files.load();
  const std::string at = "@/case/huntbook.yaml:";
  EXPECT_EQ(
      files.problems(settings.problems),
      at +
          "2 HB-K004 `connections.prod` is yours already; that of a project file that you have not trusted "
          "is "
          "ignored (yours is at @/home/.config/huntbook/huntbook.yaml:2)\n" +
          at +
          "4 HB-K004 `secrets` of a project file that you have not trusted is ignored (say it in your own "
          "settings, or run with --trust-project)\n" +
          at +
          "5 HB-K004 `network.proxy` of a project file that you have not trusted is ignored (say it in your "
          "own "
          "settings, or run with --trust-project)\n" +
          at +
          "5 HB-K004 `network.ca_bundle` of a project file that you have not trusted is ignored (say it in "
          "your own settings, or run with --trust-project)\n" +
          at +
          "5 HB-K004 `network.offline` of a project file that you have not trusted is ignored (say it in "
          "your "
          "own settings, or run with --trust-project)\n" +
          at +
          "6 HB-K004 `sign_in` of a project file that you have not trusted is ignored (say it in your own "
          "settings, or run with --trust-project)\n" +
          at +
          "7 HB-K004 a project file cannot trust itself; `trust` is ignored (say it in your own settings)\n" +
          at +
          "8 HB-K004 query path `../` lies outside of a project that you have not trusted and is ignored "
          "(say "
          "it in your own settings, or run with --trust-project)\n" +
          at +
          "8 HB-K004 query path `root/etc` lies outside of a project that you have not trusted and is "
          "ignored "
          "(say it in your own settings, or run with --trust-project)\n");
  EXPECT_EQ(settings.find("prod")->find("host")->text, "good");
  EXPECT_EQ(settings.network.proxy, "http://good:1");
  EXPECT_TRUE(settings.network.offline);
  EXPECT_EQ(settings.query_time.before, "-9d");
  ASSERT_EQ(settings.query_paths.size(), 1U);
  EXPECT_TRUE(settings.trusted_connection("prod").ok());
  ASSERT_FALSE(settings.trusted_connection("mine").ok());
  EXPECT_EQ(
      files.problems({settings.trusted_connection("mine").error()}),
      at + "3 HB-K004 connection `mine` comes from a project file that you have not trusted (read "
           "@/case/huntbook.yaml; then run with --trust-project, or add its folder to `trust` of your own "
           "settings)\n");
  EXPECT_EQ(files.problems({settings.trusted_connection("prd").error()}),
            " HB-K006 no connection `prd` in the settings (did you mean `prod`?)\n");

  // The user's word, by flag or by their own file.
  EXPECT_EQ(files.load({}, true).find("prod")->find("host")->text, "evil");
  files.user("trust: [" + files.path("case") + "]\n");
  EXPECT_TRUE(files.load().trusted_connection("mine").ok());
  files.user("trust: [" + files.path("") + "]\n");  // only the very folder
  EXPECT_FALSE(files.load().trusted_connection("mine").ok());
}

TEST(Settings, SecretsInFilesThatOthersReadAreTold) {
  TestFiles files;
  files.user("connections: {a: {provider: Splunk, password: x}}\n", 0644);
  EXPECT_EQ(files.problems(files.load().problems),
            "@/home/.config/huntbook/huntbook.yaml HB-K005 the file holds secrets and others may read it "
            "(mode 0644) "
            "(chmod 600 @/home/.config/huntbook/huntbook.yaml)\n");
  files.user("connections: {a: {provider: Splunk, password: {env: X}}}\n", 0644);
  EXPECT_EQ(files.problems(files.load().problems), "");
  files.user("connections: {a: {provider: Splunk, password: {env: X}}}\n", 0666);
  EXPECT_EQ(files.problems(files.load().problems),
            "@/home/.config/huntbook/huntbook.yaml HB-K005 others may write the file (mode 0666) (chmod go-w "
            "@/home/.config/huntbook/huntbook.yaml)\n");
}

TEST(Settings, NamesSayWhatIsSecret) {
  for (const char* name :
       {"client_secret", "AuthKey", "clientSecret", "password", "api_key", "token", "proxy_password",
        "access_key", "connection_str", "connection_string", "auth_key", "cookie"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const char* name : {"client_id", "host", "public_key", "key", "token_file", "workspace_id", "username",
                           "url", "key_vault", "query_string"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(Settings, ScalarsReadBackAsTheyWere) {
  for (const char* text : {"plain", "",   " a", "a b", "a: b", "a #b", "#a", "true", "null",  "~",
                           "- a",   "{a", "\"", "\\",  "a\nb", "\x01", "é",  "12",   "C:\\x", "a:",
                           "*a",    "&a", "!a", "%a",  "@a",   "`a",   "<<", "a,b",  "-d",    "?x"}) {
    auto read = parse_yaml(std::string("k: ") + yaml_scalar(text) + "\n", "f");
    ASSERT_TRUE(read.ok()) << text;
    ASSERT_TRUE(read->find("k")) << text;
    EXPECT_EQ(read->find("k")->text, text);
    EXPECT_TRUE(read->find("k")->is_scalar()) << text;
  }
}

}  // namespace
}  // namespace huntbook
