#!/usr/bin/env python3
"""Recorded answers of the engine whose language this is: conformance_test.py HUNTBOOK SOURCE_DIR SCRIPT

Fails when a share falls below its bound, and when a case differs that src/kql/language/known_differences.yaml does not
list with its reason. SCRIPT (kql_conformance.py) and the corpora stand beside the repository, where they are at all.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

BOUNDS = "engine=98,docs=94,docs-engine=95,errors=95,realworld=99"


def main() -> int:
    huntbook, source, script = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if not Path(script).exists():
        print(f"skipped: {script} is not there")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        failures = Path(folder) / "failures.jsonl"
        done = subprocess.run([sys.executable, script, "--huntbook", huntbook, "--min", BOUNDS, "--list-failures", str(failures)])
        rows = [json.loads(line) for line in failures.read_text().splitlines()]
    listed = yaml.safe_load((source / "src/kql/language/known_differences.yaml").read_text())
    known = {(entry["corpus"], entry["id"]) for entry in listed}
    failed = {(row["corpus"], row["id"]): row["reason"] for row in rows}
    for (corpus, case), reason in failed.items():
        if (corpus, case) not in known:
            print(f"differs and is not listed: {corpus} {case}: {reason}")
    for corpus, case in sorted(known - set(failed)):
        print(f"note: listed, and does not differ: {corpus} {case}")
    return 1 if done.returncode or set(failed) - known else 0


sys.exit(main())
