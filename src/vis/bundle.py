#!/usr/bin/env python3
"""Makes the page template: bundle.py OUT PAGE STYLE SCRIPT...

Puts the style and the scripts (as one strict function) into PAGE and their SHA-256 into its content security
policy, so that a browser runs these bytes and no others.
"""
import base64
import hashlib
import sys


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def read(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read().replace("\r\n", "\n")


def main() -> None:
    out, page, style, *scripts = sys.argv[1:]
    style_text = "\n" + read(style)
    script_text = "\n(() => {\n'use strict';\n" + "\n".join(map(read, scripts)) + "})();\n"
    if "</" in script_text or "<!--" in script_text or "</" in style_text:
        sys.exit("bundle.py: a script or style must not hold `</` or `<!--`")
    html = read(page)
    for marker, text in (("@SCRIPT_HASH@", digest(script_text)), ("@STYLE_HASH@", digest(style_text)),
                         ("@STYLE@", style_text), ("@SCRIPT@", script_text)):
        if html.count(marker) != 1:
            sys.exit(f"bundle.py: marker {marker} must stand once in {page}")
        html = html.replace(marker, text)
    with open(out, "w", encoding="utf-8", newline="\n") as file:
        file.write(html)


main()
