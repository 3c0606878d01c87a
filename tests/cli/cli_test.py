#!/usr/bin/env python3
"""The command line as its users meet it: cli_test.py HUNTBOOK SOURCE_DIR.

Exit codes, what goes to stdout and what to stderr, help texts, bad input, interruption, closed pipes.
"""
import gzip
import json
import os
import re
import pty
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile
from pathlib import Path

HUNTBOOK, SOURCE = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
COMMANDS = ["query", "batch", "check", "fmt", "complete", "inspect", "draw", "report", "tables", "schema", "evidence", "rejects", "queries list",
            "queries search", "queries help", "queries print", "queries run", "queries test", "pivots", "pivot", "scenario",
            "config show", "config check", "config get", "config set", "config import",
            "completion", "version", "providers", "connect"]
SLOW = "range x from 1 to 200000000 step 1 | summarize count() by tostring(x % 1000003) | count"


def run(*words: str, stdin: str = "", **more) -> subprocess.CompletedProcess:
    done = subprocess.run([HUNTBOOK, *words], input=stdin.encode(), capture_output=True, timeout=120, **more)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()  # text=True would hide carriage returns
    return done


class Cli(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def file(self, name: str, content: bytes | str) -> str:
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def check(self, done: subprocess.CompletedProcess, code: int, out: str | None = None, err: str | None = None):
        self.assertEqual(done.returncode, code, f"{done.args[1:]}\n{done.stdout[:500]}{done.stderr[:500]}")
        if out is not None:
            self.assertEqual(done.stdout, out)
        if err is not None:
            self.assertEqual(done.stderr, err)


class WrongUse(Cli):
    def test_whole_messages(self):
        for words, err in {
            (): "error: no command given\nhint: huntbook --help lists the commands\n",
            ("qurey", "x"): "error: unknown command `qurey`\nhint: did you mean `huntbook query`?\n",
            ("queries", "prnt"): "error: unknown command `prnt`\nhint: did you mean `huntbook queries print`?\n",
            ("query", "--ouput", "json", "x"): "error: unknown option `--ouput`\nhint: did you mean `--output`?\n",
            ("query",): "error: no query\nhint: huntbook query 'KQL', or -f FILE\n",
            ("query", "-o", "jsno", "print 1"):
                "error: unknown output format `jsno`\nhint: table, json, jsonl, csv or html\n",
            ("query", "-o", "parquet", "print 1"):
                "error unsupported: output format `parquet` is not supported yet\nhint: table, json, jsonl, csv or html\n",
            ("query", "--memory", "3XB", "print 1"): "error: `3XB` is not a size\nhint: 512MB, 2GB\n",
            ("query", "--set", "host", "print 1"): "error: `host` is not NAME=VALUE\n",
            ("draw", "--out", "x.png", "print 1"):
                "error unsupported: `x.png` is no picture that can be written yet\nhint: FILE.html or FILE.svg\n",
            ("completion", "tcsh"): "error: no completion for this shell\nhint: bash, zsh or fish\n",
        }.items():
            with self.subTest(words):
                self.check(run(*words), 2, "", err)

    def test_hostile_words_are_shown_harmless(self):
        done = run("\x1b[31mred")
        self.check(done, 2, "")
        self.assertNotIn("\x1b", done.stderr)


class Help(Cli):
    def test_every_command_explains_itself_with_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                done = run(*command.split(), "--help")
                self.check(done, 0, err="")
                self.assertRegex(done.stdout, r"Examples?:\n  (echo .*\| )?\S*.*huntbook " + command.split()[0])

    def test_top_lists_every_command(self):
        done = run("--help")
        self.check(done, 0, err="")
        for command in COMMANDS:
            self.assertIn("\n  " + command.split()[0], done.stdout)

    def test_version(self):
        self.check(run("version"), 0, "huntbook 0.1.0\n", "")
        self.check(run("--version"), 0, "huntbook 0.1.0\n", "")

    def test_completion_is_valid_and_knows_the_commands(self):
        script = run("completion", "bash").stdout
        self.check(subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True), 0, "", "")
        asked = (script + '\ncomplete_for() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _huntbook; echo "${COMPREPLY[@]}"; }\n'
                 "cd /\ncomplete_for huntbook que\ncomplete_for huntbook queries pr\ncomplete_for huntbook query --str\n")
        done = subprocess.run(["bash"], input=asked, capture_output=True, text=True)
        self.assertEqual(done.stdout.splitlines(), ["query queries", "print proc", "--strict"], done.stderr)
        for shell in ("zsh", "fish"):
            self.assertIn("queries", run("completion", shell).stdout)


