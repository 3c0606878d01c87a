#!/usr/bin/env python3
"""Writes docs/language.md from the function data and src/kql/language: gen_language.py HUNTBOOK [--check].

What is supported is asked of the built program, and every example that shows a choice is run. With --check nothing is
written: the run fails when the page is not what would be.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/language.md"
LANGUAGE = ROOT / "src/kql/language"
FUNCTIONS = ROOT / "src/kql/functions"
SUBJECTS = {"operators": "Operators of expressions", "logic": "Logic and choice", "strings": "Text", "conversions": "Conversions",
            "datetime": "Time", "math": "Numbers", "dynamic": "Dynamic values", "arrays": "Arrays and sets", "parsing": "Parsing",
            "network": "Addresses", "encoding": "Encodings and hashes", "series": "Series", "series_whole": "Series as a whole", "geo": "Places on the Earth",
            "window": "Window functions", "aggregates": "Aggregates", "plugins": "Plugins"}


def load(path: Path) -> list:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) or []


def ask(huntbook: str, queries: list[str], *command: str) -> list[dict]:
    lines = "".join(json.dumps({"id": number, "query": query}) + "\n" for number, query in enumerate(queries))
    done = subprocess.run([huntbook, *command], input=lines, capture_output=True, text=True, timeout=600, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def cell(text: str) -> str:
    """Text within a table of Markdown."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text: str) -> str:
    text = cell(text)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *("| " + " | ".join(row) + " |" for row in rows), ""]


def cases() -> str:
    """The text of every case, for whether a name is tested there."""
    return "\n".join(path.read_text(encoding="utf-8").split("\n=\n")[0] for path in sorted((ROOT / "tests/cases").rglob("*.case")))


def signature(function: dict, entry: dict) -> str:
    params = []
    for param in entry.get("params") or []:
        name, _, accepts = param.partition(":")
        text = f"{name.rstrip('?*')}: {accepts.strip().removesuffix(' const')}"
        text += ", ..." if "*" in name else ""
        params.append(f"[{text}]" if "?" in name else text)
    if function.get("kind") == "operator":
        words = [param.split(": ")[-1] for param in params]
        return f"{words[0]} {function['name']} {words[1]}" if len(words) == 2 else f"{function['name']} {' '.join(words)}"
    shown = f"{function['name']}({', '.join(params)})"
    returns = entry.get("returns", "")
    match = re.fullmatch(r"(same|widen) (\d+)", returns)
    if match:
        of = (entry.get("params") or ["?"])[int(match.group(2))].partition(":")[0].rstrip("?*")
        returns = f"type of {of}"
    elif returns == "common":
        returns = "their common type"
    elif returns.startswith("typeof"):
        returns = "the type written"
    return shown if function.get("kind") == "plugin" else f"{shown}: {returns}"


def state(huntbook: str, entry: dict, answer: dict) -> bool:
    """Whether the example is answered; False when it is refused by name."""
    error = answer.get("error")
    if error and error["code"] in ("HB-L001", "HB-V005", "HB-R004"):  # it names a table, a file or a connection that is not there
        answer = ask(huntbook, [entry["example"]], "check", "--open")[0]
        error = answer.get("error")
    if error and error["code"] != "unsupported":
        sys.exit(f"operators.yaml: {entry['name']}: {entry['example']}: {error['message']}")
    return not error


def pivots_part(huntbook: str) -> list[str]:
    done = subprocess.run([huntbook, "pivots", "-o", "jsonl"], capture_output=True, text=True, check=True)
    pivots = [json.loads(line) for line in done.stdout.splitlines()]
    return ["### Pivots", "", "Plugins that add what is known about a value: `T | evaluate NAME(COLUMN)`.", "",
            *table(["", "of", "adds", ""], [[code(each["Name"]), each["Entity"], code(each["Output"]), cell(each["Description"])]
                                            for each in pivots])]


def operators_part(huntbook: str, tested: str) -> list[str]:
    entries = load(LANGUAGE / "operators.yaml")
    states = [state(huntbook, entry, answer) for entry, answer in
              zip(entries, ask(huntbook, [entry["example"] for entry in entries], "batch"))]
    heads = {"operator": "Tabular operators", "source": "What a query may begin with", "statement": "Statements",
             "command": "Commands", "aggregate": "Aggregates that give several columns", "function": "Functions of graphs"}
    out = []
    for kind, title in heads.items():
        rows = []
        for entry, answered in zip(entries, states):
            if entry.get("kind", "operator") != kind:
                continue
            word = entry["name"].split("(")[0]
            in_cases = re.search(r"(?<![\w-])" + re.escape(word) + r"(?![\w-])", tested)
            by = ("example, cases" if in_cases else "example") if answered else "refused by name"
            rows.append([code(entry["syntax"]), cell(entry["doc"]), code(entry["example"]), by])
        out += [f"### {title}", "", *table(["", "", "for example", "tested by"], rows)]
    return out


