#!/usr/bin/env bash
# The demonstration: demo.sh HUNTBOOK FOLDER. Writes a synthetic intrusion, asks six questions of it, runs a pack
# query and a pivot, and draws a report.
set -euo pipefail
huntbook=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
evidence="$folder/evidence"
width=$(tput cols 2> /dev/null || echo 160)
[ -t 1 ] || width=160

say() { printf '\n%s\n' "$*"; }
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then say() { printf '\n\033[1m%s\033[0m\n' "$*"; }; fi

say "A company's logs, two weeks of them, with one intrusion inside (huntbook scenario $folder)"
"$huntbook" scenario "$folder" --seed 7 --scale "${HB_DEMO_SCALE:-1}"

number=0
for query in "$here"/[0-9]_*.kql; do
  number=$((number + 1))
  say "$number. $(sed -n '1s,^// ,,p' "$query")"
  "$huntbook" query -d "$evidence" --width "$width" -f "$query"
done

say "A query of the built-in pack: command lines that take credentials out of memory or the registry"
"$huntbook" queries run credential_dump_commands -d "$evidence" --width "$width"

say "A pivot: what kind of addresses did the first victim talk to most?"
"$huntbook" query -d "$evidence" --width "$width" -f "$here/pivot_addresses.kql"

say "A report: timeline and process tree of the intrusion"
"$huntbook" report -d "$evidence" --title "Intrusion at Tarnwick Instruments" --out "$folder/report.html" \
  "$(cat "$here/report_timeline.kql")" "$(cat "$here/report_tree.kql")"

cat <<EOF

Open $folder/report.html in a browser: zoom with the wheel, drag to pan, click the legend to filter.
What really happened is in $folder/ground_truth.json, as $folder/README.txt explains.

Try next:
  $huntbook tables -d $evidence
  $huntbook query -d $evidence 'SecurityEvent | where EventID == 4625 | summarize count() by TargetUserName | top 5 by count_'
  $huntbook queries search logon
  $huntbook queries run rare_processes -d $evidence max_hosts=1
  $huntbook query -d YOUR/LOGS 'union withsource=Table * | summarize count() by Table'
EOF
