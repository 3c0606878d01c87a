#!/usr/bin/env python3
"""Checks the rules that no compiler checks, and names each breach.

Layers (tools/layers.json is the law), the public headers' cost, the length of files, a golden case for every
diagnostic code, a check in every test file. Exit 1 when a rule is broken.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.M)
SOURCES = {".cc", ".h", ".js", ".mjs", ".py", ".cmake", ".html", ".css", ".yaml", ".yml", ".sh", ".kql", ".case"}
CHECKS = re.compile(r"\b(EXPECT|ASSERT)_[A-Z_]+\(|ADD_FAILURE\(|\bcheck_[a-z_]+\(|\bexpect_[a-z_]+\(")


def files(root: Path) -> list[str]:
    """Every file in git, and those about to be added."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:  # an exported tree
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    return sorted(name for name in names
                  if (root / name).is_file() and not name.startswith(("build/", ".git/")))


def module_of(name: str, law: dict) -> str | None:
    if name.startswith("include/"):
        return law["public_headers"].get(name.removeprefix("include/"), "?")
    for module in law["modules"]:
        if name.startswith(module + "/") or name.startswith(f"src/{module}/"):
            return module
    return None


def third_party_of(header: str, law: dict) -> str | None:
    hits = [prefix for prefix in law["third_party"] if header.startswith(prefix)]
    return law["third_party"][max(hits, key=len)] if hits else None


