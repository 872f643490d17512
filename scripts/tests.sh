#!/usr/bin/env bash
# Run the tests: `tests.sh short|long`. Files run four at a time, as most of an evening is waiting, in the order of
# tests/conftest.py. The long form begins with what wants the machine to itself (`tests/alone`), then what says that
# sound never stops (`tests/steady`), which a busy machine stops: only what takes one core, or waits, runs beside it.
# The rest, browsers mostly, goes three at a time. What fails beside others is named and tried once more by itself:
# a browser starved by its neighbours is not a fault. A race that needs neighbours passes then, too: whoever sees one
# name twice has found one. More than a handful is never starvation, and is not tried again. The last line is pytest's
# own: after a second try it counts that alone, and what the first came to stands before it.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1-} in
  short) handful=6 form=(-m "not long") patience=() ;;
  long) handful=12 form=() patience=(--timeout 600) ;;
  *) echo "usage: tests.sh short|long" >&2; exit 2 ;;
esac
beside=(tests/unit tests/integration/test_control tests/browser/test_frozen_page.py)
pytest=(.venv/bin/python -m pytest --dist loadfile --no-loadscope-reorder)
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
code=0

run() { # for the first time; what failed is kept for a second
  "${pytest[@]}" --junit-xml "$reports/$1.xml" "${@:2}" || code=$?
  [ "$code" -le 1 ] || exit "$code"
}

rm -f .pytest_cache/v/cache/lastfailed
if [ "$1" = short ]; then
  run all -n 4 "${form[@]}"
else
  run alone -n 0 tests/alone
  run steady -n 3 tests/steady "${beside[@]}"
  run rest -n 3 "${patience[@]}" --ignore tests/alone --ignore tests/steady "${beside[@]/#/--ignore=}"
fi
[ "$code" -eq 1 ] || exit 0
.venv/bin/python - "$reports" "$handful" <<'PYTHON' || exit 1
import json, sys
from pathlib import Path
from xml.etree import ElementTree

failed = json.load(open(".pytest_cache/v/cache/lastfailed"))
suites = [next(ElementTree.parse(report).iter("testsuite")) for report in Path(sys.argv[1]).glob("*.xml")]
count = {each: sum(int(suite.get(each, 0)) for suite in suites) for each in ("tests", "failures", "errors", "skipped")}
if len(failed) > int(sys.argv[2]):
    sys.exit(1)
passed = count["tests"] - count["failures"] - count["errors"] - count["skipped"]
print(f"\nFirst run: {passed} passed, {len(failed)} failed beside others; tried again alone:", *failed, sep="\n  ", flush=True)
PYTHON
"${pytest[@]}" -n 0 "${form[@]}" "${patience[@]}" --last-failed
