#!/usr/bin/env bash
# Fetches the parts in third_party/npm.list into build/deps/<name> (slashes become dashes), checking each hash.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
deps="${HB_DEPS:-$root/build/deps}"
mkdir -p "$deps"
while read -r name version hash; do
  case "$name" in ''|'#'*) continue ;; esac
  folder="$deps/$(echo "${name#@}" | tr / -)"
  if [ "$(cat "$folder/.hash" 2>/dev/null)" = "$hash" ]; then continue; fi
  echo "fetching $name $version" >&2
  work=$(mktemp -d "$deps/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  file=$(cd "$work" && npm pack --loglevel=error "$name@$version" | tail -n 1) ||
    { echo "fetch_npm: npm cannot fetch $name $version; its message is above" >&2; exit 1; }
  have="sha512-$(openssl dgst -sha512 -binary "$work/$file" | openssl base64 -A)"
  if [ "$have" != "$hash" ]; then
    echo "fetch_npm: $name $version has the hash $have, expected $hash" >&2
    exit 1
  fi
  case "$name" in
    duckdb) tar -xzf "$work/$file" -C "$work" package/src/duckdb/src/include/duckdb.h ;;  # the C header alone
    *) tar -xzf "$work/$file" -C "$work" ;;
  esac
  rm -rf "$folder"
  mv "$work/package" "$folder"
  echo "$hash" > "$folder/.hash"
  rm -rf "$work"
  trap - EXIT
done < "$root/third_party/npm.list"
