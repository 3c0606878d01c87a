#!/usr/bin/env python3
"""Writes the function table as C++ data: gen_functions.py OUT.inc FILE.yaml...

The format is described in src/kql/functions/README.md. Anything that it does not describe is an error, told as
`file: name: what is wrong`, and nothing is written.
"""
import os
import re
import sys

import yaml

TYPES = {"bool": "kBool", "int": "kInt", "long": "kLong", "real": "kReal", "string": "kString",
         "datetime": "kDatetime", "timespan": "kTimespan", "dynamic": "kDynamic", "guid": "kGuid",
         "decimal": "kDecimal"}
CLASSES = TYPES | {"any": "kAny", "number": "kNumber", "integer": "kInteger", "summable": "kSummable",
                   "orderable": "kOrderable", "time": "kTime", "text": "kText", "json": "kJson",
                   "type": "kTypeLiteral", "table": "kTable"}
KINDS = {"scalar": "kScalar", "aggregate": "kAggregate", "window": "kWindow", "operator": "kOperator",
         "plugin": "kPlugin"}
FUNCTION_KEYS = {"name", "kind", "aliases", "doc", "signatures", "example", "result", "result_name",
                 "name_from", "columns"}
SIGNATURE_KEYS = {"params", "returns", "sql", "body", "nulls", "post", "post_from", "sql_type"}


class Problem(Exception):
    pass


def quoted(text):
    out = ""
    for byte in text.encode():
        if byte in b'"\\?':
            out += "\\" + chr(byte)
        elif 32 <= byte < 127:
            out += chr(byte)
        else:
            out += f"\\{byte:03o}"
    return f'"{out}"'


def read_param(text):
    match = re.fullmatch(r"(\w+)([?*]*): (\w+)( const)?", text)
    if not match:
        raise Problem(f"parameter `{text}` is not `name: class`")
    name, marks, accepts, constant = match.groups()
    if accepts not in CLASSES:
        raise Problem(f"parameter `{name}` has the unknown class `{accepts}`")
    return {"name": name, "accepts": accepts, "optional": "?" in marks, "repeated": "*" in marks,
            "constant": bool(constant)}


def read_returns(text, params):
    """Gives (returns, type, argument)."""
    words = text.split()
    if len(words) == 1 and words[0] in TYPES:
        return "kType", words[0], 0
    if words == ["common"]:
        return "kCommon", "string", 0
    if len(words) == 2 and words[0] in ("same", "widen") and words[1].isdigit():
        argument = int(words[1])
        if argument >= len(params):
            raise Problem(f"`returns: {text}` names a parameter that is not there")
        return "kSame" if words[0] == "same" else "kWiden", "string", argument
    if words[0] == "typeof" and len(words) <= 2 and (len(words) == 1 or words[1] in TYPES):
        return "kTypeOf", words[1] if len(words) == 2 else "string", 0
    raise Problem(f"`returns: {text}` is not understood")


def read_signature(entry, kind):
    for key in entry:
        if key not in SIGNATURE_KEYS:
            raise Problem(f"unknown key `{key}` in a signature")
    params = [read_param(p) for p in entry.get("params") or []]
    for i, param in enumerate(params):
        if param["repeated"] and i + 1 != len(params):
            raise Problem(f"only the last parameter may be repeated, not `{param['name']}`")
        if i and params[i - 1]["optional"] and not param["optional"]:
            raise Problem(f"`{param['name']}` follows an optional parameter and is none")
    sql, body = entry.get("sql", ""), entry.get("body", "")
    if kind in ("scalar", "operator", "aggregate") and bool(sql) == bool(body):
        raise Problem("a signature has exactly one of `sql` and `body`")
    named = ("*", "order") if kind == "aggregate" else ("*",)
    for place in re.findall(r"\{([^}]*)\}", sql):
        if place not in named and not (place.isdigit() and int(place) < len(params)):
            raise Problem(f"`sql` names the argument {{{place}}} that is not there")
    nulls = entry.get("nulls", "")
    if nulls not in ("", "own"):
        raise Problem(f"`nulls: {nulls}` is not `own`")
    if ("returns" in entry) == (kind == "plugin"):
        raise Problem("a signature has `returns`, unless it is a plugin's")
    returns, type_, argument = read_returns(entry.get("returns", "string"), params)
    sql_type = entry.get("sql_type", "dynamic")
    if sql_type not in TYPES:
        raise Problem(f"`sql_type: {sql_type}` is no type")
    post_from = entry.get("post_from", "255")
    if not post_from.isdigit():
        raise Problem(f"`post_from: {post_from}` is no number")
    return {"params": params, "returns": returns, "type": type_, "argument": argument, "own": nulls == "own",
            "sql": sql, "body": body, "post": entry.get("post", ""), "post_from": int(post_from),
            "sql_type": sql_type}


