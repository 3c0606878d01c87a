#!/usr/bin/env python3
"""Providers of files on this machine: local_test.py HUNTBOOK SOURCE_DIR."""
import json
import shutil
import sys
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from common import SHARED, ProviderTest

FIXTURES = SHARED / "msticpy/fixtures"
OTRF = SHARED / "otrf"


class LocalTest(ProviderTest):
    def listed(self, *words):
        return json.loads(self.run_it("connect", "prod", *words, "-o", "json").stdout)["rows"]


class LocalData(LocalTest):
    def setUp(self):
        super().setUp()
        data = self.path / "data/deep"
        data.mkdir(parents=True)
        (self.path / "data/logons.csv").write_text("TimeGenerated,User,N\n2024-05-01T10:00:00Z,ann,1\n2024-05-02T10:00:00Z,bob,2\n")
        (data / "events.json").write_text('{"a": 1}\n{"a": 2}\nbroken\n')
        with zipfile.ZipFile(self.path / "data/both.zip", "w") as archive:
            archive.writestr("one.csv", "x\n1\n")
            archive.writestr("two.csv", "y\n1\n2\n")
        self.settings({"provider": "LocalData", "path": str(self.path / "data")})

    def test_files_by_name(self):
        for name in ("logons.csv", "logons", "LOGONS.csv"):
            self.assertEqual(self.query(name)["rows"], [["2024-05-01T10:00:00.0000000Z", "ann", 1], ["2024-05-02T10:00:00.0000000Z", "bob", 2]], name)
        for name in ("deep/events.json", "events", "deep/events"):
            answer = self.query(name)
            self.assertEqual((answer["rows"], answer["rejected"]), ([[1], [2]], 1))
        self.assertEqual(self.query("both.zip!two")["rows"], [[1], [2]])
        self.assertIn("`" + str(self.path / "data/both.zip") + "` holds several tables\nhint: name one after an exclamation mark: both!one", self.refused("query", "--connect", "prod", "both"))
        self.assertEqual(self.refused("query", "--connect", "prod", "logon.csv"), "error HB-R010: no file `logon.csv` there\nhint: did you mean `logons.csv`?\n")
        self.assertIn("no file `../../etc/passwd` there", self.refused("query", "--connect", "prod", "../../etc/passwd"))

    def test_ranges_and_limits(self):
        self.assertEqual([r[1] for r in self.query("logons", "--start", "2024-05-02")["rows"]], ["bob"])
        self.assertEqual([r[1] for r in self.query("logons", "--end", "2024-05-02T10:00")["rows"]], ["ann"])
        answer = self.query("events", "--start", "2024-05-02", code=3)
        self.assertEqual(answer["reasons"], ["there is no column of times, so that the time range was not obeyed"])
        answer = self.query("logons", "--max-rows", "1", code=3)
        self.assertEqual((len(answer["rows"]), answer["reasons"]), (1, ["1 further rows are beyond the limit of this run"]))

    def test_lists(self):
        self.assertEqual([r[0] for r in self.listed("--queries")], ["both", "deep/events", "logons"])
        self.assertEqual({r[0] for r in self.listed("--schema")}, {"both.zip!one", "both.zip!two", "deep/events.json", "logons.csv"})
        self.assertEqual(self.run_it("connect", "prod", "--offline").stdout, "connected to `prod`\n")
        self.settings({"provider": "LocalData", "path": "/nowhere"})
        self.assertIn("setting `path`: `/nowhere` is not there", self.refused("connect", "prod"))

    def test_in_a_pipe(self):
        done = self.run_it("query", "-o", "csv", "evaluate source_request('prod', 'logons') | where N > 1 | project User")
        self.assertEqual(done.stdout.split(), ["User", "bob"], done.stderr)


@unittest.skipUnless(FIXTURES.exists(), "no recorded logs")
class Osquery(LocalTest):
    def setUp(self):
        super().setUp()
        self.settings({"provider": "OSQueryLogs", "path": str(FIXTURES / "osquery")})

    def events(self):
        for name in ("osqueryd.results.log", "osqueryd.snapshots.log"):
            for line in (FIXTURES / "osquery" / name).read_text().splitlines():
                event = json.loads(line)
                short = event["name"].split("_", 2)[2] if event["name"].startswith("pack_") else event["name"]
                yield short, event

    def test_one_table_for_each_query(self):
        counts = {}
        for short, _ in self.events():
            counts[short] = counts.get(short, 0) + 1
        self.assertEqual({r[0]: r[1] for r in self.listed("--queries")}, {k: f"{v} rows" for k, v in counts.items()})
        for name, count in counts.items():
            self.assertEqual(len(self.query(name)["rows"]), count, name)

    def test_rows(self):
        answer = self.query("processes")
        names = [c["name"] for c in answer["columns"]]
        types = {c["name"]: c["type"] for c in answer["columns"]}
        self.assertEqual({n: types[n] for n in ("unixTime", "pid", "name", "query", "host_uuid", "username", "username_")},
                         {"unixTime": "datetime", "pid": "long", "name": "string", "query": "string", "host_uuid": "string", "username": "string", "username_": "string"})
        first = dict(zip(names, answer["rows"][0]))
        event = next(e for s, e in self.events() if s == "processes")
        self.assertEqual((first["unixTime"], first["pid"], first["username"], first["username_"]),
                         ("2023-03-16T03:08:58.0000000Z", int(event["columns"]["pid"]), "LOGIN", event["columns"]["username"]))
        self.assertEqual(self.query("processes", "--start", "2030-01-01")["rows"], [])
        self.assertIn("no table `process` in the logs", self.refused("query", "--connect", "prod", "process"))

    def test_broken_lines_and_snapshots(self):
        folder = self.path / "logs"
        folder.mkdir()
        (folder / "a.log").write_text('{"name":"q","unixTime":1,"columns":{"a":"1"}}\nnot json\n{"name":"q","unixTime":2,"snapshot":[{"a":"2"},{"a":"3"}]}\n[1]\n')
        self.settings({"provider": "OSQuery", "path": str(folder)})
        answer = self.query("q", code=3)
        self.assertEqual([r[-1] for r in answer["rows"]], [1, 2, 3])
        self.assertEqual(answer["reasons"], ["2 lines are no event of osquery, the first at a.log:2"])


