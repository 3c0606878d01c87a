#!/usr/bin/env python3
"""What README and help texts show can be typed: docs_test.py HUNTBOOK SOURCE_DIR.

Runs every example of every `--help` and the README's queries on a small scenario, and follows the links.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HUNTBOOK, SOURCE = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
sys.path.insert(0, str(SOURCE / "tests/providers"))
from fake import Authority
from fake_kusto import Kusto

FILES = {
    "hunt.kql": "declare query_parameters(host:string = 'WS-0001');\nSecurityEvent | where Computer startswith host | count",
    "rules.yaml": "id: 1\nname: rule\nquery: |\n  SecurityEvent\n  | where EventID == 4625\n",
    "notes.md": "# Notes\n\n```kql\nprint 1\n```\n",
    "queries.jsonl": '{"id":1,"query":"T | where a == 1"}\n',
    "questions.jsonl": '{"id":1,"query":"print 1"}\n',
    "msticpyconfig.yaml": "DataProviders: {Splunk: {Args: {host: h}}}\n",
    "secret.txt": "made up\n",
    "addresses.csv": "a,b,8.8.8.8\nc,d,10.0.0.1\n",
}


def commands(app: list[str]) -> list[list[str]]:
    """The command and those below it."""
    text = subprocess.run([HUNTBOOK, *app, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"^Subcommands:\n((?:  .*\n)*)", text, re.M)
    below = re.findall(r"^  ([a-z]+)", listed.group(1), re.M) if listed else []
    return [app] + [command for name in below for command in commands([*app, name])]


class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name)
        (cls.path / "bin").mkdir()
        (cls.path / "bin/huntbook").symlink_to(HUNTBOOK)
        (cls.path / ".config/fish/completions").mkdir(parents=True)
        for name, content in FILES.items():
            (cls.path / name).write_text(content)
        subprocess.run([HUNTBOOK, "scenario", cls.path, "--scale", "0.01"], check=True, capture_output=True)
        for name in ("case", "logs"):
            shutil.make_archive(str(cls.path / name), "zip", cls.path / "evidence")
        # The connection `lab` of the examples.
        cls.authority = Authority()
        cls.service = Kusto(cls.authority)
        cls.authority.__enter__(), cls.service.__enter__()
        own = cls.path / ".config/huntbook/huntbook.yaml"
        own.parent.mkdir(parents=True)
        own.write_text("connections:\n  lab: {provider: Kusto, cluster: '%s', database: Logs, tenant_id: contoso.example, client_id: app-1,"
                       " client_secret: canary-7f3a, authority: '%s'}\n" % (cls.service.url, cls.authority.url))
        own.chmod(0o600)
        cls.environment = {"PATH": f"{cls.path}/bin:/usr/bin:/bin", "HOME": str(cls.path), "TMPDIR": str(cls.path), "PROD_SECRET": "made up",
                           "huntbook": "huntbook", "logs": "evidence"}

    @classmethod
    def tearDownClass(cls):
        cls.authority.__exit__(), cls.service.__exit__()
        cls.folder.cleanup()

    def type(self, line: str):
        line = line.replace("/tmp/", f"{self.path}/")
        done = subprocess.run(["bash", "-c", "set -o pipefail; " + line], cwd=self.path, env=self.environment, text=True,
                              capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout[-300:]}{done.stderr}")

    def test_help_examples(self):
        seen = 0
        for command in commands([]):
            text = subprocess.run([HUNTBOOK, *command, "--help"], capture_output=True, text=True).stdout
            examples = re.search(r"^Examples?:\n((?:  .*\n?)+)", text, re.M)
            self.assertIsNotNone(examples, command)
            for line in examples.group(1).splitlines():
                seen += 1
                with self.subTest(line):
                    self.type(line.strip())
        self.assertGreater(seen, 30)

    def test_readme_queries(self):
        page = (SOURCE / "README.md").read_text()
        lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.S) for line in block.splitlines()
                 if line.startswith("$huntbook ")]
        self.assertGreaterEqual(len(lines), 5)
        for line in lines:
            with self.subTest(line):
                self.type(line)

    def test_language_page(self):
        """docs/language.md is what its generator writes."""
        done = subprocess.run([sys.executable, SOURCE / "tools/gen_language.py", HUNTBOOK, "--check"], capture_output=True,
                              text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_links(self):
        listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "*.md"], capture_output=True, text=True)
        pages = listed.stdout.split() or ["README.md"]
        for page in pages:
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (SOURCE / page).read_text()):
                if not re.match(r"[a-z]+:", target):
                    self.assertTrue(os.path.exists((SOURCE / page).parent / target), f"{page}: {target}")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
