#!/usr/bin/env bash
# run.sh MAKE_PAGES OUT: draws the pages into OUT/pages and drives them through Chromium; pictures in OUT/screens.
# Exit 77 (skipped) where node, Chromium or playwright-core is missing.
set -euo pipefail
make_pages=$1
out=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
node=${NODE:-}
[ -x "$node" ] || node=$(command -v node) || { echo "skipped: node is not installed"; exit 77; }
chromium=${CHROMIUM:-}
[ -x "$chromium" ] || chromium=$(command -v chromium) || { echo "skipped: chromium is not installed"; exit 77; }
playwright=${PLAYWRIGHT_DIR:-$here/../../build/deps/playwright-core}
[ -f "$playwright/index.mjs" ] || { echo "skipped: playwright-core is not in $playwright (tools/fetch_npm.sh gets it)"; exit 77; }
mkdir -p "$out/pages" "$out/screens"
"$make_pages" "$out/pages"
CHROMIUM=$chromium PLAYWRIGHT_DIR=$playwright exec "$node" "$here/pages_test.mjs" "$out/pages" "$out/screens" "${@:3}"
