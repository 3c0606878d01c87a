#include "config/resolve.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "config/test_files.h"

namespace huntbook {
namespace {

// What `password` of the connection `c` resolves to, or the failure in one line.
std::string resolve(TestFiles& files, const std::string& value, SecretResolver* remote = nullptr) {
  files.user("secrets: {named: {env: N}, loop: {secret: loop}}\nconnections:\n  c: {provider: P, password: " +
             value + "}\n");
  const Settings settings = files.load();
  if (!settings.find("c") || !settings.find("c")->find("password")) return files.problems(settings.problems);
  ResolveOptions options;
  options.environment = files.environment();
  options.remote = remote;
  options.timeout = std::chrono::milliseconds(300);
  auto secret =
      resolve_setting(*settings.find("c")->find("password"), "connections.c.password", settings, options);
  return secret.ok() ? std::string(secret->reveal()) : files.problems({secret.error()});
}

const std::string kAt = "@/home/.config/huntbook/huntbook.yaml:3 ";

TEST(Resolve, LiteralsNamesAndVariables) {
  TestFiles files;
  files.variables["N"] = "from the variable";
  files.variables["EMPTY"] = "";
  EXPECT_EQ(resolve(files, "literal"), "literal");
  EXPECT_EQ(resolve(files, "{env: N}"), "from the variable");
  EXPECT_EQ(resolve(files, "{secret: named}"), "from the variable");
  EXPECT_EQ(
      resolve(files, "{env: M}"),
      kAt +
          "HB-K007 `connections.c.password` refers to the environment variable `M`, which is not set (export "
          "M=...)\n");
  EXPECT_EQ(resolve(files, "{env: EMPTY}"), kAt +
                                                "HB-K007 `connections.c.password` refers to the environment "
                                                "variable `EMPTY`, which is empty (export "
                                                "EMPTY=...)\n");
  EXPECT_EQ(resolve(files, "{secret: name}"), kAt +
                                                  "HB-K007 `connections.c.password` refers to the secret "
                                                  "`name`, which the settings do not have (did you "
                                                  "mean `named`?)\n");
}

TEST(Resolve, FilesMustBelongToTheUserAlone) {
  TestFiles files;
  const std::string good = files.write("s", "from the file\n");
  EXPECT_EQ(resolve(files, "{file: " + good + "}"), "from the file");
  files.write("home/s", "two\nlines\r\n", 0400);
  EXPECT_EQ(resolve(files, "{file: ~/s}"), "two\nlines");
  files.write("home/.config/huntbook/s", "beside");
  EXPECT_EQ(resolve(files, "{file: s}"), "beside");
  for (const mode_t mode : {0640, 0604, 0620, 0700, 0644}) {
    chmod(good.c_str(), mode);
    char text[8];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode));
    EXPECT_EQ(resolve(files, "{file: " + good + "}"),
              kAt + "HB-K005 `connections.c.password` refers to the file @/s: the secret's file has mode " +
                  text + ", others might read it (chmod 600 @/s)\n");
  }
  EXPECT_EQ(resolve(files, "{file: /nowhere}"), kAt +
                                                    "HB-K007 `connections.c.password` refers to the file "
                                                    "/nowhere: cannot read the file: No such file or "
                                                    "directory\n");
  EXPECT_EQ(resolve(files, "{file: /dev/zero}"), kAt +
                                                     "HB-K007 `connections.c.password` refers to the file "
                                                     "/dev/zero: cannot read the file: it is no regular "
                                                     "file\n");
  ASSERT_EQ(mkfifo(files.path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(resolve(files, "{file: " + files.path("fifo") + "}"),
            kAt +
                "HB-K007 `connections.c.password` refers to the file @/fifo: cannot read the file: it is no "
                "regular "
                "file\n");
  EXPECT_EQ(
      resolve(files, "{file: " + files.write("empty", "\n") + "}"),
      kAt +
          "HB-K007 `connections.c.password` refers to the file @/empty: cannot use the secret's file: it is "
          "empty\n");
  if (geteuid() == 0) {
    chmod(good.c_str(), 0600);
    ASSERT_EQ(chown(good.c_str(), 12345, 12345), 0);
    EXPECT_EQ(resolve(files, "{file: " + good + "}"),
              kAt +
                  "HB-K005 `connections.c.password` refers to the file @/s: the secret's file belongs to "
                  "another user "
                  "(copy it into a file of your own with mode 0600)\n");
  }
}

TEST(Resolve, NoSecretServiceIsAnErrorAndASilentOneATimeout) {
  TestFiles files;
  const std::string value = "{secret_service: {service: huntbook, account: me}}";
  EXPECT_EQ(
      resolve(files, value),
      kAt +
          "HB-K007 `connections.c.password` refers to the Secret Service: there is no Secret Service on this "
          "machine (start a keyring (gnome-keyring, KeePassXC), or use {env: NAME} or {file: PATH})\n");
  // A bus that takes the connection and never speaks.
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = files.path("bus");
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 5), 0);
  setenv("DBUS_SESSION_BUS_ADDRESS", ("unix:path=" + path).c_str(), 1);
  files.variables["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + path;
  EXPECT_EQ(resolve(files, value), kAt +
                                       "HB-K007 `connections.c.password` refers to the Secret Service: no "
                                       "answer within 0.3 s (is the keyring "
                                       "waiting to be unlocked?)\n");
  close(listener);
  unsetenv("DBUS_SESSION_BUS_ADDRESS");
}

TEST(Resolve, ServicesAreAskedThroughTheResolver) {
  struct Fake : SecretResolver {
    Result<Secret> resolve(const SettingValue& reference) override {
      return Secret(std::string(reference.field("vault")) + "/" + std::string(reference.field("secret")));
    }
  } fake;
  TestFiles files;
  EXPECT_EQ(resolve(files, "{key_vault: {vault: v, secret: s}}", &fake), "v/s");
  EXPECT_EQ(resolve(files, "{key_vault: {vault: v, secret: s}}"),
            kAt +
                "HB-K007 `connections.c.password` refers to `key_vault`, which cannot be asked for this "
                "setting ({env: NAME}, "
                "{file: PATH} or {secret_service: ...})\n");
}

TEST(Resolve, AProjectThatIsNotTrustedGetsNoSecret) {
  TestFiles files;
  files.variables["K"] = "canary";
  files.user("secrets: {key: {env: K}}\n");
  files.project("connections: {a: {provider: P, password: {secret: key}, token: {env: K}}}\n");
  const Settings settings = files.load();
  ResolveOptions options;
  options.environment = files.environment();
  for (const char* name : {"password", "token"}) {
    auto secret = resolve_setting(*settings.find("a")->find(name), name, settings, options);
    ASSERT_FALSE(secret.ok());
    EXPECT_EQ(files.problems({secret.error()}),
              std::string("@/case/huntbook.yaml:1 HB-K004 `") + name +
                  "` of a project file that you have not trusted may not use a secret (read the file; then "
                  "run with "
                  "--trust-project, or add its folder to `trust` of your own settings)\n");
  }
}

}  // namespace
}  // namespace huntbook
