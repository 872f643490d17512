#!/usr/bin/env bash
# Run the tests: `tests.sh short|long`. Files run three at a time, as most of an evening is waiting, those of the real
# browser first. What fails beside others is tried once more by itself: a browser starved by its neighbours is not a
# fault, and a fault fails again. More than a handful is never that, and is not tried again.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1-} in
  short) which=(-m "not long") handful=6 ;;
  long) which=(--timeout 1800) handful=12 ;;
  *) echo "usage: tests.sh short|long" >&2; exit 2 ;;
esac
pytest=(.venv/bin/python -m pytest "${which[@]}")
code=0
"${pytest[@]}" -n 3 --dist loadfile --no-loadscope-reorder --cache-clear || code=$?
[ "$code" -eq 1 ] || exit "$code"
failed=$(.venv/bin/python -c 'import json; print(len(json.load(open(".pytest_cache/v/cache/lastfailed"))))')
if [ "$failed" -gt "$handful" ]; then exit 1; fi
echo "$failed failed beside others; each is tried once more by itself:" >&2
"${pytest[@]}" --last-failed
