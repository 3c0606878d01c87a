#!/usr/bin/env python3
"""The demonstration's own queries find the intrusion: demo_test.py HUNTBOOK SOURCE_DIR.

Writes scenarios of several seeds and compares what demo/*.kql answer with ground_truth.json: every malicious
process and logon, every address, and nothing else.
"""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HUNTBOOK, SOURCE = sys.argv[1], Path(sys.argv[2])


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([HUNTBOOK, *words], capture_output=True, text=True, timeout=300)


class Scenario:
    def __init__(self, folder: Path, seed: int, scale: float):
        done = run("scenario", str(folder), "--seed", str(seed), "--scale", str(scale))
        assert done.returncode == 0, done.stderr
        self.evidence = str(folder / "evidence")
        self.truth = json.loads((folder / "ground_truth.json").read_text())

    def ask(self, name: str) -> list[dict]:
        done = run("query", "-d", self.evidence, "--strict", "-o", "json", "-f", str(SOURCE / "demo" / name))
        assert done.returncode == 0, f"{name}: exit {done.returncode}\n{done.stderr}"
        answer = json.loads(done.stdout)
        assert answer["completeness"] == "complete" and answer["rejected"] == 0, name
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row)) for row in answer["rows"]]


class Demo(unittest.TestCase):
    def check(self, seed: int, scale: float, exact: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.compare(Scenario(Path(folder), seed, scale), exact)

    def compare(self, scenario: Scenario, exact: bool) -> None:
        truth = scenario.truth
        processes = {process["guid"]: process for process in truth["processes"]}
        document = [process for process in truth["processes"] if process["parent_image"].lower().endswith("winword.exe")]
        first = [(row["DeviceName"], row["FileName"].lower()) for row in scenario.ask("1_document.kql")]
        self.assertEqual(sorted(first), sorted((p["host"], p["image"].split("\\")[-1].lower()) for p in document))

        descendants = {row["ProcessGuid"] for row in scenario.ask("2_descendants.kql")}
        later = {(row["Computer"], row["NewProcessId"]) for row in scenario.ask("5_their_processes.kql")}
        found = descendants | {guid for guid, p in processes.items() if (p["host"], p["pid_hex"]) in later}
        self.assertEqual(found, set(processes), "every malicious process, by GUID")
        self.assertEqual(later - {(p["host"], p["pid_hex"]) for p in processes.values()}, set(), "no other process")

        logons = {(row["Host"].split(".")[0], row["Account"], row["Address"],
                   "ssh" if row["How"] == "ssh" else row["LogonId"]) for row in scenario.ask("4_remote_logons.kql")}
        self.assertEqual(logons, {(logon["host"].split(".")[0], logon["account"], logon["source_address"],
                                   "ssh" if logon["logon_type"] == "ssh" else logon["logon_id"])
                                  for logon in truth["logons"]})

        beacons = scenario.ask("3_beacon.kql")
        outside = scenario.ask("6_taken_out.kql")
        addresses = {row["source"] for row in beacons} | {row["destination"] for row in beacons}
        addresses |= {row["Address"] for row in outside}
        wanted = {row["address"] for row in truth["addresses"]}
        self.assertEqual(addresses & wanted, wanted)
        if exact:
            self.assertEqual(addresses, wanted)

        pivot = {row["Address"]: row["IpType"] for row in scenario.ask("pivot_addresses.kql")}
        self.assertIn(beacons[0]["destination"], pivot)

    def test_the_demo_itself(self):
        self.check(7, 1, exact=True)

    def test_another_company(self):
        # So little traffic that the nightly backup is no habit: it looks like an upload too.
        self.check(3, 0.05, exact=False)

    def test_script_and_report(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["bash", str(SOURCE / "demo/demo.sh"), HUNTBOOK, folder], capture_output=True,
                                  text=True, timeout=600, env={"PATH": "/usr/bin:/bin", "HB_DEMO_SCALE": "0.02"})
            self.assertEqual(done.returncode, 0, done.stderr)
            for number in range(1, 7):
                self.assertRegex(done.stdout, rf"(?m)^{number}\. [A-Z]")
            report = (Path(folder) / "report.html").read_text()
            self.assertIn("Content-Security-Policy", report)
            self.assertNotRegex(report, r"(src|href)=[\"']?https?:")
            self.assertNotIn("\x1b", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
