#!/usr/bin/env python3
"""Query packs from the command line: packs_test.py HUNTBOOK SOURCE_DIR."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HUNTBOOK, SOURCE = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
MSTICPY = SOURCE.parent / "shared/data/msticpy/queries"
PACK = """metadata: {version: 1, data_environments: [Kusto, Splunk], data_families: [Own]}
sources:
  own_logons:
    description: Lists logons.
    techniques: [T1078]
    tables: [OwnEvent]
    args:
      query: |
        OwnEvent
        | where t between (datetime({start}) .. datetime({end}))
        | where name in ({names})
        | sort by t asc
    parameters:
      start: {type: datetime, description: from}
      end: {type: datetime, description: to}
      names: {type: list, description: accounts, default: ["a,b", x]}
    test:
      - tables:
          OwnEvent:
            - {t: "2024-05-01T10:00:00Z", name: x, d: {n: 1}}
            - {t: "2024-05-01T11:00:00Z", name: y}
            - {t: "2024-05-03T10:00:00Z", name: x}
        parameters: {start: "2024-05-01", end: "2024-05-02"}
        rows:
          - {name: x, d: {n: 1}}
"""
SCHEMA = """tables:
  OwnEvent:
    description: Events.
    providers: [Kusto, Splunk]
    columns: {t: datetime, name: string, d: dynamic}
"""


def run(*words: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run([HUNTBOOK, *words], capture_output=True, text=True, timeout=240, **more)


class Packs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        self.write("own.yaml", PACK)
        self.write("schema.yaml", SCHEMA)
        self.own = ("--query-path", str(self.path))

    def write(self, name: str, text: str) -> str:
        (self.path / name).write_text(text)
        return str(self.path / name)

    def check(self, done, code, out=None, err=None):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if out is not None:
            self.assertEqual(done.stdout, out)
        if err is not None:
            self.assertEqual(done.stderr, err)

    def test_our_own_are_many_and_described(self):
        rows = [json.loads(line) for line in run("queries", "list", "-o", "jsonl").stdout.splitlines()]
        self.assertGreaterEqual(len(rows), 350)
        for row in rows:
            with self.subTest(row["Name"]):
                self.assertTrue(row["Description"])
                self.assertTrue(row["Family"] and row["Providers"])
                for parameter in row["Parameters"]:
                    self.assertTrue(parameter["name"] and parameter["type"] and parameter["description"])

    def test_list_has_typed_parameters(self):
        done = run("queries", "list", "--table", "OwnEvent", "-o", "jsonl", *self.own)
        self.check(done, 0, err="")
        self.assertEqual(json.loads(done.stdout), {
            "Name": "own_logons", "Family": "Own", "Providers": ["Kusto", "Splunk"], "Description": "Lists logons.",
            "Parameters": [{"name": "end", "type": "datetime", "required": False, "description": "to"},
                           {"name": "names", "type": "list", "required": False, "description": "accounts",
                            "default": ["a,b", "x"]},
                           {"name": "start", "type": "datetime", "required": False, "description": "from"}],
            "Tables": ["OwnEvent"], "Techniques": ["T1078"]})
        done = run("queries", "list", "--table", "OwnEvent", "-o", "csv", *self.own)
        self.check(done, 0, "Name,Family,Providers,Description,Parameters,Tables,Techniques\n"
                   "own_logons,Own,\"Kusto, Splunk\",Lists logons.,\"end: datetime, names: list, start: datetime\","
                   "OwnEvent,T1078\n")

    def test_print_for_a_provider(self):
        words = ("queries", "print", "own_logons", "start=2024-05-01", "end=2024-05-02", *self.own)
        self.check(run(*words), 0, "OwnEvent\n| where t between (datetime(2024-05-01T00:00:00Z) .. "
                   "datetime(2024-05-02T00:00:00Z))\n| where name in ('a,b', 'x')\n| sort by t asc\n", "")
        self.check(run(*words, "--provider", "splunk"), 0,
                   "OwnEvent\n| where t between (datetime(\"2024-05-01 00:00:00.000000\") .. "
                   "datetime(\"2024-05-02 00:00:00.000000\"))\n| where name in (\"a,b\",\"x\")\n| sort by t asc\n", "")
        self.check(run(*words, "--provider", "Elastic"), 1, "",
                   "error HB-P015: query `own_logons` is not for the provider `Elastic`\nhint: it is for Kusto, Splunk\n")

    def test_tests(self):
        done = run("queries", "test", "own_logons", "-o", "csv", *self.own)
        self.check(done, 0, "Name,Test,Result,Detail\nown_logons,1 rows,ok,\n", "1 passed, 0 failed\n")
        self.write("own.yaml", PACK.replace("- {name: x, d: {n: 1}}", "- {name: y}"))
        done = run("queries", "test", "own_logons", "-o", "csv", *self.own)
        wrong = f'{self.path}/own.yaml:25: expected {{name: "y"}}; came {{name: "x"}}'
        self.check(done, 1, "Name,Test,Result,Detail\nown_logons,1 rows,failed,\"" + wrong.replace('"', '""') + '"\n',
                   wrong + "\n0 passed, 1 failed\n")
        self.write("own.yaml", PACK.replace("where name in", "where nme in"))
        done = run("queries", "test", "own_logons", "-o", "csv", *self.own)
        self.check(done, 1)
        self.assertEqual(done.stderr, f"{self.path}/own.yaml:11:17: HB-L002: column `nme` not found\n0 passed, 1 failed\n")
        self.check(run("queries", "test", "nope"), 1, "", "error HB-P013: query `nope` not found\n")

    def test_a_test_that_cannot_be_read_is_a_failure(self):
        self.write("own.yaml", PACK.replace("rows:", "row:"))
        done = run("queries", "test", "-o", "csv", "--query-path", str(self.path))
        self.check(done, 1)
        self.assertIn("own.yaml:18: the test of query `own_logons` expects nothing\n", done.stderr)

    def test_scenarios(self):
        self.write("own.yaml", """metadata: {data_environments: [Huntbook], data_families: [Own]}
