#!/usr/bin/env bash
# Lint, format, types, the import contract, the pages' own checks and budget, and that no lock file
# names a registry. The pages are checked meanwhile; what is said of them is shown afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
said=$(mktemp)
trap 'rm -f "$said"' EXIT
(
  npm run --silent --prefix web check
  npm run --silent --prefix web test
  npm run --silent --prefix web size
) >"$said" 2>&1 &
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
) &
code=0
wait "$!" || code=$?
wait "$pages" || code=$?
cat "$said"
exit "$code"