class Checker:
    def __init__(self, root: Path):
        self.root = root
        self.law = json.loads((root / "tools/layers.json").read_text())
        self.names = files(root)
        self.broken: list[str] = []
        self.written: dict[str | None, set[str]] = {}

    def text(self, name: str) -> str:
        return (self.root / name).read_text(errors="replace")

    def fail(self, place: str, message: str) -> None:
        self.broken.append(f"{place}: {message}")

    def check_law(self) -> None:
        """The law itself points downwards only."""
        modules = self.law["modules"]
        for name, rule in modules.items():
            for other in rule["may_include"]:
                if modules[other]["level"] > rule["level"]:
                    self.fail("tools/layers.json:1", f"`{name}` may not include `{other}` of a higher level")

    def check_includes(self) -> None:
        for name in self.names:
            if not name.endswith((".h", ".cc")):
                continue
            module = module_of(name, self.law)
            folder = name.split("/")[0]
            if module is None and folder not in self.law["free_folders"]:
                self.fail(f"{name}:1", "belongs to no module of tools/layers.json")
                continue
            if module == "?":
                self.fail(f"{name}:1", "is a public header that tools/layers.json does not list")
                continue
            text = self.text(name)
            for match in INCLUDE.finditer(text):
                place = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
                self.check_include(place, name, module, folder, match.group(1) or match.group(2), bool(match.group(1)))

    def check_include(self, place: str, name: str, module: str | None, folder: str, header: str, quoted: bool) -> None:
        law = self.law
        if header.startswith("../") or "/../" in header:
            self.fail(place, f"`{header}` leaves its folder")
            return
        if not quoted and "/" not in header and "." not in header:
            return  # the standard library
        target = None
        if quoted and header.startswith("huntbook/"):
            target = law["public_headers"].get(header)
            if target is None:
                self.fail(place, f"public header `{header}` is not in tools/layers.json")
                return
        elif quoted and "/" in header:
            target = header.split("/")[0]
            if target not in law["modules"]:
                self.fail(place, f"`{header}` belongs to no module")
                return
        elif quoted:  # beside it, or written by the build of its module
            if (Path(name).parent / header).as_posix() not in self.names and header not in self.generated(module):
                self.fail(place, f"`{header}` is nowhere in the tree (third-party headers go in <>)")
            return
        if target is not None:
            if module is not None and target != module and target not in law["modules"][module]["may_include"]:
                self.fail(place, f"`{module}` may not include `{header}` of `{target}`")
            return
        if any(header.startswith(prefix) for prefix in law["system_headers"]):
            if name.startswith("include/"):
                self.fail(place, f"a public header includes `{header}`")
            return
        party = third_party_of(header, law)
        if party is None:
            self.fail(place, f"`{header}` is in no list of tools/layers.json")
        elif name.startswith("include/"):
            self.fail(place, f"a public header includes `{header}` of {party}")
        elif party in law["everywhere"]:
            return
        elif party in law["tests_only"]:
            if module is not None and not re.search(r"_test\.(cc|h)$|/(test_[a-z_]+|testing)\.h$", name):
                self.fail(place, f"`{header}` outside of a test")
        elif module is None:
            if party not in law["free_folders"][folder]:
                self.fail(place, f"`{folder}` may not include `{header}` of {party}")
        elif party not in law["modules"][module]["third_party"]:
            self.fail(place, f"`{module}` may not include `{header}` of {party}")

    def generated(self, module: str | None) -> set[str]:
        """Headers that the module's CMakeLists.txt has written: `NAME x` of huntbook_embed gives x.h, others stand there."""
        if module not in self.written:
            name = f"{module}/CMakeLists.txt" if "/" in (module or "") else f"src/{module}/CMakeLists.txt"
            text = self.text(name) if name in self.names else ""
            self.written[module] = {f"{found}.h" for found in re.findall(r"\bNAME\s+(\w+)", text)}
            self.written[module].update(re.findall(r"(?<=/)\w+\.(?:h|inc)\b", text))
        return self.written[module]

    def check_lengths(self) -> None:
        most = self.law["limits"]["lines_per_file"]
        for name in self.names:
            if Path(name).suffix in SOURCES or name in ("run", ".ci/run"):
                lines = self.text(name).count("\n")
                if lines > most:
                    self.fail(f"{name}:{most + 1}", f"{lines} lines, at most {most} are allowed")

    def check_public_headers(self, compiler: str) -> None:
        limits = self.law["limits"]
        headers = [name for name in self.names if name.startswith("include/")]
        lines = sum(self.text(name).count("\n") for name in headers)
        if len(headers) > limits["public_headers"]:
            self.fail("include/huntbook:1", f"{len(headers)} public headers, at most {limits['public_headers']} are allowed")
        if lines > limits["public_lines"]:
            self.fail("include/huntbook:1", f"{lines} lines of public headers, at most {limits['public_lines']} are allowed")
        for name in headers:
            done = subprocess.run([compiler, "-std=c++20", "-E", "-P", "-I", str(self.root / "include"), "-x", "c++",
                                   str(self.root / name)], capture_output=True, text=True)
            cost = done.stdout.count("\n")
            if done.returncode != 0:
                self.fail(f"{name}:1", f"does not compile alone: {done.stderr.strip()[:300]}")
            elif cost > limits["preprocessed_lines"]:
                self.fail(f"{name}:1", f"{cost} lines preprocessed, at most {limits['preprocessed_lines']} are allowed")

    def check_error_cases(self) -> None:
        """Every code that the compiler can say has a case that holds all of it: message, line with a caret, hint."""
        table = "src/kql/errors.def"
        seen, drawn = set(), set()
        for name in self.names:
            if not (name.startswith("tests/cases/") and name.endswith(".case")):
                continue
            answer = self.text(name).partition("\n=\n")[2]
            for block in re.split(r"^(?=error )", answer, flags=re.M):
                code = re.match(r"error ([\w-]+): ", block)
                if code:
                    seen.add(code.group(1))
                if code and re.search(r"^  at line \d+, column \d+\n  \| .*\n +\^+$", block, re.M):
                    drawn.add(code.group(1))
        for number, line in enumerate(self.text(table).split("\n") if table in self.names else [], 1):
            for code in re.findall(r'HB_ERROR\(\w+, "([^"]+)"', line):
                if code not in seen:
                    self.fail(f"{table}:{number}", f"code `{code}` has no case in tests/cases")
                elif code not in drawn:
                    self.fail(f"{table}:{number}", f"no case of code `{code}` shows a line with a caret")

    def check_tests(self) -> None:
        for name in self.names:
            if not name.endswith("_test.cc"):
                continue
            text = re.sub(r"//[^\n]*", "", self.text(name))
            if not CHECKS.search(text):
                self.fail(f"{name}:1", "a test file without a check")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to check")
    parser.add_argument("--compiler", default="g++", help="preprocesses the public headers")
    args = parser.parse_args()
    checker = Checker(args.root.resolve())
    checker.check_law()
    checker.check_includes()
    checker.check_lengths()
    checker.check_public_headers(args.compiler)
    checker.check_error_cases()
    checker.check_tests()
    for line in checker.broken:
        print(line)
    checked = sum(name.endswith((".h", ".cc")) for name in checker.names)
    print(f"layers: {checked} sources checked, {len(checker.broken)} rules broken" if checker.broken
          else f"layers: {checked} sources checked, all rules hold")
    return 1 if checker.broken else 0


if __name__ == "__main__":
    sys.exit(main())