def functions_part(tested: str) -> tuple[list[str], set[tuple[str, str]]]:
    out, known = [], set()
    files = sorted(FUNCTIONS.glob("*.yaml"), key=lambda path: (list(SUBJECTS).index(path.stem) if path.stem in SUBJECTS else 99, path.stem))
    for path in files:
        rows = []
        for function in sorted(load(path), key=lambda each: each["name"].lower()):
            names = [function["name"], *(function.get("aliases") or [])]
            known.update((name, function.get("kind", "scalar")) for name in names)
            word = re.escape(function["name"])
            in_cases = re.search(r"(?<!\w)" + word + (r"\s*\(" if re.match(r"\w", function["name"]) and
                                                     function.get("kind") != "operator" else ""), tested)
            lines = list(dict.fromkeys(signature(function, entry) for entry in function["signatures"]))
            also = f" Also {', '.join(code(name) for name in names[1:])}." if names[1:] else ""
            rows.append(["<br>".join(code(line) for line in lines), cell(function["doc"]) + also,
                         f"{code(function['example'])} gives {code(function['result']) if function['result'] else 'the empty text'}",
                         "example, cases" if in_cases else "example"])
        title = SUBJECTS.get(path.stem, path.stem.replace("_", " ").capitalize())
        out += [f"### {title}", "", *table(["", "", "for example", "tested by"], rows)]
    return out, known


def refused_part(huntbook: str, known: set[tuple[str, str]]) -> list[str]:
    rows, queries, names = [], [], []
    for entry in load(LANGUAGE / "refused.yaml"):
        kind = "scalar" if entry["kind"] == "function" else entry["kind"]
        left = [name for name in entry["names"] if (name, kind) not in known]
        for name in left:
            call = {"function": f"print {name}(1)", "aggregate": f"print x = 1 | summarize {name}(x)",
                    "plugin": f"print x = 1 | evaluate {name}(x)"}[entry["kind"]]
            queries.append(call)
            names.append(name)
        if left:
            rows.append([", ".join(code(name) for name in left), entry["kind"], cell(entry["reason"])])
    for name, answer in zip(names, ask(huntbook, queries, "check")):
        if answer["ok"] or answer["error"]["code"] != "unsupported":
            sys.exit(f"refused.yaml: `{name}` is not refused by name")
    return table(["", "", "why, or what to do"], rows)


def choices_part(huntbook: str) -> list[str]:
    entries = load(LANGUAGE / "choices.yaml")
    shown = [entry for entry in entries if "example" in entry]
    for entry, answer in zip(shown, ask(huntbook, [entry["example"] for entry in shown], "batch")):
        value = answer["rows"][0][0] if answer.get("rows") else "refused" if answer.get("error") else ""
        value = value if isinstance(value, str) else json.dumps(value)
        if value != entry["result"]:
            sys.exit(f"choices.yaml: {entry['point']}: gives {value}, not {entry['result']}")
    out = []
    for kind, title in {"differs": "What differs from Kusto", "open": "What was chosen where Kusto's documentation does not decide"}.items():
        out += [f"## {title}", ""]
        for entry in entries:
            if entry["kind"] != kind:
                continue
            example = f" {code(entry['example'])} gives {code(entry['result'])}.".replace("\\|", "|") if "example" in entry else ""
            out.append(f"* **{entry['point']}.** {' '.join(entry['choice'].split())}{example}")
        out.append("")
    return out


def differences_part() -> list[str]:
    entries = load(LANGUAGE / "known_differences.yaml")
    intro = ["## Cases that still differ", "",
             "Recorded and documented answers that Huntbook does not give, out of the corpora that stand beside the repository.", ""]
    if not entries:
        return intro + ["None is listed.", ""]
    return intro + table(["corpus", "case", "reason"],
                         [[cell(entry["corpus"]), code(entry["id"]), cell(entry["reason"])] for entry in entries])


def page(huntbook: str) -> str:
    tested = cases()
    functions, known = functions_part(tested)
    lines = [
        "# The language", "",
        "<!-- Written by tools/gen_language.py from src/kql/functions and src/kql/language; do not edit. -->", "",
        "Huntbook answers KQL as Kusto does. This page lists all that it knows, all that it refuses by name, and what differs.", "",
        "How it is tested: the example of every function and operator runs as a test and must give what stands here; `cases` means",
        "that whole queries with their whole answers in `tests/cases` use the name too. Beyond these, the recorded answers of the",
        "engine and the examples of its documentation run where they are at hand.", "",
        "## Operators and statements", "", *operators_part(huntbook, tested),
        "## Functions", "", *functions, *pivots_part(huntbook),
        "## What is refused by name", "",
        "A query that names one of these gets the error `unsupported`. Nothing is replaced by null or by something similar.", "",
        *refused_part(huntbook, known), *choices_part(huntbook), *differences_part()]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    huntbook = str(Path(sys.argv[1]).resolve())
    text = page(huntbook)
    if "--check" not in sys.argv[2:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"docs/language.md is not what is known of the language; run tools/gen_language.py {sys.argv[1]}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
