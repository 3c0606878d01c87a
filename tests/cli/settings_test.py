#!/usr/bin/env python3
"""Settings as users meet them, and that no secret of theirs is ever seen: settings_test.py HUNTBOOK SOURCE_DIR."""
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HUNTBOOK, SOURCE = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
CANARY = "canary-7f3a9d51e0"


class Settings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve()
        self.own = self.path / "home/.config/huntbook/huntbook.yaml"
        (self.path / "case/deep").mkdir(parents=True)
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.path / "home"), "TMPDIR": str(self.path)}

    def run_it(self, *words: str, stdin: str | None = "", folder: str = "case/deep") -> subprocess.CompletedProcess:
        return subprocess.run([HUNTBOOK, *words], input=stdin, text=True, capture_output=True, timeout=120,
                              cwd=self.path / folder, env=self.environment)

    def check(self, words: tuple[str, ...], code: int, out: str, err: str, stdin: str = ""):
        done = self.run_it(*words, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout.replace(str(self.path), "@"), done.stderr.replace(str(self.path), "@")),
                         (code, out, err))

    def write(self, text: str, path: Path | None = None, mode: int = 0o600) -> Path:
        path = path or self.own
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path


class Commands(Settings):
    def test_set_keeps_comments_order_and_mode(self):
        self.write("# mine\nquery_time:  # always\n  before: -1d # a day\n\nnetwork: {offline: false}\n", mode=0o640)
        at = "@/home/.config/huntbook/huntbook.yaml\n"
        self.check(("config", "set", "query_time.before", "-2d"), 0, "", "set `query_time.before` in " + at)
        self.check(("config", "set", "network.offline", "true"), 0, "", "set `network.offline` in " + at)
        self.check(("config", "set", "sign_in.methods", "[azure_cli, device_code]"), 0, "", "set `sign_in.methods` in " + at)
        self.assertEqual(self.own.read_text(),
                         "# mine\nquery_time:  # always\n  before: -2d # a day\n\nnetwork: {offline: true}\n"
                         "sign_in:\n  methods: [azure_cli, device_code]\n")
        self.assertEqual(stat.S_IMODE(self.own.stat().st_mode), 0o640)
        self.check(("config", "get", "sign_in.methods"), 0, "[azure_cli, device_code]\n", "")
        self.check(("config", "get", "query_time"), 0, "query_time.before: -2d\n", "")
        self.check(("config", "get", "query_tim.before"), 1, "",
                   "error HB-K006: no setting `query_tim.before`\nhint: did you mean `query_time.before`?\n")

    def test_a_change_that_is_wrong_is_not_made(self):
        self.write("query_time: {before: -1d}\n")
        self.check(("config", "set", "query_tme.before", "-2d"), 1, "",
                   "error HB-K002: unknown key `query_tme` in the file\nhint: did you mean `query_time`?\n")
        self.check(("config", "set", "network.offline", "maybe"), 1, "",
                   "error HB-K003: `network.offline` must be true or false\n")
        self.check(("config", "set", "connections.a.host", "h"), 1, "",
                   "error HB-K003: `connections.a` names no provider\nhint: huntbook config set connections.a.provider NAME\n")
        self.check(("config", "set", "query_time", "-2d"), 1, "",
                   "error HB-K003: `query_time` must be a map\n")
        self.assertEqual(self.own.read_text(), "query_time: {before: -1d}\n")

    def test_secrets_come_from_stdin_and_tighten_the_file(self):
        self.write("connections:\n  a:\n    provider: Splunk\n", mode=0o644)
        self.check(("config", "set", "connections.a.password", CANARY), 1, "",
                   "error HB-K009: the secret `connections.a.password` stands on the command line, where others may see it\n"
                   "hint: huntbook config set connections.a.password asks for it or reads it from stdin; or give a reference such as "
                   "'{env: NAME}'\n")
        self.check(("config", "set", "--project", "connections.a.password"), 1, "",
                   "error HB-K009: @/case/deep/huntbook.yaml: the secret `connections.a.password` would stand in a project's file\n"
                   "hint: give a reference such as '{env: NAME}', or use --keep-in-service\n", stdin=CANARY)
        self.check(("config", "set", "connections.a.password"), 0, "",
                   "set `connections.a.password` in @/home/.config/huntbook/huntbook.yaml\n", stdin=CANARY + "\n")
        self.assertIn(f"    password: {CANARY}\n", self.own.read_text())
        self.assertEqual(stat.S_IMODE(self.own.stat().st_mode), 0o600)
        self.check(("config", "get", "connections.a"), 0, "connections.a.provider: Splunk\nconnections.a.password: ***\n", "")
        self.check(("config", "set", "connections.a.password"), 2, "",
                   "error: no value for `connections.a.password`\nhint: huntbook config set KEY VALUE, or the value on stdin\n")
        self.check(("config", "set", "--keep-in-service", "connections.a.password"), 1, "",
                   "error HB-K007: the Secret Service did not take the secret: there is no Secret Service on this machine\n"
                   "hint: start a keyring (gnome-keyring, KeePassXC), or use {env: NAME} or {file: PATH}\n", stdin=CANARY)

    def test_a_terminal_does_not_show_what_is_typed(self):
        self.write("connections: {a: {provider: Splunk}}\n")
        child, terminal = pty.fork()
        if child == 0:
            os.execve(HUNTBOOK, ["huntbook", "config", "set", "connections.a.password"], self.environment)
        shown = b""
        while b": " not in shown:
            shown += os.read(terminal, 1000)
        time.sleep(0.2)
        os.write(terminal, CANARY.encode() + b"\n")
        try:
            while more := os.read(terminal, 1000):
                shown += more
        except OSError:
            pass
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(shown.decode().replace(str(self.path), "@"),
                         "connections.a.password: \r\nset `connections.a.password` in @/home/.config/huntbook/huntbook.yaml\r\n")
        self.assertIn(CANARY, self.own.read_text())

    def test_check_says_what_is_wrong_and_where(self):
        self.check(("config", "check"), 0, "the settings are right\n", "")
        self.write("connections:\n  a: {provider: Kusto, cluster: c, client_secret: {env: NOPE}, certificate: {file: t}, databse: d}\n"
                   "  b: {provider: Kustow, cluster: c}\n  c: {provider: Kusto}\nnetwork: {ca_bundle: /nowhere}\n"
                   "query_time: {origin: 2024-05-01, before: yesterday}\n")
        self.write("secret", self.own.parent / "t", 0o644)
        at = "@/home/.config/huntbook/huntbook.yaml"
        self.check(("config", "check"), 1, "",
                   f"error HB-K003: {at}:6: `query_time.before` cannot be `yesterday`\n"
                   "hint: a time such as 2024-05-01, or an offset such as -2d, 12h or -1w@w\n"
                   f"error HB-K002: {at}:2: unknown key `connections.a.databse` for the provider `Kusto`\nhint: did you mean `database`?\n"
                   f"error HB-R002: {at}:2: `connections.a` lacks `database`: the database that queries run in\n"
                   "hint: huntbook config set connections.a.database\n"
                   f"error HB-R001: {at}:3: `connections.b`: provider `Kustow` is not known\nhint: did you mean `Kusto`?\n"
                   f"error HB-R002: {at}:4: `connections.c` lacks `cluster`: the cluster's address, or its name in the cloud\n"
                   "hint: huntbook config set connections.c.cluster\n"
                   f"error HB-R002: {at}:4: `connections.c` lacks `database`: the database that queries run in\n"
                   "hint: huntbook config set connections.c.database\n"
                   f"error HB-K007: {at}:2: `connections.a.client_secret` refers to the environment variable `NOPE`, which is not set\n"
                   "hint: export NOPE=...\n"
                   f"error HB-K005: {at}:2: `connections.a.certificate` refers to the file @/home/.config/huntbook/t: the secret's file "
                   "has mode 0644, others might read it\nhint: chmod 600 @/home/.config/huntbook/t\n"
                   "error HB-K001: /nowhere: `network.ca_bundle` names /nowhere: cannot read the file: No such file or directory\n")

    def test_import_writes_a_private_file_and_lists_the_rest(self):
        source = self.write("TIProviders:\n  OTX: {Args: {AuthKey: " + CANARY + "}, Provider: OTX}\nPivots: {}\n"
                            "DataProviders: {Splunk: {Args: {host: h, prot: 1}}}\n", self.path / "case/m.yaml")
        note = "note HB-K010: @/case/m.yaml:3: `Pivots` is not taken over: it has no counterpart\n"
        note += ("note HB-K002: @/case/m.yaml:4: unknown key `connections.Splunk.prot` for the provider `Splunk`\n"
                 "hint: did you mean `port`?\n")
        self.check(("config", "import", str(source)), 0, "",
                   note + "wrote 5 settings to @/home/.config/huntbook/huntbook.yaml; 1 left out\n")
        self.assertEqual(self.own.read_text(), f"ti_providers:\n  OTX:\n    provider: OTX\n    auth_key: {CANARY}\n"
                         "connections:\n  Splunk:\n    provider: Splunk\n    host: h\n    prot: 1\n")
        self.assertEqual(stat.S_IMODE(self.own.stat().st_mode), 0o600)
        self.check(("config", "import", str(source)), 1, "",
                   "error HB-K008: @/home/.config/huntbook/huntbook.yaml: the file is there already\n"
                   "hint: --overwrite replaces it; --config FILE writes another\n")
        self.check(("config", "import", str(self.own)), 1, "",
                   "error HB-K001: @/home/.config/huntbook/huntbook.yaml: this is no msticpyconfig.yaml\n"
                   "hint: it has none of AzureSentinel, DataProviders, TIProviders, KustoClusters, QueryDefinitions\n")

    def test_query_time_is_what_start_and_end_mean(self):
        pack = ("metadata: {data_environments: [Huntbook], data_families: [Mine]}\ndefaults: {parameters: {start: {type: datetime}, "
                "end: {type: datetime}}}\nsources:\n  when: {description: d, args: {query: 'print datetime({start}), datetime({end})'}}\n")
        self.write(pack, self.own.parent / "queries/a.yaml")
        self.write("query_paths: queries\nquery_time: {origin: 2024-05-01, before: -7d, after: 1d}\n")
        self.check(("queries", "run", "when", "-o", "csv"), 0,
                   "print_0 [UTC],print_1 [UTC]\n2024-04-24T00:00:00.0000000Z,2024-05-02T00:00:00.0000000Z\n", "")
        self.write("query_paths: queries\nquery_time: {origin: 2024-05-01, before: 1d}\n")
        done = self.run_it("query", "print 1")
        self.assertEqual(done.stderr.replace(str(self.path), "@"),
                         "warning HB-K003: @/home/.config/huntbook/huntbook.yaml:2: `query_time.before` cannot be `1d`\n")

    def test_query_paths_count_in_order_and_a_bad_file_warns(self):
        pack = ("metadata: {data_environments: [Huntbook], data_families: [Mine]}\ndefaults: {parameters: {}}\n"
                "sources:\n  my_query: {description: %s, args: {query: 'print %s'}}\n")
        self.write(pack % ("u", "1"), self.own.parent / "queries/a.yaml")
        self.write(pack % ("p", "2"), self.path / "case/queries/a.yaml")
        self.write(pack % ("c", "3"), self.path / "more/a.yaml")
        self.write("query_paths: queries\n")
        run = ("queries", "run", "my_query", "-o", "csv")
        self.check(run, 0, "print_0\n1\n", "")
        self.write("query_paths: [queries]\nnetwok: {}\n", self.path / "case/huntbook.yaml")
        unknown = "warning HB-K002: @/case/huntbook.yaml:2: unknown key `netwok` in the file\n"
        shadowed = ("warning HB-P008: {}:4: query `Mine.my_query` takes the place of an earlier one of that name (the earlier one is at "
                    "{}:4)\n")
        user, project, more = "@/home/.config/huntbook/queries/a.yaml", "@/case/queries/a.yaml", "@/more/a.yaml"
        self.check(run, 0, "print_0\n2\n", unknown + shadowed.format(project, user))
        self.check((*run, "--query-path", str(self.path / "more")), 0, "print_0\n3\n",
                   unknown + shadowed.format(project, user) + shadowed.format(more, project))