sources:
  cleared:
    description: Finds cleared logs.
    args: {query: "SecurityEvent | where TimeGenerated between (datetime({start}) .. datetime({end})) | where EventID == 1102"}
    parameters:
      start: {type: datetime, description: from}
      end: {type: datetime, description: to}
    test:
      - {scenario: intrusion, at_least: 1}
      - {scenario: quiet, at_most: 0}
      - {scenario: quiet, at_least: 2}
""")
        done = run("queries", "test", "cleared", "-o", "csv", *self.own)
        self.check(done, 1, err=f"{self.path}/own.yaml:12: expected at least 2 rows, came 0\n2 passed, 1 failed\n")

    def test_check_compiles_against_the_schemas(self):
        self.check(run("check", str(self.path), *self.own), 0, "", "1 file checked, 1 query, 0 problems\n")
        self.write("own.yaml", PACK.replace("name in", "nme in").replace("name: y}", "nam: y}"))
        self.check(run("check", str(self.path), *self.own), 1,
                   f"{self.path}/own.yaml:11:17: HB-L002: query `own_logons`: column `nme` not found (did you mean `name`?)\n"
                   f"{self.path}/own.yaml:21:1: HB-P006: table `OwnEvent` has no column `nam` (did you mean `name`?)\n",
                   "1 file checked, 1 query, 2 problems\n")

    def test_a_table_that_nothing_feeds(self):
        self.check(run("query", "OwnEvent | count", *self.own), 1, "",
                   "error HB-L001: table `OwnEvent` not found\n  at line 1, column 1\n  | OwnEvent | count\n    ^^^^^^^^\n"
                   "hint: it is a table of Kusto and Splunk; nothing in the evidence feeds it\n")

    def test_functions(self):
        done = run("query", "-o", "jsonl", ".show function own_logons | project Name, Parameters, Folder, DocString", *self.own)
        self.check(done, 0, '{"Name":"own_logons","Parameters":"(names:dynamic=\\"a,b,x\\", end:datetime, start:datetime)",'
                   '"Folder":"Own","DocString":"Lists logons."}\n', "")
        done = run("query", "-o", "csv", ".show functions | where Folder == 'Own' | project Name", *self.own)
        self.check(done, 0, "Name\nown_logons\n", "")

    def test_shadowed_definitions_are_said(self):
        for name in "bcdef":
            self.write(name + ".yaml", PACK.replace("own_logons", "twice"))
        done = run("queries", "list", "--table", "OwnEvent", "-o", "csv", *self.own)
        self.check(done, 0)
        place = str(self.path)
        self.assertEqual(done.stderr.splitlines()[0],
                         f"warning HB-P008: {place}/c.yaml:4: query `Own.twice` takes the place of an earlier one of that name"
                         f" (the earlier one is at {place}/b.yaml:4)")
        self.assertEqual(done.stderr.splitlines()[-1],
                         "warning HB-P008: 1 more are shadowed (huntbook queries list --shadowed)")
        self.assertEqual(len(run("queries", "list", "--shadowed", "-o", "jsonl", *self.own).stdout.splitlines()), 4)

    @unittest.skipUnless(MSTICPY.exists(), f"{MSTICPY} is not there")
    def test_msticpys_files(self):
        def listed(*words):
            rows = [json.loads(line) for line in
                    run("queries", "list", *words, "-o", "jsonl", "--query-path", str(MSTICPY)).stdout.splitlines()]
            ours = [json.loads(line) for line in run("queries", "list", *words, "-o", "jsonl").stdout.splitlines()]
            return len(rows) - len(ours)
        self.assertEqual(listed(), 308)
        for provider, count in [("MSSentinel", 149), ("MDE", 99), ("M365D", 53), ("M365DGraph", 53), ("Prismacloud", 67),
                                ("Splunk", 13), ("LocalData", 9), ("ResourceGraph", 9), ("MSGraph", 7), ("Cybereason", 5),
                                ("OpenObserve", 2), ("Sumologic", 1)]:
            self.assertEqual(listed("--provider", provider), count, provider)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
