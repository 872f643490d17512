#!/usr/bin/env bash
# Run the tests: `tests.sh short|long`. Files run four at a time, as most of an evening is waiting, in the order of
# tests/conftest.py. The long form begins with what wants the machine to itself (`tests/alone`), then what says that
# sound never stops (`tests/steady`), which a busy machine stops: only what takes one core runs beside it. The rest,
# browsers mostly, goes three at a time. A page that sleeps for a quarter of an hour sleeps beside all that. What fails
# beside others is named and tried once more by itself: a browser starved by its neighbours is not a fault. A race that
# needs neighbours passes then, too: whoever sees one name twice has found one. More than a handful is never
# starvation, and is not tried again. The last line is pytest's own: after a second try it counts that alone, and what
# the first came to stands before it.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1-} in
  short) handful=6 form=(-m "not long") patience=() ;;
  long) handful=12 form=() patience=(--timeout 600) ;;
  *) echo "usage: tests.sh short|long" >&2; exit 2 ;;
esac
sleeps=tests/browser/test_frozen_page.py
steady=(tests/steady tests/unit)
pytest=(.venv/bin/python -m pytest --dist loadfile --no-loadscope-reorder)
reports=$(mktemp -d)
trap 'kill -INT $(jobs -p) 2>/dev/null || true; wait; rm -rf "$reports"' EXIT
code=0

try() { # NAME ARGUMENT…: in place of this shell; what fails is written down. It may be broken off though it runs behind.
  exec env --default-signal=INT "${pytest[@]}" -o cache_dir="$reports/$1" --junit-xml "$reports/$1.xml" "${@:2}"
}

judge() { # STATUS: of pytest, where 1 says that some failed
  [ "$1" -le 1 ] || exit "$1"
  [ "$1" -eq 0 ] || code=1
}

run() { # NAME ARGUMENT…
  local status=0
  (try "$@") || status=$?
  judge "$status"
}

if [ "$1" = short ]; then
  run all -n 4 "${form[@]}"
else
  run alone -n 0 tests/alone
  try asleep -n 0 "$sleeps" >"$reports/asleep.log" 2>&1 & asleep=$!
  run steady -n 2 "${steady[@]}"
  run rest -n 3 "${patience[@]}" --ignore tests/alone --ignore "$sleeps" "${steady[@]/#/--ignore=}"
  status=0
  wait "$asleep" || status=$?
  cat "$reports/asleep.log"
  judge "$status"
fi
[ "$code" -eq 1 ] || exit 0
.venv/bin/python - "$reports" "$handful" <<'PYTHON' || exit 1
import json, sys
from pathlib import Path
from xml.etree import ElementTree

reports = Path(sys.argv[1])
failed = [name for found in reports.glob("*/v/cache/lastfailed") for name in json.loads(found.read_text())]
suites = [next(ElementTree.parse(report).iter("testsuite")) for report in reports.glob("*.xml")]
count = {each: sum(int(suite.get(each, 0)) for suite in suites) for each in ("tests", "failures", "errors", "skipped")}
if len(failed) > int(sys.argv[2]):
    sys.exit(1)
(reports / "failed").write_text("\n".join(failed) + "\n")
passed = count["tests"] - count["failures"] - count["errors"] - count["skipped"]
print(f"\nFirst run: {passed} passed, {len(failed)} failed beside others; tried again alone:", *failed, sep="\n  ", flush=True)
PYTHON
mapfile -t failed <"$reports/failed"
"${pytest[@]}" -n 0 "${form[@]}" "${patience[@]}" "${failed[@]}"
