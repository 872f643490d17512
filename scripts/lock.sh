#!/usr/bin/env bash
# Pin every Python dependency anew, with hashes, for all platforms, naming no registry.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile -q --generate-hashes --universal --fork-strategy fewest --python-version 3.11 \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml "$@"
}
compile --group build -o requirements/run.txt
compile --group build --group dev -c requirements/run.txt -o requirements/dev.txt
