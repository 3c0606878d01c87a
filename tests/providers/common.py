"""Running the program against a fake: one folder and one huntbook.yaml for each test."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HUNTBOOK, SOURCE = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
SHARED = SOURCE.parent / "shared/data"
CANARY = "canary"  # every secret of these tests holds this word; no output may
HOSTILE = "\x1b[31m<script>'\"\\"


class ProviderTest(unittest.TestCase):
    """`services` are checked for what the client did wrong, and every output for secrets."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        self.services = []
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder.name, "LANG": "C.UTF-8", "FAKE_SECRET": "canary-7f3a"}

    def start(self, service):
        service.__enter__()
        self.addCleanup(service.__exit__)
        self.services.append(service)
        return service

    def tearDown(self):
        for service in self.services:
            self.assertEqual(service.violations, [], type(service).__name__)

    def settings(self, connection: dict, name="prod"):
        """Writes the connection; a value {"env": ..} is a reference."""
        lines = ["connections:", f"  {name}:"]
        lines += [f"    {key}: {json.dumps(value)}" for key, value in connection.items()]
        path = self.path / ".config/huntbook/huntbook.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o600)

    def run_it(self, *words: str, stdin="", seconds=120, **environment) -> subprocess.CompletedProcess:
        done = subprocess.run([HUNTBOOK, *words], input=stdin, capture_output=True, text=True, timeout=seconds, cwd=self.path,
                              env={**self.environment, **environment})
        for text in (done.stdout, done.stderr):
            self.assertNotIn(CANARY, text, words)
        return done

    def query(self, text: str, *more: str, code=0, **environment) -> dict:
        """The answer as JSON."""
        done = self.run_it("query", "--connect", "prod", "-o", "json", text, *more, **environment)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout[:300])
        answer = json.loads(done.stdout)
        answer["stderr"] = done.stderr
        return answer

    def refused(self, *words: str, code=1, **environment) -> str:
        """The whole message of a failure."""
        done = self.run_it(*words, **environment)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        return done.stderr

    def lines(self, *words, code=0):
        """How many rows, and what stderr says."""
        out = self.path / "out.jsonl"
        done = self.run_it("query", "--connect", "prod", "-o", "jsonl", "--out", str(out), *words)
        self.assertEqual(done.returncode, code, done.stderr)
        with out.open() as lines:
            return sum(1 for _ in lines), done.stderr

    def usual(self, *words: str, match: str, wrong: dict, setting: str, rows=10, expires=True):
        """What holds for every service with one request for ten rows: it throttles, fails, lets sign-ins end, answers with pages
        of proxies, leads elsewhere, forbids; `wrong` is a wrong secret, and its refusal names `setting`."""
        from fake import Fault
        service = self.service
        self.assertEqual(self.run_it("connect", "prod").stdout, "connected to `prod`\n")
        service.faults = [Fault("throttle", match, 429, 1), Fault("error", match, 503, 0), *([Fault("expire", match)] if expires else [])]
        self.assertEqual(self.lines(*words), (rows, ""))
        self.assertEqual(service.faults, [])
        message = self.refused("connect", "prod", **wrong)
        self.assertRegex(message, "^error HB-R(012|10[0-9]): ")
        self.assertIn(setting, message)
        for fault, code in [(Fault("wrong_type", match), "HB-R011"), (Fault("redirect", match, location="http://169.254.169.254/"), "HB-W009"),
                            (Fault("error", match, 500), "HB-R014"), (Fault("error", match, 403), "HB-R012"), (Fault("throttle", match, 429, 9999), "HB-R013")]:
            service.faults = [fault]
            self.assertIn(f"error {code}: `127.0.0.1`" if code != "HB-R011" else "error HB-R011: the reply of `127.0.0.1`",
                          self.refused("query", "--connect", "prod", *words))
        service.faults = []
        self.assertIn("error HB-W003", self.refused("query", "--connect", "prod", "--offline", *words))
