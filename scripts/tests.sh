#!/usr/bin/env bash
# Run the tests: `tests.sh short|long`. Files run three at a time, as most of an evening is waiting, those of the real
# browser first. What fails beside others is named and tried once more by itself: a browser starved by its neighbours
# is not a fault, and a fault fails again. More than a handful is never that, and is not tried again. The last line is
# pytest's own: after a second try it counts that alone, and what the first came to stands before it.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1-} in
  short) which=(-m "not long") handful=6 ;;
  long) which=(--timeout 1800) handful=12 ;;
  *) echo "usage: tests.sh short|long" >&2; exit 2 ;;
esac
pytest=(.venv/bin/python -m pytest "${which[@]}")
report=$(mktemp)
trap 'rm -f "$report"' EXIT
code=0
"${pytest[@]}" -n 3 --dist loadfile --no-loadscope-reorder --cache-clear --junit-xml "$report" || code=$?
[ "$code" -eq 1 ] || exit "$code"
.venv/bin/python - "$report" "$handful" <<'PYTHON' || exit 1
import json, sys
from xml.etree import ElementTree

failed = json.load(open(".pytest_cache/v/cache/lastfailed"))
suite = next(ElementTree.parse(sys.argv[1]).iter("testsuite"))
count = {each: int(suite.get(each, 0)) for each in ("tests", "failures", "errors", "skipped")}
if len(failed) > int(sys.argv[2]):
    sys.exit(1)
passed = count["tests"] - count["failures"] - count["errors"] - count["skipped"]
print(f"\nFirst run: {passed} passed, {len(failed)} failed beside others; tried again alone:", *failed, sep="\n  ", flush=True)
PYTHON
"${pytest[@]}" --last-failed