class Format(Cli):
    def test_stdin_files_check_and_write(self):
        laid_out = "T\n| where a == 1 // why\n| count\n"
        self.check(run("fmt", stdin="T|where a==1 // why\n|count"), 0, laid_out, "")
        rough, good = self.file("a.kql", "T|where a==1 // why\n|count"), self.file("b.kql", laid_out)
        self.check(run("fmt", rough, good), 0, laid_out + laid_out, "")
        self.check(run("fmt", "--check", rough, good), 1, f"{rough} is not formatted\n", "")
        self.check(run("fmt", "--write", rough, good), 0, "", "")
        self.assertEqual(Path(rough).read_text(), laid_out)
        self.check(run("fmt", "--check", rough, good), 0, "", "")

    def test_what_does_not_parse_stays(self):
        wrong = self.file("w.kql", "T|where (")
        self.check(run("fmt", "--write", wrong), 1, "", f"{wrong}:\nerror HB-S004: expected an expression, found the end of "
                   "the query\n  at line 1, column 10\n  | T|where (\n             ^\n")
        self.assertEqual(Path(wrong).read_text(), "T|where (")
        self.check(run("fmt", "--write"), 2, "", "error: stdin cannot be written back\nhint: name the files\n")
        self.check(run("fmt", "--write", "--check", wrong), 2, "",
                   "error: --check writes nothing\nhint: give --check or --write\n")
        self.check(run("fmt", str(self.path / "none.kql")), 1, "",
                   f"error: cannot read `{self.path}/none.kql`: No such file or directory\n")


class Editors(Cli):
    def test_complete(self):
        done = run("complete", "-o", "jsonl", "print x = 1, y = 'a' | where y star")
        self.check(done, 0, err="")
        first = json.loads(done.stdout.splitlines()[0])
        self.assertEqual((first["Text"], first["Kind"], first["Begin"], first["End"]), ("startswith", "operator", 31, 35))
        done = run("complete", "-o", "csv", "--at", "23", "print x = 1, y = 'a' | sort | count")
        self.check(done, 0, err="")
        self.assertIn("\r\nserialize,operator", done.stdout)
        self.check(run("complete", "-o", "jsonl", "-f", "-", stdin="print 'a"), 0, "", "")

    def test_inspect(self):
        self.check(run("inspect", "--at", "8", "print substring('abc', 1)"), 0, "function substring\n"
                   "substring(text: any, start: long, [length: long]): string\n"
                   "Gives the part of a text from a 0-based place on; a negative place counts from the end.\n"
                   "example: print substring(\"abcdef\", 2, 3)\n", "")
        self.check(run("inspect", "-o", "csv", "--at", "19", "print x = 1, y = 2 | project y"), 0,
                   "Kind,Name,Detail,Doc,Example,Columns,Begin,End\r\n", "")
        self.check(run("inspect", "-o", "jsonl", "print x = 1, y = 2 | project y"), 0,
                   '{"Kind":"column","Name":"y","Detail":"long","Doc":"","Example":"","Columns":"","Begin":29,"End":30}\n', "")
        self.check(run("inspect", "print 1"), 0, "", "nothing is known of this place\n")