class Documentation(Settings):
    def test_every_yaml_block_of_the_page_is_right(self):
        page = (SOURCE / "docs/settings.md").read_text()
        blocks = re.findall(r"```yaml\n(.*?)```", page, re.S)
        self.assertGreater(len(blocks), 8)
        for folder in ("queries", "hunting/queries"):
            (self.path / "home" / folder).mkdir(parents=True)
        (self.own.parent / "queries").mkdir(parents=True)
        for block in blocks:
            for text in ["connections:\n  a:\n    provider: P\n    " + line for line in block.splitlines()] \
                    if block.startswith("client_secret") else [block]:
                with self.subTest(text):
                    self.write(text + "\n")
                    done = self.run_it("config", "show")
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertNotIn("0 rows", done.stdout)
                    done = self.run_it("query", "print 1")
                    self.assertEqual((done.returncode, done.stderr), (0, ""))


class Canary(Settings):
    """A secret in the environment, in a file, in the settings and in a project's file shows up nowhere."""

    def setUp(self):
        super().setUp()
        self.environment["HB_CANARY"] = CANARY
        self.write(CANARY + "\n", self.own.parent / "secret")
        self.write(f"connections:\n  env: {{provider: Splunk, host: localhost, password: {{env: HB_CANARY}}}}\n"
                   f"  file: {{provider: Splunk, host: localhost, token: {{file: secret}}}}\n"
                   f"  literal: {{provider: Splunk, host: 'https://u:{CANARY}@localhost', password: '{CANARY}', odd: {{}}}}\n"
                   f"secrets: {{a: '{CANARY}', b: {{env: HB_CANARY}}}}\n"
                   f"network: {{proxy: 'http://u:{CANARY}@p:1', proxy_password: '{CANARY}'}}\n"
                   f"unknown: {CANARY}\n")
        self.write("connections: {evil: {provider: Splunk, host: evil.example.com, password: {env: HB_CANARY}, token: {secret: a}}}\n",
                   self.path / "case/huntbook.yaml")
        self.write(f"DataProviders: {{Splunk: {{Args: {{password: '{CANARY}', bearer_token: {{KeyVault: x}}}}}}}}\n", self.path / "m.yaml")

    def test_no_command_shows_it(self):
        logs = self.write('{"a":1}\n', self.path / "case/deep/logs/t.json")
        words = [
            "config show", "config show -o json", "config show -o csv", "config show -o html", "config check", "config get connections",
            "config get connections.literal.password", "config get secrets", "config get network", "config set connections.literal.odd x",
            "config set connections.literal.password {", "config set secrets.a {env:", f"config import {self.path}/m.yaml",
            f"config import {self.path}/m.yaml --config {self.path}/i.yaml", f"config show --config {self.path}/m.yaml",
            "config show --trust-project", "config check --trust-project", "query print(1)", "query nope", "query --explain print(1)",
            f"tables -d {logs}", f"evidence -d {logs}", f"rejects -d {logs}", f"schema t -d {logs}", "queries list", "queries search secret",
            "queries help list_host_logons", "queries print list_host_logons host_name=x", "pivots", "pivot ip type 8.8.8.8", "version",
            "check nope.kql", "batch", "inspect print(1)", "complete Sec", f"draw -d {logs} -k timeline --out {self.path}/x.html t", "scenario sc --scale 0.01",
            "completion bash", "--help", "providers", "connect env", "query .show\u00a0functions",
        ]
        done = self.run_it("--help").stdout
        for command in re.findall(r"^  ([a-z]+)", done.partition("Subcommands:\n")[2].partition("\n\n")[0], re.M):
            self.assertTrue(any(line.split()[0] == command for line in words) or command in ("fmt", "report"), f"`{command}` is not tried")
        for line in words:
            with self.subTest(line):
                done = self.run_it(*[word.replace("\u00a0", " ") for word in line.split(" ")])
                self.assertNotIn(CANARY, done.stdout + done.stderr)
        allowed = {self.own, self.own.parent / "secret", self.path / "m.yaml", self.path / "i.yaml"}
        for file in self.path.rglob("*"):
            if file.is_file() and file not in allowed:
                self.assertNotIn(CANARY.encode(), file.read_bytes(), file)

    def test_a_crash_leaves_no_core_dump(self):
        running = subprocess.Popen(["bash", "-c", 'ulimit -c unlimited; exec "$@"', "-", HUNTBOOK, "query",
                                    "range x from 1 to 2000000000 step 1 | summarize count() by tostring(x % 1000003) | count"],
                                   cwd=self.path / "case/deep", env=self.environment, stdout=subprocess.DEVNULL)
        time.sleep(1)
        limits = Path(f"/proc/{running.pid}/limits").read_text()
        running.send_signal(signal.SIGSEGV)
        self.assertEqual(running.wait(), -signal.SIGSEGV)
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertEqual([file.name for file in self.path.rglob("core*")], [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
