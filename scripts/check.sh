#!/usr/bin/env bash
# Lint, format, types, the import contract, the pages' own checks and budget, and that no lock file
# names a registry. The pages are checked meanwhile; what is said of them is shown afterwards. Interrupted, both end.
set -euo pipefail
cd "$(dirname "$0")/.."
said=$(mktemp)
trap 'rm -f "$said"' EXIT
set -m # each in a process group of its own, to be ended with all it started
(
  npm run --silent --prefix web check
  npm run --silent --prefix web test
  npm run --silent --prefix web size
) >"$said" 2>&1 </dev/null &
pages=$!
(
  .venv/bin/python -m ruff check .
  .venv/bin/python -m ruff format --check .
  .venv/bin/python -m mypy
  .venv/bin/lint-imports
  if grep -nE 'https?://|--(extra-)?index-url|--find-links' requirements/*.txt; then
    echo "A lock file names an address." >&2; exit 1
  fi
  if grep -nE '"resolved":' web/package-lock.json; then
    echo "web/package-lock.json names an address." >&2; exit 1
  fi
) </dev/null &
python=$!
set +m
trap 'kill -- "-$pages" "-$python" 2>/dev/null || true; wait 2>/dev/null || true; exit 130' INT TERM HUP
code=0
wait "$python" || code=$?
wait "$pages" || code=$?
cat "$said"
exit "$code"