def read_function(entry):
    for key in entry:
        if key not in FUNCTION_KEYS:
            raise Problem(f"unknown key `{key}`")
    kind = entry.get("kind", "scalar")
    if kind not in KINDS:
        raise Problem(f"unknown kind `{kind}`")
    for key in ("doc", "signatures", "example", "result"):
        if key not in entry:
            raise Problem(f"`{key}` is missing")
    if not entry["signatures"]:
        raise Problem("`signatures` is empty")
    name_from = entry.get("name_from", "255")
    if not name_from.isdigit():
        raise Problem(f"`name_from: {name_from}` is no number")
    columns = []
    for column in entry.get("columns") or []:
        match = re.fullmatch(r"(\w+): (\w+)", column)
        if not match or match[2] not in TYPES:
            raise Problem(f"column `{column}` is not `name: type`")
        columns.append(match.groups())
    return entry | {"kind": kind, "name_from": int(name_from), "columns": columns, "aliases": entry.get("aliases") or [],
                    "result_name": entry.get("result_name", ""),
                    "signatures": [read_signature(s, kind) for s in entry["signatures"]]}


def read_files(files):
    functions, problems, seen = [], [], set()
    for file in files:
        short = os.path.basename(file)
        try:
            entries = yaml.load(open(file, encoding="utf-8"), yaml.BaseLoader) or []
        except yaml.YAMLError as error:
            problems.append(f"{short}: {error}")
            continue
        for entry in entries:
            name = entry.get("name", "?") if isinstance(entry, dict) else "?"
            try:
                if not isinstance(entry, dict) or "name" not in entry:
                    raise Problem("an entry has no `name`")
                function = read_function(entry)
                for spelling in [name, *function["aliases"]]:
                    if (spelling, function["kind"]) in seen:
                        raise Problem(f"`{spelling}` is there twice as {function['kind']}")
                    seen.add((spelling, function["kind"]))
                functions.append(function)
            except Problem as problem:
                problems.append(f"{short}: {name}: {problem}")
    return functions, problems


def write_param(param):
    text = f'{{{quoted(param["name"])}, Accepts::{CLASSES[param["accepts"]]}'
    flags = [param["optional"], param["repeated"], param["constant"]]
    return text + "".join(", true" if f else ", false" for f in flags) + "}"


def write_signature(signature, params):
    return (f'{{{params}, Returns::{signature["returns"]}, Type::{TYPES[signature["type"]]}, '
            f'{signature["argument"]}, {"true" if signature["own"] else "false"}, {quoted(signature["sql"])}, '
            f'{quoted(signature["body"])}, {quoted(signature["post"])}, {signature["post_from"]}, '
            f'Type::{TYPES[signature["sql_type"]]}}}')


def write(functions, out):
    lines, rows = ["// Generated by tools/gen_functions.py."], []
    for f, function in enumerate(functions):
        signatures = []
        for s, signature in enumerate(function["signatures"]):
            name = "{}"
            if signature["params"]:
                name = f"kParams{f}_{s}"
                lines.append(f"constexpr Param {name}[] = {{" + ", ".join(map(write_param, signature["params"])) + "};")
            signatures.append(write_signature(signature, name))
        lines.append(f"constexpr Signature kSignatures{f}[] = {{" + ",\n  ".join(signatures) + "};")
        columns = "{}"
        if function["columns"]:
            columns = f"kColumns{f}"
            lines.append(f"constexpr ResultColumn {columns}[] = {{" + ", ".join(
                f"{{{quoted(name)}, Type::{TYPES[type_]}}}" for name, type_ in function["columns"]) + "};")
        for spelling in [function["name"], *function["aliases"]]:
            alias_of = "" if spelling == function["name"] else function["name"]
            order = list(KINDS).index(function["kind"])
            rows.append((spelling.encode(), order,
                         f'  {{{quoted(spelling)}, FunctionKind::{KINDS[function["kind"]]}, {quoted(function["doc"])}, '
                         f'{quoted(alias_of)}, {quoted(function["result_name"])}, {function["name_from"]}, '
                         f'{columns}, kSignatures{f}, '
                         f'{quoted(function["example"])}, {quoted(function["result"])}}},'))
    lines.append("constexpr Function kFunctions[] = {")
    lines += [row for _, _, row in sorted(rows)]
    lines.append("};\n")
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def main():
    functions, problems = read_files(sys.argv[2:])
    if problems:
        print("\n".join(problems), file=sys.stderr)
        sys.exit(1)
    write(functions, sys.argv[1])


main()