@unittest.skipUnless(FIXTURES.exists(), "no recorded collections")
class Velociraptor(LocalTest):
    def test_artifacts(self):
        self.settings({"provider": "Velociraptor", "path": str(FIXTURES / "velociraptor")})
        files = sorted((FIXTURES / "velociraptor").glob("*.json"))
        self.assertEqual([r[0] for r in self.listed("--queries")], [f.stem for f in files])
        for file in files:
            answer = self.query(file.stem)
            self.assertEqual(len(answer["rows"]) + answer["rejected"], sum(1 for line in file.read_text().splitlines() if line.strip()), file)
        answer = self.query("Windows.System.Pslist")
        names = [c["name"] for c in answer["columns"]]
        self.assertEqual(dict(zip(names, answer["rows"][0]))["Name"], "System")


class SecurityDatasets(LocalTest):
    ENTRY = """title: Made up
id: SDWIN-1
description: Something happens.
attack_mappings:
  - technique: T1059
    sub-technique: "001"
    tactics: [TA0002]
  - technique: T1530
    sub-technique:
    tactics: [TA0009]
files:
- type: Host
  link: https://host.example/OTRF/Security-Datasets/master/datasets/atomic/windows/execution/host/made_up.zip
"""

    def test_a_small_checkout(self):
        root = self.path / "checkout/datasets/atomic"
        (root / "_metadata").mkdir(parents=True)
        (root / "windows/execution/host").mkdir(parents=True)
        (root / "_metadata/SDWIN-1.yaml").write_text(self.ENTRY)
        (root / "_metadata/broken.yaml").write_text("a: [")
        (root / "_metadata/SDWIN-2.yaml").write_text(self.ENTRY.replace("SDWIN-1", "SDWIN-2").replace("made_up", "elsewhere").replace("Made up", "Gone"))
        with zipfile.ZipFile(root / "windows/execution/host/made_up.zip", "w") as archive:
            archive.writestr("made_up.json", '{"a": 1}\n{"a": 2}\n')
        for folder in ("checkout", "checkout/datasets"):
            self.settings({"provider": "OTRF", "path": str(self.path / folder)})
            self.assertEqual(self.listed("--queries")[1], ["atomic.windows.execution.host.made_up", "Made up: Something happens.", "SDWIN-1", "T1059.001, T1530, TA0002, TA0009"])
            for name in ("SDWIN-1", "atomic.windows.execution.host.made_up", "made_up", "Made up"):
                self.assertEqual(self.query(name)["rows"], [[1], [2]])
        self.assertEqual([r[2] for r in self.listed("--queries", "--search", "t1059 made")], ["SDWIN-1"])
        self.assertEqual(self.listed("--queries", "--search", "T1059 nothing"), [])
        self.assertEqual(self.refused("query", "--connect", "prod", "SDWIN-2"),
                         "error HB-R010: the files of `atomic.windows.execution.host.elsewhere` are not there\n"
                         "hint: fetch atomic/windows/execution/host/elsewhere.zip into the folder\n")
        self.assertIn("did you mean `made_up`?", self.refused("query", "--connect", "prod", "mad_up"))
        self.settings({"provider": "OTRF", "path": str(self.path / "checkout/datasets/atomic/windows")})
        self.assertIn("no `_metadata` there", self.refused("connect", "prod"))

    @unittest.skipUnless(OTRF.exists(), "no data sets")
    def test_the_real_ones(self):
        self.settings({"provider": "Mordor", "path": str(OTRF)})
        listed = self.listed("--queries")
        self.assertGreater(len(listed), 50)
        self.assertTrue(all(r[0] and r[1] and r[2] for r in listed))
        there = [r for r in listed if (OTRF / (r[0].replace(".", "/") + ".zip")).exists()]
        self.assertGreater(len(there), 20)
        for entry in there[:3]:
            done = self.run_it("query", "--connect", "prod", "-o", "json", entry[2])
            if done.returncode == 1:  # an archive of several tables: the hint names one
                table = done.stderr.strip().splitlines()[-1].rpartition("!")[2]
                done = self.run_it("query", "--connect", "prod", "-o", "json", f"{entry[2]}!{table}")
            self.assertGreater(len(json.loads(done.stdout)["rows"]), 1, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
