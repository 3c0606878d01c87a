#!/usr/bin/env bash
# Prints every figure with its limit as one table: run.sh [MEGABYTES]. Exit 1 when a figure misses its limit or an
# answer is wrong. Looks for a Windows archive beside the repository and makes up events where there is none.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/bench
work=$build/data
megabytes=${1:-300}
archives=../shared/data/otrf
playwright=${PLAYWRIGHT_DIR:-$PWD/build/deps/playwright-core}
mkdir -p "$work"
bad=0
rows=()

# row NAME VALUE UNIT LIMIT TEST: TEST is an awk condition on v and l.
row() {
  local verdict=ok
  if ! awk -v v="$2" -v l="$4" "BEGIN { exit !($5) }"; then
    verdict=MISSED
    bad=1
  fi
  rows+=("$(printf '%-46s %10s %-5s  %-12s %s' "$1" "$2" "$3" "$(sed 's/v *//; s/l//' <<< "$5")$4" "$verdict")")
}

# The median of 20 runs of the whole program, in milliseconds.
cold_start() {
  python3 - "$build/huntbook" <<'PY'
import statistics, subprocess, sys, time
times = []
for _ in range(20):
    start = time.perf_counter()
    done = subprocess.run([sys.argv[1], "query", "-o", "csv", "print 1"], capture_output=True)
    times.append((time.perf_counter() - start) * 1000)
    assert (done.returncode, done.stdout) == (0, b"print_0\r\n1\r\n"), done
print(f"{statistics.median(times):.0f} {max(times):.0f}")
PY
}

# The archive with the largest .json member, or nothing.
largest_archive() {
  [ -d "$archives" ] || return 0
  python3 - "$archives" <<'PY'
import sys, zipfile
from pathlib import Path
best = (0, "")
for path in sorted(Path(sys.argv[1]).rglob("*.zip")):
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".json"):
                best = max(best, (member.file_size, str(path)))
print(best[1])
PY
}

echo "cold start: 20 runs of huntbook query 'print 1'"
if times=$(cold_start); then
  row "cold start of print 1, median" "${times% *}" ms 100 "v < l"
else
  bad=1
fi

archive=$(largest_archive)
echo "load: $megabytes MB of ${archive:-made-up Windows events}"
if "$build/bench/load_bench" "$work" "${archive:-}" "$megabytes" | tee "$work/load.txt"; then :; else bad=1; fi
rm -f "$work/load_bench.json"
rate() { sed -n "s,^$1: \([0-9]*\) MB/s.*,\1,p" "$work/load.txt"; }
row "load, the engine's own reader" "$(rate "the engine's own reader")" MB/s 0 "v > l"
row "load, ours" "$(rate ours)" MB/s 0 "v > l"
row "load, ours to the engine's reader" "$(sed -n 's/^ratio: //p' "$work/load.txt")" "" 1 "v >= l"

if command -v node > /dev/null && command -v chromium > /dev/null && [ -e "$playwright/index.mjs" ]; then
  echo "timeline: a million events in Chromium"
  mkdir -p "$work/pages"
  "$build/tests/html/make_pages" "$work/pages" > /dev/null || bad=1
  if CHROMIUM=$(command -v chromium) PLAYWRIGHT_DIR=$playwright node bench/timeline_bench.mjs "$work/pages/timeline_1m.html" \
    | tee "$work/timeline.txt"; then :; else bad=1; fi
  median() { sed -n "s/^timeline 1M: $1 *median \([0-9.]*\) ms.*/\1/p" "$work/timeline.txt"; }
  row "timeline of 1M events, page to first picture" "$(median 'page to first picture')" ms 1000 "v < l"
  row "timeline of 1M events, one zoom step" "$(median 'one zoom step')" ms 100 "v < l"
else
  echo "timeline: not measured; node, chromium or $playwright is missing"
fi

echo "hunting queries: KQL against hand-written SQL (bench/hunting) over ${HB_BENCH_MILLIONS:-10} million events"
if "$build/bench/hunting_bench" bench/hunting "${HB_BENCH_MILLIONS:-10}" | tee "$work/hunting.txt"; then :; else bad=1; fi
row "hunting queries, geometric mean to SQL" "$(sed -n 's/^geometric mean: //p' "$work/hunting.txt")" "" 1.2 "v <= l"
row "hunting queries, the worst to SQL" "$(sed -n 's/^worst: //p' "$work/hunting.txt")" "" 2 "v <= l"

queries=../shared/corpus/kql/realworld.jsonl
echo "compiling: real queries where there are any, texts that grow, texts that nest"
if "$build/bench/compile_bench" $([ -f "$queries" ] && echo "$queries") | tee "$work/compile.txt"; then :; else bad=1; fi
for figure in "median 1" "99th percentile 10" "longest 50"; do
  time=$(sed -n "s/^${figure% *}: \([0-9.]*\) ms.*/\1/p" "$work/compile.txt")
  [ -z "$time" ] || row "compiling a real query, ${figure% *}" "$time" ms "${figure##* }" "v < l"
done

echo "text search: ours against ILIKE and regexp_matches over ${HB_BENCH_TEXT_MB:-1000} MB"
if "$build/bench/text_bench" "${HB_BENCH_TEXT_MB:-1000}" | tee "$work/text.txt"; then :; else bad=1; fi
row "text search, the worst to SQL" "$(sed -n 's/^worst: //p' "$work/text.txt")" "" 1 "v < l"

# Seconds of a query under a limit of 1 GB, or nothing when the answer is wrong.
spilled() {
  local start=$EPOCHREALTIME answer
  answer=$("$build/huntbook" query --memory 1GB -o csv "$2" | tail -n 1 | tr -d '\r')
  [ "$answer" = "$1" ] || { echo "wrong answer: $answer" >&2; return 1; }
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

echo "spilling: 100 million groups, 50 million rows sorted, under 1 GB"
if seconds=$(spilled 100000000,100000000,100000000 \
  'range x from 1 to 100000000 step 1 | summarize n=count() by x | summarize count(), sum(n), max(x)'); then
  row "100 million groups under 1 GB" "$seconds" s 0 "v > l"
else
  bad=1
fi
if seconds=$(spilled 50000000,50000000,0 'range x from 1 to 50000000 step 1 | extend k = hash(x) | sort by k asc
  | extend r = row_number(), before = prev(k) | summarize count(), max(r), wrong=countif(r > 1 and before > k)'); then
  row "50 million rows sorted under 1 GB" "$seconds" s 0 "v > l"
else
  bad=1
fi

printf '\n%-46s %10s %-5s  %-12s\n' figure measured "" limit
printf '%s\n' "${rows[@]}"
exit $bad
