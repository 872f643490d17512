# Rostra's commands. `make demo` and `make test` set up everything they need, alone.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
SECONDS ?=
LISTENERS ?=
TLS_LISTENERS ?=
ROUNDS ?=
LAST ?=
STATE ?=
# Every role is a process, and would compile all of Rostra anew at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-long check fix bench bench-edge bench-crowd bench-door bench-stampede bench-simulate bench-worker bench-stage bench-codecs screenshots web lock docs clean always
help:        ## Show these commands
	@grep -hE '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

demo: .venv/.run web ## Hear a live conversation on this machine (SECONDS=30 ends by itself)
	@$(PY) -m rostra demo $(if $(SECONDS),--seconds $(SECONDS))

test: .venv/.dev .venv/.system web ## Check everything in its short form (under 10 minutes)
	@scripts/check.sh
	@scripts/tests.sh short

test-long: .venv/.dev .venv/.system web ## Check everything in its full form (under an hour)
	@scripts/check.sh
	@scripts/tests.sh long

check: .venv/.dev web ## Lint, types, import contract, page budget
	@scripts/check.sh

fix: .venv/.dev ## Format, and mend what a machine can
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .

bench: .venv/.dev .venv/.system web ## Measure: first audio, latency, end to playable
	$(PY) -m bench

bench-edge: .venv/.dev .venv/.peers ## Measure the edge beside Icecast, nchan, HAProxy, nginx, Varnish (LISTENERS= ROUNDS= SECONDS=)
	$(PY) -m bench.edge $(if $(LISTENERS),--listeners $(LISTENERS)) $(if $(TLS_LISTENERS),--tls-listeners $(TLS_LISTENERS)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS))

bench-door: .venv/.dev .venv/.peers ## Measure joins a second beside HAProxy, plain and by TLS (ROUNDS= SECONDS=)
	$(PY) -m bench.door_bench $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS))

bench-stampede: .venv/.dev .venv/.system ## Bring 50,000 to a door with 5,000 places within ten seconds (OPTIONS="--places 500 --arrivals 5000")
	$(PY) -m bench.door $(OPTIONS)

bench-simulate: .venv/.dev ## Play eight million arrivals in virtual time on one core, and say how long that took
	$(PY) -m bench.simulate_bench $(OPTIONS)

bench-worker: .venv/.dev ## Measure one edge worker alone: CPU, memory, lateness, readers who take nothing (OPTIONS="--stalled 5000")
	$(PY) -m bench.worker $(OPTIONS)

bench-stage: .venv/.dev .venv/.peers ## Measure the stage: CPU, mouth to ear, lateness, beside a crowd too (LISTENERS= SECONDS=)
	$(PY) -m bench.stage_bench $(if $(LISTENERS),--listeners $(LISTENERS)) $(if $(SECONDS),--seconds $(SECONDS))

bench-codecs: .venv/.dev ## Measure what each way to encode the programme costs, how true it is, and whether it keeps its rate
	$(PY) -m bench.codec_bench

bench-crowd: .venv/.dev .venv/.peers ## Measure how many listeners this machine carries (LISTENERS= SECONDS= LAST=)
	$(PY) -m bench.edge.crowd $(if $(LISTENERS),--listeners $(LISTENERS)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(LAST),--last $(LAST))

screenshots: .venv/.dev .venv/.system web ## Take every state of every page into build/screenshots (STATE=event)
	PYTHONPATH=tests $(PY) scripts/screenshots.py --state "$(STATE)"

web: src/rostra/pages/.vite/manifest.json ## Build the pages

docs: .venv/.dev ## Write the generated reference pages again
	$(PY) scripts/generate_settings_reference.py
	$(PY) scripts/generate_errors_reference.py
	$(PY) scripts/generate_lifecycle_reference.py
	$(PY) scripts/generate_floor_reference.py
	$(PY) scripts/generate_metrics_reference.py
	$(PY) scripts/generate_screens_reference.py
	$(PY) scripts/generate_api_reference.py

lock: .venv/.dev ## Pin every Python dependency anew, with hashes
	@scripts/lock.sh

clean: ## Remove what these commands made, but for the demos' recordings (data/demo)
	rm -rf .venv build web/node_modules src/rostra/pages

# What each command sets up, so that all that is missing on this machine is named at once.
demo: export SETUP_STEPS = run web
check: export SETUP_STEPS = dev web
test test-long bench screenshots: export SETUP_STEPS = dev system web
bench-stampede: export SETUP_STEPS = dev system
bench-edge bench-door bench-stage bench-crowd: export SETUP_STEPS = dev peers

# A stamp per step: what is there already is not done again, unless the virtual environment is another folder's or
# another Python's.
.venv/.here: always
	@scripts/setup.sh here
always:

.venv/.run: requirements/run.txt pyproject.toml scripts/setup.sh .venv/.here
	@scripts/setup.sh run

.venv/.dev: requirements/dev.txt pyproject.toml scripts/setup.sh .venv/.here
	@scripts/setup.sh dev

.venv/.system: scripts/setup.sh .venv/.dev
	@scripts/setup.sh system

.venv/.peers: scripts/setup.sh .venv/.dev
	@scripts/setup.sh peers

PAGES_FROM := web/.npmrc $(wildcard web/*.js web/*.json web/*.ts) $(shell find web/src web/public src/rostra/words -type f)

src/rostra/pages/.vite/manifest.json: $(PAGES_FROM) scripts/setup.sh
	@scripts/setup.sh web