class Answers(Cli):
    def test_formats(self):
        query = "print a = 1, b = 'x,\"y', t = datetime(2017-01-01), s = 90m, n = int(null), d = dynamic({\"k\":[1]})"
        self.check(run("query", "-o", "json", query), 0, json.dumps({
            "columns": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}, {"name": "t", "type": "datetime"},
                        {"name": "s", "type": "timespan"}, {"name": "n", "type": "int"}, {"name": "d", "type": "dynamic"}],
            "rows": [[1, 'x,"y', "2017-01-01T00:00:00.0000000Z", "01:30:00", None, {"k": [1]}]],
            "completeness": "complete", "rejected": 0}, separators=(",", ":")) + "\n", "")
        self.check(run("query", "-o", "jsonl", "print a = 1, b = 'x'"), 0, '{"a":1,"b":"x"}\n', "")
        self.check(run("query", "-o", "csv", "print a = 1, b = '=1+1'"), 0, "a,b\r\n1,'=1+1\r\n", "")
        self.check(run("query", "-o", "csv", "--raw-csv", "print a = 1, b = '=1+1'"), 0, "a,b\r\n1,=1+1\r\n", "")
        self.check(run("query", "print a = 1"), 0, "a\n─\n1\n1 row\n", "")
        self.assertIn("<!DOCTYPE html>", run("query", "-o", "html", "print '<script>'").stdout)

    def test_out_and_file(self):
        query = self.file("q.kql", "declare query_parameters(host:string = \"none\");\nprint h = host")
        out = str(self.path / "out.csv")
        self.check(run("query", "-f", query, "--set", "host=WS-1", "-o", "csv", "--out", out), 0, "", "")
        self.assertEqual(Path(out).read_bytes(), b"h\r\nWS-1\r\n")
        self.check(run("query", "-f", "-", "-o", "csv", stdin="print h = 2"), 0, "h\r\n2\r\n", "")
        self.check(run("query", "-f", query, "print 1"), 2, "")
        self.check(run("query", "-f", str(self.path)), 1, "", f"error: cannot read `{self.path}`: it is a folder\n")
        self.check(run("query", "--out", "/nonexistent/x", "print 1"), 1, "",
                   "error: cannot write `/nonexistent/x`: No such file or directory\n")

    def test_full_disk_is_told(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([HUNTBOOK, "query", "print 1"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (1, "error: cannot write to stdout: No space left on device\n"))

    def test_users_error_is_on_stderr(self):
        self.check(run("query", "-o", "json", "print x = 1 | wehre x"), 1, "",
                   "error HB-S005: unknown operator `wehre`\n  at line 1, column 15\n  | print x = 1 | wehre x\n"
                   "                  ^^^^^\nhint: did you mean `where`?\n")

    def test_no_color_when_told_or_no_terminal(self):
        self.assertNotIn("\x1b", run("query", "print 1").stdout)

    def test_explain(self):
        done = run("query", "--explain", "print x = 1")
        self.check(done, 0, err="")
        for stage in ("tokens", "tree", "plan", "sql", "times"):
            self.assertIn(f"\n{stage}\n", "\n" + done.stdout)

    def test_pivot(self):
        self.check(run("pivot", "ip", "type", "-o", "csv", "8.8.8.8", "10.0.0.1", "x"), 0,
                   "Value,IpType,IpVersion\r\n8.8.8.8,Public,4\r\n10.0.0.1,Private,4\r\nx,,\r\n", "")
        self.check(run("pivot", "ip", "type", "-o", "csv", stdin="8.8.8.8\n\n"), 0, "Value,IpType,IpVersion\r\n8.8.8.8,Public,4\r\n")
        self.check(run("pivot", "ip", "tpye", "8.8.8.8"), 1, "")
        self.check(run("pivots", "ipp"), 1, "")

    def test_queries(self):
        listed = json.loads(run("queries", "list", "-o", "json").stdout)
        self.assertEqual([column["name"] for column in listed["columns"]],
                         ["Name", "Family", "Providers", "Description", "Parameters", "Tables", "Techniques"])
        self.assertGreaterEqual(len(listed["rows"]), 12)
        for row in listed["rows"][::40]:
            with self.subTest(row[0]):
                self.check(run("queries", "help", row[0]), 0, err="")
        self.check(run("queries", "help", "nope"), 1, "")
        self.check(run("queries", "run", "list_host_processes", "nope=1"), 1, "")
        self.assertIn("WS-7", run("queries", "print", "list_host_processes", "host_name=WS-7").stdout)

    def test_queries_of_one_s_own(self):
        pack = self.file("own.yaml", "metadata:\n  version: 1\n  description: own\n  data_environments: [Huntbook]\n"
                         "  data_families: [Own]\n  tags: [own]\ndefaults:\nsources:\n  twice:\n    description: Doubles.\n"
                         "    args:\n      query: 'print x = 2 * {n}'\n    parameters:\n      n:\n        description: a number\n"
                         "        type: int\n")
        self.check(run("queries", "run", "twice", "--query-path", pack, "n=21", "-o", "csv"), 0, "x\r\n42\r\n", "")
        self.check(run("query", "--query-path", pack, "-o", "csv", "twice(n=4) | extend y = x + 1"), 0, "x,y\r\n8,9\r\n", "")


    def test_parameters_are_checked(self):
        query = "declare query_parameters(n:long);\nprint n"
        self.check(run("query", "--set", "n=12", "-o", "csv", query), 0, "print_0\r\n12\r\n", "")
        done = run("query", "--set", "n=x", query)
        self.check(done, 1, "")
        self.assertTrue(done.stderr.startswith("error HB-A004: `x` is not a long for `n`\n"), done.stderr)
        done = run("query", "--set", "m=1", "print 1")
        self.check(done, 1, "", "error HB-A006: `declare query_parameters` has no parameter `m`\n"
                   "hint: begin the query with `declare query_parameters(m:string);`\n")

    def test_wide_tables_become_blocks(self):
        columns = ", ".join(f"Column{i} = {'1' if i % 2 else 'int(null)'}" for i in range(30))
        done = run("query", "--width", "60", "print " + columns)
        self.check(done, 0, err="")
        self.assertEqual(done.stdout.splitlines()[:2], ["row 1", "  Column1   1"])
        self.assertEqual(done.stdout.splitlines()[-1], "1 row, 30 columns; fields without a value are not shown")

    def test_bad_packs_are_named_and_the_others_load(self):
        self.file("bad.yaml", "metadata: [\n")
        done = run("queries", "list", "--query-path", str(self.path), "-o", "csv")
        self.check(done, 0)
        self.assertRegex(done.stderr, r"^warning HB-P\d+: \S+bad\.yaml")
        done = run("query", "--query-path", "/nonexistent", "print 1")
        self.check(done, 0)
        self.assertRegex(done.stderr, r"^warning HB-P\d+: ")

    def test_picture_that_cannot_be_drawn(self):
        self.check(run("query", "-o", "csv", "print x = 1 | render piechart"), 0, "x\r\n1\r\n",
                   "note: pictures of kind `piechart` cannot be drawn yet; this is the table\n")


class Places(Cli):
    def test_a_database_that_is_none_is_told_and_stops_nothing(self):
        path = self.file("city.mmdb", "garbage")
        done = run("query", "-o", "json", "print 1", env={**os.environ, "HUNTBOOK_GEOIP": path})
        self.check(done, 0, None, f"warning HB-N003: {path}: the database of addresses `{path}` cannot be used: "
                   "The MaxMind DB file contains invalid metadata\n")
        self.assertEqual(json.loads(done.stdout)["rows"], [[1]])


class SeveralResults(Cli):
    QUERY = "let T = range x from 1 to 2 step 1; T | fork Rows = (take 1) (count)"

    def test_forms(self):
        self.check(run("query", self.QUERY), 0, "Rows:\nx\n─\n1\n1 row\n\nCount\n─────\n    2\n1 row\n", "")
        rows = [json.loads(line)["rows"] for line in run("query", "-o", "json", self.QUERY).stdout.splitlines()]
        self.assertEqual(rows, [[[1]], [[2]]])
        self.check(run("query", "-o", "csv", self.QUERY), 1, "",
                   "error: the query gives 2 tables, and csv holds one\nhint: -o table or -o json\n")
        out = self.path / "out.txt"
        self.check(run("query", "--out", str(out), self.QUERY), 0, "")
        self.assertIn("Count", out.read_text())

    def test_batch(self):
        done = run("batch", stdin=json.dumps({"id": 1, "query": self.QUERY}) + "\n")
        self.assertEqual(json.loads(done.stdout), {
            "id": 1, "columns": [{"name": "Count", "type": "long"}], "rows": [[2]], "sorted": False,
            "earlier": [{"columns": [{"name": "x", "type": "long"}], "rows": [[1]], "sorted": True}]})


class Lines(Cli):
    def test_batch(self):
        done = run("batch", stdin='{"id":1,"query":"print a=1"}\n\ngarbage\n{"id":"b","query":"T | macro-expand G as X (T)"}\n{"id":2.5}\n')
        self.check(done, 0, err="")
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(answers[0], {"id": 1, "columns": [{"name": "a", "type": "long"}], "rows": [[1]], "sorted": True})
        self.assertEqual([answer["id"] for answer in answers], [1, None, "b", 2.5])
        for answer in answers[1:]:
            self.assertGreaterEqual(answer["error"].keys(), {"code", "message", "span", "hint"})
        self.assertEqual(answers[1]["error"]["code"], "HB-C001")

    def test_unsupported_names_the_construct(self):
        done = run("check", "--open", stdin='{"id":1,"query":"T | macro-expand G as X (T)"}\n{"id":2,"query":"T | where a == 1"}\n')
        self.check(done, 0, err="")
        first, second = map(json.loads, done.stdout.splitlines())
        self.assertEqual((first["ok"], first["error"]["code"], first["error"]["construct"]),
                         (False, "unsupported", "operator `macro-expand`"))
        self.assertEqual(second, {"id": 2, "ok": True})

    def test_batch_answers_before_the_next_question(self):
        child = subprocess.Popen([HUNTBOOK, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(3):
            child.stdin.write(json.dumps({"id": number, "query": "print 1"}) + "\n")
            child.stdin.flush()
            self.assertEqual(json.loads(child.stdout.readline())["id"], number)
        child.stdin.close()
        self.assertEqual(child.wait(10), 0)
        child.stdout.close()

    def test_check_files_with_places(self):
        kql = self.file("a.kql", "print x = 1\n| where y == 1\n")
        page = self.file("b.md", "# Notes\n\n```kql\nprint 1\n```\n\n```kql\nprint 1 |\nwehre x\n```\n")
        done = run("check", kql, page)
        self.check(done, 1)
        self.assertEqual(done.stdout, f"{kql}:2:9: HB-L002: column `y` not found\n"
                         f"{page}:9:1: HB-S005: unknown operator `wehre` (did you mean `where`?)\n")
        self.assertEqual(done.stderr, "2 files checked, 3 queries, 2 problems\n")
        self.check(run("check", self.file("c.kql", "print 1")), 0, "", "1 file checked, 1 query, 0 problems\n")
        self.check(run("check", "/nonexistent.kql"), 1, "/nonexistent.kql: HB-V001: cannot read the file\n",
                   "1 file checked, 0 queries, 1 problem\n")
        self.check(run("check", "-o", "xml", kql), 2, "", "error: unknown output format `xml`\nhint: text, json or sarif\n")

    def query_folder(self) -> str:
        """Queries of every kind of file, right and wrong, and files without queries."""
        for name, content in {
            "rules/rule.yaml": "id: 1\nname: rule\nquery: |\n\n    print a = 1\n    | where b == 2 | fork (count)\n",
            "rules/good.yml": "id: 2\nquery: print 1\n",
            "rules/compose.yaml": "services:\n  a: 1\n",
            "packs/pack.yaml": "metadata:\n  data_families: [f]\n  data_environments: [MSSentinel]\nsources:\n  q:\n    "
                               "description: d\n    args:\n      query: '\n        T\n        | where a == {v} | wehre x'\n    "
                               "parameters:\n      v: {description: number, type: int}\n",
            "a file.kql": "print x = 1\n| where y == 1\n",
            "notes.md": "# Notes\n\n```kql\nprint 1\n| wehre x\n```\n\n```sh\nls\n```\n",
            "picture.svg": "<svg/>",
            ".git/old.kql": "nonsense",
        }.items():
            (self.path / name).parent.mkdir(exist_ok=True)
            self.file(name, content)
        return str(self.path)

    def test_check_folder(self):
        done = run("check", "--open", self.query_folder())
        self.check(done, 1, err="5 files checked, 5 queries, 4 problems\n")
        self.assertEqual(done.stdout.replace(f"{self.path}/", ""), """\
a file.kql:2:9: HB-L002: column `y` not found
notes.md:5:3: HB-S005: unknown operator `wehre` (did you mean `where`?)
packs/pack.yaml:10:28: HB-S005: query `q`: unknown operator `wehre` (did you mean `where`?)
rules/rule.yaml:6:13: HB-L002: column `b` not found
""")
        done = run("check", "--open", "-o", "json", self.query_folder())
        answer = json.loads(done.stdout)
        self.assertEqual((answer["files"], answer["queries"], len(answer["problems"])), (5, 5, 4))
        self.assertEqual(answer["problems"][2], {
            "file": f"{self.path}/packs/pack.yaml", "line": 10, "column": 28, "end_line": 10, "end_column": 33, "query": "q",
            "code": "HB-S005", "message": "query `q`: unknown operator `wehre`", "hint": "did you mean `where`?"})

    def test_check_sarif(self):
        """The whole log: the golden file, with the rules as errors.def has them put in."""
        self.query_folder()
        done = run("check", "--open", "-o", "sarif", "a file.kql", "notes.md", "packs", "rules", cwd=self.path)
        self.check(done, 1)
        golden = json.loads((SOURCE / "tests/cli/check.sarif").read_text())
        rules = [("k" + rule["name"], rule["id"], rule["shortDescription"]["text"])
                 for rule in golden["runs"][0]["tool"]["driver"]["rules"]]
        rules += [(name, code, message.replace("{}", "...")) for name, code, message in
                  re.findall(r'^HB_ERROR\((\w+), "([^"]+)", "([^"]+)"\)', (SOURCE / "src/kql/errors.def").read_text(), re.M)]
        rules.sort(key=lambda rule: rule[1])
        golden["runs"][0]["tool"]["driver"]["rules"] = [
            {"id": code, "name": name[1:], "shortDescription": {"text": message},
             "defaultConfiguration": {"level": "warning" if code == "unsupported" else "error"}}
            for name, code, message in rules]
        for result in golden["runs"][0]["results"]:
            result["ruleIndex"] = [code for _, code, _ in rules].index(result["ruleId"])
        self.assertEqual(json.loads(done.stdout), golden)


class BadEvidence(Cli):
    def test_path_that_does_not_exist(self):
        self.check(run("query", "-d", "/nonexistent", "print 1"), 1, "",
                   "error HB-V001: path `/nonexistent` does not exist\nhint: -d takes files, folders and archives\n")

    def test_folder_without_rights(self):
        if os.getuid() == 0:
            self.skipTest("root may read everything")
        locked = self.path / "locked"
        locked.mkdir()
        self.file("good.json", '{"a":1}\n')
        locked.chmod(0)
        try:
            done = run("query", "-d", str(self.path), "-o", "csv", "good")
            self.check(done, 0, "a\r\n1\r\n")
        finally:
            locked.chmod(0o700)

    def test_bad_files_stop_nothing_and_are_named(self):
        good = '{"a":1}\n{"a":2}\n'
        self.file("good.json", good)
        self.file("empty.json", "")
        self.file("cut.json", '{"a":1}\n{"a":')
        self.file("bytes.json", b'{"a":"\xff\xfe"}\n')
        self.file("short.json.gz", gzip.compress(good.encode() * 1000)[:-20])
        self.file("noise.bin", os.urandom(2000))
        archive = self.path / "bad.zip"
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr("first.json", good)
            made.writestr("second.json", good)
        content = bytearray(archive.read_bytes())
        content[content.index(b"first.json") + len("first.json") + 2] ^= 0xFF
        archive.write_bytes(bytes(content))
        done = run("query", "-d", str(self.path), "-o", "json", "--strict", "good | count")
        self.check(done, 3)
        self.assertEqual(json.loads(done.stdout)["rows"], [[2]])
        listed = {row[0].split("/")[-1] for row in json.loads(run("evidence", "-d", str(self.path), "-o", "json").stdout)["rows"]}
        self.assertGreaterEqual(listed, {"good.json", "empty.json", "cut.json", "bytes.json", "noise.bin"})
        rejects = json.loads(run("rejects", "-d", str(self.path), "-o", "json").stdout)
        self.assertEqual([column["name"] for column in rejects["columns"]], ["Path", "Offset", "Reason", "Bytes"])
        places = {(row[0].split("/")[-1], row[1]) for row in rejects["rows"]}
        self.assertIn(("cut.json", 8), places)
        self.assertTrue(all(row[2] for row in rejects["rows"]))

    def test_hostile_text_is_harmless_on_a_terminal_and_in_a_page(self):
        hostile = "\x1b]0;owned\x07<script>alert(1)</script>\u202e"
        data = self.file("h.json", json.dumps({"a": hostile, hostile: 1}) + "\n")
        shown = run("query", "-d", data, "h").stdout
        for bad in ("\x1b", "\x07", "\u202e"):
            self.assertNotIn(bad, shown)
        page = run("query", "-d", data, "-o", "html", "h").stdout
        self.assertNotIn("<script>alert", page)
        self.assertEqual(json.loads(run("query", "-d", data, "-o", "json", "h").stdout)["rows"][0][0], hostile)


class Signals(Cli):
    def test_interrupt(self):
        child = subprocess.Popen([HUNTBOOK, "query", SLOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=20)
        self.assertEqual((child.returncode, out), (130, ""), err)
        self.assertIn("interrupted", err)

    def test_closed_pipe_ends_quietly(self):
        child = subprocess.Popen([HUNTBOOK, "query", "-o", "csv", "range x from 1 to 3000000 step 1"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.read(10)
        child.stdout.close()
        self.assertEqual(child.stderr.read(), b"")
        child.stderr.close()
        self.assertIn(child.wait(30), (-signal.SIGPIPE, 0))

    def test_progress_is_for_terminals_only(self):
        data = self.file("p.json", '{"a":1}\n' * 200000)
        self.check(run("query", "-d", data, "-o", "csv", "p | count"), 0, "Count\r\n200000\r\n", "")
        try:
            main, side = pty.openpty()
        except OSError as problem:
            self.skipTest(f"no pseudo-terminal to be had: {problem}")
        child = subprocess.Popen([HUNTBOOK, "query", "-d", data, "p | count"], stdout=subprocess.PIPE, stderr=side)
        out, _ = child.communicate(timeout=30)
        os.close(side)
        os.close(main)
        self.assertNotIn(b"\r", out)


class Pictures(Cli):
    DATA = "datatable(t:datetime, k:string)[datetime(2024-01-01), 'a', datetime(2024-01-02), 'b']"

    def test_draw(self):
        for name, start in {"x.html": "<!DOCTYPE html>", "x.svg": "<svg"}.items():
            out = self.path / name
            self.check(run("draw", "-k", "timeline", "--with", "series=k", "--out", str(out), self.DATA), 0, "",
                       f"wrote {out} (2 rows)\n")
            self.assertIn(start, out.read_text()[:200])
        self.check(run("draw", "--out", str(self.path / "y.html"), self.DATA + " | render timeline"), 0, "")
        self.check(run("draw", "--out", str(self.path / "y.html"), self.DATA), 2, "")
        self.check(run("draw", "-k", "timelin", "--out", str(self.path / "y.html"), self.DATA), 1, "")

    def test_report(self):
        out = self.path / "r.html"
        self.check(run("report", "--title", "<b>", "--out", str(out), self.DATA + " | render timeline"), 0, "")
        self.assertIn("&lt;b&gt;", out.read_text())
        self.check(run("report", "--out", str(out), "print 1"), 1, "")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
