#!/usr/bin/env python3
"""Real logs of attack simulations: otrf_test.py HUNTBOOK FOLDER.

Counts lines, events and hosts by itself and compares: no row is lost, no archive member is passed over, and
questions through the views answer right.
"""
import json
import re
import subprocess
import sys
import tarfile
import unittest
import zipfile
from collections import Counter
from pathlib import Path

HUNTBOOK, DATA = sys.argv[1], Path(sys.argv[2]).resolve()


def members():
    """(path as Huntbook writes it, content) of every file and archive member."""
    for path in sorted(path for path in DATA.rglob("*") if path.is_file()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    if not entry.is_dir():
                        locked = entry.flag_bits & 1
                        yield f"{path}!{entry.filename}", b"" if locked else archive.read(entry)
        elif path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for entry in archive:
                    if entry.isfile():
                        yield f"{path}!{entry.name}", archive.extractfile(entry).read()
        else:
            yield str(path), path.read_bytes()


def ask(*words: str) -> list[dict]:
    done = subprocess.run([HUNTBOOK, *words, "-d", str(DATA), "-o", "json"], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    names = [column["name"] for column in answer["columns"]]
    return [dict(zip(names, row)) for row in answer["rows"]]


class Otrf(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines, cls.in_zips, cls.names, cls.created = {}, {}, set(), Counter()
        cls.processes = Counter()
        for name, content in members():
            cls.names.add(name)
            if not name.endswith(".json"):  # starts of programs in the logs of auditd, which name no host
                cls.processes[""] += len(re.findall(rb"^type=SYSCALL .* syscall=(?:59|322) ", content, re.M))
                continue
            lines = [line for line in content.split(b"\n") if line.strip()]
            cls.lines[name] = len(lines)
            for line in lines:
                if b"4688" in line or b"Sysmon" in line:
                    cls.count(line)
        cls.evidence = {row["Path"]: row for row in ask("evidence")}

    @classmethod
    def count(cls, line: bytes):
        try:
            event = json.loads(line)
        except ValueError:
            return
        number = event.get("EventID", event.get("event_id"))
        channel = str(event.get("Channel", event.get("log_name", ""))).lower()
        host = event.get("Hostname") or event.get("Computer") or event.get("computer_name") or event.get("ComputerName")
        if str(number) == "4688" and channel == "security":
            cls.created[host] += 1
            cls.processes[host] += 1
        if str(number) == "1" and channel.startswith("microsoft-windows-sysmon"):
            cls.processes[host] += 1

    def test_every_member_is_listed(self):
        self.assertEqual(set(self.evidence), self.names)
        for row in self.evidence.values():
            self.assertTrue(row["Reader"] or row["Note"], row["Path"])

    def test_rows_and_rejects_are_the_lines(self):
        zipped = {name: count for name, count in self.lines.items() if ".zip!" in name}
        self.assertEqual((len(zipped), sum(zipped.values())), (63, 374996))
        for name, count in self.lines.items():
            row = self.evidence[name]
            self.assertEqual(row["Rows"] + row["Rejected"], count, name)

    def test_all_rows_are_in_tables(self):
        tables = ask("query", "union withsource=T * | summarize n = count() by T")
        self.assertEqual(sum(row["n"] for row in tables), sum(row["Rows"] for row in self.evidence.values()))
        self.assertEqual(len(ask("rejects")), sum(row["Rejected"] for row in self.evidence.values()))

    def test_views_answer_right(self):
        rows = ask("query", "SecurityEvent | where EventID == 4688 | summarize n = count() by Computer")
        self.assertEqual({row["Computer"]: row["n"] for row in rows}, dict(self.created))
        rows = ask("query", "DeviceProcessEvents | summarize n = count() by DeviceName")
        self.assertEqual({row["DeviceName"]: row["n"] for row in rows}, dict(self.processes))


if __name__ == "__main__":
    if not DATA.is_dir():
        print(f"skipped: there is no {DATA}")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
